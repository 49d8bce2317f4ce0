"""The query language: what each form means, and that no text can break its reader."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.errors import QuerySyntaxError
from carrel.search.query import parse_query
from carrel.search.tree import (
    And,
    Between,
    Compare,
    Dated,
    Everything,
    Field,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Present,
    Query,
    Word,
    relaxed,
    wanted,
)

TODAY = date(2026, 11, 20)
A, B, C, D = map(Word, "abcd")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Everything()),
        ("  \t ", Everything()),
        ("*", Everything()),
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a | b", Or((A, B))),
        ("a OR b OR c", Or((A, B, C))),
        ("a b OR c d", And((A, Or((B, C)), D))),
        ("(a b) OR c", Or((And((A, B)), C))),
        ("a or b", And((A, Word("or"), B))),
        ("-a", Not(A)),
        ("NOT a", Not(A)),
        ("--a", Not(A)),
        ("a - b", And((A, B))),
        ("a OR -b", Or((A, Not(B)))),
        ("-(a OR b)", Not(Or((A, B)))),
        ('-"a b"', Not(Phrase("a b"))),
        ("-tag:x", Not(Field("tag", Word("x")))),
        ('"a OR (b"', Phrase("a OR (b")),
        ('""', Phrase("")),
        ("f(x)", And((Word("f"), Word("x")))),
        ("edi*", Prefix("edi")),
        ("SAE-7*", Prefix("SAE-7")),
        ("wrod~", Fuzzy("wrod", 1)),
        ("interpretabilty~", Fuzzy("interpretabilty", 2)),
        ("wrod~2", Fuzzy("wrod", 2)),
        ("~", Everything()),
        ("-", Everything()),
        ("a & b", And((A, B))),
        ("lr=3e-4", Word("lr=3e-4")),
        ("tag:sae", Field("tag", Word("sae"))),
        ("TAG:sae", Field("tag", Word("sae"))),
        ('tag:"a b"', Field("tag", Phrase("a b"))),
        ("tag:sa*", Field("tag", Prefix("sa"))),
        ("doi:*", Field("doi", Present())),
        ("author:elhgae~", Field("author", Fuzzy("elhgae", 2))),
        ("rating:>=4", Field("rating", Compare(">=", "4"))),
        ('venue:>"b c"', Field("venue", Compare(">", "b c"))),
        ("year:2020..2022", Field("year", Between("2020", "2022"))),
        ("year:..2022", Field("year", Between("", "2022"))),
        ("doi:10.1/a:b", Field("doi", Word("10.1/a:b"))),
        ("sessions.level:read", Field("sessions.level", Word("read"))),
        ("überblick:x", Field("überblick", Word("x"))),
        ("https://arxiv.org/abs/2310.06820", Word("https://arxiv.org/abs/2310.06820")),
        ("std::vector", Word("std::vector")),
        (r"C:\notes", Word(r"C:\notes")),
        ("14:32", Word("14:32")),
        ("date:2026-11-19", Dated(date(2026, 11, 19), date(2026, 11, 19))),
        ("date:2026-11", Dated(date(2026, 11, 1), date(2026, 11, 30))),
        ("date:2026-10..2026-11", Dated(date(2026, 10, 1), date(2026, 11, 30))),
        ("date:2026-10..", Dated(date(2026, 10, 1), date.max)),
        ("date:>=2026-10", Dated(date(2026, 10, 1), date.max)),
        ("date:>2026-10", Dated(date(2026, 11, 1), date.max)),
        ("date:<2026-10", Dated(date.min, date(2026, 9, 30))),
        ("date:<=2026-10", Dated(date.min, date(2026, 10, 31))),
        ('since:"last week"', Dated(date(2026, 11, 9), date.max)),
        ("since:yesterday", Dated(date(2026, 11, 19), date.max)),
        ("until:2026-W47", Dated(date.min, date(2026, 11, 22))),
        ("before:2026", Dated(date.min, date(2025, 12, 31))),
        ("after:2026-10", Dated(date(2026, 11, 1), date.max)),
        ("date:*", Field("date", Present())),
    ],
)
def test_a_query_reads_as_this_tree(text: str, tree: Query) -> None:
    assert parse_query(text, TODAY) == tree


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("loss (spike", 6, "this parenthesis is never closed", "add a ) or put it in quotes"),
        ("loss) spike", 5, "nothing is open that this could close", "put a ) that is meant as text in quotes"),
        ("a ()", 3, "nothing stands between these parentheses", "put them in quotes"),
        ('say "loss', 5, "this quote is never closed", 'add a " at the end of the phrase'),
        ("OR a", 1, "OR stands between two words", 'write "OR" in quotes to search for it'),
        ("a OR OR b", 6, "OR stands between two words", 'write "OR" in quotes to search for it'),
        ("a OR", 3, "nothing follows this OR", 'write "OR" in quotes to search for it'),
        ("(a OR) b", 4, "nothing follows this OR", 'write "OR" in quotes to search for it'),
        ("a NOT", 3, "nothing follows this NOT", 'write "NOT" in quotes to search for it'),
        ("tag: sae", 1, "nothing follows tag:", 'write tag:value, or "tag:" in quotes for the text'),
        ('a tag:""', 3, "nothing follows tag:", 'write tag:value, or "tag:" in quotes for the text'),
        ("after:9999-12-31", 1, "there is no day beyond 9999-12-31", ""),
    ],
)
def test_a_mistake_is_named_with_its_column_and_what_to_do(text: str, column: int, message: str, hint: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text, TODAY)
    assert (caught.value.column, caught.value.message, caught.value.hint) == (
        column,
        f"column {column}: {message}",
        hint,
    )


def test_a_date_that_is_none_is_a_mistake_in_the_query() -> None:
    with pytest.raises(QuerySyntaxError, match=r"^column 6: not a date: '2026-13'$"):
        parse_query("loss date:2026-13", TODAY)


@pytest.mark.parametrize("text", ["(" * 10_000, "-(" * 10_000 + "a" + ")" * 10_000, '"' * 10_001, ")" * 10_000])
def test_hostile_nesting_is_a_clear_mistake(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        parse_query(text, TODAY)


@pytest.mark.parametrize("text", ["-" * 200_000 + "a", "a " * 99_999, "a OR " * 99_999 + "a", "(a) " * 99_999])
def test_a_long_query_is_read_in_one_pass(text: str) -> None:
    assert parse_query(text, TODAY)


pieces = st.sampled_from([*'ab "()-:*~.<>=|&\\\t検', "OR", "NOT", "AND", "date:", "tag:", "2026-11", " "])


@given(st.lists(pieces).map("".join))
def test_any_text_is_a_query_or_a_syntax_error(text: str) -> None:
    column = 1
    try:
        list(wanted(parse_query(text, TODAY)))
    except QuerySyntaxError as error:
        column = error.column
    assert 1 <= column <= max(1, len(text))


@given(st.text())
def test_any_text_in_quotes_is_a_phrase(text: str) -> None:
    text = text.replace('"', "")
    assert parse_query(f'"{text}"', TODAY) == Phrase(text)


def test_a_query_of_one_word_or_of_fields_has_nothing_to_relax() -> None:
    for text in ("a", "", "a tag:x -b", "a OR b", "tag:x kind:y"):
        assert relaxed(parse_query(text, TODAY)) is None
    assert relaxed(parse_query('a "b c" -d', TODAY)) == And((Not(D), Or((A, Phrase("b c")))))
