"""What comes first: the exact title, words in the title, words side by side, the newer of equals; how scores add."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from carrel.core.note import Stamp
from carrel.core.parse import parse_note
from carrel.search.index import Seen, refresh
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import BEST, SCORE, Order
from carrel.search.query import parse_query
from carrel.search.ranking import AGAIN, said
from carrel.search.search import search
from carrel.search.tree import Word
from carrel.store.knowledge_base import KnowledgeBase

Write = Callable[[str, str], Path]
FILLER = {f"filler{number}.md": "Nothing to see here, only other words." for number in range(20)}


def _index(notes: dict[str, str]) -> MemoryIndex:
    index = MemoryIndex()
    found = [parse_note(path, text.encode()) for path, text in {**FILLER, **notes}.items()]
    index.update([(note.path, Seen(Stamp(1, 1, 1, 1), note.digest), note) for note in found], ())
    return index


def _ask(notes: dict[str, str], query: str, order: Order = SCORE) -> list[str]:
    matches, _ = _index(notes).search(parse_query(query, date(2026, 11, 20)), None, order)
    return [match.path for match in matches]


LONG = "probes " * 30 + "and models of toys, many models, toy models and more toy models"


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ("exact.md", "---\ntitle: Toy models\n---\nShort."),
        ("exact.md", "---\ntitle: Something else\naliases: [toy models]\n---\nShort."),
        ("exact.md", "---\ntitle: Something else\ncitekey: toy models\n---\nShort."),
        ("toy-models.md", "---\ntitle: Something else\n---\nShort."),
    ],
    ids=["title", "alias", "citekey", "file"],
)
def test_a_note_that_is_called_what_is_asked_comes_first(named: str, text: str) -> None:
    notes = {named: text, "b.md": f"---\ntitle: Toy models of toy models\ndate: 2026-11-19\n---\n{LONG}"}
    assert _ask(notes, "toy models")[0] == named
    assert _ask(notes, "Toy Models", BEST)[0] == named
    assert _ask(notes, '"toy models"')[0] == named
    assert _ask(notes, "toy models -kind:log")[0] == named


def test_a_title_that_has_all_of_the_words_comes_before_a_text_that_repeats_them() -> None:
    notes = {
        "title.md": "---\ntitle: Mapping the effects of reward misspecification\n---\nAgents exploit gaps.",
        "text.md": "---\ntitle: Mapping agents\n---\nReward misspecification has effects. Effects, effects, reward.",
    }
    assert _ask(notes, "effects reward misspecification mapping") == ["title.md", "text.md"]


def test_words_side_by_side_as_they_were_asked_come_before_the_same_words_apart() -> None:
    apart = "The gap in reward was closed by hand. No hacking was seen, no gap either."
    beside = "The gap was closed by hand. No reward hacking was seen, no gap either in."
    assert _ask({"a.md": f"# One\n\n{apart}", "b.md": f"# Two\n\n{beside}"}, "reward hacking") == ["b.md", "a.md"]
    assert _ask({"a.md": f"# One\n\n{beside}", "b.md": f"# Two\n\n{apart}"}, "reward OR hacking") == ["a.md", "b.md"]
    turned = _ask({"a.md": f"# One\n\n{apart}", "b.md": f"# Two\n\n{beside}"}, "hacking reward")
    assert turned == ["a.md", "b.md"]  # in this order they stand side by side in neither


def test_rare_words_weigh_more_than_common_ones_and_short_notes_more_than_long_ones() -> None:
    notes = {
        "rare.md": "# A\n\nzebra crossing",
        "common.md": "# B\n\nonly crossing",
        "long.md": "# C\n\nzebra" + " x" * 200,
    }
    assert _ask(notes, "zebra OR only")[0] == "rare.md"
    assert _ask(notes, "zebra") == ["rare.md", "long.md"]


def test_a_word_that_is_asked_again_counts_again_but_less() -> None:
    found = list(said([Word("model"), Word("toy"), Word("models")]))
    assert found == [(Word("model"), 2**AGAIN), (Word("toy"), 1.0)]
    assert 1 < 2**AGAIN < 2
    index = _index({"a.md": "# A\n\nzebra"})
    once, twice = (
        index.search(parse_query(query, date(2026, 11, 20)), 1, SCORE)[0][0].score
        for query in ("zebra OR walrus", "zebra OR zebra OR walrus")
    )
    assert twice == pytest.approx(once * 2**AGAIN, rel=1e-5)


def test_words_of_grammar_are_looked_for_and_say_nothing_beside_others() -> None:
    notes = {
        "a.md": "# A\n\nprobes and models",
        "z.md": "# Z\n\nprobes of of",
        "neither.md": "# N\n\nof it and how",
    }
    found, total = _index(notes).search(parse_query("how OR of OR probes", date.min), None, SCORE)
    assert [match.path for match in found] == ["a.md", "z.md", "neither.md"]  # the first two are equals
    assert total == 3
    assert [match.score for match in found] == [found[0].score, found[0].score, 0]
    assert _ask(notes, "probes of") == ["z.md"]
    assert _ask(notes, "of") == ["z.md", "neither.md"]  # alone it is all that there is to go by
    assert _ask(notes, "how OR of") == ["neither.md", "z.md"]
    assert _ask(notes, '"of it"') == ["neither.md"]


def test_two_words_that_most_notes_have_weigh_less_than_one_that_a_third_has() -> None:
    texts = ["zebra quokka x"] * 11 + ["walrus x y"] * 7 + ["x y z"] * 2  # instead of the twenty
    index = _index({f"filler{number}.md": text for number, text in enumerate(texts)})
    found, total = index.search(parse_query("zebra OR quokka OR walrus", date.min), None, SCORE)
    assert total == 18
    assert [match.path for match in found[:7]] == [f"filler{number}.md" for number in range(11, 18)]


def test_what_all_notes_have_orders_them_still() -> None:
    notes = {"most.md": "only words and words and words, words, words"}
    found, total = _index(notes).search(Word("words"), None, SCORE)
    assert (found[0].path, total) == ("most.md", 21)
    assert found[0].score > found[1].score > 0


def test_of_two_words_too_what_has_some_follows_what_has_both(kb: KnowledgeBase, write: Write) -> None:
    write("notes/both.md", "# Plain\n\nwalrus herds here, far from the others and among much other text\n")
    write("notes/one.md", "# Walrus\n\nwalrus, walrus, walrus\n")
    index = MemoryIndex()
    refresh(kb, index)
    query = parse_query("walrus herds", date.min)
    results = search(kb, index, query, 10)
    assert [hit.path for hit in results.hits] == ["notes/both.md", "notes/one.md"]
    assert (results.total, results.others, results.fell_back) == (1, 1, False)
    assert [hit.path for hit in search(kb, index, query, 1).hits] == ["notes/both.md"]
    assert [hit.path for hit in search(kb, index, query, None).hits] == ["notes/both.md"]


def test_newness_decides_among_equals_and_counts_for_nothing_by_score() -> None:
    notes = {
        "old.md": "---\ntitle: A\ndate: 2020-01-01\n---\nzebra here",
        "new.md": "---\ntitle: B\ndate: 2026-11-01\n---\nzebra here",
        "better.md": "---\ntitle: C\ndate: 2019-01-01\n---\nzebra zebra zebra",
    }
    assert _ask(notes, "zebra", BEST) == ["better.md", "new.md", "old.md"]
    scores = {match.path: match.score for match in _index(notes).search(Word("zebra"), None, SCORE)[0]}
    assert scores["old.md"] == scores["new.md"]


@pytest.mark.parametrize("order", [BEST, SCORE])
def test_the_first_few_are_the_beginning_of_all(order: Order) -> None:
    notes = {
        f"{number:03}.md": f"---\ndate: {2000 + number % 27}-01-01\n---\n"
        + "zebra " * (number % 5 + 1)
        + "x " * (number % 7)
        for number in range(120)
    }
    index = _index(notes)
    every, total = index.search(Word("zebra"), None, order)
    assert total == len(every) == 120
    for limit in (1, 7, 60, 119, 120, 500):
        assert index.search(Word("zebra"), limit, order)[0] == every[:limit]


def test_the_narrowed_search_for_all_words_gives_the_scores_that_each_word_has_alone() -> None:
    notes = {
        f"{number:03}.md": f"# N{number}\n\n"
        + "walrus " * (number % 3)
        + "x zebra " * (number % 4)
        + "quokka" * (number % 2)
        for number in range(60)
    }
    index = _index(notes)

    def scores(query: str) -> dict[str, float]:
        return {match.path: match.score for match in index.search(parse_query(query, date.min), None, SCORE)[0]}

    walrus, zebra, quokka, every = map(scores, ("walrus", "zebra", "quokka", "walrus zebra quokka"))
    assert every
    assert every.keys() == walrus.keys() & zebra.keys() & quokka.keys()
    for path, score in every.items():
        assert score >= walrus[path] + zebra[path] + quokka[path] - 1e-5  # and what stands side by side
    without = scores("walrus -quokka")
    assert without == {path: score for path, score in walrus.items() if path not in quokka}
    assert scores("zebra (walrus OR quokka)").keys() == zebra.keys() & (walrus.keys() | quokka.keys())
