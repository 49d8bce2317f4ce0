"""CSL-JSON, both ways."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.metadata import csl

ITEM = {
    "id": "vaswani2017attention",
    "type": "paper-conference",
    "title": 'Attention is <i>all</i> <span class="nocase">you</span> need, H<sub>2</sub>O',
    "container-title": "NeurIPS",
    "author": [
        {"family": "Vaswani", "given": "Ashish"},
        {"family": "Beethoven", "given": "Ludwig", "dropping-particle": "van"},
        {"family": "Berg", "given": "Jan", "non-dropping-particle": "van den", "suffix": "Jr."},
        {"literal": "Google Brain"},
    ],
    "editor": [{"family": "Guyon", "given": "I."}],
    "issued": {"date-parts": [["2017", 12]]},
    "page": "5998-6008",
    "volume": 30,
    "publisher": "Curran",
    "DOI": "https://doi.org/10.5555/3295222",
    "URL": "https://arxiv.org/abs/1706.03762",
    "abstract": "<p>Sequence &amp; transduction</p>",
    "keyword": "transformers, attention",
    "note": "arXiv: 1706.03762\nread the appendix",
}
PAPER = Paper(
    title="Attention is all you need, H₂O",
    authors=(
        Name("Vaswani", "Ashish"),
        Name("Beethoven", "Ludwig", "van"),
        Name("Berg", "Jan", "van den", "Jr."),
        Name(literal="Google Brain"),
    ),
    year="2017",
    venue="NeurIPS",
    arxiv="1706.03762",
    doi="10.5555/3295222",
    url="https://arxiv.org/abs/1706.03762",
    abstract="Sequence & transduction",
    bibtype="inproceedings",
    citekey="vaswani2017attention",
    editors=(Name("Guyon", "I."),),
    volume="30",
    pages="5998–6008",
    publisher="Curran",
    keywords=("transformers", "attention"),
    note="read the appendix",
)


@pytest.mark.parametrize("wrapped", [[ITEM], {"items": [ITEM]}, ITEM], ids=["list", "items", "alone"])
def test_every_field_of_an_item_finds_its_place(wrapped: object) -> None:
    assert csl.parse(json.dumps(wrapped)) == ((PAPER,), ())


@pytest.mark.parametrize(
    ("issued", "year"),
    [
        ({"date-parts": [[2022, 9, 14]]}, "2022"),
        ({"date-parts": [["2022"]]}, "2022"),
        ({"raw": "14 September 2022"}, "2022"),
        ({"literal": "circa 1850"}, "1850"),
        ({"date-parts": [[2022]], "season": "2"}, "2022"),
        ("2022-09", "2022"),
        ({"date-parts": [[None]]}, ""),
        ({"date-parts": []}, ""),
        ([2022], "2022"),
        (None, ""),
    ],
)
def test_a_date_is_read_in_every_shape(issued: object, year: str) -> None:
    assert csl.parse(json.dumps([{"title": "One", "issued": issued}]))[0][0].year == year


def test_a_file_that_ends_in_the_middle_gives_what_comes_before() -> None:
    text = json.dumps([ITEM, ITEM], indent=1)
    papers, problems = csl.parse(text[:-400], "library.json")
    assert [paper.citekey for paper in papers] == ["vaswani2017attention"]
    assert [problem.code for problem in problems] == ["bad-json"]
    assert problems[0].message.startswith("no JSON from here on: ")


def test_one_entry_that_is_none_does_not_stop_the_others() -> None:
    papers, problems = csl.parse('[{"a": 1},\n 7,\n {"title": "One"},\n {"id": "x"}]', "a.json")
    assert [paper.title for paper in papers] == ["One", ""]
    assert [str(problem) for problem in problems] == [
        "a.json:1: this is no reference [no-reference]",
        "a.json:2: this is no reference [bad-json]",
        "a.json:4: the reference has no title [no-title]",
    ]


def test_zoteros_own_json_is_read_where_csl_was_due() -> None:
    item = {"itemType": "preprint", "title": "Toy models", "extra": "arXiv: 2209.10652", "citationKey": "elhage2022"}
    for wrapped in ({"items": [item, {"itemType": "note"}]}, [{"key": "AB12", "data": item}]):
        (paper,), problems = csl.parse(json.dumps(wrapped))
        assert (paper.title, paper.arxiv, paper.citekey, problems) == ("Toy models", "2209.10652", "elhage2022", ())


def test_what_is_written_reads_back_as_the_same_paper() -> None:
    (read,), problems = csl.parse(csl.dump([PAPER]))
    assert (read, problems) == (replace(PAPER, keywords=(), note=""), ())


def test_the_owners_notes_and_keywords_are_written_nowhere() -> None:
    assert "appendix" not in csl.dump([PAPER])
    assert "transformers" not in csl.dump([PAPER])


def test_the_same_papers_always_give_the_same_text() -> None:
    assert csl.dump([PAPER]) == csl.dump([PAPER])
    assert csl.dump([]) == "[]\n"
    assert csl.dump([PAPER]).endswith('"note": "arXiv:1706.03762"\n  }\n]\n')


def test_a_preprint_is_written_as_zotero_writes_it() -> None:
    paper = Paper("Toy models", (Name("OpenAI"),), "2022", "arXiv", "2209.10652", bibtype="misc", citekey="a")
    item = csl.item(paper)
    assert (item["type"], item["publisher"], item["number"]) == ("article", "arXiv", "arXiv:2209.10652")
    assert item["author"] == [{"literal": "OpenAI"}]


WORDS = (
    st.text(st.sampled_from("abcdeé XYZ王"), min_size=1, max_size=20)
    .filter(str.strip)
    .map(lambda text: " ".join(text.split()))
)
NAMES = st.builds(Name, WORDS, WORDS)


@given(
    st.builds(
        Paper,
        title=WORDS,
        authors=st.lists(NAMES, max_size=3).map(lambda names: tuple(name for name in names if name.last)),
        year=st.sampled_from(["", "1867", "2022"]),
        venue=WORDS,
        arxiv=st.sampled_from(["", "2209.10652", "hep-th/9901001"]),
        doi=st.sampled_from(["", "10.1038/nature14539"]),
        volume=st.sampled_from(["", "3"]),
        number=st.sampled_from(["", "4"]),
        pages=st.sampled_from(["", "3–9"]),
        bibtype=st.sampled_from(["article", "inproceedings", "incollection", "online"]),
        citekey=st.sampled_from(["elhage2022toy", "a_b"]),
        abstract=WORDS,
    )
)
def test_papers_of_all_sorts_read_back_as_they_were(paper: Paper) -> None:
    (read,), _ = csl.parse(csl.dump([paper]))
    assert read == paper


KEYS = [
    "title",
    "author",
    "family",
    "issued",
    "date-parts",
    "id",
    "items",
    "itemType",
    "data",
    "creators",
    "tags",
    "note",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(JSON | st.text(alphabet=st.sampled_from('[]{}",: \\u0d8titlea\n'), max_size=80))
def test_no_json_makes_the_reader_raise(value: object) -> None:
    papers, _ = csl.parse(value if isinstance(value, str) else json.dumps(value))
    csl.dump(papers).encode()


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 200_000,
        '{"a":' * 200_000,
        '[{"title": ' + "9" * 100_000 + "}]",
        '[{"note": "' + "\\n" * 500_000 + '", "title": "a"}]',
        "[" + '{"title":"a"},' * 50_000,
        '[{"itemType": "book", "extra": "' + " " * 1_000_000 + '"}]',
        '[{"title": "\\ud800 and \\u0000"}]',
        "[" + "," * 1_000_000,
    ],
    ids=range(8),
)
def test_hostile_files_take_bounded_time(hostile: str) -> None:
    start = time.process_time()
    papers, problems = csl.parse(hostile)
    csl.dump(papers).encode()
    assert papers or problems
    assert time.process_time() - start < 5
