"""The pages of projects and questions say what belongs to them; lists show states; none grows without bound."""

from __future__ import annotations

import re
from datetime import date, timedelta

from carrel.publish.edition.edition import Edition
from carrel.publish.pages.every_page import made_pages
from carrel.publish.pages.rollups import rollup
from tests.publish.support import edition
from tests.publish.test_home import headings, log, note, section, words

LAB = {
    "notes/agenda.md": note("note", title="The agenda"),
    "notes/projects/probes.md": note("project", "## Goal\n\nFind refusal.\n", title="Probes", advances="'[[agenda]]'"),
    "notes/q.md": note("question", "## Question\n\nIs it linear?\n", title="Linear?", project="probes",
                       date="2026-11-01"),
    "notes/old.md": note("question", title="Settled", project="'[[probes]]'", state="answered", date="2026-11-02"),
    "notes/sweep.md": note("experiment", "## Hypothesis\n\nYes.\n", title="Sweep", state="running", advances="'[[q]]'",
                           date="2026-11-03"),
    "notes/dead.md": note("experiment", "## Verdict\n\nNo.\n", title="Dead end", state="abandoned", advances="q",
                          project="probes", date="2026-11-04"),
    "papers/a2020b.md": note("paper", "## TL;DR\n\nA paper.\n", title="Paper", project="Probes"),
    "notes/2026-11-19.md": log("2026-11-19", "## 09:00 All of it\n").replace("kind:", "project: probes\nkind:"),
    "notes/2026-11-20.md": log("2026-11-20", "## 09:00 Ours\n\nproject:: Probes\n\n## 10:00 Not ours\n"),
}  # fmt: skip


def rolled(notes: dict[str, str], path: str) -> str:
    made = edition(notes)
    return rollup(made, made.by_path[path], made.place(path))


def made(notes: dict[str, str]) -> tuple[Edition, dict[str, str]]:
    """An edition, and the texts of its pages that are made from notes."""
    shown = edition(notes)
    return shown, {page.path: page.text(shown) for page in made_pages(shown)}


def test_a_project_has_its_questions_experiments_and_papers_and_its_entries() -> None:
    text = rolled(LAB, "notes/projects/probes.md")
    assert headings(text) == [
        "Questions <small>2</small> {: #belongs-questions }",
        "Experiments <small>2</small> {: #belongs-experiments }",
        "Papers <small>1</small> {: #belongs-papers }",
        "Log {: #belongs-log }",
    ]
    assert words(text) == (
        "## Questions 2 {: #belongs-questions } "
        "Linear? open 1 November 2026 Is it linear? Dead end abandoned · Sweep running "
        "Settled answered 2 November 2026 "
        "## Experiments 2 {: #belongs-experiments } "
        "Sweep running 3 November 2026 Yes. Dead end abandoned 4 November 2026 No. "
        "## Papers 1 {: #belongs-papers } Paper A paper. "
        "## Log {: #belongs-log } 20 Nov 2026 09:00 Ours 19 Nov 2026 09:00 All of it"
    )


def test_an_experiment_says_what_it_serves_in_the_end() -> None:
    assert rolled(LAB, "notes/sweep.md") == (
        '<p class="carrel-climb" data-search-exclude="">Serves <a href="q.html">Linear?</a> → '
        '<a href="projects/probes.html">Probes</a> → <a href="agenda.html">The agenda</a></p>'
    )


def test_a_question_has_what_advances_it_what_is_under_way_first() -> None:
    text = rolled(LAB, "notes/q.md")
    assert words(section(text, "Experiments <small>2</small> {: #belongs-experiments }")) == (
        "Sweep running 3 November 2026 Yes. Dead end abandoned 4 November 2026 No."
    )


def test_whatever_is_advanced_has_it_on_its_page_and_a_note_that_nothing_belongs_to_has_nothing() -> None:
    assert "Probes" in rolled(LAB, "notes/agenda.md")
    assert rolled({"notes/alone.md": note("project", title="Alone")}, "notes/alone.md") == ""
    assert rolled(LAB, "notes/2026-11-20.md") == ""


def test_notes_that_advance_each_other_or_themselves_end_somewhere() -> None:
    circle = {
        "notes/a.md": note("question", title="A", advances="b"),
        "notes/b.md": note("question", title="B", advances="c"),
        "notes/c.md": note("question", title="C", advances="a", project="c"),
    }
    assert words(rolled(circle, "notes/a.md")).startswith("Serves B → C ##")
    assert words(rolled(circle, "notes/c.md")).startswith("Serves A → B ##")


def test_who_works_on_a_project_is_who_wrote_what_belongs_to_it() -> None:
    notes = {
        "notes/p.md": note("project", title="P"),
        "notes/e.md": note("experiment", project="p", authors="[ada]"),
        "notes/2026-11-20.md": log("2026-11-20", "## 09:00 x\n\nproject:: p\n", "Grace Hopper"),
        "notes/2026-11-19.md": log("2026-11-19", "## 09:00 x\n", "sam"),
    }
    assert words(rolled(notes, "notes/p.md")).startswith("With Grace Hopper , ada ##")


def many(count: int, front: str) -> dict[str, str]:
    """So many days of the log up to the end of 2026, with two entries each."""
    days = [(date(2026, 12, 31) - timedelta(days=number)).isoformat() for number in range(count)]
    body = "## 09:00 First\n\n#sae\n\n## 10:00 Second\n\n#other\n"
    return {f"notes/{day}.md": log(day, body).replace("kind:", f"{front}\nkind:") for day in days}


def test_much_that_belongs_to_a_project_is_cut_to_the_latest_and_has_a_page_for_each_year() -> None:
    notes = {"notes/probes.md": note("project", title="Probes"), **many(400, "project: probes")}
    text = rolled(notes, "notes/probes.md")
    assert text.count('class="carrel-at"') == 15
    assert '<td class="carrel-count-6"><a href="probes/2026.html#2026-12">62</a></td>' in text
    _, pages = made(notes)
    assert pages["notes/probes/2026.md"].count('class="carrel-at"') == 730
    assert pages["notes/probes/2025.md"].count('class="carrel-at"') == 70
    assert pages["notes/probes/2025.md"].startswith(
        '<p class="carrel-back"><a href="../probes.html">← Probes</a></p>\n\n## December 2025 {: #2025-12 }'
    )


def test_a_tag_that_many_notes_carry_is_cut_and_what_carries_it_is_counted_by_months() -> None:
    _, pages = made({**many(100, "tags: []"), "papers/a.md": note("paper", tags="[sae]", title="Undated")})
    assert re.findall("^## (.*)$", pages["tags/sae.md"], re.MULTILINE) == [
        "Log <small>100</small> {: #log }",
        "Papers <small>1</small> {: #papers }",
        "All by month",
    ]
    assert pages["tags/sae.md"].count("First</a>") == 20
    assert "Second" not in pages["tags/sae.md"]
    assert '<a href="sae/2026.html#2026-12">31</a>' in pages["tags/sae.md"]
    assert '<a href="sae/undated.html">1 undated</a>' in pages["tags/sae.md"]
    assert "Undated" in pages["tags/sae/undated.md"]


def test_a_section_with_more_than_it_has_room_for_leads_to_the_list_of_the_kind() -> None:
    notes = {f"notes/e{number}.md": note("experiment", advances="q", state="done") for number in range(12)}
    text = rolled({"notes/q.md": note("question"), **notes}, "notes/q.md")
    assert "## Experiments <small>10 of 12</small>" in text
    assert text.count("<li>") == 10
    assert '<a href="../experiments.html">All experiments →</a>' in text


def test_a_note_gives_way_to_the_year_of_a_list() -> None:
    shown, pages = made({"tags/sae/2026.md": note("note", tags="[sae]"), **many(70, "tags: [x]")})
    assert "tags/sae/2026.md" in pages
    assert shown.place("tags/sae/2026.md") == "tags/sae/2026-2.md"


def test_tags_stand_below_the_tags_that_they_are_part_of() -> None:
    tags = ("method/probing", "method/patching", "Method", "area/vision/x", "area", "sae")
    _, pages = made({f"notes/{number}.md": note("note", tags=f"[{tag}]") for number, tag in enumerate(tags)})
    assert re.findall(r"<li(?: class=\"(.*?)\")?>(.*?)</li>", pages["tags.md"]) == [
        ("", '<a href="tags/area.html">#area</a> <span>1</span>'),
        ("carrel-depth-1", "<span>vision</span>"),
        ("carrel-depth-2", '<a href="tags/area-vision-x.html">x</a> <span>1</span>'),
        ("", '<a href="tags/method.html">#Method</a> <span>1</span>'),
        ("carrel-depth-1", '<a href="tags/method-patching.html">patching</a> <span>1</span>'),
        ("carrel-depth-1", '<a href="tags/method-probing.html">probing</a> <span>1</span>'),
        ("", '<a href="tags/sae.html">#sae</a> <span>1</span>'),
    ]
    assert '<p class="carrel-tags"><a href="method.html">#Method</a></p>' in pages["tags/method-probing.md"]
    assert ">#method/patching</a> <a" in pages["tags/method.md"]


def test_experiments_are_listed_by_state_each_with_its_verdict_or_hypothesis() -> None:
    _, pages = made(LAB)
    assert words(pages["experiments.md"]) == (
        "## Running 1 {: #running } Sweep 3 November 2026 Yes. "
        "## Abandoned 1 {: #abandoned } Dead end 4 November 2026 No."
    )
    assert headings(pages["questions.md"]) == [
        "Open <small>1</small> {: #open }",
        "Answered <small>1</small> {: #answered }",
    ]


def test_projects_are_listed_with_what_is_under_way_and_when_something_was_last_written_on_them() -> None:
    _, pages = made(LAB)
    assert words(pages["projects.md"]) == (
        "Probes Find refusal. 1 running experiment · 1 open question · last written on 20 November 2026"
    )


def test_predictions_have_a_page_with_those_that_wait_and_those_that_are_resolved() -> None:
    _, pages = made({
        "notes/a.md": note("note", "- [ ] p=0.7 by 2026-12-01: Open\n- [x] p=0.2: Late → no 2026-11-02: broke\n"),
        "notes/b.md": note("note", "- [x] p=0.9: Later → yes 2026-11-20\n"),
    })  # fmt: skip
    assert words(pages["predictions.md"]) == (
        "## Open 1 {: #open } Open 70 % · by 1 December 2026 "
        "## Calibration Resolved predictions, so far: 2. Scores and a curve are shown from 10 on. "
        "## Resolved 2 {: #resolved } "
        "Later 90 % · yes · 20 November 2026 Late 20 % · no · 2 November 2026 broke"
    )


def test_what_is_hidden_changes_nothing_on_any_of_these_pages() -> None:
    hidden = {
        "notes/hidden.md": "---\nkind: project\ntitle: Probes\ndate: 2026-11-20\n---\n- [ ] p=0.5: Canary\n",
        "notes/hidden-e.md": "---\nkind: experiment\nstate: running\nproject: probes\nadvances: q\ntags: [a/b]\n"
        "date: 2030-01-01\nauthors: [mallory]\n---\n[[sweep]] [[q]]\n",
        "notes/2030-01-01.md": "---\nauthors: [eve]\nproject: probes\n---\n## 09:00 Canary\n\nproject:: q\n",
        "papers/hidden.md": "---\nkind: paper\nreading: summarised\nsummariser: mallory\nproject: probes\n---\n",
    }
    shown = {
        **LAB,
        "notes/to.md": note("experiment", project="hidden-e", advances="'[[hidden|label]]'", state="running"),
    }
    before, pages = made(shown)
    after, with_hidden = made({**shown, **hidden})
    assert pages == with_hidden
    for path in before.by_path:
        assert rollup(before, before.by_path[path], before.place(path)) == rollup(
            after, after.by_path[path], after.place(path)
        )
