"""People's names, as bibliographies need them: in parts, and as one line that reads back as the same parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv"))
_BRACES = re.compile(r"[{}]")
# A word wholly in Chinese characters, kana or hangul: the Unicode blocks of these scripts.
_EAST_ASIAN = re.compile(
    "[\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U000323af]+"
)


@dataclass(frozen=True, slots=True)
class Name:
    """An author. `particle` is what stands before the family name in lower case (van der), `suffix` Jr. or III.

    A group, and anything else that has no parts, stands in `literal` alone. Names are brought to one form when
    they are made, so that the same person from BibTeX, arXiv or a note's front matter compares equal.

    >>> Name("de Groot", "Adriaan") == Name("Groot", "Adriaan", "de")
    True
    """

    family: str = ""
    given: str = ""
    particle: str = ""
    suffix: str = ""
    literal: str = ""

    def __post_init__(self) -> None:
        literal = _clean(self.literal)
        family, given, particle, suffix = (
            _clean(part.replace(",", " ")) for part in (self.family, self.given, self.particle, self.suffix)
        )
        if given.casefold() in _SUFFIXES and suffix.casefold() not in _SUFFIXES:
            given, suffix = suffix, given  # "King, Martin Luther, Jr."
        if not family:
            family, given = given, ""
        if not family:
            family, suffix = suffix, ""
        words = f"{particle} {family}".split()
        if not suffix and len(words) > 1 and words[-1].casefold() in _SUFFIXES:
            suffix = words.pop()  # "King Jr., Martin Luther"
        lowered = next((i for i, word in enumerate(words) if not word[0].islower()), len(words) - 1)
        particle, family = " ".join(words[: max(lowered, 0)]), " ".join(words[max(lowered, 0) :])
        if literal or not (given or suffix):
            # One word is a family name (Aristotle, OpenAI: nobody can tell); several without a given name are a group.
            literal = literal or " ".join((particle, family)).strip()
            family, given, particle, suffix = "", "", "", ""
            if " " not in literal and "," not in literal:
                family, literal = literal, ""
        parts = {"family": family, "given": given, "particle": particle, "suffix": suffix, "literal": literal}
        for key, value in parts.items():
            object.__setattr__(self, key, value)

    @classmethod
    def parse(cls, text: str) -> Name:
        """The name in one of the three ways that BibTeX reads, or a group in braces.

        >>> Name.parse("Jan van der Berg")
        Name(family='Berg', given='Jan', particle='van der', suffix='', literal='')
        >>> Name.parse("King, Jr., Martin Luther").suffix, Name.parse("{The Carrel developers}").literal
        ('Jr.', 'The Carrel developers')

        Two words of Chinese, Japanese or Korean script have the family name first, as people there write it.

        >>> Name.parse("王 小明").family
        '王'
        """
        return _parsed(text)

    @property
    def last(self) -> str:
        """What a citation calls the person: particle and family name, or the group.

        >>> Name.parse("Jan van der Berg").last
        'van der Berg'
        """
        return self.literal or f"{self.particle} {self.family}".strip()

    @property
    def display(self) -> str:
        """The name as people write it.

        >>> Name("King", "Martin Luther", suffix="Jr.").display
        'Martin Luther King Jr.'
        """
        parts = [self.given, self.last]
        if all(map(_EAST_ASIAN.fullmatch, parts)):
            parts.reverse()
        return " ".join(part for part in (*parts, self.suffix) if part)

    def __str__(self) -> str:
        """One line that `parse` reads back as this name: natural where that is unambiguous.

        >>> str(Name("Elhage", "Nelson")), str(Name("Schouhamer Immink", "Kees")), str(Name(literal="Redwood Research"))
        ('Nelson Elhage', 'Schouhamer Immink, Kees', '{Redwood Research}')
        """
        if Name.parse(self.display) == self:
            return self.display
        if self.literal:
            return f"{{{self.literal}}}"
        return ", ".join((self.last, self.suffix, self.given) if self.suffix else (self.last, self.given))


@lru_cache(maxsize=20_000)  # the same people write many papers, and stand in many lists
def _parsed(text: str) -> Name:
    text = " ".join(text.split())
    if text.startswith("{") and text.endswith("}") and len(_BRACES.findall(text)) == 2:
        return Name(literal=text)
    family, *rest = (part.strip() for part in text.split(","))
    if len(rest) == 1 and rest[0].casefold() in _SUFFIXES:
        name = _parsed(family)  # "Martin Luther King, Jr."
        return Name(name.family, name.given, name.particle, rest[0]) if not (name.literal or name.suffix) else name
    if len(rest) == 1:
        return Name(family, rest[0])
    if rest:
        return Name(family, " ".join(rest[1:]), suffix=rest[0])
    words = family.split()
    suffix = words.pop() if len(words) > 2 and words[-1].casefold() in _SUFFIXES else ""
    if len(words) == 2 and all(map(_EAST_ASIAN.fullmatch, words)):
        return Name(words[0], words[1], suffix=suffix)
    start = len(words) - 1
    if not all(word[0].islower() for word in words):
        while start > 0 and words[start - 1][0].islower():
            start -= 1
    return Name(" ".join(words[max(start, 0) :]), " ".join(words[: max(start, 0)]), suffix=suffix)


def _clean(text: str) -> str:
    return " ".join(_BRACES.sub("", text).split())


def short_authors(names: tuple[Name, ...]) -> str:
    """Who wrote it, in the width of a table column.

    >>> short_authors((Name("Elhage", "Nelson"), Name("Hume", "Tristan"), Name("Olah", "Chris")))
    'Elhage et al.'
    """
    last = [name.last for name in names]
    if len(last) > 2 or "others" in last[1:]:
        return f"{last[0]} et al."
    return " & ".join(last)
