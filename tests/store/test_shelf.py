"""The shelf: no paper twice, no key twice, and a cache that is never believed against the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from carrel.core.note import Note
from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import PaperExists, Refused
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.shelf import Shelf

TODAY = date(2026, 11, 20)
TOY = Paper(
    "Toy Models of Superposition", (Name("Elhage", "Nelson"),), "2022", venue="arXiv", arxiv="2209.10652", version="1"
)
Write = Callable[[str, str], Path]


def test_a_paper_is_found_again_under_another_spelling(kb: KnowledgeBase) -> None:
    path = Shelf(kb).add(TOY, {}, TODAY)
    assert path == "papers/elhage2022toy.md"
    shelf = Shelf(kb)
    assert shelf.find(Paper("toy models of superposition.", (Name("Elhage", "N."),), "2022")) == path
    with pytest.raises(PaperExists):
        shelf.add(replace(TOY, title="Other", arxiv="2209.10652"), {}, TODAY)


def test_two_papers_of_one_author_year_and_word_get_keys_of_their_own(kb: KnowledgeBase) -> None:
    shelf = Shelf(kb)
    others = [replace(TOY, title=f"Toy {number}", arxiv="") for number in range(3)]
    assert [shelf.add(one, {}, TODAY) for one in (TOY, *others)] == [
        "papers/elhage2022toy.md",
        "papers/elhage2022toya.md",
        "papers/elhage2022toyb.md",
        "papers/elhage2022toyc.md",
    ]


def test_a_file_of_that_name_that_is_no_paper_is_left_alone(kb: KnowledgeBase, write: Write) -> None:
    shelf = Shelf(kb)
    mine = write("papers/elhage2022toy.md", "mine\n")
    assert shelf.add(TOY, {}, TODAY) == "papers/elhage2022toya.md"
    assert mine.read_text() == "mine\n"


def test_what_changes_on_disk_counts_whatever_the_cache_says(kb: KnowledgeBase, write: Write) -> None:
    path = Shelf(kb).add(TOY, {}, TODAY)
    os.utime(kb.root / path, (0, 0))  # a file of this very moment is not trusted, and not kept
    assert Shelf(kb).find(TOY) == path
    assert (kb.cache_dir / "papers.json").exists()
    (kb.root / path).write_text((kb.root / path).read_text().replace("2209.10652", "2209.99999"))
    os.utime(kb.root / path, (0, 0))
    assert Shelf(kb).find(TOY) is None
    (kb.root / path).unlink()
    assert Shelf(kb).find(replace(TOY, arxiv="2209.99999")) is None


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"format": 3}', b'{"format": 3, "papers": {"a": 1}}', b'{"format": 3, "papers": []}', b"\xff"],
)
def test_a_damaged_cache_is_made_anew(kb: KnowledgeBase, damage: bytes) -> None:
    path = Shelf(kb).add(TOY, {}, TODAY)
    kb.cache_dir.mkdir(parents=True, exist_ok=True)
    (kb.cache_dir / "papers.json").write_bytes(damage)
    assert Shelf(kb).find(TOY) == path


def test_a_new_record_changes_what_its_source_wrote_and_no_other_byte(kb: KnowledgeBase) -> None:
    shelf = Shelf(kb)
    path = shelf.add(TOY, {"tags": ["sae"]}, TODAY)
    place = kb.root / path
    place.write_text(place.read_text().replace("venue: arXiv", "venue: Anthropic  # as they say") + "My words.\n")
    before = place.read_text()
    found = shelf.renew(path, replace(TOY, version="2", venue="Transformer Circuits", doi="10.48550/x"))
    assert [(one.field, one.edited) for one in found] == [("venue", True), ("version", False), ("doi", False)]
    after = place.read_text()
    changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=False) if old != new]
    assert changed[0] == ('version: "1"', 'version: "2"')
    assert "venue: Anthropic  # as they say" in after
    assert after.endswith("My words.\n")


def test_the_same_record_again_changes_no_byte(kb: KnowledgeBase) -> None:
    shelf = Shelf(kb)
    path = shelf.add(TOY, {}, TODAY)
    record = replace(TOY, version="2", title="Toy models, revised")
    assert shelf.renew(path, record)
    before = (kb.root / path).stat()
    assert shelf.renew(path, record) == ()
    assert shelf.renew(path, TOY) == ()  # what was said before is nothing new
    assert shelf.renew(path, replace(TOY, version="3"), dry_run=True)
    assert (kb.root / path).stat() == before


def test_what_a_person_typed_is_theirs(kb: KnowledgeBase) -> None:
    shelf = Shelf(kb)
    path = shelf.add(Paper("Toy models", (Name("Elhage", "Nelson"),), "2022"), {}, TODAY, typed=True)
    found = shelf.renew(path, TOY)
    assert [(one.field, one.edited) for one in found] == [
        ("title", True),
        ("venue", False),
        ("arxiv", False),
        ("version", False),
    ]
    assert "title: Toy models\n" in (kb.root / path).read_text()


def test_the_record_of_a_library_whose_title_was_mended_is_the_same_paper(kb: KnowledgeBase) -> None:
    record = Paper("Deep lerning", (Name("Smith", "Jane"),), "2020", citekey="smith")
    path = Shelf(kb).add(record, {}, TODAY)
    assert Shelf(kb).find(replace(record, title="Deep Learning")) == path
    assert Shelf(kb).find(replace(record, title="Deep Learning: a tale", year="2021")) is None
    assert Shelf(kb).find(replace(record, title="Gardening")) is None
    assert Shelf(kb).find(replace(record, title="Deep Learning", authors=(Name("Jones", "J."),))) is None
    assert Shelf(kb).find(replace(record, title="Deep Learning", doi="10.1000/1")) == path


def test_what_zotero_keeps_under_one_key_is_one_paper_whatever_its_title(kb: KnowledgeBase) -> None:
    path = Shelf(kb).add(TOY, {"zotero": "AAAA0001"}, TODAY)
    assert Shelf(kb).find(Paper("Another title"), "AAAA0001") == path
    assert Shelf(kb).find(Paper("Another title"), "AAAA0002") is None


def test_a_record_without_a_title_is_known_by_its_key_and_one_with_nothing_is_refused(kb: KnowledgeBase) -> None:
    path = Shelf(kb).add(Paper("", citekey="smith"), {}, TODAY)
    with pytest.raises(PaperExists):
        Shelf(kb).add(Paper("", citekey="smith"), {}, TODAY)
    assert Shelf(kb).find(Paper("Deep Learning", citekey="smith")) == path
    with pytest.raises(Refused):
        Shelf(kb).add(Paper("", year="2020"), {}, TODAY)


def test_a_key_that_could_not_be_a_files_name_still_cites_the_paper(kb: KnowledgeBase) -> None:
    path = Shelf(kb).add(replace(TOY, citekey="DBLP:conf/x/1"), {}, TODAY)
    assert path == "papers/elhage2022toy.md"
    assert kb.read(path).aliases == ("DBLP:conf/x/1",)
    assert Shelf(kb).find(Paper("", citekey="dblp:conf/x/1")) == path


def test_what_another_title_shares_is_named(kb: KnowledgeBase) -> None:
    path = Shelf(kb).add(TOY, {}, TODAY)
    with pytest.raises(PaperExists) as caught:
        Shelf(kb).add(replace(TOY, title="Chapter 3"), {}, TODAY)
    assert caught.value.message == (
        f"'Chapter 3' is here already: {path}, as 'Toy Models of Superposition' (arxiv:2209.10652)"
    )


def test_an_edit_between_two_looks_is_an_edit(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(kb)
    path = shelf.add(TOY, {}, TODAY)
    place = kb.root / path
    rewrite = KnowledgeBase.rewrite

    def edited_first(self: KnowledgeBase, path: str, change: Callable[[str], str]) -> None:
        place.write_text(place.read_text().replace("venue: arXiv", "venue: My own"))
        rewrite(self, path, change)

    monkeypatch.setattr(KnowledgeBase, "rewrite", edited_first)
    found = shelf.renew(path, replace(TOY, venue="Source"))
    assert [(one.field, one.edited) for one in found] == [("venue", True)]
    assert "venue: My own\n" in place.read_text()


def test_a_title_that_nobody_gave_gives_way_to_one(kb: KnowledgeBase) -> None:
    shelf = Shelf(kb)
    path = shelf.add(Paper("", citekey="smith", doi="10.1000/1"), {}, TODAY)
    assert shelf.renew(path, Paper("Deep Learning", doi="10.1000/1"))[0].edited is False
    assert "title: Deep Learning\n" in (kb.root / path).read_text()


def test_what_another_command_added_meanwhile_is_read_once_and_nothing_else(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = Shelf(kb), Shelf(kb)
    other = [replace(TOY, title=f"Other {number}", arxiv=f"2301.0000{number}") for number in range(3)]
    paths = [theirs.add(one, {}, TODAY) for one in other]
    opened: list[str] = []
    read = KnowledgeBase.read

    def counted(self: KnowledgeBase, path: str, *, head: bool = False) -> Note:
        opened.append(path)
        return read(self, path, head=head)

    monkeypatch.setattr(KnowledgeBase, "read", counted)
    for number in range(4):
        mine.add(replace(TOY, title=f"Toys {number}", arxiv=f"2302.0000{number}"), {}, TODAY)
    assert sorted(opened) == sorted(paths)
    with pytest.raises(PaperExists):
        mine.add(other[0], {}, TODAY)
