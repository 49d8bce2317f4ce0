"""What readers of all formats do alike: from loose fields, as some program exported them, to a `Paper`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core.paper import Paper, bare_doi, first_year, page_range
from carrel.core.person import Name
from carrel.metadata import arxiv
from carrel.metadata.latex import plain_text
from carrel.metadata.markup import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_PDF = re.compile(r"\.pdf(?:[?#].*)?\Z", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.[ -]?){1,4}")
_BARE_INITIALS = re.compile(r"[^\W\d_a-z]{1,3}")
# Chinese and Korean names, with a blank between their parts: the family name stands first.
_EASTERN = re.compile(r"([\u3400-\u9fff\uac00-\ud7af]{1,2}) ([\u3400-\u9fff\uac00-\ud7af]{1,3})")
_SUFFIX = re.compile(r"(.*\S)\s+(Jr\.?|Sr\.?|II|III|IV|2nd|3rd|4th)", re.IGNORECASE)
_ANNOUNCED_ARXIV = re.compile(
    r"\A\s*(?:arxiv|corr\b|abs/|https?://[\w.]*arxiv\.org/|(?:doi:\s*)?10\.48550/)", re.IGNORECASE
)
_ANNOUNCED_DOI = re.compile(r"\A\s*(?:doi[\s:=]*|https?://(?:dx\.)?doi\.org/)?(?=10\.\d)", re.IGNORECASE)
_PP = re.compile(r"\App?\.?\s+(?=\d)")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_KEY = re.compile(r"(?=\D*\d)[^\W\d_]{3}[^\s:]*")


def assembled(
    *,
    title: str,
    authors: tuple[Name, ...] = (),
    editors: tuple[Name, ...] = (),
    dates: Iterable[str] = (),
    venue: str = "",
    publisher: str = "",
    doi: Sequence[str] = (),
    urls: Sequence[str] = (),
    files: Sequence[str] = (),
    elsewhere: Sequence[str] = (),
    abstract: str = "",
    bibtype: str = "misc",
    citekey: str = "",
    volume: str = "",
    number: str = "",
    pages: str = "",
    keywords: Iterable[str] = (),
    note: str = "",
) -> Paper:
    """The paper of which a record says this. Of several dates and addresses the first that is one counts.

    `doi` are the fields that should hold one; `elsewhere` are others in which people and programs put identifiers.
    An id or DOI there counts only if the text begins with it: a remark may name other papers. Texts may have HTML
    and LaTeX in them.
    """
    addresses = [_WEB.search(_CONTROLS.sub("", url)) for url in urls]
    web = [found[0].rstrip(".,;") for found in addresses if found]
    announced = [text for text in (*web, *elsewhere) if _ANNOUNCED_DOI.match(text)]
    found_doi = next((found for text in (*doi, *announced) if (found := bare_doi(text))), "")
    preprints = [text for text in (*doi, *web, *elsewhere, venue) if _ANNOUNCED_ARXIV.match(text)]
    arxiv_id = next((found for text in preprints if (found := arxiv.find(text))), "")
    venue, publisher = prose(venue), prose(publisher)
    if arxiv_id and is_preprint_server(venue or publisher):
        venue = "arXiv"
        publisher = "" if is_preprint_server(publisher) else publisher
    places = (*(" ".join(_CONTROLS.sub("", file).split()) for file in files), *web)
    return Paper(
        title=prose(title),
        authors=authors or editors,
        year=next((year for date in dates if (year := first_year(date))), ""),
        venue=venue or publisher,
        arxiv=arxiv_id,
        doi=found_doi,
        url=web[0] if web else "",
        pdf=next((place for place in places if _PDF.search(place)), ""),
        abstract=prose(abstract),
        bibtype=bibtype,
        citekey=_CONTROLS.sub("", citekey),
        editors=editors,
        volume=prose(volume),
        number=prose(number),
        pages=page_range(_PP.sub("", prose(pages))),
        publisher=publisher,
        keywords=tuple(dict.fromkeys(shown for word in keywords if (shown := prose(word)))),
        note=prose(note),
    )


def prose(text: str) -> str:
    """A text for people, on one line, without HTML and LaTeX; mathematics stays as `$…$`.

    >>> prose("<i>p</i> &lt; 0.05 in $x_1$,\\n caf\\\\'e")
    'p < 0.05 in $x_1$, café'
    """
    plainly = text.isascii() and "<" not in text and "&" not in text
    shown = " ".join(_CONTROLS.sub("", text).split()) if plainly else plain(_CONTROLS.sub("", text))
    return plain_text(shown) if "\\" in shown else shown


def is_preprint_server(venue: str) -> bool:
    """Whether a place of publication only says that the paper is on arXiv.

    >>> is_preprint_server("arXiv preprint arXiv:2209.10652"), is_preprint_server("CoRR"), is_preprint_server("NeurIPS")
    (True, True, False)
    """
    return not venue or venue == "CoRR" or venue.lower().startswith("arxiv")


def people(written: Iterable[str], *, inverted: bool) -> tuple[Name, ...]:
    """Names from lists in which the family name stands first: `Family, Given, Suffix`, as RIS wants them.

    `inverted` says that the program that wrote the list puts commas into names; then a name without one is a
    group. Otherwise it may be `Ashish Vaswani`, `A. Vaswani` or `Vaswani A`.

    >>> [str(name) for name in people(["Marx, Karl", "Redwood Research", "Fanning E."], inverted=True)]
    ['Karl Marx', '{Redwood Research}', 'E. Fanning']
    >>> [str(name) for name in people(["Ashish Vaswani", "Long VJ"], inverted=False)]
    ['Ashish Vaswani', 'VJ Long']
    """
    names = (_person(prose(one), inverted) for text in written for one in text.replace("\n", ";").split(";"))
    return tuple(name for name in names if name.last)


def _person(written: str, inverted: bool) -> Name:
    family, *rest = (part.strip() for part in written.split(","))
    if rest and any(rest):
        given, suffix = rest[0], " ".join(rest[1:])
        ending = None if suffix else _SUFFIX.fullmatch(given)
        return Name(family, ending[1], suffix=ending[2]) if ending else Name(family, given, suffix=suffix)
    if family.lower().rstrip(".") in ("et al", "others"):
        return Name("others")  # what BibTeX calls them
    if rest:  # EndNote: a comma after a group's name
        return Name(literal=family)
    if eastern := _EASTERN.fullmatch(family):
        return Name(eastern[1], eastern[2])
    first, _, last = family.rpartition(" ")
    if first and (_INITIALS.fullmatch(last) or (not inverted and _BARE_INITIALS.fullmatch(last))):
        return Name(first, last)
    return Name(literal=family) if inverted else Name.parse(family)


def has_commas(written: Iterable[str]) -> bool:
    """Whether any of these names is written with its family name first."""
    return any("," in name.rstrip(", ") for name in written)


def brought_key(identifier: str) -> str:
    """A record's own identifier if it looks like a citation key: letters, then digits; neither word nor number alone.

    >>> brought_key("LeCun2015"), brought_key("2006713348"), brought_key("WOS:000178"), brought_key("Oral")
    ('LeCun2015', '', '', '')
    """
    return identifier if _KEY.fullmatch(identifier) else ""
