"""`carrel log --attach` keeps a figure with its entry or neither, and `carrel verify` tells whether it is the same."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from carrel.store import attaching
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]
DAY = "notes/2026/2026-11-20.md"
PNG = b"\x89PNG\r\n\x1a\n of a loss"
SHA = sha256(PNG).hexdigest()
STORED = "notes/assets/2026/loss-8ff63739.png"
SHOWN = f"![Run 12, seed 3](../assets/2026/loss-8ff63739.png) <!-- sha256:{SHA} -->"


@pytest.fixture
def figure(tmp_path: Path) -> Path:
    place = tmp_path / "loss.png"
    place.write_bytes(PNG)
    return place


def test_a_figure_is_copied_shown_with_its_caption_and_its_digest_recorded(
    carrel: Carrel, kb: KnowledgeBase, figure: Path
) -> None:
    said = carrel("log", "Loss spikes", "-t", "sae", "--attach", str(figure), "--caption", "Run 12, seed 3")
    assert said.err == f"saved {DAY}: 14:32 Loss spikes\n"
    assert kb.read(DAY).body == f"\n## 14:32 Loss spikes\n\n{SHOWN}\n\n#sae\n"
    assert kb.read_bytes(STORED) == PNG


def test_captions_belong_to_what_is_attached_in_order(carrel: Carrel, kb: KnowledgeBase, figure: Path) -> None:
    (kb.root / "out.log").write_text("nan\n")
    carrel("log", "x", "--attach", str(figure), "--caption", "First", "--attach", "out.log", "--attach", str(figure))
    assert [link.label for link in kb.read(DAY).markup.links] == ["First", "out", "loss"]
    said = carrel("log", "y", "--attach", str(figure), "--caption", "One", "--caption", "Two")
    assert (said.code, said.err) == (
        2,
        "carrel: 'Two' is a caption of nothing\n        each belongs to one --attach FILE\n",
    )
    assert "y" not in kb.read(DAY).body


def test_the_same_figure_is_stored_once(carrel: Carrel, kb: KnowledgeBase, figure: Path) -> None:
    for words in ("one", "two"):
        assert carrel("log", words, "--attach", str(figure)).code == 0
    assert kb.files() == [STORED]
    assert [link.target for link in kb.read(DAY).markup.links] == ["../assets/2026/loss-8ff63739.png"] * 2


def test_the_same_figure_is_stored_once_also_over_the_turn_of_the_year(
    carrel: Carrel, kb: KnowledgeBase, figure: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.png").write_bytes(PNG)
    for day, name in (("2026-12-31", "loss"), ("2027-01-01", "loss"), ("2027-01-01", "other")):
        assert carrel("log", "x", "--attach", str(tmp_path / f"{name}.png"), "--at", f"{day} 9:00").code == 0
    assert kb.files() == [STORED, "notes/assets/2027/other-8ff63739.png"]
    [first, second] = kb.read("notes/2027/2027-01-01.md").markup.links
    assert (first.target, second.target) == ("../assets/2026/loss-8ff63739.png", "../assets/2027/other-8ff63739.png")
    kb.absolute(STORED).write_bytes(b"damaged")
    assert carrel("log", "x", "--attach", str(figure), "--at", "2027-01-02 9:00").code == 0
    assert kb.read_bytes("notes/assets/2027/loss-8ff63739.png") == PNG
    assert carrel("verify", "2027-01-02").code == 0


def test_a_file_of_another_year_is_not_taken_back_with_an_entry_that_is_refused(
    carrel: Carrel, kb: KnowledgeBase, write: Write, figure: Path
) -> None:
    write("notes/2027/2027-01-01.md", "").write_bytes("## 9:00 x".encode("utf-16"))
    assert carrel("log", "x", "--attach", str(figure)).code == 0
    assert carrel("log", "x", "--attach", str(figure), "--at", "2027-01-01 9:00").code == 1
    assert kb.files() == [STORED]


def test_an_entry_without_words_is_called_by_its_caption_or_else_by_the_file(
    carrel: Carrel, kb: KnowledgeBase, figure: Path
) -> None:
    carrel("log", "--attach", str(figure), "--caption", "Run 12, seed 3")
    carrel("log", "--attach", str(figure))
    assert [entry.title for entry in kb.read(DAY).entries] == ["Run 12, seed 3", "loss"]
    assert kb.read(DAY).body.startswith(f"\n## 14:32 Run 12, seed 3\n\n{SHOWN}\n")


def test_a_figure_below_piped_code_that_never_closes_is_shown_all_the_same(
    carrel: Carrel, kb: KnowledgeBase, figure: Path
) -> None:
    carrel("log", "-", "--attach", str(figure), stdin=b"Out:\n\n```\nnan\n")
    assert [link.label for link in kb.read(DAY).markup.links] == ["loss"]


def test_when_one_file_cannot_be_attached_there_is_no_entry_and_no_other_file(
    carrel: Carrel, kb: KnowledgeBase, figure: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    huge = tmp_path / "checkpoint.pt"
    with huge.open("wb") as file:
        file.truncate(attaching.LARGEST + 1)
    large = f"{huge} is larger than 100 MiB, which hosts of git refuse; nothing was written"
    for place, reason in (
        (tmp_path / "none.png", f"{tmp_path / 'none.png'}: no such file or directory"),
        (tmp_path, f"{tmp_path}: is a directory"),
        (tmp_path / "pipe", f"{tmp_path / 'pipe'}: not a regular file"),
        (huge, f"{large}\n        leave it where it is, and say its path in the entry"),
    ):
        said = carrel("log", "x", "--attach", str(figure), "--attach", str(place))
        assert (said.code, said.err) == (1, f"carrel: {reason}\n")
    assert (kb.stamps(), kb.files()) == ({}, [])


def test_a_file_of_an_entry_that_is_refused_is_taken_back_unless_it_was_there_before(
    carrel: Carrel, kb: KnowledgeBase, write: Write, figure: Path
) -> None:
    day = write(DAY, "---\nkind: log\n---\n")
    day.write_bytes("## 9:00 x".encode("utf-16"))
    said = carrel("log", "x", "--attach", str(figure))
    assert said.err.startswith(f"carrel: {DAY} is UTF-16")
    assert kb.files() == []
    assert carrel("log", "x", "--attach", str(figure), "--at", "2026-11-19 9:00").code == 0
    assert carrel("log", "x", "--attach", str(figure)).code == 1
    assert kb.files() == [STORED]


def test_on_a_full_disk_neither_the_entry_nor_its_figure_is_written(
    kb: KnowledgeBase, write: Write, process: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    def small() -> None:  # no file can be larger: what a full disk does, at a place that is known
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    (tmp_path / "large.png").write_bytes(PNG * 100)
    (tmp_path / "small.png").write_bytes(PNG)
    at = ("--at", "2026-11-20 14:32")
    said = process("log", "x", "--attach", "../small.png", "--attach", "../large.png", *at, preexec_fn=small)
    assert (said.returncode, said.stderr.partition(": not saved: ")[2]) == (1, "file too large\n")
    assert (kb.stamps(), kb.files()) == ({}, [])
    write(DAY, "---\nkind: log\n---\n\n" + "What was there. " * 58)
    before = kb.read_bytes(DAY)
    said = process("log", "x", "--attach", "../small.png", *at, preexec_fn=small)
    assert (said.returncode, said.stderr.partition(": not saved: ")[2]) == (
        1,
        "no space left on device\n        make room on the disk and run the command again\n",
    )
    assert (kb.read_bytes(DAY), kb.files(), list(kb.root.rglob("*.tmp"))) == (before, [], [])


# --- carrel verify ---------------------------------------------------------------------------------------------------


@pytest.fixture
def logged(carrel: Carrel, kb: KnowledgeBase, figure: Path) -> KnowledgeBase:
    (kb.root / "out.log").write_text("nan\n")
    assert carrel("log", "x", "--attach", str(figure), "--attach", "out.log").code == 0
    return kb


def test_attachments_that_are_the_same_are_no_findings(logged: KnowledgeBase, carrel: Carrel, write: Write) -> None:
    write("notes/plan.md", "Nothing is attached here.\n")
    said = carrel("verify")
    assert (said.code, said.out, said.err) == (0, "", "2 attachments in 1 note, 0 findings\n")
    assert carrel("verify", "--json").out == "[]\n"


def test_a_file_that_git_ignores_and_that_is_not_here_is_no_finding(logged: KnowledgeBase, carrel: Carrel) -> None:
    for path in logged.files():
        logged.absolute(path).unlink()
    subprocess.run(["git", "init", "-q"], cwd=logged.root, check=True)
    (logged.root / ".gitignore").write_text("assets/\n")
    said = carrel("verify")
    assert (said.code, said.out) == (0, "")
    assert said.err == (
        "2 attachments in 1 note, 0 findings\n2 files that git ignores may be on another machine: not here\n"
    )


def test_a_changed_and_a_vanished_file_are_found(logged: KnowledgeBase, carrel: Carrel) -> None:
    figure, output = logged.files()[::-1] if "out" in logged.files()[0] else logged.files()
    logged.absolute(figure).write_bytes(PNG + b"!")
    logged.absolute(output).unlink()
    said = carrel("verify")
    assert said.code == 2
    assert said.out == (
        f"{DAY}:10: {figure} was changed since it was attached [changed]\n{DAY}:12: {output} is gone [vanished]\n"
    )
    assert said.err == "2 attachments in 1 note, 2 findings: 1 changed, 1 vanished\n"
    assert [json.loads(row) for row in carrel("verify", "--jsonl", "today").out.splitlines()] == [
        {
            "path": DAY,
            "line": 10,
            "code": "changed",
            "message": f"{figure} was changed since it was attached",
            "file": figure,
            "sha256": SHA,
            "found": sha256(PNG + b"!").hexdigest(),
        },
        {
            "path": DAY,
            "line": 12,
            "code": "vanished",
            "message": f"{output} is gone",
            "file": output,
            "sha256": sha256(b"nan\n").hexdigest(),
            "found": "",
        },
    ]


def test_files_that_no_note_links_are_a_remark(logged: KnowledgeBase, carrel: Carrel, write: Write) -> None:
    for name in ("loss-0a1b2c3d.png", "out-0a1b2c3d.private.txt", "loss-8ff63739-2.png", "a-loss-8ff63739.png"):
        write(f"notes/assets/2026/{name}", "")
    write("notes/assets/2026/\u00fcber-0a1b2c3d.svg", "")
    write("notes/assets/by-hand.png", "")
    write("notes/plan.md", "As out-0a1b2c3d.private.txt. ![x](assets/2026/%C3%BCber-0a1b2c3d.svg)\n")
    said = carrel("verify")
    assert (said.code, said.out) == (0, "")
    assert said.err.splitlines() == [
        "2 attachments in 1 note, 0 findings",
        "3 files that no note links: "
        + ", ".join(
            f"notes/assets/2026/{name}.png" for name in ("a-loss-8ff63739", "loss-0a1b2c3d", "loss-8ff63739-2")
        ),
    ]
    assert "no note links" not in carrel("verify", "today").err
    for number in range(9):
        write(f"notes/assets/2026/z-0a1b2c3{number}.png", "")
    assert carrel("verify").err.endswith("notes/assets/2026/z-0a1b2c36.png, and 2 more\n")


def test_a_figure_whose_command_was_killed_before_its_entry_is_named(
    kb: KnowledgeBase, carrel: Carrel, strace: str, figure: Path
) -> None:
    words = ["log", "x", "--attach", str(figure), "--at", "2026-11-20 14:32"]
    killed = subprocess.run(
        [strace, "-qq", "-o", os.devnull, "-e", "trace=link", "-e", "inject=link:signal=SIGKILL:when=2",
         sys.executable, "-P", "-m", "carrel", *words],
        cwd=kb.root, capture_output=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (killed.returncode, kb.paths()) == (-9, [])
    said = carrel("verify")
    assert (said.code, said.err.splitlines()[-1]) == (0, f"1 file that no note links: {STORED}")


def test_a_link_that_leads_out_of_the_knowledge_base_is_not_followed(
    kb: KnowledgeBase, carrel: Carrel, write: Write, figure: Path
) -> None:
    (kb.root / "notes/out.png").symlink_to(figure)
    (kb.root / "notes/dangling.png").symlink_to(figure.parent / "none.png")
    (kb.root / "notes/in.png").symlink_to("kept.png")
    (kb.root / "notes/kept.png").write_bytes(PNG)
    write("notes/a.md", "".join(f"![x]({name}.png) <!-- sha256:{SHA} -->\n" for name in ("out", "dangling", "in")))
    assert carrel("verify").out == (
        "notes/a.md:1: notes/out.png is a link that leads out of the knowledge base [unreadable]\n"
        "notes/a.md:2: notes/dangling.png is a link that leads out of the knowledge base [unreadable]\n"
    )


def test_only_the_notes_that_are_named_are_looked_through(logged: KnowledgeBase, carrel: Carrel, write: Write) -> None:
    write("notes/plan.md", f"![x](none.png) <!-- sha256:{SHA} -->\n")
    assert carrel("verify", "today").err == "2 attachments in 1 note, 0 findings\n"
    said = carrel("verify", "plan")
    assert (said.code, said.out) == (2, "notes/plan.md:1: notes/none.png is gone [vanished]\n")


def test_records_written_by_hand_are_verified_or_said_to_be_none(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write("plots/loss.png", PNG.decode("latin-1"))
    (kb.root / "plots/loss.png").write_bytes(PNG)
    write("notes/fig.svg", "<svg/>")
    write(
        "notes/a.md",
        f"![a](../plots/loss.png) <!-- sha256:{SHA} -->\n"
        f"![[fig.svg]] <!-- sha256:{sha256(b'<svg/>').hexdigest()} -->\n"
        "![a](../plots/loss.png) <!-- sha256:123 -->\n"
        f"words <!-- sha256:{SHA} -->\n"
        f"![a](../../x.png) <!-- sha256:{SHA} -->\n"
        f"![a](../plots) <!-- sha256:{SHA} -->\n",
    )
    said = carrel("verify")
    assert said.out == (
        "notes/a.md:3: a record that is no SHA-256 [bad-record]\n"
        "notes/a.md:4: a record behind no link [bad-record]\n"
        "notes/a.md:5: ../x.png is outside the knowledge base [unreadable]\n"
        "notes/a.md:6: plots is no file [unreadable]\n"
    )
    assert said.err == "6 attachments in 1 note, 4 findings: 2 bad-record, 2 unreadable\n"


# --- what is private -------------------------------------------------------------------------------------------------


def test_what_comes_with_a_private_entry_is_a_private_file_of_its_own(
    carrel: Carrel, kb: KnowledgeBase, figure: Path
) -> None:
    (figure.parent / "Makefile").write_text("all:\n")
    private = "notes/assets/2026/loss-8ff63739.private.png"
    for options in ((), ("--private",), ("--private",)):
        assert carrel("log", *options, "x", "--attach", str(figure)).code == 0
    assert kb.files() == [STORED, private]
    assert kb.read(DAY).markup.links[0].target == "../assets/2026/loss-8ff63739.png"
    day = kb.read("notes/2026/2026-11-20.private.md")
    assert f"![loss](../assets/2026/loss-8ff63739.private.png) <!-- sha256:{SHA} -->" in day.body
    assert carrel("log", "--private", "--attach", str(figure.parent / "Makefile")).code == 0
    assert [path for path in kb.files() if "makefile" in path and path.endswith(".private.bin")]
    said = carrel("verify")
    assert (said.code, said.out, said.err) == (0, "", "4 attachments in 2 notes, 0 findings\n")
    kb.absolute(private).write_bytes(b"another")
    assert carrel("verify").code == 2


def test_a_file_is_private_by_its_folder_or_by_what_it_links_to(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write("foo.private.d/loss.png", "one")
    write("two.private.v2.png", "two")
    (kb.root / "a.png").symlink_to("foo.private.d/loss.png")
    (kb.root / "b.png").symlink_to("two.private.v2.png")
    names = ("foo.private.d/loss.png", "two.private.v2.png", "a.png", "b.png")
    assert carrel("log", "x", *(word for name in names for word in ("--attach", name))).code == 0
    assert [path.rpartition("/")[2].partition("-")[0] for path in kb.files()] == ["a", "b", "loss", "two"]
    assert [path for path in kb.files() if not path.endswith(".private.png")] == []
    assert carrel("verify").code == 0


def test_the_figures_of_a_private_run_are_private(process: Callable[..., object], kb: KnowledgeBase) -> None:
    process("run", "--private", "--figure", "*.svg", "--", "sh", "-c", "echo '<svg/>' > fig.svg")
    process(
        "run", "--figure", "*.d/*.svg", "--", "sh", "-c", "mkdir x.private.d; echo '<svg></svg>' > x.private.d/b.svg"
    )
    names = [path.rpartition("/")[2] for path in kb.files()]
    assert [(name[:2], name[-12:]) for name in names] == [("b-", ".private.svg"), ("fi", ".private.svg")]


# --- the site --------------------------------------------------------------------------------------------------------


def test_the_site_shows_a_figure_with_its_caption_without_its_digest_and_no_private_file(
    carrel: Carrel, kb: KnowledgeBase, tmp_path: Path
) -> None:
    (tmp_path / "drawing.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>')
    (tmp_path / "output.private.txt").write_text("the loss is nan\n")
    (kb.root / "mkdocs.yml").write_text(
        "site_name: x\ndocs_dir: notes\nsite_dir: site/public\ntheme: material\nplugins: [carrel]\n"
    )
    kb.config_path.write_text('visibility = "lab"\n')
    caption = "p(x) < 1 of run_2 [seed 1]"
    said = carrel(
        "log",
        "x",
        "--attach",
        str(tmp_path / "drawing.svg"),
        "--caption",
        caption,
        "--attach",
        str(tmp_path / "output.private.txt"),
    )
    assert said.code == 0
    private = next(path for path in kb.files() if path.endswith(".private.txt"))
    (kb.root / "notes/link.txt").symlink_to(kb.absolute(private))
    (kb.root / "notes/Draft.PRIVATE.csv").write_text("the loss is nan\n")
    place = kb.root / DAY
    place.write_text(f"{place.read_text()}\n![[link.txt]] see [the data](../Draft.PRIVATE.csv)\n")
    said = carrel("build", "--audience", "lab")
    assert said.code == 0, said.err
    # Only of the link, whose own name does not say so.
    assert said.err.count("is not published: it is private by its name") == 1, said.err
    assert "1 link to nowhere, 2 links to what is not shared" in said.err
    page = (kb.root / "site/public/notes/2026/2026-11-20.html").read_text("utf-8")
    assert "<figcaption>p(x) &lt; 1 of run_2 [seed 1]</figcaption></figure>" in page
    assert "sha256:" not in page
    assert "output" not in page, "nothing is left of a private file that stands alone"
    assert " see the data</p>" in page
    assert "Draft" not in page
    published = [path for path in (kb.root / "site/public").rglob("*") if path.is_file()]
    assert [path for path in published if b"the loss is nan" in path.read_bytes()] == []
    assert [path for path in published if ".private." in path.name.lower()] == []
