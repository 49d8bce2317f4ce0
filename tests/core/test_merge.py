"""One paper out of several records: which record's word counts in each field."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from carrel.core.merge import alike, merged
from carrel.core.paper import Paper
from carrel.core.person import Name

PUBLISHED = Paper(
    title="TOY MODELS OF SUPERPOSITION",
    authors=(Name("Elhage", "N."), Name("Hume", "T.M."), Name(literal="Team")),
    year="2023",
    venue="Journal of Toys",
    doi="10.1000/1",
    url="https://doi.org/10.1000/1",
    pdf="https://toys.example/paywall.pdf",
    bibtype="article",
    volume="3",
    pages="1–9",
    keywords=("toys",),
)
PREPRINT = Paper(
    title="Toy models of superposition",
    authors=(Name("Elhage", "Nelson"), Name("Hume", "Tristan M."), Name(literal="Team")),
    year="2022",
    venue="arXiv",
    arxiv="2209.10652",
    url="https://arxiv.org/abs/2209.10652",
    pdf="https://arxiv.org/pdf/2209.10652",
    abstract="We show.",
    version="2",
    keywords=("models", "toys"),
)


def test_the_published_record_wins_and_the_preprint_completes_it() -> None:
    assert merged(PUBLISHED, PREPRINT) == Paper(
        title="Toy models of superposition",
        authors=PREPRINT.authors,
        year="2023",
        venue="Journal of Toys",
        arxiv="2209.10652",
        doi="10.1000/1",
        url="https://doi.org/10.1000/1",
        pdf="https://arxiv.org/pdf/2209.10652",
        abstract="We show.",
        bibtype="article",
        volume="3",
        pages="1–9",
        version="2",
        keywords=("toys", "models"),
    )


def test_arxiv_is_a_venue_and_misc_a_type_only_where_nothing_better_is_known() -> None:
    bare = Paper("Toy models of superposition", doi="10.1000/1")
    assert (merged(bare, PREPRINT).venue, merged(bare, PREPRINT).bibtype) == ("arXiv", "misc")
    assert merged(PREPRINT, PUBLISHED).venue == "Journal of Toys"


def test_given_names_are_filled_in_only_for_the_same_people_in_the_same_order() -> None:
    def given(*others: Name) -> tuple[str, ...]:
        return tuple(name.given for name in merged(PUBLISHED, replace(PREPRINT, authors=others)).authors)

    assert given(Name("Hume", "Tristan"), Name("Elhage", "Nelson"), Name(literal="Team")) == ("N.", "T.M.", "")
    assert given(Name("Elhage", "Nelson")) == ("N.", "T.M.", "")
    assert given(Name("Elhage", "Maria"), Name("Hume", "Tristan"), Name(literal="Team")) == ("N.", "Tristan", "")


def test_a_title_of_another_wording_stays_the_publishers() -> None:
    assert merged(PUBLISHED, replace(PREPRINT, title="Toys")).title == PUBLISHED.title


def test_records_of_different_papers_are_told_apart() -> None:
    assert alike(PUBLISHED, PREPRINT)
    assert alike(PUBLISHED, replace(PREPRINT, title="Another title"))
    assert not alike(PUBLISHED, Paper("Another title", (Name("Olah", "Chris"),)))


NAMES = st.builds(Name, st.sampled_from(["", "Elhage", "van Dam"]), st.sampled_from(["", "N.", "Nelson"]))
PAPERS = st.builds(
    Paper,
    title=st.sampled_from(["Toy", "TOY", "Toys", ""]),
    authors=st.lists(NAMES, max_size=2).map(tuple),
    year=st.sampled_from(["", "2022", "2023"]),
    venue=st.sampled_from(["", "arXiv", "Toys"]),
    arxiv=st.sampled_from(["", "2209.10652"]),
    bibtype=st.sampled_from(["misc", "article", ""]),
    pdf=st.sampled_from(["", "a.pdf", "b.pdf"]),
    keywords=st.lists(st.sampled_from("ab")).map(tuple),
)


@given(PAPERS, PAPERS)
def test_nothing_is_invented_and_nothing_is_lost(one: Paper, other: Paper) -> None:
    both = merged(one, other)
    for field in fields(Paper):
        said = [getattr(paper, field.name) for paper in (one, other)]
        found = getattr(both, field.name)
        assert bool(found) == (any(said) or field.name == "bibtype")
        if field.name not in ("authors", "keywords", "bibtype"):
            assert found in said
    assert merged(both, other) == both
