"""Did you mean: what is suggested when nothing is found, and when nothing is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.search.index import SearchIndex
from carrel.search.search import Results
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]


@pytest.fixture
def full(index: SearchIndex, write: Write) -> SearchIndex:
    """An index of three notes."""
    write(
        "notes/a.md",
        "---\ntags: [sae]\nauthor: Neel Nanda\nmood: fine\nreplicates: x\n---\n# Probes and a probe, superposition",
    )
    write("notes/b.md", "Probing the probes; the prose of 2209.10652")
    write("notes/c.md", "A priest")
    return index


@pytest.mark.parametrize(
    ("query", "suggested"),
    [
        ("supreposition", [("supreposition", ("superposition",))]),
        ("probse", [("probse", ("probes", "prose"))]),  # of one stem the commoner, then the other
        ("porse", [("porse", ("prose",))]),
        ("rpose", [("rpose", ("prose",))]),
        ('"supreposition theory"', [("supreposition", ("superposition",))]),
        ("title:superpositoin", [("superpositoin", ("superposition",))]),
        ("(porse OR prieest) kind:note", [("porse", ("prose",)), ("prieest", ("priest",))]),
        ("tga:sae", [("tga:", ("tag:",))]),
        ("tgas:sae", [("tgas:", ("tags:",))]),
        ("repliactes:x", [("repliactes:", ("replicates:",))]),
        ("sinse:yesterday", [("sinse:", ("since:",))]),
        ("kind:noet", [("kind:noet", ("kind:note",))]),
        ("tag:saes", [("tag:saes", ("tag:sae",))]),
        ("author:nada", [("author:nada", ("author:nanda",))]),
        ('author:"Neel Nada"', [('author:"neel nada"', ('author:"neel nanda"',))]),
        ("authors:nanad", [("authors:nanad", ("authors:nanda",))]),
        ("in:opinion superpositoin", [("superpositoin", ("superposition",))]),
        ("mood:2026", []),
        ("tag:nothing", []),
        ("title:xylophone", []),
        ("quuxquux", []),
        ("2209.10653", []),
        ("priest -porse -tga:x kind:paper", []),
    ],
)
def test_the_nearest_words_and_fields_are_suggested(
    full: SearchIndex, ask: Ask, query: str, suggested: list[tuple[str, tuple[str, ...]]]
) -> None:
    results = ask(full, query)
    assert (results.total, [tuple(one) for one in results.suggestions]) == (0, suggested)


def test_what_is_suggested_for_a_field_can_be_asked_and_is_found(index: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/a.md", '---\nMy key: fine\nC++: 11\nmood: "so (very) fine..."\n"lab: phone": x\nsmile: //fins\n---\n')
    found = []
    for query in ('"my kye":x', '"my key":fien', '"c+-":x', 'mood:"so (vrey) fine..."', '"lab phone":x', "smile:/fnis"):
        ((_, (nearest, *_)),) = ask(index, query).suggestions
        assert ask(index, f"{nearest}*" if nearest.endswith(":") else nearest).total == 1
        found.append(nearest)
    assert found == [
        '"my key":',
        '"my key":fine',
        '"c++":',
        'mood:"so (very) fine..."',
        '"lab: phone":',
        'smile:"//fins"',
    ]


def test_what_is_found_needs_no_suggestion(full: SearchIndex, ask: Ask) -> None:
    assert ask(full, "supreposition OR priest").suggestions == ()


def test_a_word_that_only_falling_back_could_leave_out_is_suggested_too(full: SearchIndex, ask: Ask) -> None:
    results = ask(full, "supreposition priest")
    assert (results.total, results.fell_back) == (1, True)
    assert results.suggestions == (("supreposition", ("superposition",)),)


def test_the_words_of_a_deleted_note_are_not_suggested(full: SearchIndex, ask: Ask, kb: KnowledgeBase) -> None:
    assert ask(full, "prieest").suggestions[0].nearest == ("priest",)
    (kb.root / "notes/c.md").unlink()
    assert ask(full, "prieest").suggestions == ()
    assert ask(full, "priest").suggestions == ()


def test_suggestions_are_remarks(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", "superposition #sae")
    said = carrel("search", "supreposition", "--json")
    assert (said.code, said.out) == (0, "[]\n")
    assert said.err == "nothing found\nno note has supreposition; did you mean superposition?\n"
    assert carrel("list", "tga:x").err == "nothing found\nno note has tga:; did you mean tag:?\n"
