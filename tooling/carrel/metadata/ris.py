"""RIS: what Zotero, Mendeley, EndNote, publishers and databases export.

The tags are those of the format's only specification (Research Information Systems, 2001; archived at
https://web.archive.org/web/20120526103719/http://refman.com/support/risformat_intro.asp), with what later programs
added. Between records anything may stand; a missing end, one blank instead of two, and any kind of line end are read.
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

_STRICT = re.compile(r"([A-Z][A-Z0-9]) {2}-(?:[ \t](.*))?")
_LENIENT = re.compile(r"([A-Z][A-Z0-9])\s{0,3}-\s?(.*)")
_TYPE_LINE = re.compile(r"TY\s{1,3}-\s*\S")

TYPES = {
    **dict.fromkeys(("JOUR", "EJOUR", "JFULL", "MGZN", "NEWS", "ABST", "INPR"), "article"),
    **dict.fromkeys(("BOOK", "EBOOK", "SER", "CTLG", "MUSIC", "CLSWK", "ANCIENT"), "book"),
    **dict.fromkeys(("EDBOOK",), "collection"),
    **dict.fromkeys(("CHAP", "ECHAP", "ENCYC", "DICT"), "incollection"),
    **dict.fromkeys(("CONF", "CPAPER"), "inproceedings"),
    **dict.fromkeys(("RPRT", "GOVDOC", "STAND"), "techreport"),
    **dict.fromkeys(("UNPB", "MANSCPT", "PCOMM"), "unpublished"),
    **dict.fromkeys(("ELEC", "WEB", "BLOG", "ICOMM", "UNBILL"), "online"),
    **dict.fromkeys(("DATA", "AGGR", "DBASE"), "dataset"),
    "THES": "phdthesis",
    "COMP": "software",
    "PAT": "patent",
}
_WHOLE = frozenset(("book", "collection", "phdthesis", "techreport", "patent", "software", "dataset"))


def parse(text: str, source: str = "") -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers of a RIS file in its order, and what is wrong with it, with its line. Never raises for content.

    >>> papers, problems = parse("TY  - JOUR\\nAU  - Elhage, Nelson\\nTI  - Toy models\\nPY  - 2022/09/14/\\nER  - \\n")
    >>> papers[0].title, papers[0].authors[0].given, papers[0].year, problems
    ('Toy models', 'Nelson', '2022', ())
    """
    collector = _collect(text, source)
    inverted = has_commas(chain.from_iterable(record.all("AU", "A1") for record in collector.records))
    papers, problems = collector.papers(partial(_paper, inverted=inverted))
    return papers, tuple(sorted(problems, key=lambda problem: problem.line))


def _collect(text: str, source: str) -> Collector:
    collector = Collector(source)
    tag_line, untyped = _STRICT, False
    for number, line in enumerate(lines_of(text), 1):
        if collector.current is None and _TYPE_LINE.match(line.lstrip()):
            # How the first line of a record is written decides what is a tag in it: "IL - 6" may be prose.
            tag_line = _STRICT if _STRICT.match(line) else _LENIENT
        found = tag_line.fullmatch(line.lstrip() if tag_line is _LENIENT else line)
        if found is None:
            collector.continued(line)
            continue
        tag, value = found[1], (found[2] or "").strip()
        if tag == "ER":
            collector.close()
            continue
        if tag == "TY":
            if collector.current is not None:
                collector.problem(number, "no-end", "a record begins where the one before has not ended (ER)")
            collector.open(number)
        elif collector.current is None:
            if tag_line is _LENIENT:
                continue  # between records this is as likely a sentence
            if not untyped:  # where one record has none, none has
                collector.problem(number, "no-type", "a record begins without its type (TY)")
            untyped = True
            collector.open(number)
        collector.value(tag, value)
    collector.close()
    return collector


def _paper(record: Record, inverted: bool) -> Paper:
    first = record.first
    bibtype = TYPES.get(first("TY").upper()) or _type_in_words(first("TY"))
    start, end = first("SP"), first("EP")
    if bibtype == "book" and first("T2") and start and end:
        bibtype = "incollection"  # Web of Science calls the parts of books so; a whole has no last page
    whole = bibtype in _WHOLE
    title = first("TI", "T1", "CT") or (first("BT", "T2", "ST") if whole else first("ST", "BT"))
    journals = ("JF", "T2", "JO", "BT", "JA", "J1", "J2")
    containers = ("T2", "BT", "C3", "JF", "JO", "JA", "J2")
    venue = "" if whole else first(*(journals if bibtype == "article" else containers))
    notes = [note for note in record.all("N1", "RN") if not note.lower().startswith(("doi:", "10."))]
    return assembled(
        title=title,
        authors=people(_either(record, "AU", "A1"), inverted=inverted),
        editors=people(_either(record, "ED", "A2"), inverted=inverted),
        dates=record.all("PY", "Y1", "DA", "YR", "C6"),
        venue=venue if venue != title else "",
        publisher=first("PB"),
        doi=record.all("DO", "DI"),
        urls=[address for value in record.all("UR", "LK", "L2") for address in chunks(value)],
        files=record.all("L1"),
        elsewhere=record.all("M3", "L3", "N1", "M1", "M2", "AN", "C1", "C7", "VL", "IS", "PB"),
        abstract=first("AB", "N2"),
        bibtype=bibtype,
        citekey=brought_key(first("ID", "LB")),
        volume=first("VL", "VO"),
        number=first("IS", "CP"),
        pages=f"{start}-{end}" if start and end and end != start and "-" not in start else start or end,
        keywords=[word for value in record.all("KW") for word in value.split("\n")],
        note=" ".join(notes),
    )


def _either(record: Record, tag: str, other: str) -> list[str]:
    """The values of two tags that mean the same; some programs write each value under both."""
    values = record.all(tag)
    return [*values, *(value for value in record.all(other) if value not in values)]


def _type_in_words(written: str) -> str:
    """Some programs write EndNote's name of a type where its abbreviation was due."""
    from carrel.metadata.refer import type_of

    return type_of(written)
