"""A paper's record as its page shows it: who wrote it, where it appeared, where it is, how far it was read, how to
cite it.

Only what is public of a paper by its nature is named here. The owner's own of it (the plan to read it, remarks on it,
what was imported, where the file lies) is not, whatever the front matter holds.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.note import writers
from carrel.core.paper import bare_doi
from carrel.core.person import Name
from carrel.metadata.bibtex_writer import entry
from carrel.publish.pages.parts import anchor, persons, stars, text_of
from carrel.publish.pages.relation_links import related

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from carrel.core.note import Note
    from carrel.publish.edition.edition import Edition

#: Names that are shown before the rest is behind "and 12 more", and those that are shown at all.
FIRST_NAMES, MAX_NAMES = 12, 500


def record(edition: Edition, note: Note, place: str) -> str:
    """What is known of a paper, line by line; last its entry for a .bib file."""
    rows = "".join(f"<dt>{name}</dt><dd>{said}</dd>\n" for name, said in _rows(edition, note, place))
    return f'<dl class="carrel-record">\n{rows}</dl>'


def _rows(edition: Edition, note: Note, place: str) -> Iterator[tuple[str, str]]:
    """The lines of the record: what each is about, and what it says as HTML."""
    metadata = note.metadata
    if note.authors:
        yield "Authors", _everyone(note.authors)
    if editors := _editors(metadata):
        yield "Edited by", _everyone(editors)
    if where := _where(metadata):
        yield "Published", escape(where)
    if addresses := tuple(_addresses(metadata)):
        yield "Find it", " · ".join(addresses)
    reading = text_of(metadata, "reading")
    shown = f'<span class="carrel-reading">{escape(reading)}</span>' if reading else ""
    if how_far := f"{shown} {stars(metadata)}".strip():
        yield "Reading", how_far
    if summarisers := writers(note):
        yield "Summarised by", persons(edition, place, summarisers)
    if state := text_of(metadata, "state"):
        yield "State", escape(state)
    for key in ("project", "advances"):
        if names := ", ".join(related(edition, note, place, key)):
            yield key.capitalize(), names
    bibtex = escape(entry(edition.record(note.path)).rstrip("\n"), quote=False)
    code = f'<pre class="no-copy"><code>{bibtex}</code></pre>'  # our own button copies it, from disk too
    yield "Cite", f'<details class="carrel-bibtex"><summary>Show BibTeX</summary>{code}</details>'


def _everyone(names: Sequence[str]) -> str:
    """Every name; those of a crowd behind a line that opens."""
    shown = [escape(Name.parse(name).display) for name in names[:MAX_NAMES]]
    if len(names) <= FIRST_NAMES + 1:
        return ", ".join(shown)
    rest = ", ".join(shown[FIRST_NAMES:]) + (" …" if len(names) > MAX_NAMES else "")
    more = f"<details><summary>and {len(names) - FIRST_NAMES:,} more</summary>{rest}</details>"
    return f"{', '.join(shown[:FIRST_NAMES])} {more}"


def _editors(metadata: Mapping[str, object]) -> list[str]:
    listed = metadata.get("editors")
    if not isinstance(listed, tuple) or listed == metadata.get("authors"):
        return []
    return [name for name in listed if isinstance(name, str) and name.strip()]


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
    url, pdf, code = (text_of(metadata, key) for key in ("url", "pdf", "code"))
    if arxiv and "://" not in arxiv:
        version = text_of(metadata, "version")
        arxiv += f"v{version}" if version.isdecimal() and "v" not in arxiv else ""
        yield anchor(f"https://arxiv.org/abs/{arxiv}", f"arXiv:{arxiv}")
        pdf = pdf if _on_the_web(pdf) else f"https://arxiv.org/pdf/{arxiv}"
    if doi := bare_doi(text_of(metadata, "doi")):
        yield anchor(f"https://doi.org/{doi}", f"doi:{doi}")
    if _on_the_web(url) and url != pdf and not any(site in url for site in ("//arxiv.org/", "//doi.org/")):
        yield anchor(url, url.split("/")[2].removeprefix("www."))
    if _on_the_web(pdf):
        yield anchor(pdf, "PDF")
    if _on_the_web(code):
        yield anchor(code, "code")


def _on_the_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))
