"""Query blocks in notes: what is one, what it says, and that only the table below it is ever changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.parse import parse_note
from carrel.core.query_block import (
    BadBlock,
    BlockPlace,
    QueryBlock,
    block_of,
    find_blocks,
    has_block,
    read_block,
    with_tables,
)

BLOCK = "```carrel\nkind:paper\n```"
TABLE = "<!-- carrel:table 12345678 -->\n\n| title |\n|---|\n\n*1 note*\n\n<!-- /carrel:table -->"


def blocks(body: str) -> list[tuple[int, str, str]]:
    """Of each block, its line, what it says, and why it has no table."""
    return [(one.line, one.text, one.trouble) for one in find_blocks(parse_note("notes/a.md", body.encode()))]


def complaint(text: str) -> tuple[int, str]:
    with pytest.raises(BadBlock) as caught:
        read_block(text, 10)
    return caught.value.line, caught.value.message


def test_a_block_is_a_query_over_several_lines_and_then_settings() -> None:
    query = '\nkind:paper rating:>=4\n  read:"last month"\n\n'
    text = f"{query}Columns: title, Authors,year,\nsort: -rating\nlimit: 20\nfreeze: TRUE\n"
    assert read_block(text, 7) == QueryBlock(
        'kind:paper rating:>=4 read:"last month"',
        ("title", "Authors", "year"),
        "-rating",
        20,
        True,
        ((8, "kind:paper rating:>=4"), (9, 'read:"last month"')),
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 10, "there is no query in this block; `*` asks for every note"),
        ("limit: 3", 10, "there is no query in this block; `*` asks for every note"),
        ("a\ncolums: title", 11, "there is no setting colums: did you mean columns?"),
        ("a\nzebra: x", 11, "there is no setting zebra: there are columns, sort, limit, freeze"),
        ("a\nlimit: 3\nb", 12, "the query stands before the settings: 'b'"),
        ("a\nlimit:3", 11, "write `limit: 3` for the setting, or `(limit:3)` to search that field"),
        ("a\nlimit: none", 11, "limit: a number from 1 to 1000 is wanted"),
        ("a\nlimit: 0", 11, "limit: a number from 1 to 1000 is wanted"),
        ("a\nlimit: 9999999999999999999999", 11, "limit: a number from 1 to 1000 is wanted"),
        ("a\nlimit: ²", 11, "limit: a number from 1 to 1000 is wanted"),
        ("a\nlimit: 3\nlimit: 4", 12, "limit: is said twice"),
        ("a\ncolumns: ,", 11, "columns: name some, as in `columns: title, authors, year`"),
        ("a\nfreeze: maybe", 11, "freeze: true or false is wanted"),
        ("a <!-- /carrel:table -->", 10, "a query in a block cannot hold <!-- or -->"),
    ],
)
def test_what_a_block_cannot_say_is_told_with_its_line(text: str, line: int, message: str) -> None:
    assert complaint(text) == (line, message)


def test_a_place_in_the_query_is_a_place_in_the_file() -> None:
    block = read_block("kind:paper\n  zebra (", 5)
    assert block.query == "kind:paper zebra ("
    assert [block.place(column) for column in (1, 10, 12, 18)] == [(5, 1), (5, 10), (6, 1), (6, 7)]


def test_a_block_begins_where_its_fence_does_counting_the_front_matter() -> None:
    assert blocks(f"---\ntitle: A\n---\nText\n\n{BLOCK}\n\n~~~~ carrel\nb\n~~~~\n") == [
        (6, "kind:paper", ""),
        (10, "b", ""),
    ]


@pytest.mark.parametrize(
    "body",
    [
        f"````markdown\n{BLOCK}\n````\n",
        f"<!--\n{BLOCK}\n-->\n",
        "```carrels\na\n```\n",
        "```carrel sort\na\n```\n",
        "inline ```carrel\na``` code\n",
        "Text\n\n    ```carrel\n    a\n    ```\n",
    ],
)
def test_what_only_looks_like_a_block_is_text(body: str) -> None:
    note = parse_note("notes/a.md", body.encode())
    assert not has_block(note)
    assert find_blocks(note) == []


@pytest.mark.parametrize(
    "body",
    ["- ```carrel\n  a\n  ```\n", "> ```carrel\n> a\n> ```\n", "1. one\n\n   ```carrel\n   a\n   ```\n\n2. two\n"],
)
def test_a_block_in_a_list_or_a_quotation_has_no_table(body: str) -> None:
    assert [trouble for _, _, trouble in blocks(body)] == [
        "a query that is indented, in a list or a quotation has no table"
    ]


@pytest.mark.parametrize("body", ["```carrel\nkind:paper\n\nText\n", "```carrel", "````carrel\nkind:paper\n```\n"])
def test_a_block_without_its_end_is_told_and_gets_no_table(body: str) -> None:
    found = find_blocks(parse_note("notes/a.md", body.encode()))
    assert [one.trouble for one in found] == ["the line of ``` that ends this block is missing"]


@pytest.mark.parametrize(
    "table",
    [
        TABLE.replace("<!-- carrel", "<!--carrel"),
        TABLE.replace("<!-- carrel", "<!-- Carrel"),
        TABLE.replace(" /carrel:table -->", "/ CARREL : table-->"),
    ],
)
def test_a_marker_is_known_whatever_became_of_its_blanks_and_capitals(table: str) -> None:
    note = parse_note("notes/a.md", f"{BLOCK}\n\n{table}\n\n[[mine]]\n".encode())
    (found,) = find_blocks(note)
    assert (found.trouble, note.body[slice(*found.table or ())]) == ("", table)
    assert [link.target for link in note.markup.links] == ["mine"]


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (f"{BLOCK}\n\n{TABLE}\n\n{BLOCK}\n\n{TABLE}\n", ""),
        (f"{BLOCK}\n{TABLE}\n", ""),
        (
            f"{BLOCK}\n\n{TABLE.removesuffix('<!-- /carrel:table -->')}\nText\n",
            "one of the table's two markers is missing; remove the other with the old table, or put it back",
        ),
        (
            f"{BLOCK}\n\n{TABLE.partition('-->')[2]}\nText\n",
            "one of the table's two markers is missing; remove the other with the old table, or put it back",
        ),
        (
            f"{BLOCK}\n\nText\n\n{TABLE}\n",
            "something stands between the query and its table; move that below the table",
        ),
        (f"{BLOCK}\n\n{TABLE}\n\n{TABLE}\n", "two tables stand below the query; remove one, markers and all"),
    ],
)
def test_a_table_is_known_by_both_of_its_markers(body: str, trouble: str) -> None:
    found = find_blocks(parse_note("notes/a.md", body.encode()))
    assert {one.trouble for one in found} == {trouble}
    if trouble:
        with pytest.raises(BadBlock, match=re.escape(trouble)):
            block_of(found[0])


def test_a_marker_that_lost_its_other_takes_no_text_with_it() -> None:
    note = parse_note("notes/a.md", f"{BLOCK}\n\n<!-- carrel:table 1 -->\n\n[[mine]]\n\n{BLOCK}\n\n{TABLE}\n".encode())
    assert [link.target for link in note.markup.links] == ["mine"]


def test_tables_are_no_prose() -> None:
    inside = TABLE.replace("| title |", "| [[a]] #tag [@key] |\n## Heading\n```")
    note = parse_note("notes/a.md", f"{BLOCK}\n\n{inside}\n\n[[b]] `code`\n".encode())
    assert [link.target for link in note.markup.links] == ["b"]
    assert (note.markup.tags, note.markup.citations, note.markup.headings) == ((), (), ())


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"A\n\n{BLOCK}", f"A\n\n{BLOCK}\n\n{TABLE}"),
        (f"{BLOCK}\n", f"{BLOCK}\n\n{TABLE}\n"),
        (f"{BLOCK}  \n\n\nText\n", f"{BLOCK}  \n\n{TABLE}\n\n\nText\n"),
        (f"{BLOCK}\nText\n", f"{BLOCK}\n\n{TABLE}\n\nText\n"),
        (f"é\n{BLOCK}\n\n<!-- carrel:table -->x<!-- /carrel:table -->\nText", f"é\n{BLOCK}\n\n{TABLE}\nText"),
    ],
)
def test_a_table_comes_below_its_block_in_the_line_ends_of_the_note(before: str, after: str, newline: str) -> None:
    raw = before.replace("\n", newline)
    note = parse_note("notes/a.md", raw.encode())
    assert with_tables(raw, [(one, TABLE) for one in find_blocks(note)]) == after.replace("\n", newline)


@given(
    st.lists(
        st.sampled_from(
            [BLOCK, TABLE, "```", "~~~", "text", "\r", "\r\n", "\n", "\n\n", "<!-- ", " -->", "- ", "> ", "    ", "é",
             "<!-- carrel:table 12345678 -->", "<!-- /carrel:table -->", "%%", "$$", "`"]
        ),
        max_size=12,
    ).map("".join)
)  # fmt: skip
def test_whatever_stands_in_a_note_only_tables_change(raw: str) -> None:
    note = parse_note("notes/a.md", raw.encode())
    good = [one for one in find_blocks(note) if not one.trouble]
    new = with_tables(raw, [(one, TABLE) for one in good])
    again = parse_note("notes/a.md", new.encode())
    assert [one.text for one in find_blocks(again)] == [one.text for one in find_blocks(note)]
    assert _without_tables(again.body, find_blocks(again)) == _without_tables(note.body, find_blocks(note))


def _without_tables(body: str, blocks: Sequence[BlockPlace]) -> list[str]:
    """What stands outside of the tables, blanks apart."""
    edges = [0, *(edge for one in blocks for edge in one.table or (one.end, one.end)), len(body)]
    return "".join(body[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)).split()
