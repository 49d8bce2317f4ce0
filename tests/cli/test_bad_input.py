"""What goes wrong with files, editors, networks and places: one clear line, the right exit code, nothing lost."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel, Said

Write = Callable[[str, str], Path]


def assert_one_clear_line(said: Said, code: int = 1) -> None:
    """An error is one line for what and where, at most one more for what to do, and nothing that was not foreseen."""
    first, *rest = said.err.splitlines()
    assert (said.code, said.out) == (code, "")
    assert first.startswith("carrel: ")
    assert "unexpected" not in said.err
    assert len(rest) <= 1
    assert all(line.startswith("        ") and line.strip() for line in rest)


def test_outside_a_knowledge_base_every_command_says_how_to_make_one(
    tmp_path: Path, process: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for arguments in (["log", "x"], ["search", "x"], ["list"], ["check"], ["build"], ["paper", "add", "x"], ["index"]):
        said = process(*arguments, cwd=tmp_path)
        assert (said.returncode, said.stdout) == (1, ""), arguments
        assert said.stderr == (
            f"carrel: no knowledge base in {tmp_path} or a folder above it\n"
            "        run `carrel init` here, or name one with --dir or CARREL_DIR\n"
        )


def test_a_huge_note_is_found_by_its_beginning_and_stays_private(carrel: Carrel, kb: KnowledgeBase) -> None:
    place = kb.root / "notes/dump.md"
    with place.open("wb") as file:
        file.write(b"---\nvisibility: public\n---\nxylophone\n")
        for _ in range(50):
            file.write(b"word " * 200_000 + b"\n")
    said = carrel("search", "xylophone")
    assert said.out.startswith("notes/dump.md:4  dump")
    assert carrel("check").out == "notes/dump.md:1: larger than 4 MiB: only its beginning is read [too-large]\n"
    assert kb.read("notes/dump.md").visibility == "private"


def test_nul_bytes_and_other_encodings_are_reported_and_searchable(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "notes/nul.md").write_bytes(b"tambourine \0 here")
    (kb.root / "notes/latin.md").write_bytes("Käse und clavichord".encode("latin-1"))
    assert carrel("check").out == (
        "notes/latin.md:1: holds bytes that are not UTF-8 [not-utf8]\nnotes/nul.md:1: holds NUL bytes [nul]\n"
    )
    assert "notes/nul.md" in carrel("search", "tambourine").out
    assert "notes/latin.md" in carrel("search", "clavichord").out
    said = carrel("edit", "latin", "--set", "rating=3")
    assert (said.code, said.err.splitlines()[0]) == (
        1,
        "carrel: notes/latin.md: holds bytes that are not UTF-8; nothing was written",
    )


def test_links_that_lead_to_themselves_and_pipes_do_not_stop_anything(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "notes/a.md").write_text("real marimba")
    (kb.root / "notes/loop.md").symlink_to(kb.root / "notes/loop.md")
    (kb.root / "notes/dangling.md").symlink_to(kb.root / "nowhere.md")
    (kb.root / "notes/around").symlink_to(kb.root / "notes")
    os.mkfifo(kb.root / "notes/pipe.md")
    assert "notes/a.md" in carrel("search", "marimba").out
    said = carrel("check")
    assert said.out == "notes/loop.md:1: too many levels of symbolic links [skipped]\n"


def test_a_name_that_is_not_utf8_is_reported_and_does_not_stop_anything(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "notes/a.md").write_text("real marimba")
    place = os.fsencode(kb.root / "notes") + b"/caf\xe9.md"
    os.close(os.open(place, os.O_CREAT))
    assert "notes/a.md" in carrel("search", "marimba").out
    assert "its name is not UTF-8; rename it" in carrel("check").out


def test_without_an_editor_it_says_how_to_name_one(
    carrel: Carrel, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write("notes/a.md", "text")
    monkeypatch.setenv("PATH", str(tmp_path))
    said = carrel("edit", "a")
    assert (said.code, said.err) == (2, "carrel: no editor is known\n        set one: export EDITOR=nano\n")


def test_an_editor_with_arguments_gets_the_file_as_one_argument_even_with_blanks_in_its_name(
    carrel: Carrel, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = write("notes/two words; rm -rf.md", "text")
    monkeypatch.setenv("EDITOR", f"{sys.executable} -c 'import sys; print(sys.argv[1:])' --wait")
    assert carrel("edit", "two words; rm -rf").code == 0
    monkeypatch.setenv("EDITOR", "'unbalanced")
    said = carrel("edit", "two words; rm -rf")
    assert (said.code, said.err.splitlines()[0]) == (
        2,
        'carrel: EDITOR="\'unbalanced" cannot be read: No closing quotation',
    )
    monkeypatch.setenv("EDITOR", "no-such-editor --wait")
    said = carrel("edit", "two words; rm -rf")
    assert said.err.splitlines()[0] == "carrel: the editor 'no-such-editor' did not start: no such file or directory"
    monkeypatch.setenv("EDITOR", "false")
    said = carrel("edit", "two words; rm -rf")
    assert said.err == "carrel: the editor 'false' ended with exit code 1\n        what it saved stays saved\n"
    assert place.read_text() == "text"


def test_a_read_only_note_is_refused_with_the_way_out(carrel: Carrel, write: Write) -> None:
    place = write("notes/a.md", "---\ntitle: A\n---\n")
    place.chmod(0o444)
    said = carrel("edit", "a", "--set", "rating=3")
    assert_one_clear_line(said)
    assert "is read-only; nothing was written" in said.err
    assert "chmod u+w" in said.err
    assert place.read_text() == "---\ntitle: A\n---\n"


def test_a_note_that_goes_away_between_listing_and_reading_is_left_out(kb: KnowledgeBase, write: Write) -> None:
    for name in "abc":
        write(f"notes/{name}.md", f"text of {name}")
    notes = kb.notes()
    first = next(notes)
    (kb.root / "notes/b.md").unlink()
    assert [first.path, *(note.path for note in notes)] == ["notes/a.md", "notes/c.md"]


INDEX_HINTS = {
    "ENOSPC": ("no space left on device", "make room on that disk; the index is only a cache"),
    "EROFS": ("read-only file system", "set XDG_CACHE_HOME to a folder that can be written"),
    "EACCES": (
        "permission denied",
        "make it yours (`ls -ld` tells whose it is), or set XDG_CACHE_HOME to a folder that can be written",
    ),
}


@pytest.mark.parametrize("refusal", INDEX_HINTS)
def test_a_search_does_without_an_index_that_the_system_refuses(
    kb: KnowledgeBase, write: Write, tmp_path: Path, strace: str, refusal: str
) -> None:
    write("notes/a.md", "marimba")
    inject = [strace, "-f", "-qq", "-o", os.devnull, "-e", "trace=mkdir", "-e", f"inject=mkdir:error={refusal}"]
    said = subprocess.run(
        [*inject, sys.executable, "-B", "-m", "carrel", "search", "marimba"],
        cwd=kb.root, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    reason, hint = INDEX_HINTS[refusal]
    place = KnowledgeBase.open(kb.root, {"XDG_CACHE_HOME": str(tmp_path / "cache")}).cache_dir / "index"
    assert (said.returncode, said.stdout.split()[0]) == (0, "notes/a.md:1")
    assert said.stderr == (
        f"the index cannot be kept in {place}: {reason}; searching without it, which is slower\n        {hint}\n"
    )


def test_a_cache_below_a_file_stops_no_search_and_index_and_doctor_say_what_is_wrong(
    carrel: Carrel, kb: KnowledgeBase, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("notes/a.md", "marimba")
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    place = KnowledgeBase.open(kb.root).cache_dir / "index"
    wrong = f"the index cannot be kept in {place}: not a directory"
    hint = "something on the way there is a file and no folder; set XDG_CACHE_HOME to a folder that can be written"
    for words in (["search", "marimba"], ["list"], ["list", "marimba"]):
        said = carrel(*words)
        assert said.code == 0
        assert "notes/a.md:1" in said.out
        assert said.err == f"{wrong}; searching without it, which is slower\n        {hint}\n"
    for words in (["index"], ["index", "--status"], ["index", "--rebuild"]):
        said = carrel(*words)
        assert (said.code, said.out, said.err) == (1, "", f"carrel: {wrong}\n        {hint}\n")
    said = carrel("doctor")
    assert said.code == 2
    assert f"!!  index: {wrong}\n      {hint}\n" in said.out


def test_a_full_disk_stops_no_search(kb: KnowledgeBase, write: Write, carrel: Carrel) -> None:
    write("notes/a.md", " ".join(f"marimba{number}" for number in range(20_000)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        said = carrel("search", "marimba19999")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (said.code, said.out.split()[0]) == (0, "notes/a.md:1")
    assert "file too large; searching without it" in said.err
    assert carrel("search", "marimba19999").err == ""


def test_what_reads_our_output_may_stop_reading(
    kb: KnowledgeBase, write: Write, process: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for number in range(300):
        write(f"notes/n{number}.md", "# A title long enough to fill the pipe " + "x" * 400)
    carrel = f"{sys.executable} -m carrel list"
    said = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {carrel} | head -1"],
        cwd=kb.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stdout.count("\n"), said.stderr) == (0, 1, "")


# --- arXiv ----------------------------------------------------------------------------------------------------------


class Answers(BaseHTTPRequestHandler):
    """Plays one status and body to every request."""

    status, body = 200, b""

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def arxiv(settings: Callable[[str], None]) -> Iterator[type[Answers]]:
    """A server on this machine that plays arXiv; the knowledge base is told to ask it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings(f'[arxiv]\nurl = "http://127.0.0.1:{server.server_port}"\n')
    yield Answers
    server.shutdown()
    server.server_close()


def test_no_network_is_one_line_and_no_note(carrel: Carrel, kb: KnowledgeBase, settings: Callable[[str], None]) -> None:
    settings('[arxiv]\nurl = "http://127.0.0.1:9"\n')  # the discard port: nothing listens there
    said = carrel("paper", "add", "2209.10652", "-q")
    assert_one_clear_line(said)
    assert list((kb.root / "papers").iterdir()) == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"not found"),
        (200, b"<html><body>Please wait</body></html>"),
        (200, b""),
        (200, b"<feed xmlns='http://www.w3.org/2005/Atom'></feed>"),
        (200, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>'),
        (200, b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>cut sh"),
    ],
)
def test_arxivs_odd_answers_are_one_line_and_no_note(
    carrel: Carrel, kb: KnowledgeBase, arxiv: type[Answers], status: int, body: bytes
) -> None:
    arxiv.status, arxiv.body = status, body
    said = carrel("paper", "add", "2209.10652", "-q")
    assert_one_clear_line(said)
    assert list((kb.root / "papers").iterdir()) == []


def test_a_paper_is_added_from_arxivs_answer(carrel: Carrel, kb: KnowledgeBase, arxiv: type[Answers]) -> None:
    arxiv.status = 200
    arxiv.body = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry>
      <id>http://arxiv.org/abs/2209.10652v1</id><title>Toy Models of
      Superposition</title><published>2022-09-21T16:49:00Z</published><summary>We study toy models.</summary>
      <author><name>Nelson Elhage</name></author><author><name>Tristan Hume</name></author></entry></feed>"""
    said = carrel("paper", "add", "https://arxiv.org/abs/2209.10652v1", "-q")
    assert (said.code, said.out) == (0, "papers/elhage2022toy.md\n")
    note = kb.read("papers/elhage2022toy.md")
    assert note.title == "Toy Models of Superposition"
    assert note.authors == ("Nelson Elhage", "Tristan Hume")
    assert (note.metadata["year"], note.metadata["arxiv"]) == ("2022", "2209.10652")
