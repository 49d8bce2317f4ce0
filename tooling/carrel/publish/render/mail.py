"""A page's HTML as a mail: in one piece with its styles in place, fetching nothing; or as plain text."""

from __future__ import annotations

import textwrap
from html import escape
from html.parser import HTMLParser

#: Columns of the text.
WIDTH = 72

_FONT = "font-family:Georgia,'Times New Roman',serif;font-size:16px;line-height:1.5;color:#1a1a1a"
_STYLES = {
    "body": f"{_FONT};background:#ffffff;max-width:42em;margin:0 auto;padding:16px",
    "h1": "font-size:26px;line-height:1.25;margin:0 0 16px",
    "h2": "font-size:20px;line-height:1.3;margin:32px 0 8px;border-bottom:1px solid #cccccc",
    "h3": "font-size:17px;line-height:1.3;margin:24px 0 4px",
    "p": "margin:0 0 12px",
    "ul": "margin:0 0 12px;padding-left:24px",
    "ol": "margin:0 0 12px;padding-left:24px",
    "a": "color:#0b57a4",
    "blockquote": "margin:0 0 12px;padding-left:12px;border-left:3px solid #cccccc;color:#444444",
    "pre": "margin:0 0 12px;padding:8px;background:#f4f4f4;overflow-x:auto;font-family:monospace;font-size:13px",
    "code": "font-family:monospace;font-size:14px",
    "table": "border-collapse:collapse;margin:0 0 12px",
    "th": "border:1px solid #cccccc;padding:4px 8px;text-align:left",
    "td": "border:1px solid #cccccc;padding:4px 8px",
}
#: What stays of a page: a reader of mail shows these everywhere.
_KEPT = frozenset((
    *_STYLES, "b", "br", "dd", "del", "dl", "dt", "em", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "q",
    "s", "strong", "sub", "sup", "tbody", "thead", "tr", "u",
)) - {"body"}  # fmt: skip
_EMPTY = frozenset(("br", "hr"))
_BLOCKS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "table", "tr", "dl", "dt", "dd",
    "div", "section", "details", "summary", "figure", "figcaption", "hr",
))  # fmt: skip
_UNDERLINED = {"h1": "=", "h2": "-", "h3": "~"}


def as_mail(title: str, html: str) -> str:
    """A document of `html`, which was cleaned, with its styles where readers of mail want them."""
    reader = _Mail()
    reader.feed(html)
    reader.close()
    body, head = "".join(reader.out).strip(), escape(title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{head}</title></head>\n'
        f'<body style="{_STYLES["body"]}">\n<h1 style="{_STYLES["h1"]}">{head}</h1>\n{body}\n</body>\n</html>\n'
    )


def as_text(title: str, html: str) -> str:
    """The same as text of `WIDTH` columns; an address that is longer has a line of its own."""
    reader = _Text()
    reader.feed(f"<h1>{escape(title)}</h1>{html}")
    reader.close()
    reader.flush()
    return "\n".join(reader.lines).strip("\n") + "\n"


class _Page(HTMLParser):
    """Reads cleaned HTML; what is no part of a mail is told apart here: pictures, ticked boxes, links of headings."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._dropped = 0  # within how many links of a heading to itself

    def begin(self, tag: str, values: dict[str, str]) -> None:
        """A tag opens."""

    def end(self, tag: str) -> None:
        """A tag closes."""

    def words(self, text: str) -> None:
        """Text."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag == "a" and (self._dropped or "headerlink" in values.get("class", "")):
            self._dropped += 1
        elif tag == "img":
            self.words(f"[{values.get('alt') or 'picture'}]")
        elif tag == "input":
            self.words("☑ " if "checked" in values else "☐ ")
        else:
            self.begin(tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._dropped:
            self._dropped -= 1
        else:
            self.end(tag)

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.words(data)


class _Mail(_Page):
    """Writes HTML with styles."""

    def __init__(self) -> None:
        super().__init__()
        self.out: list[str] = []
        self._linked: list[bool] = []

    def begin(self, tag: str, values: dict[str, str]) -> None:
        kept = tag in _KEPT
        if tag == "a":
            kept = "href" in values
            self._linked.append(kept)
        if kept:
            href = f' href="{escape(values["href"])}"' if tag == "a" else ""
            style = f' style="{_STYLES[tag]}"' if tag in _STYLES else ""
            self.out.append(f"<{tag}{href}{style}>")

    def end(self, tag: str) -> None:
        kept = tag in _KEPT and tag not in _EMPTY
        if tag == "a":
            kept = bool(self._linked) and self._linked.pop()
        if kept:
            self.out.append(f"</{tag}>")

    def words(self, text: str) -> None:
        self.out.append(escape(text, quote=False))


class _Text(_Page):
    """Writes lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._words: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._lists: list[int | None] = []  # the number of the last item, None in a list without numbers
        self._quotes = self._code = self._tables = 0
        self._mark = ""
        self._head = ""

    def begin(self, tag: str, values: dict[str, str]) -> None:
        if tag == "br":
            self._words.append("\n")
        elif tag == "a":
            self._links.append((values.get("href", ""), len(self._words)))
        elif tag in ("td", "th") and self._words:
            self._words.append(" | ")
        elif tag in _BLOCKS:
            self.flush()
            if tag in ("ul", "ol"):
                self._blank(unless=bool(self._lists))
                self._lists.append(0 if tag == "ol" else None)
            elif tag == "li":
                number = self._lists[-1] if self._lists else None
                if number is not None:
                    self._lists[-1] = number + 1
                self._mark = "- " if number is None else f"{number + 1}. "
            elif tag == "blockquote":
                self._blank()
                self._quotes += 1
            elif tag == "pre":
                self._code += 1
            elif tag == "table":
                self._blank()
                self._tables += 1
            elif tag == "hr":
                self._blank()
                self.lines.append("-" * 8)
            self._head = tag if tag in _UNDERLINED else ""

    def end(self, tag: str) -> None:
        if tag == "a" and self._links:
            href, begun = self._links.pop()
            if href.startswith(("http", "mailto")) and "".join(self._words[begun:]).strip() != href:
                self._words.append(f" <{href}>")
        elif tag in _BLOCKS:
            self.flush()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            elif tag == "blockquote":
                self._quotes = max(0, self._quotes - 1)
            elif tag == "pre":
                self._code = max(0, self._code - 1)
            elif tag == "table":
                self._tables = max(0, self._tables - 1)

    def words(self, text: str) -> None:
        self._words.append(text if self._code else text.replace("\n", " "))

    def flush(self) -> None:
        """Write the paragraph that was read so far."""
        text = "".join(self._words)
        self._words.clear()
        self._links.clear()
        if not text.strip():
            return
        margin = "> " * self._quotes + "  " * max(0, len(self._lists) - 1)
        inner = margin + ("  " if self._lists else "")
        first = margin + self._mark if self._mark else inner
        if not self._mark:
            self._blank(unless=self._tables > 0)
        elif self.lines and not self.lines[-1].lstrip("> ").startswith(("- ", *"123456789")) and self.lines[-1]:
            self._blank(unless=self.lines[-1].startswith(inner))
        if self._code:
            self.lines += [f"{inner}    {row}".rstrip() for row in text.strip("\n").split("\n")]
        else:
            for row in text.split("\n"):
                self.lines += textwrap.wrap(
                    " ".join(row.split()), WIDTH, initial_indent=first, subsequent_indent=inner,
                    break_long_words=False, break_on_hyphens=False,
                )  # fmt: skip
                first = inner
        if self._head:
            self.lines.append(_UNDERLINED[self._head] * min(WIDTH, max(map(len, self.lines[-1:]))))
        self._mark = self._head = ""

    def _blank(self, *, unless: bool = False) -> None:
        if self.lines and self.lines[-1] and not unless:
            self.lines.append("")
