"""What the front matter of a note leads to: the project it belongs to, the question that it advances."""

from __future__ import annotations

from collections.abc import Iterator

from carrel.core.markdown import scan
from carrel.core.note import Link, Note

#: Front-matter keys whose links count as the note's: the others are not published, nor are their links.
RELATIONS = ("advances", "project", "supersedes", "paper")


def relations(note: Note, key: str) -> Iterator[tuple[Link, bool]]:
    """The links in the value of `key`, and whether each is written as one; a bare name counts as a link."""
    value = note.metadata.get(key, ())
    for text in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
        if isinstance(text, str) and text.strip():
            yield from named(text)


def named(text: str) -> Iterator[tuple[Link, bool]]:
    """The links in one such value.

    >>> [link.target for link, _ in named("[[probes]] and [[evals|E]]")], next(named(" probes "))[0].target
    (['probes', 'evals'], 'probes')
    """
    found = scan(text).links if "[" in text else ()
    yield from ((one, True) for one in found)
    if not found:
        yield Link(text.strip()), False
