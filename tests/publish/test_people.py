"""Where several write, each has a page; who wrote a paper does not, unless they write here too."""

from __future__ import annotations

import re
from html import unescape

from carrel.publish.pages.every_page import made_pages
from tests.publish.support import edition, lay_out
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


MENTIONS = {
    "notes/2026-11-18-ada.md": log("2026-11-18", "## 09:00 Asked @grace_hopper\n\nAnd @Grace too, @no not.\n", "ada"),
    "notes/2026-11-19-grace.md": log("2026-11-19", "## 09:00 Alone\n\n## 10:00 For her\n\nSee @ada.\n", "Grace Hopper"),
    "notes/b.md": note("note", "As `@ada` and [@ada](https://example.org) and [[b|@ada]] say.\n", date="2026-11-17"),
}


def page_of(notes: dict[str, str], path: str) -> str:
    """The staged page of a note."""
    return unescape(lay_out(edition(notes))[0][path].text)


def test_who_is_mentioned_is_a_link_to_their_page_and_their_page_says_where() -> None:
    day = page_of(MENTIONS, "notes/2026-11-18-ada.md")
    assert "Asked [@grace_hopper](../people/grace-hopper.md)" in day
    assert "And [@Grace](../people/grace-hopper.md) too, @no not." in day
    written = pages(MENTIONS)
    grace, ada = (written[f"people/{name}.md"].partition("## Mentioned")[2] for name in ("grace-hopper", "ada"))
    assert words(grace) == "18 Nov 2026 ada 09:00 Asked @grace_hopper Feed"
    assert "For her" in ada
    assert "Alone" not in ada
    assert "As " not in ada, "code and the labels of links mention nobody"
    assert headings(written["people/ada.md"]) == ["Latest entries", "Mentioned"]


def test_a_paper_goes_before_a_person_and_two_of_one_name_are_nobody() -> None:
    paper = {"papers/ada.md": note("paper", title="ADA", citekey="ada")}
    made = edition({**MENTIONS, **paper})
    assert "See [ADA (n.d.)](../papers/ada.md)." in page_of({**MENTIONS, **paper}, "notes/2026-11-19-grace.md")
    assert not made.group("mention", "people/ada.md")
    kelly = {"notes/2026-11-01-kelly.md": log("2026-11-01", "## 09:00 Hi\n", "Grace Kelly")}
    text = page_of({**MENTIONS, **kelly}, "notes/2026-11-18-ada.md")
    assert "And @Grace too" in text
    assert "[@grace_hopper](../people/grace-hopper.md)" in text


def test_a_mention_of_somebody_whom_the_audience_does_not_see_is_text() -> None:
    hidden = MENTIONS["notes/2026-11-19-grace.md"].replace("visibility: public", "visibility: private")
    shown = {**MENTIONS, "notes/2026-11-19-grace.md": hidden, "notes/c.md": note("note", authors="[Chris]")}
    assert "Asked @grace_hopper" in page_of(shown, "notes/2026-11-18-ada.md")
    assert not any("grace" in path for path in pages(shown) if path.startswith("people/"))


def test_a_heading_that_mentions_somebody_keeps_its_anchor() -> None:
    day = page_of(MENTIONS, "notes/2026-11-18-ada.md")
    assert "](../people/grace-hopper.md) {: #0900-asked-grace_hopper }\n" in day
    nobody = "## 09:00 Asked @nobody of @hidden2020paper\n\n## 10:00 @nobody\n"
    day = page_of({"notes/2026-11-18.md": log("2026-11-18", nobody)}, "notes/2026-11-18.md")
    assert "{: #section-1 }" in day, "what can only be a paper may be one that is hidden"
    assert "@nobody {: #1000-nobody }" in day


def test_check_says_nothing_of_mentions() -> None:
    assert not edition(MENTIONS).graph.broken()
