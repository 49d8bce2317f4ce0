"""What a theme is told of a page beside its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrel.publish.edition.places import HOME, PAPERS

if TYPE_CHECKING:
    from carrel.publish.staging.staged import StagedPage


def told(page: StagedPage) -> dict[str, str | list[str]]:
    """The keys that themes know, with plain text: whoever hands them on escapes them, unless the theme does."""
    meta: dict[str, str | list[str]] = {} if page.path == HOME else {"title": page.title}
    if page.path == PAPERS:
        meta["hide"] = ["toc"]  # room for the table
    for key, name in (("description", "description"), ("authors", "author")):
        if value := page.meta.get(key):
            meta[name] = value if isinstance(value, str) else ", ".join(map(str, _listed(value)))
    if tags := page.meta.get("tags"):
        meta["tags"] = [str(tag) for tag in _listed(tags)]
    return meta


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
