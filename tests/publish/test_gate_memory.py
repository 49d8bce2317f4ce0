"""What the gate remembers makes it quick and never lenient: with it, it finds what it finds without it."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
import time
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.publish.gate import note_words, site_lines
from carrel.publish.gate.gate_memory import Damaged, Memory
from tests.publish.support import knowledge_base
from tests.publish.test_gate import HIDDEN, KEYS, NOTES, PHRASE, check

OPEN = NOTES["notes/open.md"]
#: Long enough ago for a file to be believed to stay as it is.
LONG_AGO = time.time_ns() - 3_600_000_000_000


def memory_of(root: Path) -> Path:
    return knowledge_base(root / "kb", {}).cache_dir / f"gate-{Visibility.PUBLIC}.db"


def age(root: Path) -> None:
    """Let all files have been written long ago."""
    for place in root.rglob("*"):
        if place.is_file():
            os.utime(place, ns=(LONG_AGO, LONG_AGO))


def files_of(said: list[str]) -> list[str]:
    return [one.partition(":")[0] for one in said]


def test_a_phrase_is_found_across_lines_that_each_stood_on_a_page_before(tmp_path: Path) -> None:
    lines = ["<li>we will</li>", "<li>offer</li>", "<li>two hundred</li>", "<li>million for it</li>"]
    apart = {f"{number}.html": f"<p>a{number}</p>\n{line}\n<p>b</p>" for number, line in enumerate(lines)}
    assert check(tmp_path, apart) == []
    assert files_of(check(tmp_path, {**apart, "z.html": "\n\n  ".join(lines)})) == ["z.html"]


def test_a_tag_over_several_lines_is_no_part_of_a_phrase(tmp_path: Path) -> None:
    page = "<p>we will <em\n class='x'\n id='y'>offer two</em> hundred million\n for it</p>"
    assert files_of(check(tmp_path, {"a.html": page})) == ["a.html"]


def test_a_file_of_the_same_inode_size_and_time_is_not_read_again(tmp_path: Path) -> None:
    place = tmp_path / "site/a.html"
    assert check(tmp_path, {"a.html": "<p>Nothing of it...</p>"}) == []
    age(tmp_path / "site")
    assert check(tmp_path, {}) == []
    for text, when, found in (
        ("<p>Project Stripes</p>.", LONG_AGO, []),
        ("<p>Project Stripes</p>.", LONG_AGO + 1, ["a.html"]),
        ("<p>Project Stripes</p>", LONG_AGO + 1, ["a.html"]),
    ):
        place.write_text(text)
        os.utime(place, ns=(when, when))
        assert files_of(check(tmp_path, {})) == found


def test_a_hidden_note_that_changes_is_looked_for_in_pages_that_do_not(tmp_path: Path) -> None:
    pages = {"a.html": "<p>The board of directors met on the moon</p>", "b.html": "<p>Orion</p>"}
    assert check(tmp_path, pages) == []
    age(tmp_path / "site")
    assert check(tmp_path, {}) == []
    for text, file in (("The board of directors met on the moon, in secret.\n", "a.html"), ("# Orion\n", "b.html")):
        assert files_of(check(tmp_path, {}, {"notes/x.md": text})) == [file]
    assert check(tmp_path, {}, {"notes/x.md": "Nothing.\n"}) == []


def test_what_a_shared_note_no_longer_says_stops_the_site_that_still_does(tmp_path: Path) -> None:
    page = {"a.html": f"<p>{PHRASE}, says Project Stripes</p>"}
    own = f"{OPEN}\n{PHRASE}. Project Stripes.\n"
    for _ in range(2):
        assert check(tmp_path, page, {"notes/open.md": own}) == []
        assert files_of(check(tmp_path, page)) == ["a.html"]


def test_a_link_is_the_words_of_the_note_only_while_what_it_names_is_shared(tmp_path: Path) -> None:
    own, page = f"{OPEN}\n[[Project Stripes]]\n", {"a.html": "<p>Project Stripes</p>"}
    assert files_of(check(tmp_path, page, {"notes/open.md": own})) == ["a.html"]
    assert files_of(check(tmp_path, page, {"notes/open.md": own})) == ["a.html"]


def test_a_name_in_a_file_that_a_note_shares_does_not_count_and_in_a_page_of_the_same_bytes_it_does(
    tmp_path: Path,
) -> None:
    assert check(tmp_path, {"assets/list.txt": "Project Stripes"}) == []
    assert files_of(check(tmp_path, {"assets/list.txt": "Project Stripes", "list.txt": "Project Stripes"})) == [
        "list.txt"
    ]


def test_a_key_that_was_allowed_is_found_on_every_page_when_it_is_not_any_more(tmp_path: Path) -> None:
    page = f"<p>Frame</p>\n<p>{KEYS['github-token']()}</p>\n<p>End</p>"
    (said,) = check(tmp_path, {"a.html": page, "b.html": page + "\n", "c.html": "<p>Frame</p>\n<p>End</p>"})
    allow = {".carrel/config.toml": f'[publish.allow]\n{said.rpartition(" ")[2]} = "made up for a test"\n'}
    assert check(tmp_path, {}, allow) == []
    (tmp_path / "site/a.html").unlink()
    age(tmp_path / "site")
    assert check(tmp_path, {}, allow) == []
    (tmp_path / "kb/.carrel/config.toml").write_text("")
    assert files_of(check(tmp_path, {})) == ["b.html"]


def test_lines_that_no_page_has_any_more_are_forgotten_and_the_others_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_lines, "_SPARE", 0)
    kept = {f"{number}.html": f"<p title='label {number}'>line {number}</p>\n<p>we will</p>" for number in range(3)}
    gone = {f"old{number}.html": f"<p>word{number} and\nmore{number}</p>\n{number}" for number in range(30)}
    assert check(tmp_path, {**gone, **kept}) == []
    before = remembered(tmp_path, "keys")
    for name in gone:
        (tmp_path / "site" / name).unlink()
    assert check(tmp_path, {}) == []
    assert remembered(tmp_path, "keys") < before / 2
    new = {"new.html": "<p>we will</p>\n<p>offer two hundred million for it</p>"}
    hidden = {"notes/x.md": "# Line 2\n", "notes/y.md": "# Label 1\n"}
    assert files_of(check(tmp_path, new, hidden)) == ["1.html", "2.html", "new.html"]


def remembered(root: Path, kind: str) -> int:
    """The bytes that are kept of a kind."""
    place = memory_of(root)
    with Memory(place, rules_of(place)) as memory:
        return sum(len(value) for _, value in memory.values(kind))


def rules_of(place: Path) -> str:
    from carrel.publish.gate.credentials import RULES
    from carrel.publish.gate.scanner import version

    assert place.is_file()
    return f"{RULES} {version()} papers"


@pytest.mark.parametrize("damage", ["empty", "cut short", "noise", "a flipped bit", "another format", "a folder"])
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, damage: str) -> None:
    page = {"a.html": f"<p>{PHRASE}</p>\n" + "<p>More of it.</p>\n" * 50}
    own = {"notes/open.md": f"{OPEN}\n{PHRASE}. More of it.\n"}
    assert check(tmp_path, page, own) == []
    age(tmp_path / "site")
    assert check(tmp_path, {}, own) == []
    place = memory_of(tmp_path)
    data = place.read_bytes()
    if damage == "a flipped bit":
        with sqlite3.connect(place) as db:
            db.execute("update kept set value = zeroblob(length(value))")
    elif damage == "another format":
        with sqlite3.connect(place) as db:
            db.execute("pragma user_version = 7")
    elif damage == "a folder":
        place.unlink()
        place.mkdir()
    else:
        noise = random.Random(3).randbytes(9000)
        place.write_bytes({"empty": b"", "cut short": data[: len(data) // 2], "noise": noise}[damage])
    assert check(tmp_path, {}, own) == []
    assert files_of(check(tmp_path, {}, {"notes/open.md": OPEN})) == ["a.html"]


def test_of_two_builds_at_once_one_is_remembered_as_a_whole(tmp_path: Path) -> None:
    place = tmp_path / "deep/memory.db"
    with Memory(place, "") as one, Memory(place, "") as other:
        assert [*one.values("a")] == [*other.values("a")] == []
        one.save([("a", b"1", b"one")])
        other.save([("a", b"1", b"other"), ("a", b"2", b"other")])
    with Memory(place, "") as memory:
        assert [*memory.values("a")] in ([(b"1", b"one")], [(b"1", b"other"), (b"2", b"other")])
    with Memory(place, "other rules") as memory:
        assert [*memory.values("a")] == []


@pytest.mark.parametrize("seed", range(6))
def test_whatever_changes_the_same_is_found_with_a_memory_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Notes and pages come, go, change, change places and visibility, from one build to the next."""
    monkeypatch.setattr(note_words, "_RACY_NS", 0)  # no test can wait two seconds for its notes to be remembered
    chosen = random.Random(seed)
    says = [PHRASE, "Project Stripes", "Orion nebula", "the board met on the moon in secret last week", "plain words"]
    found = 0
    for step in range(12):
        number = chosen.randrange(4)
        text = "\n\n".join(chosen.sample(says, 2))
        shared, hidden = f"notes/shared{number}.md", f"notes/hidden{number}.md"
        lines = [f"<p title='{chosen.choice(says)}'>{line}</p>" for line in text.split("\n")]
        links = f"[[hidden{number}]] [[Orion nebula]]"
        notes = chosen.choice([
            {shared: f"---\ntitle: Shared {number}\nvisibility: public\n---\n{text}\n{links}\n"},
            {hidden: f"---\ntitle: {chosen.choice(says)} {number}\n---\n{text}\n"},
            {hidden: f"---\ntitle: Orion nebula\naliases: [Project Stripes]\n---\n{text}\n"},
        ])  # fmt: skip
        for place in (
            tmp_path / f"site/p{chosen.randrange(4)}.html",
            tmp_path / "kb" / chosen.choice([shared, hidden]),
        ):
            if chosen.random() < 0.3:
                place.unlink(missing_ok=True)
        shown = [f"notes/shared{one}.md" for one in range(4) if chosen.random() < 0.8]
        said = check(tmp_path, {f"p{number}.html": "\n".join(lines)} if step % 3 else {}, notes, shown)
        found += len(said)
        age(tmp_path)
        assert check(tmp_path, {}, {}, shown) == said
        memory_of(tmp_path).rename(tmp_path / "remembered")
        assert check(tmp_path, {}, {}, shown) == said
        (tmp_path / "remembered").replace(memory_of(tmp_path))
    assert found > 12


def test_what_is_remembered_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert check(tmp_path, {"a.html": "x"}) == []
    place = memory_of(tmp_path)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert b"zebra" not in place.read_bytes().lower().replace(HIDDEN.encode(), b"")


def test_a_memory_that_is_wrong_says_so_once_and_is_gone(tmp_path: Path) -> None:
    place = tmp_path / "memory.db"
    with Memory(place, "") as memory:
        memory.save([("a", b"1", b"one")])
    with sqlite3.connect(place) as db:
        db.execute("update kept set value = x'00'")
    with pytest.raises(Damaged), Memory(place, "") as memory:
        [*memory.values("a")]
    assert not place.exists()
