"""Where several write, each has a page; who wrote a paper does not, unless they write here too."""

from __future__ import annotations

import re

from carrel.publish.pages.every_page import made_pages
from tests.publish.support import edition
from tests.publish.test_home import headings, log, note, words

TEAM = {
    "notes/2026-11-20-ada.md": log("2026-11-20", "## 09:00 Hers\n", "ada"),
    "notes/2026-11-19-grace.md": log("2026-11-19", "## 09:00 Theirs\n\n## 10:00 Again\n", "Hopper, Grace"),
    "notes/run.md": note("experiment", title="Sweep", state="running", authors="[Grace Hopper]", date="2026-11-01"),
    "notes/over.md": note("experiment", title="Over", state="done", authors="[Ada]", date="2026-11-01"),
    "notes/q.md": note("question", title="Why?", authors="[ada, grace hopper]"),
    "papers/a.md": note("paper", title="Toy models", authors="[Nelson Elhage]", summariser="ada"),
}


def pages(notes: dict[str, str]) -> dict[str, str]:
    made = edition(notes)
    return {page.path: page.text(made) for page in made_pages(made)}


def test_a_knowledge_base_of_one_writer_has_no_page_of_people() -> None:
    alone = {
        "notes/a.md": note("note", authors="[ada]"),
        "papers/a.md": note("paper", authors="[Nelson Elhage, Ada B]"),
    }
    assert [path for path in pages(alone) if "people" in path] == []


def test_people_are_listed_who_wrote_last_first_with_what_they_do() -> None:
    text = pages(TEAM)["people.md"]
    assert words(text) == (
        "Ada 20 November 2026 1 entry · 1 paper Grace Hopper 19 November 2026 2 entries · 1 running experiment"
    )
    assert '<a href="people/grace-hopper.html">Grace Hopper</a>' in text


def test_a_person_has_a_page_however_notes_write_the_name() -> None:
    made = pages(TEAM)
    assert [path for path in made if path.startswith("people/")] == ["people/ada.md", "people/grace-hopper.md"]
    assert headings(made["people/grace-hopper.md"]) == ["Latest entries", "Running experiments", "Open questions"]
    assert headings(made["people/ada.md"]) == ["Latest entries", "Open questions", "Experiments", "Papers"]
    assert "Theirs" in made["people/grace-hopper.md"]
    assert "Theirs" not in made["people/ada.md"]


def test_a_paper_belongs_to_who_summarised_it_and_not_to_its_authors() -> None:
    made = pages(TEAM)
    assert "Toy models" in made["people/ada.md"]
    assert not re.search("elhage", " ".join(made), re.IGNORECASE)


def test_a_note_gives_way_to_the_page_of_a_person() -> None:
    made = edition({**TEAM, "people/ada.md": note("note", title="About Ada")})
    assert made.place("people/ada.md") == "people/ada-2.md"
