"""The watcher takes in what another program writes into a library file, and never over what a person wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.shelf import Shelf
from tests.watch.support import until, watching

TOY = "@misc{elhage2022toy, title={Toy Models}, author={Elhage, Nelson}, year={2022}, eprint={2209.10652}}\n"
MONO = "@misc{bricken2023mono, title={Monosemanticity}, author={Bricken, Trenton}, year={2023}}\n"


@pytest.fixture
def library(kb: KnowledgeBase, tmp_path: Path, settings: Callable[[str], None]) -> Path:
    """A library file that the user's configuration names; it is not there yet."""
    settings(f'[papers]\nlibraries = ["{tmp_path}/zotero.bib"]\n')
    return tmp_path / "zotero.bib"


def test_papers_that_are_added_to_a_library_come_to_the_shelf_and_are_found(kb: KnowledgeBase, library: Path) -> None:
    library.write_text(TOY)
    with watching(kb.reopened()) as running:
        until(lambda: running.found("toy") == ["papers/elhage2022toy.md"])
        library.write_text(TOY + MONO)
        until(lambda: running.found("monosemanticity") == ["papers/bricken2023mono.md"])
    assert [said for said in running.said if "papers:" in said] == [f"{library}: papers: 1 added"] * 2


def test_a_record_that_is_mended_there_is_mended_here_but_for_what_was_edited(kb: KnowledgeBase, library: Path) -> None:
    library.write_text(TOY)
    note = kb.root / "papers" / "elhage2022toy.md"
    with watching(kb.reopened()) as running:
        until(note.exists)
        note.write_text(note.read_text().replace("year: 2022", "year: 2021") + "My opinion.\n")
        library.write_text(TOY.replace("Toy Models", "Toy Models of Superposition").replace("{2022}", "{2023}"))
        until(lambda: "title: Toy Models of Superposition" in note.read_text())
    assert "year: 2021" in note.read_text()
    assert note.read_text().endswith("My opinion.\n")
    assert f"{library}: papers: 1 updated" in running.said


def test_a_library_that_is_gone_or_no_library_is_said_once_and_the_watching_goes_on(
    kb: KnowledgeBase, library: Path
) -> None:
    with watching(kb.reopened()) as running:
        until(lambda: any("no such file" in said for said in running.said))
        library.write_bytes(b"\0\0\0")
        until(lambda: len([said for said in running.said if str(library) in said]) == 2)
        library.write_text(TOY)
        until(lambda: running.found("toy") == ["papers/elhage2022toy.md"])


def test_an_entry_that_leaves_the_library_leaves_its_summary_alone(kb: KnowledgeBase, library: Path) -> None:
    library.write_text(TOY + MONO)
    with watching(kb.reopened()) as running:
        until(lambda: (kb.root / "papers" / "bricken2023mono.md").exists())
        library.write_text(TOY)
        until(lambda: running.found("monosemanticity"))
    assert (kb.root / "papers" / "bricken2023mono.md").exists()


def test_a_note_that_cannot_be_changed_holds_up_no_other_and_is_tried_again(kb: KnowledgeBase, library: Path) -> None:
    library.write_text(TOY)
    note = kb.root / "papers" / "elhage2022toy.md"
    with watching(kb.reopened()) as running:
        until(note.exists)
        whole = note.read_text()
        note.write_text(whole.replace("title: Toy Models", 'title: "Toy'))
        library.write_text(TOY.replace("{2022}", "{2023}").replace("Toy Models", "Toy Models 2") + MONO)
        until(lambda: running.found("monosemanticity"))
        until(lambda: any("not taken in: papers/elhage2022toy.md" in said for said in running.said))
        note.write_text(whole)
        until(lambda: "year: 2023" in note.read_text())


def test_a_watcher_that_starts_again_finds_nothing_new_in_a_library_that_did_not_change(
    kb: KnowledgeBase, library: Path
) -> None:
    library.write_text(TOY)
    note = kb.root / "papers" / "elhage2022toy.md"
    with watching(kb.reopened()):
        until(note.exists)
    shelf = Shelf(kb)
    published = Paper("Toy Models of Superposition", (Name("Elhage", "Nelson"),), "2023", venue="J", arxiv="2209.10652")
    assert shelf.renew("papers/elhage2022toy.md", published)
    before = note.read_bytes()
    with watching(kb.reopened()) as running:
        until(lambda: running.found("superposition"))
        library.write_text(TOY + MONO)
        until(lambda: running.found("monosemanticity"))
    assert note.read_bytes() == before
