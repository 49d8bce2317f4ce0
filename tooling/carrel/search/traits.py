"""What `has:` and `is:` find a note or an entry by, as terms of `values`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from carrel.search.analysis import fold
from carrel.search.fields import STATES, WHOLE

if TYPE_CHECKING:
    from carrel.core.note import Link, Note
    from carrel.search.units import Unit

#: Words of `state:` that say that something is still open, and those that close it.
OPEN = frozenset(("open", "planned", "running"))
CLOSED = frozenset(("done", "abandoned", "closed", "answered", "resolved", "dropped", "pruned"))
#: Kinds of notes that are open as long as they do not say otherwise.
OPEN_KINDS = frozenset(("question", "experiment", "idea"))

_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")
_IMAGE_ELSEWHERE = re.compile(r"!\[[^\]\n]{0,1000}+\]\(<?https?:")
_LINK_ELSEWHERE = re.compile(r"https?://")
_TASK = re.compile(r"\[([ xX])\][ \t]++([pP][ \t]?=[ \t]*+[\d.,]+)?+")
_ITEM = re.compile(r"[ \t>]*+(?:[-*+]|\d{1,9}[.)])[ \t]+")
_TABLE = re.compile(r"\n(?=[^\n]*\|)(?=[^\n]*-)[ \t>|:-]++(?=\n|\Z)")


def standing(note: Note) -> Iterator[str]:
    """What is true of a whole note."""
    state = _state(note)
    if state in OPEN or (note.kind in OPEN_KINDS and state not in CLOSED):
        yield f"is{WHOLE}open"
    if state in STATES:
        yield f"is{WHOLE}{state}"
    if note.kind == "paper":
        from carrel.core.reading import reading

        yield f"is{WHOLE}{reading(note).state}"
    if note.problems:
        yield f"has{WHOLE}problem"
    if note.metadata.get("pdf"):
        yield f"has{WHOLE}pdf"


def traits(unit: Unit, text: str) -> Iterator[str]:
    """What is true of a note without its entries, or of an entry, whose text this is."""
    markup, body = unit.note.markup, unit.note.body
    if unit.entry is not None:
        yield f"is{WHOLE}entry"
    for link in unit.of(markup.links):
        if not link.embed:
            yield f"has{WHOLE}link"
        elif _is_image(link):
            yield f"has{WHOLE}figure"
        if link.target.endswith((".pdf", ".PDF")):
            yield f"has{WHOLE}pdf"
    if "://" in text:
        if "![" in text and _stands(unit, _IMAGE_ELSEWHERE):
            yield f"has{WHOLE}figure"
        if _stands(unit, _LINK_ELSEWHERE):
            yield f"has{WHOLE}link"
    if unit.of(markup.citations):
        yield f"has{WHOLE}citation"
    if code := unit.of_spans(markup.code):
        signs = {body[start] == "$" for start, _ in code}
        if True in signs:
            yield f"has{WHOLE}math"
        if False in signs:
            yield f"has{WHOLE}code"
    if "|" in text and _stands(unit, _TABLE):
        yield f"has{WHOLE}table"
    for start, _ in unit.comments:
        if not body.startswith("<!-- carrel:", start):  # our own markers
            yield f"has{WHOLE}query" if body[start] in "`~" else f"has{WHOLE}comment"
    if "[ ]" in text or "[x]" in text or "[X]" in text:
        yield from _tasks(unit)


def _tasks(unit: Unit) -> Iterator[str]:
    """Tasks, predictions (`- [ ] p=0.7 …`), and whether one of these is open."""
    body = unit.note.body
    for found in _found(unit, _TASK):
        line = body.rfind("\n", max(0, found.start() - 200), found.start()) + 1
        if _ITEM.fullmatch(body, line, found.start()):
            yield f"has{WHOLE}task"
            if found[2]:
                yield f"has{WHOLE}prediction"
                if found[1] == " ":
                    yield f"is{WHOLE}open"


def _state(note: Note) -> str:
    """The state of a note as it says; an experiment that says none is done if it has a verdict, else planned."""
    if note.kind == "experiment":
        from carrel.core.experiment import state

        return fold(state(note))
    written = note.metadata.get("state", "")
    return fold(written.strip()) if isinstance(written, str) else ""


def _is_image(link: Link) -> bool:
    return link.embed and (link.target.lower().endswith(_IMAGES) or (not link.wiki and not link.target.endswith(".md")))


def _stands(unit: Unit, pattern: re.Pattern[str]) -> bool:
    return next(_found(unit, pattern), None) is not None


def _found(unit: Unit, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Where a pattern stands in the unit, but in code, mathematics and comments."""
    markup = unit.note.markup
    for first, last in unit.spans:
        for found in pattern.finditer(unit.note.body, first, last):
            place = (found.start() + 1, 0)  # what begins there covers it too
            for spans in (markup.code, markup.comments):
                index = bisect_left(spans, place)
                if index and spans[index - 1][1] > found.start():
                    break
            else:
                yield found
