"""Dates as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.dates import parse_day, parse_moment, parse_period
from carrel.errors import DateNotUnderstood

FRIDAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 14, 32)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("2026-11-20", "2026-11-20", "2026-11-20"),
        ("2026-1-2", "2026-01-02", "2026-01-02"),
        ("2026-11", "2026-11-01", "2026-11-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-W01", "2025-12-29", "2026-01-04"),
        ("2026-w53", "2026-12-28", "2027-01-03"),
        ("today", "2026-11-20", "2026-11-20"),
        ("Yesterday", "2026-11-19", "2026-11-19"),
        ("tomorrow", "2026-11-21", "2026-11-21"),
        ("last tuesday", "2026-11-17", "2026-11-17"),
        ("friday", "2026-11-13", "2026-11-13"),
        ("3 days ago", "2026-11-17", "2026-11-17"),
        ("two weeks ago", "2026-11-06", "2026-11-06"),
        ("this week", "2026-11-16", "2026-11-22"),
        ("last week", "2026-11-09", "2026-11-15"),
        ("next week", "2026-11-23", "2026-11-29"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("this month", "2026-11-01", "2026-11-30"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("march", "2026-03-01", "2026-03-31"),
        ("march 2025", "2025-03-01", "2025-03-31"),
        ("5 march", "2026-03-05", "2026-03-05"),
        ("sept", "2026-09-01", "2026-09-30"),
        ("q3 2026", "2026-07-01", "2026-09-30"),
        ("last quarter", "2026-07-01", "2026-09-30"),
        ("this quarter", "2026-10-01", "2026-12-31"),
        ("next quarter", "2027-01-01", "2027-03-31"),
        ("last weekend", "2026-11-14", "2026-11-15"),
        ("this weekend", "2026-11-21", "2026-11-22"),
        ("the previous week", "2026-11-09", "2026-11-15"),
        ("past week", "2026-11-14", "2026-11-20"),
        ("past month", "2026-10-21", "2026-11-20"),
        ("past year", "2025-11-21", "2026-11-20"),
        ("last 1 day", "2026-11-20", "2026-11-20"),
        ("Last 3 days", "2026-11-18", "2026-11-20"),
        ("last three days", "2026-11-18", "2026-11-20"),
        ("past 7 days", "2026-11-14", "2026-11-20"),
        ("last 2 weeks", "2026-11-07", "2026-11-20"),
        ("last fortnight", "2026-11-07", "2026-11-20"),
        ("last 9 months", "2026-02-21", "2026-11-20"),
        ("next 3 days", "2026-11-20", "2026-11-22"),
        ("week 47", "2026-11-16", "2026-11-22"),
        ("week 48", "2025-11-24", "2025-11-30"),
        ("week 1 of 2026", "2025-12-29", "2026-01-04"),
        ("2026 week 47", "2026-11-16", "2026-11-22"),
        ("week 53", "2020-12-28", "2021-01-03"),
        ("W47", "2026-11-16", "2026-11-22"),
        ("w1 2027", "2027-01-04", "2027-01-10"),
        ("beginning of this year", "2026-01-01", "2026-01-01"),
        ("eom", "2026-11-30", "2026-11-30"),
        ("last-week", "2026-11-09", "2026-11-15"),
        ("the 20th", "2026-11-20", "2026-11-20"),
        ("the 21st", "2026-10-21", "2026-10-21"),
        ("november", "2026-11-01", "2026-11-30"),
        ("in december", "2025-12-01", "2025-12-31"),
        ("last november", "2025-11-01", "2025-11-30"),
        ("next december", "2026-12-01", "2026-12-31"),
        ("29 february", "2024-02-29", "2024-02-29"),
        ("Thu, 5 March 2026", "2026-03-05", "2026-03-05"),
        ("this thursday", "2026-11-19", "2026-11-19"),
        ("monday last week", "2026-11-09", "2026-11-09"),
        ("two weeks from now", "2026-12-04", "2026-12-04"),
        ("in a fortnight", "2026-12-04", "2026-12-04"),
        ("a month ago", "2026-10-20", "2026-10-20"),
        ("3m ago", "2026-08-20", "2026-08-20"),
        ("a decade ago", "2016-11-20", "2016-11-20"),
        ("1.2.2026", "2026-02-01", "2026-02-01"),
        ("24.12.", "2025-12-24", "2025-12-24"),
        ("25/12/2025", "2025-12-25", "2025-12-25"),
        ("12/25/2025", "2025-12-25", "2025-12-25"),
        ("2026/2/1", "2026-02-01", "2026-02-01"),
        ("2/2026", "2026-02-01", "2026-02-28"),
        ("yesterday noon", "2026-11-19", "2026-11-19"),
        ("2026-11-18 23:30", "2026-11-18", "2026-11-18"),
        ("end of last month", "2026-10-31", "2026-10-31"),
        ("last quarter..end of last month", "2026-07-01", "2026-10-31"),
        ("2026-10..yesterday", "2026-10-01", "2026-11-19"),
        ("2026-10 .. 2026-W47", "2026-10-01", "2026-11-22"),
        ("2026-10..", "2026-10-01", "9999-12-31"),
        ("..last week", "0001-01-01", "2026-11-15"),
    ],
)
def test_a_period_is_its_first_and_last_day(words: str, first: str, last: str) -> None:
    assert parse_period(words, FRIDAY) == (date.fromisoformat(first), date.fromisoformat(last))
    assert parse_day(words, FRIDAY) == date.fromisoformat(first)


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("9:30", "2026-11-20 09:30"),
        ("09.30", "2026-11-20 09:30"),
        ("yesterday 18:00", "2026-11-19 18:00"),
        ("yesterday at 18:00", "2026-11-19 18:00"),
        ("2026-11-18", "2026-11-18 14:32"),
        ("2026-11-18T7:05", "2026-11-18 07:05"),
        ("last tuesday 8:15", "2026-11-17 08:15"),
        ("monday", "2026-11-16 14:32"),
        ("2 hours ago", "2026-11-20 12:32"),
        ("noon", "2026-11-20 12:00"),
        ("this morning", "2026-11-20 09:00"),
        ("yesterday 10:00:30", "2026-11-19 10:00"),
        ("3:30 pm", "2026-11-19 15:30"),
        ("18.11.2026", "2026-11-18 14:32"),
        ("1.2.2026", "2026-02-01 14:32"),
        ("1.2.2026 10:00", "2026-02-01 10:00"),
        ("1.2.2026 at 9:30 pm", "2026-02-01 21:30"),
        ("yesterday 12 am", "2026-11-19 00:00"),
        ("yesterday noon", "2026-11-19 12:00"),
        ("at 2pm", "2026-11-20 14:00"),
        ("3PM", "2026-11-19 15:00"),
        ("15:00", "2026-11-20 15:00"),
        ("tonight", "2026-11-20 20:00"),
        ("3m ago", "2026-11-20 14:29"),
        ("twenty min ago", "2026-11-20 14:12"),
        ("an hour ago", "2026-11-20 13:32"),
        ("15h ago", "2026-11-19 23:32"),
        ("1 hour and 5 minutes ago", "2026-11-20 13:27"),
        ("in 5 minutes", "2026-11-20 14:37"),
        ("1 week 3 days ago", "2026-11-10 14:32"),
        ("2026-11-18T10:00:00", "2026-11-18 10:00"),
    ],
)
def test_a_moment_is_a_day_a_time_or_both(words: str, moment: str) -> None:
    assert parse_moment(words, NOW) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "words",
    ["-1", "+3", "year 1", "yesterday 25:00", "9:30 9:31", "9:30 yesterday 9:31", "9:61",
     "1/2/2026 10:00", "9am 1.2.2026", "1/2 3pm", "2 hours", "after friday 3pm"],
)  # fmt: skip
def test_what_is_no_moment_is_not_made_one(words: str) -> None:
    with pytest.raises(DateNotUnderstood):
        parse_moment(words, NOW)


def test_a_moment_with_its_zone_is_told_in_another() -> None:
    zone = timezone(timedelta(hours=1))
    assert parse_moment("2026-11-18T10:00:00Z", NOW, zone) == datetime(2026, 11, 18, 11, 0)
    assert parse_moment("2026-11-18 23:30:59+00:00", NOW, zone) == datetime(2026, 11, 19, 0, 30)


@pytest.mark.parametrize(
    "words",
    ["", " ", "gibberish", "2026-02-30", "2026-13", "2026-W54", "0000-01-01", "2026-11-20..2026-10", "a..b",
     "...." * 5000,
     "monday 99", "monday march", "tuesday 2025", "one", "last 0 days", "last day", "week 54", "week 0",
     "last 999999 years", "next 999999 quarters", "end of " * 5000, "1 day " * 5000 + "1",
     "999999999 days ago", "in 99999999999999999999 years", "20261120", "9" * 5000, "x" * 100_000, "\0", "25:61x",
     "mon 20 november 2026", "friday 20 october", "31 november", "30.2.2026", "13/13/2026", "1 dec 27", "the 32nd",
     "after friday", "before 2026", "today 3", "3-4 weeks", "mid december", "q5", "15"],
)  # fmt: skip
def test_what_names_no_date_is_said_to(words: str) -> None:
    with pytest.raises(DateNotUnderstood):
        parse_period(words, FRIDAY)


@pytest.mark.parametrize("words", ["1 month", "3 days", "two weeks", "a year", "1 week and 3 days", "2w", "5 hours"])
def test_a_length_of_time_is_no_day(words: str) -> None:
    with pytest.raises(DateNotUnderstood) as raised:
        parse_period(words, FRIDAY)
    assert (raised.value.message, raised.value.hint) == (f"not a date: {words!r}", f"did you mean '{words} ago'?")


@pytest.mark.parametrize(
    ("words", "either"),
    [("01/02/2027", "2027-02-01 or 2027-01-02"), ("3-4-2026", "2026-04-03 or 2026-03-04"),
     ("1/2", "2026-02-01 or 2026-01-02")],
)  # fmt: skip
def test_of_two_numbers_that_may_both_be_the_month_none_is_taken(words: str, either: str) -> None:
    for text in (words, f"{words}..today"):
        with pytest.raises(DateNotUnderstood) as raised:
            parse_period(text, FRIDAY)
        assert (raised.value.message, raised.value.hint) == (
            f"not a date: {words!r}",
            f"which is the month? write {either}",
        )
    assert parse_day("5/5/2026", FRIDAY) == date(2026, 5, 5)


def test_a_month_up_to_the_last_of_a_long_one_begins_on_the_first() -> None:
    assert parse_period("past month", date(2026, 3, 31)) == (date(2026, 3, 1), date(2026, 3, 31))


@given(st.dates(date(1000, 1, 1), date(9000, 1, 1)), st.sampled_from(["week", "weekend", "month", "quarter", "year"]))
def test_what_is_last_this_and_next_touch(day: date, unit: str) -> None:
    last, this, following = (parse_period(f"{which} {unit}", day) for which in ("last", "this", "next"))
    gap = timedelta(6 if unit == "weekend" else 1)
    assert (this[0] - last[1], following[0] - this[1]) == (gap, gap)
    assert this[0] <= day <= this[1] or (unit == "weekend" and last[1] < day < this[0])


@given(st.dates())
def test_every_day_month_and_week_is_understood_as_written(day: date) -> None:
    assert parse_period(day.isoformat(), FRIDAY) == (day, day)
    first, last = parse_period(f"{day.year:04}-{day.month:02}", FRIDAY)
    assert (first.day, (last.toordinal() + 1 - first.toordinal()) in range(28, 32)) == (1, True)
    assert first <= day <= last
    year, week, _ = day.isocalendar()
    if 1 < year < 9999:
        monday, sunday = parse_period(f"{year:04}-W{week:02}", FRIDAY)
        assert (monday.weekday(), (sunday - monday).days) == (0, 6)
        assert monday <= day <= sunday


@settings(max_examples=150)
@given(
    st.text(max_size=20)
    | st.lists(
        st.sampled_from(
            [
                "last",
                "next",
                "week",
                "3",
                "days",
                "ago",
                "quarter",
                "weekend",
                "past",
                "month",
                "end of",
                "in",
                "2026",
                "-",
                "..",
                ":",
                "march",
                "q9",
                "99999",
                "at",
                "T",
            ]
        ),
        max_size=6,
    ).map(" ".join)
)
def test_any_words_are_a_period_or_not_understood(words: str) -> None:
    try:
        first, last = parse_period(words, FRIDAY)
    except DateNotUnderstood:
        pass
    else:
        assert first <= last
    with suppress(DateNotUnderstood):
        assert isinstance(parse_moment(words, NOW), datetime)
