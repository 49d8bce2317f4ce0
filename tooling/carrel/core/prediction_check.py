"""What is wrong with predictions: lines that nobody would ever be reminded of, twins, outcomes that cannot be."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from carrel.core.note import Note, Problem
from carrel.core.prediction import Made, conflicted, made, read_line
from carrel.core.secret import is_sealed, revealed

FORM = "- [ ] p=0.7 by 2026-12-01: what you expect"
ENDED = "→ yes 2026-12-01, or no, or void"
#: A task that begins as a prediction does. `P=NP` does not, but `P=0.7` and `p=high` do.
_LIKE = re.compile(
    r"^[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]*+)?+\[[^\[\]\n]?+\][ \t]*+(?:p[ \t]*+=|[pP][ \t]*+[=:≈~][ \t]*+[.,]?+\d)"
    r"[^\n]*+",
    re.MULTILINE,
)
_DAY = re.compile(r"[ \t]by[ \t]++(\d[\d-]*+)")
_DAY_OF_OUTCOME = re.compile(r"[^:\d]{0,20}+(\d{4}-\d\d?-\d\d?)")
# Where a line's text does not go on in the next: a list, a heading, a table, a block of code, a field, a quote.
_NO_MORE = re.compile(r"[ \t>]*+(?:$|[-*+#|][ \t|#]|\d{1,9}[.)][ \t]|```|~~~|<!--|[\w-]{1,40}+::)")
_ENDS_ONE = re.compile(r"(?:^|[ \t])\^[A-Za-z0-9-]{1,60}+(?:[ \t]*+$|[ \t]?(?:→|->))|(?:→|->)[ \t]?(?i:yes|no|void)\b")
#: Lines below a prediction that are looked at for its end.
BELOW = 5


def problems(notes: Iterable[Note], today: date) -> Iterator[Problem]:
    """What is wrong with the predictions of `notes`; nothing is said of a note with both sides of a conflict.

    >>> from carrel.core.parse import parse_note
    >>> lines = b"- [ ] p=0.7: It works ^p-1\\n- [ ] p=0.2: It breaks ^p-1\\n- [ ] p=0.7 by Friday: It breaks\\n"
    >>> [str(problem) for problem in problems([parse_note("notes/a.md", lines)], date(2026, 11, 20))]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['notes/a.md:3: is no prediction, as its day cannot be read; write - [ ] p=0.7 by 2026-12-01: what you expect
      [bad-prediction]', 'notes/a.md:2: ^p-1 is the id of notes/a.md:1 too [same-prediction]']
    """
    by_id: dict[str, list[Made]] = defaultdict(list)
    whole = [note for note in notes if not conflicted(note)]
    for note in whole:
        yield from _near_misses(note)
    for each in made(whole):
        if each.one.id:
            by_id[each.one.id].append(each)
        for code, message in (*_unread(each, today), *_impossible(each, today)):
            yield Problem(each.note.path, each.line, code, message)
    for identity, twins in by_id.items():
        first, *others = sorted(twins, key=lambda each: (each.note.path, each.line))
        for other in others:
            message = f"^{identity} is the id of {first.note.path}:{first.line} too"
            yield Problem(other.note.path, other.line, "same-prediction", message)


def _near_misses(note: Note) -> Iterator[Problem]:
    """The tasks that begin as a prediction does and are none."""
    opaque = sorted((*note.markup.code, *note.markup.comments))
    for line in _LIKE.finditer(note.body):
        number = bisect_right(opaque, (line.end(), 0))
        covered = any(start < line.end() and line.start() < end for start, end in opaque[max(0, number - 1) : number])
        if not covered and read_line(line[0]) is None:
            place = note.body_line + note.body.count("\n", 0, line.start())
            message = f"is no prediction, {_why(line[0])}; write {FORM}"
            yield Problem(note.path, place, "bad-prediction", message)


def _why(line: str) -> str:
    """What a line lacks that would be a prediction."""
    return line


def _unread(each: Made, today: date) -> Iterator[tuple[str, str]]:
    raise NotImplementedError


def _impossible(each: Made, today: date) -> Iterator[tuple[str, str]]:
    raise NotImplementedError
