"""The entries of a BibTeX file with every field's value in one piece. The only door to bibtexparser.

bibtexparser cuts the text into blocks and fields, and goes on after a broken one. What it leaves open is done
here: @string names, `#` between pieces of a value, and what entries inherit through crossref and xdata.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.core.note import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bibtexparser.model import Block as AnyBlock
    from bibtexparser.model import ParsingFailedBlock

_DELIMITER = re.compile(r'(?<!\\)[{}"]')
_WORD = re.compile(r'[^\s#{}"]+')
_COMMAS = re.compile(r",(?:\s*,)+")
_OPENING = re.compile(r"\s*@\s*\w+\s*[{(]")
_NEXT = re.compile(r"\n[ \t]*@\s*\w+\s*[{(]")
_GAP = re.compile(r"[\s#]*")
_INDENT = re.compile(r"[^\S\n]*")
# biblatex's manual, section 2.4.1.1, says what is never inherited; identifiers and the like name the parent alone.
_BOOKKEEPING = ("crossref", "xref", "xdata", "ids", "entryset", "options", "related", "shorthand", "sortkey", "label")
_OF_THE_PARENT = ("key", "doi", "url", "eprint", "abstract", "file", "subtitle", "titleaddon", "shorttitle", "note")
_NOT_INHERITED = frozenset((*_BOOKKEEPING, *_OF_THE_PARENT))
#: Broken entries of one file that are tried to be mended; where more are broken, it is not a matter of commas.
MAX_MENDED = 20
#: Entries of one file of which is said that they are broken; what can be read is read all the same.
MAX_BROKEN = 1_000
#: A chain of parents longer than this is a mistake, or an attack on our time.
_MAX_PARENTS = 20
#: Characters of a value. @string names that double each other grow without end in a file of a few lines.
MAX_VALUE = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `fields` are LaTeX, under names in lower case; `line` is where it begins, from 1."""

    key: str
    type: str
    line: int
    fields: Mapping[str, str]


def read_entries(text: str, source: str) -> tuple[list[Entry], list[Problem]]:
    """All entries in their order, each with what it inherits, and what could not be read."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import DuplicateFieldKeyBlock, ParsingFailedBlock, String
    from bibtexparser.model import Entry as Block

    # It logs each broken block as well: that takes as long as all the rest, and without a handler Python prints it.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    strings: dict[str, str] = {}
    keys: set[str] = set()
    entries: list[Entry] = []
    problems: list[Problem] = []
    tried = broken = last_broken = 0
    for block, at, line in _in_place(text, parse_string(text, parse_stack=[]).blocks):
        found: object = block
        if isinstance(block, ParsingFailedBlock):
            # A duplicate is complete; of a broken entry there is nothing, unless it can be mended.
            found = block.ignore_error_block
            if found is None and (tried := tried + 1) <= MAX_MENDED:
                found = _mended(text[at : at + MAX_VALUE // 4])
            if found is None:
                broken, last_broken = broken + 1, line
            if isinstance(block, DuplicateFieldKeyBlock) or (found is None and broken <= MAX_BROKEN):
                problems.append(Problem(source, line, *_complaint(block)))
        if isinstance(found, String):
            strings[found.key.lower()] = value_of(found.value, strings)
        elif isinstance(found, Block):
            fields: dict[str, str] = {}
            for field in found.fields:  # of a field that is there twice BibTeX takes the first
                fields.setdefault(field.key.lower(), value_of(field.value, strings))
            if found.key and found.key.lower() in keys:
                problems.append(Problem(source, line, "duplicate-key", f"the key {found.key!r} is there twice"))
            keys.add(found.key.lower())
            entries.append(Entry(found.key, found.entry_type.lower(), line, fields))
    if broken > MAX_BROKEN:
        said = f"{broken - MAX_BROKEN:,} more entries cannot be read, the last of them here: is this a BibTeX file?"
        problems.append(Problem(source, last_broken, "bad-entry", said))
    by_key = {alias: e for e in entries for alias in _keys(e.fields.get("ids", ""))}
    by_key |= {entry.key.lower(): entry for entry in reversed(entries)}
    return [_with_inheritance(entry, by_key) for entry in entries], problems


def _in_place(text: str, blocks: Iterable[AnyBlock]) -> Iterator[tuple[AnyBlock, int, int]]:
    """Each block with the offset and the line where it begins, but for those behind a percent sign.

    BibTeX itself knows no such comment; people write them all the same.
    """
    at, line, searched = 0, 1, 0
    first = _end_of_indent(text, 0)
    for block in blocks:
        # The library's own count of lines leaves out those that end with a backslash, as lines of LaTeX do.
        start = max(searched, text.find(block.raw or "", searched))
        if newlines := text.count("\n", at, start):
            line += newlines
            first = _end_of_indent(text, text.rfind("\n", at, start) + 1)
        at, searched = start, start + 1
        if not (first < start and text[first] == "%"):
            yield block, start, line


def _end_of_indent(text: str, start: int) -> int:
    found = _INDENT.match(text, start)
    return found.end() if found else start


def _mended(text: str) -> object:
    """The entry that `text` begins with, once two commas in a row are one and the closing bracket is of its kind."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import Entry as Block

    opening = _OPENING.match(text)
    if opening is None:
        return None
    following = _NEXT.search(text, opening.end())
    text = text[: following.start() if following else len(text)].rstrip()
    end = closing(text, opening.end() - 1)
    if end == len(text):
        if not text.endswith((")", "}")):
            return None  # cut off: what is there may be half of a field
        end -= 1
    body = _COMMAS.sub(",", text[opening.end() : end])
    blocks = parse_string(f"{opening[0][:-1]}{{{body}\n}}", parse_stack=[]).blocks
    return blocks[0] if len(blocks) == 1 and isinstance(blocks[0], Block) else None


def _complaint(block: ParsingFailedBlock) -> tuple[str, str]:
    from bibtexparser.model import DuplicateFieldKeyBlock

    if isinstance(block, DuplicateFieldKeyBlock):
        names = ", ".join(sorted(block.duplicate_keys))
        return "duplicate-field", f"{names}: there twice in one entry; the first counts"
    reason = getattr(block.error, "abort_reason", "") or str(block.error)
    return "bad-entry", f"the entry cannot be read: {' '.join(reason.split())}"


def value_of(written: str, strings: Mapping[str, str]) -> str:
    """The value of a field as it is written: `{braced}`, `"quoted"`, a number, a name, or several joined by `#`.

    A name that is not defined stands for itself. What is beyond `MAX_VALUE` is cut off.

    >>> value_of('{Proc. } # VLDB # " 30"', {"vldb": "Very Large Data Bases"}), value_of("jan", {})
    ('Proc. Very Large Data Bases 30', 'jan')
    """
    pieces: list[str] = []
    at = size = 0
    while at < len(written) and size < MAX_VALUE:
        gap = _GAP.match(written, at)
        at = gap.end() if gap else at
        if pieces and gap and gap[0] and "#" not in gap[0]:
            pieces.append(" ")
        if word := _WORD.match(written, at):
            pieces.append(strings.get(word[0].lower(), word[0]))
            at = word.end()
        elif at < len(written):
            end = closing(written, at)
            pieces.append(written[at + 1 : end])
            at = end + 1
        size += len(pieces[-1]) if pieces else 0
    return "".join(pieces)[:MAX_VALUE].strip()


def closing(text: str, start: int) -> int:
    """Where the brace or quote that opens at `start` is closed, or the end of the text.

    >>> closing("{a{b}} {c}", 0)
    5
    """
    depth = 0
    for mark in _DELIMITER.finditer(text, start + 1):
        if depth == 0 and mark[0] == ('"' if text[start] == '"' else "}"):
            return mark.start()
        depth = max(0, depth + {"{": 1, "}": -1}.get(mark[0], 0))
    return len(text)


def _with_inheritance(entry: Entry, by_key: Mapping[str, Entry]) -> Entry:
    """The entry with the fields that it lacks from its crossref and xdata entries, theirs included."""
    if "crossref" not in entry.fields and "xdata" not in entry.fields:
        return entry
    fields = dict(entry.fields)
    seen = {entry.key.lower()}
    open_entries: Sequence[Entry] = [entry]
    while open_entries and len(seen) < _MAX_PARENTS:
        parents = []
        for child in open_entries:
            for key in _keys(f"{child.fields.get('crossref', '')},{child.fields.get('xdata', '')}"):
                parent = by_key.get(key)
                if parent is not None and parent.key.lower() not in seen:
                    seen.add(parent.key.lower())
                    parents.append(parent)
                    _inherit(fields, parent, entry.type)
        open_entries = parents
    return Entry(entry.key, entry.type, entry.line, fields)


def _keys(listed: str) -> list[str]:
    return [key for one in listed.lower().split(",") if (key := one.strip())]


def _inherit(fields: dict[str, str], parent: Entry, child_type: str) -> None:
    """Fill the gaps of `fields`. The title of a whole is where its part appeared (biblatex's manual, appendix B)."""
    whole = "journaltitle" if parent.type == "periodical" else "booktitle"
    dated = "date" in fields or "year" in fields
    for name, value in parent.fields.items():
        if name in ("date", "year") and dated:
            continue
        if name == "title" and parent.type != "xdata" and ("title" in fields or child_type == "article"):
            fields.setdefault(whole, value)
        elif name not in _NOT_INHERITED:
            fields.setdefault(name, value)
