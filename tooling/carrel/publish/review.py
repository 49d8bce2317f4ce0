"""What a reader of a site can see after a publish that nobody could see before."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.publish.to.site import Changes, Site, is_attachment, is_page

if TYPE_CHECKING:
    from pathlib import Path

_TITLE = re.compile(rb"<title>([^<]{0,1000}+)</title>")
#: Bytes of a page in which its title stands.
_HEAD = 20_000


@dataclass(frozen=True, slots=True)
class Fresh:
    """A page or an attachment that is not there yet: its address on the site, and the title of a page."""

    path: str
    title: str = ""


def newly_visible(site: Site, changes: Changes) -> list[Fresh]:
    """The pages that are new at a place, then what they show or link that is new."""
    return [*_pages(site, changes), *(Fresh(path) for path in changes.added if is_attachment(path))]


def _pages(site: Site, changes: Changes) -> Iterator[Fresh]:
    home = _title(site.files["index.html"]) if "index.html" in site.files else ""
    for path in changes.added:
        if is_page(path):
            title = _title(site.files[path])
            yield Fresh(path, title.removesuffix(f" - {home}") or title)


def _title(place: Path) -> str:
    with place.open("rb") as page:
        found = _TITLE.search(page.read(_HEAD))
    return html.unescape(found[1].decode("utf-8", "replace")).strip() if found else ""
