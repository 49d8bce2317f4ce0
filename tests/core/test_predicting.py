"""A prediction is written so that it is read back, and resolved so that no byte changes but those of its line."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.log import LogEntry, entry_text
from carrel.core.parse import parse_note
from carrel.core.predicting import (
    new_id,
    one_line,
    prediction_entry,
    prediction_line,
    probability,
    resolve_in,
    resolved,
)
from carrel.core.prediction import Made, made, read_line
from carrel.core.secret import Secret, is_sealed, make_secret, revealed, waiting, without_secret
from carrel.errors import UsageError

AT = datetime(2026, 11, 20, 14, 32)
SETTLED = date(2026, 11, 28)
PATH = "notes/a.md"


@given(st.text(st.sampled_from("ab →->yesno:^p-1`$%<!-[]#\\\n\r\t \"'é概"), max_size=40), st.floats(0.001, 0.999))
def test_whatever_is_claimed_is_read_back_or_refused(claim: str, p: float) -> None:
    try:
        line = prediction_line(round(p, 6), SETTLED, claim, "p-3f2ab")
    except UsageError:
        return
    day = parse_note("notes/2026-11-20.md", f"## 9:00 Prediction\n\n{line}\n\n## 10:00 After\n\nText".encode())
    [each] = made([day])
    assert (each.claim, each.one.id, each.one.by) == (one_line(claim), "p-3f2ab", SETTLED)
    assert each.one.outcome == ""
    assert each.one.p == pytest.approx(p, abs=1e-6)
    assert [entry.title for entry in day.entries] == ["Prediction", "After"]
    after = read_line(resolved(line, "void", SETTLED, "so it was"))
    assert after is not None
    assert (after.outcome, after.resolved, line[after.start : after.end]) == ("void", SETTLED, one_line(claim))


@pytest.mark.parametrize("claim", ["x <!-- y", "x %% y", "two\nlines", "A → yes: B", "- [ ] p=0.1: other"])
def test_what_would_break_the_syntax_is_escaped_or_reads_as_it_is(claim: str) -> None:
    line = prediction_line(0.5, None, claim, "p-3f2ab")
    note = parse_note(PATH, f"{line}\n\n[[after]]".encode())
    assert [each.claim for each in made([note])] == [one_line(claim)]
    assert [link.target for link in note.markup.links] == ["after"]


@pytest.mark.parametrize("claim", ["", " \n ", "x \\\\<!-- y", "A ^foo → yes: B"])
def test_what_cannot_be_read_back_is_refused_with_a_hint(claim: str) -> None:
    with pytest.raises(UsageError) as told:
        prediction_line(0.5, None, claim, "p-3f2ab")
    assert told.value.hint


@pytest.mark.parametrize("written", ["", "0", "1", "100%", "70", "1.5", "-0.5", "likely", "7e-1", "101%", "0.1234567"])
def test_a_probability_is_between_0_and_1_and_nothing_is_certain(written: str) -> None:
    with pytest.raises(UsageError):
        probability(written)


@pytest.mark.parametrize(
    "claim", ["The map x ^T → y is linear at layer 5", "it goes from no -> yes, and then back → no"]
)
@pytest.mark.parametrize("box", [" ", "x"])
def test_what_was_claimed_is_all_there_when_it_is_resolved(box: str, claim: str) -> None:
    line = resolved(f"- [{box}] p=0.6: {claim}", "no", date(2026, 11, 28), "", "p-3f2ab")
    assert line == f"- [x] p=0.6: {claim} ^p-3f2ab → no 2026-11-28"


def test_ids_hold_nothing_that_is_mistaken_for_another_letter() -> None:
    ids = "".join(new_id(bytes([byte] * 5)) for byte in range(256))
    assert set(ids) == set("-abcdefghijklmnopqrstuvwxyz234567")


ODD = st.sampled_from(
    [
        "", "text", "\ttext", "  - nested", "- [ ] a task", "- [ ] p=0.2: another ^p-other", "> quoted",
        "```\n- [ ] p=0.7: wanted ^p-3f2ab\n```", "<!-- - [ ] p=0.7: wanted ^p-3f2ab -->", "## 9:00 Entry", "é概\u2028",
        "- [x] p=70%: done → no", "    ", "key:: value",
    ]
)  # fmt: skip
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])
LINES = st.sampled_from(
    [
        "- [ ] p=0.7 by 2026-12-01: wanted ^p-3f2ab",
        "\t- [ ] p=70%:  wanted  ^p-3f2ab \t",
        "> * [X] p=.7: wanted ^p-3f2ab",
        "+ [ ] p=0.7: wanted",
        "- [x] p=0.7: wanted ^p-3f2ab → no 2026-11-01: before",
        "- [x] p=0.7: wanted -> no: before ^p-3f2ab",
        "1. [ ] P = 70 % by 2026-12:wanted",
        "- [x] p=0,7: wanted ^p-3f2ab => YES, before",
        "- [X] p=0.7: wanted – and more → no. So it was",
        "- [ ] p=0.7: wanted ^p-3f2ab → who knows",
    ]
)


@given(
    st.sampled_from(["", "---\ntitle: x\n---\n", "---\r\nvisibility: lab # so\r\n---\r\n", "---\nbroken: [\n---\n"]),
    st.lists(st.tuples(ODD, NEWLINES), max_size=6),
    LINES,
    st.lists(st.tuples(NEWLINES, ODD), max_size=6),
    st.sampled_from(["yes", "no", "void"]),
    st.sampled_from(["", "margin 0.06", "a <!-- b", "→ yes: ^x"]),
)
def test_resolving_changes_the_bytes_of_the_line_and_no_other(
    head: str, before: list[tuple[str, str]], line: str, after: list[tuple[str, str]], outcome: str, remark: str
) -> None:
    above = head + "".join(text + newline for text, newline in before)
    below = "".join(newline + text for newline, text in after)
    note = parse_note(PATH, f"{above}{line}{below}".encode())
    wanted = [each for each in made([note]) if each.claim.startswith("wanted")]
    assume(len(wanted) == 1)  # an odd line may make code of it
    new = resolve_in(f"{above}{line}{below}", wanted[0], outcome, SETTLED, remark, "p-given")
    assert new.startswith(above)
    assert new.endswith(below)
    changed = read_line(new[len(above) : len(new) - len(below)])
    assert changed is not None
    assert (changed.outcome, changed.resolved) == (outcome, SETTLED)
    one = wanted[0].one
    assert (changed.p, changed.by, changed.id) == (one.p, one.by, one.id or "p-given")
    was, now = (text[len(above) : len(text) - len(below)] for text in (f"{above}{line}{below}", new))
    assert was.replace("[ ]", "[x]")[: now.index("wanted") + 6] == now[: now.index("wanted") + 6]
    assert resolve_in(new, Made(changed, wanted[0].note), outcome, SETTLED, remark) == new


def test_a_prediction_that_is_gone_or_there_twice_is_not_guessed_at() -> None:
    line = "- [ ] p=0.7: wanted ^p-3f2ab\n"
    [each] = made([parse_note(PATH, line.encode())])
    with pytest.raises(CannotEdit, match="not there any more"):
        resolve_in("other text\n", each, "yes", SETTLED)
    with pytest.raises(CannotEdit, match=r"\^p-3f2ab stands there twice"):
        resolve_in(line * 2, each, "yes", SETTLED)
    with pytest.raises(CannotEdit, match="no text"):
        resolve_in(line.replace("wanted", "wan\0ted"), each, "yes", SETTLED)


def test_of_two_that_are_written_alike_the_line_tells_which_is_meant() -> None:
    line = "- [ ] p=0.7: wanted\n"
    _, second = made([parse_note(PATH, (line * 2).encode())])
    assert resolve_in(line * 2, second, "yes", SETTLED) == f"{line}- [x] p=0.7: wanted → yes 2026-11-28\n"


def test_a_secret_is_kept_in_an_entry_and_told_so_that_anyone_can_verify_it() -> None:
    secret = make_secret("It is the <!-- optimizer ^x", bytes(range(16)))
    assert secret == Secret("It is the \\<!-- optimizer \\^x", "000102030405060708090a0b0c0d0e0f")
    # printf '%s' '000102030405060708090a0b0c0d0e0f It is the \<!-- optimizer \^x' | sha256sum
    assert secret.sealed == "secret sha256:1bb87a5c650f35c70d106e22de4bb51621cde9fd55c4085025ba310c89ed9e15"
    assert is_sealed(secret.sealed)
    assert secret.claim not in prediction_line(0.7, None, secret.sealed, "p-3f2ab")
    private = entry_text(LogEntry(AT, "Secret prediction", fields=secret.fields("p-3f2ab")))
    day = parse_note("notes/2026-11-20.private.md", private.encode())
    assert waiting(day, "p-3f2ab") == secret
    assert waiting(day, "p-other") is None
    assert list(made([day])) == []
    assert revealed(f"margin 0.06; {secret.told}") == secret
    assert without_secret(f"margin 0.06; {secret.told}") == "margin 0.06"
    assert revealed("margin 0.06") is None


@pytest.mark.parametrize("claim", ["`", "``", "```", "$$", "a `", "b $$"])
def test_a_claim_in_the_title_never_hides_the_line_below_it(claim: str) -> None:
    line = prediction_line(0.5, None, claim, "p-3f2ab")
    entry = prediction_entry(LogEntry(AT, "", ("sae",), "toy"), line, claim)
    day = parse_note("notes/2026-11-20.md", f"{entry_text(entry)}\n## 15:00 After\n".encode())
    assert [(each.claim, each.one.id) for each in made([day])] == [(claim, "p-3f2ab")]
    assert [one.title for one in day.entries] == ["Predicted", "After"]


def test_an_entry_that_hides_its_prediction_is_refused() -> None:
    line = prediction_line(0.5, None, "a `", "p-3f2ab")
    with pytest.raises(UsageError, match="would hide its end"):
        prediction_entry(LogEntry(AT, ""), f"    {line}", "a `")
