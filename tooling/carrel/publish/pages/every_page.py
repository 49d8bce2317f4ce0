"""Which pages are made from notes. Each has its module; this one says which there are.

Each text is Markdown with HTML blocks in it, and stands below the text of `site/pages/<the same name>` where the
knowledge base has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrel.publish.edition.edition import Edition
from carrel.publish.edition.places import BIBLIOGRAPHY, GRAPH, HOME, PAPERS, PREDICTIONS
from carrel.publish.pages.graph_page import graph_page
from carrel.publish.pages.home import home
from carrel.publish.pages.kinds import kind_pages
from carrel.publish.pages.made import MadePage
from carrel.publish.pages.papers_table import papers_table
from carrel.publish.pages.people import people_pages
from carrel.publish.pages.predictions import predictions_page
from carrel.publish.pages.references import bibliography_page
from carrel.publish.pages.rollups import project_archives
from carrel.publish.pages.tags import tag_pages
from carrel.publish.pages.timeline import timeline_pages

if TYPE_CHECKING:
    from collections.abc import Iterator


def made_pages(edition: Edition, name: str = "Home") -> Iterator[MadePage]:
    """Every page that is made from notes; home is headed by the site's `name`, unless its own words have a heading."""
    yield MadePage(HOME, name, home)
    yield from timeline_pages(edition)
    if edition.group("kind", "paper"):
        yield MadePage(PAPERS, "Papers", papers_table)
    if edition.cited:
        yield MadePage(BIBLIOGRAPHY, "Bibliography", bibliography_page)
    yield from kind_pages(edition)
    yield from project_archives(edition)
    if edition.keys("prediction"):
        yield MadePage(PREDICTIONS, "Predictions", predictions_page)
    yield from people_pages(edition)
    yield from tag_pages(edition)
    if edition.most_linked(1):
        yield MadePage(GRAPH, "Graph", graph_page)
