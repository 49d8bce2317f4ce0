"""Saved queries: `@name` stands for what is saved under it, as a group."""

from __future__ import annotations

from datetime import date

import pytest

from carrel.errors import QuerySyntaxError
from carrel.search.query import MAX_DEPTH, MAX_SAVED, parse_query
from carrel.search.tree import And, Everything, Field, Not, Or, Phrase, Query, Within, Word

TODAY = date(2026, 11, 20)
A, B, C = map(Word, "abc")
SAVED = {
    "one": "a",
    "both": "a b",
    "recent-negatives": "@both OR tag:negative",
    "placed": "in:opinion a",
    "empty": "",
    "open": "a (b",
    "self": "a @self",
    "left": "@right",
    "right": "-@left",
}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("@one", A),
        ("@both c", And((And((A, B)), C))),
        ("@both OR c", Or((And((A, B)), C))),
        ("-@both", Not(And((A, B)))),
        ("(c @one)", And((C, A))),
        ("@recent-negatives", Or((And((A, B)), Field("tag", Word("negative"))))),
        ("@placed c", And((Within(("opinion",), A), C))),  # its `in:` is of its own group
        ("in:title @both", Within(("title",), And((A, B)))),
        ("@empty", Everything()),
        ("c @ b", And((C, B))),
        ('"@one"', Phrase("@one")),
        ("me@one.org", Word("me@one.org")),
    ],
)
def test_a_name_stands_for_what_is_saved(text: str, tree: Query) -> None:
    assert parse_query(text, TODAY, SAVED) == tree


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("c @boht", 3, "no query is saved as @boht", "did you mean @both?"),
        ("@recent-negative", 1, "no query is saved as @recent-negative", "did you mean @recent-negatives?"),
        ("c @self", 3, "in @self, column 3: @self stands in itself", "change one of the two in the settings"),
        (
            "@left",
            1,
            "in @left, column 1: in @right, column 2: @left stands in itself",
            "change one of the two in the settings",
        ),
        ("@open", 1, "in @open, column 3: this parenthesis is never closed", "add a ) or put it in quotes"),
    ],
)
def test_a_mistake_is_named_with_the_query_that_it_is_in(text: str, column: int, message: str, hint: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text, TODAY, SAVED)
    error = caught.value
    assert (error.column, error.message, error.hint) == (column, f"column {column}: {message}", hint)


def test_queries_that_stand_for_each_other_many_times_over_are_refused() -> None:
    saved = {f"q{number}": f"@q{number - 1} " * 10 for number in range(1, 30)} | {"q0": "a"}
    with pytest.raises(QuerySyntaxError, match=f"{MAX_SAVED} characters are read|stand for too much"):
        parse_query("@q29", TODAY, saved)


def test_queries_that_stand_deep_in_each_other_are_refused() -> None:
    saved = {f"q{number}": f"(((@q{number - 1})))" for number in range(1, 1000)} | {"q0": "a"}
    assert parse_query("@q9", TODAY, saved) == A
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query("@q999", TODAY, saved)
    assert caught.value.hint == f"{MAX_DEPTH} levels are read"
