"""The day by which something is to be settled: exactly the one that the words name, or none; never one gone by."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carrel.core.dates import parse_day
from carrel.core.due import due_day
from carrel.errors import CarrelError, DateNotUnderstood

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
SAID = [
    ("the 15th", "2026-12-15"), ("the 20th", "2026-12-20"), ("the 21st", "2026-11-21"), ("the 31st", "2026-12-31"),
    ("before december", "2026-11-30"), ("before 2027", "2026-12-31"), ("before friday", "2026-11-26"),
    ("before tomorrow", "2026-11-21"), ("before christmas", "2026-12-24"), ("before next month", "2026-11-30"),
    ("before the end of november", "2026-11-30"), ("before eom", "2026-11-30"),
    ("on or before friday", "2026-11-27"), ("no later than 1 december", "2026-12-01"),
    ("until december", "2026-12-31"), ("by the end of next week", "2026-11-29"), ("on the 1st", "2026-12-01"),
    ("two weeks from now", "2026-12-05"), ("in two weeks", "2026-12-05"), ("within two weeks", "2026-12-05"),
    ("two weeks", "2026-12-05"), ("2w", "2026-12-05"), ("within the next two weeks", "2026-12-05"),
    ("a week from now", "2026-11-28"), ("a week from friday", "2026-12-04"), ("a month from now", "2026-12-21"),
    ("within the next month", "2026-12-21"), ("next month", "2026-12-31"), ("10d", "2026-12-01"), ("3m", "2027-02-21"),
    ("1 month and 3 days", "2026-12-24"), ("ninety days", "2027-02-19"), ("in half a year", "2027-05-21"),
    ("a fortnight", "2026-12-05"), ("2 quarters", "2027-05-21"),
    ("1.2.2027", "2027-02-01"), ("31.12.2026", "2026-12-31"), ("24.12.", "2026-12-24"), ("20.11.", "2027-11-20"),
    ("12/25/2026", "2026-12-25"), ("25/12", "2026-12-25"), ("5/5/2027", "2027-05-05"), ("2026/12/1", "2026-12-01"),
    ("eow", "2026-11-22"), ("eom", "2026-11-30"), ("eoq", "2026-12-31"), ("eoy", "2026-12-31"), ("eod", "2026-11-21"),
    ("end of november", "2026-11-30"), ("end-of-month", "2026-11-30"), ("year\u2019s end", "2026-12-31"),
    ("start of december", "2026-12-01"), ("last day of january", "2027-01-31"), ("end of 2027-02", "2027-02-28"),
    ("next friday", "2026-11-27"), ("this friday", "2026-11-27"), ("saturday", "2026-11-28"), ("sun", "2026-11-22"),
    ("friday next week", "2026-11-27"), ("the weekend", "2026-11-22"), ("next weekend", "2026-11-29"),
    ("tomorrow", "2026-11-22"), ("the day after tomorrow", "2026-11-23"), ("christmas", "2026-12-25"),
    ("new year", "2027-01-01"), ("november", "2026-11-30"), ("in october", "2027-10-31"), ("2027", "2027-12-31"),
    ("week 47", "2026-11-22"), ("W46", "2027-11-21"), ("2026-W50", "2026-12-13"), ("week 53", "2027-01-03"),
    ("q4", "2026-12-31"), ("Q1", "2027-03-31"), ("2027-Q2", "2027-06-30"),
    ("1 december", "2026-12-01"), ("Dec. 1st, 2027", "2027-12-01"), ("1-dec-2026", "2026-12-01"),
    ("Tue Dec 1 2026", "2026-12-01"), ("friday the 27th", "2026-11-27"), ("the 2nd of Feb", "2027-02-02"),
    ("15th of next month", "2026-12-15"), ("30 of the month", "2026-11-30"), ("in next month", "2026-12-31"),
    ("29 february", "2028-02-29"), ("in 2w", "2026-12-05"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "day"), SAID)
def test_on_a_saturday_in_november_the_words_name_the_day(words: str, day: str) -> None:
    assert str(due_day(words, SATURDAY)) == day
    assert str(due_day(f" {words.upper()}  ", SATURDAY)) == day


@pytest.mark.parametrize("begin", ["", "in ", "within ", "in the next ", "within the next ", "next ", "the coming "])
def test_a_fortnight_is_over_on_one_day_whatever_it_is_called(begin: str) -> None:
    for length in ("fortnight", "two weeks", "2 weeks", "14 days"):
        assert due_day(f"{begin}{length}", SATURDAY) == date(2026, 12, 5)


def test_no_words_for_a_due_day_load_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dateparser", None)
    for words, _ in SAID:
        due_day(words, SATURDAY)
    for words in ("some day", "after friday", "friday 18:00"):
        with pytest.raises(DateNotUnderstood):
            due_day(words, SATURDAY)


@pytest.mark.parametrize(
    ("today", "words", "day"),
    [
        ("2026-12-31", "in a month", "2027-01-31"), ("2027-01-31", "in a month", "2027-02-28"),
        ("2028-01-31", "in a month", "2028-02-29"), ("2028-02-29", "in a year", "2029-02-28"),
        ("2028-02-29", "29 february", "2028-02-29"), ("2028-03-01", "29 february", "2032-02-29"),
        ("2097-01-01", "29 february", "2104-02-29"), ("2026-12-31", "tomorrow", "2027-01-01"),
        ("2026-12-31", "1 january", "2027-01-01"), ("2026-12-31", "the 31st", "2026-12-31"),
        ("2026-12-31", "the 30th", "2027-01-30"), ("2027-01-31", "the 30th", "2027-03-30"),
        ("2026-12-31", "before 2027", "2026-12-31"), ("2026-12-31", "next month", "2027-01-31"),
        ("2026-12-31", "eow", "2027-01-03"), ("2027-01-03", "eow", "2027-01-03"),
        ("2026-12-31", "week 1", "2027-01-10"), ("2027-01-03", "week 53", "2027-01-03"),
        ("2026-12-31", "eoy", "2026-12-31"), ("2026-12-31", "q1", "2027-03-31"),
        ("2026-11-22", "sunday", "2026-11-29"), ("2026-11-22", "this weekend", "2026-11-22"),
        ("2026-11-22", "this friday", "2026-11-27"), ("2026-11-22", "next week", "2026-11-29"),
        ("2026-11-22", "monday", "2026-11-23"), ("2026-11-18", "this friday", "2026-11-20"),
        ("2026-11-18", "friday next week", "2026-11-27"), ("2026-11-30", "in two weeks", "2026-12-14"),
        ("2026-11-30", "end of month", "2026-11-30"), ("2026-12-26", "christmas", "2027-12-25"),
    ],
)  # fmt: skip
def test_at_the_ends_of_weeks_months_and_years_it_is_the_day_too(today: str, words: str, day: str) -> None:
    assert str(due_day(words, date.fromisoformat(today))) == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("in two weeks", "2026-12-04"), ("2 weeks", "2026-12-04"), ("in a month", "2026-12-20"),
        ("friday", "2026-11-27"), ("by monday", "2026-11-23"), ("tomorrow", "2026-11-21"), ("today", "2026-11-20"),
        ("december", "2026-12-31"), ("1 december", "2026-12-01"), ("5 nov", "2027-11-05"), ("next week", "2026-11-29"),
        ("end of the year", "2026-12-31"), ("2026-12", "2026-12-31"), ("2026-12-01", "2026-12-01"),
    ],
)  # fmt: skip
def test_a_day_without_its_year_is_still_to_come(written: str, day: str) -> None:
    assert str(due_day(written, FRIDAY)) == day


@pytest.mark.parametrize(
    "written", ["yesterday", "2026-11-19", "last week", "3 days ago", "soon", "", "a", "in 0 days"]
)
def test_what_is_past_or_no_day_is_refused(written: str) -> None:
    with pytest.raises(CarrelError):
        due_day(written, FRIDAY)


@pytest.mark.parametrize(
    "written",
    ["before today", "before november", "before the 21st", "last 3 days", "past week", "this november..2027",
     "tomorrow..", "1 dec 27", "the 15", "3-4 weeks", "mid december", "after friday", "friday 18:00",
     "monday 1 december", "mon dec 1 2026", "15 of the month",
     "29 feb 2027", "31 november", "december 0", "the 32nd", "20261201",
     "within the month", "before two weeks", "999999 years", "99999999999 days", "the", "next", "w54", "x" * 100_000],
)  # fmt: skip
def test_on_a_saturday_these_are_past_or_no_one_day(written: str) -> None:
    with pytest.raises(CarrelError) as raised:
        due_day(written, SATURDAY)
    assert raised.value.hint


def test_a_day_in_numbers_that_may_be_two_is_refused_with_both() -> None:
    with pytest.raises(DateNotUnderstood) as raised:
        due_day("by 01/02/2027", SATURDAY)
    assert (raised.value.message, raised.value.hint) == (
        "not a date: '01/02/2027'",
        "which is the month? write 2027-02-01 or 2027-01-02",
    )


def ordinal(day: int) -> str:
    return f"{day}{'th' if day in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def in_full(day: date) -> list[str]:
    """A day as people write it with its year."""
    return [
        f"{day:%d %B %Y}", f"{day:%b} {ordinal(day.day)}, {day.year}", f"the {ordinal(day.day)} of {day:%B %Y}",
        f"{day:%A}, {day:%B} {day.day} {day.year}", f"{day:%a %d %b %Y}", f"{day.day}.{day.month}.{day.year}",
        f"{day:%d.%m.%Y}", f"{day:%Y/%m/%d}", f"{day:%d-%b-%Y}", str(day),
    ]  # fmt: skip


DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))


@given(DAYS, st.integers(0, 4000))
def test_a_day_that_is_told_comes_back_as_that_day(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    said = in_full(day)
    if ahead < 365:
        said += [f"{day:%d %B}", f"{day:%b} {ordinal(day.day)}", f"{day.day}.{day.month}."]
    if ahead < 28:
        said += [ordinal(day.day), f"{day:%A} the {ordinal(day.day)}"]
    if 1 <= ahead <= 7:
        said += [f"{day:%A}", f"next {day:%a}"]
    if ahead:
        said += [f"in {ahead} days", f"{ahead}d", f"{ahead} days from now"]
        before = (day + timedelta(days=1)).strftime("before %d %B %Y")
        said += [before]
    assert {words: due_day(words, today) for words in said} == dict.fromkeys(said, day)


@given(DAYS, st.integers(0, 4000))
def test_a_day_gone_by_comes_back_as_that_day(today: date, ago: int) -> None:
    day = today - timedelta(days=ago)
    said = in_full(day)
    if ago < 365:
        said += [f"{day:%d %B}", f"{day:%b} {ordinal(day.day)}", f"{day.day}.{day.month}."]
    if ago < 28:
        said += [ordinal(day.day)]
    if 1 <= ago <= 7:
        said += [f"{day:%A}", f"last {day:%a}"]
    if ago:
        said += [f"{ago} days ago"]
    assert {words: parse_day(words, today) for words in said} == dict.fromkeys(said, day)


@given(DAYS, st.integers(0, 4000), st.integers(1, 6))
def test_a_day_with_the_name_of_another_is_none(today: date, ahead: int, off: int) -> None:
    day = today + timedelta(days=ahead)
    with pytest.raises(DateNotUnderstood):
        due_day(f"{day + timedelta(days=off):%A} {day:%d %B %Y}", today)


WORDS = st.lists(
    st.sampled_from(
        ["before", "by", "within", "in", "next", "last", "past", "this", "end", "start", "of", "first", "day", "a",
         "two", "3", "2w", "week", "month", "year", "weekend", "friday", "sat", "december", "feb", "29", "31st", "2026",
         "ago", "from", "now", "today", "tomorrow", "q1", "w53", "eom", "christmas", "1.2.", "12/25", "and", "-", ".."]
    ),
    max_size=6,
).map(" ".join)  # fmt: skip


@given(WORDS | st.text(max_size=20), DAYS)
def test_whatever_is_said_it_is_today_or_later_or_refused(words: str, today: date) -> None:
    with suppress(CarrelError):
        assert due_day(words, today) >= today


@given(DAYS, st.sampled_from(["december", "friday", "next week", "the 15th", "2w from today", "q2", "feb 29", "w20"]))
def test_before_is_earlier_than_by_and_nothing_of_it_lies_between(today: date, words: str) -> None:
    assume(today.day > 1)
    with suppress(CarrelError):
        before = due_day(f"before {words}", today)
        assert today <= before < due_day(words, today)
