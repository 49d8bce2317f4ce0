"""Short plain text from notes, for lists: titles, first words, the words around a link.

Everything here goes through the same rewriting as the pages, so that a list never says what a page hides.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

from carrel.core.markdown import plain, scan
from carrel.publish.text.labels import MARKED
from carrel.publish.text.passage import Findings
from carrel.publish.text.rewrite import Rewriter

if TYPE_CHECKING:
    from carrel.core.graph import Pointer
    from carrel.core.note import Entry, Note
    from carrel.publish.edition.edition import Edition

# These two are for a text with a line's end before it too: to look for one is quicker than to look for a line's start.
_LINE_START = re.compile(r"\n[ \t>]*+(?:[-*+] (?:\[[ xX]\] )?|\d{1,9}[.)] |#{1,6} )?")
_RULE = re.compile(r"\n[ \t]*+[-*_=~`|:]{3,}+.*")
#: What a block of code or mathematics begins with.
_BLOCKS = ("```", "~~~", "$$")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# Code and mathematics, in which a caret is one; the sign of a footnote, and what stands before its text; a footnote
# within the text.
_FOOTNOTE = re.compile(
    r"`[^`]*+`|\$[^$]*+\$|^\[\^[^\[\]\s]{1,100}+\]:|\[\^[^\[\]\s]{1,100}+\]|\\\^|"
    r"\^\[((?:[^\[\]]++|\[[^\[\]]*+\])*+)\]",
    re.MULTILINE,
)
#: A heading that may have one.
_FOOTED = re.compile(r"\^\[|\[\^")


def words(edition: Edition, note: Note, start: int, end: int) -> str:
    """A part of the body as the words that its page shows, on one line."""
    text = Rewriter(edition, note, edition.place(note.path), Findings(), links=False).text(start, end)
    text = _LINE_START.sub("\n", _RULE.sub("\n", f"\n{_without_blocks(text)}"))
    if "<" in text:
        text = _TAG.sub("", text)
    if "^" in text:
        text = _FOOTNOTE.sub(_in_line, text)
    return " ".join(unescape(plain(" ".join(text.split()))).split())


def _in_line(found: re.Match[str]) -> str:
    """What stands in a line for what `_FOOTNOTE` found: a footnote's sign goes, its text goes on in parentheses."""
    if found[1] is not None:
        return f" ({found[1].strip()})" if found[1].strip() else ""
    return "" if found[0].startswith("[") else found[0]


def _without_blocks(text: str) -> str:
    """The text without its blocks of code and mathematics: in a line nobody can read them.

    >>> _without_blocks("Before\\n```python\\nx = 1\\n```\\n> $$\\n> y\\n> $$\\n$$z$$ after")
    'Before\\n$$z$$ after'
    """
    if not any(mark in text for mark in _BLOCKS):
        return text
    kept, inside = [], ""
    for line in text.split("\n"):
        bare = line.lstrip("> \t")
        mark = next((mark for mark in _BLOCKS if bare.startswith(mark)), "")
        if inside:
            if mark == inside or (inside == "$$" and bare.rstrip().endswith("$$")):
                inside = ""
        elif mark and mark[:1] not in bare.lstrip(mark[:1]):  # else it opens and closes on this line
            inside = mark
        else:
            kept.append(line)
    return "\n".join(kept)


def summary(edition: Edition, note: Note, start: int, end: int, width: int = 200) -> str:
    """The first words of a part of the body, at most `width` characters."""
    return _shortened(words(edition, note, start, min(end, start + 6 * width)), width)


def excerpt(edition: Edition, note: Note, pointer: Pointer, width: int = 180) -> str:
    """The words around a link or citation: its line, cut to about `width` characters with the link inside."""
    body = note.body
    start = max(body.rfind("\n", 0, pointer.start) + 1, pointer.start - 3 * width)
    end = body.find("\n", pointer.end)
    end = min(len(body) if end < 0 else end, pointer.end + 3 * width)
    whole = words(edition, note, start, end)
    if len(whole) <= width:
        return whole
    before = words(edition, note, start, pointer.start)
    cut = max(0, min(len(before) - width // 2, len(whole) - width))
    text = whole[cut:].partition(" ")[2] if cut else whole
    return ("… " if cut else "") + _shortened(text, width)


def entry_title(edition: Edition, note: Note, entry: Entry) -> str:
    """An entry's heading without its time, as its page shows it; the first words of an entry without a title."""
    if not entry.title:
        return summary(edition, note, note.body.find("\n", entry.start) + 1 or entry.end, entry.end, 60)
    if edition.anchor(note.path, entry.slug) == entry.slug and not _FOOTED.search(entry.title):
        return entry.title
    end = note.body.find("\n", entry.start)
    return words(edition, note, entry.start, end if end >= 0 else entry.end).partition(" ")[2]


def entry_words(edition: Edition, note: Note, entry: Entry, width: int = 160) -> str:
    """The first words below an entry's heading, without the fields and tags at its end; "" where its title is them."""
    start = note.body.find("\n", entry.start) + 1
    if not entry.title or not start or start >= entry.end:
        return ""
    lines = note.body[start : entry.end].rstrip().split("\n")
    while lines and _is_mark(lines[-1].strip()):
        lines.pop()
    title = entry.title.removesuffix("…")
    text = summary(edition, note, start, start + len("\n".join(lines)), width + len(title))
    # The heading of a long line is its beginning: said once is enough.
    return "… " + text[len(title) :].lstrip(" .,;:") if text.startswith(title) else _shortened(text, width)


def _is_mark(line: str) -> bool:
    """Whether a line says only what an entry belongs to: `project:: probes`, `#sae #probing`."""
    return (
        not line
        or "::" in line.partition(" ")[0]
        or all(word.startswith("#") and word[1:2] not in "# " for word in line.split())
    )


def shown_title(edition: Edition, note: Note) -> str:
    """The title of a note as others may read it: no name of anything hidden."""
    if isinstance(note.metadata.get("title"), str) and note.metadata["title"]:
        title = shown_text(edition, note, note.title) or note.name
        return f"{title}{_whose_day(note)}" if title == note.title else title
    first = next((heading for heading in note.markup.headings if heading.level == 1), None)
    if first is None or (edition.anchor(note.path, first.slug) == first.slug and not _FOOTED.search(first.text)):
        return f"{note.title}{_whose_day(note) if first is None else ''}"
    end = note.body.find("\n", first.start)
    return words(edition, note, first.start, end if end >= 0 else len(note.body)) or note.name


def shown_text(edition: Edition, note: Note, text: str) -> str:
    """A text of the front matter as others may read it: no comment, and no name of anything hidden."""
    if not MARKED.search(text):
        return text
    return words(edition, replace(note, body=text, markup=scan(text)), 0, len(text))


def _whose_day(note: Note) -> str:
    """What tells `2026-11-20-sam.md` from the same day's other files, when their titles do not."""
    rest = note.name.removeprefix(str(note.date)).strip("-._ ")
    return f" · {rest}" if rest and note.kind == "log" and note.title == str(note.date) else ""


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[:width].rpartition(" ")[0].rstrip(" ,;:") + " …"
