"""`carrel digest`: what goes in for whom, what a person's hand did stays, and its ways out: mail, table, site."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from carrel.cli.app import App
from carrel.cli.digest.command import _write
from carrel.cli.digest.table import COLUMNS
from carrel.core.note import Visibility
from carrel.core.parse import parse_note
from carrel.core.prediction import predictions
from carrel.store.knowledge_base import KnowledgeBase
from tests.publish.payloads import PAYLOADS
from tests.support import Carrel

Write = Callable[[str, str], Path]
LAB, PUBLIC = "notes/digests/2026-w47.md", "notes/digests/2026-w47-public.md"

#: What the lab may see, and what is in it of things that it may not.
SHARED = {
    "papers/elhage2022toy.md": """---
title: Toy models of superposition
kind: paper
citekey: elhage2022toy
authors: [Nelson Elhage, Chris Olah, Neel Nanda]
year: 2022
venue: Transformer Circuits
arxiv: "2209.10652"
rating: 5
category: Interpretability
prerequisites: ["[[Linear representations]]", Linear algebra, "[[canary-plan]]"]
read_more: "https://example.org/more"
summariser: [Ada]
sessions: [{date: 2026-11-17, level: summarise, minutes: 70}]
visibility: lab
---

## TL;DR

Sparse features share dimensions.

## Summary

=Features= are put in **superposition**, see [[linear-reps|the linear view]] and [@park2023linear, p. 3],
not [[canary-plan]] nor [@canary2020paper]. <!-- canary of a comment -->

- [x] p=0.9: Toy models are enough ^p-toyaa → no 2026-11-18

![A plot](https://tracker.example/canary.png)

## Opinion

It *matters*. <script>alert("x")</script>
""",
    "papers/park2023linear.md": """---
title: The linear representation hypothesis
kind: paper
authors: [Kiho Park]
year: 2023
citekey: park2023linear
sessions: [{date: 2026-11-22, level: skim, minutes: 10}]
visibility: public
---
""",
    "papers/old2020paper.md": """---
title: An older one
kind: paper
sessions: [{date: 2026-10-01, level: read}, {date: 2026-09-01, level: skim}]
visibility: public
---
## Summary

Of October.
""",
    "notes/linear-reps.md": "---\ntitle: Linear representations\nvisibility: lab\n---\n",
    "notes/2026/2026-11-17-ada.md": """---
date: 2026-11-17
kind: log
authors: [Ada]
visibility: lab
---
## 09:10 Loss spikes at warm-up

It does, see [[canary-plan]].

#highlight

## 10:00 Nothing much

- [x] p=0.7 by 2026-12-01: Probes beat the lens of [[canary-plan]] ^p-3f2ab → yes 2026-11-18: margin 0.06
""",
    "notes/2026/2026-11-18-sam.md": """---
date: 2026-11-18
kind: log
authors: [Sam]
visibility: public
---
## 11:00 Read two papers
""",
    "notes/experiments/seed-sweep.md": """---
title: Seed sweep
kind: experiment
state: done
started: 2026-11-10
ended: 2026-11-19
verdict: refuted
authors: [Sam]
visibility: lab
---
## Hypothesis

Seeds do not matter.

## Result

They do.

## Surprise

By a lot.
""",
    "notes/questions/transfer.md": """---
title: Do probes transfer?
kind: question
state: answered
answered: 2026-11-20
date: 2026-11-16
visibility: public
---
## Answer

Only *within* a family.
""",
}
#: What a digest of it says, among other things.
TOLD = [
    """Elhage et al., Transformer Circuits, 2022 · Interpretability · \
[the paper](https://arxiv.org/abs/2209.10652) · summarised by Ada
""",
    """see [the linear view](../linear-reps.md) and ([Park, 2023](../../papers/park2023linear.md), p. 3),
not unshared note nor (unshared paper).""",
    "**Opinion:** It *matters*.",
    "**Prerequisites:** [Linear representations](../linear-reps.md); Linear algebra\n",
    "**Read more:** https://example.org/more\n",
    "- [The linear representation hypothesis](../../papers/park2023linear.md) (Park, 2023), skimmed\n",
    "Ended 2026-11-19, by Sam\n\n**Hypothesis:** Seeds do not matter.\n\n**Result:** They do.\n\n",
    "**Result:** They do.\n\n**Surprise:** By a lot.\n",
    """- 70 % for “Probes beat the lens of unshared note” → **yes**: margin 0.06 \
([2026-11-17-ada](../2026/2026-11-17-ada.md#1000-nothing-much), Ada)
""",
    "- Answered: [Do probes transfer?](../questions/transfer.md) Only *within* a family.\n",
    """- Tue [Loss spikes at warm-up](../2026/2026-11-17-ada.md#0910-loss-spikes-at-warm-up): \
It does, see unshared note.
""",
    "### Sam\n\n- Wed [Read two papers](../2026/2026-11-18-sam.md#1100-read-two-papers)\n",
]
#: What nobody else may see.
HIDDEN = {
    "papers/canary2020paper.md": SHARED["papers/elhage2022toy.md"]
    .replace("visibility: lab", "visibility: private")
    .replace("Toy models of superposition", "Canary of a title")
    .replace("elhage2022toy", "canary2020paper"),
    "notes/canary-plan.md": "---\ntitle: Canary plan\nvisibility: private\n---\n",
    "notes/2026/2026-11-18.private.md": "---\nkind: log\nvisibility: lab\n---\n## 10:00 Canary\n\n#highlight\n",
    "notes/2026/2026-11-19-ada.md": "---\nkind: log\nauthors: [Ada]\n---\n## 10:00 Canary\n\n#highlight\n",
    "notes/experiments/canary.md": SHARED["notes/experiments/seed-sweep.md"].replace("lab", "labb"),
    "notes/questions/canary.md": SHARED["notes/questions/transfer.md"].replace("public", "private"),
}


@pytest.fixture
def week(write: Write) -> None:
    for path, text in {**SHARED, **HIDDEN}.items():
        write(path, text)


def body(kb: KnowledgeBase, path: str = LAB) -> str:
    return kb.read_bytes(path).decode()


@pytest.mark.usefixtures("week")
def test_a_digest_tells_of_the_week_with_summary_and_opinion_apart(carrel: Carrel, kb: KnowledgeBase) -> None:
    said = carrel("digest")
    assert (said.code, said.out, said.err) == (0, f"{LAB}\n", "")
    note = kb.read(LAB)
    assert (note.title, note.kind, note.visibility.value) == (
        "Digest of week 47, 2026 (16 to 22 November)",
        "digest",
        "lab",
    )
    assert [heading.text for heading in note.markup.headings] == [
        "Highlights", "Toy models of superposition", "Also read", "Experiments", "Seed sweep: refuted", "Predictions",
        "Questions", "Log", "Ada", "Sam",
    ]  # fmt: skip
    for told in TOLD:
        assert told in note.body
    assert predictions(note) == ()  # what is quoted is not predicted twice
    assert "Of October" not in note.body


@pytest.mark.parametrize("audience", ["lab", "public"])
def test_whatever_a_digest_gives_is_the_same_without_the_hidden_notes(
    carrel: Carrel, kb: KnowledgeBase, write: Write, audience: str
) -> None:
    asked = [[form] for form in ("--dry-run", "--html", "--text", "--csv", "--json")] + [["--all", "--csv"]]
    given: list[list[str]] = []
    narrower = {path: text for path, text in SHARED.items() if audience == "public" and "visibility: lab" in text}
    hidden = {**HIDDEN, **narrower}
    for notes in ({**SHARED, **HIDDEN}, {path: text for path, text in SHARED.items() if path not in hidden}):
        for folder in ("notes", "papers"):
            shutil.rmtree(kb.root / folder)
        for path, text in notes.items():
            write(path, text)
        given.append([carrel("digest", "--to", audience, *options).out for options in asked])
    assert given[0] == given[1]
    assert all(given[0])
    assert "canary" not in "".join(given[0]).lower().replace("tracker.example/canary.png", "")
    assert ("Toy models" in given[0][0]) == (audience == "lab")


def test_a_digest_for_all_stands_beside_that_for_the_lab_and_neither_takes_the_others_place(
    carrel: Carrel, kb: KnowledgeBase, write: Write, week: None
) -> None:
    assert carrel("digest", "--to", "public").out == f"{PUBLIC}\n"
    assert kb.read(PUBLIC).visibility.value == "public"
    write(LAB, "---\nkind: digest\nvisibility: public\n---\nMine\n")
    said = carrel("digest")
    assert (said.code, body(kb)) == (1, "---\nkind: digest\nvisibility: public\n---\nMine\n")
    assert said.err == (
        f"carrel: {LAB} is for the public, and what would go in is for the lab only\n"
        "        --to public makes one for them\n"
    )


@pytest.mark.usefixtures("week")
def test_run_again_it_keeps_what_was_edited_and_says_so(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    carrel("digest")
    first = body(kb)
    assert (carrel("digest").err, body(kb)) == ("", first)
    edited = first.replace("It *matters*.", "It matters less.").replace("## Papers", "## Read").replace("\n", "\r\n")
    write(LAB, "\ufeff" + edited.replace("## Experiments", "My words.\r\n\r\n## Experiments"))
    write("papers/park2023linear.md", SHARED["papers/park2023linear.md"] + "## Summary\n\nThey are linear.\n")
    said = carrel("digest")
    assert (said.code, said.err) == (
        0,
        """papers/park2023linear.md has a summary and no opinion
1 part changed by hand and kept (papers/elhage2022toy.md); --force writes it anew
""",
    )
    now = body(kb)
    assert now.startswith("\ufeff")
    assert now.count("\n") == now.count("\r\n")
    for kept in ("It matters less.", "My words.\r\n", "**Summary:** They are linear."):
        assert kept in now
    carrel("digest", "--force")
    assert ("It *matters*." in body(kb), "My words.\r\n" in body(kb)) == (True, True)


@pytest.mark.usefixtures("week")
def test_of_two_that_make_the_first_at_once_the_second_keeps_what_the_other_wrote(
    carrel: Carrel, kb: KnowledgeBase
) -> None:
    carrel("digest")
    kb.rewrite(LAB, lambda text: text.replace("It *matters*.", "It matters less."))
    second = App(dir=str(kb.root), clock=lambda: datetime.fromisoformat("2026-11-20T10:00+01:00"))
    _write(second, LAB, date(2026, 11, 16), Visibility.LAB, None, force=False, dry_run=False)
    assert "It matters less." in body(kb)


def test_an_entry_is_linked_by_its_heading_unless_that_names_something_hidden(carrel: Carrel, write: Write) -> None:
    entries = "## 10:00 Asked @ada #highlight\n\n## 11:00 Read [[canary-plan]] #highlight\n"
    write("notes/2026/2026-11-18.md", f"---\nvisibility: lab\n---\n{entries}")
    said = carrel("digest", "--dry-run")
    assert "](../2026/2026-11-18.md#1000-asked-ada-highlight)" in said.out
    assert "[Read unshared note](../2026/2026-11-18.md)" in said.out


@pytest.mark.usefixtures("week")
def test_what_is_no_longer_shared_goes_from_the_digest(carrel: Carrel, kb: KnowledgeBase) -> None:
    carrel("digest")
    kb.set_keys("notes/experiments/seed-sweep.md", {"visibility": "private"})
    carrel("digest")
    assert "Seed" not in body(kb)


@pytest.mark.parametrize(
    ("today", "week"), [("2026-11-23", "2026-W47"), ("2026-11-24", "2026-W48"), ("2026-11-22", "2026-W47")]
)
def test_it_is_this_weeks_and_on_a_monday_that_of_the_week_before(
    carrel: Carrel, write: Write, today: str, week: str
) -> None:
    for day in ("2026-11-18", "2026-11-24"):
        write(f"notes/2026/{day}.md", "---\nvisibility: lab\n---\n## 10:00 Entry\n")
    said = carrel("digest", "--dry-run", now=datetime.fromisoformat(f"{today}T10:00+01:00"))
    assert f'week: "{week}"\n' in said.out


@pytest.mark.parametrize(("number", "week"), [("47", "2026-W47"), ("w7", "2026-W07"), ("48", "2025-W48")])
def test_a_week_may_be_named_by_its_number_alone_and_is_the_last_of_that_number(
    carrel: Carrel, number: str, week: str
) -> None:
    assert carrel("digest", "--week", number).err.startswith(f"carrel: in {week} there is nothing")


def test_a_week_of_which_nothing_is_shared_makes_no_note(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    write("notes/2026/2026-11-18.md", "---\nvisibility: private\n---\n## 10:00 Entry\n")
    said = carrel("digest", "--week", "2026-W47")
    assert (said.code, said.err) == (
        1,
        """carrel: in 2026-W47 there is nothing that the lab may see
        `visibility: lab` in a note shares it; --week takes another week
""",
    )
    assert not kb.absolute("notes/digests").exists()
    assert carrel("digest", "--week", "2026-11").code == 2


def test_what_is_marked_is_a_highlight_and_what_is_rated_best_unless_it_says_no(carrel: Carrel, write: Write) -> None:
    session = "kind: paper\nvisibility: lab\nsessions: [{date: 2026-11-17, level: read}]\n"
    for name, keys in (
        ("a", "rating: 5\nhighlight: false\n"),
        ("b", "rating: 2\nhighlight: true\n"),
        ("c", "rating: 4\n"),
    ):
        write(f"papers/{name}.md", f"---\ntitle: {name.upper()}\n{session}{keys}---\n## Opinion\n\nWell.\n")
    rows = json.loads(carrel("digest", "--json").out)
    assert {row["title"]: row["highlight"] for row in rows} == {"A": False, "B": True, "C": False}
    shown = parse_note("", carrel("digest", "--dry-run").out.encode())
    assert [heading.text for heading in shown.markup.headings] == ["Highlights", "B", "Papers", "A", "C"]


class Tags(HTMLParser):
    """The tags of a document, and its addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.usefixtures("week")
def test_as_a_mail_it_is_one_piece_that_fetches_nothing(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    carrel("digest")
    write(LAB, body(kb).replace("It *matters*.", "By hand. [[canary-plan]] ![x](../assets/x.png) <img src=//e.org/x>"))
    seen = Tags(carrel("digest", "--html").out)
    assert seen.attributes == {"lang", "charset", "style", "href"}
    assert not seen.tags & {"script", "img", "link", "iframe", "style"}
    assert all(address.startswith("https://") for address in seen.addresses)  # nobody said where the site is
    write("mkdocs.yml", "site_name: Lab\nsite_url: https://lab.example/log\n")
    said = carrel("digest", "--html", "mail.html")
    html = (kb.root / "mail.html").read_text("utf-8")
    assert (said.out, said.err) == ("", "saved mail.html\n")
    assert "https://lab.example/log/papers/elhage2022toy.html" in Tags(html).addresses
    assert "https://lab.example/log/notes/2026/2026-11-18-sam.html#1100-read-two-papers" in Tags(html).addresses
    assert "By hand. unshared note" in html
    assert carrel("digest", "--html", "mail.html").code == 0
    before = body(kb)
    assert (carrel("digest", "--html", LAB).code, body(kb)) == (1, before)


def test_no_payload_that_a_browser_would_run_or_fetch_gets_into_a_mail(carrel: Carrel, write: Write) -> None:
    paper = "---\ntitle: T{}\nkind: paper\nvisibility: lab\nsessions: [{{date: 2026-11-17, level: read}}]\n---\n"
    for number, payload in enumerate(PAYLOADS):
        write(f"papers/p{number}.md", f"{paper.format(number)}## Summary\n\n{payload}\n\n## Opinion\n\nWell.\n")
    carrel("digest")
    said = carrel("digest", "--html")
    seen = Tags(said.out)
    assert said.out.count("<h3") == len(PAYLOADS)  # none of them broke the digest for the others
    assert seen.attributes == {"lang", "charset", "style", "href"}
    assert not seen.tags & {"script", "img", "link", "iframe", "svg", "math", "object", "form", "base"}
    assert all(address.startswith(("https://", "http://", "mailto:")) for address in seen.addresses)


@pytest.mark.usefixtures("week")
def test_as_text_no_line_is_longer_than_72_columns_but_for_an_address(carrel: Carrel) -> None:
    text = carrel("digest", "--text").out
    assert text.startswith(
        "Digest of week 47, 2026 (16 to 22 November)\n===========================================\n\n"
    )
    assert "Highlights\n----------\n\nToy models of superposition\n" in text
    assert "- Answered: Do probes transfer? Only within a family.\n" in text
    assert all(len(line) <= 72 or "http" in line for line in text.split("\n"))
    assert "carrel:digest" not in text


@pytest.mark.usefixtures("week")
def test_a_digest_that_is_private_is_not_mailed(carrel: Carrel, kb: KnowledgeBase) -> None:
    carrel("digest")
    kb.set_keys(LAB, {"visibility": "private"})
    said = carrel("digest", "--html")
    assert (said.code, said.out) == (1, "")
    assert "visibility: private" in said.err


@pytest.mark.usefixtures("week")
def test_its_papers_are_a_table_with_the_newsletters_columns(carrel: Carrel, kb: KnowledgeBase) -> None:
    out = carrel("digest", "--csv").out
    assert out.startswith(
        "URL,Title,Authors,Venue,Year,Category,Highlight,Email,Summarizer,Summary,Opinion,Prerequisites,Read more\r\n"
    )
    [row] = csv.DictReader(io.StringIO(out, newline=""))
    assert {key: row[key] for key in list(COLUMNS)[:9]} == {
        "URL": "https://arxiv.org/abs/2209.10652", "Title": "Toy models of superposition",
        "Authors": "Nelson Elhage, Chris Olah, Neel Nanda", "Venue": "Transformer Circuits", "Year": "2022",
        "Category": "Interpretability", "Highlight": "yes", "Email": "2026-W47", "Summarizer": "Ada",
    }  # fmt: skip
    assert row["Summary"].startswith("'=Features= are put in **superposition**")  # no formula for a spreadsheet
    assert row["Opinion"].startswith("It *matters*.")
    assert row["Prerequisites"] == "Linear representations, Linear algebra"
    [told] = json.loads(carrel("digest", "--json").out)
    assert list(told) == list(COLUMNS.values())
    assert told["summary"].startswith("=Features=")
    assert told["read_more"] == ["https://example.org/more"]
    assert not kb.absolute(LAB).exists()


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize("options", [["--json"], ["--all", "--json"]])
def test_a_table_says_what_a_hand_made_of_a_summary_in_the_digest(
    carrel: Carrel, kb: KnowledgeBase, options: list[str]
) -> None:
    carrel("digest")

    def told() -> tuple[str, str]:
        [row] = [row for row in json.loads(carrel("digest", *options).out) if row["issue"] == "2026-W47"]
        return row["summary"], row["opinion"]

    before = told()
    kb.rewrite(LAB, lambda text: text.replace("It *matters*.", "By hand, see [[linear-reps]] and [[canary-plan]]."))
    by_hand = "By hand, see Linear representations and unshared note."
    assert told() == (before[0], before[1].replace("It *matters*.", by_hand))
    kb.rewrite(LAB, lambda text: text.replace("**Opinion:**", "**I think:**").replace("**Summary:**", "**They say:**"))
    assert told() == before  # nobody can tell which is which
    assert carrel("digest", "--to", "public", "--json").out == "[]\n"


RUNNING = """---
title: Sweep
kind: experiment
state: {}
started: 2026-11-02{}
visibility: lab
---
## Next

- More seeds, see [[canary-plan]]
"""
FORECASTS = """---
date: 2026-11-17
kind: log
visibility: lab
---
## 09:00 Predicted: It works

- [ ] p=0.7 by 2026-12-01: It works ^p-aaaaa

experiment:: [[sweep]]
#sae

## 09:30 Before: train

1. [ ] P=0.8: It runs ^p-bbbbb

## 10:00 Why I think so

It is small.

- [x] p = 0.4: It is fast ^p-ccccc → yes 2026-11-24

next:: measure it
"""


def test_it_tells_what_runs_what_was_predicted_and_what_is_next(carrel: Carrel, write: Write) -> None:
    write("notes/experiments/sweep.md", RUNNING.format("running", ""))
    write("notes/experiments/over.md", RUNNING.format("done", "\nended: 2026-11-15"))
    write("notes/experiments/longer.md", RUNNING.format("done", "\nended: 2026-11-23").replace("More", "Fewer"))
    write("notes/experiments/later.md", RUNNING.format("running", "").replace("11-02", "11-23"))
    write("notes/experiments/canary.md", RUNNING.format("running", "").replace("lab", "private"))
    write("notes/2026/2026-11-17.md", FORECASTS)
    told = carrel("digest", "--dry-run")
    text = "\n".join(line for line in told.out.split("\n") if not line.startswith("<!--"))
    assert text[text.index("## ") :].replace("\n\n\n", "\n").replace("\n\n", "\n") == (
        """## Running
- [Sweep](../experiments/longer.md), since 2026-11-02
- [Sweep](../experiments/sweep.md), since 2026-11-02
## Predictions
- Made: 70 % for “It works” by 2026-12-01 ([2026-11-17](../2026/2026-11-17.md#0900-predicted-it-works))
- Made: 80 % for “It runs” ([2026-11-17](../2026/2026-11-17.md#0930-before-train))
- Made: 40 % for “It is fast” ([2026-11-17](../2026/2026-11-17.md#1000-why-i-think-so))
## Log
- Tue [Why I think so](../2026/2026-11-17.md#1000-why-i-think-so)
## Next
- Fewer seeds, see unshared note ([Sweep](../experiments/longer.md))
- More seeds, see unshared note ([Sweep](../experiments/sweep.md))
- measure it ([2026-11-17](../2026/2026-11-17.md#1000-why-i-think-so))
"""
    )
    assert predictions(parse_note("", told.out.encode())) == ()


@pytest.mark.usefixtures("week")
def test_the_papers_of_all_weeks_are_there_once_each(carrel: Carrel) -> None:
    rows = [json.loads(row) for row in carrel("digest", "--all", "--jsonl").out.splitlines()]
    assert [(row["issue"], row["title"]) for row in rows] == [
        ("2026-W40", "An older one"),
        ("2026-W47", "Toy models of superposition"),
    ]
    assert carrel("digest", "--all").code == 2


@pytest.mark.parametrize("week", ["9999-12-31", "9999-12-27", "9999-W51"])
def test_a_week_at_the_end_of_the_calendar_is_refused(carrel: Carrel, week: str) -> None:
    said = carrel("digest", "--week", week)
    assert (said.code, said.err.split("\n")[0]) == (2, f"carrel: '{week}' is at the end of the calendar")
