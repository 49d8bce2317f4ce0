"""The fields of what can be found: how values are kept under them, and which ones the language itself reserves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from carrel.core.names import heading_slug
from carrel.search.analysis import fold

#: Between a value's key and the whole value, and between its key and one of its words.
WHOLE, WORD = "\x1f", "\x1e"
#: The value that every page of a PDF has, and that no front matter can make.
PAGE = f"in{WORD}{WHOLE}"
#: The value of a part, before its name; see `Document`.
PART = f"in{WHOLE}"
#: A whole value is compared by its first characters: an abstract under a key of its own need not be kept twice.
MAX_VALUE = 200
#: Front-matter keys that are known by another name in queries.
FIELD_NAMES: Mapping[str, str] = {
    "tags": "tag",
    "authors": "author",
    "aliases": "alias",
    "cite": "cites",
    "citation": "cites",
    "link": "links",
    "mention": "mentions",
    "type": "kind",
}
#: Fields whose values are names: they match whole, or by a leading part before a slash, never by a word inside.
NAMES = frozenset(("kind", "date", "tag", "project", "visibility", "cites", "links", "reading", "state", "has", "is"))
#: Fields that only Carrel fills. A front-matter key of such a name is found by its words; `in` makes a part, too.
RESERVED = frozenset(("in", "has", "is"))
#: A field's name that needs no quotes in a query; any other does: `"my key":value`.
KEY = re.compile(r"[^\W\d_][\w.-]*")
#: Words of the query language that look like fields and ask for days.
DAYS = frozenset(("date", "since", "after", "until", "before"))

#: What `has:` can be asked for.
HAS = ("citation", "code", "comment", "figure", "link", "math", "pdf", "prediction", "problem", "query", "table",
       "task")  # fmt: skip
#: The states of experiments, questions and ideas that `is:` can be asked for, beside `is:open`.
STATES = ("planned", "running", "done", "abandoned", "answered", "pursued", "pruned")


@lru_cache(maxsize=20_000)
def field_name(name: str) -> str:
    """The name under which a field's values are kept.

    >>> field_name("Tags"), field_name("arXiv")
    ('tag', 'arxiv')
    """
    name = " ".join(name.casefold().split())  # without the marks above
    return FIELD_NAMES.get(name, name)


def key(name: str) -> str:
    """A field's name as it stands before the colon, in quotes where it needs them.

    >>> key("rating"), key("my key"), key("2fa")
    ('rating', '"my key"', '"2fa"')
    """
    return name if KEY.fullmatch(name) else '"' + name.replace('"', " ") + '"'


@lru_cache(maxsize=20_000)
def part_name(heading: str) -> str:
    """The name of a section in queries: its heading without what a reader need not remember. "" if it has no word.

    >>> part_name("TL;DR"), part_name("Claims and  evidence"), part_name("claims-and-evidence"), part_name("Résumé?")
    ('tldr', 'claims-and-evidence', 'claims-and-evidence', 'resume')
    """
    name = fold(heading.partition("<!--")[0])
    return heading_slug(name)[:MAX_VALUE] if any(map(str.isalnum, name)) else ""
