"""Texts become postings: by numpy what Python makes of them."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import example, given
from hypothesis import strategies as st

from carrel.search.analysis import Stems
from carrel.search.whoosh_blocks import Run, split_places
from carrel.search.whoosh_format import pack_places, unpack_places
from carrel.search.whoosh_gather import Texts
from carrel.search.whoosh_invert import inverted_few
from carrel.search.whoosh_invert_many import inverted_many

passages = st.lists(
    st.lists(st.sampled_from(["Loss", "(loss)", "top_k", "—", "検索する", "a-b-c"]), max_size=9).map(" ".join)
)


def texts_of(documents: list[list[str]]) -> Texts:
    texts = Texts()
    for document in documents:
        texts.add(document)
    return texts


def read(run: Run) -> dict[int, list[int]]:
    return dict(zip(run.documents, map(unpack_places, split_places(run.places, len(run.documents))), strict=True))


def test_a_word_stands_where_it_comes_in_the_passages_with_a_place_between_them() -> None:
    lengths, runs = inverted_few(texts_of([["Top loss", "the top_k"], [], ["Losses!"]]), Stems())
    assert lengths == [5, 0, 1]
    assert {word: read(run) for word, run in runs} == {
        "k": {0: [5]},
        "loss": {0: [1], 2: [0]},
        "the": {0: [3]},
        "top": {0: [0, 4]},
    }


@given(st.lists(passages, min_size=1, max_size=6))
@example([["loss " * 300, "top"], ["top " + "loss " * 80]])  # more places than fit into the smaller forms
@example([["— " * 300 + "loss " * 9], ["x " * 300 + "loss " * 82], ["x " * 300 + "loss " * 83]])
@example([["x " * 70_000 + "loss"], ["loss " + "x " * 70_000 + "loss"]])  # steps of more than two bytes
@example([["loss " * 239], ["loss " * 240], ["loss"]])
@example([[f"w{number}" for number in range(70_000)]])  # more words than fit into 16 bits
@example([["—"], [""], []])
def test_numpy_makes_the_same_of_texts(documents: list[list[str]]) -> None:
    few, many = (inverted(texts_of(documents), Stems()) for inverted in (inverted_few, inverted_many))
    assert many.lengths == few.lengths
    assert list(many.runs) == list(few.runs)


@given(st.lists(passages, max_size=4), st.lists(passages, max_size=4))
def test_the_texts_of_another_process_follow_ours(ours: list[list[str]], theirs: list[list[str]]) -> None:
    texts, other = texts_of(ours), texts_of(theirs)
    texts.absorb(list(other.chunks), other.numbers.tobytes(), other.ends.tobytes())
    both, whole = (inverted_few(some, Stems()) for some in (texts, texts_of(ours + theirs)))
    assert (both.lengths, list(both.runs)) == (whole.lengths, list(whole.runs))


@given(st.lists(st.lists(st.integers(0, 90_000), min_size=1, max_size=300, unique=True).map(sorted), max_size=9))
def test_the_places_of_several_documents_are_told_apart(places: list[list[int]]) -> None:
    items = [pack_places(some) for some in places]
    assert split_places(b"".join(items), len(items)) == items
    assert list(accumulate(map(len, items)))[-1:] == [len(b"".join(items))][: len(items)]
