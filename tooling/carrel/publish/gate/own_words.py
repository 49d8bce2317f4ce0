"""What a shared note says in its own words. Whatever stands there is on the site because its writer put it there.

What only names another note is not: the target of a link, a citation's key, a project, a comment. The site leaves
such names out where they are those of hidden notes, so that it holds one of them anyway is the site's mistake.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from carrel.core.markdown import plain, scan
from carrel.core.names import heading_slug
from carrel.core.note import Link, Markup, Note, Value
from carrel.core.relations import RELATIONS
from carrel.publish.gate.rows import BREAK, words
from carrel.publish.text.sections import empty_sections

_ADDRESS = re.compile(
    r"""(?<=[\s"'/])(?:href|src|cite|poster|data)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>=<`]+)""", re.IGNORECASE
)
#: What a text holds that points somewhere.
_POINTS = re.compile(r"[\[@<%=]|::")
#: What tells a citation key from `@kevin`, which the site shows as it is written.
_YEAR = re.compile(r"\d{4}")
_FENCES = ("`", "~")
_HEADING = re.compile(r"^#{1,6}[ \t].*", re.MULTILINE)
_PROJECT = re.compile(r"^[ \t>*+-]*project::(.*)", re.IGNORECASE | re.MULTILINE)


class OwnWords(NamedTuple):
    """The own words of a note: its path, front matter and text, and the text once more as it reads.

    `linked` are the names that it links without words of its own, and whether each is a shared note's.
    """

    facts: str
    text: str
    read: str
    linked: Mapping[str, bool]


def own_words(note: Note, shown: Collection[str]) -> OwnWords:
    """The text of a note, and those values of its front matter that are no names of other notes, with its path.

    `shown` are the names of shared notes, as `name_of` writes them: where one is linked, the site says its name.
    """
    linked: dict[str, bool] = {}
    named = [value for key, value in note.metadata.items() if key not in RELATIONS]
    values = [_kept(value, scan(value), shown, linked) if _POINTS.search(value) else value for value in _texts(named)]
    body = _kept(note.body, note.markup, shown, linked, empty_sections(note))
    # A heading is in the address of its place too, where `doesn't` is one word and 09:29 another.
    places = [heading_slug(one[0]) for one in _HEADING.finditer(body)] if "#" in body else []
    address = f"{note.path.removesuffix('.md')}.html"
    facts = BREAK.join((note.path, address, *_in_a_row(note), str(note.date or ""), *note.tags, *values, *places))
    # As it is written and as it reads: an address stands between the words of `[the plan](https://…) is`.
    return OwnWords(facts, body, plain(body), linked)


def name_of(path: str) -> str:
    """The name of a note in its plainest form, whether from its path or from a link.

    >>> name_of("notes/secret-plan.md") == name_of("Secret plan")
    True
    """
    return " ".join(words(path.rpartition("/")[2].removesuffix(".md")))


def _in_a_row(note: Note) -> Iterator[str]:
    """What lists set in a row of a note: its kind, title, and what came of it."""
    yield f"{note.kind} {note.title}"
    for end in (note.metadata.get(key) for key in ("verdict", "state")):
        if isinstance(end, str):
            yield f"{note.kind} {note.title} {end}"


def _kept(
    text: str,
    markup: Markup,
    shown: Collection[str],
    linked: dict[str, bool],
    left_out: Sequence[tuple[int, int]] = (),
) -> str:
    """A text without what only points somewhere, and what is `left_out`. Notes in `linked` which links it asked about.

    What stands around a comment, or a section with nothing in it, meets on the page; a query becomes a table there.
    """
    cuts = [(start, end, BREAK if text.startswith(_FENCES, start) else " ") for start, end in markup.comments]
    cuts += [(start, end, " ") for start, end in left_out]
    cuts += [(one.start, one.end, BREAK) for one in markup.citations if one.group or _YEAR.search(one.key)]
    for link in markup.links:
        cuts.append((link.start, link.end, link.label or _name(link, shown, linked)))
    pieces: list[str] = []
    done = 0
    for start, end, instead in sorted(cuts):
        if start >= done:  # what lies in a link or a comment went with it
            pieces += (text[done:start], instead)
            done = end
    text = "".join((*pieces, text[done:]))
    if "=" in text and any(name in text.lower() for name in ("href", "src", "cite", "poster", "data")):
        text = _ADDRESS.sub(" ", text)
    return _PROJECT.sub(lambda found: _project(found, shown, linked), text) if "::" in text else text


def _project(found: re.Match[str], shown: Collection[str], linked: dict[str, bool]) -> str:
    """A line that names a project, if the site shows that."""
    if name := name_of(found[1]):
        linked[name] = name in shown
    return found[0] if name and linked[name] else " "


def _name(link: Link, shown: Collection[str], linked: dict[str, bool]) -> str:
    """What the site shows of a link without a label."""
    if not link.wiki:
        return ""
    name = name_of(link.target)
    linked[name] = name in shown
    return link.target if linked[name] else ""


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
