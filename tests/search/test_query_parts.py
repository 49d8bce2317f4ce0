"""What stands where, what there is and what is true: `in:`, `has:`, `is:`, days in any field, on every index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.parse import parse_note
from carrel.core.pdf import Page, PdfText
from carrel.search.analysis import terms
from carrel.search.documents import documents
from carrel.search.fields import PART
from carrel.search.index import UNTRUSTED, SearchIndex, Seen
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import NEWEST, Order
from carrel.search.parts import length
from carrel.search.query import parse_query
from carrel.search.search import Results
from carrel.store.knowledge_base import KnowledgeBase

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]

NOTES = {
    "papers/olah2020zoom.md": """---
title: Zoom in
kind: paper
citekey: olah2020zoom
reading: summarized
read: 2026-10-05
date: 2026-10-02
year: 2020
visibility: public
---
# Zoom in

## TL;DR
Circuits.

## Summary <!-- level: read -->

Curve detectors, found with probes. The linear map is small.

### Method

A dataset of curves and `model.fit(curves)`.

## Opinion

The linear
map convinced me; probes did not. Walrus.

## Questions

<!-- What you would ask the authors. -->

## What I expected?

Nothing, see [the thread](https://distill.pub/2020).
""",
    "papers/elhage2022toy.md": """---
title: Toy models
kind: paper
citekey: elhage2022toy
aliases: [Superposition paper]
read: 2026-11-12T09:30
due: [2026-12-24, 2027-01]
---
## Opinion

Map linear, linear map not.

![[toy.png]]

| a | b |
|---|--:|
| 1 | 2 |
""",
    "notes/2026/2026-11-19.md": """---
kind: log
visibility: lab
due: 2026-11-27
---
# Plan

Walrus before the day.

## 09:10 Probes

### Opinion

Walrus and `top_k = 5`.

```python
linear = map(fit)
```

## 14:32 Reading

The opinion of [@olah2020zoom]: $x^2$ matters. See [[toy models]] and [[Question one#why]].
- [ ] p=0.7 by 2026-12-01: probes beat the lens ^p-3f2a
""",
    "notes/question-one.md": """---
title: Question one
kind: question
read: sometime in May
author: May Chen
---
- [x] ask May
![](figure.png) and ![elsewhere](https://example.org/a.png)
""",
    "notes/question-two.md": "---\nkind: question\nstate: answered\nin: Venice\nhas: figure\nis: open\n---\na | b?\n",
    "notes/run.md": "---\nkind: experiment\nstate: running\ntags: {a: b}\n---\nLinks [[run]], `- [ ] no task`.\n",
    "notes/done.md": "---\nkind: experiment\nstate: done\ntitle: Done\n---\nRead [it](../papers/files/olah.pdf).\n",
}
ZOOM, TOY = "papers/olah2020zoom.md", "papers/elhage2022toy.md"
DAY, PROBES, READING = (f"notes/2026/2026-11-19.md{anchor}" for anchor in ("", "#09:10 Probes", "#14:32 Reading"))
ONE, TWO, RUN, DONE = (f"notes/{name}.md" for name in ("question-one", "question-two", "run", "done"))


@pytest.fixture
def full(index: SearchIndex, write: Write) -> SearchIndex:
    """An index, of notes with parts."""
    for path, text in NOTES.items():
        write(path, text)
    return index


def found(results: Results) -> set[str]:
    return {hit.path + (f"#{hit.anchor}" if hit.anchor else "") for hit in results.hits}


ANSWERS: tuple[tuple[str, list[str]], ...] = (
    ("in:opinion", [ZOOM, TOY, PROBES]),
    ("in:opinion walrus", [ZOOM, PROBES]),
    ("in:opinion probes", [ZOOM]),
    ("in:opinion prob*", [ZOOM]),
    ("in:opinion wlarus~", [ZOOM, PROBES]),
    ("in:summary walrus", []),
    ('in:opinion "linear map"', [ZOOM, TOY, PROBES]),
    ('in:opinion "map linear"', [TOY]),
    ('in:summary "linear map"', [ZOOM]),
    ("in:summary dataset", [ZOOM]),  # a section below belongs to it
    ("in:method dataset", [ZOOM]),
    ("in:method probes", []),
    ("in:opinion in:method dataset", [ZOOM]),
    ("in:opinion opinion", [ZOOM, TOY, PROBES]),  # its heading is its own
    ("in:tldr circuits", [ZOOM]),
    ("in:TL;DR", [ZOOM]),
    ('in:"what i expected" nothing', [ZOOM]),
    ("in:What-I-Expected", [ZOOM]),
    ("in:questions", []),  # in which is only the template's hint
    ('in:summary "small method"', [ZOOM]),
    ('in:method "small method"', []),
    ('in:zoom-in "circuits summary"', [ZOOM]),
    ("in:plan walrus", [DAY]),
    ("in:plan top", []),
    ("in:09-10-probes", []),
    ("in:opinion -walrus", [TOY]),
    ("in:opinion (walrus OR map) -probes", [TOY, PROBES]),
    ("-in:opinion walrus", [DAY]),
    ("in:opinion kind:log", [PROBES]),
    ("(in:opinion walrus) (in:summary dataset)", [ZOOM]),
    ("(in:opinion top) OR (in:method dataset)", [PROBES, ZOOM]),
    ("in:opinion (in:code top_k)", [PROBES]),
    ("in:summary (in:code linear)", []),
    ("in:code", [ZOOM, PROBES, RUN]),
    ("in:code top_k", [PROBES]),
    ("in:code k", [PROBES]),
    ('in:code "linear map"', [PROBES]),
    ('in:code "5 linear"', []),  # two pieces of code
    ("in:code model.fit", [ZOOM]),
    ("in:code x", []),  # mathematics
    ("in:code walrus", []),
    ("in:title zoom", [ZOOM]),
    ("in:title walrus", []),
    ("in:title in:opinion toy", [TOY]),
    ("in:venice b", [TWO]),  # a key of the front matter
    ("in:nosuchpart", []),
    ("in:nosuchpart walrus", []),
    ("has:figure", [TOY, ONE]),
    ("has:table", [TOY]),
    ("has:code", [ZOOM, PROBES, RUN]),
    ("has:math", [READING]),
    ("has:citation", [READING]),
    ("has:link", [ZOOM, READING, RUN, DONE, ONE]),
    ("has:task", [READING, ONE]),
    ("has:prediction", [READING]),
    ("has:comment", [ZOOM]),
    ("has:problem", [RUN]),
    ("has:pdf", [DONE]),
    ("-has:link -has:code", [TOY, DAY, TWO]),
    ("is:entry", [PROBES, READING]),
    ("is:open", [ONE, RUN, READING]),
    ("is:running", [RUN]),
    ("is:done", [DONE]),
    ("is:summarised", [ZOOM]),
    ("is:queued", [TOY]),
    ("is:read", []),
    ("is:public", [ZOOM]),
    ("is:question", [ONE, TWO]),
    ("is:orphan", [TWO, RUN, DONE]),
    ("is:orphan -is:open", [TWO, DONE]),
    ("read:2026-10", [ZOOM]),
    ("read:2026-W46", [TOY]),
    ('read:"last month"', [ZOOM]),
    ("read:2026-10..2026-11", [ZOOM, TOY]),
    ("read:2026-11-12", [TOY]),
    ("read:>=2026-10-06", [TOY]),
    ("read:may", [ONE]),
    ("author:may", [ONE]),
    ("due:2026-12", [TOY]),
    ("due:2027", [TOY]),
    ("due:>2026-12", [TOY]),
    ('due:"next week"', [DAY, PROBES, READING]),
    ('due:<="next week"', [DAY, PROBES, READING]),
    ("due:<2026-11-27", []),
    ("year:2026", [TOY, DAY, PROBES, READING][1:]),
    ("year:2020", [ZOOM]),
    ("year:>=2020", [ZOOM, DAY, PROBES, READING]),
    ('year:"this year"', [DAY, PROBES, READING]),
    ('title:"zoom in"', [ZOOM]),
    ("title:*", [ZOOM, TOY, DAY, PROBES, READING, ONE, TWO, RUN, DONE]),
    ("links:olah2020zoom", [READING]),
)


def test_a_query_finds_exactly_these(full: SearchIndex, ask: Ask) -> None:
    for query, answer in ANSWERS:
        results = ask(full, query)
        assert found(results) == set(answer), query
        assert not results.fell_back


STATES = {
    "a": "kind: experiment\nstate: running",
    "b": "kind: experiment",
    "c": "kind: experiment\nverdict: refuted",
    "d": "kind: experiment\nstate: Abandoned",
    "e": "kind: question\nstate: answered",
    "f": "kind: question",
    "g": "kind: idea\nstate: pursued",
    "h": "kind: idea\nstate: pruned",
    "i": "kind: project\nstate: done",
    "j": "kind: note",
}


def test_every_state_is_asked_alike(index: SearchIndex, ask: Ask, write: Write) -> None:
    for name, front in STATES.items():
        write(f"notes/{name}.md", f"---\n{front}\n---\n")
    states = ("planned", "running", "done", "abandoned", "answered", "pursued", "pruned", "open")
    answers = {state: "".join(sorted(Path(one).stem for one in found(ask(index, f"is:{state}")))) for state in states}
    assert answers == {
        "planned": "b",
        "running": "a",
        "done": "ci",
        "abandoned": "d",
        "answered": "e",
        "pursued": "g",
        "pruned": "h",
        "open": "abfg",
    }


def test_fields_of_runs_and_values_compare_as_numbers_with_their_units(
    index: SearchIndex, ask: Ask, write: Write
) -> None:
    write(
        "notes/2026/2026-11-19.md",
        "## 09:00 A\nexit:: 0\nduration:: 12.3 s\nacc:: 0.79\nmemory:: 512 MB\n\n"
        "## 10:00 B\nexit:: 1\nduration:: 7300.0 s\nacc:: 0.83\nmemory:: 2GiB\n\n"
        "## 11:00 C\nexit:: 137\nduration:: 0.0 s\nacc:: 81 %\nmemory:: a lot\n",
    )
    for query, answer in (
        ("exit:>0", "BC"),
        ("exit:1", "B"),
        ("-exit:0", "BC"),
        ("duration:>0", "AB"),
        ("duration:>=12.3", "AB"),
        ("duration:>2h", "B"),
        ('duration:<="5 min"', "AC"),
        ("duration:10s..1min", "A"),
        ("duration:>1GB", ""),
        ("acc:>0.8", "BC"),
        ("acc:>80%", "C"),
        ("memory:>1gb", "B"),
        ("memory:<1GB", "A"),
    ):
        titles = "".join(sorted(one[-1] for one in found(ask(index, query))))
        assert titles == answer, query
    by_memory = ask(index, "", None, Order.named("-memory")).hits
    assert [hit.title for hit in by_memory] == ["C", "B", "A"]


def test_the_last_line_of_an_entry_begins_no_part_of_the_next(index: SearchIndex, ask: Ask, write: Write) -> None:
    write(
        "notes/2026/2026-11-19.md", "# Day\none\n## 09:00 A\n### Result\nwalrus\n## 10:00 B\nzebra\n### Result\nyak\n"
    )
    assert found(ask(index, "in:result walrus OR yak")) == {
        "notes/2026/2026-11-19.md#09:00 A",
        "notes/2026/2026-11-19.md#10:00 B",
    }
    assert ask(index, "in:result zebra").total == 0
    assert found(ask(index, "in:day one")) == {"notes/2026/2026-11-19.md"}


def test_words_where_they_were_asked_for_score_by_how_often_they_stand_there(
    index: SearchIndex, ask: Ask, write: Write
) -> None:
    write("notes/a.md", "# A\n## Opinion\nwalrus\n## Rest\nwalrus walrus walrus walrus\n")
    write("notes/b.md", "# B\n## Opinion\nwalrus walrus walrus\n## Rest\nfiller filler\n")
    assert [hit.title for hit in ask(index, "walrus").hits] == ["A", "B"]
    asked = ask(index, "in:opinion walrus").hits
    assert [hit.title for hit in asked] == ["B", "A"]
    assert asked[0].score > asked[1].score > 0


def test_any_word_of_a_part_will_do_when_no_note_has_all_of_them_there(full: SearchIndex, ask: Ask) -> None:
    results = ask(full, "in:opinion circuits convinced walrus")
    assert (found(results), results.fell_back) == ({ZOOM, PROBES}, True)


def test_pages_of_pdfs_are_a_part_too_and_a_paper_has_a_pdf_of_which_pages_are_read() -> None:
    index = MemoryIndex()
    pdf = PdfText("papers/files/olah2020zoom.pdf", "Zoom in", "olah2020zoom", (Page("1", "walrus page"),), "x")
    paper = parse_note(ZOOM, NOTES[ZOOM].encode())
    other = parse_note(TOY, NOTES[TOY].encode())
    index.update([(one.path, Seen(UNTRUSTED, one.digest), one) for one in (pdf, paper, other)], ())

    def paths(text: str) -> list[str]:
        return [match.path for match in index.search(parse_query(text, date(2026, 11, 20)), None)[0]]

    assert paths("in:opinion in:pdf walrus") == [ZOOM, pdf.path]
    assert paths("in:opinion in:pdf page") == [pdf.path]
    assert paths("in:summary in:pdf walrus") == [pdf.path]
    assert paths("has:pdf") == [ZOOM]
    assert paths("-has:pdf -in:pdf") == [TOY]
    assert paths("is:orphan -has:pdf") == [TOY]


def test_a_note_that_names_itself_is_still_an_orphan_and_any_of_its_names_will_do(
    index: SearchIndex, ask: Ask, write: Write, kb: KnowledgeBase
) -> None:
    write(
        "papers/a2020b.md", "---\nkind: paper\ncitekey: a2020b\naliases: [Nick]\ntitle: The title\n---\nSee [[nick]].\n"
    )
    for link in (
        "[[Nick]]",
        "[[the title]]",
        "@a2020b",
        "[[@a2020b]]",
        "[x](../papers/a2020b.md#y)",
        "[[papers/a2020b]]",
    ):
        path = write("notes/2026/2026-11-19.md", link)
        assert ask(index, "is:orphan").total == 0, link
        path.unlink()
        assert ask(index, "is:orphan").total == 1


def test_titles_and_years_are_values_to_sort_and_count_by(full: SearchIndex, ask: Ask) -> None:
    assert full.facets(parse_query("", date(2026, 11, 20)), ("year",)) == {"year": {}}
    ask(full, "")
    assert full.facets(parse_query("", date(2026, 11, 20)), ("year", "has"))["year"] == {"2020": 1, "2026": 3}
    assert full.facets(parse_query("kind:question", date(2026, 11, 20)), ("is", "in")) == {
        "is": {"open": 1, "answered": 1},
        "in": {"venice": 1},
    }
    assert ask(full, "kind:paper", order=NEWEST).hits[0].title == "Zoom in"


pieces = st.sampled_from(
    ["# A\n", "## B\n", "### A\n", "two words\n", "`in code`", " $m$ ", "<!-- a\nhint -->", "\n\n", "don't l'homme’s ",
     "\n```\nfenced code\n```\n", "検索", "A\n=\n", "## 10:00 Entry\n", "    indented\n", "naïve — top_k ", "%% c %%"]
)  # fmt: skip


@given(st.lists(pieces, max_size=12).map("".join), st.sampled_from(["notes/a.md", "notes/2026-11-20.md"]))
def test_the_spans_of_parts_are_those_of_their_words(body: str, path: str) -> None:
    for document in documents(parse_note(path, body.encode())):
        places: list[str] = []
        for passage in document.passages:
            places += [*(term.surface for term in terms(passage)), ""]
        for value, flat in document.values.items():
            if value.startswith(PART):
                assert list(flat) == sorted(flat)
                for start, end in zip(flat[::2], flat[1::2], strict=True):
                    words = places[start:end]
                    assert words
                    assert "" not in words  # no part runs into another passage
                    assert value == f"{PART}code" or words[0] in value


@given(st.one_of(st.text(), st.lists(pieces).map("".join)))
def test_the_length_of_a_text_is_the_number_of_its_terms(text: str) -> None:
    assert length(text) == len(terms(text))
