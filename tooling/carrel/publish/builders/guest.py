"""Our reading of Markdown, for a builder that is not started by us: an extension of Python-Markdown by its name.

MkDocs' kin and Zensical all render with Python-Markdown. Whatever they think of a page's text, it means here what it
means everywhere, and what comes of it stands between two marks, so that it can be told from the theme's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carrel.publish.render.markdown import Dialect, as_html, safe_tokens

if TYPE_CHECKING:
    from markdown import Markdown

#: What builders are told to load.
NAME = f"{__name__}:Guest"


class Guest(Dialect):
    """The `Dialect` between marks. `mark` is drawn anew for each build, so that no note can hold it."""

    def __init__(self, **settings: Any) -> None:
        self.config = {"mark": ["", "What stands before and after a page's own HTML."]}
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        super().extendMarkdown(md)
        mark, convert = self.getConfig("mark"), md.convert

        def between_marks(text: str) -> str:
            html, trouble = as_html(convert, text)
            tokens = [] if trouble else list(safe_tokens(getattr(md, "toc_tokens", [])))
            vars(md)["toc_tokens"] = [_plain(token) for token in tokens]
            return f"{opening(mark)}{html}{closing(mark)}{trouble}-->"

        vars(md)["convert"] = between_marks


def opening(mark: str) -> str:
    """What stands before a page's own HTML."""
    return f"<!--{mark}-->"


def closing(mark: str) -> str:
    """What stands after it, up to why the page is shown as it was written, and `-->`."""
    return f"<!--/{mark} "


def _plain(token: dict[str, Any]) -> dict[str, Any]:
    """A line of the table of contents that no theme can make more of than its text."""
    children = [_plain(child) for child in token["children"]]
    return {**token, "html": token["name"], "data-toc-label": "", "children": children}
