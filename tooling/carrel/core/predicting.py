"""Writing predictions: a line from what a person says, and its outcome behind it. Every line is read back first."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from carrel.core import markdown
from carrel.core.frontmatter import read
from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.parse import parse_note
from carrel.core.prediction import Made, Prediction, made, read_line
from carrel.errors import UsageError

if TYPE_CHECKING:
    from carrel.core.log import LogEntry

_P = re.compile(r"(0?\.\d{1,6}|\d{1,3}(?:\.\d{1,4})?) ?(%?)")
_LAST_ID = re.compile(r" \^(?=[A-Za-z0-9-]{1,60}+$)")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
# What begins a comment, in which the rest of the line, and of the note, would be lost.
_COMMENT = re.compile(r"(?<!\\)(?=<!--|%%)")


def probability(written: str) -> float:
    """The probability that a person typed, between 0 and 1. Raises `UsageError`.

    >>> probability("0.7"), probability(".25"), probability("70%"), probability("99.5 %")
    (0.7, 0.25, 0.7, 0.995)
    """
    found = _P.fullmatch(written.strip())
    if found is None:
        raise UsageError(f"{written!r} is no probability", "write it as 0.7 or 70%")
    p = round(float(found[1]) / 100 if found[2] else float(found[1]), 6)
    if p > 1 and not found[2]:
        raise UsageError(f"a probability of {written} is more than 1", f"did you mean {written}%?")
    if not 0 < p < 1:
        raise UsageError(f"a probability of {written} leaves no room for doubt", "write 0.999, or 0.001")
    return p


def new_id(random: bytes) -> str:
    """An id from five random bytes.

    >>> new_id(bytes([0, 1, 31, 32, 255]))
    'p-ab7a7'
    """
    return "p-" + "".join(_LETTERS[byte % 32] for byte in random)


def one_line(text: str) -> str:
    """`text` on one line, with no comment begun in it, and no block id at its end."""
    return _LAST_ID.sub(r" \\^", _COMMENT.sub(r"\\", " ".join(text.split())))


def prediction_line(p: float, by: date | None, claim: str, identity: str) -> str:
    """The line of a new prediction. Raises `UsageError` when its parts could not be told apart again.

    >>> prediction_line(0.7, date(2026, 12, 1), "Probes beat the lens", "p-3f2ab")
    '- [ ] p=0.7 by 2026-12-01: Probes beat the lens ^p-3f2ab'
    """
    claim = one_line(claim)
    if not claim:
        raise UsageError("what do you expect? nothing was written", 'carrel predict "probes beat the lens" -p 0.7')
    shown = f"{p:.6f}".rstrip("0")
    line = f"- [ ] p={shown}{f' by {by}' if by else ''}: {claim} ^{identity}"
    _check(line, claim, identity)
    return line


def prediction_title(claim: str) -> str:
    """What the entry of a prediction is called: lists show nothing else of it.

    >>> prediction_title("Probes beat the lens"), len(prediction_title("and so on " * 40)) <= 100
    ('Predicted: Probes beat the lens', True)
    """
    from carrel.core.log import TITLE_LENGTH, split_title

    title = split_title(f"Predicted: {one_line(claim)}")[0]
    while len(title) > TITLE_LENGTH:
        title = f"{title.rpartition(' ')[0]}…"
    return title


def prediction_entry(entry: LogEntry, line: str, claim: str) -> LogEntry:
    """`entry` with the line of a new prediction below a title that tells its `claim`.

    With half of some code or formula in the title, the other half might be found in the line, and hide it: then the
    title tells no claim. Raises `UsageError` when it could not be read back even so.
    """
    for title in (prediction_title(claim), "Predicted"):
        whole = replace(entry, text=f"{title}\n\n{line}")
        if _is_read_back(whole, line):
            return whole
    raise _unreadable()


def _is_read_back(entry: LogEntry, line: str) -> bool:
    from carrel.core.log import entry_text

    meant, note = read_line(line), parse_note("a.md", f"{entry_text(entry)}\n## after\n".encode())
    assert meant is not None  # `prediction_line` wrote it
    said = [(each.claim, each.one.id) for each in made([note])]
    return said == [(line[meant.start : meant.end], meant.id)] and len(note.markup.headings) == 2


def resolved(line: str, outcome: str, day: date, remark: str = "", identity: str = "") -> str:
    """A prediction's line with its box ticked and its outcome written; every other character stays.

    An outcome that it has is replaced, and a line without an id is given `identity`. Raises `ValueError` when the line
    is no prediction, `UsageError` when the remark could not be told from the rest.

    >>> resolved("- [ ] p=0.7: It works ^p-3f2ab", "yes", date(2026, 11, 28), "margin 0.06")
    '- [x] p=0.7: It works ^p-3f2ab → yes 2026-11-28: margin 0.06'
    """
    one = read_line(line)
    if one is None:
        raise ValueError("the line is no prediction")
    remark = one_line(remark)
    said = f" → {outcome} {day}" + (f": {remark}" if remark else "")
    box = "x" if line[one.box] == " " else line[one.box]
    named = f" ^{identity}" if identity and not one.id else ""
    before = f"{line[: one.box]}{box}{line[one.box + 1 : one.end]}{named}{line[one.end : one.ending[0]]}"
    new = f"{before}{said}{line[one.ending[1] :]}"
    after = read_line(new)
    if after is None or _told(new, after) != (line[one.start : one.end], one.id or identity, remark):
        raise UsageError("the remark holds what looks like an id with an outcome", "say it in other words")
    return new


def _told(line: str, one: Prediction) -> tuple[str, str, str]:
    return line[one.start : one.end], one.id, line[slice(*one.remark)]


def resolve_in(text: str, known: Made, outcome: str, day: date, remark: str = "", identity: str = "") -> str:
    """A note's text (without its BOM) with the outcome of a prediction that was seen in it; all other bytes stay.

    One without an id is given `identity`.

    Raises `CannotEdit` when the prediction is not there any more, or cannot be told from another.
    """
    note = parse_note(known.note.path, text.encode())
    same = [each for each in made([note]) if _is_same(each, known)]
    if len(same) != 1:
        what = f"^{known.one.id} stands there twice" if same else "the prediction is not there any more"
        raise CannotEdit(what)
    one = same[0].one
    number = note.body.count("\n", 0, one.start)
    first = note.body.rfind("\n", 0, one.start) + 1
    line = note.body[first:].partition("\n")[0]
    place = read(text).end
    for _ in range(number):
        newline = _NEWLINE.search(text, place)
        place = newline.end() if newline else len(text)
    if not text.startswith(line, place):  # NUL bytes, or two BOMs: what was read is not what is there
        raise CannotEdit("its line holds bytes that are no text")
    return text[:place] + resolved(line, outcome, day, remark, identity) + text[place + len(line) :]


def _is_same(each: Made, known: Made) -> bool:
    if known.one.id:
        return each.one.id == known.one.id
    return (each.line, each.claim, each.one.p) == (known.line, known.claim, known.one.p)


def _check(line: str, claim: str, identity: str) -> None:
    """Raise `UsageError` unless `line` reads as it was meant, and what follows it in a note is what it is."""
    one = read_line(line)
    found = markdown.scan(f"{line}\n\n# after\n")
    whole = (
        one is not None
        and _told(line, one) == (claim, identity, "")
        and [heading.text for heading in found.headings] == ["after"]
        and identity in found.blocks
    )
    if not whole:
        raise _unreadable()


def _unreadable() -> UsageError:
    return UsageError(
        "the claim holds what would hide its end, as code or formulas that never close, or an outcome (→ yes)",
        "say it in other words; nothing was written",
    )
