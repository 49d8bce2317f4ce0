"""Words as numbers, and many needles at once: held against the plainest way to do the same."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from carrel.publish.gate.grams import END_WORD, grams, hashed, hashed_words
from carrel.publish.gate.needles import Needles
from carrel.publish.gate.rows import PHRASE, words

LETTERS = st.sampled_from("aAbZ019_ .-\n\t’—é…ÉßİǅΣς日本語ไทย한글\u0301\xa0\u2028<&\U0001f600")


@given(st.lists(st.text(LETTERS, max_size=40), max_size=5))
@example(["e\u0301", "İstanbul", "STRASSE straße", "日記を書く", "’tis—so"])
def test_the_words_of_texts_are_those_that_are_found_one_by_one(texts: list[str]) -> None:
    found, ends = hashed(texts)
    expected, expected_ends = hashed_words([" ".join(words(text)) for text in texts])
    assert found.tolist() == expected.tolist()
    assert ends.tolist() == expected_ends.tolist()
    assert np.diff(ends, prepend=0).tolist() == [len(words(text)) + 1 for text in texts]


def test_a_text_of_any_length_is_read_in_parts_that_cut_no_word() -> None:
    row, _ = hashed(["alpha beta\n" * 30_000])
    assert len(row) == 60_001
    assert len(set(row.tolist())) == 3


def test_other_words_and_another_order_are_another_hash_and_the_same_one_in_every_run() -> None:
    vocabulary = [f"{a}{b}" for a in "abcdefghij" for b in range(1000)]
    row, _ = hashed([" ".join(vocabulary)])
    assert len(set(row.tolist())) == len(vocabulary) + 1
    pairs = grams(hashed(["the plan", "plan the", "the pla n"])[0], 2)
    assert len({pairs[0], pairs[3], pairs[6]}) == 3
    assert hex(int(row[0])) == "0xd198dedd3bf07b6d"
    assert row[-1] == END_WORD


def test_needles_of_every_length_are_found_where_they_are() -> None:
    chance = random.Random(7)
    for _ in range(40):
        rows = [[chance.choice("abcd") for _ in range(chance.randint(1, PHRASE))] for _ in range(30)]
        text = [chance.choice("abcde") for _ in range(400)]
        flow, ends = hashed_words([" ".join(row) for row in rows])
        lengths = np.array([len(row) for row in rows])
        needles = Needles(flow, ends - lengths - 1, lengths, np.arange(30), np.zeros(30, np.bool_))
        row, _ = hashed_words([" ".join(text)])
        places, found = needles.places(row)
        wanted = {tuple(one) for one in rows}
        assert {
            tuple(text[place : place + int(needles.lengths[one])]) for place, one in zip(places, found, strict=True)
        } == {one for one in wanted if any(tuple(text[at : at + len(one)]) == one for at in range(len(text)))}
        assert len(places) == sum(
            tuple(text[at : at + len(one)]) == one for one in wanted for at in range(len(text) - len(one) + 1)
        )
        assert needles.found(row).tolist() == [number in found for number in range(len(needles))]


def test_where_there_is_nothing_to_look_for_or_in_nothing_is_found() -> None:
    none = np.empty(0, np.int64)
    nothing = Needles(np.empty(0, np.uint64), none, none, none, np.empty(0, np.bool_))
    assert nothing.found(hashed(["some words"])[0]).tolist() == []
    row, _ = hashed(["a b"])
    one = Needles(row, np.array([0]), np.array([2]), np.array([0]), np.array([True]))
    assert one.found(row[:0]).tolist() == [False]
    assert one.places(row)[0].tolist() == [0]
