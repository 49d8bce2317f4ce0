"""One note on its way to a page, and what is found on the way: loose ends, and the files that go along."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from carrel.core.note import LinkForm, Note

if TYPE_CHECKING:
    from carrel.core.graph import Pointer, Target
    from carrel.publish.edition.edition import Edition

#: A change of a note's text: from, to (offsets in its body), and what stands there then.
Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A link or citation that leads nowhere in the edition: where it stands (1-based line), what it names, and why.

    `hidden` says that its target exists and is kept from the audience, as its writer wants it; `by_name`, that it is an
    attachment whose very name says so, of which nobody need be told.
    """

    path: str
    line: int
    target: str
    pointer: Pointer | None = field(default=None, compare=False, repr=False)
    reason: str = "leads nowhere"
    hidden: bool = False
    by_name: bool = False

    def __str__(self) -> str:
        return self.told(named=True)

    def told(self, *, named: bool) -> str:
        """What a person reads of it; where others read it too, as in the log of a CI, no hidden target is `named`."""
        target = self.target if named or not self.hidden else "a link's target"
        return f"{self.path}:{self.line}: {target} {self.reason}"


@dataclass(slots=True)
class Findings:
    """What rewriting met: links that lead nowhere, and the attachments that pages show or link.

    `assets` maps an attachment to the place, as (path, line), that first named it.
    """

    unresolved: list[Unresolved] = field(default_factory=list)
    assets: dict[str, tuple[str, int]] = field(default_factory=dict)


class Passage:
    """A note that is rewritten for the page at `place` of the stage.

    With `links=False` it gives the words alone; `embedded` is a quotation on another note's page. `cited` are the
    papers that the page cites, by path, each with its number among them.
    """

    def __init__(
        self,
        edition: Edition,
        note: Note,
        place: str,
        findings: Findings,
        *,
        links: bool = True,
        embedded: bool = False,
        cited: dict[str, int] | None = None,
    ) -> None:
        self.edition, self.note, self.place, self.findings = edition, note, place, findings
        self.links, self.embedded = links, embedded
        self.cited = {} if cited is None else cited
        self._newlines: list[int] | None = None

    @cached_property
    def code(self) -> Spans:
        """What of the note is code or mathematics."""
        return Spans(self.note.markup.code)

    @cached_property
    def opaque(self) -> Spans:
        """What of it is no prose: comments too."""
        return Spans(sorted((*self.note.markup.code, *self.note.markup.comments)))

    @cached_property
    def labels(self) -> Spans:
        """Its links that have a label."""
        return Spans([(link.start, link.end) for link in self.note.markup.links if link.form is LinkForm.INLINE])

    def line_end(self, offset: int) -> int:
        """Where the line of `offset` ends."""
        end = self.note.body.find("\n", offset)
        return len(self.note.body) if end < 0 else end

    def line_of(self, offset: int) -> int:
        """The line of the file, from 1, in which `offset` of the body is."""
        if self._newlines is None:
            self._newlines = [found.start() for found in re.finditer("\n", self.note.body)]
        return self.note.body_line + bisect_right(self._newlines, offset - 1)

    def carry(self, line: int, target: Target | None) -> None:
        """An attachment that the page shows or links goes with it."""
        if target is not None and self.links and target.path not in self.edition.by_path:
            self.findings.assets.setdefault(target.path, (self.note.path, line))

    def report(self, line: int, target: str, pointer: Pointer | None = None) -> None:
        """Something leads nowhere."""
        self.findings.unresolved.append(Unresolved(self.note.path, line, target, pointer))


class Spans:
    """Spans of a text, for asking whether an offset lies within one."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in spans:
            if not self._ends or end > self._ends[-1]:  # the others lie within one that is known
                self._starts.append(start)
                self._ends.append(end)

    def hold(self, offset: int) -> bool:
        """Whether `offset` lies within a span; where one begins does not count."""
        found = bisect_right(self._starts, offset - 1) - 1
        return found >= 0 and offset < self._ends[found]
