"""Calendars go by the keyboard, and predictions whose day is past say so, in a real browser and from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from tests.publish.support import knowledge_base
from tests.publish.test_browser import PHONE, Reader
from tests.publish.test_people import TEAM
from tests.publish.test_rollups import LAB
from tests.publish.test_timeline import DAYS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

BETS = """---
kind: note
visibility: public
---
- [ ] p=0.7 by 2020-01-01: Past ^p-1
- [ ] p=0.2 by 2999-01-01: To come
"""
LISTS = (
    "index", "timeline", "timeline/2026", "timeline/2026-11", "people", "people/ada", "experiments", "questions",
    "notes/projects/probes",
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    notes = {**LAB, **TEAM, **DAYS, "notes/bets.md": BETS}
    kb = knowledge_base(tmp_path_factory.mktemp("calendar") / "kb", notes)
    return build_site(kb, Visibility.PUBLIC).site_dir.as_uri()


@pytest.fixture
def reader(window: Page, root: str) -> Iterator[Reader]:
    reader = Reader(window, root)
    yield reader
    reader.leave()


def test_one_day_of_a_year_takes_the_focus_and_arrows_go_from_it_to_the_others(reader: Reader) -> None:
    reader.open("timeline/2026.html")
    days = reader.page.locator(".carrel-month td > a")
    assert [day.get_attribute("tabindex") for day in days.all()].count("0") == 1

    def at() -> str:
        return str(reader.page.evaluate("document.activeElement.getAttribute('aria-label').split(':')[0]"))

    days.last.focus()
    way = [at()]
    for key in ("ArrowLeft", "ArrowUp", "Home", "ArrowUp", "ArrowRight", "ArrowDown", "End", "ArrowDown"):
        reader.page.keyboard.press(key)
        way.append(at())
    assert way == [
        "20 November 2026", "19 November 2026", "4 November 2026", "28 February 2026", "28 February 2026",
        "1 November 2026", "19 November 2026", "20 November 2026", "20 November 2026",
    ]  # fmt: skip
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/timeline/2026-11.html#2026-11-20")
    assert reader.page.locator("dt:target").inner_text() == "Fri 20"


def test_a_prediction_whose_day_is_past_is_called_overdue(reader: Reader) -> None:
    for path in ("index.html", "predictions.html"):
        reader.open(path)
        assert reader.page.locator(".carrel-due").all_inner_texts() == [
            "by 1 January 2020, overdue",
            "by 1 January 2999",
        ]
    reader.page.locator("text=Past").click()
    reader.page.wait_for_url("**/notes/bets.html#^p-1")


def test_no_list_is_wider_than_a_phone_and_none_reports_an_error(reader: Reader) -> None:
    reader.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict
    wide = {}
    for path in LISTS:
        reader.open(f"{path}.html")
        wide[path] = reader.page.evaluate("document.documentElement.scrollWidth")
    assert set(wide.values()) == {PHONE["width"]}
    assert reader.wrong == []
