"""What a shared note says in its own words. Whatever stands there is on the site because its writer put it there.

What only names another note is not: the target of a link, a citation's key, a project, a comment. The site leaves
such names out where they are those of hidden notes, so that it holds one of them anyway is the site's mistake.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from carrel.core.markdown import plain, scan
from carrel.core.note import Markup, Note, Value
from carrel.publish.edition import RELATIONS
from carrel.publish.needles import BREAK, words

_ADDRESS = re.compile(
    r"""(?<=[\s"'/])(?:href|src|cite|poster|data)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>=<`]+)""", re.IGNORECASE
)
#: What tells a citation key from `@kevin`, which the site shows as it is written.
_YEAR = re.compile(r"\d{4}")
_PROJECT = re.compile(r"^[ \t>*+-]*project::.*", re.IGNORECASE | re.MULTILINE)


def own_words(note: Note, shown: Collection[str]) -> str:
    """The text of a note, and those values of its front matter that are no names of other notes, with its path.

    `shown` are the names of shared notes, as `name_of` writes them: where one is linked, the site says its name.
    """
    named = [value for key, value in note.metadata.items() if key not in RELATIONS]
    values = [_kept(value, scan(value), shown) for value in _texts(named)]
    body = _kept(note.body, note.markup, shown)
    # As it is written and as it reads: an address stands between the words of `[the plan](https://…) is`.
    return BREAK.join((note.path, note.title, str(note.date or ""), note.kind, *note.tags, *values, body, plain(body)))


def name_of(path: str) -> str:
    """The name of a note in its plainest form, whether from its path or from a link.

    >>> name_of("notes/secret-plan.md") == name_of("Secret plan")
    True
    """
    return " ".join(words(path.rpartition("/")[2].removesuffix(".md")))


def _kept(text: str, markup: Markup, shown: Collection[str]) -> str:
    """A text without what only points somewhere."""
    cuts = [(start, end, BREAK) for start, end in markup.comments]
    cuts += [(one.start, one.end, BREAK) for one in markup.citations if one.group or _YEAR.search(one.key)]
    for link in markup.links:
        name = link.target if link.wiki and name_of(link.target) in shown else ""
        cuts.append((link.start, link.end, link.label or name))
    pieces: list[str] = []
    done = 0
    for start, end, instead in sorted(cuts):
        if start >= done:  # what lies in a link or a comment went with it
            pieces += (text[done:start], instead)
            done = end
    return _PROJECT.sub(" ", _ADDRESS.sub(" ", "".join((*pieces, text[done:]))))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _texts(one)


def texts(metadata: Mapping[str, Value]) -> Iterator[str]:
    """Every text in a front matter, however deep."""
    yield from _texts(metadata)
