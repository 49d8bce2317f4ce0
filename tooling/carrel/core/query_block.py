"""Query blocks: a fenced block `carrel` in a note, and the table below it that Carrel fills in.

    ```carrel
    kind:paper rating:>=4
    columns: title, authors, year
    sort: -rating
    limit: 20
    freeze: true
    ```

    <!-- carrel:table 3f2a9b1c -->
    …
    <!-- /carrel:table -->

Inside stand a query, over one line or several, and then settings: a known word, a colon and a blank, which no query
can be. The table is what stands between the markers. Neither is prose: `Markup.comments` holds both.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from carrel.core.opaque import MARKER, is_whole_table
from carrel.core.text import Text

if TYPE_CHECKING:
    from carrel.core.note import Note

#: Rows of a table that does not say how many it wants, and the most that it gets.
DEFAULT_LIMIT, MOST_ROWS = 50, 1000
SETTINGS = ("columns", "sort", "limit", "freeze")

_SETTING = re.compile(r"([A-Za-z]+):(?:\s+(.*))?$")
_NO_BLANK = re.compile(rf"({'|'.join(SETTINGS)}):\S.*$")
_TEXT_FOLLOWS = re.compile(r"(?:\r\n|\r|\n)[ \t]*[^\s]")
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*carrel[ \t]*(?:\n|\Z)")
_LAST_LINE = re.compile(r"\n[ \t>]*(`{3,}|~{3,})[ \t]*$")


class BadBlock(ValueError):
    """What is wrong with a query block; `line` is that of the file, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True, slots=True)
class QueryBlock:
    """What a block asks: a query, and how its table looks. `columns` () and `sort` "" are left to whoever answers.

    `lines` are the file's lines on which the parts of the query stand.
    """

    query: str
    columns: tuple[str, ...] = ()
    sort: str = ""
    limit: int = DEFAULT_LIMIT
    freeze: bool = False
    lines: tuple[tuple[int, str], ...] = ()

    def place(self, column: int) -> tuple[int, int]:
        """The file's line and the column in it, both from 1, of a column of the query."""
        for line, text in self.lines[:-1]:
            if column <= len(text):
                return line, column
            column -= len(text) + 1
        return self.lines[-1][0], column


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """Where a query block stands: `start`/`end` enclose its fences in the body, `line` is the opening fence's.

    `table` encloses the markers of its table and what stands between them; None where there is none yet.
    `trouble` says why nothing can be put there, or "".
    """

    start: int
    end: int
    line: int
    text: str
    table: tuple[int, int] | None = None
    trouble: str = ""


def read_block(text: str, first_line: int = 1) -> QueryBlock:
    """What the text between the fences says; `first_line` is its first line in the file. Raises `BadBlock`.

    >>> block = read_block("kind:paper\\nrating:>=4\\ncolumns: title, year\\nlimit: 20")
    >>> block.query, block.columns, block.limit, block.freeze
    ('kind:paper rating:>=4', ('title', 'year'), 20, False)
    """
    query: list[tuple[int, str]] = []
    settings: dict[str, tuple[int, str]] = {}
    for line, written in enumerate(text.split("\n"), first_line):
        words = written.strip()
        setting = _SETTING.match(words)
        if setting is not None:
            name = setting[1].casefold()
            if name not in SETTINGS:
                _unknown(line, setting[1])
            if name in settings:
                raise BadBlock(line, f"{name}: is said twice")
            settings[name] = (line, (setting[2] or "").strip())
        elif words and settings:
            raise BadBlock(line, f"the query stands before the settings: {words[:60]!r}")
        elif _NO_BLANK.match(words):
            name, _, value = words.partition(":")
            raise BadBlock(line, f"write `{name}: {value}` for the setting, or `({words})` to search that field")
        elif words:
            query.append((line, words))
    if not query:
        raise BadBlock(first_line, "there is no query in this block; `*` asks for every note")
    whole = " ".join(words for _, words in query)
    if "<!--" in whole or "-->" in whole:
        raise BadBlock(query[0][0], "a query in a block cannot hold <!-- or -->")
    return QueryBlock(
        whole,
        _columns(*settings.get("columns", (0, None))),
        settings.get("sort", (0, ""))[1],
        _limit(*settings.get("limit", (0, str(DEFAULT_LIMIT)))),
        _freeze(*settings.get("freeze", (0, "false"))),
        tuple(query),
    )


def _unknown(line: int, name: str) -> NoReturn:
    close = get_close_matches(name.casefold(), SETTINGS, 1)
    meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(SETTINGS)}"
    raise BadBlock(line, f"there is no setting {name}: {meant}")


def _columns(line: int, value: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    names = tuple(dict.fromkeys(" ".join(name.split()) for name in value.split(",") if name.strip()))
    if not names:
        raise BadBlock(line, "columns: name some, as in `columns: title, authors, year`")
    return names


def _limit(line: int, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value[:9]) <= MOST_ROWS:
        raise BadBlock(line, f"limit: a number from 1 to {MOST_ROWS} is wanted")
    return int(value)


def _freeze(line: int, value: str) -> bool:
    if value.casefold() not in ("true", "false"):
        raise BadBlock(line, "freeze: true or false is wanted")
    return value.casefold() == "true"


def block_of(place: BlockPlace) -> QueryBlock:
    """What a block asks. Raises `BadBlock`, also when no table can be put below it."""
    if place.trouble:
        raise BadBlock(place.line, place.trouble)
    return read_block(place.text, place.line + 1)


def has_block(note: Note) -> bool:
    """Whether a query block stands in the note."""
    return any(note.body.startswith(("`", "~"), start) for start, _ in note.markup.comments)


def find_blocks(note: Note) -> list[BlockPlace]:
    """The query blocks of a note, in order. What stands in another block of code, or in a comment, is text."""
    body, spans, lines = note.body, note.markup.comments, Text(note.body, note.body_line)
    fences = [number for number, (start, _) in enumerate(spans) if body.startswith(("`", "~"), start)]
    found = []
    for number, following in pairwise((*fences, len(spans))):
        (start, end), below = spans[number], spans[number + 1 : following]
        opening = _FENCE.match(body, start)
        if opening is None:
            continue
        indentation = body[body.rfind("\n", 0, start) + 1 : start]
        tables = [span for span in below if MARKER.match(body, span[0])]
        last = _LAST_LINE.search(body, max(start, body.rfind("\n", start, end)), end)
        closed = last is not None and last[1].startswith(opening[1])
        next_to = tables[0] if tables and not body[end : tables[0][0]].strip() else None
        found.append(
            BlockPlace(
                start,
                end,
                lines.line_of(start),
                body[opening.end() : max(opening.end(), body.rfind("\n", start, end))],
                next_to,
                ("" if closed else "the line of ``` that ends this block is missing")
                or _trouble(body, tables, next_to)
                or ("a query that is indented, in a list or a quotation has no table" if indentation else ""),
            )
        )
    return found


def _trouble(body: str, tables: list[tuple[int, int]], next_to: tuple[int, int] | None) -> str:
    """Why no table can be put below a block: a person has been at the markers, and what is theirs cannot be told."""
    if any(not is_whole_table(body[start:end]) for start, end in tables):
        return "one of the table's two markers is missing; remove the other with the old table, or put it back"
    if tables and tables[0] != next_to:
        return "something stands between the query and its table; move that below the table"
    if len(tables) > 1:
        return "two tables stand below the query; remove one, markers and all"
    return ""


def with_tables(body: str, tables: Sequence[tuple[BlockPlace, str]]) -> str:
    """`body`, as it is in the file, with a table (marker to marker, lines ended by `\\n`) below each of these blocks.

    The offsets of the blocks are those of a `Note`, whose lines end in `\\n` only. Nothing else is changed.
    """
    newline = "\r\n" if "\r\n" in body else "\n" if "\n" in body else "\r"
    pairs = [found.start() - number for number, found in enumerate(re.finditer("\r\n", body))]

    def offset(place: int) -> int:
        return place + bisect_left(pairs, place)

    def pieces() -> Iterator[str]:
        done = 0
        for block, table in tables:
            start, end = (offset(place) for place in block.table or (block.end, block.end))
            yield body[done:start]
            if block.table is None:
                yield newline * 2
            yield table.replace("\n", newline)
            if block.table is None and _TEXT_FOLLOWS.match(body, end):
                yield newline
            done = end
        yield body[done:]

    return "".join(pieces())
