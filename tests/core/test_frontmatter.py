"""The one reader of front matter: what it reads, what it complains of, and that nothing ends it."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.frontmatter import MAX_CHARACTERS, FrontMatter, read


def yaml_block(*lines: str) -> FrontMatter:
    return read("\n".join(["---", *lines, "---", "Body"]))


def codes(front: FrontMatter) -> list[tuple[int, str]]:
    return [(complaint.line, complaint.code) for complaint in front.complaints]


def test_values_stay_the_texts_that_were_written() -> None:
    front = yaml_block(
        "arxiv: 2310.06820",
        "id: 007",
        "read: no",
        "at: 12:30",
        "version: 1.10",
        "empty:",
        "tilde: ~",
        'quoted: "2310.06820"',
        "date: 2024-02-30",
        "nan: .NaN",
        "tagged: !!int 3",
    )
    assert front.metadata == {
        "arxiv": "2310.06820",
        "id": "007",
        "read": "no",
        "at": "12:30",
        "version": "1.10",
        "empty": "",
        "tilde": "~",
        "quoted": "2310.06820",
        "date": "2024-02-30",
        "nan": ".NaN",
        "tagged": "3",
    }
    assert front.complaints == ()


def test_lists_and_mappings_are_read_in_every_way_they_are_written() -> None:
    front = yaml_block(
        "tags: [sae, 'logit lens', \"a, b\"]",
        "authors:",
        "- Ada",
        "- Grace  # with a comment",
        "nested:",
        "  levels: {one: 1, two: [x, y]}",
        "abstract: |",
        "  First line",
        "    indented",
        "",
        "folded: >-",
        "  one",
        "  two",
        "? explicit",
        ": value",
    )
    assert front.metadata == {
        "tags": ("sae", "logit lens", "a, b"),
        "authors": ("Ada", "Grace"),
        "nested": {"levels": {"one": "1", "two": ("x", "y")}},
        "abstract": "First line\n  indented\n",
        "folded": "one two",
        "explicit": "value",
    }


@pytest.mark.parametrize(
    ("text", "metadata", "body"),
    [
        ("---\na: 1\n---\nBody", {"a": "1"}, "Body"),
        ("---\r\na: 1\r\nb: 2\r\n---\r\nBody\r\n", {"a": "1", "b": "2"}, "Body\r\n"),
        ("---\na: 1\n...\nBody", {"a": "1"}, "Body"),
        ("----\na: 1\n-----\nBody", {"a": "1"}, "Body"),
        ("---  \na: 1\n--- \t\nBody", {"a": "1"}, "Body"),
        ("---\na: 1\n---", {"a": "1"}, ""),
        ("---\n---\nBody", {}, "Body"),
        ("---\n# only a comment\n---\nBody", {}, "Body"),
        ("---\na: one --- two\n ---\n---\nBody", {"a": "one --- two ---"}, "Body"),
        ("+++\na = 1\nb = 2310.06820\nc = [true, 1979-05-27]\n[d]\ne = 'x'\n+++\nBody",
         {"a": "1", "b": "2310.06820", "c": ("true", "1979-05-27"), "d": {"e": "x"}}, "Body"),
        ('{\n  "a": 1,\n  "b": ["x"]\n}\n\nBody', {"a": "1", "b": ("x",)}, "\nBody"),
    ],
)  # fmt: skip
def test_the_fences_that_tools_write_are_known(text: str, metadata: object, body: str) -> None:
    front = read(text)
    assert (front.metadata, text[front.end :], front.complaints) == (metadata, body, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "Just text",
        "\n---\na: 1\n---\n",
        " ---\na: 1\n---\n",
        "--\na: 1\n--\n",
        "---a: 1\n---\n",
        "---\n\nA rule above, and no second one",
        "# Title\n---\na: 1\n---\n",
        "{not json",
        "{\n a list of\n}\nprose",
        '{\n"a": 1, "a": 2\n}\n',
        "+++ what a day\n",
    ],
)
def test_what_is_no_front_matter_is_body(text: str) -> None:
    assert read(text) == FrontMatter()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a: 1", "b: 2", "a: 3"], [(4, "duplicate-key")]),
        (["a:", "  b: 1", "  b: 2"], [(4, "duplicate-key")]),
        (["a: &x 1"], [(2, "anchor")]),
        (["a: 1", "b: *x"], [(3, "anchor")]),
        (["- a", "- b"], [(2, "not-a-mapping")]),
        (["just words"], [(2, "not-a-mapping")]),
        (["a: 1", "[x, y]: 2"], [(3, "odd-key")]),
        (["? {a: b}", ": c"], [(2, "odd-key")]),
        (["title: Foo: bar"], [(2, "bad-yaml")]),
        (["a: 1", "author: @x"], [(3, "bad-yaml")]),
        (["a: 1", "b: [1, 2"], [(4, "bad-yaml")]),
        (["a: 1", "\tb: 2"], [(3, "bad-yaml")]),
        (["a: \x07bell"], [(2, "bad-yaml")]),
        (["a: 1", "<<<<<<< HEAD", "b: 2"], [(4, "bad-yaml")]),
        (["a: " + "[" * 30 + "]" * 30], [(2, "too-deep")]),
        (["\ufeffa: 1"], [(2, "hidden-break")]),
        (["a: 1", 'b: "x\u2028y"'], [(3, "hidden-break")]),
        (["a: 1\rb: 2"], [(2, "hidden-break")]),
        (["a: 1", "--- x", "b: 2"], [(3, "two-documents")]),
    ],
)
def test_each_mistake_is_one_complaint_at_its_line(lines: list[str], expected: list[tuple[int, str]]) -> None:
    assert codes(yaml_block(*lines)) == expected


def test_of_two_equal_keys_the_first_stays() -> None:
    assert yaml_block("visibility: private", "visibility: public").metadata == {"visibility": "private"}


@pytest.mark.parametrize(
    "block", ["a = 1\na = 2", "a = ", "a = " + "9" * 5000, "a = " + "[" * 900, "a" + ".a" * 9000 + " = 1"]
)
def test_toml_that_cannot_be_read_is_one_complaint(block: str) -> None:
    front = read(f"+++\n{block}\n+++\nBody")
    assert (front.metadata, codes(front), front.format) == ({}, [(1, "bad-toml")], "toml")


def test_a_block_of_64_kib_is_read_and_a_larger_one_is_a_complaint() -> None:
    most = "a: " + "x" * (MAX_CHARACTERS - 4)
    assert read(f"---\n{most}\n---\n").metadata == {"a": most[3:]}
    assert codes(read(f"---\n{most}{'x' * 20}\n---\n")) == [(1, "unclosed-front-matter")]


def test_front_matter_that_is_never_closed_is_a_complaint() -> None:
    assert codes(read("---\ntitle: A\n\nBody that goes on")) == [(1, "unclosed-front-matter")]


def test_twenty_levels_are_read_and_twenty_one_are_not() -> None:
    assert codes(yaml_block("a: " + "[" * 19 + "]" * 19)) == []
    assert codes(yaml_block("a: " + "[" * 20 + "]" * 20)) == [(2, "too-deep")]


def test_deep_nesting_does_not_end_the_process() -> None:
    """libyaml's own composer ends the process with a segmentation fault on the first two of these."""
    script = """
        from carrel.core.frontmatter import read
        for deep in ("a: " + "[" * 60_000, "a: " + "{a: " * 15_000, "- " * 30_000, "? " * 30_000):
            print(read(f"---\\n{deep}\\n---\\n").complaints[0].code)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["too-deep", "too-deep", "not-a-mapping", "odd-key"])


def test_a_value_s_place_is_where_it_stands() -> None:
    text = "---\ntitle: Toy models  # short\ntags:\n  - sae\n  - probes\nnote: |\n  x\n\nempty:\n---\n"
    places = read(text).places
    assert {key: (place.line, text[place.start : place.end], place.indent) for key, place in places.items()} == {
        "title": (2, "Toy models", -1),
        "tags": (4, "- sae\n  - probes", 2),
        "note": (6, "|\n  x", -1),
        "empty": (9, "", -1),
    }
    assert all(text.startswith(key, place.key) for key, place in places.items())


PIECES = st.sampled_from(
    ["a", "b: ", "visibility: public", ": ", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", "'", '"', "|\n", ">-\n", "#",
     " #", "&x ", "*x", "!!str ", "? ", "%", "@", "`", "\t", "\r\n", "\r", "---", "...", "\ufeff", "\x85", "\u2028",
     "\x00", "\x1b", "é", "字", "😀", "~", "<<: ", "0o7", "\\", "\\x41"]
)  # fmt: skip


@settings(max_examples=1500)
@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(["---\n", "+++\n", "{\n", ""]))
def test_no_text_makes_it_raise_and_every_place_is_inside(block: str, fence: str) -> None:
    close = "}\n" if fence == "{\n" else fence
    text = f"{fence}{block}\n{close}Body"
    front = read(text)
    assert 0 <= front.start <= front.close <= front.end <= len(text)
    assert all(1 <= complaint.line <= text.count("\n") + 2 for complaint in front.complaints)
    if not front.complaints:
        assert all(front.start <= p.key <= p.start <= p.end <= front.close for p in front.places.values())


@settings(max_examples=500)
@given(st.text(max_size=200))
def test_any_text_at_all_can_be_read(text: str) -> None:
    assert isinstance(read(f"---\n{text}\n---\n"), FrontMatter)
    assert isinstance(read(text), FrontMatter)
