"""What is wrong with predictions: lines that nobody would ever be reminded of, twins, outcomes that cannot be."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from carrel.core.note import Note, Problem
from carrel.core.prediction import Made, conflicted, made, read_line
from carrel.core.secret import is_sealed, revealed

FORM = "- [ ] p=0.7 by 2026-12-01: what you expect"
ENDED = "→ yes 2026-12-01, or no, or void"
#: Lines below a prediction that are looked at for its end.
BELOW = 5
# A task that begins as a prediction does, its parts, and what follows.
_LIKE = re.compile(
    r"^([ \t>]*+(?:[-*+]|\d{1,9}[.)])[ \t]*+\[[ xX/-]?+\][ \t]*+)"
    r"([pP][ \t]*+[=:≈~][ \t]*+)([^\s:]*+(?:[ \t]%)?+)([^\n]*+)",
    re.MULTILINE,
)
# A task may be about `p=2` or `P: 3 samples`. What begins so is between 0 and 1, or has a day or an id as Carrel does.
_FRACTION = re.compile(r"(?:0?[.,]\d{1,20}+|\d{1,20}+(?:[.,]\d{1,20}+)?[ \t]?%)(?![.,]?\w)")
_NUMBER = re.compile(r"[.,]?\d")
_IN_WORDS = re.compile(r"(?:high|medium|low|even|half|(?:un)?likely|(?:im)?probable|certain|sure)\Z", re.IGNORECASE)
_DATED = re.compile(r"[ \t]*+by[ \t]++\d{4}-|[^\n]*?[ \t]\^p-[A-Za-z0-9]")
_COLON = re.compile(r"[ \t]*+:")
_SIGN = re.compile(r"[pP][ \t]?+=[ \t]?+")
_DAY = re.compile(r"[ \t]by[ \t]++([^:\n]*+)")
_DAY_OF_OUTCOME = re.compile(r"[^:\d]{0,20}+\d{4}-")
# Where a text does not go on in the next line: at a list, heading, table, block of code, comment or field.
_NO_MORE = re.compile(r"[ \t>]*+(?:$|[-*+#|][ \t|#]|\d{1,9}[.)][ \t]|```|~~~|<!--|[\w-]{1,40}+::)")
_ID_BELOW = re.compile(r"(?:^|[ \t])\^[A-Za-z0-9-]{1,60}+(?:[ \t]*+$|[ \t]?(?:→|->))")
_OUTCOME_BELOW = re.compile(r"[ \t>]*+(?:→|->)[ \t]?(?i:yes|no|void)\b")


def problems(notes: Iterable[Note], today: date) -> list[Problem]:
    """What is wrong with the predictions of `notes`, by path and line; nothing is said of a note with both sides of a
    conflict.

    >>> from carrel.core.parse import parse_note
    >>> lines = b"- [ ] p=0.7: It works ^p-1\\n- [ ] p=0.2: It breaks ^p-1\\n- [ ] p=0.7 by Friday: It breaks\\n"
    >>> [problem.code for problem in problems([parse_note("notes/a.md", lines)], date(2026, 11, 20))]
    ['same-prediction', 'bad-prediction']
    """
    whole = [note for note in notes if not conflicted(note)]
    found = [problem for note in whole for problem in _near_misses(note)]
    by_id: dict[str, list[Made]] = defaultdict(list)
    for each in made(whole):
        if each.one.id:
            by_id[each.one.id].append(each)
        found += [Problem(each.note.path, each.line, code, message) for code, message in _of_one(each, today)]
    for identity, twins in by_id.items():
        first, *others = sorted(twins, key=lambda each: (each.note.path, each.line))
        for other in others:
            message = f"^{identity} is the id of {first.note.path}:{first.line} too"
            found.append(Problem(other.note.path, other.line, "same-prediction", message))
    return sorted(found, key=lambda problem: (problem.path, problem.line, problem.code))


def _near_misses(note: Note) -> Iterator[Problem]:
    """The tasks that begin as a prediction does and are none."""
    opaque = sorted((*note.markup.code, *note.markup.comments))
    place, counted = note.body_line, 0
    for line in _LIKE.finditer(note.body):
        before = bisect_left(opaque, (line.start(2), 0))
        if not _is_like(line) or (before and opaque[before - 1][1] > line.start(2)) or read_line(line[0]) is not None:
            continue
        place, counted = place + note.body.count("\n", counted, line.start()), line.start()
        yield Problem(note.path, place, "bad-prediction", f"is no prediction, {_why(line)}; write {FORM}")


def _is_like(line: re.Match[str]) -> bool:
    """Whether a task that begins with `p=` was meant as a prediction, and not as one about a norm or samples."""
    _, sign, p, rest = line.groups()
    if _NUMBER.match(p) and _DATED.match(rest):
        return True
    known = _FRACTION.match(p) or _IN_WORDS.match(p)
    return known is not None and bool(_COLON.match(rest) or ("=" in sign and known.re is _FRACTION))


def _why(line: re.Match[str]) -> str:
    """What keeps a line from being read as a prediction."""
    box, sign, p, rest = line.groups()
    if read_line(f"{box}p=0.5: x") is None:
        return "its box is not one"
    if _SIGN.fullmatch(sign) is None:
        return "it does not begin with p="
    if read_line(f"- [ ] p={p}: x") is None:
        return f"p={p[:20]} is no probability"
    if (day := _DAY.match(f" {rest.lstrip()}")) is not None and read_line(f"- [ ] p=0.5 by {day[1]}: x") is None:
        return "its day cannot be read"
    return "no colon and no claim follow"


def _of_one(each: Made, today: date) -> Iterator[tuple[str, str]]:
    """What is wrong with a prediction that was read as one."""
    one, body = each.one, each.note.body
    if one.by is None and (day := _DAY.search(body, one.box, one.start)):
        yield "bad-prediction", f"by {day[1][:20].strip()}: there is no such day"
    if not one.outcome and one.ending[0] < one.ending[1]:
        yield "bad-prediction", f"its outcome cannot be read; write {ENDED}"
    elif not one.outcome and _goes_on(each):
        yield "bad-prediction", "its id or its outcome, in a line below, is not read; write all of it in one line"
    elif not one.outcome and body[one.box] != " ":
        yield "bad-prediction", f"is ticked, and has no outcome; write {ENDED} behind it"
    if one.outcome and not one.resolved and _DAY_OF_OUTCOME.match(body, *one.ending):
        yield "bad-prediction", "resolved on a day that there is not"
    if one.resolved and one.resolved > today:
        yield "bad-prediction", f"resolved on {one.resolved}, which is still to come"
    if one.resolved and each.note.date and one.resolved < each.note.date:
        yield "early-outcome", f"resolved on {one.resolved}, before the day of its note, {each.note.date}"
    if why := _seal_broken(each):
        yield "broken-seal", why


def _goes_on(each: Made) -> bool:
    """Whether the id or the outcome of a prediction stands in a line below it, where nobody reads it."""
    body, place = each.note.body, each.note.body.find("\n", each.one.ending[1])
    for _ in range(BELOW):
        if place < 0:
            break
        start, place = place + 1, body.find("\n", place + 1)
        line = body[start : place if place >= 0 else len(body)]
        if _OUTCOME_BELOW.match(line) or (not each.one.id and not _NO_MORE.match(line) and _ID_BELOW.search(line)):
            return True
        if _NO_MORE.match(line):
            break
    return False


def _seal_broken(each: Made) -> str:
    """Why a secret prediction proves nothing; "" for one that does, or may yet, and for one that is none."""
    secret = revealed(each.remark)
    if not is_sealed(each.claim):
        return "its outcome reveals a secret, and its claim is no hash" if secret else ""
    if secret is None:
        return "its claim is secret, and was not revealed with its outcome" if each.one.outcome in ("yes", "no") else ""
    return "" if secret.sealed == each.claim else "what was revealed is not what was hashed"
