"""Home says what a reader wants every morning, and nothing that there is none of."""

from __future__ import annotations

import re

from carrel.publish.pages.every_page import made_pages
from carrel.publish.pages.layout import other_tasks
from carrel.publish.text.passage import Findings
from tests.publish.support import edition


def log(day: str, body: str, author: str = "") -> str:
    front = f'authors: ["{author}"]\n' if author else ""
    return f"---\ntitle: {day}\nkind: log\ndate: {day}\n{front}visibility: public\n---\n{body}"


def note(kind: str, body: str = "", **front: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in front.items())
    return f"---\nkind: {kind}\n{lines}visibility: public\n---\n{body}"


def home(notes: dict[str, str]) -> str:
    made = edition(notes)
    return next(page.text(made) for page in made_pages(made) if page.path == "index.md")


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


def section(text: str, heading: str) -> str:
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def words(html: str) -> str:
    return " ".join(re.sub("<[^<>]*>", " ", html).split())


def test_sections_that_would_be_empty_are_absent() -> None:
    assert home({}) == "Nothing has been shared yet."
    assert headings(home({"notes/2026-11-20.md": log("2026-11-20", "## 09:00 Begun\n")})) == ["Latest entries"]


def test_the_last_days_show_each_entry_with_its_first_words_but_not_what_it_belongs_to() -> None:
    text = home({
        "notes/2026-11-19.md": log("2026-11-19", "## 09:05 Older\n"),
        "notes/2026-11-20.md": log(
            "2026-11-20",
            "## 14:32 Loss spikes\n\nAt the **end** of warm-up.\n\nproject:: probes\n#sae #bug\n\n"
            "## 16:10\n\nNo title.\n",
        ),
    })  # fmt: skip
    assert words(section(text, "Latest entries")) == (
        "Friday, 20 November 2026 16:10 No title. 14:32 Loss spikes At the end of warm-up. "
        "Thursday, 19 November 2026 09:05 Older The whole log →"
    )
    assert '<a href="notes/2026-11-20.html#1432-loss-spikes">Loss spikes</a>' in text


def test_a_long_line_whose_beginning_is_its_heading_is_said_once() -> None:
    line = "We swept the learning rate over four decades and nothing at all changed in the curve"
    text = home({"notes/2026-11-20.md": log("2026-11-20", f"## 09:00 {line[:40]}…\n\n{line}\n")})
    assert f">{line[:40]}…</a>" in text
    assert f">… {line[40:].strip()}</p>" in text


def test_a_day_of_several_writers_has_their_names_above_their_entries() -> None:
    text = home({
        "notes/2026-11-20-ada.md": log("2026-11-20", "## 09:00 Hers\n", "ada"),
        "notes/2026-11-20-sam.md": log("2026-11-20", "## 08:00 His\n", "sam"),
    })  # fmt: skip
    assert words(section(text, "Latest entries")) == (
        "Friday, 20 November 2026 ada 09:00 Hers sam 08:00 His The whole log →"
    )
    assert '<a href="timeline/2026-11.html#2026-11-20">Friday, 20 November 2026</a>' in text
    assert '<a href="notes/2026-11-20-sam.html">sam</a>' in text


def test_what_nobody_signed_stands_above_all_names() -> None:
    days = {
        "notes/2026-11-20-ada.md": log("2026-11-20", "## 09:00 Hers\n", "Ada Lovelace"),
        "notes/2026-11-20-sam.md": log("2026-11-20", "## 08:00 His\n", "sam"),
        "notes/2026-11-20.md": log("2026-11-20", "## 07:00 Nobody's\n"),
    }
    assert words(section(home(days), "Latest entries")) == (
        "Friday, 20 November 2026 07:00 Nobody&#x27;s Ada Lovelace 09:00 Hers sam 08:00 His The whole log →"
    )
    made = edition(days)
    month = next(page.text(made) for page in made_pages(made) if page.path == "timeline/2026-11.md")
    assert words(month.partition("<dl")[2].partition("</dl>")[0]).endswith(
        "Fri 20 07:00 Nobody&#x27;s Ada Lovelace 09:00 Hers sam 08:00 His"
    )


def test_where_one_alone_writes_no_day_says_whose_it_is() -> None:
    text = home({
        "notes/2026-11-20-ada-gray.md": log(
            "2026-11-20", "## 09:00 Hers\n\nrun:: r-3f2ab\nsignal:: SIGINT\n", "Ada Gray"
        ),
        "notes/2026-11-20-travel.md": log("2026-11-20", "## 10:00 Off\n", "Ada Gray"),
    })  # fmt: skip
    assert words(section(text, "Latest entries")) == (
        "Friday, 20 November 2026 09:00 Hers SIGINT travel 10:00 Off The whole log →"
    )


def test_home_is_headed_by_the_sites_name_until_its_own_words_have_a_heading() -> None:
    def heading(words: str) -> str:
        made = edition({"site/pages/index.md": words})
        tasks = {task.path: task for task in other_tasks(made, "The C* Lab")}
        return tasks["index.md"].lay(made, Findings()).text.partition("\n")[0]

    assert heading("Welcome.\n") == "# The C&#42; Lab"
    assert heading("# Our lab\n\nWelcome.\n") == "# Our lab {: #our-lab }"


def test_an_entry_is_listed_as_it_reads_and_names_nothing_hidden() -> None:
    text = home({
        "notes/2026-11-20.md": log(
            "2026-11-20",
            "## 09:00 [@olah2020zoom, p. 3] on **all** of [[probes]]^[so he says], ~~not~~ `k == 3` & more\n\n"
            "## 10:00 As [@secret2020key] and [[hidden-plan]] say\n\n"
            "## 11:00 Predicted: It works\n\n- [ ] p=0.55 by 2026-12-01: It works ^p-7yy2g\n\n#sae\n",
        ),
        "notes/probes.md": note("project", title="Probes at scale"),
        "papers/olah2020zoom.md": note("paper", citekey="olah2020zoom", title="Zoom In", authors="[Chris Olah]",
                                       year="2020"),
        "papers/secret2020key.md": "---\nkind: paper\ncitekey: secret2020key\nvisibility: private\n---\n",
        "notes/hidden-plan.md": "---\ntitle: The plan\nvisibility: private\n---\n",
    })  # fmt: skip
    assert words(section(text, "Latest entries")) == (
        "Friday, 20 November 2026 11:00 Predicted: It works 55 % by 1 December 2026 "
        "10:00 As (unshared paper) and unshared note say "
        "09:00 (Olah, 2020, p. 3) on all of Probes at scale (so he says), not k == 3 &amp; more The whole log →"
    )


def test_a_writer_with_much_to_say_leaves_room_for_the_others() -> None:
    body = "".join(f"## 10:{minute} Entry {minute}\n\n" for minute in range(10, 24))
    text = home({"notes/2026-11-20.md": log("2026-11-20", body)})
    assert text.count('class="carrel-at"') == 8
    assert '<a href="notes/2026-11-20.html">and 6 more</a>' in text


def test_running_experiments_say_what_was_last_written_on_them() -> None:
    text = home({
        "notes/probes.md": note("project", title="Probes"),
        "notes/sweep.md": note("experiment", title="Sweep", state="running", project="probes", date="2026-11-01"),
        "notes/over.md": note("experiment", title="Over", state="done", date="2026-11-02"),
        "notes/2026-11-19.md": log("2026-11-19", "## 09:00 Earlier\n\n[[sweep]]\n"),
        "notes/2026-11-20.md": log("2026-11-20", "## 09:00 Begun\n\n[[sweep]]\n\n## 10:00 Second seed\n\n[[sweep]]\n"),
    })  # fmt: skip
    assert words(section(text, "Running experiments")) == "Sweep Probes 20 Nov 2026 Second seed All experiments →"


def test_open_questions_come_in_the_order_in_which_something_was_last_written_on_them() -> None:
    text = home({
        "notes/old.md": note("question", title="Old but stirred", date="2024-01-01"),
        "notes/new.md": note("question", title="New and quiet", date="2026-10-01", state="open"),
        "notes/done.md": note("question", title="Done", date="2026-11-01", state="answered"),
        "notes/served.md": note("question", title="Served", date="2025-01-01"),
        "notes/e.md": note("experiment", title="E", date="2026-10-15", advances="served"),
        "notes/2026-11-20.md": log("2026-11-20", "## 09:00 Again\n\n[[old]]\n"),
    })  # fmt: skip
    assert words(section(text, "Open questions")) == (
        "Old but stirred 20 Nov 2026 Again Served 15 Oct 2026 E New and quiet All questions →"
    )


def test_predictions_that_wait_come_by_the_day_on_which_they_are_due() -> None:
    text = home({
        "notes/2026-11-20.md": log(
            "2026-11-20",
            "## 09:00 Bets\n\n- [ ] p=0.7 by 2026-12-01: Later ^p-1\n- [ ] p=0.6: Some day\n"
            "- [x] p=0.9 by 2026-11-01: Over ^p-3 → no 2026-11-02\n",
        ),
        "notes/e.md": note("experiment", "- [ ] p=5% by 2026-11-21: Sooner, see [[2026-11-20]] ^p-2\n"),
        "notes/undated.md": note("experiment", "- [ ] p=0.5: At some time\n"),
    })  # fmt: skip
    due = section(text, "Open predictions")
    assert words(due) == (
        "Sooner, see 2026-11-20 5 % · by 21 November 2026 Later 70 % · by 1 December 2026 Some day 60 % "
        "At some time 50 % All predictions →"
    )
    assert 'href="notes/e.html#%5Ep-2"' in due or 'href="notes/e.html#^p-2"' in due
    assert '<a href="notes/2026-11-20.html#0900-bets">Some day</a>' in due


def test_papers_just_summarised_come_with_what_they_say_and_what_their_reader_thinks() -> None:
    paper = "## TL;DR\n\nFeatures share neurons.\n\n## Opinion\n\nThe clearest toy there is. %%hidden%%\n"
    text = home({
        "papers/a.md": note("paper", paper, title="Toy models", authors="[Nelson Elhage]", year="2022", rating="5",
                            reading="summarised", date="2026-01-01",
                            sessions="[{date: 2026-11-20, level: summarise}]"),
        "papers/b.md": note("paper", title="Newer note", reading="summarised", date="2026-11-01"),
        "papers/c.md": note("paper", title="Only queued", reading="queued", date="2026-11-20"),
    })  # fmt: skip
    assert words(section(text, "Papers summarised")) == (
        "Toy models Elhage 2022 ★★★★★ Features share neurons. Opinion The clearest toy there is. "
        "Newer note All papers →"
    )


def test_while_no_paper_is_summarised_home_shows_those_that_came_last() -> None:
    assert headings(home({"papers/c.md": note("paper", reading="queued")})) == ["Latest papers"]
