"""CommonMark as notes are written, laid out so that Python-Markdown reads the same thing.

Python-Markdown wants a blank line before a list or a table, four columns for each level of a list, and knows
`1.` but not `1)`. Notes written for GitHub or Obsidian have none of that. Only blanks, markers of the form `1)`
and blank lines change; the lines of code, math and HTML stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ITEM = re.compile(r"([-*+]|\d{1,9}[.)])( +|$)")
_TABBED = re.compile(r"(?:[-*+]|\d{1,9}[.)])\t")
_RULE = re.compile(r"([-*_])[ \t]*+(?:\1[ \t]*+){2,}+$")
_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_HTML = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?=[ \t>/]|$)")
_DELIMITER = re.compile(r"[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*$")
_QUOTE = re.compile(r" {0,3}> ?")
# What a list cannot do without; most notes have none. The text must have a line's end before it too.
_LISTED = re.compile(r"\n[ \t>]*+(?:[-*+]|\d{1,9}[.)])(?:[ \t\n]|\Z)")
_MAX_DEPTH = 20  # of quotations within quotations


def for_python_markdown(text: str) -> str:
    """`text` laid out for Python-Markdown.

    >>> print(for_python_markdown("Two:\\n- a\\n  - b\\n\\n    more of b\\n1) c"))
    Two:
    <BLANKLINE>
    - a
        - b
    <BLANKLINE>
            more of b
    <BLANKLINE>
    1. c
    """
    if "\t" not in text and "|" not in text and _LISTED.search(f"\n{text}") is None:
        return text
    return "\n".join(_Layout(0).lay_out(text.split("\n")))


@dataclass(slots=True)
class _Layout:
    """Where the reading of lines stands. `items` are the columns at which the texts of the open list items begin;
    `kinds` says of each level of lists whether its last item was a bullet (-) or a number (1).
    """

    depth: int
    out: list[str] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    paragraph: bool = False  # the line before was a paragraph's, so that this one may go on with it
    inside: str = ""  # the fence, `$$` or `<` of a block whose lines are left alone
    column: int = 0  # where that block began

    def lay_out(self, lines: list[str]) -> list[str]:
        number = 0
        while number < len(lines):
            line = lines[number]
            if self.inside and not (self.inside == "<" and not line.strip()):
                self._verbatim(line)
            elif not line.strip():
                self.inside, self.paragraph = "", False
                self.out.append("")
            elif not self.items and self.depth < _MAX_DEPTH and _QUOTE.match(line):
                stop = number + 1
                while stop < len(lines) and _QUOTE.match(lines[stop]):
                    stop += 1
                quoted = [_QUOTE.sub("", quote, count=1) for quote in lines[number:stop]]
                self.out += [f"> {inner}".rstrip() for inner in _Layout(self.depth + 1).lay_out(quoted)]
                self.paragraph, number = False, stop - 1
            else:
                self._line(line, lines[number + 1] if number + 1 < len(lines) else "")
            number += 1
        return self.out

    def _line(self, raw: str, following: str) -> None:
        lead = raw[: len(raw) - len(raw.lstrip(" \t"))]
        column, text = len(lead.expandtabs(4)), raw[len(lead) :]
        if _TABBED.match(text):
            text = (" " * column + text).expandtabs(4)[column:]
        level = next((level for level, begin in enumerate(self.items) if begin > column), len(self.items))
        indent = column - (self.items[level - 1] if level else 0)
        item = self._item_here(text, level) if indent < 4 else None
        if self.paragraph and item is None and (indent >= 4 or not _interrupts(text, following)):
            self.out.append(self._at(len(self.items), text) if self.items else raw)
            return
        if item is not None:
            self._item(item, text, column, level)
            return
        if level < len(self.items):
            self._separate()
        del self.items[level:], self.kinds[level:]
        if indent >= 4:  # indented code
            self.out.append(self._at(level, " " * indent + text) if level else raw)
            self.paragraph = False
            return
        if _is_table(text, following) or (level and self._opens_quotation(text)):
            self._separate()
        self.out.append(self._at(level, text) if level else raw)
        self._begin(text, column)
        self.paragraph = not self.inside and not _HEADING.match(text) and not _RULE.match(text)

    def _item_here(self, text: str, level: int) -> re.Match[str] | None:
        """The list marker that `text` begins with, if a list can begin or go on here."""
        item = None if _RULE.match(text) else _ITEM.match(text)
        if item is None or not self.paragraph or self.kinds[level : level + 1] == [_kind(item)]:
            return item
        # in the middle of a paragraph `2026. ` is a sentence's end, and an empty bullet is a dash
        return item if item.end() < len(text) and item[1] in ("-", "*", "+", "1.", "1)") else None

    def _item(self, item: re.Match[str], text: str, column: int, level: int) -> None:
        kind = _kind(item)
        sibling = self.kinds[level : level + 1] == [kind]
        if (not sibling and (level == 0 or len(self.kinds) > level)) or self._follows_quotation():
            self._separate()
        del self.items[level:], self.kinds[level:]
        blanks = len(item[2]) if len(item[2]) <= 4 else 1  # more than four begin indented code
        rest = text[len(item[1]) + blanks :]
        self.out.append(self._at(level, f"{item[1].replace(')', '.')} {rest}".rstrip()))
        self.items.append(column + len(item[1]) + max(blanks, 1))
        self.kinds.append(kind)
        self._begin(rest, self.items[-1])
        self.paragraph = bool(rest) and not self.inside

    def _opens_quotation(self, text: str) -> bool:
        """Whether `text`, within a list, is the first line of a quotation or a callout."""
        return text.startswith(">") and not self._follows_quotation()

    def _follows_quotation(self) -> bool:
        return bool(self.out) and self.out[-1].lstrip().startswith(">")

    def _begin(self, text: str, column: int) -> None:
        """Note whether `text` opens a block whose lines are left alone."""
        fence = _FENCE.match(text)
        if fence:
            self.inside, self.column = fence[0], column
        elif text.startswith("$$") and "$$" not in text[2:]:
            self.inside, self.column = "$$", column
        elif not self.items and _HTML.match(text):
            self.inside, self.column = "<", column

    def _verbatim(self, raw: str) -> None:
        text = raw
        if self.items:  # as far right of the item's text as it was
            lead = len(raw) - len(raw.lstrip(" \t"))
            text = raw[:lead].expandtabs(4)[self.column :] + raw[lead:]
        self.out.append(self._at(len(self.items), text))
        closing = raw.strip()
        if self.inside == "$$":
            closed = "$$" in closing
        else:
            closed = closing.startswith(self.inside) and not closing.strip(self.inside[0])
        if closed:
            self.inside, self.paragraph = "", False

    def _at(self, level: int, text: str) -> str:
        return " " * (4 * level) + text if text.strip() else ""

    def _separate(self) -> None:
        """See that a blank line stands before what comes."""
        if self.out and self.out[-1]:
            self.out.append("")


def _kind(item: re.Match[str]) -> str:
    return "-" if item[1] in "-*+" else "1"


def _interrupts(text: str, following: str) -> bool:
    """Whether `text` ends a paragraph without a blank line between."""
    block = _HEADING.match(text) or _FENCE.match(text) or _RULE.match(text)
    return block is not None or text.startswith((">", "$$")) or _is_table(text, following)


def _is_table(text: str, following: str) -> bool:
    return "|" in text and "-" in following and _DELIMITER.match(following) is not None
