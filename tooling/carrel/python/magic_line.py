"""The line behind `%carrel`: its options, and the words of the entry."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import takewhile

from carrel.errors import UsageError

_OPTION = re.compile(r"\s*+(?:(--)|(-{1,2}[A-Za-z][A-Za-z-]*+)(?:=(?=\S))?)(?=\s|\Z|(?<==))")
_VALUE = re.compile(r"""\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"']\S*+))(?=\s|\Z)""")
_QUOTED = re.compile(r"""\s*+(?:"([^"]++)"|'([^']++)')(?=\s|\Z)""")
_WORD = re.compile(r"(?<!\S)-")
# Meant as `--private`, with whatever dash an editor made of it: such words must not go where all can read them.
_PRIVATE = re.compile(r"(?<!\S)[-\u2013\u2014]{1,2}(?i:priv)\S*+")
_NAMES = {"-t": "tag", "-p": "project", "-e": "exp", "-f": "figure", "--experiment": "exp"}
_WITH_VALUE = ("tag", "project", "exp", "caption", "at", "value")


@dataclass
class Said:
    """A line of the magic: its options, and the words beside them. `values` are NAME=VALUE, or a variable's name."""

    words: str = ""
    tags: list[str] = field(default_factory=list)
    figure: bool | str = False
    private: bool = False
    values: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)


def parse(line: str) -> Said:
    """The options before and behind the words, and these. Raises `UsageError`.

    Behind the words is an option only what is followed by options to the end of the line: else it is one of the words.
    What begins with `--` there, or before them, and is no option is a mistake, and so is `--private` among them.

    >>> parse("-t sae --caption 'Run 12' -f the loss isn't -5")
    Said(words="the loss isn't -5", tags=['sae'], figure=True, private=False, values=[], options={'caption': 'Run 12'})
    >>> parse("'two words' -t sae") == parse("two words -t sae") == parse("-t sae two words")
    True
    """
    said = Said()
    position, ended = _options(line, 0, said)
    if ended:
        said.words = line[position:].strip()
        return said
    quoted = _QUOTED.match(line, position)
    if quoted and line[quoted.end() :].lstrip()[:1] in ("", "-"):
        position, _ = _options(line, quoted.end(), said)
        if position == len(line.rstrip()):
            said.words = quoted[1] or quoted[2]
            return said
        raise UsageError("words follow what is in quotes", "put all words into the quotes, or none")
    for behind in _WORD.finditer(line, position):
        more = deepcopy(said)
        try:
            end, ended = _options(line, behind.start(), more)
        except UsageError:
            continue
        if end == len(line.rstrip()) and not ended:
            more.words = _words(line[position : behind.start()])
            return more
    said.words = _words(line[position:])
    return said


def _words(written: str) -> str:
    """The words of an entry. Raises `UsageError` where an option may have been meant."""
    words = written.split()
    behind = list(takewhile(lambda word: word.startswith("-"), reversed(words)))
    for word in (*words[:1], *behind, *_PRIVATE.findall(written)):
        if (word.startswith("--") and word[2:3].isalpha()) or _PRIVATE.match(word):
            raise _unknown(word)
    return written.strip()


def _unknown(option: str) -> UsageError:
    return UsageError(f"there is no option {option}", "%carrel? lists them; words may follow a --")


def _options(line: str, position: int, said: Said) -> tuple[int, bool]:
    """Read the options at a place of the line into `said`; where they end, and whether a `--` ends them."""
    while (option := _OPTION.match(line, position)) is not None:
        position = option.end()
        if option[1]:
            return position, True
        name = _NAMES.get(option[2], option[2].removeprefix("--"))
        joined = line[position - 1] == "="
        if name == "figure" and not joined:
            said.figure = True
        elif name == "private" and not joined:
            said.private = True
        elif name == "figure" or name in _WITH_VALUE:
            value = _VALUE.match(line, position)
            if value is None or (value[3] or "").startswith("--"):
                raise UsageError(f"{option[2]} wants a value", "%carrel? tells more")
            position = value.end()
            _take(said, name, next(part for part in value.groups() if part is not None))
        else:
            raise _unknown(option[2])
    return position, False


def _take(said: Said, name: str, given: str) -> None:
    if name == "tag":
        said.tags.append(given)
    elif name == "value":
        said.values.append(given)
    elif name == "figure":
        said.figure = given
    else:
        said.options[name] = given
