"""Formats that put a tag at the beginning of a line: cutting RIS, MEDLINE, ISI and refer files into records."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from carrel.core.note import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from carrel.core.paper import Paper

#: Values of one record. More is no reference but another kind of file, or an attack on our memory.
MAX_VALUES = 20_000


@dataclass(slots=True)
class Record:
    """One record. A tag's values are in their order; the lines of a value that goes on stay lines."""

    line: int
    values: dict[str, list[str]] = field(default_factory=dict)

    def all(self, *tags: str) -> list[str]:
        """The values of these tags, tag by tag, empty ones left out."""
        return [value for tag in tags for value in self.values.get(tag, ()) if value.strip()]

    def first(self, *tags: str) -> str:
        """The first value there is, of the first of these tags that has one."""
        return next(iter(self.all(*tags)), "")

    def add(self, tag: str, value: str) -> None:
        """Another value of `tag`."""
        self.values.setdefault(tag, []).append(value)


def lines_of(text: str) -> list[str]:
    """The lines of a text whatever ends them: also the old Macintosh's lone carriage return."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


class Collector:
    """Collects records line by line; the formats differ in what begins and ends a record."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.records: list[Record] = []
        self.problems: list[Problem] = []
        self.current: Record | None = None
        self._tag = ""
        self._lines: list[str] = []
        self._count = 0

    def open(self, line: int) -> None:
        """A record begins, and with it ends the one before."""
        self.close()
        self.current = Record(line)
        self.records.append(self.current)
        self._count = 0

    def close(self) -> None:
        """The record ends; what stands before the next one belongs to none."""
        self._flush()
        self.current = None

    def value(self, tag: str, value: str) -> None:
        """A tag with its value, which later lines may continue."""
        self._flush()
        self._count += 1
        if self._count == MAX_VALUES and self.current is not None:
            self.problem(self.current.line, "too-long", f"a record of more than {MAX_VALUES:,} fields was cut off")
        if self._count < MAX_VALUES:
            self._tag, self._lines = tag, [value]

    def continued(self, line: str) -> None:
        """Another line of the value before."""
        if self._tag and line.strip():
            self._lines.append(line.strip())

    def problem(self, line: int, code: str, message: str) -> None:
        """Remember what is wrong at a line."""
        self.problems.append(Problem(self.source, line, code, message))

    def papers(
        self, paper: Callable[[Record], Paper], records: Sequence[Record] | None = None
    ) -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
        """What `paper` makes of the records, or of some of them, and all that is wrong, such as one without a title."""
        records = self.records if records is None else records
        papers = tuple(map(paper, records))
        for record, made in zip(records, papers, strict=True):
            if not made.title:
                self.problem(record.line, "no-title", "the record has no title")
        return papers, tuple(self.problems)

    def _flush(self) -> None:
        if self._tag and self.current is not None:
            self.current.add(self._tag, "\n".join(self._lines).strip())
        self._tag, self._lines = "", []


def chunks(value: str) -> list[str]:
    """The members of a list in one value: one on each line, or between semicolons.

    >>> chunks("alignment; oversight\\nRLHF")
    ['alignment', 'oversight', 'RLHF']
    """
    return [part.strip() for part in re.split(r"[;\n]", value) if part.strip()]
