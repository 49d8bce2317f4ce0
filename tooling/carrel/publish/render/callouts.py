"""Callouts by the names that the theme has a colour and a sign for, whichever dialect they are written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown import Extension
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from markdown import Markdown

#: Kinds that Obsidian and GitHub know beside those of the theme.
_KINDS = {
    "summary": "abstract", "tldr": "abstract", "todo": "info", "hint": "tip", "important": "tip", "check": "success",
    "done": "success", "help": "question", "faq": "question", "caution": "warning", "attention": "warning",
    "fail": "failure", "missing": "failure", "error": "danger", "cite": "quote",
}  # fmt: skip


class Callouts(Extension):
    """Renames the kinds; `admonition`, `pymdownx.details` and `pymdownx.quotes` have read them."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        md.treeprocessors.register(_Renamed(md), "carrel-callouts", 6)


class _Renamed(Treeprocessor):
    def run(self, root: Element) -> None:
        for element in root.iter():
            words = element.get("class", "").split()
            if element.tag == "details" or (element.tag == "div" and "admonition" in words):
                element.set("class", " ".join(_KINDS.get(word, word) for word in words))
