"""Which identifier of those that a PDF prints is its own: of the rest, most are those of works that it cites.

Pure: it judges the lines of the first pages and the metadata that `pdf_worker.py` read. Each place where a DOI stands
speaks for it or against it: its label, the margin, the words before it. A wrong identifier would fetch another paper's
metadata, so two that are about as likely are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

#: Points that a DOI needs to be taken, and by how many it must lead the next.
ENOUGH, LEAD = 3, 2
#: DOIs of a page that are looked at: who prints more has a list of references.
MOST = 200
#: What metadata adds and a sign that another work is meant takes; what a mention in passing takes, or of data.
_SIGN, _DATA = 5, 3
#: Characters from which on a text in the metadata is no name of the document but its abstract.
_LONG = 300

_DASHES = dict.fromkeys(map(ord, "\u00ad\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-")
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_FOLDED = {**_DASHES, **_INVISIBLE, **_LIGATURES}

#: ISO 26324: `10.`, the registrant, a slash, anything. The old SICI suffixes of Wiley hold angle brackets.
_DOI = re.compile(r"(?<![\d.])10\.\d{4,9}(?:\.\d{1,9})*\s?/\s?(?:\(SICI\)[!-~]*|[!#-;=?-z|~]*)|(?<![\d.])10\.\d{4,9}$")
_CONTINUED = re.compile(r"[!#-;=?-z|~]+")
_LABEL = re.compile(
    r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|\bdoi\b\s*(?:\(s\)|number|no\.)?\s*[:=]?\s*(?:https?://(?:dx\.)?doi\.org/)?"
    r"|digital object identifier:?|(?:https?://)?[\w.-]{4,60}/(?:[\w-]{1,20}/)?(?:doi|stable)/(?:(?:abs|full|pdf)/)?)\s*$",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^\W*(?:(?:article|paper|chapter|preprint)\s+)?$", re.IGNORECASE)
#: Words after which a work's own DOI stands, and those after which another's does. The nearest decide.
_OWN = re.compile(
    r"cite (?:this|as)|to (?:cite|link to)|stable url|citation:|reference format|definitive version|version of record"
    r"|final(?:ly)? (?:publication|version|publish\w*|authenticated)|published (?:version|as|in|online|by|article)"
    r"|(?:was|been|is) (?:originally )?published|appear(?:s|ed) in|accepted for publication|preprint (?:doi|https?)"
    r"|this (?:article|paper|chapter|work|version|preprint)(?:'s)? (?:doi|is available)",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"suppl(?:ement|ementa\w+)\b|data ?sets?\b"
    r"|data(?: \w+){0,3} (?:available|availability|deposited|archived|accessible)"
    r"|(?:code|software|scripts|materials|artifacts?|package|model)s?(?: \w+){0,4}"
    r" (?:available|found|archived|hosted|at)\b"
    r"|(?:corrigendum|erratum|correction|addendum|retraction|reply|response|comment(?:ary)?|companion)"
    r" (?:to|on|for|of)\b"
    r"|(?:corrects|retracts|updates|refers to|replaces|supersedes|extends|accompanies) (?:the |this |an? )?\w*"
    r"|related (?:article|paper|work)|see also|(?:original|companion) (?:article|paper|publication|work)"
    r"|(?:re-?printed|adapted|reproduced|translated|modified|taken) (?:\w+ ){0,3}from"
    r"|(?:proceedings|issue|journal|series|book) doi|special issue|funder|grant"
    r"|\b(?:see|cf\.|e\.g\.,?|described in|following|according to|from)\s*(?:\w+ ){0,3}$",
    re.IGNORECASE,
)
_IMPRINT = re.compile(
    r"\b(?:ISSN|ISBN|copyright|received|accepted|vol(?:ume|\.)|pp\.|licensed? under|creative commons|licen[cs]e)\b"
    r"|©|\(c\)|\(\d{4}\)\s*\d+\s*[:(]|\b\d{4}\s*;\s*\d+|\bet al\. \(\d{4}\)",
    re.IGNORECASE,
)
#: How an entry of a list of references begins, or a footnote; and what an entry has inside: `Family, I.` and a year.
_ENTRY = re.compile(r"^\s*(?:\[[\w+-]{1,12}\]|\(?\d{1,3}[.)]\s|\d{1,3}\s+(?=[A-Z])|[*†‡§¶]+\s*)")
_CITED = re.compile(r"[A-Z][\w'’-]+, (?:[A-Z]\.[ -]?)+.*\b(?:1[89]|20)\d\d[a-z]?\b", re.DOTALL)
_CITED_SHORT = re.compile(r"\b(?:et al\.?,?|[A-Z]\w+ and [A-Z]\w+,?) \(?(?:1[89]|20)\d\d")
_REFERENCES = re.compile(
    r"(?:\d{1,2}\.?\s*)?(?:references(?: and notes)?|bibliography|(?:literature|works|references) cited|literature"
    r"|literatur(?:verzeichnis)?|références|bibliographie|referencias|bibliografía|riferimenti)\s*:?",
    re.IGNORECASE,
)
#: Registrants whose DOIs are mostly those of data and code: Zenodo, figshare, Dryad, OSF, Mendeley Data, Dataverse, …
_DATA_PREFIXES = ("10.5281/", "10.6084/", "10.5061/", "10.17605/", "10.17632/", "10.7910/", "10.24433/", "10.15468/")
#: Never a paper's: Crossref's list of funders, journals as a whole, what templates put in place of a DOI.
_NEVER = re.compile(
    r"10\.13039/|10\.\d+/\(issn\)|.*(?:nnnn|xxxx|\.doi$|0000000|1122445\.1122456|123_4$|yyyy)|10\.\d+/(?:\d{4}-\d{3}[\dx])$",
    re.IGNORECASE,
)
#: Parts of a work with DOIs of their own: PLOS and PeerJ supplements and figures, eLife's abstracts.
_COMPONENT = re.compile(r"(?:[./](?:s|g|t|e|d|r|box|fig|figure|table|supp|app|v)-?\d{1,4}|\.\d{3})$", re.IGNORECASE)

_OLD_ID = r"[a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{7}"
_ARXIV = re.compile(rf"arXiv(?:\s?e-?print)?\s?:\s?((?:\d{{4}}\.\d{{4,5}}|{_OLD_ID})(?:v\d{{1,3}})?)", re.IGNORECASE)
_STAMP = re.compile(
    rf"^\W*{_ARXIV.pattern}\s*(?:\[[\w.-]+\])?\s*(?:\d{{1,2}}\s+[A-Z][a-z]{{2}}\s+(?:19|20)\d\d)\W*$", re.IGNORECASE
)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)

#: Names of properties, in XMP or the information dictionary, that hold the DOI of the document itself, as publishers
#: write them (PRISM, Crossmark, Wiley), and of those in which other things stand too.
_OWN_PROPERTIES = frozenset(("doi", "wps-articledoi", "bibtex/doi", "articledoi", "prism:doi"))
_LOOSE_PROPERTIES = frozenset(("identifier", "subject", "description", "title", "url"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print: text, height of its type in points, box (left, bottom, right, top), whether it runs upwards."""

    text: str
    size: float = 10.0
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    turned: bool = False


def clean_doi(text: str) -> str:
    """A DOI without what stands around it in print, or "" when nothing is left.

    >>> clean_doi("10.1145/3597503.3639130."), clean_doi("10.1002/(abc)12)"), clean_doi("10.1111/j.1/full?x=1")
    ('10.1145/3597503.3639130', '10.1002/(abc)12', '10.1111/j.1')
    """
    doi = re.sub(r"\s", "", text)
    if "(sici)" not in doi.lower():
        doi = re.split(r"[?#&|\"\\^`]", doi)[0]
    before = ""
    while doi != before:
        before = doi
        doi = doi.rstrip(".,;:!'*/-_")
        for opening, closing in ("()", "[]"):
            if doi.endswith(closing) and doi.count(opening) < doi.count(closing):
                doi = doi[:-1]
        doi = re.sub(r"(?:/(?:full|abstract|e?pdf|meta|html)|\.pdf)$", "", doi)
    return doi if re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*/.*\w.*", doi) and not _NEVER.match(doi) else ""


def own_doi(pages: Sequence[Sequence[Line]], properties: Iterable[tuple[str, str]]) -> str:
    """The DOI of the document, or "" when it prints none or which it is cannot be told.

    >>> own_doi([[Line("J. Results 12 (2024) 1-9"), Line("https://doi.org/10.1234/own.5")]], [])
    '10.1234/own.5'
    """
    certain, loose = _said(properties)
    merits: dict[str, float] = {}  # by small letters, as DOIs compare
    written: dict[str, str] = {}
    margins: dict[str, set[int]] = {}
    for number, lines in enumerate(pages):
        for one in islice(_occurrences(lines), MOST):
            key = one.doi.lower()
            written.setdefault(key, one.doi)
            merits[key] = max(merits.get(key, -99), one.merit + (number == 0))
            if one.margin:
                margins.setdefault(key, set()).add(number)
    for key, numbers in margins.items():
        merits[key] += 2 * (len(numbers) > 1)  # a running title
    for key in merits:
        merits[key] += _SIGN * (key in certain or key in loose)
    _settle_parts(merits)
    ranked = sorted(merits, key=lambda key: -merits[key])
    best = ranked[0] if ranked and merits[ranked[0]] >= ENOUGH else ""
    if best and len(ranked) > 1 and merits[ranked[1]] >= ENOUGH and merits[best] - merits[ranked[1]] < LEAD:
        best = ""
        if len({*certain, *loose} & set(ranked[:2])) != 1:
            return ""
    said = next(iter(certain or loose), "") if len(certain or loose) == 1 else ""
    if said and said != best:
        if best and not best.startswith(_DATA_PREFIXES) and merits[best] >= ENOUGH + LEAD:
            return ""  # the page and the metadata disagree
        return (certain or loose)[said]
    return written[best] if best else ""


def own_arxiv(pages: Sequence[Sequence[Line]], properties: Iterable[tuple[str, str]]) -> str:
    """The arXiv id of the document, with its version where that is printed, or "".

    >>> own_arxiv([[Line("arXiv:1503.07589v1 [hep-ex] 26 Mar 2015", turned=True)]], [])
    '1503.07589v1'
    """
    first = [(line, line.text.translate(_FOLDED)) for line in (pages[0] if pages else ())]
    stamps = {found[1] for _, text in first if (found := _STAMP.search(text))}
    for line, text in first:
        found = _ARXIV.match(text.strip())
        if found and (line.turned or "print" in found[0].lower()):
            stamps.add(found[1])
    if not stamps:
        stamps = {found[1] for name, value in properties if name.lower() == "arxivid" and (found := _address(value))}
    if not stamps and first:
        edges = _edges([line for line, _ in first])
        for line, text in first:
            found = _ARXIV.search(text)
            if found and _in_margin(line, edges) and not text.replace(found[0], "").strip(" .,;[]()"):
                stamps.add(found[1])
    return stamps.pop() if len(stamps) == 1 else ""


def arxiv_of_doi(doi: str) -> str:
    """The arXiv id in a DOI that arXiv itself gave out, or "".

    >>> arxiv_of_doi("10.48550/arXiv.2209.10652")
    '2209.10652'
    """
    found = _ARXIV_DOI.fullmatch(doi)
    return found[1] if found else ""


def _address(value: str) -> re.Match[str] | None:
    return re.search(rf"(?:abs/|pdf/|^)((?:\d{{4}}\.\d{{4,5}}|{_OLD_ID})(?:v\d+)?)(?:\.pdf)?$", value.strip())


def _said(properties: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """The DOIs in the metadata that are surely, or perhaps, the document's own; by their small letters."""
    listed = list(properties)
    if len({value for name, value in listed if name == "title"}) > 1:
        return {}, {}  # it describes several works
    certain: dict[str, str] = {}
    loose: dict[str, str] = {}
    for name, value in listed:
        place = name.lower()
        found = [doi for match in _DOI.finditer(value.translate(_FOLDED)) if (doi := clean_doi(match[0]))]
        if len(found) == 1 and place in _OWN_PROPERTIES:
            certain.setdefault(found[0].lower(), found[0])
        elif len(found) == 1 and place in _LOOSE_PROPERTIES and _cue(value) >= 0 and len(value) < _LONG:
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
    texts = [line.text.translate(_FOLDED) for line in lines]
    listing = False
    for number, line in enumerate(lines):
        margin = _in_margin(line, edges)
        listing = listing or _REFERENCES.fullmatch(texts[number].strip()) is not None
        for found in _DOI.finditer(texts[number]):
            doi = clean_doi(_completed(found, number, lines, texts))
            apart = margin and (not number or not _adjacent(lines[number - 1], line))  # a footer below the references
            if doi and (apart or not listing):
                window = _window(number, lines, texts) + texts[number][: found.start()]
                yield _Occurrence(doi, _merit(doi, found, texts[number], window, margin), margin)


def _merit(doi: str, found: re.Match[str], line: str, window: str, margin: bool) -> float:
    label = _LABEL.search(line[: found.start()])
    before = line[: label.start() if label else found.start()]
    after = line[found.start() + len(doi) :] if found[0].startswith(doi) else line[found.end() :]
    leads = _OPENING.match(before) is not None
    window = window[-800:]
    cited = bool(_ENTRY.match(window) or _CITED.search(window) or (_CITED_SHORT.search(window) and not margin))
    cue = 1 if _OWN.match(window.lstrip(" •*")) else _cue(window[-240:])
    merit = 2.0 * margin + 2.0 * leads + (leads and len(after.strip(" .,;)")) <= 3)
    imprint = _IMPRINT.search(before + after) or _IMPRINT.search(window[-160:])
    merit += 2.0 * bool((label or leads) and imprint)
    merit += 4.0 * (cue > 0) - _SIGN * (cue < 0) - _SIGN * (cited and cue <= 0)
    if not leads and before.count("(") > before.count(")") and after.startswith(")"):
        merit -= _DATA  # in passing
    if not (leads or label or margin or cue > 0):
        merit -= 1
    if doi.startswith(_DATA_PREFIXES) and cue <= 0:
        merit -= _DATA
    return merit


def _cue(text: str) -> int:
    """1 when the last words that tell whose DOI follows say the document's, -1 when they say another's."""
    own = max((match.end() for match in _OWN.finditer(text)), default=-1)
    others = max((match.end() for match in _OTHERS.finditer(text)), default=-1)
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
    more = _CONTINUED.match(rest)
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
        merits.pop(part if _COMPONENT.fullmatch(part[len(whole) :]) else whole, None)


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
