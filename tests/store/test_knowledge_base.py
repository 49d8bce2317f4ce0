"""The one door to the notes: what is a note, what may be written where, and that nothing is lost on the way."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from carrel.core.attachment import Source
from carrel.core.log import MAX_BYTES, LogEntry
from carrel.core.note import Visibility
from carrel.errors import (
    ConfigInvalid,
    NoteChanged,
    NotEditable,
    NoteExists,
    NoteNotFound,
    NoteVanished,
    OutsideRoot,
    Refused,
    RootNotFound,
)
from carrel.store import files
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.named import find_note
from carrel.store.walk import Skipped

Write = Callable[[str, str], Path]
AT = datetime(2026, 11, 20, 14, 32)


def entry(text: str, **options: object) -> LogEntry:
    return LogEntry(AT, text, **options)  # type: ignore[arg-type]  # the fields of LogEntry


def temporaries(kb: KnowledgeBase) -> list[Path]:
    return list(kb.root.rglob("*.tmp"))


def test_it_is_found_from_any_folder_within_it(kb: KnowledgeBase, tmp_path: Path) -> None:
    deep = kb.root / "notes/a/b"
    deep.mkdir(parents=True)
    assert KnowledgeBase.open(deep).root == kb.root
    with pytest.raises(RootNotFound):
        KnowledgeBase.open(tmp_path)


def test_notes_are_the_markdown_files_of_its_folders(kb: KnowledgeBase, write: Write) -> None:
    for path in (
        "notes/b.md", "notes/a/deep.md", "papers/p.md", "notes/Ünï.md", "other/no.md", "no.md", "notes/.hidden.md",
        "notes/.git/x.md", "notes/old.md~", "notes/fig.png", "notes/a.markdown", "notes/x.sync-conflict-20261120-1.md",
    ):  # fmt: skip
        write(path, path)
    (kb.root / "notes/folder.md").mkdir()
    (kb.root / "notes/dangling.md").symlink_to("nowhere")
    (kb.root / "notes/loop.md").symlink_to("loop.md")
    (kb.root / "notes/around").symlink_to(kb.root)
    (kb.root / "notes/link.md").symlink_to("b.md")
    os.mkfifo(kb.root / "notes/pipe.md")
    assert sorted(kb.stamps()) == ["notes/a/deep.md", "notes/b.md", "notes/Ünï.md", "papers/p.md"]
    assert sorted(kb.paths()) == sorted(kb.stamps())
    assert sorted(kb.paths("notes")) == ["notes/a/deep.md", "notes/b.md", "notes/Ünï.md"]
    assert kb.files() == ["notes/a.markdown", "notes/fig.png"]
    assert [note.body for note in kb.notes("papers/")] == ["papers/p.md"]
    assert kb.skipped() == [
        Skipped("notes/link.md", "a link to notes/b.md, which is a note already"),
        Skipped("notes/loop.md", "too many levels of symbolic links"),
        Skipped(
            "notes/x.sync-conflict-20261120-1.md",
            "the losing side of a sync conflict; compare it with its note, then delete it",
        ),
    ]


def test_a_link_that_leads_out_is_neither_a_note_nor_an_attachment(
    kb: KnowledgeBase, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "secret.md").write_text("---\nvisibility: public\n---\n")
    (tmp_path / "id_key").write_text("key")
    (kb.root / "notes/out.md").symlink_to("../../secret.md")
    (kb.root / "notes/fig.png").symlink_to(tmp_path / "id_key")
    assert (kb.stamps(), kb.files()) == ({}, [])
    assert {skipped.path: skipped.reason for skipped in kb.skipped()} == {
        "notes/out.md": "a link that leads out of the knowledge base",
        "notes/fig.png": "a link that leads out of the knowledge base",
    }


def test_a_stamp_changes_with_each_save(kb: KnowledgeBase, write: Write) -> None:
    place = write("notes/a.md", "one")
    before = kb.stamps()
    write("notes/a.md", "two")
    os.utime(place, ns=(before["notes/a.md"].mtime_ns + 1, before["notes/a.md"].mtime_ns + 1))
    assert kb.stamps() != before
    (kb.root / "notes/b.md").write_text("two")
    os.utime(kb.root / "notes/b.md", ns=(place.stat().st_atime_ns, place.stat().st_mtime_ns))
    at_rest = kb.stamps()
    (kb.root / "notes/b.md").rename(place)
    assert kb.stamps()["notes/a.md"] != at_rest["notes/a.md"], "another file of the same time and size"


def test_a_note_that_is_gone_is_told_and_left_out_of_a_listing(
    kb: KnowledgeBase, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("notes/a.md", "a")
    monkeypatch.setattr(kb, "paths", lambda: ["notes/a.md", "notes/gone.md"])
    assert [note.path for note in kb.notes()] == ["notes/a.md"]
    with pytest.raises(NoteVanished):
        kb.read("notes/gone.md")


@pytest.mark.parametrize("path", ["../secret.md", "/etc/passwd", "notes/../../x.md"])
def test_no_path_leads_out(kb: KnowledgeBase, path: str) -> None:
    for call in (kb.read, kb.read_bytes, lambda path: kb.create(path, "x"), lambda path: kb.set_keys(path, {"a": 1})):
        with pytest.raises(OutsideRoot):
            call(path)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("notes/toys.md", "notes/toys.md"),
        ("toys", "notes/toys.md"),
        ("TOYS.md", "notes/toys.md"),
        ("Toy  models", "notes/toys.md"),
        ("superposition", "notes/toys.md"),
        ("elhage2022toy", "papers/elhage2022toy.md"),
        ("@elhage2022toy", "papers/elhage2022toy.md"),
        ("sub/plan", "notes/sub/plan.md"),
    ],
)
def test_a_person_names_a_note_as_a_link_would(kb: KnowledgeBase, write: Write, name: str, path: str) -> None:
    write("notes/toys.md", "---\ntitle: Toy models\naliases: [superposition]\n---\n")
    write("papers/elhage2022toy.md", "---\ncitekey: elhage2022toy\nkind: paper\n---\n")
    write("notes/sub/plan.md", "")
    write("papers/plan.md", "")
    assert find_note(kb, name) == path


def test_a_name_that_means_nothing_or_two_notes_is_told(kb: KnowledgeBase, write: Write) -> None:
    write("notes/toys.md", "")
    write("notes/a/plan.md", "")
    write("papers/plan.md", "")
    with pytest.raises(NoteNotFound) as unknown:
        find_note(kb, "tois")
    assert unknown.value.hint == "did you mean toys?"
    with pytest.raises(NoteNotFound) as ambiguous:
        find_note(kb, "plan")
    assert ambiguous.value.hint == "did you mean notes/a/plan.md or papers/plan.md?"
    with pytest.raises(NoteNotFound):
        find_note(kb, "x" * 5000)


# --- append ----------------------------------------------------------------------------------------------------------


def test_the_first_entry_makes_the_day_and_the_next_are_appended(kb: KnowledgeBase) -> None:
    assert kb.append(entry("One", tags=("sae",))) == "notes/2026/2026-11-20.md"
    assert kb.append(entry("Two\n\nmore")) == "notes/2026/2026-11-20.md"
    assert (kb.root / "notes/2026/2026-11-20.md").read_text() == (
        '---\ntitle: "2026-11-20"\ndate: 2026-11-20\nkind: log\nvisibility: private\n---\n\n'
        "## 14:32 One\n\n#sae\n\n## 14:32 Two\n\nmore\n"
    )
    assert temporaries(kb) == []


def test_a_private_entry_goes_into_a_file_of_its_own(kb: KnowledgeBase) -> None:
    (kb.root / ".carrel/config.toml").write_text('visibility = "public"\n')
    shared = KnowledgeBase.open(kb.root)
    assert shared.append(entry("Open")) == "notes/2026/2026-11-20.md"
    assert shared.append(entry("Secret", private=True)) == "notes/2026/2026-11-20.private.md"
    assert [shared.read(path).visibility for path in sorted(shared.stamps())] == [Visibility.PUBLIC, Visibility.PRIVATE]
    assert "Secret" not in (kb.root / "notes/2026/2026-11-20.md").read_text()


def test_what_a_person_wrote_into_the_day_stays(kb: KnowledgeBase, write: Write) -> None:
    mine = "\ufeff---\r\ntitle: my day # mine\r\n---\r\nno newline at the end"
    place = write("notes/2026/2026-11-20.md", mine)
    kb.append(entry("One"))
    assert place.read_bytes() == f"{mine}\r\n\r\n## 14:32 One\r\n".encode()


def test_a_day_behind_a_link_is_written_only_if_it_is_inside(kb: KnowledgeBase, write: Write, tmp_path: Path) -> None:
    day = kb.root / "notes/2026/2026-11-20.md"
    day.parent.mkdir()
    inside = write("notes/real.md", "inside\n")
    day.symlink_to("../real.md")
    kb.append(entry("One"))
    assert inside.read_text() == "inside\n\n## 14:32 One\n"
    outside = tmp_path / "outside.md"
    outside.write_text("outside\n")
    for target in (outside, tmp_path / "nowhere.md"):
        day.unlink()
        day.symlink_to(target)
        with pytest.raises(OutsideRoot):
            kb.append(entry("Two"))
    assert (outside.read_text(), day.is_symlink(), (tmp_path / "nowhere.md").exists()) == ("outside\n", True, False)


def test_a_folder_behind_a_link_that_leads_out_takes_no_note(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (kb.root / "notes/2026").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutsideRoot):
        kb.append(entry("One"))
    with pytest.raises(OutsideRoot):
        kb.create("notes/2026/x.md", "x")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_notes_folder_that_is_itself_a_link_is_used_throughout(kb: KnowledgeBase, tmp_path: Path) -> None:
    (kb.root / "notes").rmdir()
    (tmp_path / "synced").mkdir()
    (kb.root / "notes").symlink_to(tmp_path / "synced")
    kb.append(entry("One"))
    kb.append(entry("Two"))
    kb.set_keys("notes/2026/2026-11-20.md", {"visibility": "lab"})
    assert [found.title for note in kb.notes() for found in note.entries] == ["One", "Two"]
    assert (tmp_path / "synced/2026/2026-11-20.md").is_file()


# --- create, set keys, attach ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "new"),
    [("a.md", "a.md"), ("A.md", "a.md"), ("Straße.md", "STRASSE.md"), (unicodedata.normalize("NFD", "é.md"), "é.md")],
)
def test_a_note_is_not_created_beside_its_twin(kb: KnowledgeBase, write: Write, there: str, new: str) -> None:
    write(f"notes/{there}", "old")
    with pytest.raises(NoteExists) as refused:
        kb.create(f"notes/{new}", "new")
    assert refused.value.path == f"notes/{there}"
    assert [note.body for note in kb.notes()] == ["old"]


def test_a_free_path_is_one_that_no_file_has_in_any_writing(kb: KnowledgeBase, write: Write) -> None:
    assert kb.free_path("notes/ideas", "Does it work?") == "notes/ideas/does-it-work.md"
    write("notes/ideas/Does-It-Work.md", "")
    write("notes/ideas/does-it-work-2.md", "")
    assert kb.free_path("notes/ideas", "Does it work?") == "notes/ideas/does-it-work-3.md"
    assert kb.free_path(".", "???") == "untitled.md"


def test_keys_are_set_in_place(kb: KnowledgeBase, write: Write) -> None:
    place = write("notes/a.md", "\ufeff---\r\nrating: 3  # of 5\r\n---\r\nBody\r\n")
    kb.set_keys("notes/a.md", {"rating": 4, "tags": ["x", "1.0"]})
    assert place.read_bytes() == '\ufeff---\r\nrating: 4  # of 5\r\ntags: [x, "1.0"]\r\n---\r\nBody\r\n'.encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"---\na: 1\na: 2\n---\n", "the key 'a' is there twice"),
        (b"---\na: 1\n---\ncaf\xe9\n", "holds bytes that are not UTF-8"),
        (b"---\na: [1\n---\n", "the YAML cannot be read"),
        (b"+++\na = 1\n+++\n", "the front matter is TOML"),
    ],
)
def test_what_cannot_be_edited_stays_as_it_is(kb: KnowledgeBase, data: bytes, reason: str) -> None:
    place = kb.root / "notes/a.md"
    place.write_bytes(data)
    before = place.stat()
    with pytest.raises(NotEditable, match=reason):
        kb.set_keys("notes/a.md", {"a": 3})
    assert (place.read_bytes(), place.stat().st_mtime_ns, temporaries(kb)) == (data, before.st_mtime_ns, [])


def test_a_note_that_an_editor_saves_meanwhile_is_not_replaced(
    kb: KnowledgeBase, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write("notes/a.md", "---\na: 1\n---\n")
    sweep = files.sweep

    def save_and_sweep(folder: Path) -> None:  # the moment between reading and replacing
        place.write_text("---\na: 1\n---\nsaved by an editor\n")
        sweep(folder)

    monkeypatch.setattr(files, "sweep", save_and_sweep)
    with pytest.raises(NoteChanged):
        kb.set_keys("notes/a.md", {"a": 2})
    assert (place.read_text(), temporaries(kb)) == ("---\na: 1\n---\nsaved by an editor\n", [])


def test_what_a_killed_command_left_is_swept_by_the_next(kb: KnowledgeBase, write: Write) -> None:
    for folder in ("notes", "notes/2026", "notes/assets/2026"):
        write(f"{folder}/.carrel-0123456789abcdef.tmp", "left")
    write("notes/a.md", "---\na: 1\n---\n")
    write("fig.png", "png")
    assert list(kb.stamps()) == ["notes/a.md"]
    kb.append(entry("One"))
    kb.set_keys("notes/a.md", {"a": 2})
    kb.attach(Source("fig.png", b"png"), 2026)
    assert temporaries(kb) == []


def test_a_temporary_name_that_was_linked_already_does_not_hinder_an_edit(kb: KnowledgeBase, write: Write) -> None:
    """A command that is killed between link and unlink leaves the note with two names."""
    place = write("notes/a.md", "---\na: 1\n---\n")
    os.link(place, kb.root / "notes/.carrel-0123456789abcdef.tmp")
    kb.set_keys("notes/a.md", {"a": 2})
    assert (place.read_text(), place.stat().st_nlink) == ("---\na: 2\n---\n", 1)


def test_an_attachment_is_stored_once_under_its_name_and_content(kb: KnowledgeBase) -> None:
    source = Source("My Fig.PNG", b"png")
    path = f"notes/assets/2026/my-fig-{files.digest(b'png')[:8]}.png"
    sha256 = "8f8cbb7dcf46e0bc7d53265749a6c17d116093a6ba95e442764060c76fd4a86c"
    assert kb.attach(source, 2026) == (path, sha256, "My Fig", True)
    assert kb.attach(source, 2026) == (path, sha256, "My Fig", False)
    assert kb.attach(source._replace(data=b"other"), 2026).path != path
    assert len(kb.files()) == 2


def test_an_attachment_whose_stored_copy_was_damaged_is_stored_again_beside_it(kb: KnowledgeBase, write: Write) -> None:
    source = Source("fig.png", b"png")
    first = kb.attach(source, 2026).path
    write(first, "")
    second = kb.attach(source, 2026).path
    assert second == first.replace(".png", "-2.png")
    assert (kb.read_bytes(first), kb.read_bytes(second), kb.attach(source, 2026).path) == (b"", b"png", second)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("x.p)(javascript:alert(1)", "x-{}.pjavascrip"),
        ("n.p\nng", "n-{}.png"),
        ("c.MD", "c-{}.md.txt"),
        ("output.private.txt", "output-{}.private.txt"),
        ("Draft.PRIVATE.md", "draft-{}.private.md.txt"),
        ("plain", "plain-{}"),
        ("???.PNG", "file-{}.png"),
    ],
)
def test_an_attachment_s_name_is_safe_and_never_that_of_a_note(kb: KnowledgeBase, name: str, stored: str) -> None:
    text = b"# Text\n"
    assert kb.attach(Source(name, text), 2026).path == f"notes/assets/2026/{stored.format(files.digest(text)[:8])}"
    assert kb.stamps() == {}


def test_what_is_written_is_found_whatever_the_folders_are(kb: KnowledgeBase, write: Write, tmp_path: Path) -> None:
    kb.config_path.write_text('folders = ["notes/deep"]\nlog_folder = "journal/"\npapers_folder = "notes/papers"\n')
    opened = KnowledgeBase.open(kb.root)
    assert opened.folder_names() == ("journal", "notes")
    path = opened.append(entry("One"))
    assert list(opened.stamps()) == [path] == ["journal/2026/2026-11-20.md"]
    kb.config_path.write_text('papers_folder = ""\n')
    assert KnowledgeBase.open(kb.root).folder_names() == (".",)


def test_a_link_within_to_a_folder_s_note_is_listed_once_however_it_is_reached(
    kb: KnowledgeBase, write: Write, tmp_path: Path
) -> None:
    (kb.root / "notes").rmdir()
    (tmp_path / "synced").mkdir()
    (kb.root / "notes").symlink_to(tmp_path / "synced")
    write("notes/b.md", "")
    write("notes/.hidden.md", "")
    (kb.root / "notes/a.md").symlink_to("b.md")
    (kb.root / "notes/c.md").symlink_to(".hidden.md")
    assert sorted(kb.stamps()) == ["notes/b.md", "notes/c.md"]
    assert kb.skipped() == [Skipped("notes/a.md", "a link to notes/b.md, which is a note already")]


def test_a_knowledge_base_within_is_not_entered(kb: KnowledgeBase, write: Write) -> None:
    write("notes/other/.carrel/config.toml", "")
    write("notes/other/secret.md", "")
    write("notes/mine.md", "")
    assert list(kb.stamps()) == ["notes/mine.md"]
    assert kb.skipped() == [Skipped("notes/other", "a knowledge base of its own")]


def test_a_folder_that_is_not_there_opens_no_other_knowledge_base(kb: KnowledgeBase) -> None:
    with pytest.raises(RootNotFound, match=r"there is no folder .*typo"):
        KnowledgeBase.open(kb.root / "typo")


@pytest.mark.parametrize(
    ("day", "closed", "said"),
    [
        ("---\ntitle: '```'\n---\n# Day\n\n```sh\nrm x\n", "\n```\n\n", ":6 opened code that never closed; closed it"),
        ("a\n\n> ~~~~\n> b\n", "\n> ~~~~\n\n", ":3 opened code that never closed; closed it"),
        ("a <!-- b\n", "\n-->\n\n", ":1 opened a comment that never closed; closed it"),
        ("```\nx\n```\n`<!--`\n", "\n", ""),
    ],
)
def test_what_a_day_left_open_is_closed_before_the_entry(
    kb: KnowledgeBase, write: Write, day: str, closed: str, said: str
) -> None:
    remarks: list[str] = []
    place = write("notes/2026/2026-11-20.md", day)
    path = kb.append(entry("One"), remarks.append)
    assert place.read_text() == f"{day}{closed}## 14:32 One\n"
    assert [found.title for found in kb.read(path).entries] == ["One"]
    assert remarks == ([path + said] if said else [])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("\ufeffday".encode("utf-16-le"), "is UTF-16"),
        (b"a\0b\n", "holds NUL bytes"),
        (b"x" * MAX_BYTES, "may hold 4 MiB, and this entry would go beyond"),
    ],
)
def test_a_day_from_which_no_entry_could_be_read_takes_none(kb: KnowledgeBase, data: bytes, reason: str) -> None:
    place = kb.root / "notes/2026/2026-11-20.md"
    place.parent.mkdir()
    place.write_bytes(data)
    with pytest.raises(Refused, match=reason):
        kb.append(entry("One"))
    assert place.read_bytes() == data


def test_an_entry_that_no_day_can_hold_is_refused_before_it_is_looked_at(kb: KnowledgeBase) -> None:
    with pytest.raises(Refused, match="may hold 4 MiB"):
        kb.append(entry("# h [[\n" * 800_000))
    with pytest.raises(Refused, match="may hold 4 MiB"):  # it is the front matter that is too much
        kb.append(entry("x" * (MAX_BYTES - 50)))
    assert kb.stamps() == {}


def test_a_day_of_one_s_own_needs_a_name(kb: KnowledgeBase) -> None:
    kb.config_path.write_text("per_author = true\n")
    with pytest.raises(ConfigInvalid) as told:
        KnowledgeBase.open(kb.root).append(entry("One"))
    assert told.value.hint == 'carrel config --user author "…"'
