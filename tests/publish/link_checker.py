"""Follows every address of a built site that stays within it: `python -m tests.publish.link_checker site/public`."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes that hold an address, by tag; `content` of a redirect is looked at apart.
_ADDRESSES = {
    "a": ("href",), "area": ("href",), "link": ("href",), "img": ("src",), "script": ("src",), "source": ("src",),
    "video": ("src", "poster"), "audio": ("src",), "iframe": ("src",), "form": ("action",), "object": ("data",),
}  # fmt: skip


@dataclass
class _Page(HTMLParser):
    """The addresses of a page, each with its line, and the places in it that an address can name."""

    found: list[tuple[int, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names |= {given[name] for name in ("id", "name") if given.get(name)}
        for name in _ADDRESSES.get(tag, ()):
            if name in given:
                self.found.append((self.getpos()[0], given[name]))
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.found.append((self.getpos()[0], given.get("content", "").partition("url=")[2]))


def broken(site: Path) -> Iterator[str]:
    """Each address of the site that leads to no file of it, or to no place on its page, as `page:line: address`."""
    pages = {place.relative_to(site).as_posix(): _read(place) for place in sorted(site.rglob("*.html"))}
    files = {place.relative_to(site).as_posix() for place in site.rglob("*") if place.is_file()}
    for path, page in pages.items():
        for line, address in page.found:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = _target(path, unquote(parts.path))
            there = target in files
            if there and parts.fragment and target in pages:
                there = unquote(parts.fragment) in pages[target].names
            if not there:
                yield f"{path}:{line}: {address}"


def _target(page: str, address: str) -> str:
    """The file that an address on a page leads to. On 404.html, shown at any depth, addresses begin at the root."""
    if not address:
        return page
    if page == "404.html":
        address = address.lstrip("/") or "."
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), address))
    return posixpath.normpath(posixpath.join(target, "index.html")) if address.endswith(("/", ".")) else target


def _read(place: Path) -> _Page:
    page = _Page()
    page.feed(place.read_text("utf-8", "replace"))
    return page


if __name__ == "__main__":
    lines = list(broken(Path(sys.argv[1])))
    print("\n".join(lines[:100]))
    print(f"{len(lines)} addresses lead nowhere")
    sys.exit(bool(lines))
