"""Which identifier of those that a PDF prints is its own: of the rest, most are those of works that it cites.

Pure: it judges the lines of the first pages and the metadata that `pdf_worker.py` read. Each place where a DOI stands
speaks for it or against it: its label, the margin, the words before it. A wrong identifier would fetch another paper's
metadata, so two that are about as likely are none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from carrel.metadata.pdf_clues import (
    ARXIV,
    ARXIV_DOI,
    CITED_SHORT,
    COMPONENT,
    CONTINUED,
    DATA_PREFIXES,
    DOI,
    ENTRY,
    FOLDED,
    IMPRINT,
    LABEL,
    LOOSE_PROPERTIES,
    NAMED,
    OLD_ID,
    OPENING,
    OTHERS,
    OWN,
    OWN_PROPERTIES,
    REFERENCES,
    STAMP,
    YEAR,
    clean_doi,
)

#: Points that a DOI needs to be taken, and by how many it must lead the next.
ENOUGH, LEAD = 3, 2
#: DOIs of a page that are looked at: who prints more has a list of references.
MOST = 200
#: What metadata adds and a sign that another work is meant takes; what a mention in passing takes, or of data.
_SIGN, _DATA = 5, 3
#: Characters from which on a text in the metadata is no name of the document but its abstract.
_LONG = 300


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print: text, height of its type in points, box (left, bottom, right, top), whether it runs upwards."""

    text: str
    size: float = 10.0
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    turned: bool = False


def own_doi(pages: Sequence[Sequence[Line]], properties: Iterable[tuple[str, str]]) -> str:
    """The DOI of the document, or "" when it prints none or which it is cannot be told.

    >>> own_doi([[Line("J. Results 12 (2024) 1-9"), Line("https://doi.org/10.1234/own.5")]], [])
    '10.1234/own.5'
    """
    certain, loose = _said(properties)
    merits, written = _weighed(pages, {*certain, *loose})
    likely = sorted((key for key in merits if merits[key] >= ENOUGH), key=lambda key: -merits[key])
    if len(likely) > 1 and merits[likely[0]] - merits[likely[1]] < LEAD:
        likely = [key for key in likely[:2] if key in certain or key in loose]
        if len(likely) != 1:
            return ""
    best = likely[0] if likely else ""
    named = certain or loose
    if len(named) != 1 or best in named:
        return written.get(best, "")
    if best and not best.startswith(DATA_PREFIXES) and merits[best] >= ENOUGH + LEAD:
        return ""  # the page and the metadata disagree
    return next(iter(named.values()))


def _weighed(pages: Sequence[Sequence[Line]], named: Collection[str]) -> tuple[dict[str, float], dict[str, str]]:
    """The DOIs that are printed, by their small letters: what speaks for each, and how it is written."""
    merits: dict[str, float] = {}
    written: dict[str, str] = {}
    margins: dict[str, set[int]] = {}
    for number, lines in enumerate(pages):
        for one in islice(_occurrences(lines), MOST):
            key = one.doi.lower()
            written.setdefault(key, one.doi)
            merits[key] = max(merits.get(key, -99), one.merit + (number == 0))
            if one.margin:
                margins.setdefault(key, set()).add(number)
    for key in merits:
        running_title = len(margins.get(key, ())) > 1
        merits[key] += 2 * running_title + _SIGN * (key in named)
    _settle_parts(merits)
    return merits, written


def own_arxiv(pages: Sequence[Sequence[Line]], properties: Iterable[tuple[str, str]]) -> str:
    """The arXiv id of the document, with its version where that is printed, or "".

    >>> own_arxiv([[Line("arXiv:1503.07589v1 [hep-ex] 26 Mar 2015", turned=True)]], [])
    '1503.07589v1'
    """
    first = [(line, line.text.translate(FOLDED)) for line in (pages[0] if pages else ())]
    stamps = {found[1] for _, text in first if (found := STAMP.search(text))}
    for line, text in first:
        found = ARXIV.match(text.strip())
        if found and (line.turned or "print" in found[0].lower()):
            stamps.add(found[1])
    if not stamps:
        stamps = {found[1] for name, value in properties if name.lower() == "arxivid" and (found := _address(value))}
    if not stamps and first:
        edges = _edges([line for line, _ in first])
        for line, text in first:
            found = ARXIV.search(text)
            if found and _in_margin(line, edges) and not text.replace(found[0], "").strip(" .,;[]()"):
                stamps.add(found[1])
    return stamps.pop() if len(stamps) == 1 else ""


def arxiv_of_doi(doi: str) -> str:
    """The arXiv id in a DOI that arXiv itself gave out, or "".

    >>> arxiv_of_doi("10.48550/arXiv.2209.10652")
    '2209.10652'
    """
    found = ARXIV_DOI.fullmatch(doi)
    return found[1] if found else ""


def _address(value: str) -> re.Match[str] | None:
    return re.search(rf"(?:abs/|pdf/|^)((?:\d{{4}}\.\d{{4,5}}|{OLD_ID})(?:v\d+)?)(?:\.pdf)?$", value.strip())


def _said(properties: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """The DOIs in the metadata that are surely, or perhaps, the document's own; by their small letters."""
    listed = list(properties)
    if len({value for name, value in listed if name == "title"}) > 1:
        return {}, {}  # it describes several works
    certain: dict[str, str] = {}
    loose: dict[str, str] = {}
    for name, value in listed:
        place = name.lower()
        found = [doi for match in DOI.finditer(value.translate(FOLDED)) if (doi := clean_doi(match[0]))]
        if len(found) == 1 and place in OWN_PROPERTIES:
            certain.setdefault(found[0].lower(), found[0])
        elif len(found) == 1 and place in LOOSE_PROPERTIES and len(value) < _LONG and _cue(value) >= 0:
            loose.setdefault(found[0].lower(), found[0])
    return certain, loose


@dataclass(frozen=True, slots=True)
class _Occurrence:
    doi: str
    merit: float
    margin: bool


def _occurrences(lines: Sequence[Line]) -> Iterator[_Occurrence]:
    """The DOIs of a page, each with what speaks for its being the document's own."""
    edges = _edges(lines)
    texts = [line.text.translate(FOLDED) for line in lines]
    listing = False
    for number, line in enumerate(lines):
        margin = _in_margin(line, edges)
        listing = listing or REFERENCES.fullmatch(texts[number].strip()) is not None
        for found in DOI.finditer(texts[number]):
            doi = clean_doi(_completed(found, number, lines, texts))
            apart = margin and (not number or not _adjacent(lines[number - 1], line))  # a footer below the references
            if doi and (apart or not listing):
                window = _window(number, lines, texts) + texts[number][: found.start()]
                yield _Occurrence(doi, _merit(doi, found, texts[number], window, margin), margin)


def _merit(doi: str, found: re.Match[str], line: str, window: str, margin: bool) -> float:
    """The points of one place where a DOI stands; `window` is the paragraph up to there, with the line's beginning."""
    label = LABEL.search(line[: found.start()])
    before = line[: label.start() if label else found.start()]
    after = line[found.start() + len(doi) :] if found[0].startswith(doi) else line[found.end() :]
    leads = OPENING.match(before) is not None
    window = window[-800:]
    named = NAMED.search(window)
    entry = ENTRY.match(window) or (named and YEAR.search(window, named.end()))
    cited = bool(entry or (CITED_SHORT.search(window) and not margin))
    cue = 1 if OWN.match(window.lstrip(" •*")) else _cue(window[-240:])
    merit = 2.0 * margin + 2.0 * leads + (leads and len(after.strip(" .,;)")) <= 3)
    imprint = IMPRINT.search(before + after) or IMPRINT.search(window[-160:])
    merit += 2.0 * bool((label or leads) and imprint)
    merit += 4.0 * (cue > 0) - _SIGN * (cue < 0) - _SIGN * (cited and cue <= 0)
    if not leads and before.count("(") > before.count(")") and after.startswith(")"):
        merit -= _DATA  # in passing
    if not (leads or label or margin or cue > 0):
        merit -= 1
    if doi.startswith(DATA_PREFIXES) and cue <= 0:
        merit -= _DATA
    return merit


def _cue(text: str) -> int:
    """1 when the last words that tell whose DOI follows say the document's, -1 when they say another's."""
    own = max((match.end() for match in OWN.finditer(text)), default=-1)
    others = max((match.end() for match in OTHERS.finditer(text)), default=-1)
    return (own > others) - (others > own)


def _window(number: int, lines: Sequence[Line], texts: Sequence[str]) -> str:
    """The lines of the same paragraph before this one, at most twelve."""
    start = number
    while start and number - start < 12 and _adjacent(lines[start - 1], lines[start]):
        start -= 1
    return "".join(f"{text} " for text in texts[start:number])


def _adjacent(upper: Line, lower: Line) -> bool:
    """Whether a line follows another in one paragraph: close below it, in type of about the same size."""
    if not any((*upper.box, *lower.box)):
        return True
    size = max(upper.size, lower.size)
    gap = upper.box[3] - lower.box[3]
    return 0 <= gap < 1.9 * size and min(upper.size, lower.size) > 0.75 * size and upper.turned == lower.turned


def _completed(found: re.Match[str], number: int, lines: Sequence[Line], texts: Sequence[str]) -> str:
    """The DOI with what stands of it on the next line, when the line's end divides it."""
    doi = found[0]
    text = texts[number].rstrip()
    if found.end() < len(text) or number + 1 >= len(lines) or not _adjacent(lines[number], lines[number + 1]):
        return doi
    rest = texts[number + 1].strip()
    more = CONTINUED.match(rest)
    token = more[0] if more else ""
    if "/" not in doi:
        return doi + token if token.startswith("/") else doi
    if not token or token.lower().startswith(("http", "doi", "10.")):
        return doi
    if doi.endswith(("-", "/", "_", "(", ":")):
        plain = token.strip(".,;").isalpha()
        return doi + token if not plain or (doi.endswith(("-", "/")) and token.islower()) else doi
    # After a full stop a sentence may begin: `2019 The Authors`, but hardly with `pone.0197919`.
    begun = re.fullmatch(r"(?:19|20)\d\d[,.;]?", token) or not (rest == token or len(token) > 4)
    goes_on = token[0].isdigit() or (token[0].islower() and any(map(str.isdigit, token)))
    return doi + token if doi.endswith(".") and goes_on and not begun else doi


def _settle_parts(merits: dict[str, float]) -> None:
    """Of a work and its parts only one stays: the work, or the paper where the whole is a volume of proceedings."""
    for whole, part in [(one, other) for one in merits for other in merits if _continues(other, one)]:
        merits.pop(part if COMPONENT.fullmatch(part[len(whole) :]) else whole, None)


def _continues(doi: str, start: str) -> bool:
    return len(doi) > len(start) and doi.startswith(start) and doi[len(start)] in "./_-("


def _edges(lines: Sequence[Line]) -> tuple[float, float]:
    """The heights below and above which a page's margins are, as far as its print tells."""
    upright = [line.box for line in lines if not line.turned and any(line.box)]
    if not upright:
        return (0.0, 0.0)
    bottom, top = min(box[1] for box in upright), max(box[3] for box in upright)
    height = max(top - bottom, 400.0)
    return bottom + 0.1 * height, top - 0.12 * height


def _in_margin(line: Line, edges: tuple[float, float]) -> bool:
    return any(line.box) and (line.turned or line.box[3] <= edges[0] or line.box[1] >= edges[1])
