"""The links of a passage: wikilinks, Markdown links, and addresses in HTML, resolved within the edition.

A link that leads nowhere in the edition reads the same whether its target is hidden, misspelt or not written
yet: the label stays, because it is the author's own text; a bare target becomes `UNSHARED`, because it may be
the name of a hidden note. Only in the author's own edition, where nothing is hidden, does it stay as written.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from carrel.core.names import fold, stays_private
from carrel.core.note import Link, LinkForm, Visibility
from carrel.publish.edition.places import IMAGES
from carrel.publish.text.labels import MARKED, label, literal, size, written

if TYPE_CHECKING:
    from carrel.core.graph import Target
    from carrel.publish.text.passage import Edit, Passage

#: What stands for the bare name of something that the edition does not hold.
UNSHARED = "unshared note"

#: A tag with attributes, and in it the value of each that names another file.
_WITH_ADDRESS = re.compile(r"<[a-zA-Z][^<>]*=[^<>]*>")
_ADDRESS = re.compile(
    r"""(?<=[\s"'/])(?:href|src|cite|poster|data)\s*=\s*(?P<value>"([^"]*)"|'([^']*)'|([^\s"'>=<`]+))""",
    re.IGNORECASE,
)
_LONGEST_TAG = 2000
_SCHEME = re.compile(r"\s*(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|#)")
_TITLE = re.compile(r"""\s(["'])((?:(?!\1)[^\n])*)\1\s*\)$""")
_ABSOLUTE = re.compile(r"\]\(<?(/(?!/)[^\s()<>]*)")


def link_edits(passage: Passage, link: Link, target: Target | None, called: str = "") -> Iterator[Edit]:
    """A link as a link to its target's page, or as its words; `called` is what a wikilink without a label shows.

    Of a file that is private by its name nothing is shown, unless the link stands among words.
    """
    private = _is_private(passage, link, target)
    target = None if private else target
    if target is None or target.missing:
        passage.report(link.line, written(link), link)
    passage.carry(link.line, target)
    url = passage.edition.url(passage.place, target) if target and passage.links else ""
    if private and _is_alone(passage, link):
        yield link.start, link.end, ""
    elif link.form is LinkForm.WIKI:
        yield link.start, link.end, _wiki(passage, link, target, url, called)
    elif link.form is LinkForm.DEFINITION:
        yield link.start, link.end, f"[{link.label}]: {url}" if url else ""
    else:
        middle = link.start + 1 + link.embed + len(link.label)
        if not url:
            yield link.start, link.start + 1 + link.embed, ""
        title = _written_title(passage, middle, link.end) if url and link.embed else ""
        yield middle, link.end, f"]({url}{title})" if url else ""


def _is_private(passage: Passage, link: Link, target: Target | None) -> bool:
    """Whether a link leads to a file that is private by its name; in its writer's own edition a note is shown."""
    if target is None:
        return link.private
    return stays_private(target.path) and target.path not in passage.edition.by_path


def _is_alone(passage: Passage, link: Link) -> bool:
    """Whether nothing else stands in the line but a comment, as when a command attached it: then no words lack it."""
    body = passage.note.body
    before = body[body.rfind("\n", 0, link.start) + 1 : link.start]
    behind = body[link.end : passage.line_end(link.end)].strip()
    return not before.strip() and (not behind or (behind.startswith("<!--") and behind.endswith("-->")))


def _written_title(passage: Passage, start: int, end: int) -> str:
    """The title of an image, which is its caption: ` "Of run 12"`. One that holds markup could name anything."""
    found = _TITLE.search(passage.note.body, start, end)
    return "" if found is None or MARKED.search(found[2]) else f' "{escape(found[2])}"'


def is_definition(passage: Passage, link: Link) -> bool:
    """Whether nothing else stands on the line: `[Update]: we did it` is a sentence, `[^1]: x` a footnote."""
    rest = passage.note.body[link.end : passage.line_end(link.end)]
    return not link.label.startswith("^") and not rest.strip()


def report_absolute(passage: Passage, start: int, end: int) -> None:
    """Report links to places of a machine, `[x](/etc/passwd)`: rendering drops them."""
    if "](/" not in passage.note.body and "](</" not in passage.note.body:
        return
    for found in _ABSOLUTE.finditer(passage.note.body, start, end):
        if not passage.opaque.hold(found.start()):
            passage.report(passage.line_of(found.start()), found[1])


def html_edits(passage: Passage, start: int, end: int) -> Iterator[Edit]:
    """The addresses in HTML tags, resolved like those of links. Among words alone, no tag remains."""
    body = passage.note.body
    if "<" not in body:
        return
    first = body.rfind("<", max(0, start - _LONGEST_TAG), start)
    for tag in _WITH_ADDRESS.finditer(body, first if first >= 0 else start, end + _LONGEST_TAG):
        if tag.start() >= end:
            return
        if tag.end() <= start or passage.opaque.hold(tag.start()):
            continue
        if not passage.links:
            yield tag.start(), tag.end(), ""
            continue
        for found in _ADDRESS.finditer(body, tag.start(), tag.end()):
            address = unescape(found[2] or found[3] or found[4] or "")
            if address and not _SCHEME.match(address):
                begin = found.start("value")
                yield begin, found.end(), _address(passage, begin, address)


def _address(passage: Passage, offset: int, address: str) -> str:
    """What stands for the relative address of an HTML attribute, quoted; an empty one when it leads nowhere."""
    edition, source = passage.edition, passage.note.path
    path, _, fragment = address.partition("#")
    link = Link(unquote(path), unquote(fragment), form=LinkForm.INLINE, line=passage.line_of(offset))
    target = edition.graph.resolve(source, link)
    if target is None and path.endswith(".html"):
        target = edition.graph.resolve(source, replace(link, target=link.target.removesuffix(".html") + ".md"))
    if _is_private(passage, link, target):
        target = None
    if target is None or target.missing:
        passage.report(link.line, written(link), link)
    passage.carry(link.line, target)
    return f'"{escape(edition.url(passage.place, target))}"' if target else '""'


def _wiki(passage: Passage, link: Link, target: Target | None, url: str, called: str) -> str:
    if target is None:
        bare = written(link) if passage.edition.audience is Visibility.PRIVATE else UNSHARED
        return literal(label(link) or bare)
    if url and link.embed and posixpath.splitext(target.path)[1].lower() in IMAGES:
        return _image(link, url)
    shown = literal(label(link) or called or _title(passage, link, target))
    return f"[{shown}]({url})" if url and not passage.labels.hold(link.start) else shown


def _title(passage: Passage, link: Link, target: Target) -> str:
    """What a bare wikilink shows: the target's title (or the alias by which it was called) and the heading."""
    edition = passage.edition
    note = edition.by_path.get(target.path)
    if note is None:
        return posixpath.basename(link.target)
    if target.slug and edition.anchor(target.path, target.slug) != target.slug:
        return edition.titles[note.path]  # its heading holds something hidden, and so may the fragment
    if not link.target:
        return link.fragment.lstrip("^")
    name = link.target if fold(link.target) in map(fold, note.aliases) else edition.titles[note.path]
    return f"{name} › {link.fragment}" if target.slug and not target.slug.startswith("^") else name


def _image(link: Link, url: str) -> str:
    """An embedded image, of the size that its author chose."""
    name = posixpath.basename(link.target)
    width, height = size(link)
    if not width:
        return f"![{literal(link.label or name)}]({url})"
    height = f' height="{height}"' if height else ""
    return f'<img src="{escape(url)}" alt="{escape(name)}" width="{width}"{height}>'
