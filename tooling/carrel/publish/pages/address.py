"""What a site is called and where on the web it stands, for what has to say so itself: feeds and redirects."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from carrel.core.relative import relative_url
from carrel.errors import BuildFailed

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase


class Address(NamedTuple):
    """`url` ends with a slash; it is "" where nobody said where the site stands."""

    name: str
    url: str = ""

    def link(self, source: str, place: str) -> str:
        """The address of the site's file `place`, as it stands in its file `source`: whole where it is known.

        >>> Address("Lab", "https://lab.org/site/").link("feeds/all.xml", "notes/a b.html")
        'https://lab.org/site/notes/a%20b.html'
        >>> Address("Lab").link("feeds/all.xml", "notes/a b.html")
        '../notes/a%20b.html'
        """
        return self.url + relative_url("", place) if self.url else relative_url(source, place)


#: That of a site of which nothing is known.
NOWHERE = Address("")


def address_of(kb: KnowledgeBase) -> Address:
    """The site's name and place as mkdocs.yml says them; what it does not say as MkDocs has it: `site_url`."""
    settings = _settings(kb)
    name, url = settings.get("site_name"), settings.get("site_url")
    name = kb.config.site_title or (name if isinstance(name, str) else "") or kb.root.name
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    except ValueError:  # as in https://[x: whoever builds with it tells
        return Address(name)
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        return Address(name)
    return Address(name, f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/")


def _settings(kb: KnowledgeBase) -> dict[str, object]:
    from yaml import YAMLError

    from carrel.publish.builders.builder_settings import read

    for name in ("mkdocs.yml", "mkdocs.yaml"):
        if (place := kb.root / name).is_file():
            try:
                return read(place)
            except (OSError, ValueError, RecursionError, YAMLError, BuildFailed):
                return {}  # what is wrong with it is told by whoever builds with it
    return {}
