"""A section is read without its comments, and gets words at its end without another byte being changed."""

from __future__ import annotations

import pytest

from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.parse import parse_note
from carrel.core.section import add_to_section, section_points, section_text


def text_of(body: str, heading: str = "Result") -> str:
    return section_text(parse_note("notes/a.md", body.encode()), heading)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("## Result\n\nIt broke.\n\n## Next\n\nMore.\n", "It broke."),
        ("# Result:\nIt broke.\n\n### Details\n\nAt 3.\n# Next\n", "It broke.\n\n### Details\n\nAt 3."),
        ("## Result\n\n<!-- What came out? -->\n", ""),
        ("## Result\n\nIt <!-- so --> broke. %%not yet%%\n", "It  broke."),
        ("## Result", ""),
        ("## Results\n\nNo.\n", ""),
        ("```\n## Result\n\nNo.\n```\n", ""),
        ("RESULT\n------\nIt broke.\n", "------\nIt broke."),
    ],
)
def test_a_section_ends_at_the_next_heading_of_its_level_and_comments_are_not_in_it(body: str, said: str) -> None:
    assert text_of(body) == said


def test_points_are_the_items_of_a_list_or_else_paragraphs() -> None:
    body = "## Evidence for\n\n- One\n  goes on\n- [ ] Two\n1. Three\n\n## Evidence against\n\nIt is\nso.\n\nAnd so.\n"
    note = parse_note("notes/a.md", body.encode())
    assert section_points(note, "Evidence for") == ("One goes on", "Two", "Three")
    assert section_points(note, "Evidence against") == ("It is so.", "And so.")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("## Result\n\n## Next\n", "## Result\n\nWords\n\n## Next\n"),
        ("## Result\nA\n\n\n## Next\n", "## Result\nA\n\nWords\n\n\n## Next\n"),
        ("## Result\n\n<!-- what? -->\n", "## Result\n\n<!-- what? -->\n\nWords\n"),
        ("## Result", "## Result\n\nWords\n"),
        ("A", "A\n\n## Result\n\nWords\n"),
        ("", "## Result\n\nWords\n"),
        ("a\r\n## Result\r\n\r\n## Next\r\n", "a\r\n## Result\r\n\r\nWords\r\n\r\n## Next\r\n"),
        ("## Result\r\nA\r\nNext\r\n----\r\n", "## Result\r\nA\r\n\r\nWords\r\n\r\nNext\r\n----\r\n"),
        ("---\na: 1\n---\n## Result\n### In\nB\n## Next", "---\na: 1\n---\n## Result\n### In\nB\n\nWords\n\n## Next"),
        ("## Result\nB\nNext\n----\n", "## Result\nB\n\nWords\n\nNext\n----\n"),
    ],
)  # fmt: skip
def test_words_go_to_the_end_of_a_section_which_is_made_where_there_is_none(text: str, after: str) -> None:
    assert add_to_section(text, "Result", " Words\n") == after


def test_nothing_to_say_changes_nothing() -> None:
    assert add_to_section("A", "Result", " \n") == "A"


def test_code_that_words_leave_open_is_closed() -> None:
    assert add_to_section("## Result\n\n## Next\n", "Result", "```\nx") == "## Result\n\n```\nx\n```\n\n## Next\n"


def test_a_sign_that_is_half_a_comment_hides_nothing() -> None:
    text = add_to_section("## Result\n\n## Next\n\nMore %%", "Result", "100%% sure")
    assert text == "## Result\n\n100\\%% sure\n\n## Next\n\nMore %%"
    with pytest.raises(CannotEdit):
        add_to_section("Once %%\n\n## Result\n", "Result", "a %%b%% c")


@pytest.mark.parametrize("text", ["## Result\n\n<!-- open\n", "```\nopen\n", "<<<<<<< a\n=======\n>>>>>>> b\n"])
def test_words_that_would_be_lost_in_a_comment_in_code_or_in_a_conflict_are_refused(text: str) -> None:
    with pytest.raises(CannotEdit):
        add_to_section(text, "Result", "Words")
