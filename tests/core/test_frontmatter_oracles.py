"""The reader of front matter against what others say the answers are: python-frontmatter's and YAML's own test suites.

Values are compared up to our typing: strings first, so a number is the text that was written, null is "".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from carrel.core.frontmatter import FrontMatter, read

#: Anchors and aliases are not used in front matter, by design: 400 bytes of them stand for gigabytes.
WITH_ANCHORS = set(
    "26DV 2SXE 3GZX 6KGN 7BMT 7BUB BU8L CUP7 E76Z HMQ5 JS2J SKE5 U3XV UGM3 W5VH Y2GN ZH7C ZWK4".split()  # noqa: SIM905
)

#: Valid YAML 1.2 that libyaml cannot read. Each is a complaint at its line, and so the note is private.
BEYOND_LIBYAML = {
    "4MUZ": "a flow key whose colon stands on the next line",
    "4MUZ/1": "the same, plain value",
    "4MUZ/2": "the same, plain key",
    "58MP": "a flow value that begins with a colon",
    "5MUD": "a flow key whose colon stands on the next line",
    "96NN": "a tab in the indentation of a block scalar",
    "96NN/1": "the same, at the end of the file",
    "A2M4": "a tab between dashes",
    "DK95": "a tab in the indentation",
    "DK95/3": "a first line of blanks and a tab",
    "DK95/4": "a line that is one tab",
    "K3WX": "a flow key with a comment before its colon",
    "Q5MG": "a tab before a flow mapping",
    "VJP3/1": "a flow key, colon and value on three lines",
    "Y79Y/1": "a tab in the indentation of a block scalar",
}

#: Read otherwise than YAML 1.2 says, without a complaint: a flow key that begins with a question mark loses it.
READ_OTHERWISE = {"652Z": {"foo": "bar", "bar": "42"}}

#: Invalid YAML 1.2 that libyaml reads all the same, as everyone would.
LENIENT = {
    "9C9N": {"flow": ("a", "b", "c")},  # a flow list that goes on at the margin
    "DK95/1": {"foo": "bar baz"},  # a tab indents the second line of a quoted text
    "QB6E": {"quoted": "a b c"},  # a quoted text that goes on at the margin
    "S98Z": {"empty block scalar": ""},  # leading blank lines more indented than the text
    "SU5Z": {"key": "value"},  # a comment with no blank before it
    "X4QW": {"block": "scalar\n"},  # the same, after a block scalar's sign
}


def agrees(ours: object, theirs: object) -> bool:
    """Whether our value is the other's, written as a text."""
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(agrees(ours[k], theirs[k]) for k in ours)
    if isinstance(theirs, list):
        return isinstance(ours, tuple) and len(ours) == len(theirs) and all(map(agrees, ours, theirs))
    if not isinstance(ours, str):
        return False
    if theirs is None:
        return ours in ("", "~", "null")
    if isinstance(theirs, bool):
        return ours in (("true", "yes") if theirs else ("false", "no"))
    if isinstance(theirs, (int, float)):
        return (int(ours, 0) if ours.startswith("0x") else float(ours)) == theirs
    return ours == theirs


@pytest.mark.parametrize(
    "name",
    ["yaml/chinese.txt", "yaml/extra-dash.txt", "yaml/extra-space.txt", "yaml/hello-markdown.md",
     "yaml/hello-world.txt", "yaml/network-diagrams.md", "yaml/unpretty.md", "toml/hello-toml.md",
     "json/hello-json.md", "empty/empty-frontmatter.txt", "empty/no-frontmatter.txt"],
)  # fmt: skip
def test_python_frontmatter_s_cases_are_read_as_it_reads_them(data: Path, name: str) -> None:
    file = data / "08-spec-frontmatter/files" / name
    text = file.read_text("utf-8")
    expected = json.loads(file.with_suffix(".result.json").read_text("utf-8"))
    content = expected.pop("content")
    front = read(text)
    assert front.complaints == ()
    assert agrees(front.metadata, expected), front.metadata
    assert list(front.metadata) == list(expected), "the keys are in their order"
    assert text[front.end :].strip() == content.strip()


@dataclass(frozen=True)
class Case:
    """One case of the YAML test suite. `expected` is None where it is no single mapping."""

    name: str
    text: str
    valid: bool
    expected: dict[str, object] | None

    def read(self) -> FrontMatter:
        """The case's document as front matter; one that begins with `---` brings its own fence."""
        text = self.text if self.text.endswith("\n") else self.text + "\n"
        return read(f"{text}---\n" if text.startswith("---\n") else f"---\n{text}---\n")


def suite(data: Path) -> Iterator[Case]:
    for file in sorted((data / "08-spec-yaml/files/src").glob("*.yaml")):
        first: dict[str, str] = {}
        for number, written in enumerate(yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)):
            first = first or written
            case = {**first, **written, "fail": written.get("fail", "")}
            valid = case["fail"] != "true"
            yield Case(
                f"{file.stem}/{number}" if number else file.stem,
                unmarked(case["yaml"]),
                valid,
                mapping(case.get("json", "")) if valid else None,
            )


def unmarked(text: str) -> str:
    """The suite's signs for characters that cannot be seen, as those characters."""
    for sign, character in (("␣", " "), ("←", "\r"), ("⇔", "\ufeff"), ("↵", ""), ("∎\n", "")):
        text = text.replace(sign, character)
    return re.sub("—*»", "\t", text)


def mapping(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except ValueError:  # none, or several documents
        return None
    return value if isinstance(value, dict) else None


def test_the_yaml_suite_s_mappings_are_read_or_complained_of(data: Path) -> None:
    cases = [case for case in suite(data) if case.expected is not None]
    assert len(cases) == 118
    complained = {case.name for case in cases if case.read().complaints}
    assert complained == WITH_ANCHORS | set(BEYOND_LIBYAML)
    otherwise = {
        case.name: case.read().metadata
        for case in cases
        if case.name not in complained and not agrees(case.read().metadata, case.expected)
    }
    assert otherwise == READ_OTHERWISE


def test_anchors_are_what_is_complained_of(data: Path) -> None:
    found = {case.name: case.read().complaints for case in suite(data) if case.name in WITH_ANCHORS}
    other = {name: complaints[0].code for name, complaints in found.items() if complaints[0].code != "anchor"}
    assert other == {"W5VH": "bad-yaml"}, 'its anchor is called :@*!$"<foo>:, which libyaml does not take for a name'


def test_the_yaml_suite_s_invalid_cases_are_complained_of(data: Path) -> None:
    invalid = [case for case in suite(data) if not case.valid]
    read_all_the_same = {
        case.name: dict(case.read().metadata)
        for case in invalid
        if case.read().format and not case.read().complaints and case.read().metadata
    }
    assert len(invalid) == 94
    assert read_all_the_same == LENIENT


def test_no_case_of_the_yaml_suite_ends_the_reading_with_an_error(data: Path) -> None:
    cases = list(suite(data))
    assert len(cases) > 350
    for case in cases:
        for text in (case.text, case.text.replace("\n", "\r\n"), case.text.replace("\n", "\r")):
            for around in ("---\n{}\n---\n", "---\n{}", "{}\n---\n", "{}", "+++\n{}\n+++\n", "{{\n{}\n}}\n"):
                assert isinstance(read(around.format(text)), FrontMatter)
