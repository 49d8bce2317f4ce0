"""The table of a query block on a page of the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.core.graph import Target
from carrel.core.query_table import Table, found, numeric_columns, table_lines
from carrel.publish.text.labels import literal

if TYPE_CHECKING:
    from carrel.publish.edition.edition import Edition


@dataclass(frozen=True, slots=True)
class TableOnSite:
    """The table of a query block as an audience may see it: in its rows, `anchor` is the slug of an entry's heading.

    `frozen` is the day on which it was, as in 2026-11-20, or "". `trouble` says why there is none, for the line `line`.
    """

    table: Table
    frozen: str = ""
    trouble: str = ""
    line: int = 0

    def markdown(self, edition: Edition, place: str) -> str:
        """The table, as it stands on the page at `place`."""
        table = self.table
        lines = []
        if table.rows:
            rows = []
            for row in table.rows:
                cells = [literal(value) for value in row.values]
                cells[table.linked] = f"[{cells[table.linked]}]({edition.url(place, Target(row.path, row.anchor))})"
                rows.append(cells)
            lines = [table_lines([literal(name) for name in table.columns], rows, numeric_columns(table)), ""]
        text = found(table)
        frozen = f", frozen on {self.frozen}" if self.frozen else ""
        return "\n".join(("", *lines, f"*{text[0].upper()}{text[1:]}{frozen}*", ""))
