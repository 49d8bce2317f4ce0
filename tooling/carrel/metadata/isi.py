"""Web of Science's field-tagged export ("plain text", .ciw, .isi).

The tags: https://webofscience.help.clarivate.com/en-us/Content/wos-core-collection/woscc-field-tags.htm
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.metadata.assembly import assembled, has_commas, people
from carrel.metadata.tagged import Collector, lines_of

if TYPE_CHECKING:
    from carrel.core.note import Problem
    from carrel.core.paper import Paper
    from carrel.metadata.tagged import Record

_LINE = re.compile(r"([A-Z][A-Z0-9])(?: (.*))?")
_TYPES = {"B": "book", "C": "inproceedings", "J": "article", "P": "patent", "S": "incollection"}


def parse(text: str, source: str = "") -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers of a Web of Science file, and what is wrong with it, with its line. Never raises for content.

    >>> papers, _ = parse("PT J\\nAU Law, CJ\\n   Loach, PA\\nTI Structure of\\n   light\\nPY 2003\\nER\\n")
    >>> papers[0].title, [name.last for name in papers[0].authors]
    ('Structure of light', ['Law', 'Loach'])
    """
    collector = Collector(source)
    for number, line in enumerate(lines_of(text), 1):
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            collector.continued(line)
            continue
        tag, value = found[1], (found[2] or "").strip()
        if tag in ("ER", "EF"):
            collector.close()
        elif tag == "PT" or (collector.current is None and tag not in ("FN", "VR")):
            collector.open(number)
            collector.value(tag, value)
        elif collector.current is not None:
            collector.value(tag, value)
    collector.close()
    return collector.papers(_paper)


def _paper(record: Record) -> Paper:
    first = record.first
    # Initials in AU, full names in AF; a line of either is a person.
    written = record.all("AF") or record.all("AU")
    listed = people(written, inverted=has_commas(written))
    groups = people((f"{name}," for value in record.all("CA", "GP") for name in value.split("\n")), inverted=True)
    start, end = first("BP", "SP"), first("EP")
    proceedings = "Proceedings Paper" in first("DT") and first("CT")
    return assembled(
        title=first("TI"),
        authors=(*listed, *groups),
        editors=people(record.all("BE") or record.all("ED"), inverted=True),
        dates=record.all("PY", "PD", "EY"),
        venue=first("SO", "SE", "JI"),
        publisher=first("PU"),
        doi=record.all("DI", "D2"),
        urls=record.all("UR"),
        elsewhere=record.all("AR", "UT", "DL"),
        abstract=first("AB"),
        bibtype="inproceedings" if proceedings else _TYPES.get(first("PT"), "misc"),
        volume=first("VL"),
        number=first("IS"),
        pages=f"{start}-{end}" if start and end and start != end else start or first("PS", "AR"),
    )
