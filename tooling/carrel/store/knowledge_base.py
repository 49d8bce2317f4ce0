"""The knowledge base: a folder of Markdown notes, and the only door to it.

Every command, the index, the watcher and the site read and write notes through this class. It hands out values
and keeps nothing that the disk does not have.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.names import attachment_names, fold, in_folder, is_conflict_copy, slugify
from carrel.core.note import Stamp, Visibility
from carrel.errors import ConfigInvalid, NotEditable, NoteExists, NoteVanished, RootNotFound
from carrel.store import files
from carrel.store.config import Config, load, user_config_path
from carrel.store.day import bridge, check_size
from carrel.store.lock import locked, take_turn, turn
from carrel.store.rooted import Rooted
from carrel.store.walk import MARKER, Skipped, Walk, notes_in

if TYPE_CHECKING:
    from carrel.core.attachment import Attachment, Source
    from carrel.core.frontmatter_edit import Writable
    from carrel.core.graph import LinkGraph
    from carrel.core.log import LogEntry
    from carrel.core.note import Note


class KnowledgeBase(Rooted):
    """Notes under `root`. Paths that go in and come out are POSIX strings relative to it."""

    def __init__(self, root: Path, config: Config, environment: Mapping[str, str]) -> None:
        super().__init__(root, config, environment)
        self._locked = False
        self._swept: set[Path] = set()

    @classmethod
    def open(cls, start: Path, environment: Mapping[str, str] | None = None) -> KnowledgeBase:
        """The knowledge base in `start` or the nearest folder above it. Raises `RootNotFound`, `ConfigInvalid`."""
        environment = os.environ if environment is None else environment
        if not start.is_dir():
            raise RootNotFound(str(start), f"there is no folder {start}")
        root = cls.root_above(start)
        if root is None:
            raise RootNotFound(str(start))
        config = load(user_config_path(environment), Config(), user=True)
        return cls(root, load(root / MARKER / "config.toml", config, user=False), environment)

    def reopened(self) -> KnowledgeBase:
        """The same knowledge base with its settings read again. Raises `RootNotFound`, `ConfigInvalid`."""
        return KnowledgeBase.open(self.root, self._environment)

    # --- reading ----------------------------------------------------------------------------------------------

    def stamps(self, folder: str = "") -> dict[str, Stamp]:
        """Every note on disk now, or those in one of the notes' folders."""
        return notes_in(self.walk(folder).files)

    def paths(self, folder: str = "") -> list[str]:
        """The same notes without their stamps, which takes a quarter of the time."""
        return list(notes_in(self.walk(folder, stamped=False).files))

    def files(self) -> list[str]:
        """Every other file in the notes' folders: what notes may embed or link."""
        return sorted(path for path in self.walk(stamped=False).files if not path.endswith(".md"))

    def read(self, path: str, *, head: bool = False) -> Note:
        """One note; with `head`, its front matter only. Raises `NoteVanished` when it cannot be read, `OutsideRoot`."""
        from carrel.core.log import MAX_BYTES  # lazy: `carrel log` writes and reads nothing
        from carrel.core.parse import parse_note

        # By a text, for to make a `Path` of each takes nearly as long as to read it.
        return parse_note(path, files.read(self._place(path), MAX_BYTES + 1), head=head)

    def read_bytes(self, path: str) -> bytes:
        """A note as it is on disk. Raises `NoteVanished`, `OutsideRoot`."""
        return files.read(self.absolute(path))

    def notes(self, folder: str = "", *, head: bool = False) -> Iterator[Note]:
        """Every note whose path begins with `folder`, by path; one that vanishes meanwhile is left out."""
        for path in sorted(path for path in self.paths() if path.startswith(folder)):
            with suppress(NoteVanished):  # deleted since the folder was listed: it is no note any more
                yield self.read(path, head=head)

    def graph(self) -> LinkGraph:
        """The links between all notes."""
        from carrel.core.graph import LinkGraph

        return LinkGraph(self.notes(), self.files())

    def skipped(self, walked: Walk | None = None) -> list[Skipped]:
        """Files that look like notes and are not read, by path; `walked` is a walk that was just made."""
        walked = walked or self.walk()
        found = [
            Skipped(path, "the losing side of a sync conflict; compare it with its note, then delete it")
            for path in walked.files
            if path.endswith(".md") and is_conflict_copy(path)
        ]
        return sorted(found + walked.skipped, key=lambda one: one.path)

    # --- writing ----------------------------------------------------------------------------------------------

    def append(self, entry: LogEntry, remark: Callable[[str], None] = lambda _: None) -> str:
        """Write an entry into its day, making the day's file if need be. Returns the path.

        `remark` is told what else had to be written. Raises `WriteFailed`, `Refused`, `ConfigInvalid`; when it
        returns, the entry is on the disk.
        """
        from carrel.core import log  # what a search does not need

        check_size(len(entry.text.encode()))  # first of all: what follows costs time for each byte
        if self.config.per_author and not entry.author:
            raise ConfigInvalid("per_author is set, and who writes is not known", 'carrel config --user author "…"')
        path = self.day_of(entry)
        place = self._inside(self.absolute(path))
        text = log.entry_text(entry).encode()
        with self.exclusive():
            files.sweep(place.parent)
            if not place.exists():
                visibility = Visibility.PRIVATE if entry.private else self.config.visibility
                data = f"{log.day_header(entry.at.date(), visibility, entry.author)}\n".encode() + text
                check_size(len(data))
                with suppress(NoteExists):  # a colleague's editor or a pull brought it just now: then append
                    files.create(place, data)
                    return path
            files.append(place, text, bridge(path, text, remark))
        return path

    def day_of(self, entry: LogEntry) -> str:
        """The path of the day that an entry belongs into."""
        from carrel.core.log import day_path

        author = entry.author if self.config.per_author else ""
        return day_path(self.config.log_folder, entry.at.date(), author, private=entry.private)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock: no other command writes meanwhile. Each write holds it by itself; this is for several.

        Raises `Refused`, `WriteFailed`.
        """
        if self._locked:
            yield
            return
        with locked(self._lock):
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    def turn(self) -> bytes:
        """Changes whenever a command creates a file: what was seen at the same turn is still so, under the lock."""
        return turn(self._lock)

    def create(self, path: str, content: str | bytes, *, names_known: bool = False) -> str:
        """A new note, or a file beside the notes. With `names_known` the caller has looked for similar names itself.

        Raises `NoteExists`, also for a name that differs in case or composition only, `WriteFailed`, `OutsideRoot`.
        """
        place = self._inside(self.absolute(path))
        with self.exclusive():
            if place.parent not in self._swept:  # once a command: what is left there now was left by others before
                files.sweep(place.parent)
                self._swept.add(place.parent)
            if not names_known and place.parent.is_dir():
                twin = next((name for name in os.listdir(place.parent) if fold(name) == fold(place.name)), None)
                if twin is not None:
                    raise NoteExists(self.relative(place.parent / twin))
            try:
                files.create(place, content.encode() if isinstance(content, str) else content)
            except NoteExists:
                raise NoteExists(path) from None
            take_turn(self._lock)
        return path

    def free_path(self, folder: str, title: str) -> str:
        """A path in `folder` for a note of that title that no file has yet: `does-it-work.md`, `does-it-work-2.md`."""
        stem = slugify(title) or "untitled"
        place = self.absolute(folder)
        taken = {fold(name) for name in os.listdir(place)} if place.is_dir() else set()
        number = 1
        while fold(name := f"{stem}{f'-{number}' if number > 1 else ''}.md") in taken:
            number += 1
        return in_folder(folder, name)

    def set_keys(self, path: str, values: Mapping[str, Writable | None]) -> None:
        """Change keys of a note's front matter (None removes one) and nothing else.

        Raises `NotEditable`, `NoteChanged`, `WriteFailed`.
        """
        from carrel.core.frontmatter_edit import remove_key, set_key

        def change(text: str) -> str:
            for key, value in values.items():
                text = remove_key(text, key) if value is None else set_key(text, key, value)
            return text

        self.rewrite(path, change)

    def rewrite(self, path: str, change: Callable[[str], str]) -> None:
        """Replace a note's text (without its BOM) by what `change` makes of it; the same text is not written again.

        `change` may raise `CannotEdit`. Raises `NotEditable`, `NoteChanged`, `NoteVanished`, `WriteFailed`.
        """
        from carrel.core.frontmatter_edit import CannotEdit

        place = self._inside(self.absolute(path))
        with self.exclusive():
            data = files.read(place)
            try:
                text = data.decode("utf-8")
                mark = text[:1] if text.startswith("\ufeff") else ""
                new = (mark + change(text[len(mark) :])).encode()
            except UnicodeDecodeError as error:
                raise NotEditable(path, "holds bytes that are not UTF-8") from error
            except CannotEdit as error:
                raise NotEditable(path, str(error)) from error
            if new != data:
                files.sweep(place.resolve().parent)
                files.replace(place, new, files.digest(data))

    def attach(self, source: Source, year: int) -> Attachment:
        """Keep a file under `assets/`, named after itself and its content; the same file twice is stored once.

        One that an earlier year has stays there. Raises `WriteFailed`.
        """
        from hashlib import sha256

        from carrel.core.attachment import Attachment  # most entries attach nothing

        name, data = source.name, source.data
        stem, sha = name.rpartition(".")[0] or name, sha256(data).hexdigest()
        assets, own = in_folder(self.config.log_folder, "assets"), f"{year:04}"
        with self.exclusive():
            files.sweep(self._inside(self.absolute(f"{assets}/{own}")))
            years = [own, *(name for name in self._folders_in(assets) if name != own)]
            for kept in attachment_names(name, files.digest(data), private=source.private):
                for other in years:
                    if files.holds(self._inside(self.absolute(f"{assets}/{other}/{kept}")), data):
                        return Attachment(f"{assets}/{other}/{kept}", sha, stem)
                with suppress(NoteExists):  # a damaged copy, or another file of that name
                    files.create(self.absolute(f"{assets}/{own}/{kept}"), data)
                    return Attachment(f"{assets}/{own}/{kept}", sha, stem, fresh=True)
        raise AssertionError("there is always a next name")

    def _folders_in(self, path: str) -> list[str]:
        """The names of the folders in a folder, the last first; links are none."""
        with suppress(OSError), os.scandir(self.absolute(path)) as inner:
            return sorted((one.name for one in inner if one.is_dir(follow_symlinks=False)), reverse=True)
        return []

    @property
    def _lock(self) -> Path:
        return self.root / MARKER / "lock"
