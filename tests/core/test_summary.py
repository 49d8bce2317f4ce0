"""The summary file of a paper, and that the one reader of notes gets the paper back from it."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import carrel
from carrel.core.note import Visibility
from carrel.core.paper import Paper, read_paper
from carrel.core.parse import parse_note
from carrel.core.person import Name
from carrel.core.reading import Level
from carrel.core.summary import markdown_text, paper_text

SKELETON = (Path(carrel.__file__).parent / "skeletons" / "paper.md").read_text(encoding="utf-8")
DAY = datetime.date(2026, 11, 20)
TOY = Paper(
    title="Toy Models: of “Superposition” # and more",
    authors=(Name("Elhage", "Nelson"), Name("Maaten", "Laurens", "van der"), Name(literal="Redwood Research")),
    year="2022",
    venue="arXiv",
    arxiv="2209.10650",
    doi="10.1000/182",
    url="https://arxiv.org/abs/2209.10650",
    pdf="https://arxiv.org/pdf/2209.10650",
    abstract="Neural networks pack many features into one $x_i$.",
    bibtype="misc",
    citekey="elhage2022toy",
)


def summary(paper: Paper, template: str = SKELETON) -> str:
    return paper_text(paper, date=DAY, visibility=Visibility.LAB, template=template)


def test_the_front_matter_is_exactly_this() -> None:
    front = summary(TOY).partition("\n---\n")[0]
    assert (
        front
        == """\
---
title: "Toy Models: of “Superposition” # and more"
kind: paper
citekey: elhage2022toy
authors: [Nelson Elhage, Laurens van der Maaten, "{Redwood Research}"]
year: 2022
venue: arXiv
arxiv: "2209.10650"
doi: "10.1000/182"
url: "https://arxiv.org/abs/2209.10650"
pdf: "https://arxiv.org/pdf/2209.10650"
bibtype: misc
reading: queued
tags: []
date: 2026-11-20
visibility: lab"""
    )


def test_the_sections_stand_in_the_order_of_reading_each_with_its_guidance() -> None:
    note = parse_note("papers/elhage2022toy.md", summary(TOY).encode())
    assert [heading.text for heading in note.markup.headings] == [
        "TL;DR",
        "Summary",
        "Opinion",
        "Claims and evidence",
        "Method",
        "Limitations",
        "Questions",
        "Quotes",
        "Abstract",
    ]
    assert len(note.markup.comments) == 9
    assert (note.markup.citations, note.markup.tags, note.problems) == ((), (), ())


def test_the_abstract_stands_apart_and_its_section_only_when_there_is_one() -> None:
    assert summary(TOY).endswith("\n> Neural networks pack many features into one $x_i$.\n")
    assert "Abstract" not in summary(Paper("Untold", citekey="untold"))


def test_unknown_fields_are_left_out_but_the_queue_and_tags_stay() -> None:
    note = parse_note("papers/untold.md", summary(Paper("Untold", citekey="untold")).encode())
    assert dict(note.metadata) == {
        "title": "Untold",
        "kind": "paper",
        "citekey": "untold",
        "bibtype": "misc",
        "reading": "queued",
        "tags": (),
        "date": "2026-11-20",
        "visibility": "lab",
    }


def test_a_template_of_ones_own_adds_keys_changes_keys_and_fills_placeholders() -> None:
    template = """\
---
reading: skimmed
code:
  - none yet
seen: {{title}}
---
# {{title}} ({{year}})

[pdf]({{pdf}}) by {{authors}}, {{unknown}} $$x^2$$ {{title
"""
    text = summary(TOY, template)
    note = parse_note("papers/elhage2022toy.md", text.encode())
    assert note.metadata["reading"] == "skimmed"
    assert note.metadata["code"] == ("none yet",)
    assert note.metadata["seen"] == TOY.title
    assert note.body == (
        "\n# Toy Models: of “Superposition” # and more (2022)\n\n[pdf](https://arxiv.org/pdf/2209.10650) "
        "by Nelson Elhage; Laurens van der Maaten; Redwood Research, {{unknown}} $$x^2$$ {{title\n"
    )


def test_at_a_level_only_its_sections_are_there_and_the_note_says_so() -> None:
    text = paper_text(TOY, date=DAY, visibility=Visibility.LAB, template=SKELETON, level=Level.SKIM)
    note = parse_note("papers/elhage2022toy.md", text.encode())
    assert [heading.text for heading in note.markup.headings] == ["TL;DR", "Opinion", "Questions", "Abstract"]
    assert (note.metadata["reading"], note.metadata["sections"]) == ("queued", "skim")
    assert "level:" not in text
    assert "level:" not in summary(TOY), "the marks are the template's, not the note's"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("see [[secret]] and ![x](y)", r"see \[\[secret\]\] and !\[x\](y)"),
        ("#1 in #alignment", r"\#1 in \#alignment"),
        ("@elhage says a@b.org", "&#64;elhage says a@b.org"),
        ("<script>x</script> &amp; R&D", "&lt;script>x&lt;/script> &amp;amp; R&D"),
        ("$a_b$ costs $5 and *more*", r"$a_b$ costs \$5 and \*more\*"),
        ("%% hidden %% ==lit==", "&#37;% hidden &#37;% &#61;=lit&#61;="),
        ("line\nbreak", "line break"),
    ],
)
def test_an_abstract_shows_as_it_is_and_never_becomes_markup(text: str, markdown: str) -> None:
    assert markdown_text(text) == markdown


@given(st.text())
def test_no_abstract_makes_links_tags_citations_or_headings(abstract: str) -> None:
    note = parse_note("papers/p.md", summary(Paper("P", abstract=abstract, citekey="p")).encode("utf-8", "replace"))
    assert note.problems == ()
    assert (note.markup.links, note.markup.tags, note.markup.citations) == ((), (), ())
    assert len(note.markup.headings) in (8, 9)


line = st.text().map(lambda text: " ".join(text.encode("utf-8", "replace").decode().split()))
names = st.builds(Name, line, line, line, line, line).filter(lambda name: name.last)


@given(
    st.builds(
        Paper,
        title=line,
        authors=st.lists(names, max_size=4).map(tuple),
        year=st.sampled_from(["", "1999", "2022"]),
        venue=line,
        arxiv=st.sampled_from(["", "2209.10650", "hep-th/9901001"]),
        doi=line,
        url=line,
        pdf=line,
        bibtype=st.sampled_from(["misc", "article", "inproceedings"]),
        citekey=st.sampled_from(["p2022", "1e5", "null"]),
    )
)
def test_the_reader_of_notes_gets_every_field_back(paper: Paper) -> None:
    text = summary(paper)
    note = parse_note("papers/x.md", text.encode())
    assert note.problems == ()
    assert note.visibility is Visibility.LAB
    expected = Paper(
        paper.title or paper.citekey,
        paper.authors,
        paper.year,
        paper.venue,
        paper.arxiv,
        paper.doi,
        paper.url,
        paper.pdf,
        "",
        paper.bibtype,
        paper.citekey,
    )
    assert read_paper(note) == expected
