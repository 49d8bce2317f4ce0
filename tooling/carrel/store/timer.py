"""The clock that runs while a paper is read: one a person, kept on the disk, so that it survives a restart.

It is no part of the notes: what they get is the session, when the clock is stopped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from carrel.core.reading import Level
from carrel.errors import CarrelError, NoteExists, NoteVanished, Refused
from carrel.store import files
from carrel.store.config import state_home


@dataclass(frozen=True, slots=True)
class Reading:
    """What is being read: the paper, in which knowledge base, and since when. `day` is that day's date there.

    `before` is the text of its note without the sections that the start put in, "" if it put in none.
    """

    root: str
    path: str
    key: str
    level: Level
    since: datetime
    day: date
    before: str = ""


class Timer:
    """The clock of whoever has this environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.place: Path = state_home(environment) / "reading.json"

    def running(self) -> Reading | None:
        """What is being read now. Raises `CarrelError` when the file that says so is damaged."""
        try:
            data = files.read(self.place)
        except NoteVanished as error:
            if isinstance(error.__cause__, (FileNotFoundError, NotADirectoryError)):
                return None
            raise
        try:
            said = json.loads(data)
            since = datetime.fromisoformat(said["since"])
            level = Level[said["level"].upper()]
            if since.tzinfo is None or not level:
                raise ValueError("no time zone, or no level")
            root, path, key = (str(said[name]) for name in ("root", "path", "key"))
            before = str(said.get("before", ""))
            return Reading(root, path, key, level, since, date.fromisoformat(said["day"]), before)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CarrelError(
                f"{self.place}: does not say what is being read", "`carrel paper stop --discard` removes it"
            ) from error

    def start(self, reading: Reading) -> None:
        """Let the clock run. Raises `Refused` when it runs already, `WriteFailed`."""
        said = {
            "root": reading.root,
            "path": reading.path,
            "key": reading.key,
            "level": reading.level.verb,
            "since": reading.since.isoformat(timespec="seconds"),
            "day": reading.day.isoformat(),
            "before": reading.before,
        }
        try:
            files.create(self.place, json.dumps(said).encode(), 0o600)
        except NoteExists:
            raise Refused("a paper is being read already", "`carrel paper stop` records it") from None

    def clear(self) -> None:
        """Stop the clock; nothing to stop is no error. Raises `WriteFailed`."""
        if self.place.exists():
            files.remove(self.place)
