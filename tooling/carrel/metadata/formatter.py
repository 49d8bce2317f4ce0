"""One paper in the words of a CSL style. citeproc-py does it, and nothing else imports it.

Formatted texts are plain Unicode with marks from the private use area for italics and the like, so that what a paper
says can never be markup; `as_text` and `as_html` give them their form.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from carrel.errors import ConfigInvalid
from carrel.metadata.csl import item

if TYPE_CHECKING:
    from carrel.core.paper import Paper
    from carrel.metadata.style import Style

# Two characters of the private use area begin and end each mark, for citeproc-py's names of them.
_MARKS = {
    "Italic": "\ue000\ue001",
    "Bold": "\ue002\ue003",
    "Superscript": "\ue004\ue005",
    "Subscript": "\ue006\ue007",
    "SmallCaps": "\ue008\ue009",
    "Underline": "\ue00a\ue00b",
}
#: Stands for a paper's number in the list, until that is known.
NUMBER = "\ue00c"
#: citeproc-py takes the square of a text's length for some: characters of one, and names of a paper.
_LONGEST, _MOST = 2000, 5000
_ALL_MARKS = "".join(_MARKS.values())
_TAGS = ("i", "b", "sup", "sub", 'span class="carrel-caps"', "u")
_AS_TEXT = dict.fromkeys(map(ord, _ALL_MARKS + NUMBER))
_AS_HTML = str.maketrans(
    dict(zip(_ALL_MARKS, (form for tag in _TAGS for form in (f"<{tag}>", f"</{tag.split()[0]}>")), strict=True))
)


def as_text(formatted: str) -> str:
    """A formatted text without its marks.

    >>> as_text("\\ue000Mind\\ue001, 49")
    'Mind, 49'
    """
    return formatted.translate(_AS_TEXT)


def as_html(formatted: str, escaped: Callable[[str], str] = escape) -> str:
    """A formatted text as HTML of one line; `escaped` makes plain text safe where it goes, and keeps the marks.

    >>> as_html("\\ue000Mind & <body>\\ue001, 49")
    '<i>Mind &amp; &lt;body&gt;</i>, 49'
    """
    return escaped(formatted).translate(_AS_HTML)


class Formatter:
    """citeproc-py at work on one paper at a time. What it cannot do gives ""; `ConfigInvalid` for the style itself."""

    def __init__(self, style: Style) -> None:
        from citeproc import CitationStylesStyle

        self._style = style
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of locales that know fewer terms than others
                self._csl: Any = CitationStylesStyle(BytesIO(style.xml), validate=False)
        except Exception as error:  # whatever it raises, it is the file that it cannot use
            raise ConfigInvalid(
                f"{style.source} cannot be used as a CSL style: {error}", "try another style"
            ) from error
        self._shows_letter = b'variable="year-suffix"' in style.xml

    def cite(self, paper: Paper, letter: str) -> str:
        """What a citation says of the paper, between the style's brackets."""
        return self._formatted(paper, letter, lambda document, citation: document.cite(citation, None))

    def entry(self, paper: Paper, letter: str) -> str:
        """The paper's entry in the list."""
        if not self._style.listed:
            return ""
        return self._formatted(paper, letter, lambda document, _: document.bibliography()[0])

    def _formatted(self, paper: Paper, letter: str, render: Callable[[Any, Any], object]) -> str:
        from citeproc import Citation, CitationStylesBibliography
        from citeproc.source.json import CiteProcJSON

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of keys that it does not know
                source = CiteProcJSON([{**_dated(paper), "id": "1"}])
                if letter:
                    self._put_letter(source["1"], letter)
                document = CitationStylesBibliography(self._csl, source, _formatter())
                citation = Citation([_numbered("1")])
                document.register(citation)
                return " ".join(str(render(document, citation)).split())
        except Exception:  # it breaks in many ways on odd records: those are written plainly
            return ""

    def _put_letter(self, reference: Any, letter: str) -> None:
        """As the specification says: where the style shows it, else after every year."""
        if self._shows_letter:
            reference["year_suffix"] = letter
        elif "year" in reference.get("issued", ()):
            reference["issued"]["year"] = _LetteredYear(reference["issued"]["year"], letter)


class _LetteredYear(int):
    """A year that is written with a letter after it. citeproc-py writes `str(abs(year))`."""

    letter: str

    def __new__(cls, year: int, letter: str) -> _LetteredYear:
        made = super().__new__(cls, year)
        made.letter = letter
        return made

    def __abs__(self) -> _LetteredYear:
        return self

    def __str__(self) -> str:
        return f"{int(self)}{self.letter}"


@cache
def _formatter() -> object:
    """Our marks, as citeproc-py wants to be told of a format: a function for each, and one for plain text."""
    from citeproc.string import String

    def marked(begin: str, end: str) -> Callable[[object], object]:
        return lambda text: String(f"{begin}{text}{end}")

    marks = {name: marked(*mark) for name, mark in _MARKS.items()}
    return SimpleNamespace(preformat=str, Light=str, Oblique=marks["Italic"], **marks)


def _numbered(key: str) -> object:
    """A cited paper whose number is not known yet."""
    from citeproc import CitationItem

    class Numbered(CitationItem):  # type: ignore[misc]  # citeproc-py has no types
        number = NUMBER

    return Numbered(key)


def _dated(paper: Paper) -> dict[str, Any]:
    """The paper as CSL-JSON; a date in words, `in press`, is one too, and pages 93-93 are one."""
    found: dict[str, Any] = dict(_clean(item(paper)))
    first, _, last = paper.pages.partition("-")
    if first and first == last:
        found["page"] = first
    if paper.year and "issued" not in found:
        found["issued"] = {"literal": paper.year}
    return found


def _clean(value: Any) -> Any:
    """CSL-JSON without our marks in its texts, which only the style may set, and of a length that a list can show."""
    if isinstance(value, str):
        return value.translate(_AS_TEXT)[:_LONGEST]
    if isinstance(value, Mapping):
        return {key: _clean(inner) for key, inner in value.items()}
    return [_clean(inner) for inner in value[:_MOST]] if isinstance(value, (list, tuple)) else value
