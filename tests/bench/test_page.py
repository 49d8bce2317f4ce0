"""Tables, bars and the plot of the comparison, and the page they are written into."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from bench import page
from bench.compare import Results
from bench.known import read
from bench.notes import queries
from bench.plot import Panel, drawing, ticks
from bench.processes import Spread


def _results(size: int) -> Results:
    results = Results(size, text=2.0)
    for value in (20.0, 30.0, 40.0):
        results.add(page.COLD, "Carrel", value * size / 1000)
        results.add(page.COLD, "FTS5", 10.0)
    results.add(page.COLD, "rip<grep>", 70.0)
    results.bars.append(page.Bar("a query", 1500.0, 600.0, "ms"))
    results.bars.append(page.Bar("an index", 0.5, 1.0, "times"))
    return results


def test_a_spread_is_said_with_its_range_where_there_is_one() -> None:
    assert Spread.of([1.25, 3.0, 2.0]).said(1) == "2.0 (1.2–3.0)"
    assert Spread.of([1234.5]).said() == "1,234"


def test_a_table_has_medians_with_ranges_and_ratios_turn_by_turn() -> None:
    assert page.table(_results(1000)) == (
        "### 1,000 notes, 2 MB of text\n\n"
        "| | Carrel | FTS5 | rip<grep> | Carrel ÷ FTS5 |\n|---|---|---|---|---|\n"
        "| one query, whole process, ms | 30 (20–40) | 10 | 70 | 3.0 (2.0–4.0) |\n"
    )


def test_a_promise_is_met_or_missed() -> None:
    assert page.bars([_results(1000)]).splitlines()[2:] == [
        "| 1,000 notes: a query | 1500.00 ms | 600 | MISSED |",
        "| 1,000 notes: an index | 0.50 times | 1 | met |",
    ]


def test_the_figures_are_put_between_the_marks_again_and_again(tmp_path: Path) -> None:
    place = tmp_path / "benchmarks.md"
    place.write_text("# Speed\n\n<!-- figures: begin -->\nold\n<!-- figures: end -->\n\nAfter.\n", "utf-8")
    page.write(place, [_results(1000), _results(10_000)], {"Carrel": "as installed"})
    once = place.read_text("utf-8")
    page.write(place, [_results(1000), _results(10_000)], {"Carrel": "as installed"})
    assert place.read_text("utf-8") == once
    assert once.startswith("# Speed\n\n<!-- figures: begin -->\nMeasured on ")
    assert once.endswith("- **Carrel**: as installed\n<!-- figures: end -->\n\nAfter.\n")
    assert "old" not in once
    assert once.count("| promise |") == 1
    assert "met |\n| 10,000 notes: a query |" in once


def test_the_plot_is_well_formed_and_has_a_line_for_each_name(tmp_path: Path) -> None:
    place = tmp_path / "benchmarks.md"
    place.write_text("<!-- figures: begin --><!-- figures: end -->", "utf-8")
    page.write(place, [_results(1000), _results(10_000)], {})
    svg = ElementTree.fromstring(place.with_suffix(".svg").read_text("utf-8"))
    texts = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert "rip<grep>" in texts
    assert "one query, whole process, ms" in texts
    assert ["1k" in texts, "10k" in texts] == [True, True]


def test_axes_reach_from_one_power_of_ten_to_another() -> None:
    assert ticks([5.0]) == [1.0, 10.0]
    assert ticks([0.2, 100.0]) == [0.1, 1.0, 10.0, 100.0]
    assert drawing([Panel("empty", {})]).startswith("<svg ")


def test_known_items_are_titles_and_captions_that_only_one_note_has(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    for name, title in (
        ("a", "Robust probes for deception"),
        ("b", "Toy models of superposition"),
        ("c", "Toy models of superposition II"),
    ):
        (tmp_path / "papers" / f"{name}.md").write_text(f"---\ntitle: {title}\n---\nText.\n", "utf-8")
    day = "## 09:10 Spike\n![Loss of all three runs](loss.png)\n![](x.png)\n![shot of it.png](y.png)\n"
    (tmp_path / "2026-11-19.md").write_text(day, "utf-8")
    known = read(tmp_path)
    assert [(item.words, item.identity) for item in known.titles] == [
        (["robust", "probes", "deception"], "papers/a.md")
    ]
    assert [(item.words, item.identity) for item in known.captions] == [
        (["loss", "of", "all", "three", "runs"], "2026-11-19.md#09:10 Spike")
    ]
    assert queries(tmp_path, 5) == ["probes deception"]
