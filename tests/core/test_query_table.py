"""Tables as they stand in notes: values that cannot break them, and bytes that change only when rows do."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.query_table import Row, Table, Touched, cell, frozen, frozen_on, rows_of, written
from carrel.core.relative import relative_url

DAY, LATER = date(2026, 11, 20), date(2026, 12, 1)
TOY = Row("papers/toy.md", "", ("Toy models", "2022"))
ENTRY = Row("notes/2026/2026-11-20.md", "1432-loss-spikes", ("Loss spikes", ""))


def made(*rows: Row, old: str = "", today: date = DAY, total: int = 0, query: str = "kind:paper") -> str:
    table = Table(("title", "year"), rows, total or len(rows))
    return written("notes/lists/a.md", query, table, old, today, freeze=False)


def test_a_table_reads_well_on_github() -> None:
    assert made(TOY, ENTRY, total=14) == (
        "<!-- carrel:table 3c987830 -->\n\n"
        "| title | year |\n|---|--:|\n"
        "| [Toy models](../../papers/toy.md) | 2022 |\n"
        "| [Loss spikes](../2026/2026-11-20.md#1432-loss-spikes) |  |\n\n"
        "*2 notes and 12 more for `kind:paper`, last changed 2026-11-20*\n\n"
        "<!-- /carrel:table -->"
    )


def test_where_nothing_is_found_there_is_no_table_but_its_caption() -> None:
    assert "\n\n*No notes for ``a `b``, last changed 2026-11-20*\n\n" in made(query="a `b")


def test_the_same_rows_on_another_day_are_the_same_bytes() -> None:
    first = made(TOY)
    assert made(TOY, old=first, today=LATER) == first
    assert "last changed 2026-12-01" in made(TOY, ENTRY, old=first, today=LATER)
    assert "last changed 2026-12-01" in made(TOY, old=first, today=LATER, query="kind:paper year:2022")


def test_programs_that_align_tables_are_left_to_it() -> None:
    aligned = made(TOY).replace("| title |", "| title      |").replace("|---|--:|", "| --------- | ---: |")
    assert made(TOY, old=aligned, today=LATER) == aligned
    assert "2026-12-01" in made(ENTRY, old=aligned, today=LATER)


@pytest.mark.parametrize("change", [("2022", "2023"), ("*\n", "*\n\nMy own words.\n"), ("12345678", "1234567")])
def test_what_a_person_changed_between_the_markers_is_not_overwritten(change: tuple[str, str]) -> None:
    old = made(TOY).replace(made(TOY)[17:25], "12345678") if change[0] == "12345678" else made(TOY)
    with pytest.raises(Touched):
        made(TOY, old=old.replace(*change))


@pytest.mark.parametrize(
    "old", ["<!-- carrel:table 12345678 -->\n\n<!-- /carrel:table -->", "<!-- carrel:table --><!-- /carrel:table -->"]
)
def test_an_emptied_place_is_filled_again(old: str) -> None:
    assert made(TOY, old=old) == made(TOY)
    assert frozen(old) is None


def test_a_table_that_is_to_be_kept_says_of_which_day_it_is() -> None:
    live = made(TOY)
    kept = frozen(live)
    assert kept is not None
    assert "*1 note for `kind:paper`, frozen on 2026-11-20*" in kept
    assert frozen(kept) == kept
    assert (frozen_on(kept), frozen_on(live)) == ("2026-11-20", "")
    annotated = kept.replace("2022", "2022, and worth it")
    assert frozen(annotated) == annotated
    assert frozen("") is None
    assert "last changed 2026-12-01" in made(TOY, old=kept, today=LATER)


def test_a_long_value_is_cut() -> None:
    assert cell("word " * 100) == ("word " * 60).rstrip() + " …"


CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
NASTY = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(
        st.sampled_from(
            ["|", "\\", "[", "]", "(", ")", "`", "$", "\n", "<!-- ", " -->", "/carrel:table", "<b>", "&lt;", "*", "a",
            " ",             "[[x]]", "![](y)", "\r", "\x85", "\u2028", "@k", "#t", "%%", "==", "---", "$|x|$", "\\|"]
        )
    ).map("".join),
)  # fmt: skip


@given(st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=4), NASTY)
def test_no_value_breaks_a_table_or_runs_out_of_its_cell(values: list[tuple[str, str]], name: str) -> None:
    rows = tuple(Row(f"papers/{number} (a|b).md", "", pair) for number, pair in enumerate(values))
    text = written("notes/a.md", "*", Table(("title", f"x{name}"), rows, len(rows)), "", DAY, freeze=False)
    assert text.count("<!--") == 2
    assert len([line for line in text.split("\n") if line.startswith("|")]) == len(values) + 2
    columns, read = rows_of(text)
    assert len(columns) == 2
    assert [address for address, _ in read] == [relative_url("notes/a.md", row.path) for row in rows]
    for (_, shown), row in zip(read, rows, strict=True):
        for value, original in zip(shown, row.values, strict=True):
            if len(original) <= 300 and "$" not in original:
                assert value == CONTROLS.sub("", " ".join(original.split())).strip()
