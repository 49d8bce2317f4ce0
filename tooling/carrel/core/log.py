"""The log's format: where a day lives, how a day begins, and how an entry is written.

One file a day, `notes/YYYY/YYYY-MM-DD.md`; inside, one `## HH:MM Title` section an entry. Private entries go to a
file of their own beside it, because the file is the unit of visibility.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from carrel.core.names import in_folder, slugify
from carrel.core.note import Visibility

if TYPE_CHECKING:
    from carrel.core.frontmatter_edit import Writable

#: Bytes of a note that are read. A day may not grow beyond it: what came after would be found by nobody.
MAX_BYTES = 4 * 1024 * 1024

#: Characters of a heading that still reads well in a list.
TITLE_LENGTH = 100

_SENTENCE_END = re.compile(r"[.!?](?=\s)")
# What ends with a dot and ends no sentence: "p. 3", "Fig. 2", "J. Doe".
_ABBREVIATION = re.compile(
    r"\b(?:pp?|cf|vs|ca|al|etc|figs?|eqs?|secs?|no|vol|ch|approx|resp|dr|prof|st|e\.g|i\.e|[A-Z])\.\Z", re.IGNORECASE
)
# What a table, list, quote, formula, comment or block of code begins with: no part of it can be cut off as a title.
_BLOCK = re.compile(r"[ \t]*(?:```|~~~|[|>]|\$\$|<!--|%%|(?:[-*+]|\d{1,9}[.)])[ \t])|(?: {4}|\t)")
_BRACKET = re.compile(r"[\[\]]")
# Of a comment, as Obsidian has it; more of them in a row are a line of signs.
_MARK = re.compile(r"(?<!%)%%(?!%)")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Something to be written into the log. `at` is local time; `text` is what was typed or piped in.

    `fields` are written as `key:: value` lines, where `core.parse` finds them again; each value is one line.
    """

    at: datetime
    text: str
    tags: tuple[str, ...] = ()
    project: str = ""
    author: str = ""
    private: bool = False
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The heading's text, without the time."""
        return split_title(self.text)[0]


def day_path(folder: str, day: date, author: str = "", *, private: bool = False) -> str:
    """Where the log of `day` lives.

    >>> day_path("notes", date(2026, 11, 20)), day_path("notes", date(2026, 11, 20), "Ada L.", private=True)
    ('notes/2026/2026-11-20.md', 'notes/2026/2026-11-20-ada-l.private.md')
    """
    suffix = f"-{slugify(author)}" if slugify(author) else ""
    return in_folder(folder, f"{day.year:04}/{day.isoformat()}{suffix}{'.private' if private else ''}.md")


def day_header(day: date, visibility: Visibility, author: str = "") -> str:
    """The front matter with which the file of a day begins.

    >>> print(day_header(date(2026, 11, 20), Visibility.LAB, "ada"), end="")
    ---
    title: "2026-11-20"
    date: 2026-11-20
    kind: log
    authors: [ada]
    visibility: lab
    ---
    """
    fields: dict[str, Writable] = {"title": day.isoformat(), "date": day, "kind": "log"}
    if author:
        fields["authors"] = [author]
    return front_matter({**fields, "visibility": visibility.value})


def front_matter(fields: dict[str, Writable]) -> str:
    """A block of front matter, in the order of `fields`."""
    from carrel.core.frontmatter_edit import quote, yaml_value  # a day's second entry needs no YAML

    return "".join(["---\n", *(f"{quote(key)}: {yaml_value(value)}\n" for key, value in fields.items()), "---\n"])


def entry_text(entry: LogEntry) -> str:
    """An entry as it stands in the file: heading, text, its fields, and on a last line its tags.

    >>> print(entry_text(LogEntry(datetime(2026, 11, 20, 14, 32), "Loss spikes", ("sae",), "toy")), end="")
    ## 14:32 Loss spikes
    <BLANKLINE>
    project:: toy
    #sae
    """
    title, text = split_title(entry.text)
    section = f"## {entry.at:%H:%M} {title}".rstrip()
    if text:
        section = _nested(f"{section}\n\n{text}")
    parts = [closed(section)]
    project = (("project", entry.project),) if entry.project else ()
    marks = [f"{key}:: {' '.join(value.split())}" for key, value in (*project, *entry.fields)]
    if entry.tags:
        marks.append(" ".join(f"#{tag.lstrip('#')}" for tag in entry.tags))
    if marks:
        parts.append("\n".join(marks))
    return "\n\n".join(parts) + "\n"


def split_title(text: str) -> tuple[str, str]:
    """The first line, if it is short enough for a heading, and the rest. A long line gives its first sentence.

    Nothing is lost: where even the first sentence is too long, the heading is its beginning and the text is whole,
    and a text that begins with a list, a table, code or the like has no title.

    >>> split_title("Loss spikes\\n\\nat warm-up end")
    ('Loss spikes', 'at warm-up end')
    >>> split_title("Short one. " + "And a very long explanation " * 5)[0]
    'Short one.'
    >>> split_title("As @a [p. 3] and Fig. 2 in [@b, pp. 4] say, it holds. " + "And so on, " * 9)[0]
    'As @a [p. 3] and Fig. 2 in [@b, pp. 4] say, it holds.'
    >>> hidden = "%% " + "hidden " * 30 + "%%"
    >>> split_title(f"Said. And so on {hidden}")[0], split_title(hidden)[0]
    ('Said.', '')
    """
    text = text.replace("\r\n", "\n").strip("\n")
    lines = text.split("\n", 1)
    if len(lines) > 1 and _BLOCK.match(text):
        return "", text.rstrip()
    first, rest = " ".join(lines[0].split()), (lines[1] if len(lines) > 1 else "").strip("\n").rstrip()
    first = re.sub(r"^#{1,6} ", "", first)
    if len(first) <= TITLE_LENGTH:
        return first, rest
    for end in _SENTENCE_END.finditer(first, 0, TITLE_LENGTH + 1):
        sentence = first[: end.end()]
        # Within brackets stands a citation or an aside, and neither is cut in two.
        whole = all(sentence.count(opened) == sentence.count(closed) for opened, closed in ("[]", "()"))
        whole = whole and _open_comment(sentence) < 0
        if whole and not _ABBREVIATION.search(sentence):
            return sentence, f"{first[end.end() :].lstrip()}\n{rest}".strip("\n")
    cut = first.rfind(" ", 0, TITLE_LENGTH)
    cut = _whole(first, cut) if cut > 0 else TITLE_LENGTH
    hidden = _open_comment(first[:cut])
    if hidden >= 0:  # half a comment would show what it hides
        cut = hidden
    title = first[:cut].rstrip()
    return title and f"{title}…", f"{first}\n{rest}".strip("\n")


def _whole(text: str, cut: int) -> int:
    """Where to cut `text` instead so that no link, citation, picture or footnote is cut in two: half of one is none.

    One that would take half of it along is cut all the same.

    >>> [_whole(f"Before it {what} of many words", 20) for what in ("[[two words]]", "![two](it.png 'Two')", "a [b] c")]
    [10, 10, 20]
    """
    opened, closed = list[int](), (0, cut)
    for bracket in _BRACKET.finditer(text, 0, cut):
        if bracket[0] == "[":
            opened.append(bracket.start())
        elif opened:
            closed = (opened.pop(), bracket.end())
    if text.startswith("(", closed[1]) and text.find(")", closed[1], cut) < 0:
        opened.append(closed[0])  # its words are there, and its target is not
    start = min((one for one in opened if one > cut // 2), default=cut)
    return len(text[:start].rstrip("[!^")) if start < cut else cut


def _open_comment(text: str) -> int:
    """The offset of a comment that begins in `text` and does not end there; -1 for none."""
    marks = [mark.start() for mark in _MARK.finditer(text)]
    begun = text.rfind("<!--")
    return max(marks[-1] if len(marks) % 2 else -1, begun if begun > text.rfind("-->") else -1)


def _nested(text: str) -> str:
    """A section with its headings below the first, so that it stays one section."""
    from carrel.core import markdown  # most entries are one line and have no use for it

    headings = markdown.scan(text).headings[1:]
    if not headings or min(heading.level for heading in headings) > 2:
        return text
    deeper = 3 - min(heading.level for heading in headings)
    pieces, position = [], 0
    for heading in headings:
        line_end = text.find("\n", heading.start)
        line = text[heading.start : line_end if line_end >= 0 else len(text)]
        pieces.append(text[position : heading.start])
        position = heading.start + len(line)
        hashes = "#" * min(6, heading.level + deeper)
        if line.lstrip().startswith("#"):
            pieces.append(f"{hashes} {line.lstrip().lstrip('#').strip()}")
        else:  # underlined: the line below goes with it
            pieces.append(f"{hashes} {line.strip()}")
            position = text.find("\n", position + 1) if text.find("\n", position + 1) >= 0 else len(text)
    return "".join([*pieces, text[position:]])


def closed(section: str) -> str:
    """`section` with the code or comment closed that it leaves open, which would swallow every later entry.

    A lone `%%` is no comment by itself and is kept from becoming half of one.

    >>> closed("## 9:00 Out\\n\\n```\\nand so"), closed("## 9:00 100%% sure")
    ('## 9:00 Out\\n\\n```\\nand so\\n```', '## 9:00 100\\\\%% sure')
    """
    line, _ = closer(section)
    section = f"{section}\n{line}" if line else section
    lone = lone_mark(section)
    return section if lone < 0 else f"{section[:lone]}\\{section[lone:]}"


def lone_mark(text: str) -> int:
    """The offset of a `%%` that has no second one, with which a later one would pair; -1 for none.

    >>> lone_mark("100%% sure"), lone_mark("%% hidden %% said"), lone_mark("`%%`")
    (3, -1, -1)
    """
    if "%%" not in text:
        return -1
    from carrel.core import markdown

    probe = f"{text}\n\n%%\n"
    end = probe.rindex("%%") + 2
    return next((begin for begin, stop in markdown.scan(probe).comments if begin < len(text) < stop == end), -1)


def closer(text: str) -> tuple[str, int]:
    """The line that ends the code or comment which `text` leaves open, and the offset where that began.

    ("", 0) when a heading put after `text` would be one.

    >>> closer("Out\\n\\n~~~\\nand so"), closer("Out")
    (('~~~', 5), ('', 0))
    """
    if not any(opener in text for opener in ("```", "~~~", "<!--")):
        return "", 0
    from carrel.core import markdown

    probe = f"{text}\n\n## next\n"
    found = markdown.scan(probe)
    start = next((begin for begin, end in (*found.code[-1:], *found.comments[-1:]) if end >= len(probe)), -1)
    if start < 0:
        return "", 0
    if probe.startswith("<!--", start):
        return "-->", start
    prefix = text[text.rfind("\n", 0, start) + 1 : start]  # of a quote or a list item that holds the code
    fence = re.match(r"`+|~+", text[start:])
    return f"{re.sub(r'[^>]', ' ', prefix)}{fence[0] if fence else ''}", start
