"""The contract of `SearchIndex`, kept by the index in memory and by the one on disk alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.note import Note, Stamp
from carrel.core.parse import parse_note
from carrel.errors import QuerySyntaxError
from carrel.search.index import Match, SearchIndex, Seen
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import NEWEST
from carrel.search.query import parse_query
from carrel.search.search import Results
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]

NOTES = {
    "papers/elhage2022toy.md": """---
title: "Toy models of superposition"
kind: paper
citekey: elhage2022toy
authors: ["Nelson Elhage", "Tristan Hume"]
year: 2022
arxiv: 2209.10652
rating: 5
tags: [superposition, interpretability/features]
date: 2026-10-02
visibility: public
sessions:
  - {date: 2026-10-01, level: skimmed, minutes: 10}
---
# Toy models of superposition

Networks represent more features than they have dimensions. Editing a feature edits others.
""",
    "papers/gao2023scaling.md": """---
title: "Scaling laws for reward model overoptimization"
kind: paper
citekey: gao2023scaling
authors: ["Leo Gao", "John Schulman"]
year: 2023
rating: 3
tags: [reward-hacking]
date: 2026-09-15
visibility: lab
---
The proxy reward rises while the gold reward falls: hacking the reward.
""",
    "notes/2026/2026-11-19.md": """---
title: "2026-11-19"
kind: log
date: 2026-11-19
project: refusal-features
tags: [training]
visibility: lab
---
Slept badly.

## 09:10 Loss spikes

The loss spiked at step 4000 with lr=3e-4; see [@gao2023scaling] and [[probe-plan|the plan]]. #bug

## 14:32 Probing refusal

Probes on SAE-7B beat the `top_k` baseline. Naïve but fine. #probing
""",
    "notes/probe-plan.md": """---
title: Probe plan
kind: note
project: "[[refusal-features]]"
mood: cautiously optimistic
visibility: lab
---
Probe first, then steer. 検索機能の評価。 The loss is not the point.
""",
    "notes/broken.md": """---
title: [unclosed
---
A body that is still found: zebrafish.
""",
}


@pytest.fixture
def full(write: Write, index: SearchIndex) -> SearchIndex:
    """An index, of a small knowledge base."""
    for path, text in NOTES.items():
        write(path, text)
    return index


def found(results: Results) -> list[str]:
    return sorted(hit.path.rpartition("/")[2] + (f"#{hit.anchor}" if hit.anchor else "") for hit in results.hits)


TOY, GAO, PLAN, BROKEN, DAY = "elhage2022toy.md", "gao2023scaling.md", "probe-plan.md", "broken.md", "2026-11-19.md"
SPIKES, PROBING = f"{DAY}#09:10 Loss spikes", f"{DAY}#14:32 Probing refusal"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("loss", [SPIKES, PLAN]),
        ("losses", [SPIKES, PLAN]),
        ("loss spike", [SPIKES]),
        ('"loss spiked"', [SPIKES]),
        ('"spiked loss"', []),
        ("loss -spike", [PLAN]),
        ("-loss", [DAY, PROBING, BROKEN, TOY, GAO]),
        ("zebrafish", [BROKEN]),
        ("zebrafish OR networks", [BROKEN, TOY]),
        ("loss (step OR point)", [SPIKES, PLAN]),
        ("prob*", [SPIKES, PROBING, PLAN]),
        ("edi*", [TOY]),
        ("netwroks~", [TOY]),
        ("netw~", []),
        ("naive", [PROBING]),
        ("NAÏVE", [PROBING]),
        ("top_k", [PROBING]),
        ("k", [PROBING]),
        ("SAE-7B", [PROBING]),
        ("sae", [PROBING]),
        ("SAE-7*", [PROBING]),
        ("lr=3e-4", [SPIKES]),
        ("3e-4", [SPIKES]),
        ("2209.10652", [TOY]),
        ("10652", [TOY]),
        ('"top k"', [PROBING]),
        ('"k top"', []),
        ("sae-7b", [PROBING]),
        ("7B", [PROBING]),
        ("ｎａｉｖｅ", [PROBING]),
        ("索機能", [PLAN]),
        ("検索*", [PLAN]),
        ("検索", [PLAN]),
        ("検索機能", [PLAN]),
        ("索", [PLAN]),
        ("能", [PLAN]),
        ("価", [PLAN]),  # the last of its run: no pair begins with it
        ('"能 価"', []),
        ("能検", []),
        ("elhage", [TOY]),
        ("optimistic", [PLAN]),
        ("slept", [DAY]),
        ("kind:paper", [TOY, GAO]),
        ("kind:log", [DAY, SPIKES, PROBING]),
        ("-kind:log -kind:paper", [BROKEN, PLAN]),
        ("tag:training", [DAY, SPIKES, PROBING]),
        ("tag:bug", [SPIKES]),
        ("tag:interpretability", [TOY]),
        ("tag:interpretability/features", [TOY]),
        ("tag:interpret", []),
        ("tag:interpret*", [TOY]),
        ("tag:reward", []),
        ("project:refusal-features", [DAY, SPIKES, PROBING, PLAN]),
        ("author:elhage", [TOY]),
        ('author:"nelson elhage"', [TOY]),
        ('author:"elhage tristan"', []),
        ("authors:schul*", [GAO]),
        ("visibility:public", [TOY]),
        ("visibility:private", [BROKEN]),
        ("title:superposition", [TOY]),
        ("title:probing", [PROBING, PLAN]),
        ('title:"toy models"', [TOY]),
        ("path:notes/2026", [DAY, SPIKES, PROBING]),
        ("path:papers gao*", [GAO]),
        ("cites:gao2023scaling", [SPIKES]),
        ("links:probe-plan", [SPIKES]),
        ("links:gao2023scaling", [SPIKES]),
        ("rating:>=4", [TOY]),
        ("rating:<4", [GAO]),
        ("rating:3", [GAO]),
        ("rating:1..4", [GAO]),
        ("year:2022..2023", [TOY, GAO]),
        ("year:<2023", [TOY]),
        ("year:2026", [DAY, SPIKES, PROBING]),
        ("mood:optimistic", [PLAN]),
        ('mood:"cautiously optimistic"', [PLAN]),
        ("mood:optim*", [PLAN]),
        ("mood:optimsitic~", [PLAN]),
        ("mood:*", [PLAN]),
        ("Mood:OPTIMISTIC", [PLAN]),
        ("arxiv:2209.10652", [TOY]),
        ("arxiv:2209*", [TOY]),
        ("sessions.level:skimmed", [TOY]),
        ("nosuchkey:x", []),
        ("date:2026-11", [DAY, SPIKES, PROBING]),
        ("date:2026-09..2026-10", [TOY, GAO]),
        ("date:>=2026-10", [DAY, SPIKES, PROBING, TOY]),
        ('since:"last week"', [DAY, SPIKES, PROBING]),
        ("before:2026-10", [GAO]),
        ("until:2026-10-02", [TOY, GAO]),
        ("date:*", [DAY, SPIKES, PROBING, TOY, GAO]),
        ("", [DAY, SPIKES, PROBING, BROKEN, TOY, PLAN, GAO]),
        ('"the point" kind:note', [PLAN]),
        ("- & * loss", [SPIKES, PLAN]),
    ],
)
def test_a_query_finds_exactly_these(full: SearchIndex, ask: Ask, query: str, answer: list[str]) -> None:
    results = ask(full, query)
    assert found(results) == sorted(answer)
    assert results.total == len(answer)
    assert not results.fell_back


def test_a_word_in_the_title_ranks_first(full: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/aside.md", "# Other things\n\nSuperposition in passing, among many other words of no matter at all.\n")
    assert [hit.title for hit in ask(full, "superposition").hits] == ["Toy models of superposition", "Other things"]


def test_a_rare_word_counts_more_than_a_common_one(full: SearchIndex, ask: Ask) -> None:
    assert ask(full, "zebrafish OR the").hits[0].path == "notes/broken.md"


def test_filters_alone_list_the_newest_first_and_a_days_entries_in_order(full: SearchIndex, ask: Ask) -> None:
    hits = ask(full, "-visibility:private").hits
    assert [(hit.date, hit.line) for hit in hits] == [
        ("2026-11-19", 1),
        ("2026-11-19", 11),
        ("2026-11-19", 15),
        ("2026-10-02", 1),
        ("2026-09-15", 1),
        ("", 1),
    ]


def test_without_a_note_that_has_all_words_any_word_will_do_and_the_answer_says_so(full: SearchIndex, ask: Ask) -> None:
    results = ask(full, "zebrafish networks")
    assert (found(results), results.fell_back) == ([BROKEN, TOY], True)


def test_falling_back_keeps_fields_and_exclusions(full: SearchIndex, ask: Ask) -> None:
    results = ask(full, "zebrafish reward proxy networks kind:paper -toy")
    assert (found(results), results.fell_back) == ([GAO], True)


def test_nothing_found_at_all_is_not_a_fallback(full: SearchIndex, ask: Ask) -> None:
    assert (found(ask(full, "xylophone quux")), ask(full, "xylophone quux").fell_back) == ([], False)


def test_a_limit_keeps_the_best_and_the_total_counts_all(full: SearchIndex, ask: Ask) -> None:
    everything = ask(full, "loss OR reward OR probe")
    best = ask(full, "loss OR reward OR probe", 2)
    assert best.hits == everything.hits[:2]
    assert best.total == everything.total == 4


def test_the_newest_come_first_whatever_their_scores_also_within_a_day_and_before_the_limit_cuts(
    index: SearchIndex, ask: Ask, write: Write
) -> None:
    write("notes/old.md", "---\ntitle: Walrus walrus\ndate: 2026-01-01\n---\nwalrus walrus walrus")
    write("notes/2026/2026-11-19.md", "## 9:05 Walrus early\n\n## 22:10 Late walrus\n\n## 14:00 Walrus afterthought\n")
    write("notes/2026/2026-11-19.private.md", "## 21:00 Walrus, private\n")
    write("notes/that-day.md", "---\ndate: 2026-11-19\n---\n# Note of the walrus\n")
    write("notes/undated.md", "# Walrus undated\n")
    titles = ["Late walrus", "Walrus, private", "Walrus afterthought", "Walrus early", "Note of the walrus"]
    titles += ["Walrus walrus", "Walrus undated"]
    for query in ("walrus", ""):
        for limit in (None, 7, 6, 3, 1):
            assert [hit.title for hit in ask(index, query, limit, order=NEWEST).hits] == titles[:limit]
    assert ask(index, "walrus", 1).hits[0].title == "Walrus walrus"


def test_a_hits_line_is_where_its_words_are(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/a.md", "---\ntitle: Zebra\n---\n# Head\n\n<!-- two\nlines -->\none\n\n- a walrus here\n")
    write("notes/2026/2026-11-19.md", "Slept.\n\n## 09:10 Loss\n\nfirst\nsecond spike\n\n# After\n\nthe end\n")
    for query, place in (
        ("walrus", ("notes/a.md", 10)),
        ("head", ("notes/a.md", 4)),
        ("zebra", ("notes/a.md", 1)),  # a word of the front matter only
        ("title:zebra", ("notes/a.md", 1)),
        ("path:a.md", ("notes/a.md", 1)),
        ("loss", ("notes/2026/2026-11-19.md", 3)),
        ("loss spike", ("notes/2026/2026-11-19.md", 3)),
        ("spike", ("notes/2026/2026-11-19.md", 6)),
        ("end", ("notes/2026/2026-11-19.md", 10)),
    ):
        assert [(hit.path, hit.line) for hit in ask(index, query).hits] == [place], query


def test_comments_are_neither_found_nor_shown(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/a.md", "# Title\n\nwalrus <!-- a colleague\nwould say --> zebra %% quietly %% `<!-- in code -->`\n")
    write("notes/2026/2026-11-19.md", "## 09:10 Loss\n\n<!-- colleague -->spike\n\n## 10:00 Other\n\nzebra\n")
    assert [ask(index, query).total for query in ("colleague", "quietly", '"walrus zebra"', "code")] == [0, 0, 1, 1]
    snippets = {hit.snippet for hit in ask(index, "walrus OR spike OR other").hits}
    assert snippets == {"spike", "zebra", "Title walrus zebra `<!-- in code -->`"}


def test_what_follows_a_comment_that_is_never_closed_is_still_found(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/a.md", "walrus <!-- oops\n\nzebra\n")
    assert ask(index, "zebra").total == 1


def test_an_entry_is_a_hit_of_its_own_with_its_line_its_tags_and_the_days(full: SearchIndex, ask: Ask) -> None:
    (hit,) = ask(full, "top_k").hits
    assert (hit.path, hit.line, hit.anchor) == ("notes/2026/2026-11-19.md", 17, "14:32 Probing refusal")
    assert (hit.kind, hit.title, hit.date, hit.project) == ("log", "Probing refusal", "2026-11-19", "refusal-features")
    assert hit.tags == ("training", "probing")
    assert hit.fields["visibility"] == "lab"


def test_the_text_outside_the_entries_of_a_day_is_a_hit_of_its_own(full: SearchIndex, ask: Ask) -> None:
    (hit,) = ask(full, "slept").hits
    assert (hit.line, hit.anchor, hit.tags, hit.snippet) == (9, "", ("training",), "Slept badly.")


def test_a_day_without_text_outside_its_entries_has_no_other_hit(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/2026/2026-11-20.md", "---\nvisibility: lab\n---\n\n## 10:00 One\n\nfirst\n\n## 11:00 Two\n\nsecond\n")
    assert [hit.anchor for hit in ask(index, "").hits] == ["10:00 One", "11:00 Two"]


def test_a_day_without_entries_is_still_found(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/2026/2026-11-20.md", "---\nkind: log\n---\n")
    assert [hit.path for hit in ask(index, "kind:log").hits] == ["notes/2026/2026-11-20.md"]


def test_a_phrase_does_not_run_from_the_text_into_a_field(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/a.md", "---\nmood: fish\n---\n# Title\n\nlast word zebra")
    assert not ask(index, '"zebra fish"').hits
    assert not ask(index, '"title zebra"').hits
    assert ask(index, '"word zebra" fish').hits


def test_a_changed_note_is_found_by_its_new_words_only(full: SearchIndex, ask: Ask, write: Write) -> None:
    assert found(ask(full, "zebrafish")) == [BROKEN]
    write("notes/broken.md", "Now about axolotls.")
    assert found(ask(full, "zebrafish")) == []
    assert found(ask(full, "axolotl")) == [BROKEN]


def test_a_deleted_note_is_found_no_more(full: SearchIndex, ask: Ask, kb: KnowledgeBase) -> None:
    assert found(ask(full, "zebrafish")) == [BROKEN]
    (kb.root / "notes/broken.md").unlink()
    assert ask(full, "zebrafish").total == 0
    assert "notes/broken.md" not in full.seen()


def test_a_moved_note_is_found_at_its_new_place(full: SearchIndex, ask: Ask, kb: KnowledgeBase) -> None:
    ask(full, "zebrafish")
    (kb.root / "notes/broken.md").rename(kb.root / "notes/mended.md")
    assert [hit.path for hit in ask(full, "zebrafish").hits] == ["notes/mended.md"]


def test_names_that_differ_in_case_only_are_two_notes(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/A.md", "upper walrus")
    write("notes/a.md", "lower walrus")
    assert found(ask(index, "walrus")) == ["A.md", "a.md"]
    write("notes/a.md", "lower no more")
    assert found(ask(index, "walrus")) == ["A.md"]


def test_an_empty_knowledge_base_answers_with_nothing(index: SearchIndex, ask: Ask) -> None:
    for query in ("anything -at all*", "", "in:opinion", "is:orphan", "has:pdf", "read:2026-11", "kind:papr"):
        results = ask(index, query)
        assert (results.hits, results.total, results.suggestions) == ((), 0, ()), query


def test_a_note_with_both_sides_of_a_conflict_is_not_found(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/a.md", "walrus\n<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> branch\n")
    assert not ask(index, "walrus").hits
    assert "notes/a.md" in index.seen()


words = st.sampled_from(["loss", "probe", "model", "edit", "editing", "edits", "3e-4", "top_k", "naïve", "検索機能"])
texts = st.lists(words, max_size=12).map(" ".join)
bodies = st.lists(st.one_of(texts, st.sampled_from(["\n## Plan\n", "\n### Code\n", " `top_k loss` "]))).map("".join)
fronts = st.sampled_from(["", "mood: happy", "rating: 4", "tags: [a, b/c]", "due: 2026-10-02", "alias: loss"])
notes = st.lists(st.tuples(texts, bodies, fronts), max_size=6)
queries = st.lists(
    st.one_of(
        words,
        st.builds('"{} {}"'.format, words, words),
        st.builds("-{}".format, words),
        words.map(lambda word: word[:3] + "*"),
        words.map(lambda word: word[1:] + "~"),
        st.sampled_from(["OR", "tag:a", "tag:b", "mood:*", "rating:>3", "(loss OR probe)", "title:model"]),
        st.sampled_from(
            ["in:plan", "in:code", "-in:plan", "in:title", "has:code", "is:orphan", "title:*", "due:2026-10"]
        ),
    ),
    max_size=5,
).map(" ".join)


def changes(contents: list[tuple[str, str, str]]) -> Iterator[tuple[str, Seen, Note]]:
    for number, (title, body, front) in enumerate(contents):
        data = f"---\ntitle: '{title}'\n{front}\n---\n{body}".encode()
        note = parse_note(f"notes/{number}.md", data)
        yield note.path, Seen(Stamp(number, 1, 1, 1), note.digest), note


@settings(max_examples=60, deadline=None)
@given(first=notes, second=notes, asked=st.lists(queries, min_size=1, max_size=4))
def test_both_indexes_give_the_same_answers(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, str, str]],
    second: list[tuple[str, str, str]],
    asked: list[str],
) -> None:
    memory, whoosh = MemoryIndex(), WhooshIndex(tmp_path_factory.mktemp("cache") / "index")
    gone = [f"notes/{number}.md" for number in range(len(second), len(first), 2)]
    for contents, removed in ((first, []), (second, gone)):
        assert memory.update(changes(contents), removed)
        assert whoosh.update(changes(contents), removed)
        for text in asked:
            try:
                query = parse_query(text, date(2026, 11, 20))
            except QuerySyntaxError:
                continue
            assert plain(memory.search(query, None)) == plain(whoosh.search(query, None))


def plain(answer: tuple[list[Match], int]) -> tuple[set[tuple[str, int, str]], int]:
    matches, total = answer
    return {(match.path, match.line, match.anchor) for match in matches}, total


def test_what_has_all_of_many_words_comes_first_and_what_has_some_follows_up_to_the_limit(
    index: SearchIndex, ask: Ask, write: Write
) -> None:
    write("notes/all.md", "# Plain\n\nwalrus herds sleep here, far from the others and among much other text\n")
    write("notes/two.md", "# Walrus herds\n\nwalrus herds, walrus herds\n")
    write("notes/one.md", "# Sleep\n")
    results = ask(index, "walrus herds sleep", 10)
    assert [hit.path for hit in results.hits] == ["notes/all.md", "notes/two.md", "notes/one.md"]
    assert (results.total, results.others, results.fell_back) == (1, 2, False)
    assert [hit.path for hit in ask(index, "walrus herds sleep", 2).hits] == ["notes/all.md", "notes/two.md"]
    assert ask(index, "walrus herds sleep").others == ask(index, "walrus herds", 10).others == 0
    assert [hit.path for hit in ask(index, "walrus herds sleep", 10, order=NEWEST).hits] == ["notes/all.md"]
