"""Atom feeds (RFC 4287) of what was written last: of everything, the log, papers, digests, each writer, each tag.

An item says in a few lines what is new and leads to its page: what a feed reader has copied cannot be taken back.
Its identifier is made from where it was written, so that a better title is no new item; its time is the note's own,
and what has no day is in no feed. Nobody knows the time zone of a day that is over: times are given as UTC.
"""

from __future__ import annotations

import re
from datetime import time
from functools import partial
from html import escape
from itertools import groupby, islice
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from carrel.core.graph import Target
from carrel.core.note import writers
from carrel.core.person import Name
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.places import (
    ALL_FEED,
    DIGESTS_FEED,
    HOME,
    LOG_FEED,
    PAPERS,
    PAPERS_FEED,
    TIMELINE,
    feed_of,
    list_page,
)
from carrel.publish.pages.address import Address
from carrel.publish.pages.gists import about_it
from carrel.publish.pages.lines import Line, lines_of
from carrel.publish.pages.made import MadeFile
from carrel.publish.text.labels import byline, year_of
from carrel.publish.text.words import entry_title, entry_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Items of a feed, and characters of one.
LATEST, WIDTH = 30, 500
#: What XML 1.0 cannot hold, and what turns the reading direction of whatever stands behind it.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
#: When a feed changed in which nothing stands: that of everything is there from the first day on.
_NEVER = "1970-01-01T00:00:00Z"


def feeds(edition: Edition, address: Address) -> Iterator[MadeFile]:
    """Every feed of the site."""
    yield MadeFile(ALL_FEED, partial(_everything, address=address))
    if edition.days:
        yield MadeFile(LOG_FEED, partial(_log, address=address))
    if edition.group("kind", "paper"):
        yield MadeFile(PAPERS_FEED, partial(_papers, address=address))
    if edition.group("kind", "digest"):
        yield MadeFile(DIGESTS_FEED, partial(_digests, address=address))
    for page in edition.keys("person"):
        yield MadeFile(feed_of(page), partial(_person, address=address, page=page))
    for page in edition.keys("tag"):
        yield MadeFile(feed_of(page), partial(_tag, address=address, page=page))


def _everything(edition: Edition, address: Address) -> str:
    return _feed(edition, address, ALL_FEED, HOME, "", _newest(edition))


def _log(edition: Edition, address: Address) -> str:
    lines = (line for line in _newest(edition) if line.note.kind == "log")
    return _feed(edition, address, LOG_FEED, TIMELINE, "Log", lines)


def _papers(edition: Edition, address: Address) -> str:
    lines = (line for line in _newest(edition) if line.note.kind == "paper")
    return _feed(edition, address, PAPERS_FEED, PAPERS, "Papers", lines)


def _digests(edition: Edition, address: Address) -> str:
    lines = _in_order(lines_of(edition, "kind", "digest"))
    return _feed(edition, address, DIGESTS_FEED, list_page("digest"), "Digests", lines)


def _person(edition: Edition, address: Address, page: str) -> str:
    name = Name.parse(edition.people_names[page]).display
    return _feed(edition, address, feed_of(page), page, name, _in_order(lines_of(edition, "person", page)))


def _tag(edition: Edition, address: Address, page: str) -> str:
    name = f"#{edition.tag_names[page]}"
    return _feed(edition, address, feed_of(page), page, name, _in_order(lines_of(edition, "tag", page)))


def _newest(edition: Edition) -> Iterator[Line]:
    """Every entry and note with a day, the newest first; of the months no more are read than are wanted."""
    for month in edition.keys("month"):
        yield from _in_order(lines_of(edition, "month", month))


def _in_order(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines, of which those of the newest day come first, by the minute; without those of no day."""
    for day, some in groupby(lines, key=lambda line: line.note.date):
        if day:
            of_day = sorted(some, key=lambda line: (line.note.path, line.entry or 0))
            yield from sorted(of_day, key=_at, reverse=True)


def _at(line: Line) -> time:
    return line.note.entries[line.entry].time if line.entry is not None else time()


def _feed(edition: Edition, address: Address, path: str, page: str, about: str, lines: Iterable[Line]) -> str:
    """A feed of the first of `lines`; `page` is what shows the same to a reader, `about` what of the site it is."""
    shown = list(islice(lines, LATEST))
    title = f"{address.name}: {about}" if about else address.name
    own = f'<link rel="self" href="{escape(address.link(path, path))}"/>\n' if address.url else ""
    items = "".join(_item(edition, address, path, line) for line in shown)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>{_text(title)}</title>\n<id>{_identifier(address, path)}</id>\n"
        f"<updated>{_stamp(shown[0]) if shown else _NEVER}</updated>\n"
        f'{own}<link href="{escape(address.link(path, _html(page)))}"/>\n'
        f"<author><name>{_text(address.name)}</name></author>\n<generator>Carrel</generator>\n{items}</feed>\n"
    )


def _item(edition: Edition, address: Address, path: str, line: Line) -> str:
    note = line.note
    if line.entry is None:
        title, key, tags = edition.titles[note.path], "", note.tags
        text, target = about_it(edition, note, WIDTH), Target(note.path)
        if note.kind == "paper" and (whose := " ".join(word for word in (byline(note), year_of(note)) if word)):
            title = f"{title} ({whose})"
    else:
        entry = note.entries[line.entry]
        title, text = entry_title(edition, note, entry) or "Entry", entry_words(edition, note, entry, WIDTH)
        target, tags = Target(note.path, entry.slug), tuple(tag for tag in entry.tags if tag in note.tags)
        # The minute stays when the title is mended; of two in one minute the second has a number.
        same = sum(one.time == entry.time for one in note.entries[: line.entry])
        key = f"#{entry.time:%H:%M}" + (f".{same}" if same else "")
    place, mark, fragment = edition.url(path, target).partition("#")
    href = address.link(path, _html(edition.place(note.path))) if address.url else _html(place)
    parts = [
        f"<title>{_text(title)}</title>",
        f"<id>{_identifier(address, note.path + key)}</id>",
        f'<link href="{escape(href + mark + fragment)}"/>',
        f"<updated>{_stamp(line)}</updated>",
        *(f"<author><name>{_text(Name.parse(name).display)}</name></author>" for name in writers(note)),
        *(f'<category term="{_text(tag)}"/>' for tag in tags),
        f"<summary>{_text(text)}</summary>" if text else "",
    ]
    return "<entry>\n" + "\n".join(part for part in parts if part) + "\n</entry>\n"


def _identifier(address: Address, key: str) -> str:
    """The same for the same place of the same site, whether it is read over http or https."""
    return uuid5(NAMESPACE_URL, f"{address.url.partition('://')[2]}{key}").urn


def _stamp(line: Line) -> str:
    return f"{line.note.date}T{_at(line):%H:%M:%S}Z"


def _html(page: str) -> str:
    return page.removesuffix(".md") + ".html"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))
