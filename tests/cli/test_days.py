"""Which day an entry belongs to: the clock's own, or that of the zone in the settings; midnight and DST."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carrel.cli.app import App
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago")


@pytest.mark.parametrize(
    ("zone", "instant", "day", "clock"),
    [
        ("Europe/Berlin", "2026-11-20T22:59:59+00:00", "2026-11-20", "23:59"),
        ("Europe/Berlin", "2026-11-20T23:00:00+00:00", "2026-11-21", "00:00"),
        ("Europe/Berlin", "2026-10-25T00:30:00+00:00", "2026-10-25", "02:30"),  # summer time
        ("Europe/Berlin", "2026-10-25T01:30:00+00:00", "2026-10-25", "02:30"),  # and once more in winter time
        ("Europe/Berlin", "2026-03-29T01:00:00+00:00", "2026-03-29", "03:00"),  # there is no 02:30
        ("America/New_York", "2026-11-21T04:59:00+00:00", "2026-11-20", "23:59"),
        ("Asia/Kathmandu", "2026-12-31T18:15:00+00:00", "2027-01-01", "00:00"),
        ("Pacific/Kiritimati", "2026-11-20T10:00:00+00:00", "2026-11-21", "00:00"),
        ("Pacific/Pago_Pago", "2026-11-20T10:59:00+00:00", "2026-11-19", "23:59"),
    ],
)
def test_an_entry_goes_into_the_day_of_the_configured_zone(
    carrel: Carrel, kb: KnowledgeBase, zone: str, instant: str, day: str, clock: str
) -> None:
    kb.config_path.write_text(f'timezone = "{zone}"\n')
    said = carrel("log", "x", now=datetime.fromisoformat(instant))
    assert (said.code, said.err) == (0, f"saved notes/{day[:4]}/{day}.md: {clock} x\n")
    entry = kb.read(f"notes/{day[:4]}/{day}.md").entries[0]
    assert entry.time.isoformat("minutes") == clock


def test_without_a_zone_in_the_settings_it_is_the_clock_s_own_day(carrel: Carrel) -> None:
    late = datetime(2026, 11, 20, 23, 59, tzinfo=ZoneInfo("Asia/Kathmandu"))
    assert carrel("log", "x", now=late).err == "saved notes/2026/2026-11-20.md: 23:59 x\n"
    assert carrel("log", "x", now=late + timedelta(minutes=1)).err == "saved notes/2026/2026-11-21.md: 00:00 x\n"


def test_the_hour_that_comes_twice_keeps_the_order_in_which_it_was_written(carrel: Carrel, kb: KnowledgeBase) -> None:
    kb.config_path.write_text('timezone = "Europe/Berlin"\n')
    start = datetime(2026, 10, 25, 0, 10, tzinfo=UTC)
    for number in range(5):
        carrel("log", f"entry {number}", now=start + timedelta(minutes=30 * number))
    entries = kb.read("notes/2026/2026-10-25.md").entries
    assert [(entry.time.isoformat("minutes"), entry.title) for entry in entries] == [
        ("02:10", "entry 0"), ("02:40", "entry 1"), ("02:10", "entry 2"), ("02:40", "entry 3"), ("03:10", "entry 4"),
    ]  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_now_is_the_same_instant_in_the_configured_zone(kb: KnowledgeBase, utc: datetime, here: str, zone: str) -> None:
    instant = utc.replace(tzinfo=UTC)
    kb.config_path.write_text(f'timezone = "{zone}"\n')
    app = App(clock=lambda: instant.astimezone(ZoneInfo(here)), dir=str(kb.root))
    offset = ZoneInfo(zone).utcoffset(instant.astimezone(ZoneInfo(zone)))
    assert offset is not None
    assert app.now == utc + offset
    assert app.today == (utc + offset).date()
