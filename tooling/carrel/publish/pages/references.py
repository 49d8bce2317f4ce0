"""Lists of references: at the end of a page what it cites, and one page of everything that is cited."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from carrel.core.graph import Target
from carrel.core.paper import bare_doi
from carrel.metadata.formatter import as_html, as_text
from carrel.publish.edition.places import BIBLIOGRAPHY
from carrel.publish.pages.parts import anchor, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from carrel.core.paper import Paper
    from carrel.publish.edition.edition import Edition

_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;)]")


def references(edition: Edition, place: str, cited: Mapping[str, int]) -> str:
    """What the page at `place` cites, in the order of the style; `cited` has the papers' numbers."""
    if not cited:
        return ""
    bibliography = edition.bibliography
    by_number = sorted(cited, key=lambda path: cited[path])
    paths = by_number if bibliography.style.numbered else bibliography.ordered(by_number)
    items = "\n".join(f"<li>{_entry(edition, place, path, cited[path])}</li>" for path in paths)
    return (
        '<section class="carrel-references" data-search-exclude="">\n<p class="carrel-heading">References</p>\n'
        f"<ul>\n{items}\n</ul>\n</section>"
    )


def bibliography_page(edition: Edition) -> str:
    """Every paper that is cited somewhere, in the order of the style."""
    bibliography = edition.bibliography
    paths = bibliography.ordered(path for path in edition.cited if path in bibliography.papers)
    items = (f"<li>{_entry(edition, BIBLIOGRAPHY, path, number)}</li>" for number, path in enumerate(paths, 1))
    count = f"{len(paths):,} paper{'s' if len(paths) > 1 else ''} that notes here cite."
    return f"{count}\n\n" + listed(items).replace('"carrel-list"', '"carrel-references"', 1)


def _entry(edition: Edition, place: str, path: str, number: int) -> str:
    """An entry as HTML: the title leads to the paper's page, addresses lead to themselves."""
    paper, entry = edition.bibliography.papers[path], edition.bibliography.entry(path, number)
    before, title, after = _parts(entry, paper.title)
    link, _, end = anchor(edition.url(place, Target(path)), "\n").partition("\n")
    shown = f"{before}{link}{title}{end}{after}"
    words = as_text(entry)
    return " ".join((shown, *(f'<span class="carrel-elsewhere">{one}</span>' for one in _elsewhere(paper, words))))


@lru_cache(maxsize=10_000)  # a paper is cited on many pages
def _parts(entry: str, title: str) -> tuple[str, str, str]:
    """An entry as HTML in three parts: what is before its link, in it, and after it."""
    start = entry.lower().find(title.lower()) if title else -1
    stop = start + len(title)
    if start < 0 or len(entry) != len(entry.lower()):  # a style that changes the title, or has none
        return f"{_with_links(entry)} ", "Notes", ""
    return _with_links(entry[:start]), as_html(entry[start:stop]), _with_links(entry[stop:])


def _with_links(formatted: str) -> str:
    return _ADDRESS.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', as_html(formatted))


def _elsewhere(paper: Paper, words: str) -> Iterator[str]:
    """Where the paper is, as far as the entry does not say so."""
    doi = bare_doi(paper.doi)
    if doi and doi not in words:
        yield anchor(f"https://doi.org/{doi}", "doi")
    if paper.arxiv and "://" not in paper.arxiv:
        yield anchor(
            f"https://arxiv.org/abs/{paper.arxiv}", "arXiv" if paper.arxiv in words else f"arXiv:{paper.arxiv}"
        )
    if paper.url and "http" not in words and "arxiv.org" not in paper.url and not doi:
        yield anchor(paper.url, paper.url.split("/")[2].removeprefix("www."))
