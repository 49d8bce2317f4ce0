"""Conflicts as git leaves them: two sides, and one digest of both."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.conflict import Sides, conflict_line, is_untouched, merged, sides
from carrel.core.digest import SECTIONS, Part
from carrel.core.digest_merge import settled
from carrel.core.digest_parts import rewritten

HEAD = "---\ntitle: Week\nkind: digest\n---\n\n<!-- Words of yours go first. -->\n"
WHOLE = [Part(SECTIONS[number // 3], f"p{number}", f"### Part {number}\n\nIt says {number}.") for number in range(9)]
FRESH = rewritten(HEAD, WHOLE).text


def git_merge(tmp_path: Path, mine: str, theirs: str, *options: str, base: str = "") -> str:
    """What git makes of two files, which both added or made of one."""
    for name, text in (("mine", mine), ("theirs", theirs), ("base", base)):
        (tmp_path / name).write_bytes(text.encode())
    command = ["git", "merge-file", "-p", *options, "mine", "base", "theirs"]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout.decode()


def torn(mine: str, theirs: str) -> Sides:
    both = sides(f"<<<<<<< HEAD\n{mine}=======\n{theirs}>>>>>>> ben\n")
    assert both is not None
    return both


@pytest.mark.parametrize("options", [(), ("--diff3",), ("--zdiff3",)])
def test_the_sides_of_what_git_merged_are_the_texts_that_were_merged(tmp_path: Path, options: tuple[str, ...]) -> None:
    mine, theirs = "a\nb\nc\n\nd\n", "a\nB\nc\n\nd\ne"
    assert sides(git_merge(tmp_path, mine, theirs + "\n", *options)) == (mine, theirs + "\n", "mine", "theirs")


BASE = "one\n\n- twin\n- twin\n\ntwo\n\nthree\n\nlast\n"
MINE = BASE.replace("two", "two of mine").replace("last", "last\n\nmine")
THEIRS = BASE.replace("one", "one of theirs").replace("two", "two of theirs")


@pytest.mark.parametrize("options", [(), ("--diff3",), ("--zdiff3",)])
@pytest.mark.parametrize("base", ["", BASE])
def test_a_conflict_is_untouched_until_a_hand_was_in_it(tmp_path: Path, base: str, options: tuple[str, ...]) -> None:
    torn = git_merge(tmp_path, MINE, THEIRS, *options, base=base)
    assert is_untouched(torn, base, MINE, THEIRS)
    assert is_untouched(torn.replace("\n", "\r\n"), base, MINE, THEIRS)
    by_hand = {
        "wrote": torn.replace("\nthree\n", "\nthree\nby hand\n"),
        "wrote between the marks": torn.replace("=======\n", "by hand\n=======\n"),
        "took one of two equal lines": torn.replace("- twin\n- twin\n", "- twin\n", 1),
        "took both": torn.replace("- twin\n", ""),
        "added a twin": torn.replace("- twin\n", "- twin\n- twin\n", 1),
        "moved a line": torn.replace("\nthree\n", "\n", 1).replace("last\n", "last\nthree\n", 1),
        "took what one side wrote": torn.replace("one of theirs", "one"),
        "took a side": torn.replace("two of mine\n", ""),
        "took the marks": torn.replace("<<<<<<< mine\n", ""),
    }
    assert [what for what, text in by_hand.items() if text == torn or is_untouched(text, base, MINE, THEIRS)] == []


def test_what_looks_like_a_mark_outside_of_the_conflict_is_text() -> None:
    around = "Title\n=======\n\n>>>>>>> a quotation of quotations\n"
    text = f"{around}<<<<<<< HEAD\na\n=======\nb\n>>>>>>> ben\n{around}"
    assert sides(text) == (f"{around}a\n{around}", f"{around}b\n{around}", "HEAD", "ben")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n=======\n>>>>>>> b\n",
        "<<<<<<< a\n=======\n",
        "<<<<<<< a\n<<<<<<< a\n=======\n>>>>>>> b\n",
        "<<<<<<< a\nTitle\n=======\nx\n=======\n>>>>>>> b\n",
    ],
)
def test_marks_that_do_not_stand_as_git_sets_them_have_no_sides(text: str) -> None:
    assert sides(text) is None


@settings(max_examples=10)
@given(st.sets(st.sampled_from(range(9))), st.sets(st.sampled_from(range(9))))
def test_of_two_digests_that_nobody_edited_comes_the_one_that_tells_all(some: set[int], others: set[int]) -> None:
    mine, theirs = (rewritten(HEAD, [WHOLE[number] for number in sorted(one)]).text for one in (some, others))
    assert settled(torn(mine, theirs), WHOLE, FRESH).text == FRESH


@settings(max_examples=10)
@given(st.sampled_from(range(9)), st.sampled_from(range(9)), st.sets(st.sampled_from(range(9))))
def test_what_each_wrote_in_a_part_of_their_own_is_there_after(one: int, other: int, unseen: set[int]) -> None:
    seen = rewritten(HEAD, [WHOLE[number] for number in range(9) if number not in unseen - {other}]).text
    mine = FRESH.replace(f"It says {one}.", "By Ada.").replace("<!-- Words", "Hello.\n\n<!-- Words")
    theirs = seen.replace(f"It says {other}.", "By Ben.")
    done = settled(torn(mine, theirs), WHOLE, FRESH)
    assert done.text.count("By Ada.") == done.text.count("By Ben.") == 1
    assert done.text.count("Hello.\n\n<!-- Words") == 1
    assert bool(conflict_line(done.text)) == (one == other)
    if one == other:
        assert f"### Part {one}\n\n<<<<<<< HEAD\nBy Ada.\n=======\nBy Ben.\n>>>>>>> ben\n\n<!-- /carrel" in done.text
        assert sides(done.text) is not None


def test_what_one_took_out_stays_out_and_what_was_not_seen_comes_in() -> None:
    first, second, third = WHOLE[:3]
    region = rewritten("", [second]).text.partition("## Highlights\n\n")[2].partition("\n\n<!-- carrel:digest parts")[0]
    mine = rewritten(HEAD, [first, second]).text.replace(region + "\n\n", "")
    theirs = rewritten(HEAD, [first, second, third]).text
    fresh = rewritten(HEAD, [first, second, third]).text
    done = settled(torn(mine, theirs), [first, second, third], fresh)
    assert [name in done.text for name in ("says 0", "says 1", "says 2")] == [True, False, True]
    assert done.left_out == ["p1"]


def test_a_conflict_of_lines_that_end_as_on_windows_is_solved_with_such_lines() -> None:
    mine, theirs = (rewritten(HEAD, some).text.replace("\n", "\r\n") for some in (WHOLE[:2], WHOLE[1:]))
    assert settled(torn(mine, theirs), WHOLE, FRESH).text == FRESH.replace("\n", "\r\n")


@given(st.lists(st.sampled_from("abc"), max_size=8), st.data())
def test_where_one_side_did_nothing_the_other_is_taken(base: list[str], data: st.DataObject) -> None:
    changed = "".join(f"{line}\n" for line in data.draw(st.lists(st.sampled_from("abcd"), max_size=8)))
    old = "".join(f"{line}\n" for line in base)
    assert merged(old, Sides(changed, old, "", "")) == merged(old, Sides(old, changed, "", "")) == changed
    assert merged(old, Sides(changed, changed, "", "")) == changed


@settings(max_examples=12)
@given(st.lists(st.integers(5, 80), max_size=4), st.lists(st.integers(5, 80), max_size=4), st.sampled_from(range(9)))
def test_no_line_that_a_hand_wrote_is_lost(ada: list[int], ben: list[int], unseen: int) -> None:
    wholes = FRESH, rewritten(HEAD, [part for part in WHOLE if part.name != f"p{unseen}"]).text
    written: list[str] = []
    both = []
    for name, whole, places in zip(("ada", "ben"), wholes, (ada, ben), strict=True):
        lines = whole.splitlines(keepends=True)
        for place in places:
            written.append(f"By {name}, {len(written)}.")
            lines.insert(place, f"{written[-1]}\n")
        both.append("".join(lines))
    done = settled(torn(*both), WHOLE, FRESH)
    assert [line for line in written if done.text.count(line) != 1] == []
