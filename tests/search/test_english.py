"""English stems: the published examples of the second Porter stemmer, and Whoosh's copy of Snowball as an oracle."""

from __future__ import annotations

import re
from pathlib import Path

from whoosh.lang.snowball.english import EnglishStemmer

from carrel.search.english import stem

EXAMPLES = {
    "consign": "consign", "consigned": "consign", "consigning": "consign", "consistency": "consist",
    "consolation": "consol", "consolatory": "consolatori", "conspicuously": "conspicu",
    "conspiracies": "conspiraci", "constable": "constabl", "knackeries": "knackeri", "knavish": "knavish",
    "knightly": "knight", "knitting": "knit", "knocked": "knock", "knots": "knot", "generalisation": "generalis",
    "generation": "generat", "communication": "communic", "communism": "communism", "arsenal": "arsenal",
    "skies": "sky", "dying": "die", "news": "news", "inning": "inning", "proceed": "proceed", "exceed": "exceed",
    "ties": "tie", "cries": "cri", "gas": "gas", "this": "this", "gaps": "gap", "kiwis": "kiwi", "hoping": "hope",
    "hopping": "hop", "luxuriated": "luxuri", "youth": "youth", "boy": "boy", "boyish": "boyish", "say": "say",
    "happy": "happi", "cry": "cri", "by": "by", "realization": "realiz", "feed": "feed", "agreed": "agre",
    "analogously": "analog", "differently": "differ", "adjustment": "adjust",
}  # fmt: skip


def test_words_have_their_published_stems() -> None:
    assert {word: stem(word) for word in EXAMPLES} == EXAMPLES


def test_what_is_no_plain_english_word_stays() -> None:
    for word in ("", "a", "is", "7b", "sae7", "naïve", "検索"):
        assert stem(word) == word


def test_stems_of_real_notes_are_snowballs(data: Path) -> None:
    oracle = EnglishStemmer()
    words: set[str] = set()
    for place in sorted(data.glob("0[12]-*/**/*.md")):
        words.update(re.findall("[a-z]{3,}", place.read_text("utf-8", "replace").lower()))
    assert len(words) > 3000
    # Where the suffix is cut in two steps, the copy loses track of the second region: it has realization → realize.
    lost = re.compile("(is|iz)ation|ional|onal|izer|quantiz")
    different = {word for word in words if stem(word) != oracle.stem(word)}
    assert {word for word in different if not lost.search(word)} == set()
