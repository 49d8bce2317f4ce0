"""What the site says of experiments, questions and ideas: what came of them, why not, and what was run for them."""

from __future__ import annotations

import re

from carrel.publish.pages.every_page import made_pages
from tests.publish.support import edition, pages
from tests.publish.test_home import log, note, words

Q = "notes/q.md"
LAB = {
    Q: note("question", "## Evidence for\n\n- A paper\n", title="Linear?", date="2026-11-01"),
    "notes/yes.md": note("experiment", title="Yes", state="done", verdict="confirmed", advances="q",
                         started="2026-11-02", ended="2026-11-04", date="2026-11-02"),
    "notes/no.md": note("experiment", title="No", state="done", verdict="refuted", advances="q", ended="2026-11-05",
                        date="2026-11-03"),
    "notes/runs.md": note("experiment", title="Runs", state="running", advances="q", started="2026-11-06"),
    "notes/gone.md": note("experiment", title="Gone", state="abandoned", advances="q", reason="no time"),
    "notes/hidden.md": "---\nkind: experiment\nverdict: refuted\nadvances: q\nvisibility: private\n---\n",
    "notes/idea.md": note("idea", "Distil it.\n", title="Distil", state="pruned", pruned="2026-11-07",
                          reason="'small enough, see [[secret plan]]'"),
    "notes/fresh.md": note("idea", title="Fresh"),
    "notes/2026-11-06.md": log("2026-11-06", "## 09:00 Longer\n\nrun:: r-1\nexperiment:: [[runs]]\n"),
}  # fmt: skip


def made(path: str) -> str:
    shown = edition(LAB)
    return next(page.text(shown) for page in made_pages(shown) if page.path == path)


def about(path: str) -> str:
    text = pages(LAB)[path].text
    found = re.search(r'<div class="carrel-about".*?</div>', text)
    return words(found[0]) if found else ""


def test_a_page_says_what_came_of_its_note_when_and_why() -> None:
    assert about("notes/yes.md") == (
        "2 November 2026 · experiment · done · confirmed · 2 November 2026 to 4 November 2026 · advances Linear?"
    )
    assert about("notes/no.md") == (
        "3 November 2026 · experiment · done · refuted · until 5 November 2026 · advances Linear?"
    )
    assert about("notes/runs.md") == "experiment · running · since 6 November 2026 · advances Linear?"
    assert about("notes/gone.md") == "experiment · abandoned · no time · advances Linear?"


def test_the_list_of_experiments_shows_every_verdict_in_the_same_place() -> None:
    text = made("experiments.md")
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Running", "Done", "Abandoned"]
    for verdict in ("confirmed", "refuted"):
        assert f'</a> <span class="carrel-state">{verdict}</span> <span class="carrel-when">' in text
    assert words(text.partition("## Done")[2].partition("</ul>")[0]).endswith(
        "No refuted 3 November 2026 Yes confirmed 2 November 2026"
    )
    assert '<p class="carrel-below">no time</p>' in text


def test_a_question_has_what_experiments_say_for_and_against_it() -> None:
    evidence = pages(LAB)[Q].text.partition("## Evidence {: #belongs-evidence }")[2].partition("</ul>")[0]
    assert words(evidence) == "For: Yes confirmed 4 November 2026 Against: No refuted 5 November 2026"
    assert '<p class="carrel-below">2 for · 1 against</p>' in made("questions.md")


def test_a_question_on_which_nothing_is_known_has_no_section_for_it() -> None:
    alone = {"notes/q.md": LAB[Q], "notes/runs.md": LAB["notes/runs.md"]}
    assert "belongs-evidence" not in pages(alone)[Q].text


def test_the_register_of_ideas_says_why_one_was_pruned_and_nothing_that_is_hidden() -> None:
    text = made("ideas.md")
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Open", "Pruned"]
    assert '<p class="carrel-below">small enough, see ' in text
    assert about("notes/idea.md").startswith("idea · pruned · 7 November 2026 · small enough, see")
    assert "secret plan" not in text + pages(LAB)["notes/idea.md"].text


def test_an_experiments_page_has_its_runs() -> None:
    assert '<a href="2026-11-06.html#0900-longer">' in pages(LAB)["notes/runs.md"].text


def test_what_came_of_something_is_text_and_no_markup() -> None:
    bad = "'<img src=x onerror=pwned()'"
    outcome = {"state": bad, "verdict": bad, "reason": bad, "started": bad, "ended": bad, "advances": "q"}
    notes = {Q: LAB[Q], "notes/e.md": note("experiment", **outcome), "notes/i.md": note("idea", **outcome)}
    texts = [page.text for page in pages(notes).values()]
    assert sum("&lt;img" in text for text in texts) >= 4
    assert not any("<img" in text for text in texts)
