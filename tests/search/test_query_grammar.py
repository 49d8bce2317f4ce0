"""The manual's grammar is the parser's: queries are made from the EBNF of the page as it stands there."""

from __future__ import annotations

import re
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core import experiment, idea
from carrel.core.purpose import OVER
from carrel.search.field_query import IS
from carrel.search.fields import DAYS, HAS, STATES
from carrel.search.query import parse_query
from carrel.search.traits import CLOSED
from carrel.search.tree import Query

TODAY = date(2026, 11, 20)
PAGE = Path(__file__).parents[2] / "site/pages/query.md"
SAVED = {"recent-negatives": "since:2026 OR (in:opinion not)", "q1": "@recent-negatives a"}

letters = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=5)
values = st.one_of(
    letters, st.sampled_from(["3e-4", "top_k", "SAE-7B", "2026-10", "10.1/a:b", "a=b", "検索", "may", "5"])
)
no_quotes = st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), max_size=12)
spans = st.sampled_from(["2026", "2026-11", "2026-W47", "2026-11-20", "yesterday"])
periods = spans | st.just("2026-10..2026-11")
ends = st.sampled_from(["1..10", "9..10", "a..b", "2..b", "2026-10..2026-11", "2026-11..2026", "2020..2022"])
ranges = st.one_of(ends, values.map("{}..".format), values.map("..{}".format), letters.map(lambda end: f"{end}..{end}"))
RESERVED = {*DAYS, "in", "has", "is"}
SPECIAL: dict[str, st.SearchStrategy[str]] = {
    "key": st.sampled_from(["rating", "tags", "sessions.level", "überblick", "x-y_z", "Title", "cites"]),
    "quoted key": no_quotes.filter(lambda name: name.strip() and " ".join(name.casefold().split()) not in RESERVED),
    "range": ranges,
    "word": values.filter(lambda word: word not in ("AND", "OR", "NOT")),
    "value": values,
    "name": st.sampled_from(sorted(SAVED)),
    "part name": st.one_of(letters, st.sampled_from(["opinion", "TL;DR", "pdf", "title", "what-i-expected"])),
    "heading": letters.flatmap(lambda one: no_quotes.map(lambda other: f"{one} {other}")),
    "quoted": no_quotes,
    "quoted value": no_quotes.filter(str.strip),
    "span": spans,
    "period": periods,
    "period in words": st.one_of(periods, st.sampled_from(["last week", "3 days ago", "last month..today"])),
    "blanks": st.sampled_from([" ", "  ", "\t", "\n"]),
}


class Grammar:
    """An EBNF as strategies: terminals, names, `,`, `|`, `[ ]`, `{ }`, `( )`, and for `? … ?` those of `SPECIAL`."""

    def __init__(self, text: str) -> None:
        self.rules: dict[str, st.SearchStrategy[str]] = {}
        self.tokens: list[str] = []
        for name, right in re.findall(r"^(\w[\w ]*?) *= (.*?) ;$", text, re.MULTILINE | re.DOTALL):
            self.tokens = re.findall(r"""'[^']*'|"[^"]*"|\?.*?\?|[\[\]{}(),|]|\w[\w ]*\w|\w""", right, re.DOTALL)
            self.rules[name] = self._alternatives(name)
            assert not self.tokens, (name, self.tokens)

    def _alternatives(self, rule: str) -> st.SearchStrategy[str]:
        found = [self._sequence(rule)]
        while self.tokens[:1] == ["|"]:
            self.tokens.pop(0)
            found.append(self._sequence(rule))
        return reduce(or_, found)

    def _sequence(self, rule: str) -> st.SearchStrategy[str]:
        found = [self._one(rule)]
        while self.tokens[:1] == [","]:
            self.tokens.pop(0)
            found.append(self._one(rule))
        return st.tuples(*found).map("".join)

    def _one(self, rule: str) -> st.SearchStrategy[str]:
        token = self.tokens.pop(0)
        if token[0] in "'\"":
            return st.just(token[1:-1])
        if token[0] == "?":
            return SPECIAL[rule]
        if token not in "[{(":
            return st.deferred(lambda: self.rules[token])
        inner = self._alternatives(rule)
        assert self.tokens.pop(0) == {"[": "]", "{": "}", "(": ")"}[token]
        if token == "[":
            return st.just("") | inner
        return st.lists(inner, max_size=2).map("".join) if token == "{" else inner


EBNF = re.search(r"```ebnf\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
assert EBNF
GRAMMAR = Grammar(EBNF[1])


@settings(max_examples=150, deadline=None)
@given(GRAMMAR.rules["query"])
def test_what_the_grammar_makes_is_a_query(text: str) -> None:
    assert isinstance(parse_query(text, TODAY, SAVED), Query)


def words_of(rule: str) -> set[str]:
    """The terminals of a rule."""
    assert EBNF
    right = re.search(rf"^{rule} *= (.*?) ;$", EBNF[1], re.MULTILINE | re.DOTALL)
    assert right
    return set(re.findall(r'"(\w+)"', right[1]))


def test_the_grammar_names_every_word_that_the_language_reserves() -> None:
    assert words_of("trait") == set(HAS)
    assert words_of("state") == {"orphan", *IS}
    assert words_of("dating") == DAYS


def test_the_manual_says_what_each_of_them_finds() -> None:
    prose = PAGE.read_text(encoding="utf-8").partition("## Grammar")[0]
    for name in HAS:
        assert f"has:{name}`" in prose, name
    for name in ("orphan", *IS):
        assert f"is:{name}`" in prose or f"`{name}`" in prose, name


def test_every_state_that_a_command_can_give_a_note_is_asked_by_is_and_what_is_over_is_not_open() -> None:
    answered = ("open", "answered")  # of questions
    assert {*experiment.STATES, *idea.STATES, *answered} == {*STATES, "open"} <= set(IS)
    assert set(OVER) <= CLOSED


def test_every_query_in_the_manual_can_be_read() -> None:
    prose = PAGE.read_text(encoding="utf-8").partition("## Grammar")[0]
    saved = {"recent-negatives": "a", "seen": "b", "name": "c"}
    rows = [line for line in prose.splitlines() if line.startswith("| `")]
    queries = [query for row in rows for query in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
    queries += re.findall(r"carrel (?:search|list) '(.*)'", prose)
    assert len(queries) > 60
    for query in queries:
        if "…" not in query and query not in ("<", ">", "<="):
            parse_query(query, TODAY, saved)
