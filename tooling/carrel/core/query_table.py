"""The table of a query block: rows as Markdown that shows values as they are, a caption, and the markers around both.

The first marker carries a digest of what stands between them, so that what a person changed there is told from what
Carrel wrote. Blanks and the lengths of rules do not count: programs that align tables may do so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from html import unescape

from carrel.core.relative import relative_url
from carrel.core.summary import markdown_text

#: A longer value is cut.
MOST_CHARACTERS = 300

_REGION = re.compile(
    r"<!--\s*carrel\s*:\s*table(?:\s+([0-9a-f]{8}))?\s*-->(.*)<!--\s*/\s*carrel\s*:\s*table\s*-->",
    re.DOTALL | re.IGNORECASE,
)
_DATED = re.compile(r", (last changed|frozen on) (\d{4}-\d{2}-\d{2})\*\s*\Z")
_NUMBER = re.compile(r"[-+−]?\d[\d.,]*%?")
_DANGEROUS = re.compile(r"[|<\[\]`]")
_CELL = re.compile(r"\\.|\||[^|\\]+|\\")
_LINK = re.compile(r"\[((?:\\.|[^\]\\])*)\]\(([^()\s]*)\)")
_ESCAPED = re.compile(r"\\([^A-Za-z0-9\s])")
_TICKS = re.compile("`+")


class Touched(Exception):
    """What stands between the markers is not what Carrel put there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a note's path, the anchor of an entry in it or "", and a value, as plain text, for each column."""

    path: str
    anchor: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What a query found: the first `rows`, of `total` in all. `linked` is the number of the column that links."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int
    linked: int = 0


def numeric_columns(table: Table) -> list[int]:
    """The columns in which all values are numbers."""
    values = [[row.values[number] for row in table.rows if row.values[number]] for number in range(len(table.columns))]
    return [number for number, of in enumerate(values) if of and all(_NUMBER.fullmatch(value) for value in of)]


def table_lines(names: Sequence[str], rows: Sequence[Sequence[str]], numeric: Collection[int] = ()) -> str:
    """A table of cells that are Markdown already.

    >>> print(table_lines(["title", "year"], [["[Toy](toy.md)", "2022"], ["[Zoom](zoom.md)", ""]], [1]))
    | title | year |
    |---|--:|
    | [Toy](toy.md) | 2022 |
    | [Zoom](zoom.md) |  |
    """
    rule = "|".join("--:" if number in numeric else "---" for number in range(len(names)))
    lines = [f"| {' | '.join(names)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


def found(table: Table) -> str:
    """How much was found, in words.

    >>> found(Table(("title",), (Row("a.md", "", ("A",)),), 13)), found(Table(("title",), (), 0))
    ('1 note and 12 more', 'no notes')
    """
    noun = "entry" if table.rows and all(row.anchor for row in table.rows) else "note"
    shown = len(table.rows)
    plural = "entries" if noun == "entry" else "notes"
    more = f" and {table.total - shown} more" if table.total > shown else ""
    return f"{shown or 'no'} {noun if shown == 1 else plural}{more}"


def cell(text: str) -> str:
    r"""A value as one cell that shows it.

    >>> print(cell("a | b\n[c] <i> $|x|$"), cell("$p_1$"))
    a \| b \[c\] &lt;i> \$\|x\|\$ $p_1$
    """
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS].rstrip() + " …"
    if not _DANGEROUS.search(text):
        return markdown_text(text)
    # In mathematics nothing is escaped: a bar would end the cell, a bracket the link, and `<!--` everything.
    return markdown_text(text.replace("$", "\ue000")).replace("\ue000", r"\$").replace("|", r"\|")


def written(path: str, query: str, table: Table, old: str, today: date, *, freeze: bool) -> str:
    """The table for the note at `path`, from marker to marker; `old` is what is there now, or "".

    The same text comes back when the rows and the query are what they were, whatever the day. Raises `Touched`.

    >>> table = Table(("title", "year"), (Row("papers/toy.md", "", ("Toy models", "2022")),), 1)
    >>> print(written("notes/a.md", "kind:paper", table, "", date(2026, 11, 20), freeze=False))
    <!-- carrel:table 85b973eb -->
    <BLANKLINE>
    | title | year |
    |---|--:|
    | [Toy models](../papers/toy.md) | 2022 |
    <BLANKLINE>
    *1 note for `kind:paper`, last changed 2026-11-20*
    <BLANKLINE>
    <!-- /carrel:table -->
    """
    content = _content(old)
    day = _DATED.search(content or "")
    parts = []
    if table.rows:
        rows = [_cells(path, row, table.linked) for row in table.rows]
        parts.append(table_lines([cell(name) for name in table.columns], rows, numeric_columns(table)))
    text = f"{found(table)} for {_code(query)}"
    parts.append(f"*{text[0].upper()}{text[1:]}, {'frozen on' if freeze else 'last changed'} ")
    new = "\n\n".join(parts)
    same = f"{new}{day[2]}*" if day else ""
    if content and day and _normal(same) == _normal(content):
        return old
    return _marked(f"{new}{today}*")


def is_touched(old: str) -> bool:
    """Whether what stands between the markers is not what Carrel put there; nothing is as good."""
    try:
        _content(old)
    except Touched:
        return True
    return False


def frozen(old: str) -> str | None:
    """A table that is there, as it is to be kept: its rows are those of the day on which they last changed.

    None when there is none, or when nothing stands between the markers.
    """
    region = _REGION.fullmatch(old)
    content = region[2].strip() if region else ""
    if not content:
        return None
    day = _DATED.search(content)
    if day is None or day[1] == "frozen on" or region is None or region[1] != _digest(content):
        return old  # kept already; or a person has been there, who may write what they like
    return _marked(f"{content[: day.start()]}, frozen on {day[2]}*")


def frozen_on(old: str) -> str:
    """The day, as in 2026-11-20, that the caption of a frozen table says; "" of another."""
    region = _REGION.fullmatch(old)
    day = _DATED.search(region[2]) if region else None
    return day[2] if day and day[1] == "frozen on" else ""


def rows_of(table: str) -> tuple[tuple[str, ...], list[tuple[str, tuple[str, ...]]]]:
    """The columns of a table that stands in a note, and of each row its link's address and its values as plain text.

    A row that is not as Carrel writes them is left out.

    >>> rows_of("| title | n |\\n|---|--:|\\n| [Toy \\\\| \\\\[x\\\\]](../toy.md#a) | 2 |\\n| by hand | 3 |")
    (('title', 'n'), [('../toy.md#a', ('Toy | [x]', '2'))])
    """
    lines = [line.strip() for line in table.split("\n") if line.lstrip().startswith("|")]
    if len(lines) < 2:
        return (), []
    split = [list(_split(line)) for line in lines]
    columns = tuple(map(_plain, split[0]))
    rows = []
    for cells in split[2:]:
        links = [link for cell in cells if (link := _LINK.fullmatch(cell))]
        if len(links) == 1 and len(cells) == len(columns):
            rows.append((links[0][2], tuple(_plain(links[0][1] if cell == links[0][0] else cell) for cell in cells)))
    return columns, rows


def _split(row: str) -> Iterator[str]:
    """The cells of a row that begins with a bar and ends with one."""
    cell: list[str] = []
    for piece in _CELL.findall(row[1:]):
        if piece == "|":
            yield "".join(cell).strip()
            cell = []
        else:
            cell.append(piece)


def _plain(cell: str) -> str:
    """What a cell shows."""
    return unescape(_ESCAPED.sub(r"\1", cell))


def _content(old: str) -> str:
    """What stands between the markers. Raises `Touched`."""
    if not old:
        return ""
    region = _REGION.fullmatch(old)
    if region is None:
        raise Touched
    content = region[2].strip()
    if content and region[1] != _digest(content):
        raise Touched
    return content


def _marked(content: str) -> str:
    return f"<!-- carrel:table {_digest(content)} -->\n\n{content}\n\n<!-- /carrel:table -->"


def _normal(content: str) -> str:
    """The content as it counts."""
    return re.sub("-{2,}", "-", re.sub(r"\s+", "", content))


def _digest(content: str) -> str:
    return blake2b(_normal(content).encode(), digest_size=4).hexdigest()


def _cells(path: str, row: Row, linked: int) -> list[str]:
    cells = [cell(value) for value in row.values]
    anchor = f"#{row.anchor}" if row.anchor else ""
    cells[linked] = f"[{cells[linked]}]({relative_url(path, row.path)}{anchor})"
    return cells


def _code(text: str) -> str:
    """A text as inline code, whatever backticks it holds."""
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
