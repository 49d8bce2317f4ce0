"""Values of an entry, as `acc` 0.83: lines `acc:: 0.83`, each of which is read back as it was meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from carrel.core.inline_fields import inline_fields
from carrel.errors import UsageError

#: Values of which the heading is made where nothing else is said.
_HEADING = 3
#: Lines that an entry writes itself.
_TAKEN = ("project", "experiment")
_PLAIN = re.compile(r"[\w .,:;/+()=-]*")
_BREAKS = re.compile(r"[^\w -]+")


def value_fields(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The lines of some values. Raises `UsageError` for a name or a value that would not be read back.

    Names are in lower case; what cannot stand in one becomes a hyphen.

    >>> value_fields([("train/loss", "0.25"), ("Best", "true")])
    (('train-loss', '0.25'), ('best', 'true'))
    """
    found: dict[str, str] = {}
    for given, written in values:
        key, text = _key(given), " ".join(written.split())
        if key in found or key in _TAKEN:
            why = "stands there twice" if key in found else "is said by itself, and is no value"
            raise UsageError(f"values: {given!r} {why}; nothing was written", "give it another name")
        if key == "run" and _of_a_run(text):
            raise UsageError(
                f"values: {given!r}: {text!r} is an id as `carrel run` gives them; nothing was written",
                "run=3 may be said; for an id of your own, give it another name",
            )
        line = f"{key}:: {text}"
        if inline_fields(line) != {key: text} or not _harmless(line):
            raise UsageError(
                f"values: {given!r}: {text[:40]!r} could not be read back; nothing was written",
                "a name is a few words of letters and digits, and a value one line without comments",
            )
        found[key] = text
    if not _read_back(found):  # a backtick in one and the next, and all between is code
        raise UsageError(
            "values: several of them together could not be read back; nothing was written", "leave out the backticks"
        )
    return tuple(found.items())


def heading(values: tuple[tuple[str, str], ...]) -> str:
    """What an entry of values alone is called.

    >>> heading((("acc", "0.83"), ("loss", "0.4")))
    'acc 0.83, loss 0.4'
    """
    return ", ".join(f"{key} {value}" for key, value in values[:_HEADING])


def _key(given: str) -> str:
    return " ".join(_BREAKS.sub("-", unicodedata.normalize("NFC", given)).strip(" -").lower().split())


def _of_a_run(text: str) -> bool:
    """Whether an entry with this as its `run` would be taken for one of `carrel run`."""
    from carrel.core.run import is_run

    return is_run({"run": text})


def _read_back(values: dict[str, str]) -> bool:
    """Whether all values are read back from lines that follow each other."""
    text = "\n".join(f"{key}:: {value}" for key, value in values.items())
    if "`" not in text:
        return True
    from carrel.core.markdown import scan

    markup = scan(text)
    return inline_fields(text, code=markup.code, comments=markup.comments) == values


def _harmless(line: str) -> bool:
    """Whether what follows a line is not swallowed: by a comment, say, that it begins or ends."""
    if _PLAIN.fullmatch(line):
        return True
    from carrel.core.markdown import scan  # numbers and most words need none

    markup = scan(f"{line}\n\n## next\n\n{line}\n\n## next\n")
    return len(markup.headings) == 2 and not markup.comments
