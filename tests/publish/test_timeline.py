"""The log by year and month: every day has a place, and a new entry touches few pages."""

from __future__ import annotations

import re
from datetime import date

import pytest

from carrel.publish.pages.every_page import made_pages
from tests.publish.support import SAMPLE, edition


def log(day: str, *titles: str) -> str:
    entries = "\n".join(f"## {9 + number:02}:00 {title}\n\nText\n" for number, title in enumerate(titles))
    return f"---\ntitle: '{day}'\nkind: log\ndate: {day}\nvisibility: public\n---\n{entries}"


def texts(notes: dict[str, str]) -> dict[str, str]:
    """The texts of the pages of the log, by path."""
    made = edition(notes)
    return {page.path: page.text(made) for page in made_pages(made) if page.path.startswith("timeline")}


DAYS = {
    "notes/2025/2025-12-31.md": log("2025-12-31", "Last"),
    "notes/2026/2026-02-28.md": log("2026-02-28", "February"),
    "notes/2026/2026-11-19.md": log("2026-11-19", "One", "Two"),
    "notes/2026/2026-11-20.md": log("2026-11-20", "Three"),
    "notes/idea.md": "---\ntitle: An idea\nkind: idea\nstate: open\ndate: 2026-11-19\nvisibility: public\n---\n",
}


def test_a_month_has_every_entry_as_a_permalink_beside_its_day() -> None:
    text = texts(SAMPLE)["timeline/2026-11.md"]
    assert text.partition("</div>\n\n")[2].partition("\n\n<nav")[0] == (
        '<dl class="carrel-timeline" data-search-exclude="">\n'
        '<dt id="2026-11-20"><time datetime="2026-11-20">Fri 20</time></dt>\n'
        '<dd><span class="carrel-at"><time class="carrel-clock">14:32</time>'
        '<a href="../notes/2026/2026-11-20.html#1432-loss-spikes-again">Loss spikes again</a></span></dd>\n'
        '<dd><span class="carrel-at"><time class="carrel-clock">16:10</time>'
        '<a href="../notes/2026/2026-11-20.html#1610-zebrafish-detour">Zebrafish detour</a></span></dd>\n'
        '<dt id="2026-11-19"><time datetime="2026-11-19">Thu 19</time></dt>\n'
        '<dd><span class="carrel-at"><time class="carrel-clock">09:05</time>'
        '<a href="../notes/2026/2026-11-19.html#0905-probes-on-the-held-out-set">Probes on the held-out set</a>'
        "</span></dd>\n"
        '<dt id="2026-11-18"><time datetime="2026-11-18">Wed 18</time></dt>\n'
        '<dd><span class="carrel-kind">experiment</span> '
        '<a href="../notes/experiments/refusal-probes.html">Refusal probes beat the logit lens</a> '
        '<span class="carrel-state">running</span></dd>\n'
        '<dt id="2026-11-17"><time datetime="2026-11-17">Tue 17</time></dt>\n'
        '<dd><span class="carrel-kind">paper</span> '
        '<a href="../papers/elhage2022toy.html">Toy Models of Superposition</a></dd>\n'
        "</dl>"
    )


def test_months_lead_to_the_months_before_and_after_that_hold_something() -> None:
    text = texts(DAYS)["timeline/2026-02.md"]
    assert re.findall(r"<nav.*?</nav>", text)[0] == (
        '<nav class="carrel-days" aria-label="Before and after" data-search-exclude="">'
        '<span class="carrel-before">← <a href="2025-12.html">December 2025</a></span>'
        '<span class="carrel-above"><a href="2026.html">2026</a></span>'
        '<span class="carrel-after"><a href="2026-11.html">November 2026</a> →</span></nav>'
    )


def test_a_year_is_twelve_calendars_whose_days_lead_to_the_days_of_the_months_pages() -> None:
    text = texts(DAYS)["timeline/2026.md"]
    assert text.count('<table class="carrel-month">') == 12
    day = r'<td class="carrel-heat-(\d)"><a href="(.*?)" aria-label="(.*?)" title=".*?">(\d+)</a></td>'
    assert re.findall(day, text) == [
        ("1", "2026-02.html#2026-02-28", "28 February 2026: 1", "28"),
        ("2", "2026-11.html#2026-11-19", "19 November 2026: 3", "19"),
        ("1", "2026-11.html#2026-11-20", "20 November 2026: 1", "20"),
    ]
    assert "<caption>October 2026</caption>" in text
    assert '<caption><a href="2026-11.html">November 2026</a></caption>' in text
    november = text.partition("November 2026</a></caption>")[2].partition("</table>")[0]
    assert "<tbody>\n<tr><td></td><td></td><td></td><td></td><td></td><td></td><td>1</td></tr>" in november
    assert november.count("<td") == 42


def test_the_overview_has_a_strip_for_each_year_and_the_latest_days() -> None:
    text = texts(DAYS)["timeline.md"]
    strips = re.findall(r'<a class="carrel-strip" href="(.*?)" aria-label="(.*?)" title=".*?">(.*?)</a>', text)
    assert [(url, said) for url, said, _ in strips] == [
        ("timeline/2026.html", "2026: 5 entries and notes on 3 days"),
        ("timeline/2025.html", "2025: 1 entry or note on 1 day"),
    ]
    squares = re.findall(r'<[ib](?: class="(h\d)")?></[ib]>', strips[0][2])
    assert strips[0][2].startswith("<b></b><b></b><b></b><i>"), "2026 begins on a Thursday"
    assert len(squares) == 3 + 365
    first = 3 - date(2026, 1, 1).toordinal()
    levels = [squares[first + date(2026, *day).toordinal()] for day in ((2, 28), (11, 18), (11, 19))]
    assert levels == ["h1", "", "h2"]
    assert text.index(">Three</a>") < text.index("## Earlier years") < text.index("2025: 1")
    assert '<li><a href="timeline/2026-02.html">Feb</a></li><li>Mar</li>' in text


@pytest.mark.parametrize("year", ["0001", "9999", "2024"])
def test_the_first_year_and_the_last_have_their_calendars(year: str) -> None:
    made = texts({"notes/a.md": f"---\ndate: {year}-12-31\nvisibility: public\n---\n"})
    assert set(made) == {"timeline.md", f"timeline/{year}.md", f"timeline/{year}-12.md"}
    assert f'href="{year}-12.html#{year}-12-31"' in made[f"timeline/{year}.md"]


def test_a_new_entry_changes_the_overview_its_year_and_its_month_only() -> None:
    before = texts(DAYS)
    after = texts({**DAYS, "notes/2026/2026-11-20.md": log("2026-11-20", "Three", "Four")})
    assert {path for path, text in after.items() if before[path] != text} == {
        "timeline.md",
        "timeline/2026.md",
        "timeline/2026-11.md",
    }


def test_what_was_written_by_several_is_signed_on_the_pages_of_the_log() -> None:
    signed = {
        f"notes/2026/2026-11-20-{name}.md": log("2026-11-20", f"By {name}").replace(
            "kind:", f"authors: [{name}]\nkind:"
        )
        for name in ("ada", "sam")
    }
    text = texts(signed)["timeline/2026-11.md"]
    assert re.findall(r'<dd><span class="carrel-(who|at)">.*?>([^<>]+)</a>', text) == [
        ("who", "ada"),
        ("at", "By ada"),
        ("who", "sam"),
        ("at", "By sam"),
    ]
