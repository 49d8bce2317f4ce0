"""Zotero's local API: the library of the Zotero that runs on this computer, read only.

It answers like the web API, version 3, at http://localhost:23119/api/, when that is switched on:
https://www.zotero.org/support/dev/web_api/v3/local_api. The user's own library is `users/0`, a group's `groups/ID`.
The client should keep no answers: they are on this computer already, and change while one reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from carrel.core.quotes import Highlight
from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata import zotero_items

if TYPE_CHECKING:
    from carrel.core.paper import Paper
    from carrel.metadata.http import Client

BASE_URL = "http://localhost:23119/api"
#: Items of one answer, and bytes: they carry the owner's notes.
PAGE = 100
MAX_ITEMS = 200_000
MAX_BYTES = 64 * 1024 * 1024
_SWITCH = "in Zotero: Settings → Advanced → Allow other applications on this computer to communicate with Zotero"


class Item(NamedTuple):
    """A paper in Zotero. `key` names it there; `version` grows with each change, for `items(since=…)`."""

    key: str
    version: int
    paper: Paper


class Collection(NamedTuple):
    """A collection; `parent` is the key of the one that it is in, or ""."""

    key: str
    name: str
    parent: str


def items(
    client: Client, base_url: str = BASE_URL, *, collection: str = "", library: str = "users/0", since: int = 0
) -> tuple[Item, ...]:
    """The papers of a library, or of one of its collections by key or name, in the order they were added.

    `pdf` of each is where Zotero keeps its file, if that is on this computer. With `since` only what has changed after
    that version. Raises SourceUnreachable when Zotero does not run or the API is switched off, SourceInvalid when
    there is no such collection.
    """
    root = _root(base_url, library)
    within = f"/collections/{_collection(client, base_url, library, collection)}" if collection else ""
    query = {"sort": "dateAdded", "direction": "asc", **({"since": str(since)} if since else {})}
    found = [
        Item(_text(one.get("key")), _number(one.get("version")), zotero_items.paper(data))
        for one in _all(client, f"{root}{within}/items/top", query)
        if _text((data := _mapping(one, "data")).get("itemType")) not in zotero_items.NOT_PAPERS
    ]
    if not found:
        return ()
    files = _files(client, f"{root}{within}/items")
    return tuple(
        one._replace(paper=replace(one.paper, pdf=files[one.key])) if one.key in files else one for one in found
    )


def collections(client: Client, base_url: str = BASE_URL, *, library: str = "users/0") -> tuple[Collection, ...]:
    """The collections of a library, by name. Raises as `items` does."""
    found = (_mapping(one, "data") for one in _all(client, f"{_root(base_url, library)}/collections", {}))
    named = (Collection(_text(c.get("key")), _text(c.get("name")), _text(c.get("parentCollection"))) for c in found)
    return tuple(sorted(named, key=lambda one: (one.name.casefold(), one.key)))


def highlights(
    client: Client, key: str, base_url: str = BASE_URL, *, library: str = "users/0"
) -> tuple[Highlight, ...]:
    """What its owner marked in the PDFs of the item `key`, in reading order. Raises as `items` does."""
    found: list[Highlight] = []
    root = _root(base_url, library)
    children = _all(client, f"{root}/items/{key}/children", {})
    for child in children:
        data = _mapping(child, "data")
        if data.get("itemType") == "attachment" and data.get("contentType") == "application/pdf":
            # Without the type the local API gives no annotations.
            address = f"{root}/items/{_text(child.get('key'))}/children"
            marks = [_mapping(one, "data") for one in _all(client, address, {"itemType": "annotation"})]
            marks.sort(key=lambda mark: _text(mark.get("annotationSortIndex")))
            found += [_highlight(mark) for mark in marks]
    return tuple(mark for mark in found if mark.text or mark.comment)


def _root(base_url: str, library: str) -> str:
    """Where a library is; `base_url` may be that of Zotero's server or of its API.

    >>> _root("http://localhost:23119/", "users/0")
    'http://localhost:23119/api/users/0'
    """
    return f"{base_url.rstrip('/').removesuffix('/api')}/api/{library}"


def _highlight(data: Mapping[str, object]) -> Highlight:
    """An annotation; its identity is Zotero's key, in the form that Quotes have.

    >>> _highlight({"key": "ANNO0001", "annotationText": "in  a line", "annotationPageLabel": "7"})
    Highlight(id='1aa123f7', page='7', text='in a line', comment='', colour='', author='', date='')
    """
    return Highlight(
        blake2b(f"zotero:{_text(data.get('key'))}".encode("utf-8", "replace"), digest_size=4).hexdigest(),
        _text(data.get("annotationPageLabel")),
        " ".join(_text(data.get("annotationText")).split()),
        _text(data.get("annotationComment")).strip(),
        _text(data.get("annotationColor")),
        _text(data.get("annotationAuthorName")),
        _text(data.get("dateAdded"))[:10],
    )


def _files(client: Client, address: str) -> dict[str, str]:
    """Item's key → the place of its first PDF on this computer."""
    found: dict[str, str] = {}
    for one in _all(client, address, {"itemType": "attachment", "sort": "dateAdded", "direction": "asc"}):
        data, file = _mapping(one, "data"), _mapping(_mapping(one, "links"), "enclosure")
        if data.get("contentType") == "application/pdf":
            # A file that Zotero keeps has an enclosure, with its length if it is here; a linked one only its path.
            place = _place(_text(file.get("href"))) if "length" in file else _text(data.get("path"))
            if place and not place.startswith("attachments:"):
                found.setdefault(_text(data.get("parentItem")), place)
    return found


def _place(address: str) -> str:
    """The path that a `file://` address names, or "".

    >>> _place("file:///home/ann/Zotero/storage/AB12CD34/Toy%20models.pdf"), _place("https://example.org/a.pdf")
    ('/home/ann/Zotero/storage/AB12CD34/Toy models.pdf', '')
    """
    parts = urlsplit(address)
    return unquote(parts.path) if parts.scheme == "file" else ""


def _collection(client: Client, base_url: str, library: str, wanted: str) -> str:
    known = collections(client, base_url, library=library)
    for one in known:
        if wanted == one.key or wanted.casefold() == one.name.casefold():
            return one.key
    names = ", ".join(one.name for one in known[:20])
    raise SourceInvalid(f"Zotero has no collection {wanted!r}", f"there are: {names}" if names else "")


def _all(client: Client, address: str, query: Mapping[str, str]) -> Iterator[Mapping[str, object]]:
    """The objects of all pages of an answer."""
    for start in range(0, MAX_ITEMS, PAGE):
        page = _page(client, address, {"v": "3", "format": "json", **query, "limit": str(PAGE), "start": str(start)})
        yield from page
        if len(page) < PAGE:
            return


def _page(client: Client, address: str, query: Mapping[str, str]) -> list[Mapping[str, object]]:
    try:
        answer = client.get(address, query, statuses=(200, 403, 404, 501), max_bytes=MAX_BYTES)
    except SourceUnreachable as error:
        raise SourceUnreachable(f"Zotero does not answer: {error.message}", f"start Zotero; {_SWITCH}") from error
    if answer.status == 403:
        raise SourceUnreachable("Zotero lets no other program read its library", _SWITCH)
    if answer.status == 404:
        raise SourceInvalid(f"Zotero has nothing at {urlsplit(address).path}", "was it deleted there?")
    if answer.status == 501:
        raise SourceInvalid("this Zotero speaks another version of its API than 3", "a newer Carrel may know it")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise SourceInvalid(f"no JSON from Zotero at {address}", "is it Zotero that listens there?") from error
    if not isinstance(found, list):
        raise SourceInvalid(f"no list from Zotero at {address}", "is it Zotero that listens there?")
    return [one for one in found if isinstance(one, Mapping)]


def _mapping(found: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = found.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
