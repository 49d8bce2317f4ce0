"""Templates of notes: `{{name}}` stands for a value; a name that is not known stays as it is.

A section of a paper's template may say from which level of reading on it is wanted, in a comment behind its heading:
`## Method <!-- level: summarise -->`. A section that says nothing is there from the beginning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.reading import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLACEHOLDER = re.compile(r"\{\{(?P<name>[a-z]+)\}\}")
_SECTION = re.compile(r"^(?=## )", re.MULTILINE)
_HEADING = re.compile(r"## (.*?)[ \t]*(?:#+[ \t]*)?(?:<!--[ \t]*level:[ \t]*(\w+)[ \t]*-->[ \t]*)?(?:\n|\Z)")


class Section(NamedTuple):
    """A part of a template: from a `## heading` to the next, or what stands above the first (`heading` is "").

    `level` is the one that unlocks it; the mark that says so is not part of `text`.
    """

    heading: str
    level: Level
    text: str


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with the values in place of their names.

    >>> fill("# {{title}}, {{unknown}}", {"title": "Toy models"})
    '# Toy models, {{unknown}}'
    """
    return PLACEHOLDER.sub(lambda found: values.get(found["name"], found[0]), template)


def sections(template: str) -> Iterator[Section]:
    """The sections of a template's body, in order. A mark that names no level is a comment like any other.

    >>> [tuple(section) for section in sections("## TL;DR\\n\\n## Method <!-- level: summarise -->\\nHow?\\n")]
    [('TL;DR', <Level.QUEUED: 0>, '## TL;DR\\n\\n'), ('Method', <Level.SUMMARISE: 3>, '## Method\\nHow?\\n')]
    """
    for text in _SECTION.split(template):
        heading = _HEADING.match(text)
        if heading is None:
            if text:
                yield Section("", Level.QUEUED, text)
            continue
        level = Level.named(heading[2])
        if level is None:
            yield Section(heading[1], Level.QUEUED, text)
        else:
            yield Section(heading[1], level, f"## {heading[1]}\n{text[heading.end() :]}")
