"""A later record of a paper changes what its source wrote, and nothing that a person wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.imported import FIELDS, Change, changes, fingerprints, remembering
from carrel.core.paper import Paper
from carrel.core.person import Name

PREPRINT = Paper(
    "Attention Is All You Need",
    (Name("Vaswani", "Ashish"), Name("Shazeer", "Noam")),
    "2017",
    venue="arXiv",
    arxiv="1706.03762",
    version="1",
)
REMEMBERED = fingerprints(PREPRINT)
PUBLISHED = replace(PREPRINT, venue="NeurIPS", version="5", pages="5998–6008")


def test_a_published_version_changes_what_the_source_wrote_and_fills_gaps() -> None:
    assert changes(PREPRINT, REMEMBERED, PUBLISHED) == (
        Change("venue", "arXiv", "NeurIPS", edited=False),
        Change("pages", "", "5998–6008", edited=False),
        Change("version", "1", "5", edited=False),
    )


def test_a_field_that_was_edited_by_hand_is_shown_and_stays() -> None:
    edited = replace(PREPRINT, venue="NIPS 2017", title="Attention is all you need")
    assert changes(edited, REMEMBERED, PUBLISHED)[0] == Change("venue", "NIPS 2017", "NeurIPS", edited=True)
    # The title is edited too, but of it the source says nothing new.
    assert [change.field for change in changes(edited, REMEMBERED, PUBLISHED)] == ["venue", "pages", "version"]


def test_a_field_that_was_emptied_by_hand_stays_empty() -> None:
    assert changes(replace(PREPRINT, venue=""), REMEMBERED, PREPRINT) == ()
    assert changes(replace(PREPRINT, venue=""), REMEMBERED, PUBLISHED)[0].edited


def test_a_source_that_knows_less_takes_nothing_away() -> None:
    assert changes(PREPRINT, REMEMBERED, Paper("Attention Is All You Need", bibtype="misc")) == ()


def test_of_a_paper_that_was_typed_by_hand_only_gaps_are_filled() -> None:
    typed = Paper("Attention", year="2017")
    found = changes(typed, "", PUBLISHED)
    assert [(change.field, change.edited) for change in found] == [
        ("title", True),
        ("authors", False),
        ("venue", False),
        ("pages", False),
        ("arxiv", False),
        ("version", False),
    ]


@pytest.mark.parametrize("line", ["", "nonsense", "title-", "- - -", "title-xyz venue"])
def test_a_damaged_line_takes_every_field_for_edited(line: str) -> None:
    assert all(change.edited for change in changes(PREPRINT, line, PUBLISHED) if change.before)


_texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
_papers = st.builds(Paper, _texts, year=st.sampled_from(["", "2017", "2018"]), venue=_texts, doi=_texts, pages=_texts)


def _after(current: Paper, remembered: str, incoming: Paper) -> tuple[Paper, str]:
    found = changes(current, remembered, incoming)
    written = {change.field: str(change.after) for change in found if not change.edited}
    return replace(current, **written), remembering(remembered, found)  # type: ignore[arg-type]  # texts all


@given(_papers, _papers, st.lists(_papers, min_size=1, max_size=4))
def test_sources_that_differ_do_not_take_turns(imported: Paper, mine: Paper, sources: list[Paper]) -> None:
    current, remembered = mine, fingerprints(imported)
    for source in sources:
        current, remembered = _after(current, remembered, source)
    for source in sources * 2:
        assert changes(current, remembered, source) == ()


@given(_papers, _papers, _papers)
def test_the_same_record_twice_changes_nothing_and_edits_survive_every_record(
    imported: Paper, mine: Paper, later: Paper
) -> None:
    once, remembered = _after(mine, fingerprints(imported), later)
    assert changes(once, remembered, later) == ()
    for field in ("title", "venue", "doi", "pages"):
        before = " ".join(getattr(mine, field).split())
        if before and before != " ".join(getattr(imported, field).split()):
            assert " ".join(getattr(once, field).split()) == before


def test_every_field_that_a_source_fills_is_remembered() -> None:
    assert {pair.partition("-")[0] for pair in REMEMBERED.split()} == {
        field for field in FIELDS if getattr(PREPRINT, field)
    }


def test_a_preprints_record_takes_nothing_of_the_publication_away_and_fills_gaps() -> None:
    published = replace(PUBLISHED, arxiv="", version="", bibtype="inproceedings")
    found = changes(published, fingerprints(published), replace(PREPRINT, title="Attention", year="2016", version="5"))
    assert [(change.field, change.after) for change in found] == [("arxiv", "1706.03762"), ("version", "5")]


def test_a_version_never_goes_back() -> None:
    assert changes(replace(PREPRINT, version="3"), "", PREPRINT) == ()
    assert changes(replace(PREPRINT, version="9"), "version-x", replace(PREPRINT, version="10"))[0].after == "10"
