"""EndNote's tagged export and the refer format it comes from (`%A Elhage, Nelson`).

Tags: refer(1), https://man.cx/refer(1), and EndNote's manual, "Tagged EndNote Import Format".
"""

from __future__ import annotations

import re
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from carrel.metadata.assembly import assembled, brought_key, has_commas, people
from carrel.metadata.tagged import Collector, chunks, lines_of

if TYPE_CHECKING:
    from carrel.core.note import Problem
    from carrel.core.paper import Paper
    from carrel.metadata.tagged import Record

_LINE = re.compile(r"%([0-9A-Za-z?@!*$&#>\[\](~+^=<|])(?:\s+(.*))?")
# Words in EndNote's and Zotero's names of types, first match first.
_TYPES = (
    ("conference", "inproceedings"),
    ("proceedings", "inproceedings"),
    ("section", "incollection"),
    ("chapter", "incollection"),
    ("encyclopedia", "incollection"),
    ("dictionary", "incollection"),
    ("edited book", "collection"),
    ("book", "book"),
    ("thesis", "phdthesis"),
    ("dissertation", "phdthesis"),
    ("report", "techreport"),
    ("government document", "techreport"),
    ("patent", "patent"),
    ("dataset", "dataset"),
    ("computer program", "software"),
    ("web", "online"),
    ("blog", "online"),
    ("electronic source", "online"),
    ("manuscript", "unpublished"),
    ("unpublished", "unpublished"),
    ("article", "article"),
    ("journal", "article"),
)


def parse(text: str, source: str = "") -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers of a refer or EndNote file, and what is wrong with it, with its line. Never raises for content.

    >>> papers, _ = parse("%0 Journal Article\\n%A Marx, Karl\\n%T Capital\\n%D 1867\\n\\n%0 Book\\n%T Grundrisse\\n")
    >>> [(paper.title, paper.bibtype) for paper in papers]
    [('Capital', 'article'), ('Grundrisse', 'book')]
    """
    collector = _collect(text, source)
    records = [record for record in collector.records if record.values.keys() - {"0"}]
    inverted = has_commas(chain.from_iterable(record.all("A") for record in records))
    return collector.papers(partial(_paper, inverted=inverted), records)


def _collect(text: str, source: str) -> Collector:
    collector = Collector(source)
    lines = lines_of(text)
    typed = any(line.startswith("%0 ") for line in lines)
    blank = True
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found is None:
            blank = blank or not line.strip()
            collector.continued(line)
            continue
        # With types, these begin the records, and an abstract may have blank lines; without, blank lines part them.
        if collector.current is None or found[1] == "0" or (blank and not typed):
            collector.open(number)
        collector.value(found[1], (found[2] or "").strip())
        blank = False
    collector.close()
    return collector


def _paper(record: Record, inverted: bool) -> Paper:
    first = record.first
    bibtype = type_of(first("0")) if first("0") else _guessed(record)
    return assembled(
        title=first("T", "B"),
        authors=people(record.all("A", "Q"), inverted=inverted),
        editors=people(record.all("E"), inverted=inverted),
        dates=record.all("D", "8"),
        venue=first("J", "B") if first("T") else "",
        publisher=first("I"),
        doi=record.all("R"),
        urls=record.all("U"),
        files=record.all(">"),
        elsewhere=record.all("M", "W", "O", "Z", "V", "N"),
        abstract=first("X"),
        bibtype=bibtype,
        citekey=brought_key(first("F")),
        volume=first("V"),
        number=first("N"),
        pages=first("P"),
        keywords=[word for value in record.all("K") for word in chunks(value)],
        note=" ".join(record.all("Z", "O")),
    )


def _guessed(record: Record) -> str:
    """refer itself has no types: a journal makes an article, a book around it a part, a publisher a book."""
    if record.first("J"):
        return "article"
    if record.first("B"):
        return "incollection"
    return "techreport" if record.first("R") else "book" if record.first("I") else "misc"


def type_of(words: str) -> str:
    """The BibTeX type for a type's name in words.

    >>> type_of("Conference Paper"), type_of("Journal Article"), type_of("Artwork")
    ('inproceedings', 'article', 'misc')
    """
    lowered = words.lower()
    return next((bibtype for word, bibtype in _TYPES if word in lowered), "misc")
