"""The language in which a citation key's pattern is written: Better BibTeX's, as much of it as a Paper can answer.

    pattern      auth.lower + year + shorttitle(1).lower | title.lower
    alternative  terms joined by `+`; the first alternative that gives anything is the key
    term         a function or a "literal", then any number of .filters
    arguments    numbers and "texts", in order or by name: auth(3), authors(n=2, sep='-')

Its documentation: https://retorque.re/zotero-better-bibtex/citing/ . Names and words are ASCII here from the start,
so that auth(3) is three letters of the key whatever the script.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from carrel.core.citekey_filters import FILTERS, Skip
from carrel.core.citekey_functions import FUNCTIONS
from carrel.errors import ConfigInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from carrel.core.paper import Paper

Argument: TypeAlias = "int | str"

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_]\w*)|(?P<number>-?\d{1,4})|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<sign>[-+|.(),=]))"
)
_BLANK = re.compile(r"\s*")
#: Characters. A pattern is one line of a configuration file.
MAX_PATTERN = 1000


@dataclass(frozen=True, slots=True)
class _Call:
    """A function or a filter with its arguments; `column` is where its name stands, from 1."""

    name: str
    column: int
    positional: tuple[Argument, ...] = ()
    named: tuple[tuple[str, Argument], ...] = ()


@dataclass(frozen=True, slots=True)
class _Term:
    start: str | _Call  # a literal, or a function of the paper
    filters: tuple[_Call, ...]


Pattern: TypeAlias = "tuple[tuple[_Term, ...], ...]"


def written(pattern: str, paper: Paper) -> str:
    """What `pattern` makes of `paper`, before it is fitted to be a key. Raises `ConfigInvalid` for a bad pattern.

    >>> from carrel.core.paper import Paper; from carrel.core.person import Name
    >>> paper = Paper("Toy Models of Superposition", (Name("Elhage", "Nelson"), Name("Hume", "Tristan")), "2022")
    >>> written("auth.lower + '-' + shortyear + title.abbr", paper), written("authEtal2(sep='-') + year", paper)
    ('elhage-22TMS', 'Elhage-Hume2022')
    """
    for alternative in parse(pattern):
        try:
            key = "".join(_value(term, paper) for term in alternative)
        except Skip:
            continue
        if key.strip():
            return key
    return ""


def _value(term: _Term, paper: Paper) -> str:
    start = term.start
    value = start if isinstance(start, str) else FUNCTIONS[start.name](paper, *start.positional, **dict(start.named))
    for one in term.filters:
        value = FILTERS[one.name](value, *one.positional, **dict(one.named))
    return value


@cache
def parse(pattern: str) -> Pattern:
    """The pattern in its parts. Raises `ConfigInvalid`, with the column of what cannot be understood."""
    if pattern.lstrip().startswith("["):
        raise ConfigInvalid(
            f"papers.key: column 1: {pattern[:40]!r} is in the old language of Better BibTeX",
            "write [auth:lower][year] as auth.lower + year",
        )
    if len(pattern) > MAX_PATTERN:
        raise ConfigInvalid(
            f"papers.key: column {MAX_PATTERN + 1}: too long for a pattern", "a short key is typed by hand"
        )
    return _Reader(pattern).read()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def read(self) -> Pattern:
        alternatives = [self._alternative()]
        while self._sign("|"):
            alternatives.append(self._alternative())
        if self._here() < len(self.pattern):
            self._fail("`+`, `|` or `.` is wanted here")
        return tuple(alternatives)

    def _alternative(self) -> tuple[_Term, ...]:
        terms = [self._term()]
        while self._sign("+"):
            terms.append(self._term())
        return tuple(terms)

    def _term(self) -> _Term:
        start = self._literal()
        first = start if start is not None else self._call(FUNCTIONS, "function")
        filters = []
        while self._sign("."):
            filters.append(self._call(FILTERS, "filter"))
        return _Term(first, tuple(filters))

    def _call(self, known: Mapping[str, Callable[..., str]], what: str) -> _Call:
        column = self._here() + 1
        token = self._next()
        if token is None or token["name"] is None:
            self._fail(f'a {what} is wanted here, or a "text"' if what == "function" else "a filter is wanted here")
        name = token["name"]
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, 1, 0.5)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}"
            self._fail(f"there is no {what} {name!r}", column, hint)
        self.at = token.end()
        call = _Call(name, column, *self._arguments())
        self._check(call, known[name])
        return call

    def _arguments(self) -> tuple[tuple[Argument, ...], tuple[tuple[str, Argument], ...]]:
        positional: list[Argument] = []
        named: list[tuple[str, Argument]] = []
        if not self._sign("("):
            return (), ()
        while not self._sign(")"):
            value, bare = self._argument()
            if bare and self._sign("="):
                named.append((str(value), self._argument()[0]))
            else:
                positional.append(value)
            self._comma()
        return tuple(positional), tuple(named)

    def _comma(self) -> None:
        if not self._sign(",") and self.pattern[self._here() : self._here() + 1] != ")":
            self._fail("`,` or `)` is wanted here")

    def _argument(self) -> tuple[Argument, bool]:
        """A number or a text, and whether it is a bare word: a text too, unless `=` comes after it."""
        token = self._next()
        if token is not None and (token["number"] is not None or token["name"] is not None):
            self.at = token.end()
            return (int(token["number"]), False) if token["number"] else (token["name"], True)
        literal = self._literal()
        if literal is None:
            self._fail('a number or a "text" is wanted here')
        return literal, False

    def _check(self, call: _Call, function: Callable[..., str]) -> None:
        """Whether the function takes these arguments: how many, which names, numbers or texts."""
        takes = list(signature(function).parameters.values())[1:]
        several = bool(takes) and takes[-1].kind is takes[-1].VAR_POSITIONAL
        if (len(call.positional) > len(takes) and not several) or len(dict(call.named)) < len(call.named):
            self._fail(f"{call.name} takes at most {len(takes)} arguments", call.column)
        given = dict(zip((one.name for one in takes), call.positional, strict=False))
        for name, value in call.named:
            if name not in [one.name for one in takes] or name in given:
                wanted = ", ".join(one.name for one in takes) or "nothing"
                self._fail(f"{call.name} takes no {name!r}", call.column, f"it takes {wanted}")
            given[name] = value
        for one in takes:
            if one.name not in given and one.default is one.empty and not several:
                self._fail(f"{call.name} wants {one.name}", call.column, f"as in {call.name}({one.name}=…)")
            kind = "number" if "int" in str(one.annotation) else "text"
            if one.name in given and isinstance(given[one.name], int) != (kind == "number"):
                self._fail(f"{call.name}: {one.name} is a {kind}", call.column)

    def _literal(self) -> str | None:
        token = self._next()
        if token is None or token["double"] is token["single"] is None:
            return None
        self.at = token.end()
        return token["double"] if token["double"] is not None else token["single"]

    def _sign(self, sign: str) -> bool:
        token = self._next()
        if token is None or token["sign"] != sign:
            return False
        self.at = token.end()
        return True

    def _next(self) -> re.Match[str] | None:
        return _TOKEN.match(self.pattern, self.at)

    def _here(self) -> int:
        blank = _BLANK.match(self.pattern, self.at)
        return blank.end() if blank else self.at

    def _fail(self, reason: str, column: int = 0, hint: str = "") -> NoReturn:
        raise ConfigInvalid(
            f"papers.key: column {column or self._here() + 1}: {reason}",
            hint or "as in auth.lower + year + shorttitle(1).lower",
        )
