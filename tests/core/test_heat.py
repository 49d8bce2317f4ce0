"""How dark a day is, and days on end."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from carrel.core.heat import DARKEST, level, longest_run, weeks

DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))


def test_each_shade_is_twice_the_one_before_up_to_the_darkest() -> None:
    assert [level(count) for count in (0, 1, 2, 4, 8, 16, 32, 10**9)] == [0, 1, 2, 3, 4, 5, 6, DARKEST]


@given(st.sets(DAYS))
def test_the_longest_run_is_the_one_found_by_trying_all(days: set[date]) -> None:
    runs = [
        (length, start)
        for start in days
        for length in range(1, len(days) + 1)
        if all(start + timedelta(days=more) in days for more in range(length))
    ]
    run = longest_run(days)
    assert (run.days, run.first) == max(runs) if run else not runs


@given(DAYS, DAYS)
def test_every_day_of_a_period_is_in_one_of_its_weeks(first: date, last: date) -> None:
    first, last = min(first, last), max(first, last)
    mondays = weeks(first, last)
    assert all(monday.weekday() == 0 for monday in mondays)
    assert mondays[0] <= first
    assert last < mondays[-1] + timedelta(days=7)
    assert len(set(mondays)) == len(mondays) == (mondays[-1] - mondays[0]).days // 7 + 1
