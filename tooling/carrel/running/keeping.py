"""Putting a run into the knowledge base: its attachments, then its entry; with less of it, if the disk is full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.console import LINES, WIDTH, block, last_lines, plain_lines
from carrel.core.log import entry_text
from carrel.core.masking import masked
from carrel.core.run import run_entry
from carrel.errors import CarrelError, NoteVanished
from carrel.running.figures import LARGEST, MOST

if TYPE_CHECKING:
    from carrel.core.attachment import Source
    from carrel.core.log import LogEntry
    from carrel.core.run import About, Run
    from carrel.running.output import Output
    from carrel.store.knowledge_base import KnowledgeBase

#: What stands in the place of how a run ended.
UNKNOWN = "Carrel was killed while this ran. How it ended is not known."


@dataclass(frozen=True, slots=True)
class Left:
    """What a run left: its output, the figures that it made, and what was not committed when it began.

    `secrets` are texts that are masked in all of it but the figures, beside what looks like a credential.
    """

    output: Output
    figures: Sequence[Path] = ()
    uncommitted: bytes = b""
    secrets: frozenset[str] = frozenset()


class NotKept(CarrelError):
    """A run whose `entry` the disk did not take: `text` is how it reads; the exit code is the command's, if that
    failed.
    """

    def __init__(self, error: CarrelError, entry: LogEntry, code: int) -> None:
        super().__init__(
            f"the run is over, and its entry, printed above, could not be written: {error.message}",
            "do not run it again for that: make room, and paste the entry into the day's log",
        )
        self.entry, self.text, self.exit_code = entry, entry_text(entry), code or 1


def keep_run(kb: KnowledgeBase, run: Run, about: About, left: Left, remark: Callable[[str], None]) -> str:
    """Write the entry of a run, with all that it left. Returns the path. Raises `NotKept`."""
    last, whole = _shown(left)
    parts = _Parts(kb, run_entry(run, about))
    for figure in left.figures[:MOST]:
        parts.figure(figure)
    if others := left.figures[MOST:]:
        parts.remarks.append(f"Of {len(left.figures)} figures, {MOST} are kept; the full output names the others.")
        names = "".join(f"{place}\n" for place in others).encode("utf-8", "surrogateescape")
        whole = _masked(b"[carrel: figures that are not kept:]\n" + names + b"\n" + left.output.whole(), left.secrets)
    if run.exit is None:
        parts.remarks.append(UNKNOWN)
    if not left.output.is_text:
        parts.remarks.append(f"Its output is {left.output.size} bytes that are no text.")
    if whole:
        ending = "txt" if left.output.is_text else "bin"
        parts.private(f"output.private.{ending}", whole, left.output.called)
    if left.uncommitted:
        parts.private("uncommitted.private.patch", _masked(left.uncommitted, left.secrets), "what was not committed")
    full = [*parts.figures, *([block(last)] if last else []), *parts.remarks, *parts.files]
    try:
        return kb.append(run_entry(run, about, full), remark)
    except CarrelError as first:
        short = run_entry(run, about, [*parts.figures, *parts.files, f"Its output is not here: {_reason(first)}."])
        try:
            if is_written(kb, short):
                raise first  # it is there, but nobody knows for how long: its disk failed
            return kb.append(short, remark)
        except CarrelError as error:
            raise NotKept(error, run_entry(run, about, full), run.exit or 0) from error


def is_written(kb: KnowledgeBase, entry: LogEntry) -> bool:
    """Whether the day has a run's entry already, though who wrote it was killed, or was told that it is not saved."""
    try:
        return f"\nrun:: {dict(entry.fields)['run']}\n".encode() in kb.read_bytes(kb.day_of(entry)).replace(b"\r", b"")
    except NoteVanished:
        return False


def _shown(left: Left) -> tuple[str, bytes]:
    """The last lines of the output, and all of it, b"" where the lines are all there is; "" of what is no text."""
    if not left.output.is_text:
        return "", _masked(left.output.whole(), left.secrets)
    lines = plain_lines(left.output.last.decode("utf-8", "replace"))
    lines = masked("\n".join(lines), left.secrets).split("\n")
    complete = left.output.is_last and len(lines) <= LINES and all(len(line) <= WIDTH for line in lines)
    return last_lines(lines), b"" if complete else _masked(left.output.whole(), left.secrets)


def _masked(data: bytes, secrets: Iterable[str]) -> bytes:
    return masked(data.decode("utf-8", "surrogateescape"), secrets).encode("utf-8", "surrogateescape")


def _reason(error: CarrelError) -> str:
    return error.message.rpartition(": ")[2]


class _Parts:
    """What is attached to an entry, piece by piece; what could not be is a remark. To a private one, privately."""

    def __init__(self, kb: KnowledgeBase, entry: LogEntry) -> None:
        self._kb, self._year, self._folder = kb, entry.at.year, kb.day_of(entry).rpartition("/")[0]
        self._private = entry.private
        self.figures: list[str] = []
        self.files: list[str] = []
        self.remarks: list[str] = []

    def figure(self, place: Path) -> None:
        from carrel.core.attachment import Source, label
        from carrel.store import files
        from carrel.store.attaching import is_private

        try:
            data = files.read(place, LARGEST + 1)
            if len(data) > LARGEST:
                raise CarrelError(f"it is larger than {LARGEST // 2**20} MiB")
            self.figures.append(self._attached(Source(place.name, data, private=self._private or is_private(place))))
        except CarrelError as error:
            self.remarks.append(f"{label(place.name)} was not kept: {_reason(error)}.")

    def private(self, name: str, data: bytes, caption: str) -> None:
        from carrel.core.attachment import Source

        try:
            self.files.append(self._attached(Source(name, data, caption)))
        except CarrelError as error:
            self.remarks.append(f"{caption[0].upper()}{caption[1:]} was not kept: {_reason(error)}.")

    def _attached(self, source: Source) -> str:
        from carrel.core.attachment import shown

        return shown(self._kb.attach(source, self._year), self._folder, source.caption)
