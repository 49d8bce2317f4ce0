"""Quotes: each appended once, as text and not as markup, and not a byte of what was there changed."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.parse import parse_note
from carrel.core.quotes import Highlight, append_quotes, new_quotes

ONE = Highlight("1a2b3c4d", "3", "Features are sparse.", "Are they?")
TWO = Highlight("5e6f7a8b", "iv", "They are linear.")
NOTE = """---
title: Toy models
kind: paper
---

## TL;DR

Sparse.

## Quotes <!-- level: read -->

<!-- The authors' exact words, each with its page. -->

## Abstract

> Ours.
"""


def test_quotes_are_appended_to_their_section_with_page_comment_and_block_id() -> None:
    assert append_quotes(NOTE, [ONE, TWO]) == NOTE.replace(
        "each with its page. -->\n",
        """each with its page. -->

> "Features are sparse." (p. 3) ^q-1a2b3c4d

Are they?

> "They are linear." (p. iv) ^q-5e6f7a8b

<!-- carrel:quotes 1a2b3c4d 5e6f7a8b -->
""",
    )


def test_what_is_there_is_not_appended_again_even_when_somebody_deleted_or_changed_it() -> None:
    once = append_quotes(NOTE, [ONE])
    assert append_quotes(once, [ONE]) == once
    without = re.sub(r"> .*\n\nAre they\?\n\n", "", once)
    assert "^q-" not in without
    assert append_quotes(without, [ONE]) == without
    moved = once.replace("<!-- carrel:quotes 1a2b3c4d -->\n", "").replace('sparse."', 'very sparse."')
    assert new_quotes(moved, [ONE, TWO, TWO]) == [TWO]


def test_later_quotes_come_after_the_earlier_ones_and_what_was_written_about_them() -> None:
    once = append_quotes(NOTE, [ONE]).replace("Are they?\n", "Are they?\n\nI doubt it.\n")
    twice = append_quotes(once, [ONE, TWO])
    assert twice == once.replace(
        "I doubt it.\n\n<!-- carrel:quotes 1a2b3c4d -->\n",
        'I doubt it.\n\n> "They are linear." (p. iv) ^q-5e6f7a8b\n\n<!-- carrel:quotes 1a2b3c4d 5e6f7a8b -->\n',
    )
    below = once.replace("4d -->\n", "4d -->\n\nBelow the marker.\n")
    assert append_quotes(below, [TWO]) == below.replace("4d -->", "4d 5e6f7a8b -->").replace(
        "Below the marker.\n", 'Below the marker.\n\n> "They are linear." (p. iv) ^q-5e6f7a8b\n'
    )


def test_a_section_that_is_missing_is_made_before_the_abstract_or_at_the_end() -> None:
    before = "## TL;DR\n\nSparse.\n\n## Abstract\n\n> Ours.\n"
    assert append_quotes(before, [TWO]) == before.replace(
        "Sparse.\n",
        'Sparse.\n\n## Quotes\n\n> "They are linear." (p. iv) ^q-5e6f7a8b\n\n<!-- carrel:quotes 5e6f7a8b -->\n',
    )
    made = '## Quotes\n\n> "They are linear." (p. iv) ^q-5e6f7a8b\n\n<!-- carrel:quotes 5e6f7a8b -->'
    assert append_quotes("", [TWO]) == f"{made}\n"
    assert append_quotes("No newline", [TWO]) == f"No newline\n\n{made}\n"
    assert append_quotes("---\ntitle: T\n---\n", [TWO]) == f"---\ntitle: T\n---\n\n{made}\n"


def test_lines_that_end_as_on_windows_stay_so_and_new_ones_do_too() -> None:
    note = NOTE.replace("\n", "\r\n")
    assert append_quotes(note, [ONE, TWO]) == append_quotes(NOTE, [ONE, TWO]).replace("\n", "\r\n")


def test_a_comment_alone_and_a_comment_of_several_lines() -> None:
    alone = Highlight("00000001", "", "", "First.\n\n# Second\n- third")
    assert "## Quotes\n\nFirst. ^q-00000001\n\n- \\# Second\n- \\- third\n\n<!--" in append_quotes("", [alone])
    assert append_quotes("x", [Highlight("00000002", "2", " ", "\n")]) == "x"


def test_quotes_are_not_put_where_nobody_would_see_them() -> None:
    with pytest.raises(CannotEdit, match="never closed"):
        append_quotes("## Quotes\n\n```\ncode", [ONE])
    with pytest.raises(CannotEdit, match="never closed"):
        append_quotes("## Quotes\n\n<!-- a comment", [ONE])


NASTY = st.lists(
    st.sampled_from(["a", " ", "\n", "#", "^", "-", ">", "[[x]]", "@key", "`", "*", "$", "<!--", "-->", "%%", "|", "\r",
                     "```", "~~~", "===", "1.", "{:", "!", "\\", "\0", "\u2028", "é", "## Quotes", "^q-1a2b3c4d", "<b>",
                     "![](x)", "http://x"]),
    max_size=12,
).map("".join)  # fmt: skip
HIGHLIGHTS = st.lists(
    st.builds(Highlight, st.from_regex(r"[0-9a-f]{8}", fullmatch=True), NASTY, NASTY, NASTY), min_size=1, max_size=4
)


@given(HIGHLIGHTS)
@example([Highlight("1a2b3c4d", "3", "a\u2028## Quotes", "^q-1a2b3c4d\n```")])
def test_whatever_was_marked_becomes_text_and_nothing_else(found: list[Highlight]) -> None:
    note = parse_note("n.md", append_quotes(NOTE, found).encode())
    markup, plain = note.markup, parse_note("n.md", NOTE.encode()).markup
    assert [one.text for one in markup.headings] == [one.text for one in plain.headings]
    assert (markup.links, markup.citations, markup.tags) == ((), (), ())
    wanted = [one for one in found if one.text.strip() or one.comment.strip()]
    assert set(markup.blocks) == {f"q-{one.id}" for one in wanted}
    assert len(markup.comments) == len(plain.comments) + bool(wanted)


@given(st.lists(st.sampled_from(["## Quotes", "# Quotes", "### In it", "## Abstract", "text", "", " ", "> q", "- item",
                                 "<!-- carrel:quotes 00000001 -->", "```", "---", "title: x", "Quotes\n------", "\t"])),
       st.sampled_from(["\n", "\r\n"]), HIGHLIGHTS)  # fmt: skip
def test_what_was_there_stays_byte_for_byte_and_a_second_time_adds_nothing(
    parts: list[str], line_end: str, found: list[Highlight]
) -> None:
    old = line_end.join(parts).replace("\n", line_end).replace("\r\r", "\r")
    try:
        new = append_quotes(old, found)
    except CannotEdit:
        return
    assert append_quotes(new, found) == new
    rest = iter(new)
    assert all(char in rest for char in old)  # only insertions
    for line in old.split(line_end):
        assert line in new or line.startswith("<!-- carrel:quotes")
