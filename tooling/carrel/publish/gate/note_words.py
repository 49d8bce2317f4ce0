"""The words of notes, as the gate compares them with the site's: made once of each note, then remembered.

A note is taken for unchanged while its file's stamp is the same, as the index takes it.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from carrel.core.log import MAX_BYTES
from carrel.core.markdown import plain
from carrel.core.names import in_folder
from carrel.core.note import Stamp, Visibility, writers
from carrel.core.parse import parse_note
from carrel.errors import NoteVanished
from carrel.publish.edition.places import PAGES
from carrel.publish.gate.answers import ID
from carrel.publish.gate.grams import Words, hashed, hashed_words
from carrel.publish.gate.own_words import OwnWords, name_of, own_words, texts
from carrel.publish.gate.rows import BREAK, PHRASE, can_be_found, words
from carrel.store.files import digest

if TYPE_CHECKING:
    from carrel.core.note import Link, Note
    from carrel.publish.gate.gate_memory import Change, Memory
    from carrel.store.knowledge_base import KnowledgeBase

#: Whom a note says it is for, wherever in its front matter and in whatever writing.
_SAYS = {
    Visibility.LAB: re.compile(rb"visibility\W{1,9}(?:lab|public)", re.IGNORECASE),
    Visibility.PUBLIC: re.compile(rb"visibility\W{1,9}public", re.IGNORECASE),
}
#: What is to be remembered, made when it is written: it is as much again as what is held.
Changes: TypeAlias = "list[Iterator[Change]]"

#: What the own words of shared notes are remembered as.
OWN = "own"
#: A line of at least so many words counts as a whole where it has no eight.
_SHORT_LINE = 5
#: And where it holds a citation, if so many are its own.
_OF_ITS_OWN = 3
#: What a line of a list begins with; what the link of a citation says; a citation among words, which only points.
_NUMBER = re.compile(r"[ \t]{0,40}+\d{1,9}[.)][ \t]")
_CITATION = re.compile(
    r"(?:(?:[^\s,]{1,40}[ ,]{1,2}){0,8}[(\[]?(?:(?:1[89]|20)\d\d[a-z]?|n\.d\.)|[(\[]?\d{1,3})[)\]]?(?:, [^,]{1,40})?"
)
_CITED = re.compile(r"\w{1,40} (?:et al|and \w{1,40}) (?:19|20)\d\d[a-z]?")
#: Notes whose words are hashed at once.
_AT_ONCE = 64
#: A file that was written less than this ago may be written again without a new stamp: FAT's clock goes by two seconds.
_RACY_NS = 2_000_000_000


class HiddenNote(NamedTuple):
    """A note that the site does not show: what a link may call it by, and its rows of words, one after the other.

    Rows of eight words and more are texts, shorter ones whole lines; `lengths` are how many words each has.
    """

    names: Sequence[str]
    lengths: Sequence[int]
    words: Words


class SharedNote(NamedTuple):
    """A note that the site shows: the words of its names, and its own, each text of them with an end behind.

    `says` whether its bytes say that it is for the audience; `linked` are the names that it links without a label,
    and whether each is that of a shared note, `writers` the words of each name of who wrote it. `id` is a digest of
    its own words; these are None where they are remembered under its path, as `OWN`.
    """

    id: bytes
    says: bool
    linked: Mapping[str, bool]
    writers: Sequence[str]
    names: Words
    own: Words | None


class Reader:
    """Reads notes, but for those that somebody has read `already`: these are given away, and not kept.

    What a note says is what its bytes say. So the gate takes every note's bytes itself from the disk, and another's
    reading of them only where it is of the very same bytes: then its own would be the same.
    """

    def __init__(self, kb: KnowledgeBase, already: dict[str, Note]) -> None:
        self._kb, self._already, self.papers = kb, already, kb.config.papers_folder

    def read(self, path: str) -> tuple[bytes, Note]:
        """The bytes of a note, and the note. Raises `NoteVanished`."""
        data = self._kb.read_bytes(path)
        start = data[: MAX_BYTES + 1]
        note = self._already.pop(path, None)
        if note is None or note.path != path or note.digest != digest(start):
            note = parse_note(path, start)
        return data, note


def stamps_of(kb: KnowledgeBase) -> dict[str, Stamp]:
    """Every note and every page of the site's own, by path."""
    stamps = kb.stamps()
    own = kb.root / PAGES
    for place in sorted(own.rglob("*.md")) if own.is_dir() else ():
        with suppress(OSError):
            status = place.stat()
            stamp = Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
            stamps[place.relative_to(kb.root).as_posix()] = stamp
    return dict(sorted(stamps.items()))


def rows_of(note: Note, papers: str) -> list[list[str]]:
    """The rows of words of a hidden note that are looked for: its texts, and their short lines.

    `papers` is the folder where the notes of papers are.
    """
    rows: list[list[str]] = []
    for piece in (piece for text in _texts(note, papers) for piece in text.split(BREAK)):
        lines = [words(line) for line in piece.split("\n")]
        whole = [word for line in lines for word in line]
        if rows and whole == rows[0]:
            continue  # it reads as it is written
        if len(whole) >= PHRASE:
            rows.append(whole)
        for line, written in zip(lines, piece.split("\n"), strict=True):
            if _is_short_line(line):
                # A page sets the number of a list's line anew, or not at all.
                rows.append(line[1:] if _NUMBER.match(written) else line)
    return rows


def _is_short_line(line: Sequence[str]) -> bool:
    """Whether a line is looked for as a whole: it has too few words for a phrase, and enough of its own."""
    if not _SHORT_LINE <= len(line) < PHRASE or not can_be_found(line):
        return False
    return len(_CITED.sub("", " ".join(line)).split()) >= _OF_ITS_OWN


def _texts(note: Note, papers: str) -> Iterator[str]:
    """Its text as it is written and as it reads, and its front matter. A `BREAK` stands where no phrase goes across."""
    body = _with_breaks(note, papers)
    yield body
    if (read := plain(body)) != body:
        yield read
    yield from texts(note.metadata)


def _with_breaks(note: Note, papers: str) -> str:
    """The text of a note, broken at the citations that `carrel digest` wrote out where it quotes other notes.

    A site writes them out too, and what it shows of a quoted note is that note's own, but for its citations.
    """
    text = note.body
    spans = list(_made(note)) if "carrel:digest" in text else []
    for link in reversed(note.markup.links) if spans else ():
        is_made = any(start <= link.start < end for start, end in spans)
        if is_made and _leads_into(papers, note, link) and _CITATION.fullmatch(link.label):
            text = f"{text[: link.start]}{BREAK}{text[link.end :]}"
    return text


def _leads_into(folder: str, note: Note, link: Link) -> bool:
    """Whether a link is to a file of a folder, as Carrel writes such a link."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(note.path), link.target))
    return not (link.wiki or link.fragment) and path.startswith(in_folder(folder, ""))


def _made(note: Note) -> Iterator[tuple[int, int]]:
    """Where in a digest the parts are that Carrel wrote: `core.digest_parts` sets comments around them."""
    begun = -1
    for start, end in sorted(note.markup.comments):
        if note.body.startswith("<!-- carrel:digest ", start):
            begun = end
        elif note.body.startswith("<!-- /carrel:digest ", start) and begun >= 0:
            yield begun, start
            begun = -1


def names_of(note: Note) -> Iterator[str]:
    """Whatever a link may call the note by."""
    yield note.title
    yield note.name
    yield from note.aliases
    citekey = note.metadata.get("citekey", "")
    if isinstance(citekey, str):
        yield citekey


def hidden_notes(
    reader: Reader, stamps: Mapping[str, Stamp], memory: Memory, changes: Changes
) -> dict[str, HiddenNote]:
    """The hidden notes `stamps`, by path; what is to be remembered is added to `changes`."""
    notes: dict[str, HiddenNote] = {}
    for path, (names, lengths), row in _remembered("hidden", stamps, memory, changes):
        notes[path] = HiddenNote(names, lengths, row)
    for paths in _some(path for path in stamps if path not in notes):
        found = [(note, rows_of(note, reader.papers)) for _, note in _read(reader, paths)]
        row, _ = hashed_words([" ".join(word for row in rows for word in row) for _, rows in found])
        at = 0
        for note, rows in found:
            lengths = [len(row) for row in rows]
            one = HiddenNote([*names_of(note)], lengths, row[at : at + sum(lengths)])
            at += sum(lengths) + 1
            notes[note.path] = one
            changes.append(_kept("hidden", note.path, stamps, (one.names, one.lengths), one.words))
    return {path: notes[path] for path in stamps if path in notes}


def shared_notes(
    reader: Reader, audience: Visibility, stamps: Mapping[str, Stamp], memory: Memory, changes: Changes
) -> dict[str, SharedNote]:
    """The same of the notes that the site shows."""
    shown = frozenset(map(name_of, stamps))
    notes: dict[str, SharedNote] = {}
    for path, (one, says, linked, wrote), row in _remembered("shared", stamps, memory, changes):
        if all((name in shown) == was for name, was in linked.items()):
            notes[path] = SharedNote(bytes.fromhex(one), says, linked, wrote, row, None)
    for paths in _some(path for path in stamps if path not in notes):
        found = list(_own(reader, _SAYS[audience], paths, shown))
        row, ends = hashed([text for one in found for text in (*one.said[:3], one.names)])
        parts = np.split(row, ends[:-1])
        for number, (path, says, said, wrote, _) in enumerate(found):
            facts, text, read, names = parts[4 * number : 4 * number + 4]
            own = np.concatenate((facts, text) if np.array_equal(text, read) else (facts, text, read))
            one = blake2b(own.tobytes(), digest_size=ID).digest()
            notes[path] = SharedNote(one, says, said.linked, wrote, names.copy(), own)
            facts_of_it = (one.hex(), says, said.linked, wrote)
            changes.append(_kept("shared", path, stamps, facts_of_it, notes[path].names, own))
    return {path: notes[path] for path in stamps if path in notes}


class _Own(NamedTuple):
    path: str
    says: bool
    said: OwnWords
    writers: Sequence[str]
    names: str


def _own(reader: Reader, says: re.Pattern[bytes], paths: Sequence[str], shown: Collection[str]) -> Iterator[_Own]:
    for data, note in _read(reader, paths):
        told = note.path.startswith(PAGES) or says.search(data) is not None
        wrote = {" ".join(words(name)) for name in writers(note)}
        yield _Own(note.path, told, own_words(note, shown), sorted(wrote - {""}), BREAK.join(names_of(note)))


def _remembered(
    kind: str, stamps: Mapping[str, Stamp], memory: Memory, changes: Changes
) -> Iterator[tuple[str, Any, Words]]:
    """Of each note whose file is as it was: path, what was kept with its words, and these. The others are forgotten."""
    for name, value in memory.values(kind):
        head, _, rest = value.partition(b"\n")
        stamp, facts = json.loads(head)
        path = os.fsdecode(name)
        if Stamp(*stamp) == stamps.get(path):
            yield path, facts, np.frombuffer(rest, np.uint64)
        else:
            changes.append(iter([(kind, name, None), (OWN, name, None)] if kind == "shared" else [(kind, name, None)]))


def _kept(
    kind: str, path: str, stamps: Mapping[str, Stamp], facts: Sequence[object], row: Words, own: Words | None = None
) -> Iterator[Change]:
    """What remembers a note, unless its file was written just now: it may be again in the same tick of the clock."""
    stamp = stamps[path]
    if max(stamp.ctime_ns, stamp.mtime_ns) < time.time_ns() - _RACY_NS:
        yield kind, os.fsencode(path), json.dumps((stamp, facts)).encode() + b"\n" + row.tobytes()
        if own is not None:
            yield OWN, os.fsencode(path), own.tobytes()


def _read(reader: Reader, paths: Sequence[str]) -> Iterator[tuple[bytes, Note]]:
    for path in paths:
        with suppress(NoteVanished):
            yield reader.read(path)


def _some(paths: Iterator[str]) -> Iterator[list[str]]:
    """Some of the paths at a time."""
    rest = list(paths)
    for first in range(0, len(rest), _AT_ONCE):
        yield rest[first : first + _AT_ONCE]
