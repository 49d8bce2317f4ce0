"""The notes that an audience may not see, and which of their words shared notes say themselves."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.markdown import plain
from carrel.core.note import Visibility
from carrel.errors import NoteVanished
from carrel.publish.edition import PAGES
from carrel.publish.needles import BREAK, Needles, is_telling, words
from carrel.publish.own_words import name_of, own_words, texts

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.store.knowledge_base import KnowledgeBase

#: Whom a note says it is for, wherever in its front matter and in whatever writing.
_SAYS = {
    Visibility.LAB: re.compile(rb"visibility\W{1,9}(?:lab|public)", re.IGNORECASE),
    Visibility.PUBLIC: re.compile(rb"visibility\W{1,9}public", re.IGNORECASE),
}
#: So many words of a phrase that a shared note says make it no hidden one's.
_PART = 5
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Mention:
    """A shared note that names a hidden one in its own words: the site shows them, as its writer wrote them."""

    path: str
    line: int
    name: str
    hidden: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: says {self.name!r}, which names {self.hidden}"


class Hidden:
    """Every note of `kb` that the site does not show; `shown` are the notes that it does.

    `needles` are their names and phrases, but for what shared notes say themselves, and call them by their number in
    `paths`; `mentions` are the names that shared notes say. `state` changes with all of that.
    """

    def __init__(self, kb: KnowledgeBase, shown: Collection[str]) -> None:
        own = kb.root / PAGES
        pages = [place.relative_to(kb.root).as_posix() for place in sorted(own.rglob("*.md"))] if own.is_dir() else []
        self.shown = tuple(sorted(shown))
        self._kb = kb
        wanted = [path for path in dict.fromkeys((*sorted(kb.stamps()), *pages)) if path not in shown]
        notes = list(_read(kb, wanted))
        self.paths = tuple(note.path for note in notes)
        folders = {part for path in shown for part in path.split("/")[:-1]}
        names = [(number, name) for number, note in enumerate(notes) for name in _names(note)]
        for number, note in enumerate(notes):
            names += [(number, part) for part in note.path.split("/")[:-1] if part not in folders]
        self.needles = Needles(names, ((number, text) for number, note in enumerate(notes) for text in _texts(note)))
        self._told = [f"{note.path}\0{note.digest}" for note in notes]
        self.mentions = tuple(self._forget_what_is_said())
        self.state = blake2b("\0".join(self._told).encode("utf-8", "replace"), digest_size=16).hexdigest()

    def _forget_what_is_said(self) -> Iterator[Mention]:
        """Take out of the needles what shared notes say themselves, and return what of it are telling names."""
        said: set[int] = set()
        named: dict[int, Mention] = {}
        known: set[int] = set()
        names = set(map(name_of, self.shown))
        for path in self.shown:
            with suppress(NoteVanished):
                data = self._kb.read_bytes(path).decode("utf-8", "replace")
                if next(self.needles.found(words(data)), None) is None:
                    continue
                note = self._kb.read(path)
                self._told.append(f"{path}\0{note.digest}")
                row = words(own_words(note, names))
                for needle in self.needles.found(row):
                    said.add(needle.key)
                    if needle.is_name and needle.key not in named:
                        name = row[needle.start : needle.start + needle.length]
                        if is_telling(name):
                            mention = Mention(path, line_of(data, name), " ".join(name), self.paths[needle.source])
                            named[needle.key] = mention
                known.update(needle.key for needle in self.needles.found(words(BREAK.join(_names(note)))))
        self.needles.forget(said)
        yield from (mention for key, mention in named.items() if key not in known)

    def said_in_part(self, phrases: Sequence[tuple[str, ...]]) -> set[tuple[str, ...]]:
        """Those of which shared notes say five words in a row: the rest came to stand beside them on the page."""
        wholes: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            for start in range(len(phrase) - _PART + 1):
                wholes.setdefault(" ".join(phrase[start : start + _PART]), []).append(phrase)
        parts = Needles(enumerate(wholes), ())
        names = set(map(name_of, self.shown))
        said: set[tuple[str, ...]] = set()
        for path in self.shown:
            with suppress(NoteVanished):
                data = self._kb.read_bytes(path).decode("utf-8", "replace")
                if next(parts.found(words(data)), None) is not None:
                    row = words(own_words(self._kb.read(path), names))
                    for part in parts.found(row):
                        said.update(wholes[" ".join(row[part.start : part.start + part.length])])
        return said

    def not_shared(self, audience: Visibility) -> Iterator[str]:
        """Notes that the site shows and whose bytes do not say that they are for `audience`.

        It is the one thing that is not asked of the reader of notes: should that be wrong, this is not.
        """
        says = _SAYS[audience]
        for path in self.shown:
            with suppress(NoteVanished):
                if not path.startswith(PAGES) and not says.search(self._kb.read_bytes(path)):
                    yield path


def of_the_program(themes: Sequence[Path], kb: KnowledgeBase) -> Iterator[str]:
    """What pages say that no note does: the words of Carrel, of the theme and of mkdocs.yml."""
    places = [*(_PACKAGE / "publish").glob("*.py"), *(_PACKAGE / "skeletons").glob("*.md")]
    for folder in themes:
        places += [*folder.glob("*.html"), *folder.glob("partials/**/*.html")]
    places += [kb.root / "mkdocs.yml", kb.root / "mkdocs.yaml"]
    yield BREAK.join((kb.root.name, kb.config.site_title, *calendar.day_name, *calendar.month_name))
    for place in places:
        with suppress(OSError):
            yield place.read_text("utf-8", "replace")


def line_of(text: str, row: Sequence[str]) -> int:
    """The first line of `text` that holds these words, else the first with the first of them; 1 where there is none."""
    fallback = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if row[0] not in line.casefold():
            continue
        here = words(line)
        if any(here[start : start + len(row)] == list(row) for start in range(len(here))):
            return number
        fallback = fallback or number
    return fallback or 1


def _read(kb: KnowledgeBase, paths: Iterable[str]) -> Iterator[Note]:
    for path in paths:
        with suppress(NoteVanished):
            yield kb.read(path)


def _names(note: Note) -> Iterator[str]:
    """Whatever a link may call the note by."""
    yield note.title
    yield note.name
    yield from note.aliases
    citekey = note.metadata.get("citekey", "")
    if isinstance(citekey, str):
        yield citekey


def _texts(note: Note) -> Iterator[str]:
    """Its text as it is written and as it reads, and its front matter."""
    yield note.body
    if (read := plain(note.body)) != note.body:
        yield read
    yield from texts(note.metadata)


def by_path(pages: Mapping[str, str]) -> Mapping[str, str]:
    """The note that stands on each HTML page of a site, from the note on each staged one."""
    return {path.removesuffix(".md") + ".html": source for path, source in pages.items() if source}
