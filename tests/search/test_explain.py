"""Why a hit matched: the parts of a score are the score, and where the words stand is where they stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.search.explain import Why, explain
from carrel.search.index import SearchIndex
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import BEST, SCORE
from carrel.search.search import Results
from carrel.store.knowledge_base import KnowledgeBase

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]


@pytest.fixture
def full(index: SearchIndex, write: Write) -> SearchIndex:
    """An index of a paper, a day with two entries, and a note."""
    write(
        "papers/a.md",
        "---\nkind: paper\nauthors: [Ada Probe]\ndate: 2020-01-01\n---\n# Probing\n\nProbes, a probe.\n\n"
        "## Opinion\n\nProbing works; mode collapse.",
    )
    write("notes/2026-11-20.md", "## 09:00 Probes\n\n### Plan\n\nA mode. Mode collapse!\n\n## 10:00 Lunch\n\nno probes")
    write("notes/c.md", "editing and edits")
    return index


def whys(kb: KnowledgeBase, index: SearchIndex, results: Results) -> dict[str, Why]:
    return {
        f"{hit.path.rpartition('/')[2]}#{hit.anchor}": why
        for hit, why in zip(results.hits, explain(kb, index, results), strict=True)
    }


@pytest.mark.parametrize(
    "query", ["probe", "probes mode", '"mode collapse" probe probe', "edit* OR prbe~", "title:probing probe -lunch"]
)
def test_the_words_and_the_newness_make_up_the_score(
    query: str, kb: KnowledgeBase, full: SearchIndex, ask: Ask
) -> None:
    results = ask(full, query, order=BEST)
    assert results.hits
    for hit, why in zip(results.hits, explain(kb, full, results), strict=True):
        assert sum(word.score for word in why.words) + sum(why.besides.values()) == pytest.approx(hit.score, abs=0.004)


def test_so_they_do_of_what_follows_because_it_has_some_of_the_words(
    kb: KnowledgeBase, full: SearchIndex, ask: Ask
) -> None:
    results = ask(full, "probes lunch", limit=10, order=BEST)
    assert (results.total, results.others) == (1, 2)
    for match, why in zip(results.matches, explain(kb, full, results), strict=True):
        assert sum(word.score for word in why.words) + sum(why.besides.values()) == pytest.approx(
            match.score, abs=0.004
        )
        assert why.besides.get("newness", 0.0) <= match.score / 10


def test_filters_do_not_make_a_word_of_grammar_worth_nothing(kb: KnowledgeBase, full: SearchIndex, ask: Ask) -> None:
    first, *_ = ask(full, "no (kind:log OR kind:paper)", order=SCORE).hits
    assert first.score > 0


def test_by_score_alone_nothing_is_added_for_newness(kb: KnowledgeBase, full: SearchIndex, ask: Ask) -> None:
    found = explain(kb, full, ask(full, "probe OR lunch", order=SCORE))
    assert [why.besides for why in found] == [{}, {}, {}]


def test_words_side_by_side_and_a_note_of_that_name_are_told(kb: KnowledgeBase, ask: Ask, write: Write) -> None:
    index = MemoryIndex()  # each engine adds what it likes
    write("notes/a.md", "# Probing\n\nmode collapse")
    write("notes/b.md", "probing, and a mode without a collapse")
    found = whys(kb, index, ask(index, "mode collapse"))
    assert {name: list(why.besides) for name, why in found.items()} == {"a.md#": ["together"], "b.md#": []}
    found = whys(kb, index, ask(index, "probing"))
    assert {name: list(why.besides) for name, why in found.items()} == {"a.md#": ["called so"], "b.md#": []}


def test_a_reason_says_the_forms_the_title_the_sections_and_the_fields(
    kb: KnowledgeBase, full: SearchIndex, ask: Ask
) -> None:
    found = whys(kb, full, ask(full, "probes"))
    (paper,) = found["a.md#"].words
    assert (paper.forms, paper.title, paper.sections, paper.fields) == (
        {"probing": 2, "probes": 1, "probe": 1}, 1, ("Opinion",), ("authors",),
    )  # fmt: skip
    (entry,) = found["2026-11-20.md#09:00 Probes"].words
    assert (entry.forms, entry.title, entry.sections) == ({"probes": 1}, 1, ())


def test_a_phrase_is_counted_where_its_words_stand_side_by_side(kb: KnowledgeBase, full: SearchIndex, ask: Ask) -> None:
    found = whys(kb, full, ask(full, '"mode collapse"'))
    (entry,) = found["2026-11-20.md#09:00 Probes"].words
    assert (entry.asked, entry.forms, entry.sections) == ('"mode collapse"', {"mode collapse": 1}, ("Plan",))


def test_filters_that_hold_are_told_as_they_are_typed(kb: KnowledgeBase, full: SearchIndex, ask: Ask) -> None:
    found = whys(kb, full, ask(full, "probes (kind:paper OR date:2026-11) -lunch"))
    assert {name: why.filters for name, why in found.items()} == {
        "a.md#": ("kind:paper", "-lunch"),
        "2026-11-20.md#09:00 Probes": ("date:2026-11-01..2026-11-30", "-lunch"),
    }


def test_of_any_words_those_that_a_hit_has_are_told(kb: KnowledgeBase, full: SearchIndex, ask: Ask) -> None:
    found = whys(kb, full, ask(full, "editing collapse"))
    assert [word.asked for word in found["c.md#"].words] == ["editing"]
    assert found["c.md#"].words[0].forms == {"editing": 1, "edits": 1}
