"""The query language: what each form means, and that no text can break its reader."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.errors import QuerySyntaxError
from carrel.search.fields import DAYS, key
from carrel.search.query import parse_query
from carrel.search.tree import (
    And,
    Between,
    Compare,
    Dated,
    During,
    Everything,
    Field,
    Fuzzy,
    InPdf,
    Not,
    Or,
    Orphan,
    Phrase,
    Prefix,
    Present,
    Query,
    Within,
    Word,
    asks_for_pages,
    relaxed,
    wanted,
)
from carrel.search.written import quoted

TODAY = date(2026, 11, 20)
A, B, C, D = map(Word, "abcd")
FIRST, LAST = date.min, date.max
OCTOBER, NOVEMBER, TODAYS = date(2026, 10, 1), date(2026, 11, 1), (TODAY, TODAY)


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
        ('"my key":value', Field("my key", Word("value"))),
        ('-"My  Key":"a b"', Not(Field("my key", Phrase("a b")))),
        ('"C++":>=3 a', And((Field("c++", Compare(">=", "3")), A))),
        ('("2fa":*)', Field("2fa", Present())),
        ('"date":2026-11', Dated(NOVEMBER, date(2026, 11, 30))),
        ('"a" :b', And((Phrase("a"), Word(":b")))),
        ('"a"://b "a"::b', And((Phrase("a"), Word("://b"), Phrase("a"), Word("::b")))),
        ('"":a', And((Phrase(""), Word(":a")))),
        ('mood:">5"', Field("mood", Phrase(">5"))),
        ('mood:"b..a"', Field("mood", Phrase("b..a"))),
        ("title:wait...", Field("title", Between("wait", "."))),
        ("x:5..a", Field("x", Between("5", "a"))),
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
        ("read:2026-10", Field("read", During(OCTOBER, date(2026, 10, 31), "2026-10"))),
        ("due:2026-W47", Field("due", During(date(2026, 11, 16), date(2026, 11, 22), "2026-W47"))),
        ("read:2026-11-20", Field("read", During(*TODAYS, "2026-11-20"))),
        ("read:2026-10..2026-11", Field("read", During(OCTOBER, date(2026, 11, 30), ""))),
        ("read:2026-W44..2026-W47", Field("read", During(date(2026, 10, 26), date(2026, 11, 22), ""))),
        ("read:2026..2026-10", Field("read", During(date(2026, 1, 1), date(2026, 10, 31), ""))),
        ("read:2026-11..", Field("read", During(NOVEMBER, LAST, ""))),
        ("read:..yesterday", Field("read", During(FIRST, date(2026, 11, 19), ""))),
        ('read:"last month..today"', Field("read", During(OCTOBER, TODAY, ""))),
        ("due:<=2026-12", Field("due", During(FIRST, date(2026, 12, 31), ""))),
        ("due:>2026-10", Field("due", During(NOVEMBER, LAST, ""))),
        ('due:<"next week"', Field("due", During(FIRST, date(2026, 11, 22), ""))),
        ("due:>=today", Field("due", During(TODAY, LAST, ""))),
        ('read:"last month"', Field("read", During(OCTOBER, date(2026, 10, 31), "last month"))),
        ("read:yesterday", Field("read", During(date(2026, 11, 19), date(2026, 11, 19), "yesterday"))),
        ("read:sept", Field("read", During(date(2026, 9, 1), date(2026, 9, 30), "sept"))),
        ('read:>="last 3 days"', Field("read", During(date(2026, 11, 18), LAST, ""))),
        ('read:"week 47"', Field("read", During(date(2026, 11, 16), date(2026, 11, 22), "week 47"))),
        ('read:"end of october"', Field("read", During(date(2026, 10, 31), date(2026, 10, 31), "end of october"))),
        ('read:"monday 99"', Field("read", Phrase("monday 99"))),
        ('wall:"3 days"', Field("wall", Phrase("3 days"))),
        ("author:may", Field("author", During(date(2026, 5, 1), date(2026, 5, 31), "may"))),
        ("year:2022", Field("year", Word("2022"))),
        ("year:>=2020", Field("year", Compare(">=", "2020"))),
        ("read:2026-13", Field("read", Word("2026-13"))),
        ("mood:last", Field("mood", Word("last"))),
        ('venue:"one of two"', Field("venue", Phrase("one of two"))),
        ("path:../papers", Field("path", Word("../papers"))),
        ("in:opinion", Within(("opinion",), Everything())),
        ("in:opinion a", Within(("opinion",), A)),
        ("a in:opinion b", Within(("opinion",), And((A, B)))),
        ("IN:TL;DR a", Within(("tldr",), A)),
        ('in:"What I expected?" a', Within(("what-i-expected",), A)),
        ("in:what-i-expected a", Within(("what-i-expected",), A)),
        ("in:title in:opinion a", Within(("title", "opinion"), A)),
        ("-in:opinion a", And((Not(Within(("opinion",), Everything())), A))),
        ("in:opinion -a", Within(("opinion",), Not(A))),
        ("in:a OR in:b", Or((Within(("a",), Everything()), Within(("b",), Everything())))),
        ("in:a OR b c", And((Or((Within(("a",), Everything()), B)), C))),
        ("(in:a b) OR (in:c d)", Or((Within(("a",), B), Within(("c",), D)))),
        ("(in:a) b", And((Within(("a",), Everything()), B))),
        ("-(in:a b)", Not(Within(("a",), B))),
        ("in:a (b OR c)", Within(("a",), Or((B, C)))),
        ("in:pdf", InPdf()),
        ("in:pdf a", And((InPdf(), A))),
        ("-in:pdf a", And((Not(InPdf()), A))),
        ("in:pdf in:opinion a", Within(("pdf", "opinion"), A)),
        ("has:figure", Field("has", Word("figure"))),
        ("has:FIGURE", Field("has", Word("figure"))),
        ("-has:pdf", Not(Field("has", Word("pdf")))),
        ("is:orphan", Orphan()),
        ("is:open", Field("is", Word("open"))),
        ("is:queued", Field("is", Word("queued"))),
        ("is:done", Field("is", Word("done"))),
        ("mentions:@may", Field("mentions", Word("may"))),
        ('mention:"Ada Lovelace"', Field("mention", Phrase("Ada Lovelace"))),
        ("mentions:*", Field("mentions", Present())),
        ("mentions:ad*", Field("mentions", Prefix("ad"))),
        ("is:lab", Field("visibility", Word("lab"))),
        ("is:question", Field("kind", Word("question"))),
    ],
)
def test_a_query_reads_as_this_tree(text: str, tree: Query) -> None:
    assert parse_query(text, TODAY) == tree


HAS_TAKES = "has: takes citation, code, comment, figure, link, math, pdf, prediction, problem, query, table, task"
IS_TAKES = (
    "is: takes orphan, entry, open, queued, skimmed, read, summarised, reproduced, planned, running, done, abandoned,"
    " answered, pursued, pruned, private, lab, public, log, note, paper, experiment, project, question, idea, meeting,"
    " digest"
)
BACKWARDS = "the end is before the beginning"
HALF_QUOTED = ("only one end of this range is in quotes", 'write read:"last month..yesterday"')
SAVE_ONE = 'save one in the settings, below [queries]; write "@recent" in quotes for the text'
CITES = 'cites:elhage2022toy finds what cites it; write "@elhage2022toy" in quotes for the text'


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
        ('"my  key": a', 1, 'nothing follows "my key":', 'write "my key":value, or "my key:" in quotes for the text'),
        ("rating:10..1", 1, BACKWARDS, "write rating:1..10"),
        ("a year:2025..2020", 3, BACKWARDS, "write year:2020..2025"),
        ('"my key":b..a', 1, BACKWARDS, 'write "my key":a..b'),
        ("date:2026..2025", 1, BACKWARDS, "write date:2025..2026"),
        ("read:2026-11-20..2026-10", 1, BACKWARDS, "write read:2026-10..2026-11-20"),
        ('read:"today..last month"', 1, BACKWARDS, 'write read:"last month..today"'),
        ("rating:..", 1, "rating:.. names no end", "write rating:from..to, or leave one of the two out"),
        ("after:9999-12-31", 1, "there is no day beyond 9999-12-31", "leave it out: no note is dated so"),
        ("due:>9999-12-31", 1, "there is no day beyond 9999-12-31", "leave it out: no note is dated so"),
        ("a has:figrue", 3, "there is no has:figrue", "did you mean has:figure?"),
        ("is:qeued", 1, "there is no is:qeued", "did you mean is:queued?"),
        ("is:*", 1, "there is no is:*", IS_TAKES),
        ("has:quux", 1, "there is no has:quux", HAS_TAKES),
        ("in:", 1, "nothing follows in:", 'write in:value, or "in:" in quotes for the text'),
        ("in:?!", 1, "in:?! names no part of a note", "write title, code, pdf, or the heading of a section"),
        ('read:"last month"..today', 1, *HALF_QUOTED),
        ('read:2026-10.."last week"', 1, *HALF_QUOTED),
        ("@recent", 1, "no query is saved as @recent", SAVE_ONE),
        ("a @elhage2022toy", 3, "no query is saved as @elhage2022toy", CITES),
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


def steps(text: str) -> int:
    """How many calls reading a query takes."""
    taken = 0

    def count(*_: object) -> None:
        nonlocal taken
        taken += 1

    sys.setprofile(count)
    try:
        with suppress(QuerySyntaxError):
            parse_query(text, TODAY)
    finally:
        sys.setprofile(None)
    return taken


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "a ",
        "-a ",
        "a OR ",
        "(a) ",
        "((a)) ",
        '"a" ',
        'x:"a" ',
        '"x y":a ',
        "read:2026-10 ",
        "in:a ",
        "has:code ",
        "@a ",
        "NOT ",
        "*~",
    ],
)
def test_the_steps_grow_with_the_text_only(text: str) -> None:
    assert steps(text * 4000) <= 2.1 * steps(text * 2000)


@pytest.mark.parametrize(
    "text",
    ["-" * 200_000 + "a", "a " * 99_999, "a OR " * 99_999 + "a", "(a) " * 99_999, "in:a " * 9_999, "a~" * 99_999],
)
def test_a_long_query_is_read(text: str) -> None:
    list(wanted(parse_query(text, TODAY)))


FORMS = [
    "OR",
    "NOT",
    "AND",
    "date:",
    "tag:",
    "in:",
    "has:",
    "is:",
    "code",
    "open",
    "pdf",
    "2026-11",
    "..",
    "@a",
    "@b",
    "may",
]
pieces = st.sampled_from([*'ab "()-:*~.<>=|&\\\t\x00\x1f\ud800検@', *FORMS, " "])
SAVED = {"a": "x OR (in:code y)", "b": "-@a", "loop": "@loop"}


@given(st.one_of(st.lists(pieces).map("".join), st.text()))
def test_any_text_is_a_query_or_a_syntax_error(text: str) -> None:
    mistake = None
    try:
        query = parse_query(text, TODAY, SAVED)
    except QuerySyntaxError as error:
        mistake = error
    if mistake is not None:
        assert 1 <= mistake.column <= max(1, len(text))
        assert mistake.hint
    else:
        list(wanted(query))
        relaxed(query)
        asks_for_pages(query)


@given(st.text())
def test_any_text_in_quotes_is_a_phrase(text: str) -> None:
    text = text.replace('"', "")
    assert parse_query(f'"{text}"', TODAY) == Phrase(text)


@given(
    st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"])),
    st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"])),
)
def test_any_key_and_any_value_can_be_asked_without_a_double_quote(name: str, value: str) -> None:
    name = " ".join(name.split()).casefold()
    if not name or not value.strip() or name in {*DAYS, "in", "has", "is"}:
        return
    query = parse_query(f"{key(name)}:{quoted(value)}", TODAY)
    assert isinstance(query, Field)
    assert isinstance(query.test, Word | Phrase | During)
    assert (query.name, query.test.text) == (name, value)


def test_a_query_of_one_word_or_of_fields_has_nothing_to_relax() -> None:
    for text in ("a", "", "a tag:x -b", "a OR b", "tag:x kind:y"):
        assert relaxed(parse_query(text, TODAY)) is None
    assert relaxed(parse_query('a "b c" -d', TODAY)) == And((Not(D), Or((A, Phrase("b c")))))


def test_what_is_within_a_part_is_relaxed_within_it() -> None:
    assert relaxed(parse_query("in:opinion a b kind:paper", TODAY)) == Within(
        ("opinion",), And((Field("kind", Word("paper")), Or((A, B))))
    )
    assert relaxed(parse_query("(in:opinion a b) c", TODAY)) == And((Within(("opinion",), Or((A, B))), C))
    assert relaxed(parse_query("in:opinion a", TODAY)) is None


def test_words_that_can_be_no_date_cost_no_look_at_the_calendar() -> None:
    code = "import sys; from datetime import date; from carrel.search.query import parse_query as p\n"
    code += (
        "p('author:nanda mood:\"last of all\" year:>2020 read:2026-10 tag:sae read:yesterday', date(2026, 11, 20))\n"
    )
    code += "sys.exit('dateparser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
