"""What lists say of a note in a line or two: what it is about, and where and how it is linked."""

from __future__ import annotations

import pytest

from carrel.publish.edition.edition import Edition
from carrel.publish.pages.gists import about_it
from tests.publish.support import edition, pages
from tests.publish.test_home import log, note, words


def about(kind: str, body: str) -> str:
    made = edition({"notes/x.md": note(kind, body, title="X")})
    return about_it(made, made.by_path["notes/x.md"])


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("idea", "## Idea\n\nRead it from the router.\n\n## Cheapest test\n\nMixtral.\n", "Read it from the router."),
        ("idea", "Just so.\n\n## Cheapest test\n\nMixtral.\n", "Just so."),
        ("note", "# X\n\n## Empty\n\n## Full\n\nOf words.\n\n## More\n\nOf them.\n", "Of words."),
        ("note", "# X\n\n## Headings\n\n## Alone\n", "X Headings Alone"),
        ("digest", "Read **it**.\n\n## Highlights\n\n### [Toy](toy.md)\n\nOlah, 2020\n", "Read it."),
        ("digest", "## Highlights\n\n### [Toy](toy.md)\n\nOlah\n\n### [Seeds](s.md): refuted\n\n## Log\n\n### Ada\n",
         "Toy · Seeds: refuted"),
        ("digest", "## Highlights\n\n### [Toy](toy.md)\n\nOlah\n\n### Seeds", "Toy · Seeds"),
        ("digest", "## Predictions\n\n- 70 % for it\n\n## Log\n\n### Ada\n\n- Mon\n", "70 % for it"),
        ("note", "A line ^block-1\nand another ^3f2\n", "A line and another"),
        ("note", "So ~~not~~ ==it== is^[as he said], `~~a~~` and `b == c`.[^1]\n\n[^1]: x\n",
         "So not it is (as he said), ~~a~~ and b == c. x"),
    ],
)  # fmt: skip
def test_a_note_is_told_in_the_first_words_that_stand_below_a_heading(kind: str, body: str, said: str) -> None:
    assert about(kind, body) == said


def test_a_day_is_told_with_its_headings() -> None:
    made = edition({"notes/2026-11-20.md": log("2026-11-20", "## 09:00 Begun\n\nWell.\n\n## 10:00 Stopped\n")})
    assert about_it(made, made.days[0]) == "09:00 Begun Well. 10:00 Stopped"


def titles(notes: dict[str, str]) -> list[str]:
    made: Edition = edition(notes)
    return [made.titles[path] for path in notes]


def test_a_day_that_is_called_by_its_writers_name_has_the_name_as_people_write_it() -> None:
    assert titles({
        "notes/2026-11-20-ada-lovelace.md": log("2026-11-20", "", "Lovelace, Ada"),
        "notes/2026-11-20-travel.md": log("2026-11-20", "", "Ada Lovelace"),
        "notes/2026-11-20-secret-plan.md": log("2026-11-20", "", "[[secret plan]]"),
        "notes/2026-11-20.md": log("2026-11-20", "", "Ada Lovelace"),
    }) == [
        "2026-11-20 · Ada Lovelace", "2026-11-20 · travel", "2026-11-20 · secret-plan", "2026-11-20",
    ]  # fmt: skip


def test_what_links_twice_is_named_once_with_the_words_that_its_heading_does_not_say() -> None:
    text = pages({
        "notes/x.md": note("note", title="X"),
        "notes/2026-11-20.md": log(
            "2026-11-20",
            "## 09:00 See [[x]] first\n\n## 10:00 See [[x]]…\n\nSee [[x]] and think.\n\nThen see [[x]] again.\n",
        ),
    })["notes/x.md"].text  # fmt: skip
    links = text.partition('<section class="carrel-backlinks"')[2].partition("</section>")[0]
    assert words(links).endswith(
        "Linked from 2 places 2026-11-20 09:00 See X first 2026-11-20 10:00 See X… See X and think. Then see X again."
    )
