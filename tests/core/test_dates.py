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
        ("q3 2026", "2026-07-01", "2026-09-30"),
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
        ("1 week 3 days ago", "2026-11-10 14:32"),
        ("2026-11-18T10:00:00", "2026-11-18 10:00"),
    ],
)
def test_a_moment_is_a_day_a_time_or_both(words: str, moment: str) -> None:
    assert parse_moment(words, NOW) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("words", ["-1", "+3", "year 1", "yesterday 25:00", "9:30 9:31", "9:30 yesterday 9:31", "9:61"])
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
     "999999999 days ago", "in 99999999999999999999 years", "20261120", "9" * 5000, "x" * 100_000, "\0", "25:61x"],
)  # fmt: skip
def test_what_names_no_date_is_said_to(words: str) -> None:
    with pytest.raises(DateNotUnderstood):
        parse_period(words, FRIDAY)


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
