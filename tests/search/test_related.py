"""Notes like a note: by what tells it from others, and by what they share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.search.index import SearchIndex, refresh
from carrel.search.query import parse_query
from carrel.search.related import related, telling_words
from carrel.store.knowledge_base import KnowledgeBase
from tests.search.conftest import TODAY

Write = Callable[[str, str], Path]
Related = Callable[..., list[str]]


@pytest.fixture
def like(kb: KnowledgeBase, index: SearchIndex) -> Related:
    """What is like a note, or like the entry of it with that title."""

    def call(path: str, title: str = "", query: str = "", limit: int | None = 10) -> list[str]:
        refresh(kb, index)
        note = kb.read(path)
        entry = next((one for one in note.entries if one.title == title), None)
        found = related(kb, index, note, entry, parse_query(query, TODAY), limit)
        return [hit.path.removesuffix(".md") + (f"#{hit.title}" if hit.anchor else "") for hit in found.hits]

    return call


@pytest.fixture
def notes(write: Write) -> None:
    """Two notes about superposition, two about soup, and what all of them say."""
    for name, text in {
        "sae": "Sparse autoencoders untangle superposition, features",
        "toy": "Features in superposition, in sparse toy models",
        "soup": "A soup of lentils with cumin",
        "broth": "Broth for a soup: lentils, cumin, salt",
    }.items():
        write(f"notes/{name}.md", f"---\nkind: {'paper' if name == 'toy' else 'note'}\n---\n{text}; the rest is known")


def test_what_shares_the_telling_words_is_found_without_the_note_itself(notes: None, like: Related) -> None:
    assert like("notes/sae.md")[0] == "notes/toy"
    assert like("notes/soup.md")[0] == "notes/broth"
    assert "notes/sae" not in like("notes/sae.md")


def test_rare_words_tell_most_and_those_that_stand_here_only_nothing(
    notes: None, kb: KnowledgeBase, index: SearchIndex
) -> None:
    refresh(kb, index)
    words = telling_words(index, kb.read("notes/sae.md"), None, 4)
    assert sorted(words[:3]) == ["features", "sparse", "superposition"]
    assert "untangle" not in words


def test_it_is_narrowed_by_a_query(notes: None, like: Related) -> None:
    assert like("notes/sae.md", query="kind:paper") == ["notes/toy"]
    assert like("notes/sae.md", query="salt") == ["notes/broth"]


def test_a_link_between_two_notes_and_a_shared_citation_bring_them_together(write: Write, like: Related) -> None:
    write("notes/a.md", "Alpha [@key2020]")
    write("notes/b.md", "Beta, see [[a]]")
    write("notes/c.md", "Gamma [@key2020]")
    write("notes/d.md", "Delta")
    assert sorted(like("notes/a.md")) == ["notes/b", "notes/c"]
    assert like("notes/b.md") == ["notes/a"]


def test_of_two_notes_as_like_in_words_the_one_with_a_shared_tag_is_first(write: Write, like: Related) -> None:
    write("notes/a.md", "---\ntags: [sae]\n---\nzebra stripes")
    write("notes/b.md", "---\ntags: [soup]\n---\nzebra stripes")
    write("notes/c.md", "---\ntags: [sae]\n---\nzebra stripes")
    assert like("notes/a.md") == ["notes/c", "notes/b"]


def test_an_entry_is_likened_to_the_other_entries_of_its_day(write: Write, like: Related) -> None:
    write("notes/2026-11-20.md", "## 09:00 One\n\nzebra stripes\n\n## 10:00 Two\n\nzebra zoo\n\n## 11:00 Three\n\nsoup")
    assert like("notes/2026-11-20.md", "One") == ["notes/2026-11-20#Two"]
    assert like("notes/2026-11-20.md") == []


def test_a_note_without_words_is_like_nothing(write: Write, like: Related) -> None:
    write("notes/a.md", "!")
    write("notes/b.md", "something")
    assert like("notes/a.md", limit=None) == []
