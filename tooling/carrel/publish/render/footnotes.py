"""Footnotes that are written within the text, `^[text]`, and the numbers of all, in the order in which they are met.

`footnotes` of Python-Markdown reads `[^1]` and `[^1]: text`; to those it gives the numbers of their definitions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from markdown import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from markdown import Markdown

#: Characters of a footnote within the text: what is longer is prose in which a bracket was lost.
MAX_LENGTH = 5000
_BRACKET = re.compile(r"[\[\]]")
# After links (160), so that `^[a](b)` stays one; before `[text]` alone (130).
_PRIORITY = 155


class Footnotes(Extension):
    """Makes `^[text]` a footnote, and sorts the list. `\\^[` stays what it is."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, "^"]
        md.inlinePatterns.register(_Written(r"\^\[", md), "carrel-footnote", _PRIORITY)
        md.treeprocessors.register(_Sorted(md), "carrel-footnotes", 18)  # after inline text


class _Written(InlineProcessor):
    """`^[text]` as a reference with the text within it, until all are sorted. One without a text is left out."""

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown's name; the base class returns less
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str, int, int] | tuple[None, None, None]:
        depth = 1
        for bracket in _BRACKET.finditer(data, m.end(), m.end() + MAX_LENGTH):
            depth += 1 if bracket[0] == "[" else -1
            if depth == 0:
                return _reference(data[m.end() : bracket.start()].strip()), m.start(), bracket.end()
        return None, None, None


def _reference(text: str) -> Element | str:
    if not text:  # its comment was for the writer alone
        return ""
    mark = Element("sup")
    SubElement(mark, "a", {"class": "footnote-ref"})
    SubElement(mark, "span").text = text
    return mark


class _Sorted(Treeprocessor):
    """Takes what was written within the text to the list, and puts both into order."""

    def run(self, root: Element) -> None:
        marks = [mark for mark in root.iter("sup") if len(mark) and mark[0].get("class") == "footnote-ref"]
        if not marks:
            return
        found = next((one for one in root.iter("div") if one.get("class") == "footnote"), None)
        below = _list(root) if found is None else found
        items = below.find("ol")
        assert items is not None
        taken = {item.get("id", "") for item in items}
        numbers: dict[str, int] = {}
        written = 0
        for mark in marks:
            link = mark[0]
            if len(mark) > 1:
                written += 1
                while f"fn:text-{written}" in taken:
                    written += 1
                link.set("href", f"#fn:text-{written}")
                mark.set("id", f"fnref:text-{written}")
                items.append(_item(f"text-{written}", mark[1]))
                mark.remove(mark[1])
            number = numbers.setdefault(link.get("href", "")[1:], len(numbers) + 1)
            link.text = str(number)
        items[:] = sorted(items, key=lambda item: numbers.get(item.get("id", ""), len(numbers) + 1))
        for number, item in enumerate(items, 1):
            for link in item.iter("a"):
                if link.get("class") == "footnote-backref":
                    link.set("title", f"Jump back to footnote {number} in the text")


def _list(root: Element) -> Element:
    """An empty list of footnotes below all else, as `footnotes` makes it."""
    below = SubElement(root, "div", {"class": "footnote"})
    SubElement(below, "hr")
    SubElement(below, "ol")
    return below


def _item(name: str, text: Element) -> Element:
    item = Element("li", {"id": f"fn:{name}"})
    text.tag = "p"
    back = Element("a", {"class": "footnote-backref", "href": f"#fnref:{name}"})
    back.text = "\u21a9"
    if len(text):
        text[-1].tail = f"{text[-1].tail or ''}\u00a0"
    else:
        text.text = f"{text.text or ''}\u00a0"
    text.append(back)
    item.append(text)
    return item
