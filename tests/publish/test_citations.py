"""Citations in a note: links to the papers' pages, in the words of the style; keys and people stay what they are."""

from __future__ import annotations

import time

import pytest

from carrel.metadata.style import parse_style
from tests.metadata.styles import NUMBERED
from tests.publish.support import rewritten


def paper(key: str, authors: str, year: str, visibility: str = "public") -> str:
    return (
        f"---\ntitle: 'Title of {key}'\nkind: paper\ncitekey: '{key}'\nauthors: [{authors}]\nyear: {year}\n"
        f"visibility: {visibility}\n---\n"
    )


PAPERS = {
    "papers/elhage2022toy.md": paper("elhage2022toy", "Nelson Elhage, Tristan Hume, Chris Olah", "2022"),
    "papers/olah2020zoom.md": paper("olah2020zoom", "Chris Olah", "2020"),
    "papers/doe2021first.md": paper("doe2021first", "Jane Doe", "2021"),
    "papers/doe2021second.md": paper("doe2021second", "Jane Doe", "2021"),
    "papers/odd.md": paper("DBLP:conf/x/Y-19", "Ann Odd", "2019"),
    "papers/spaced.md": paper("key with: odd.chars", "Ann Spaced", "2018"),
    "papers/hidden2020paper.md": paper("hidden2020paper", "Secret Author", "2020", "private"),
}
TOY, ZOOM = "../papers/elhage2022toy.md", "../papers/olah2020zoom.md"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[@elhage2022toy]", f"([Elhage et al., 2022]({TOY}))"),
        ("[@elhage2022toy, p. 3]", f"([Elhage et al., 2022]({TOY}), p. 3)"),
        ("[@elhage2022toy p. 3]", f"([Elhage et al., 2022]({TOY}), p. 3)"),
        ("[@elhage2022toy and others]", f"([Elhage et al., 2022]({TOY}) and others)"),
        ("[-@elhage2022toy]", f"([2022]({TOY}))"),
        (
            "[see @elhage2022toy, pp. 33-35 and passim; also @olah2020zoom]",
            f"(see [Elhage et al., 2022]({TOY}), pp. 33-35 and passim; also [Olah, 2020]({ZOOM}))",
        ),
        ("[see\n@olah2020zoom]", f"(see\n[Olah, 2020]({ZOOM}))"),
        ("@elhage2022toy says", f"[Elhage et al. (2022)]({TOY}) says"),
        ("as @olah2020zoom.", f"as [Olah (2020)]({ZOOM})."),
        ("@olah2020zoom [p. 3] says", f"[Olah (2020, p. 3)]({ZOOM}) says"),
        ("Olah -@olah2020zoom says", f"Olah [2020]({ZOOM}) says"),
        ("“@olah2020zoom”", f"“[Olah (2020)]({ZOOM})”"),
        (
            "@olah2020zoom [^1]\n\n[^1]: See [@olah2020zoom].",
            "[Olah (2020)]({0}) [^1]\n\n[^1]: See ([Olah, 2020]({0})).",
        ),
        ("| [@olah2020zoom] |\n|---|", f"| ([Olah, 2020]({ZOOM})) |\n|---|"),
        ("## On @olah2020zoom", f"## On [Olah (2020)]({ZOOM}) {{: #on-olah2020zoom }}"),
        ("[@DBLP:conf/x/Y-19]", "([Odd, 2019](../papers/odd.md))"),
        ("[@{key with: odd.chars}, p. 2]", "([Spaced, 2018](../papers/spaced.md), p. 2)"),
    ],
)
def test_a_citation_is_a_link_to_the_paper_with_author_and_year(written: str, shown: str) -> None:
    assert rewritten(written, PAPERS) == (shown.replace("{0}", ZOOM), [])


@pytest.mark.parametrize(
    "written",
    [
        "I asked @sam about it",
        "mail olah2020zoom@example.org or a@olah2020zoom",
        "https://example.org/@olah2020zoom",
        "`@olah2020zoom` and $x_@olah2020zoom$",
        "```\n[@olah2020zoom]\n```",
        "\\@olah2020zoom",
        "@sam [p. 3]",
    ],
)
def test_what_is_no_citation_stays_as_it_is_written(written: str) -> None:
    assert rewritten(written, PAPERS) == (written, [])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[see @olah2020zoom](https://example.org)", "[see Olah (2020)](https://example.org)"),
        ("[see [@olah2020zoom]](https://example.org)", "[see (Olah, 2020)](https://example.org)"),
        (
            "![after [@olah2020zoom, p. 3]](https://example.org/x.png)",
            "![after (Olah, 2020, p. 3)](https://example.org/x.png)",
        ),
        ("[see @olah2020zoom](here.md)", "[see Olah (2020)](here.md)"),
    ],
)
def test_a_citation_in_the_label_of_a_link_is_its_words(written: str, shown: str) -> None:
    assert rewritten(written, PAPERS) == (shown, [])


def test_two_papers_of_one_author_and_year_have_letters_when_both_are_cited() -> None:
    text, _ = rewritten("[@doe2021second] @doe2021first [-@doe2021first]", PAPERS)
    second, first = "../papers/doe2021second.md", "../papers/doe2021first.md"
    assert text == f"([Doe, 2021b]({second})) [Doe (2021a)]({first}) ([2021a]({first}))"
    assert rewritten("[@doe2021second]", PAPERS)[0] == f"([Doe, 2021]({second}))"


def test_a_hidden_paper_gives_no_letter_and_reads_like_one_that_was_never_there() -> None:
    hidden = {**PAPERS, "papers/doe2021second.md": paper("doe2021second", "Jane Doe", "2021", "private")}
    body = "[@doe2021first; @doe2021second, p. 2] @doe2021second"
    first = "[Doe, 2021](../papers/doe2021first.md)"
    assert rewritten(body, hidden)[0] == f"({first}; unshared paper, p. 2) unshared paper"
    del hidden["papers/doe2021second.md"]
    assert rewritten(body, hidden)[0] == f"({first}; unshared paper, p. 2) unshared paper"


def test_in_the_authors_own_edition_a_key_without_a_paper_stays_as_it_is_written() -> None:
    assert rewritten("[@nobody2020, p. 3]", PAPERS, audience="private")[0] == "(&#64;nobody2020, p. 3)"


def test_a_comment_after_a_key_does_not_come_along_as_its_page() -> None:
    text, _ = rewritten(
        "@olah2020zoom [p. 3 <!-- hush -->] @olah2020zoom [%%hush%%] [@olah2020zoom, p. <!-- hush --> 3]", PAPERS
    )
    assert "hush" not in text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[@olah2020zoom] [@elhage2022toy] [@olah2020zoom]", f"[[1]({ZOOM})] [[2]({TOY})] [[1]({ZOOM})]"),
        ("[see @olah2020zoom, p. 3; @elhage2022toy]", f"see [[1]({ZOOM}), p. 3], [[2]({TOY})]"),
        (
            "@olah2020zoom and @elhage2022toy [p. 3]",
            f"[Olah &#91;1&#93;]({ZOOM}) and [Elhage et al. &#91;2, p. 3&#93;]({TOY})",
        ),
        ("[-@olah2020zoom]", f"[[1]({ZOOM})]"),
    ],
)
def test_a_style_of_numbers_counts_the_papers_of_the_page(written: str, shown: str) -> None:
    text, _ = rewritten(written, PAPERS, style=parse_style(NUMBERED, "numbered.csl"))
    assert text.replace("&#91;[", "[[").replace(")&#93;", ")]").replace("p. 3&#93;,", "p. 3],") == shown


@pytest.mark.parametrize("bomb", ["@a [" * 20_000, "[@olah2020zoom; " * 5_000, "@a" + ":a" * 50_000, "@{" * 50_000])
def test_what_looks_like_citations_without_end_is_read_in_linear_time(bomb: str) -> None:
    started = time.process_time()
    rewritten(bomb, PAPERS)
    assert time.process_time() - started < 10
