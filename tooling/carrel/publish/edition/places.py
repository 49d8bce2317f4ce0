"""Where things stand on the site: its own pages and files, and what the others are called."""

from __future__ import annotations

import posixpath

from carrel.core.names import slugify

#: All papers for a bibliography, as BibTeX and as CSL-JSON.
PAPERS_BIB, PAPERS_JSON = "papers.bib", "papers.json"
#: What is new as Atom: all of it, the log, papers, digests. `feed_of` names the others.
ALL_FEED, LOG_FEED = "feeds/all.xml", "feeds/log.xml"
PAPERS_FEED, DIGESTS_FEED = "feeds/papers.xml", "feeds/digests.xml"
#: The site's own pages; what stands below it is published under its path without this prefix.
PAGES = "site/pages/"
HOME, TIMELINE, PAPERS, BIBLIOGRAPHY, TAGS = "index.md", "timeline.md", "papers.md", "bibliography.md", "tags.md"
PEOPLE, PREDICTIONS, GRAPH = "people.md", "predictions.md", "graph.md"
IMAGES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"))
#: Attachments that a site may carry: what a browser shows without running it, and plain data.
ASSETS = IMAGES | frozenset((
    ".pdf", ".mp4", ".webm", ".mp3", ".ogg", ".wav", ".m4a", ".csv", ".tsv", ".txt", ".bib", ".ipynb", ".zip", ".gz",
))  # fmt: skip
#: How the files of a site and of a stage are called: no folder is called so, or it would stand where one of them does.
FILES = (".md", ".html", ".js", ".json", ".bib", ".xml", ".gz", ".txt", ".svg")


def asset_name(path: str, digest: str = "") -> str:
    """Where an attachment stands on the site: under its own name, not that of a folder that no one typed.

    >>> asset_name("notes/Secret project/Fig 1.PNG", "3f2a9b1c")
    'assets/fig-1-3f2a9b1c.png'
    """
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    mark = f"-{digest}" if digest else ""
    return f"assets/{(slugify(stem) or 'file').removesuffix(mark)}{mark}{suffix.lower()}"


def feed_of(page: str) -> str:
    """The feed of what stands on the page of a tag or a person.

    >>> feed_of("tags/sae.md")
    'feeds/tags/sae.xml'
    """
    return f"feeds/{page.removesuffix('.md')}.xml"


def list_page(kind: str) -> str:
    """The page that lists the notes of `kind`.

    >>> list_page("experiment"), list_page("paper")
    ('experiments.md', 'papers.md')
    """
    return f"{kind}s.md"


def timeline_page(when: str) -> str:
    """The page of a year or a month of the timeline.

    >>> timeline_page("2026"), timeline_page("2026-11")
    ('timeline/2026.md', 'timeline/2026-11.md')
    """
    return f"timeline/{when}.md"
