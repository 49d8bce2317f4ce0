"""Zotero's CSV export: one row an item, a column a field, several people or tags between semicolons."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from carrel.core.note import Problem
from carrel.metadata import zotero_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carrel.core.paper import Paper

#: Characters of one field; a note pasted into Zotero can hold a whole paper.
MAX_FIELD = 8 * 1024 * 1024
_NEEDED = ("Item Type", "Title")
# Columns whose name is not simply that of Zotero's field with blanks in it.
_FIELDS = {
    "abstract note": "abstractNote",
    "archive location": "archiveLocation",
    "citation key": "citationKey",
    "conference name": "conferenceName",
    "item type": "itemType",
    "meeting name": "meetingName",
    "number": "reportNumber",
    "publication title": "publicationTitle",
    "short title": "shortTitle",
    "doi": "DOI",
}
_PEOPLE = {"author": "author", "editor": "editor"}


def parse(text: str, source: str = "") -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers of a Zotero CSV export, and what is wrong with it, with its line. Never raises for content.

    Columns are known by their names, in any order; those that Zotero does not write are not looked at.

    >>> papers, _ = parse("Title,Item Type,Date\\nToy models,preprint,2022-09\\n")
    >>> papers[0].title, papers[0].year
    ('Toy models', '2022')
    """
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    if text.startswith("sep="):  # Excel's own way to name the delimiter
        text = text.partition("\n")[2]
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    papers: list[Paper] = []
    problems: list[Problem] = []
    limit = csv.field_size_limit(MAX_FIELD)  # the module's own is 128 KB, for the whole process
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = [name.strip() for name in next(rows, [])]
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            reason = f"no Zotero export: there is no column {' and no column '.join(missing)}"
            return (), (Problem(source, 1, "no-zotero-csv", reason),)
        line = rows.line_num
        for row in rows:
            if any(row):
                paper = zotero_items.paper(_item(names, row))
                papers.append(paper)
                if not paper.title:
                    problems.append(Problem(source, line + 1, "no-title", "the row has no title"))
            line = rows.line_num
    except csv.Error as error:
        problems.append(Problem(source, rows.line_num, "bad-csv", f"the table cannot be read from here on: {error}"))
    finally:
        csv.field_size_limit(limit)
    return tuple(papers), tuple(problems)


def _item(names: list[str], row: list[str]) -> Mapping[str, object]:
    """A row as the item that Zotero's API would give. Of columns of one name the first that says something counts."""
    cells: dict[str, str] = {}
    for name, value in zip(names, row, strict=False):
        if value.strip():
            cells.setdefault(name.lower(), value.strip())
    return {
        **{_FIELDS.get(name, name): value for name, value in cells.items()},
        "date": f"{cells.get('date', '')} {cells.get('publication year', '')}",
        "creators": [creator for role in _PEOPLE for creator in _creators(role, cells.get(role, ""))],
        "tags": _parts(cells.get("manual tags", "")),
        "notes": [cells.get("notes", "")],
        "attachments": [{"path": path} for path in _parts(cells.get("file attachments", ""))],
    }


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _creators(role: str, cell: str) -> list[dict[str, str]]:
    """The people in a cell: `Elhage, Nelson; Redwood Research`, the latter without a comma because it is one field."""
    found = []
    for person in _parts(cell):
        family, comma, given = (part.strip() for part in person.partition(","))
        parts = {"lastName": family, "firstName": given} if comma else {"name": family}
        found.append({"creatorType": role, **parts})
    return found
