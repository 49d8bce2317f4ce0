"""Short plain text from notes, for lists: titles, first words, the words around a link.

Everything here goes through the same rewriting as the pages, so that a list never says what a page hides.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

from carrel.core.markdown import plain, scan
from carrel.core.names import slugify
from carrel.core.person import Name
from carrel.core.prediction import predictions
from carrel.core.run import how_it_went
from carrel.core.secret import is_sealed, without_secret
from carrel.publish.text.labels import MARKED
from carrel.publish.text.passage import Findings, Passage
from carrel.publish.text.rewrite import Rewriter

if TYPE_CHECKING:
    from datetime import date

    from carrel.core.graph import Pointer
    from carrel.core.note import Entry, Note
    from carrel.core.prediction import Prediction
    from carrel.publish.edition.edition import Edition

# These two are for a text with a line's end before it too: to look for one is quicker than to look for a line's start.
_LINE_START = re.compile(r"\n[ \t>]*+(?:[-*+] (?:\[[ xX]\] )?|\d{1,9}[.)] |#{1,6} )?")
_RULE = re.compile(r"\n[ \t]*+[-*_=~`|:]{3,}+.*")
#: What a block of code or mathematics begins with.
_BLOCKS = ("```", "~~~", "$$")
# A tag of HTML; what looks like one in code and mathematics is text.
_TAG = re.compile(r"((?<!`)`++[^`]++`++|\$(?=\S)[^$]++(?<=\S)\$(?!\d))|</?[a-zA-Z][^<>]*+>")
# Code and mathematics, in which every sign is one; the sign of a footnote, and what stands before its text; a footnote
# within the text; what is struck out or marked; what is left of a footnote where a long line was cut.
_SIGNS = re.compile(
    r"`[^`]*+`|\$[^$]*+\$|^\[\^[^\[\]\s]{1,100}+\]:|\[\^[^\[\]\s]{1,100}+\]|\\\^|"
    r"\^\[((?:[^\[\]]++|\[[^\[\]]*+\])*+)\]|~~(?=[^\s~])([^~\n]++)~~|==(?=[^\s=])([^=\n]++)==| ?\^(?=…)",
    re.MULTILINE,
)
#: What a heading holds that `Entry.title` and `Note.title` do not read as a page shows it.
_UNREAD = re.compile(r"[\[\]@<&]|~~|==|%%")


def words(edition: Edition, note: Note, start: int, end: int) -> str:
    """A part of the body as the words that its page shows, on one line."""
    passage = Passage(edition, note, edition.place(note.path), Findings(), links=False)
    text = Rewriter(passage).text(start, end)
    text = _LINE_START.sub("\n", _RULE.sub("\n", f"\n{_without_blocks(text)}"))
    if "<" in text:
        text = _TAG.sub(lambda found: found[1] or "", text)
    return " ".join(unescape(plain(" ".join(in_line(text).split()))).split())


def in_line(text: str) -> str:
    """Text as it goes into a line: the sign of a footnote goes, its text goes on in parentheses; nothing is struck out.

    >>> in_line("So ~~not~~ it is^[as he said], `a^[b]`[^1]")
    'So not it is (as he said), `a^[b]`'
    """
    return _SIGNS.sub(_sign_in_line, text) if "^" in text or "~~" in text or "==" in text else text


def _sign_in_line(found: re.Match[str]) -> str:
    if found[1] is not None:
        return f" ({found[1].strip()})" if found[1].strip() else ""
    return found[2] or found[3] or ("" if found[0][0] in "[^ " else found[0])


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
    return shortened(words(edition, note, start, min(end, start + 6 * width)), width)


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
    return ("… " if cut else "") + shortened(text, width)


def entry_title(edition: Edition, note: Note, entry: Entry) -> str:
    """An entry's heading without its time, as its page shows it; the first words of an entry without a title."""
    if not entry.title:
        return summary(edition, note, note.body.find("\n", entry.start) + 1 or entry.end, entry.end, 60)
    end = note.body.find("\n", entry.start)
    end = end if end >= 0 else entry.end
    if edition.anchor(note.path, entry.slug) == entry.slug and not _UNREAD.search(note.body, entry.start, end):
        return entry.title
    return words(edition, note, entry.start, end).partition(" ")[2]


def entry_words(edition: Edition, note: Note, entry: Entry, width: int = 160) -> str:
    """The first words below an entry's heading, without the fields and tags at its end; "" where its title is them.

    Of a prediction they are how likely it is and by when, or how it ended; of a run how it ended as well.
    """
    if (went := how_it_went(entry.fields)) and not entry.title.endswith("…"):
        return " · ".join(went)
    start = note.body.find("\n", entry.start) + 1
    if not entry.title or not start or start >= entry.end:
        return ""
    foreseen = next((one for one in predictions(note) if start <= one.start < entry.end), None)
    if foreseen and not note.body[start : foreseen.start].rpartition("\n")[0].strip():
        return shortened(_foreseen(edition, note, entry, foreseen), width)
    lines = note.body[start : entry.end].rstrip().split("\n")
    while lines and _is_mark(lines[-1].strip()):
        lines.pop()
    title = entry_title(edition, note, entry).removesuffix("…").rstrip()
    text = summary(edition, note, start, start + len("\n".join(lines)), width + len(title))
    # The heading of a long line is its beginning: said once is enough.
    return "… " + text[len(title) :].lstrip(" .,;:") if text.startswith(title) else shortened(text, width)


def _foreseen(edition: Edition, note: Note, entry: Entry, one: Prediction) -> str:
    """A prediction in a line: `70 % by 1 December 2026`, `70 %, no on 28 November 2026: 0.84`; its claim if new."""
    written = note.body[one.start : one.end]
    claim = "" if is_sealed(written) else words(edition, note, one.start, one.end)
    said = f"{round(100 * one.p)} %" + (f" by {_day(one.by)}" if one.by and not one.outcome else "")
    if claim and claim not in entry_title(edition, note, entry):
        said += f": {claim}"
    if not one.outcome:
        return said
    start, end = one.remark
    end = start + len(without_secret(note.body[start:end]))
    remark = words(edition, note, start, end)
    came = one.outcome + (f" on {_day(one.resolved)}" if one.resolved else "")
    return f"{said}, {came}{f': {remark}' if remark else ''}"


def _day(when: date) -> str:
    return f"{when.day} {when:%B} {when.year}"


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
    if first is None:
        return f"{note.title}{_whose_day(note)}"
    end = note.body.find("\n", first.start)
    end = end if end >= 0 else len(note.body)
    if edition.anchor(note.path, first.slug) == first.slug and not _UNREAD.search(note.body, first.start, end):
        return note.title
    return words(edition, note, first.start, end) or note.name


def shown_text(edition: Edition, note: Note, text: str) -> str:
    """A text of the front matter as others may read it: no comment, and no name of anything hidden."""
    if not MARKED.search(text):
        return text
    return words(edition, replace(note, body=text, markup=scan(text)), 0, len(text))


def _whose_day(note: Note) -> str:
    """What tells `2026-11-20-sam.md` from the same day's other files, when their titles do not: whose it is."""
    rest = note.name.removeprefix(str(note.date)).strip("-._ ")
    if not rest or note.kind != "log" or note.title != str(note.date):
        return ""
    # A file that is called by its writer's name says no more than that name.
    names = (Name.parse(author).display for author in note.authors if not MARKED.search(author))
    return f" · {next((name for name in names if slugify(name) == slugify(rest)), rest)}"


def shortened(text: str, width: int) -> str:
    """The beginning of a line, at most `width` characters of it and a sign for what is left out."""
    return text if len(text) <= width else text[:width].rpartition(" ")[0].rstrip(" ,;:") + " …"
