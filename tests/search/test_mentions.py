"""Unlinked mentions: a note's names as they stand in other notes, and nothing that only looks like them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.search.index import SearchIndex, refresh
from carrel.search.mentions import mentions
from carrel.search.query import parse_query
from carrel.store.knowledge_base import KnowledgeBase
from tests.search.conftest import TODAY

Write = Callable[[str, str], Path]
Mentions = Callable[..., list[str]]

PAPER = "---\nkind: paper\ntitle: Toy Models of Superposition\naliases: [TMS, Modèles jouets]\n---\n"


@pytest.fixture
def named(kb: KnowledgeBase, index: SearchIndex, write: Write) -> Mentions:
    """Where a paper is mentioned in a note with that text: `line: snippet`, mentions in angle brackets."""
    write("papers/elhage2022toy.md", f"{PAPER}# Toy Models of Superposition\n\nTMS is elhage2022toy.")

    def call(text: str = "", query: str = "") -> list[str]:
        if text:
            write("notes/a.md", text)
        refresh(kb, index)
        found = mentions(kb, index, kb.read("papers/elhage2022toy.md"), parse_query(query, TODAY), None)
        shown = []
        for hit in found.hits:
            snippet = hit.snippet
            for start, end in reversed(hit.marks):
                snippet = f"{snippet[:start]}<{snippet[start:end]}>{snippet[end:]}"
            shown.append(f"{hit.line}: {snippet}")
        return shown

    return call


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("As toy models of superposition say", "1: As <toy models of superposition> say"),
        ("one\n\n> Toy Models of\n> Superposition, p. 3", "3: <Toy Models of Superposition>, p. 3"),
        ("The TMS paper", "1: The <TMS> paper"),
        ("the modeles jouets here", "1: the <modeles jouets> here"),
        ("by elhage2022toy.", "1: by <elhage2022toy>."),
        ("## TMS\n\ntext", "1: <TMS>"),
        ("TMS's idea, a TMS-like one", "1: <TMS's> idea, a <TMS>-like one"),
    ],
)
def test_a_name_is_found_as_words_whatever_their_case_accents_and_line(text: str, found: str, named: Mentions) -> None:
    assert named(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "[[Toy Models of Superposition]] and [[elhage2022toy|TMS]] and [TMS](../papers/elhage2022toy.md)",
        "[@elhage2022toy, p. 3] and @elhage2022toy",
        "`TMS` and\n\n```\nTMS\n```\n\n<!-- TMS --> %% TMS %%",
        "HTMS, TMSX, TMS_1, my_TMS, #TMS",
        "https://tms.org/TMS and [the TMS](https://example.org) and <https://a.org/TMS>",
        "Toy models. Of superposition; toy model of superposition; models of superposition",
        "Toy models\n\nof superposition",
    ],
)
def test_links_citations_code_comments_parts_of_words_and_other_words_are_no_mentions(
    text: str, named: Mentions
) -> None:
    assert named(text) == []


def test_every_line_with_a_mention_is_a_hit_and_the_note_itself_has_none(named: Mentions) -> None:
    assert named("TMS and TMS\nno\nTMS") == ["1: <TMS> and <TMS>", "3: <TMS>"]


def test_an_entry_that_names_it_is_the_hit_and_not_its_day(
    named: Mentions, write: Write, kb: KnowledgeBase, index: SearchIndex
) -> None:
    write("notes/2026-11-20.md", "---\nkind: log\n---\n\n## 09:00 Read\n\nlong\nTMS\n\n## 10:00 Lunch\n\nTMS soup")
    named()
    found = mentions(kb, index, kb.read("papers/elhage2022toy.md"))
    assert sorted((hit.anchor, hit.line) for hit in found.hits) == [("09:00 Read", 8), ("10:00 Lunch", 12)]


def test_they_are_narrowed_by_a_query(named: Mentions) -> None:
    assert named("---\ntags: [x]\n---\nTMS", query="tag:x") == ["4: <TMS>"]
    assert named(query="tag:y") == []


def test_a_title_with_the_end_of_a_sentence_inside_is_found(
    kb: KnowledgeBase, index: SearchIndex, write: Write
) -> None:
    write("notes/w.md", "# Why? A note")
    write("notes/b.md", "See why? A note tells. Why! A note")
    refresh(kb, index)
    (hit,) = mentions(kb, index, kb.read("notes/w.md")).hits
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["why? A note"]


def test_names_in_scripts_without_blanks_are_found_inside_a_run(
    kb: KnowledgeBase, index: SearchIndex, write: Write
) -> None:
    write("notes/s.md", "# 全文検索")
    write("notes/b.md", "この全文検索は速い。全文の検索")
    refresh(kb, index)
    (hit,) = mentions(kb, index, kb.read("notes/s.md")).hits
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["全文検索"]
