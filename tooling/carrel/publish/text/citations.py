"""The citations of a passage, in the style of the knowledge base, each a link to its paper's page.

A citation that leads nowhere in the edition reads the same whether its paper is hidden, misspelt or not there yet:
`UNSHARED_PAPER`, because a key tells the author, the year and a word of the title. Only in the author's own edition,
where nothing is hidden, does the key stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from carrel.core.mention import handle, is_surely_paper, may_mention
from carrel.core.note import Citation, Visibility
from carrel.core.relative import relative_url
from carrel.metadata.bibliography import Cited
from carrel.metadata.formatter import as_html
from carrel.publish.text.labels import literal

if TYPE_CHECKING:
    from carrel.core.graph import Target
    from carrel.publish.text.passage import Edit, Passage

UNSHARED_PAPER = "unshared paper"

#: Pandoc lets a locator follow a key without a comma: `[@key p. 3]`.
_BARE_LOCATOR = re.compile(r" (?=\d|§|(?:pp?|ch(?:ap)?|chapters?|secs?|sections?|figs?|figures?|eqs?|vols?)\b)")


def citation_edits(passage: Passage, citation: Citation) -> Iterator[Edit]:
    """A citation as its paper is called: `(Elhage et al., 2022, p. 3)`, `Elhage et al. (2022)`, `[1, p. 3]`."""
    target = passage.edition.graph.resolve(passage.note.path, citation)
    if target is None and not is_surely_paper(citation):
        yield from _mention(passage, citation)
        return
    if citation.group is not None:
        yield from _brackets(passage, citation, citation.group)
    if target is None:
        passage.report(citation.line, f"@{citation.key}", citation)
        shown = f"@{citation.key}" if passage.edition.audience is Visibility.PRIVATE else UNSHARED_PAPER
        yield citation.start, citation.end, literal(shown)
    elif citation.group is not None:
        yield from _in_group(passage, citation, citation.group, target)
    else:
        yield from _in_sentence(passage, citation, target)


def _mention(passage: Passage, citation: Citation) -> Iterator[Edit]:
    """`@ada` as a link to the page of the writer who is meant, if one is."""
    page = passage.edition.handles.get(handle(citation.key)) if may_mention(citation) and passage.links else None
    if page is not None:
        words = literal(passage.note.body[citation.start : citation.end])
        yield citation.start, citation.end, f"[{words}]({relative_url(passage.place, page)})"


def _brackets(passage: Passage, citation: Citation, group: tuple[int, int]) -> Iterator[Edit]:
    """The brackets of a group, and the sign before all but its first citation."""
    style, body = passage.edition.bibliography.style, passage.note.body
    opened, closed = group
    yield opened, opened + 1, literal(style.opening)
    yield closed - 1, closed, literal(style.closing)
    before = body.rfind(";", opened, citation.start)
    if before >= 0 and style.delimiter.strip() != ";" and not passage.code.hold(before):
        stop = before + 1
        while stop < citation.start and body[stop].isspace():
            stop += 1
        yield before, stop, literal(style.delimiter)


def _in_group(passage: Passage, citation: Citation, group: tuple[int, int], target: Target) -> Iterator[Edit]:
    cited = passage.edition.bibliography.cited(
        target.path, number_of(passage, target.path), author=not citation.suppress_author
    )
    yield citation.start, citation.end, _shown(cited.opening) + _linked(passage, citation, target, cited.text)
    body = passage.note.body
    if bare := _BARE_LOCATOR.match(body, citation.end):
        yield citation.end, bare.end(), ", "
    if cited.closing:  # it stands after what says where in the paper
        stop = group[1] - 1
        semicolon = body.find(";", citation.end, stop)
        stop = stop if semicolon < 0 else semicolon
        while body[stop - 1].isspace():
            stop -= 1
        yield stop, stop, _shown(cited.closing)


def _in_sentence(passage: Passage, citation: Citation, target: Target) -> Iterator[Edit]:
    """`@key` and `@key [p. 3]`; `-@key` leaves the author to the sentence."""
    bibliography, number = passage.edition.bibliography, number_of(passage, target.path)
    cited = bibliography.narrative(target.path, number)
    if citation.suppress_author:
        cited = bibliography.cited(target.path, number, author=False)
    if citation.bracket is None:
        yield citation.start, citation.end, _linked(passage, citation, target, str(cited))
        return
    opened, closed = citation.bracket
    locator = passage.note.body[opened:closed].strip()[1:-1]
    where = Cited(f"{cited.opening}{cited.text}, {locator}{cited.closing}")
    yield citation.start, closed, _linked(passage, citation, target, where.text)


def number_of(passage: Passage, path: str) -> int:
    """The paper's number among those that the page cites, in the order of the text; sorted where the list is.

    Only a style of numbers needs them before the whole page is read.
    """
    bibliography, cited = passage.edition.bibliography, passage.cited
    if not cited and bibliography.style.numbered:
        targets = (passage.edition.graph.resolve(passage.note.path, one) for one in passage.note.markup.citations)
        paths = dict.fromkeys(target.path for target in targets if target is not None)
        cited.update((one, number) for number, one in enumerate(bibliography.ordered(paths), 1))
    return cited.setdefault(path, len(cited) + 1)


def _linked(passage: Passage, citation: Citation, target: Target, text: str) -> str:
    shown = _shown(text)
    if not passage.links or citation.labelled:
        return shown
    return f"[{shown}]({passage.edition.url(passage.place, target)})"


def _shown(formatted: str) -> str:
    return as_html(formatted, literal)
