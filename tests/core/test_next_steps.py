"""What a note says is next: sections, lines of entries, and nothing that a template left empty."""

from __future__ import annotations

from carrel.core.next_steps import next_steps
from carrel.core.parse import parse_note


def steps(text: str, path: str = "notes/a.md") -> list[tuple[str, str]]:
    found = next_steps(parse_note(path, text.encode()))
    return [(entry.title if entry else "", step) for entry, step in found]


def test_the_points_of_a_section_and_its_lines_are_steps_of_the_note() -> None:
    assert steps("## Next\n\n- [ ] One\n- Two\n  goes on\n\nnext:: Three\n\n## After\n\nText\n") == [
        ("", "Three"), ("", "One"), ("", "Two goes on"),
    ]  # fmt: skip


def test_each_entry_of_a_day_says_its_own() -> None:
    day = "## 09:00 A\n\nnext:: one\nNext:: two\n\n## 10:00 B\n\n### Next\n\n- three\n\n## 11:00 C\n\nThe next one.\n"
    assert steps(day, "notes/2026/2026-11-20.md") == [("A", "one"), ("A", "two"), ("B", "three")]


def test_an_empty_section_a_comment_and_an_empty_line_say_nothing() -> None:
    assert steps("## Next\n\n<!-- What follows? -->\n\nnext::\n") == []
