"""How bytes get onto the disk: whole or not at all, beside what was there, and never through a door that is shut."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carrel.errors import NoteChanged, NoteExists, NoteVanished, Refused, WriteFailed
from carrel.store import files, lock
from carrel.store.lock import locked

ROOT = os.geteuid() == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- append ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"## 14:32 x\n"),
        (b"text", b"text\n\n## 14:32 x\n"),
        (b"text\n", b"text\n\n## 14:32 x\n"),
        (b"text\n\n", b"text\n\n## 14:32 x\n"),
        (b"text\n\n\n", b"text\n\n\n## 14:32 x\n"),
        (b"a\r\ntext", b"a\r\ntext\r\n\r\n## 14:32 x\r\n"),
        (b"a\r\ntext\r\n", b"a\r\ntext\r\n\r\n## 14:32 x\r\n"),
        (b"a\r\ntext\r\n\r\n", b"a\r\ntext\r\n\r\n## 14:32 x\r\n"),
        (b"\xef\xbb\xbftext\n", b"\xef\xbb\xbftext\n\n## 14:32 x\n"),
        (b"not utf-8 \xff\n", b"not utf-8 \xff\n\n## 14:32 x\n"),
    ],
)
def test_what_is_appended_is_a_paragraph_of_its_own_and_nothing_else_changes(
    folder: Path, before: bytes, after: bytes
) -> None:
    note = folder / "day.md"
    note.write_bytes(before)
    files.append(note, b"## 14:32 x\n")
    assert note.read_bytes() == after


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=50), st.text(alphabet="a\n ", min_size=1, max_size=20))
def test_whatever_was_there_stays_in_front(folder: Path, before: bytes, text: str) -> None:
    note = folder / "day.md"
    note.write_bytes(before)
    files.append(note, text.encode())
    after = note.read_bytes()
    assert after.startswith(before)
    assert after[len(before) :].replace(b"\r\n", b"\n").lstrip(b"\n").endswith(text.lstrip("\n").encode())


def test_appending_keeps_mode_inode_links_and_attributes(folder: Path) -> None:
    note = folder / "day.md"
    note.write_bytes(b"a\n")
    note.chmod(0o640)
    os.link(note, folder / "other name.md")
    os.setxattr(note, "user.origin", b"paper")
    before = note.stat()
    files.append(note, b"b\n")
    after = note.stat()
    assert (after.st_ino, after.st_mode, after.st_nlink) == (before.st_ino, before.st_mode, 2)
    assert os.getxattr(note, "user.origin") == b"paper"
    assert (folder / "other name.md").read_bytes() == b"a\n\nb\n"


def test_appending_through_a_symlink_leaves_the_symlink(folder: Path) -> None:
    (folder / "real.md").write_bytes(b"a\n")
    (folder / "day.md").symlink_to("real.md")
    files.append(folder / "day.md", b"b\n")
    assert (folder / "day.md").is_symlink()
    assert (folder / "real.md").read_bytes() == b"a\n\nb\n"


def test_what_is_appended_while_an_editor_saves_by_rename_is_in_the_file_that_has_the_name(folder: Path) -> None:
    note = folder / "day.md"
    note.write_bytes(b"old\n")
    saves = iter([b"saved once\n", b"saved twice\n\n\n"])

    def save(_: int) -> bytes:  # between the moment that the file is opened and the write
        if (text := next(saves, None)) is not None:
            (folder / "4913").write_bytes(text)
            (folder / "4913").rename(note)
        return b""

    files.append(note, b"## 14:32 x\n", save)
    assert note.read_bytes() == b"saved twice\n\n\n## 14:32 x\n"


def test_a_file_that_goes_away_while_it_is_appended_to_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "RENAME_PATIENCE", 0.0)
    note = folder / "day.md"
    note.write_bytes(b"old\n")

    def delete(_: int) -> bytes:
        note.unlink()
        return b""

    with pytest.raises(WriteFailed, match="no such file"):
        files.append(note, b"x\n", delete)


def test_a_file_that_is_not_there_is_not_made_by_appending(folder: Path) -> None:
    with pytest.raises(WriteFailed, match="not saved: no such file"):
        files.append(folder / "day.md", b"x")
    assert names(folder) == []


def test_a_read_only_file_is_refused_even_to_root(folder: Path) -> None:
    note = folder / "day.md"
    note.write_bytes(b"a\n")
    note.chmod(0o444)
    with pytest.raises(Refused if ROOT else WriteFailed):
        files.append(note, b"b\n")
    with pytest.raises(Refused, match="read-only"):
        files.replace(note, b"b\n", files.digest(b"a\n"))
    assert (note.read_bytes(), stat.S_IMODE(note.stat().st_mode)) == (b"a\n", 0o444)


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes: a write over it is cut short, the next one fails.

    Only around the call that is tested: what the tests report may go to a file too.
    """
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, ignored)


def test_an_append_that_is_cut_short_is_taken_back(folder: Path) -> None:
    note = folder / "day.md"
    note.write_bytes(b"x" * 100)
    with pytest.raises(WriteFailed, match="not saved: no space left on device") as failed, at_most(110):
        files.append(note, b"y" * 50)
    assert failed.value.hint == "make room on the disk and run the command again"
    assert note.read_bytes() == b"x" * 100


def test_a_new_file_that_is_cut_short_leaves_nothing(folder: Path) -> None:
    with pytest.raises(WriteFailed, match="not saved: file too large"), at_most(10):
        files.create(folder / "new.md", b"y" * 50)
    assert names(folder) == []


def test_a_replacement_that_is_cut_short_leaves_the_old_file(folder: Path) -> None:
    note = folder / "a.md"
    note.write_bytes(b"old")
    with pytest.raises(WriteFailed), at_most(10):
        files.replace(note, b"y" * 50, files.digest(b"old"))
    assert (note.read_bytes(), names(folder)) == (b"old", ["a.md"])


@pytest.mark.skipif(not ROOT, reason="mounting a small file system needs root; the limits above stand in for it")
def test_on_a_full_disk_everything_stays_as_it_was(folder: Path) -> None:
    small = folder / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        note = small / "day.md"
        note.write_bytes(b"day\n")
        before = b""

        def fill() -> None:
            nonlocal before
            while len(before) < 100_000:
                before = note.read_bytes()
                files.append(note, b"entry " * 300 + b"\n")

        with pytest.raises(WriteFailed, match="no space left"):
            fill()
        assert len(before) > 20_000
        assert note.read_bytes() == before, "the entry that did not fit left no fragment"
        with pytest.raises(WriteFailed, match="no space left"):
            files.create(small / "new.md", b"x" * 10_000)
        with pytest.raises(WriteFailed, match="no space left"):
            files.replace(note, before + b"x" * 10_000, files.digest(before))
        assert (names(small), note.read_bytes()) == (["day.md"], before)
    finally:
        subprocess.run(["umount", small], check=True)


# --- create ----------------------------------------------------------------------------------------------------------


def test_a_new_file_is_made_with_its_folders_and_leaves_nothing_beside_it(folder: Path) -> None:
    old = os.umask(0o027)
    try:
        files.create(folder / "a/b/new.md", "é\n".encode())
    finally:
        os.umask(old)
    assert (folder / "a/b/new.md").read_bytes() == "é\n".encode()
    assert stat.S_IMODE((folder / "a/b/new.md").stat().st_mode) == 0o640
    assert (names(folder / "a/b"), (folder / "a/b/new.md").stat().st_nlink) == (["new.md"], 1)


@pytest.mark.parametrize("kind", ["file", "empty file", "folder", "symlink", "dangling symlink"])
def test_a_name_that_is_taken_is_never_taken_again(folder: Path, kind: str) -> None:
    (folder / "other").write_bytes(b"other")
    taken = folder / "taken.md"
    match kind:
        case "file" | "empty file":
            taken.write_bytes(b"old" if kind == "file" else b"")
        case "folder":
            taken.mkdir()
        case _:
            taken.symlink_to("nowhere" if kind.startswith("dangling") else "other")
    before = os.lstat(taken)
    with pytest.raises(NoteExists):
        files.create(taken, b"new")
    assert os.lstat(taken)[:8] == before[:8]
    assert ((folder / "other").read_bytes(), names(folder)) == (b"other", ["other", "taken.md"])


def test_a_file_in_the_place_of_a_folder_is_told(folder: Path) -> None:
    (folder / "a").write_bytes(b"")
    with pytest.raises(WriteFailed, match="not a directory"):
        files.create(folder / "a/b.md", b"x")


def test_of_many_processes_that_make_one_file_one_succeeds_each_time(folder: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from carrel.errors import NoteExists
        from carrel.store import files
        made = 0
        for number in range(60):
            try:
                files.create(Path(sys.argv[1]) / f"{number}.md", sys.argv[2].encode() * 5000)
                made += 1
            except NoteExists:
                pass
        print(made)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(folder)]
    running = [subprocess.Popen([*command, letter], stdout=subprocess.PIPE, text=True) for letter in "abcdef"]
    made = [int(process.communicate()[0]) for process in running]
    assert (sum(made), len(names(folder))) == (60, 60)
    assert all(len(set(place.read_bytes())) == 1 and place.stat().st_size == 5000 for place in folder.iterdir())


# --- replace ---------------------------------------------------------------------------------------------------------


def test_a_replaced_file_keeps_its_mode_and_attributes(folder: Path) -> None:
    note = folder / "a.md"
    note.write_bytes(b"old")
    note.chmod(0o664)
    os.setxattr(note, "user.origin", b"paper")
    old = os.umask(0o077)
    try:
        files.replace(note, b"new", files.digest(b"old"))
    finally:
        os.umask(old)
    assert note.read_bytes() == b"new"
    assert stat.S_IMODE(note.stat().st_mode) == 0o664
    assert os.getxattr(note, "user.origin") == b"paper"
    assert names(folder) == ["a.md"]


@pytest.mark.skipif(not ROOT, reason="only root can give a file to someone else")
def test_a_replaced_file_keeps_its_owner(folder: Path) -> None:
    note = folder / "a.md"
    note.write_bytes(b"old")
    os.chown(note, 12345, 54321)
    files.replace(note, b"new", files.digest(b"old"))
    assert (note.stat().st_uid, note.stat().st_gid) == (12345, 54321)


def test_replacing_through_a_symlink_replaces_its_target(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep/real.md").write_bytes(b"old")
    (folder / "a.md").symlink_to("deep/real.md")
    files.replace(folder / "a.md", b"new", files.digest(b"old"))
    assert (folder / "a.md").readlink() == Path("deep/real.md")
    assert ((folder / "deep/real.md").read_bytes(), names(folder / "deep")) == (b"new", ["real.md"])


def test_a_file_that_changed_since_it_was_read_is_not_replaced(folder: Path) -> None:
    note = folder / "a.md"
    note.write_bytes(b"changed")
    with pytest.raises(NoteChanged, match="changed while it was being edited; nothing was written"):
        files.replace(note, b"new", files.digest(b"read before"))
    assert (note.read_bytes(), names(folder)) == (b"changed", ["a.md"])


def test_a_file_with_two_names_is_not_replaced(folder: Path) -> None:
    note = folder / "a.md"
    note.write_bytes(b"old")
    os.link(note, folder / "b.md")
    with pytest.raises(Refused, match="has 2 names"):
        files.replace(note, b"new", files.digest(b"old"))
    assert (note.read_bytes(), names(folder), note.stat().st_nlink) == (b"old", ["a.md", "b.md"], 2)


def test_a_file_that_is_gone_is_told(folder: Path) -> None:
    with pytest.raises(NoteVanished):
        files.replace(folder / "a.md", b"new", files.digest(b"old"))
    assert names(folder) == []


# --- read, sweep, lock -----------------------------------------------------------------------------------------------


def test_only_regular_files_are_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe.md")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "a.md").write_bytes(b"12345")
    for name, reason in (
        ("pipe.md", "not a regular file"),
        ("loop.md", "too many levels"),
        (".", "is a directory"),
        ("none.md", "no such file"),
    ):
        with pytest.raises(NoteVanished, match=reason):
            files.read(folder / name)
    assert (files.read(folder / "a.md"), files.read(folder / "a.md", 3)) == (b"12345", b"123")


def test_temporary_files_of_killed_commands_are_swept_and_nothing_else(folder: Path) -> None:
    for name in (".carrel-0123456789abcdef.tmp", ".carrel-x.md", "carrel-a.tmp", ".other.tmp", "a.md"):
        (folder / name).write_bytes(b"")
    files.sweep(folder)
    assert names(folder) == [".carrel-x.md", ".other.tmp", "a.md", "carrel-a.tmp"]
    files.sweep(folder / "not there")


def test_a_temporary_file_has_a_hidden_name_that_is_swept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(os, "fsync", die)
    with pytest.raises(Killed):
        files.create(folder / "new.md", b"text")
    assert len(names(folder)) == 1
    assert names(folder)[0].startswith(".")
    files.sweep(folder)
    assert names(folder) == []


def test_who_waits_too_long_for_the_lock_is_told_and_a_lock_goes_with_its_holder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    for name, value in (("LOCK_PATIENCE", 0.1), ("NOTICE", 0.02), ("tell", heard.append)):
        monkeypatch.setattr(lock, name, value)
    script = """
        import sys, time
        from pathlib import Path
        from carrel.store.lock import locked
        with locked(Path(sys.argv[1])):
            print("held", flush=True)
            time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(folder / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            told = "another carrel command has held .*lock for 0 seconds; nothing was written"
            with pytest.raises(Refused, match=told), locked(folder / "lock"):
                pass
            name = Path(f"/proc/{holder.pid}/comm").read_text().strip()
            assert heard == [f"waiting for {name} (process {holder.pid}), which holds {folder / 'lock'}"]
        finally:
            holder.kill()
    with locked(folder / "lock"):
        assert names(folder) == ["lock"]


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "make room on the disk and run the command again"),
        (errno.EDQUOT, "your disk quota is used up; make room and run the command again"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "check who owns the file and its folder (`ls -l`)"),
        (errno.EIO, ""),
    ],
)
def test_what_the_system_refused_is_said_with_what_to_do(number: int, hint: str) -> None:
    error = files.failed(Path("notes/a.md"), OSError(number, os.strerror(number)))
    assert (error.message, error.hint) == (f"notes/a.md: not saved: {os.strerror(number).lower()}", hint)


def test_a_lock_that_is_a_link_is_not_followed(folder: Path) -> None:
    (folder / "lock").symlink_to(folder / "elsewhere")
    with pytest.raises(WriteFailed) as told, locked(folder / "lock"):
        pass
    assert told.value.hint == "it is a symbolic link; remove it and run the command again"
    assert names(folder) == ["lock"]
