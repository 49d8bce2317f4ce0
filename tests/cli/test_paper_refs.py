"""`carrel paper refs`: what a paper cites and what cites it, from an index that is played on this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.sources import Recorded, Reply
from tests.support import Carrel

TOY = """---
kind: paper
citekey: elhage2022toy
title: "Toy Models of Superposition"
authors: [Nelson Elhage]
year: 2022
{ids}
---
"""


def work(number: int, title: str, author: str, **fields: Any) -> dict[str, Any]:
    """A record of OpenAlex."""
    return {
        "id": f"https://openalex.org/W{number}",
        "title": title,
        "publication_year": 2000 + number,
        "authorships": [{"raw_author_name": author}],
        **fields,
    }


CITED = [
    work(1, "Visualizing Data using t-SNE", "Laurens van der Maaten", doi="https://doi.org/10.1000/1"),
    work(17, "Attention\nIs All You Need", "Ashish Vaswani", doi="https://doi.org/10.48550/arXiv.1706.03762"),
    work(3, "A \x1b[31mred\x1b[0m report", ""),
]
CITING = [work(23, "Towards Monosemanticity", "Trenton Bricken", doi="https://doi.org/10.1000/23")]


def attention(key: str) -> str:
    """The note of a paper that the toy paper cites."""
    text = TOY.replace("elhage2022toy", key).replace("Nelson Elhage", "Ashish Vaswani")
    return re.sub("(?m)^title: .*$", "title: Attention", text).format(ids="arxiv: 1706.03762")


@pytest.fixture
def index(sources: Recorded, write: Callable[[str, str], Path]) -> Recorded:
    """The toy paper, one that it cites, and an index that knows both."""
    write("papers/elhage2022toy.md", TOY.format(ids='arxiv: "2209.10652"'))
    write("papers/vaswani2017attention.md", attention("vaswani2017attention"))
    known = work(0, "Toy Models of Superposition", "Nelson Elhage", referenced_works=["W1", "W17", "W3"])
    sources.also = {
        "^/openalex/works/doi:10.48550/arxiv.2209.10652": Reply(200, json.dumps(known).encode()),
        "^/openalex/works\\?filter=openalex:W1|W17|W3&": Reply(200, json.dumps({"results": CITED}).encode()),
        "^/openalex/works\\?filter=cites:W0&": Reply(200, json.dumps({"results": CITING}).encode()),
    }
    return sources


def test_what_it_cites_and_what_cites_it_with_the_keys_of_those_that_are_here(carrel: Carrel, index: Recorded) -> None:
    said = carrel("paper", "refs", "elhage2022toy")
    assert said.code == 0
    assert said.out == (
        "cites     -                     2001  van der Maaten  Visualizing Data using t-SNE  10.1000/1\n"
        "cites     vaswani2017attention  2017  Vaswani         Attention Is All You Need     arXiv:1706.03762\n"
        "cites     -                     2003                  A [31mred [0m report          https://openalex.org/W3\n"
        "cited by  -                     2023  Bricken         Towards Monosemanticity       10.1000/23\n"
    )
    assert said.err == "cites 3 papers, 1 of them here\ncited by 1 paper, 0 of them here\n"


def test_one_direction_has_no_column_for_it(carrel: Carrel, index: Recorded) -> None:
    said = carrel("paper", "refs", "@elhage2022toy", "--cited-by")
    assert said.out == "-  2023  Bricken  Towards Monosemanticity  10.1000/23\n"
    assert "cites" not in said.err
    assert len(carrel("paper", "refs", "elhage2022toy", "--cites").out.splitlines()) == 3


def test_a_limit_is_a_limit_and_is_told(carrel: Carrel, index: Recorded) -> None:
    index.also["^/openalex/works\\?filter=openalex:W1&"] = Reply(200, json.dumps({"results": CITED[:1]}).encode())
    said = carrel("paper", "refs", "elhage2022toy", "--cites", "-n", "1")
    assert len(said.out.splitlines()) == 1
    assert said.err == "cites 1 paper, 0 of them here; -n 2 shows more\n"


def test_programs_get_json(carrel: Carrel, index: Recorded) -> None:
    rows = json.loads(carrel("paper", "refs", "elhage2022toy", "--cites", "--json").out)
    assert rows[1] == {
        "relation": "cites",
        "key": "vaswani2017attention",
        "path": "papers/vaswani2017attention.md",
        "year": "2017",
        "authors": ["Ashish Vaswani"],
        "title": "Attention Is All You Need",
        "venue": "arXiv",
        "doi": "",
        "arxiv": "1706.03762",
        "url": "https://openalex.org/W17",
    }
    lines = carrel("paper", "refs", "elhage2022toy", "--jsonl").out.splitlines()
    assert [json.loads(one)["relation"] for one in lines] == ["cites", "cites", "cites", "cited by"]


def test_the_key_is_the_one_that_the_note_says(
    carrel: Carrel, index: Recorded, write: Callable[[str, str], Path], kb: KnowledgeBase
) -> None:
    (kb.root / "papers/vaswani2017attention.md").unlink()
    write("papers/Attention.md", attention("vaswani:2017"))
    row = json.loads(carrel("paper", "refs", "elhage2022toy", "--cites", "--json").out)[1]
    assert (row["key"], row["path"]) == ("vaswani:2017", "papers/Attention.md")


def test_what_was_asked_is_there_offline(carrel: Carrel, index: Recorded) -> None:
    said = carrel("paper", "refs", "elhage2022toy", "--offline")
    assert said.code == 1
    assert "offline: no answer of 127.0.0.1 is kept" in said.err
    online = carrel("paper", "refs", "elhage2022toy")
    asked = len(index.requests)
    assert carrel("paper", "refs", "elhage2022toy", "--offline") == online
    assert len(index.requests) == asked


def test_semantic_scholar_can_be_asked_instead(carrel: Carrel, index: Recorded) -> None:
    page = {"data": [{"citedPaper": {"title": "t-SNE", "year": 2008, "externalIds": {"CorpusId": 7}}}]}
    index.also["^/semanticscholar/graph/v1/paper/ARXIV:2209.10652/references"] = Reply(200, json.dumps(page).encode())
    said = carrel("paper", "refs", "elhage2022toy", "--cites", "--source", "semanticscholar")
    assert said.out == "-  2008    t-SNE\n"


def test_one_direction_that_fails_does_not_hide_the_other(carrel: Carrel, index: Recorded) -> None:
    index.also["^/openalex/works\\?filter=cites:W0&"] = Reply(400)
    said = carrel("paper", "refs", "elhage2022toy")
    assert said.code == 1
    assert len(said.out.splitlines()) == 3
    assert "carrel: 127.0.0.1 answered 400" in said.err


def test_a_paper_that_the_index_does_not_know_is_an_error(
    carrel: Carrel, index: Recorded, write: Callable[[str, str], Path]
) -> None:
    write("papers/elhage2022toy.md", TOY.format(ids='doi: "10.1000/unknown"'))
    said = carrel("paper", "refs", "elhage2022toy")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "carrel: OpenAlex has no work doi:10.1000/unknown\n"
        "        check the id on https://openalex.org; or ask the other index: --source semanticscholar\n"
    )


def test_without_an_identifier_the_exact_title_serves(
    carrel: Carrel, index: Recorded, write: Callable[[str, str], Path]
) -> None:
    found = work(0, "Toy models of superposition", "N. Elhage", doi="https://doi.org/10.48550/arxiv.2209.10652")
    index.also["title.search:Toy.Models"] = Reply(200, json.dumps({"results": [found]}).encode())
    write("papers/elhage2022toy.md", TOY.format(ids=""))
    assert len(carrel("paper", "refs", "elhage2022toy", "--cites").out.splitlines()) == 3
    write("papers/elhage2022toy.md", TOY.format(ids="").replace("Nelson Elhage", "Chris Olah"))
    said = carrel("paper", "refs", "elhage2022toy", "--cites")
    assert said.code == 1
    assert "elhage2022toy has neither a DOI nor an arXiv id, and its title does not say which paper it is" in said.err
    assert "write its doi or its arxiv id into the front matter" in said.err


def test_what_is_no_paper_is_said(carrel: Carrel, write: Callable[[str, str], Path]) -> None:
    write("notes/idea.md", "---\ntitle: An idea\n---\n")
    assert carrel("paper", "refs", "idea").code == 2
    assert "no note called 'nothing'" in carrel("paper", "refs", "nothing").err
