"""The papers of digests as a table, with the columns of the Alignment Newsletter's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias

from carrel.cli.output import to_json

if TYPE_CHECKING:
    from carrel.core.digest import ReadPaper

Form: TypeAlias = Literal["csv", "json", "jsonl"]
#: Column and key of each value: what the newsletter's table calls it, and what JSON does.
COLUMNS = {
    "URL": "url", "Title": "title", "Authors": "authors", "Venue": "venue", "Year": "year", "Category": "category",
    "Highlight": "highlight", "Email": "issue", "Summarizer": "summariser", "Summary": "summary", "Opinion": "opinion",
    "Prerequisites": "prerequisites", "Read more": "read_more",
}  # fmt: skip
#: With what a cell begins that a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def table(papers: Iterable[tuple[str, ReadPaper]], form: Form) -> str:
    """The papers, each with its week, as CSV with a head, one JSON list, or one JSON object a line."""
    rows = [_row(week, paper) for week, paper in papers]
    if form == "json":
        return to_json(rows, indent=2) + "\n"
    if form == "jsonl":
        return "".join(f"{to_json(row)}\n" for row in rows)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[key]) for key in COLUMNS.values()] for row in rows)
    return written.getvalue()


def _row(week: str, paper: ReadPaper) -> dict[str, object]:
    return {
        "url": paper.url,
        "title": paper.title,
        "authors": list(paper.authors),
        "venue": paper.venue,
        "year": paper.year,
        "category": paper.category,
        "highlight": paper.highlight,
        "issue": week,
        "summariser": list(paper.summarisers),
        "summary": paper.summary,
        "opinion": paper.opinion,
        "prerequisites": list(paper.prerequisites),
        "read_more": list(paper.read_more),
    }


def _cell(value: object) -> str:
    """A value as one cell, with a quote before what a spreadsheet would calculate.

    >>> _cell(["Ada", "Sam"]), _cell(True), _cell("=cmd|' /C calc'!A0")
    ('Ada, Sam', 'yes', "'=cmd|' /C calc'!A0")
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
