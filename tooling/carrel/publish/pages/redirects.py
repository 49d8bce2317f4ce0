"""Pages that lead on: from what a note is also called, or was once, to where it stands.

An alias is a name beside the note's page (`papers/toy-models.html`), or, with a slash or `.md` in it, a path from the
root, as of a note that was moved. Where a page stands already, there is none; of two notes with the same alias the
first by path has it.
"""

from __future__ import annotations

import posixpath
from base64 import b64encode
from functools import partial
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from carrel.core.graph import Target
from carrel.core.names import fold, slugify
from carrel.publish.edition.places import FILES
from carrel.publish.pages.address import Address
from carrel.publish.pages.made import MadeFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from carrel.publish.edition.edition import Edition

#: Folders of the site that hold no pages.
_OTHERS = ("assets", "carrel", "feeds", "search")
# A place in the page (`#a-heading`) is known to scripts alone; a refresh beside it would win and lose it.
_SCRIPT = "location.replace(document.links[0].href + location.hash)"
_POLICY = (
    f"default-src 'none'; script-src 'sha256-{b64encode(sha256(_SCRIPT.encode()).digest()).decode()}'; base-uri 'none'"
)
#: Bytes of a path: Windows and archives of old hold little more.
_LONGEST = 240


def redirects(edition: Edition, address: Address, pages: Collection[str]) -> Iterator[MadeFile]:
    """A page for each alias. `pages` are the paths of all that stand in the stage."""
    taken = {fold(page) for page in (*pages, "404.md")}  # names that are one on a Mac's disk count as one
    for note in edition.notes:
        for alias in note.aliases:
            page = _page(edition.place(note.path), alias)
            if page and fold(page) not in taken:
                taken.add(fold(page))
                yield MadeFile(_html(page), partial(_leading_on, address=address, page=page, path=note.path))


def _page(beside: str, alias: str) -> str:
    """Where the page of an alias stands, as a page of the stage; "" where it cannot.

    >>> _page("papers/elhage2022toy.md", "Toy models!"), _page("notes/a.md", "notes/Old Name.md")
    ('papers/toy-models.md', 'notes/Old Name.md')
    >>> _page("notes/a.md", "../../etc/passwd"), _page("notes/a.md", "carrel/x"), _page("notes/a.md", "?")
    ('', '', '')
    >>> _page("notes/a.md", "notes/a.html/x"), _page("notes/a.md", "v1.2/x")
    ('', 'v1.2/x.md')
    """
    if "/" not in alias and not alias.endswith(".md"):
        name = slugify(alias)
        return posixpath.join(posixpath.dirname(beside), f"{name}.md") if name else ""
    parts = alias.removesuffix(".md").split("/")
    odd = any(not part.strip(". ") or part.startswith(".") or not _is_name(part) for part in parts)
    odd = odd or any(folder.lower().endswith(FILES) for folder in parts[:-1])
    if odd or parts[0].lower() in _OTHERS or len(alias.encode()) > _LONGEST:
        return ""
    return f"{'/'.join(parts)}.md"


def _is_name(part: str) -> bool:
    """Whether a file of this name can be on every system, and in an archive of one."""
    return part.isprintable() and len(part.encode()) < 200 and not set(part) & set('\\:*?"<>|#%')


def _leading_on(edition: Edition, address: Address, page: str, path: str) -> str:
    title = escape(edition.titles[path])
    here = escape(_html(edition.url(page, Target(path))))
    whole = escape(address.link(_html(page), _html(edition.place(path))))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<title>{title}</title>\n<meta name="robots" content="noindex">\n<link rel="canonical" href="{whole}">\n'
        f'<noscript><meta http-equiv="refresh" content="0; url={here}"></noscript>\n</head>\n'
        f'<body><p>This is now <a href="{here}">{title}</a>.</p><script>{_SCRIPT}</script></body>\n</html>\n'
    )


def _html(page: str) -> str:
    return page.removesuffix(".md") + ".html"
