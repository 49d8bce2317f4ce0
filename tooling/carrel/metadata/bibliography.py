"""Papers as citations in a text and as a list of references, in a CSL style.

citeproc-py does the formatting, and nothing else imports it. It knows no letters after years (2022a), cannot cite
without the author, and breaks on records that are odd; that is done here, and what it cannot format is written
plainly. Each paper is formatted once, whatever number or letter it gets on a page.

Formatted texts are plain Unicode with marks from the private use area, see `as_text`, `as_html` and `as_markdown`.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from carrel.core.summary import markdown_text
from carrel.errors import ConfigInvalid
from carrel.metadata.csl import item
from carrel.metadata.style import Style, own_style

if TYPE_CHECKING:
    from carrel.core.paper import Paper

# Two characters of the private use area begin and end each mark, for citeproc-py's names of them.
_MARKS = {
    "Italic": "\ue000\ue001",
    "Bold": "\ue002\ue003",
    "Superscript": "\ue004\ue005",
    "Subscript": "\ue006\ue007",
    "SmallCaps": "\ue008\ue009",
    "Underline": "\ue00a\ue00b",
}
_NUMBER = "\ue00c"  # stands for a paper's number in the list, until that is known
_ALL_MARKS = "".join(_MARKS.values())
_TAGS = ("i", "b", "sup", "sub", 'span class="carrel-caps"', "u")
_AS_TEXT = dict.fromkeys(map(ord, _ALL_MARKS + _NUMBER))
_AS_HTML = str.maketrans(
    dict(zip(_ALL_MARKS, (form for tag in _TAGS for form in (f"<{tag}>", f"</{tag.split()[0]}>")), strict=True))
)
_AS_MARKDOWN = str.maketrans(dict(zip(_ALL_MARKS, ("*", "*", "**", "**", *[""] * 8), strict=True)))


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


def as_markdown(formatted: str) -> str:
    """A formatted text as Markdown of one line, which shows it as it is.

    >>> as_markdown("\\ue000Mind [1]\\ue001, 49")
    '*Mind \\\\[1\\\\]*, 49'
    """
    return markdown_text(formatted).translate(_AS_MARKDOWN)


@dataclass(frozen=True, slots=True)
class Cited:
    """A paper as a citation calls it: `text`, and the brackets that it brings along, between which a page goes."""

    text: str
    opening: str = ""
    closing: str = ""

    def __str__(self) -> str:
        return f"{self.opening}{self.text}{self.closing}"


class Bibliography:
    """The papers that one document can cite, by keys of the caller's choice.

    Which letters follow the years depends on those that are `cited` (all of them) and on nothing else. Numbers are
    the caller's: a paper has another one on every page. Raises `ConfigInvalid` when the style cannot be used.
    """

    def __init__(
        self, papers: Mapping[str, Paper], style: Style | None = None, cited: Iterable[str] | None = None
    ) -> None:
        self.papers = papers
        self.style = style or own_style()
        self._letters = self._lettered(papers if cited is None else cited)
        self._formatter = _Formatter(self.style)
        self._cites: dict[str, str] = {}
        self._entries: dict[str, str] = {}

    def parenthesis(self, *keys: str) -> str:
        """The papers cited in one bracket: `(Elhage et al., 2022; Olah, 2020)` or `[1], [2]`, without marks."""
        cited = (str(self.cited(key, number)) for number, key in enumerate(keys, 1))
        return as_text(self.style.opening + self.style.delimiter.join(cited) + self.style.closing)

    def cited(self, key: str, number: int = 0, *, author: bool = True) -> Cited:
        """The paper as it stands in a bracket; without its author, `2022`, where the style names one."""
        if not (author or self.style.numbered):
            return Cited(self._year(key))
        text = self._cite(key).replace(_NUMBER, str(number))
        inner = text.lstrip("([").rstrip(")]")
        opening, found, closing = text.partition(inner)
        if not found or not opening or not closing:
            return Cited(text)
        return Cited(inner, opening, closing)

    def narrative(self, key: str, number: int = 0) -> Cited:
        """The paper as it stands in a sentence: `Elhage et al. (2022)` or `Elhage et al. [1]`."""
        cited = self.cited(key, number, author=False)
        opening = (self.style.opening + cited.opening).strip() or ("" if self.style.numbered else "(")
        closing = (cited.closing + self.style.closing).strip() or ("" if self.style.numbered else ")")
        return Cited(f"{in_a_sentence(self.papers[key])} {opening}{cited.text}", closing=closing)

    def entry(self, key: str, number: int = 0) -> str:
        """The paper's entry in the list."""
        if key not in self._entries:
            paper = self.papers[key]
            self._entries[key] = self._formatter.entry(paper, self._letters.get(key, "")) or _plain(paper)
        return self._entries[key].replace(_NUMBER, str(number))

    def ordered(self, keys: Iterable[str]) -> list[str]:
        """The keys in the order of the list: by authors, year and title where the style sorts, else as they come."""
        return sorted(keys, key=self._order) if self.style.ordered else list(keys)

    def _order(self, key: str) -> tuple[str, str, str, str]:
        paper = self.papers[key]
        names = "; ".join(f"{name.last}, {name.given}" for name in paper.authors or paper.editors)
        return _folded(names or paper.title), paper.year, _folded(paper.title), key

    def _cite(self, key: str) -> str:
        if key not in self._cites:
            paper = self.papers[key]
            cited = self._formatter.cite(paper, self._letters.get(key, "")) if self.style.in_text else ""
            self._cites[key] = cited or (
                _NUMBER if self.style.numbered else f"{in_a_sentence(paper)}, {self._year(key)}"
            )
        return self._cites[key]

    def _year(self, key: str) -> str:
        return (self.papers[key].year or "n.d.") + self._letters.get(key, "")

    def _lettered(self, cited: Iterable[str]) -> Mapping[str, str]:
        """The letter of each paper that is cited by the same words as another."""
        alike: dict[str, list[str]] = defaultdict(list)
        if self.style.lettered or not self.style.in_text:
            for key in cited:
                alike[f"{in_a_sentence(self.papers[key])} {self.papers[key].year}"].append(key)
        return {
            key: _letter(number)
            for keys in alike.values()
            if len(keys) > 1
            for number, key in enumerate(sorted(keys, key=self._order))
        }


class _Formatter:
    """citeproc-py at work on one paper at a time. What it cannot do gives ""."""

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
        return self._formatted(paper, letter, lambda document, citation: document.cite(citation, None))

    def entry(self, paper: Paper, letter: str) -> str:
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
        number = _NUMBER

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
    """CSL-JSON without our marks in its texts: only the style may set them."""
    if isinstance(value, str):
        return value.translate(_AS_TEXT)
    if isinstance(value, Mapping):
        return {key: _clean(inner) for key, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def in_a_sentence(paper: Paper) -> str:
    """Who wrote the paper, as a sentence says it: `Elhage et al.`; the title of what names nobody."""
    names = [name.last for name in paper.authors or paper.editors]
    if len(names) > 2 or "others" in names[1:]:
        return f"{names[0]} et al."
    return " and ".join(names) or paper.title or paper.citekey


def _plain(paper: Paper) -> str:
    """An entry without a style."""
    who = ", ".join(name.display for name in paper.authors or paper.editors)
    year = f"({paper.year or 'n.d.'})"
    place = f"https://doi.org/{paper.doi}" if paper.doi else paper.url
    first = f"{who} {year}" if who else f"{paper.title or paper.citekey} {year}"
    parts = (first, paper.title if who else "", paper.venue, paper.publisher, place)
    return ". ".join(part.rstrip(".") for part in parts if part).translate(_AS_TEXT) + ("" if place else ".")


def _folded(text: str) -> str:
    """How texts are sorted: without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def _letter(number: int) -> str:
    """0 → "a", 25 → "z", 26 → "aa".

    >>> _letter(0), _letter(25), _letter(26), _letter(52)
    ('a', 'z', 'aa', 'ba')
    """
    before, last = divmod(number, 26)
    return (_letter(before - 1) if before else "") + chr(97 + last)
