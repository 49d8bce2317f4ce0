"""Papers as citations in a text and as a list of references, in a CSL style.

The style's own words come from `formatter`. What its library does not do is done here: letters after years (2022a),
citations without the author, numbers that differ from page to page; and what it cannot format is written plainly.
Each paper is formatted once.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.metadata.formatter import NUMBER, Formatter, as_text
from carrel.metadata.style import Style, own_style

if TYPE_CHECKING:
    from carrel.core.paper import Paper


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
    the caller's: a paper has another one on every page. `formatted` are entries that this style made before, each with
    its paper and letter; those that are made are added to it. Raises `ConfigInvalid` when the style cannot be used.
    """

    def __init__(
        self,
        papers: Mapping[str, Paper],
        style: Style | None = None,
        cited: Iterable[str] | None = None,
        formatted: dict[str, tuple[Paper, str, str]] | None = None,
    ) -> None:
        self.papers = papers
        self.style = style or own_style()
        self.letters = self._lettered(papers if cited is None else cited)
        self._formatter = Formatter(self.style)
        self._cites: dict[str, str] = {}
        self._entries = {} if formatted is None else formatted

    def cited(self, key: str, number: int = 0, *, author: bool = True) -> Cited:
        """The paper as it stands in a bracket; without its author, `2022`, where the style names one."""
        if not (author or self.style.numbered):
            return Cited(self._year(key))
        text = self._cite(key).replace(NUMBER, str(number))
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
        paper, letter = self.papers[key], self.letters.get(key, "")
        known = self._entries.get(key)
        if known is None or known[:2] != (paper, letter):
            known = self._entries[key] = paper, letter, self._formatter.entry(paper, letter) or _plain(paper)
        return known[2].replace(NUMBER, str(number))

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
            cited = self._formatter.cite(paper, self.letters.get(key, "")) if self.style.in_text else ""
            self._cites[key] = cited or (
                NUMBER if self.style.numbered else f"{in_a_sentence(paper)}, {self._year(key)}"
            )
        return self._cites[key]

    def _year(self, key: str) -> str:
        return (self.papers[key].year or "n.d.") + self.letters.get(key, "")

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
    return as_text(". ".join(part.rstrip(".") for part in parts if part)) + ("" if place else ".")


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
