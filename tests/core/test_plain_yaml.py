"""What is read without PyYAML is what PyYAML reads: values, places, and that nothing is wrong."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.frontmatter import read
from carrel.core.plain_yaml import Place, read_plain
from carrel.core.yaml_events import read_yaml
from tests.core.test_frontmatter_oracles import suite
from tests.core.test_visibility import PRIVATE_TEXTS, PUBLIC_TEXTS

PLAIN = """\
title: Does it matter? "Yes", says O'Brien [sic] — 概要 😀
url: https://example.org/a?b=c&d=e
at: 2026-11-20 14:32
arxiv: 2310.06820
quoted: "a: b # \\"c\\" \\\\d"
single: 'a: "b" \\c'
empty:
tags: [sae, logit lens, "a, b", 'c]', 2026-11-20]
none: []
authors:
  - Ada Lovelace
  - "Hopper, Grace"
aliases:
- Toy
sessions:
  - {date: 2026-11-20, level: skim, minutes: 10}
  - { date: 2026-11-21 ,level: read }
"""

#: One line each that is left to PyYAML. Some it reads, some it complains of.
DOUBTFUL = [
    "a: b # comment", "# comment", "a: b: c", "a: b:", "a :b", "a: [b", "a: [b, c]d", "a: [b: c]", "a: [b, , c]",
    "a: [[b]]", "a: [b?]", "a: {b: c}", "a: &x b", "a: *x", "a: !!int 3", "a: |", "a: >-", "a: @b", "a: -1", "a: - b",
    "a: ~", "a: ? b", "a: %b", 'a: "b', 'a: "b\\n"', 'a: "b" c', "a: 'it''s'", "a: 'b' c", "? a", "<<: b", "- a", "a",
    "a:\tb", "a: b\tc", " a: b", "a:\n - b: c", "a:\n - - b", "a:\n -", "a:\n  - b\n - c", "a:\n  b", "a: b\n\nc: d",
    "a: b\r", "a: b\x07", "a: b\x85c", "a: b\u2028c", "a: b\u200b", "a: b\u00a0", "\ufeffa: b", "a: 1\na: 2", '"a": b',
    "%YAML 1.1", "a: &", "a:\n- {b: c, b: d}", "a:\n- {b: c d}", "a:\n- {b:c}", "a:\n- {b}", "a:\n- {}",
    "a:\n- {b: c}d", "a:\n- {b: ~}", "a:\n- {b: [c]}", "a:\n- {b: c",
]  # fmt: skip


def same(block: str) -> bool:
    """Whether the block is read without PyYAML; the test fails where it reads something else."""
    plain = read_plain(block, 4)
    if plain is not None:
        assert (*plain, ()) == read_yaml(block, 4)
    return plain is not None


def test_keys_with_texts_and_lists_are_read_with_their_places() -> None:
    read_here = read_plain(PLAIN, 0)
    assert read_here is not None
    metadata, places = read_here
    assert metadata == {
        "title": """Does it matter? "Yes", says O'Brien [sic] — 概要 😀""",
        "url": "https://example.org/a?b=c&d=e",
        "at": "2026-11-20 14:32",
        "arxiv": "2310.06820",
        "quoted": 'a: b # "c" \\d',
        "single": 'a: "b" \\c',
        "empty": "",
        "tags": ("sae", "logit lens", "a, b", "c]", "2026-11-20"),
        "none": (),
        "authors": ("Ada Lovelace", "Hopper, Grace"),
        "aliases": ("Toy",),
        "sessions": (
            {"date": "2026-11-20", "level": "skim", "minutes": "10"},
            {"date": "2026-11-21", "level": "read"},
        ),
    }
    assert PLAIN[places["url"].start : places["url"].end] == "https://example.org/a?b=c&d=e"
    start = PLAIN.index("- Ada")
    assert places["authors"] == Place(12, PLAIN.index("authors"), start, PLAIN.index("\naliases"), 2)
    assert same(PLAIN)


@pytest.mark.parametrize("block", DOUBTFUL)
def test_what_may_mean_something_else_is_left_to_pyyaml(block: str) -> None:
    assert read_plain(f"{block}\n", 4) is None


def test_every_way_to_write_a_visibility_is_read_as_pyyaml_reads_it() -> None:
    plain = {name for name, block in {**PUBLIC_TEXTS, **PRIVATE_TEXTS}.items() if same(f"{block}\n")}
    assert {"as Carrel writes it", "quoted", "in single quotes", "empty", "another word"} <= plain
    assert "the same line twice" not in plain


def test_the_data_s_notes_and_the_yaml_suite_are_read_as_pyyaml_reads_them(data: Path) -> None:
    texts = (file.read_text("utf-8-sig", errors="replace") for file in sorted(data.glob("0[1238]-*/**/*.md")))
    blocks = [text[front.start : front.close] for text in texts if (front := read(text)).format == "yaml"]
    assert len(blocks) > 1000
    assert sum(map(same, blocks)) > 0.75 * len(blocks), "most need no PyYAML"
    for case in suite(data):
        same(f"{case.text.rstrip()}\n")


def test_a_note_of_plain_lines_loads_no_pyyaml() -> None:
    script = f"""
        import sys
        from carrel.core.parse import parse_note
        for front in ({PLAIN!r}, "a: &x b\\n"):
            parse_note("notes/a.md", f"---\\n{{front}}---\\nBody".encode())
            print("yaml" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


LINES = st.sampled_from(PLAIN.splitlines(keepends=True)) | st.builds(
    "{}:{}{}\n".format,
    st.sampled_from(["a", "b-c", "visibility", "Ä", "a b"]),
    st.sampled_from([" ", "", "  ", "\n- ", "\n  - "]),
    st.text(st.sampled_from(list("ab1é字 ,:#\"'[]{}&*!|>%@`?-~.\\/\t=😀\u00a0\u200b\ufeff\x85")), max_size=12),
)
EDITS = st.tuples(
    st.integers(0, 80), st.sampled_from([*" \n:-,#\"'[]{}\\a", "\n  ", "- ", ": ", " #", '\\"']), st.booleans()
)


@settings(max_examples=2000)
@given(st.lists(LINES, min_size=1, max_size=4).map("".join), st.lists(EDITS, max_size=3))
def test_whatever_is_mistyped_both_readers_agree(block: str, edits: list[tuple[int, str, bool]]) -> None:
    for place, piece, insert in edits:
        block = block[:place] + piece + block[place + (not insert) :]
    same(f"{block.rstrip()}\n")
