"""PubMed's .nbib, the MEDLINE format. Its tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.metadata.assembly import assembled, people
from carrel.metadata.tagged import Collector, lines_of

if TYPE_CHECKING:
    from carrel.core.note import Problem
    from carrel.core.paper import Paper
    from carrel.metadata.tagged import Record

_LINE = re.compile(r"([A-Z]{2,4}) {0,2}- ?(.*)")
_DOI = re.compile(r"(?:doi:)?(10\.\S+)(?:\s*\[doi\])?", re.IGNORECASE)
# What a publication is, among many remarks on it (PT); all else in a journal is an article.
_TYPES = {"book": "book", "book chapter": "incollection", "technical report": "techreport", "preprint": "misc"}


def parse(text: str, source: str = "") -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers of a MEDLINE file, and what is wrong with it, with its line. Never raises for content.

    >>> papers, _ = parse("PMID- 20481061\\nTI  - From danger to\\n      beauty.\\nFAU - Long, Vicky\\n")
    >>> papers[0].title, papers[0].authors[0].given, papers[0].url
    ('From danger to beauty', 'Vicky', 'https://pubmed.ncbi.nlm.nih.gov/20481061/')
    """
    collector = Collector(source)
    tags: set[str] = set()
    for number, line in enumerate(lines_of(text), 1):
        found = _LINE.fullmatch(line)
        if found is None:
            collector.continued(line)
            continue
        # A record begins with its PMID, or with its PMC just before that.
        if collector.current is None or (found[1] == "PMID" and "PMID" in tags):
            collector.open(number)
            tags.clear()
        tags.add(found[1])
        collector.value(found[1], found[2].strip())
    collector.close()
    return collector.papers(_paper)


def _paper(record: Record) -> Paper:
    first = record.first
    pmid = (first("PMID").split() or [""])[0]
    kinds = [kind.lower() for kind in record.all("PT")]
    named = next((_TYPES[kind] for kind in kinds if kind in _TYPES), "")
    # The full names where there are any; initials without points follow the family name otherwise.
    listed = people(record.all("FAU"), inverted=True) or people(record.all("AU"), inverted=False)
    groups = people((f"{name}," for name in record.all("CN")), inverted=True)
    dois = [found[1] for value in record.all("LID", "AID", "DOI") if (found := _DOI.fullmatch(value))]
    title = first("TI", "BTI", "CTI")
    return assembled(
        title=title.strip("[]. ") if title.startswith("[") else title.removesuffix("."),
        authors=(*listed, *groups),
        editors=people(record.all("FED"), inverted=True) or people(record.all("ED"), inverted=False),
        dates=record.all("DP", "DEP"),
        venue=first("JT", "TA") or (first("BTI") if first("TI") else ""),
        publisher=first("PB"),
        doi=dois,
        urls=[f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"] if pmid.isdecimal() else [],
        elsewhere=record.all("SO", "LID", "AID"),
        abstract=first("AB"),
        bibtype=named or ("article" if first("JT", "TA") else "misc"),
        volume=first("VI"),
        number=first("IP"),
        pages=first("PG"),
        keywords=record.all("OT"),
    )
