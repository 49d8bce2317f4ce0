"""The files that are made from notes beside the pages: bibliographies, feeds, and what leads on from older names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrel.metadata import csl
from carrel.metadata.bibtex_writer import bib_text
from carrel.publish.edition.places import PAPERS_BIB, PAPERS_JSON
from carrel.publish.pages.address import NOWHERE, Address
from carrel.publish.pages.calibration import CALIBRATION, calibration_curve, has_curve
from carrel.publish.pages.feeds import feeds
from carrel.publish.pages.graph_page import GRAPH_DATA, graph_data
from carrel.publish.pages.made import MadeFile
from carrel.publish.pages.redirects import redirects

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from carrel.publish.edition.edition import Edition


def made_files(
    edition: Edition, address: Address = NOWHERE, pages: Collection[str] = frozenset()
) -> Iterator[MadeFile]:
    """Every file that is made from notes. `address` is that of the site, `pages` are the paths of all its pages."""
    if edition.group("kind", "paper"):
        yield MadeFile(PAPERS_BIB, _bibtex)
        yield MadeFile(PAPERS_JSON, _csl)
    if edition.most_linked(1):
        yield MadeFile(GRAPH_DATA, graph_data)
    if has_curve(edition):
        yield MadeFile(CALIBRATION, calibration_curve)
    yield from feeds(edition, address)
    yield from redirects(edition, address, pages)


def _bibtex(edition: Edition) -> str:
    return bib_text(edition.papers)


def _csl(edition: Edition) -> str:
    return csl.dump(edition.papers)
