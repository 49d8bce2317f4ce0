"""CommonMark is laid out so that Python-Markdown reads the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.publish.render.markdown import Renderer
from carrel.publish.text.dialect import for_python_markdown


def html(text: str) -> str:
    rendered = Renderer(lambda _page, address: address).render("x.md", for_python_markdown(text))
    return re.sub(r"\s*\n\s*", "", rendered.html)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Two:\n- a\n- b", "<p>Two:</p><ul><li>a</li><li>b</li></ul>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
        ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("-\ta\n\t-\tb", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("We ran it in\n2024. It failed.", "<p>We ran it in2024. It failed.</p>"),
        ("- a\n# h", "<ul><li>a</li></ul><h1>h</h1>"),
        ("- a\nlazy", "<ul><li>alazy</li></ul>"),
        ("> x\n> - a\n>   - b", "<blockquote><p>x</p><ul><li>a<ul><li>b</li></ul></li></ul></blockquote>"),
        ("$$\n- x\n+ y\n$$", '<div class="arithmatex">$$- x+ y$$</div>'),
        (
            "- a\n  > [!tip] T\n  > x\n- b",
            (
                '<ul><li><p>a</p><div class="admonition tip"><p class="admonition-title">T</p><p>x</p></div></li>'
                "<li><p>b</p></li></ul>"
            ),
        ),
        ("#notag\n\n#tag at the start", "<p>#notag</p><p>#tag at the start</p>"),
    ],
)
def test_a_list_reads_as_it_does_on_github(text: str, shown: str) -> None:
    assert re.sub(r'<a class="headerlink".*?</a>|(?<=<h1) id="h"', "", html(text)) == shown


def test_a_table_needs_no_blank_line_before_it() -> None:
    assert "<table>" in html("Results:\n| a | b |\n|---|---|\n| 1 | 2 |")


def test_code_in_a_list_keeps_its_lines_and_their_indentation() -> None:
    text = "- run\n  ```py\n  if x:\n      y()\n\n  - not a list\n  ```\n- next"
    assert for_python_markdown(text) == (
        "- run\n    ```py\n    if x:\n        y()\n\n    - not a list\n    ```\n- next"
    )


@pytest.mark.parametrize(
    "text",
    [
        "```\n- a\n  - b\n1) c\n```",
        "!!! note\n    x\n    - a\n\n    y",
        "<div>\n- a\n</div>",
        "a\n\n    - code",
        "a  \nb",
    ],
)
def test_what_python_markdown_reads_already_is_left_as_it_is(text: str) -> None:
    assert for_python_markdown(text) == text


PIECES = [
    "- ",
    "  ",
    "    ",
    "1. ",
    "2) ",
    "> ",
    "\n",
    "\n\n",
    "word",
    "```",
    "~~~",
    "# ",
    "|",
    "|-|-|",
    "$$",
    "\t",
    "<div>",
    "---",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_word_is_lost_or_changed(text: str) -> None:
    def words(text: str) -> str:
        return re.sub(r"[\s>]+", "", text).replace(")", ".")

    assert words(for_python_markdown(text)) == words(text)
