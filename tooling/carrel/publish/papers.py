"""What a paper's page says of it in a line: where it appeared, where it is, how far it was read.

Only what is public of a paper by its nature is named here. The owner's own of it (the plan to read it, remarks on it,
what was imported, where the file lies) is not, whatever the front matter holds.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.paper import bare_doi
from carrel.core.person import Name
from carrel.publish.parts import anchor, stars, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from carrel.core.note import Note


def paper_facts(note: Note) -> Iterator[str]:
    """The facts of a paper but for its authors, each as HTML."""
    metadata = note.metadata
    if editors := _editors(metadata):
        yield escape(f"edited by {editors}")
    if where := _where(metadata):
        yield escape(where)
    yield from _addresses(metadata)
    if reading := text_of(metadata, "reading"):
        yield f'<span class="carrel-reading">{escape(reading)}</span>'
    if rating := stars(metadata):
        yield rating


def people(names: Sequence[str]) -> str:
    """Names as people write them, the first six of them.

    >>> people(["Olah, Chris", "{Redwood Research}"])
    'Chris Olah, Redwood Research'
    """
    shown = ", ".join(Name.parse(name).display for name in names[:6])
    return f"{shown} and {len(names) - 6} more" if len(names) > 6 else shown


def _editors(metadata: Mapping[str, object]) -> str:
    listed = metadata.get("editors")
    if not isinstance(listed, tuple) or listed == metadata.get("authors"):
        return ""
    return people([name for name in listed if isinstance(name, str) and name.strip()])


def _where(metadata: Mapping[str, object]) -> str:
    """Journal, 3(4), pp. 33–35, Publisher, 2022."""
    volume, number, pages = (text_of(metadata, key) for key in ("volume", "number", "pages"))
    parts = (
        text_of(metadata, "venue"),
        f"{volume}({number})" if volume and number else volume or (f"no. {number}" if number else ""),
        f"{'pp.' if '-' in pages or '–' in pages else 'p.'} {pages.replace('-', '–')}" if pages else "",
        text_of(metadata, "publisher"),
        text_of(metadata, "year"),
    )
    return ", ".join(part for part in parts if part)


def _addresses(metadata: Mapping[str, object]) -> Iterator[str]:
    """Where it is on the web. A `pdf` that is a file is not named: it stays where it is."""
    arxiv = text_of(metadata, "arxiv").removeprefix("https://arxiv.org/abs/")
    if arxiv and "://" not in arxiv:
        version = text_of(metadata, "version")
        arxiv += f"v{version}" if version.isdecimal() and "v" not in arxiv else ""
        yield anchor(f"https://arxiv.org/abs/{arxiv}", f"arXiv:{arxiv}")
    if doi := bare_doi(text_of(metadata, "doi")):
        yield anchor(f"https://doi.org/{doi}", "doi")
    url, pdf = text_of(metadata, "url"), text_of(metadata, "pdf")
    if _on_the_web(url) and not any(site in url for site in ("//arxiv.org/", "//doi.org/")):
        yield anchor(url, url.split("/")[2].removeprefix("www."))
    if _on_the_web(pdf) and pdf != url:
        yield anchor(pdf, "PDF")


def _on_the_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))
