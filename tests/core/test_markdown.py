"""What stands in a text: found exactly, with its place, and never inside code, math or comments."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.markdown import plain, scan
from carrel.core.note import Citation, Heading, Link, LinkForm, Markup, Tag


def links(text: str) -> list[tuple[str, str, str]]:
    return [(link.target, link.fragment, link.label) for link in scan(text).links]


def tags(text: str) -> list[str]:
    return [tag.name for tag in scan(text).tags]


def cited(text: str) -> list[tuple[str, str]]:
    return [(citation.key, citation.locator) for citation in scan(text).citations]


def headings(text: str) -> list[tuple[int, str, str]]:
    return [(heading.level, heading.text, heading.slug) for heading in scan(text).headings]


def test_everything_is_found_with_its_place() -> None:
    body = (
        "# Probes #sae\n"
        "\n"
        'See [[toy-models#Results|Elhage]], ![[fig 1.png|300]] and [the plan](../plans/a%20b.md#next "Title").\n'
        "As [see @olah2020zoom, p. 3; -@elhage2022toy] and @{odd/key} say. ^claim\n"
        "\n"
        "[ref]: other.md#part 'Title'\n"
    )
    assert scan(body, first_line=7) == Markup(
        links=(
            Link("toy-models", "Results", "Elhage", False, LinkForm.WIKI, 9, 19, 48),
            Link("fig 1.png", "", "300", True, LinkForm.WIKI, 9, 50, 68),
            Link("../plans/a b.md", "next", "the plan", False, LinkForm.INLINE, 9, 73, 115),
            Link("other.md", "part", "ref", False, LinkForm.DEFINITION, 12, 191, 219),
        ),
        citations=(
            Citation("olah2020zoom", "p. 3", False, 10, 125, 138, (120, 162)),
            Citation("elhage2022toy", "", True, 10, 146, 161, (120, 162)),
            Citation("odd/key", "", False, 10, 167, 177),
        ),
        tags=(Tag("sae", 7, 9, 13),),
        headings=(Heading(1, "Probes #sae", "probes-sae", 7, 0),),
        blocks={"claim": 117},
        comments=(),
        code=(),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[[a]]", [("a", "", "")]),
        ("[[a|b]]", [("a", "", "b")]),
        ("[[a#h]]", [("a", "h", "")]),
        ("[[a#^b1]]", [("a", "^b1", "")]),
        ("[[a#h#sub|label]]", [("a", "h#sub", "label")]),
        ("[[#here]]", [("", "here", "")]),
        ("[[ a  |  b ]]", [("a", "", "b")]),
        ("[[a]][[b]]", [("a", "", ""), ("b", "", "")]),
        ("| [[a\\|b]] | [[c#d\\|e]] |", [("a", "", "b"), ("c", "d", "e")]),
        ("[[a|b|c]]", [("a", "", "b|c")]),
        ("[[[a]]]", [("a", "", "")]),
        ("**[[a]]**", [("a", "", "")]),
        ("- [[a]]\n> [[b]]\n  1. [[c]]", [("a", "", ""), ("b", "", ""), ("c", "", "")]),
        ("[see [[a]] there](b.md)", [("b.md", "", "see [[a]] there"), ("a", "", "")]),
        ("[[a\nb]]", []),
        ("[[]] [[|x]] [[ ]]", []),
        ("[[a", []),
        ("[[a]", []),
        ("\\[[a]]", []),
        ("[a](b.md)", [("b.md", "", "a")]),
        ("[a](<b c.md>)", [("b c.md", "", "a")]),
        ("[a](b_(c).md)", [("b_(c).md", "", "a")]),
        ("[a](b.md 'c') [d](e.md \"f\")", [("b.md", "", "a"), ("e.md", "", "d")]),
        ("[a](#here)", [("", "here", "a")]),
        ("![a](b.png)", [("b.png", "", "a")]),
        ("[![a](b.png)](c.md)", [("c.md", "", "![a](b.png)"), ("b.png", "", "a")]),
        ("[a [b](c.md) d](e.md)", [("c.md", "", "b")]),
        ("[a](http://x.y/z) [b](mailto:a@b.c) [c](//host/x) [d](#) [e]()", []),
        ("[a] (b.md)", []),
        ("[a](b c.md)", []),
        ("[a](b.md", []),
        ("[a]: b.md", [("b.md", "", "a")]),
        ("  [a]: <b c.md> 'title'  \nx", [("b c.md", "", "a")]),
        ("[^1]: A footnote's text", []),
        ("[^1]: word", []),
        ("[a]: b.md and more", []),
        ("text [a]: b.md", []),
        ("[a]: https://x.y", []),
    ],
)
def test_links_are_found_as_they_are_written(text: str, found: list[tuple[str, str, str]]) -> None:
    assert links(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#a #b/c #d-e, #f.", ["a", "b/c", "d-e", "f"]),
        ("(#a) [#b] ,#c ;#d >#e", ["a", "b", "c", "d", "e"]),
        ("#été #日本語 #ключ", ["été", "日本語", "ключ"]),
        ("#a/ #b- #c_d #e1", ["a", "b", "c_d", "e1"]),
        ("#1 #2026 #1a", []),
        ("a#b a/#b &#39; x.y/#z", []),
        ("## #a in a heading", ["a"]),
        ("##a ####", []),
        ("\\#a", []),
        ("[x](y.md#part) [[a#b]] <!-- #c -->", []),
        ("# not a tag\n#tag", ["tag"]),
    ],
)
def test_tags_are_found_as_they_are_written(text: str, found: list[str]) -> None:
    assert tags(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[@a]", [("a", "")]),
        ("[@a, p. 3]", [("a", "p. 3")]),
        ("[see @a, pp. 3-5; also @b, ch. 1 and more; @c]", [("a", "pp. 3-5"), ("b", "ch. 1 and more"), ("c", "")]),
        ("[-@a] says", [("a", "")]),
        ("@a says, and @b.", [("a", ""), ("b", "")]),
        ("[@{https://doi.org/10.1/x}, p. 1]", [("https://doi.org/10.1/x", "p. 1")]),
        ("[@a:b_c.d/e]", [("a:b_c.d/e", "")]),
        ("*@a* “x”—@b “@c” |@d|", [("a", ""), ("b", ""), ("c", ""), ("d", "")]),
        ("@a.b. @c--d @e: @f/", [("a.b", ""), ("c", ""), ("e", ""), ("f", "")]),
        ("[@{key with: odd.chars}, p. 2]", [("key with: odd.chars", "p. 2")]),
        (
            "@a [p. 3] @b [x] @c [^1] @d [e](f.md) @e [[g]] @f [h][i] @g [@h]",
            [("a", "p. 3"), ("b", ""), ("c", ""), ("d", ""), ("e", ""), ("f", ""), ("g", ""), ("h", "")],
        ),
        ("[[@a]]", []),
        ("ada@example.org https://x.y/@ada \\@a @ @.", []),
        ("[@a, [[n]] x] [@b]", [("a", "[[n]] x"), ("b", "")]),
        ("[@a\n\n@b]", [("a", ""), ("b", "")]),
    ],
)
def test_citations_are_found_with_their_locators(text: str, found: list[tuple[str, str]]) -> None:
    assert cited(text) == found


def test_a_bare_citation_has_no_group_and_a_bracketed_one_has() -> None:
    assert [citation.group for citation in scan("@a [@b; @c] @d").citations] == [None, (3, 11), (3, 11), None]


def test_a_citation_knows_whether_it_stands_in_the_label_of_a_link() -> None:
    text = "[a @a](https://x.y) ![b [@b]](c.png) [c @c](d.md) @d [e]"
    found = scan(text).citations
    assert [(one.key, one.labelled) for one in found] == [("a", True), ("b", True), ("c", True), ("d", False)]
    assert [text[slice(*one.bracket)] for one in found if one.bracket] == [" [e]"]


@pytest.mark.parametrize(
    "inside",
    [
        "`{}`",
        "``a ` {} ``",
        "`a\n{}`",
        "```\n{}\n```",
        '```python title="x"\n{}\n````',
        "~~~\n```\n{}\n~~~",
        "```\n{}",
        "- item\n\n  ```\n  {}\n  ```\n",
        "1. one\n   - two\n     ~~~\n     {}\n     ~~~\n",
        "- ```\n  {}\n  ```\n",
        "> ```\n> {}\n> ```\n",
        "para\n\n    {}\n    more\n",
        "\n\t{}\n",
        "\n    a\n\n    {}\n",
        "$x {} y$",
        "$$\n{}\n$$",
        "<!-- {} -->",
        "<!--\n\n{}\n\n-->",
        "<!-- {}",
        "%% {} %%",
        "%%\n{}\n\n%%",
        "`<!--` and `-->` <!-- ` {} -->",
    ],
)
@pytest.mark.parametrize("what", ["[[hidden]]", "#hidden", "[@hidden]", "[a](hidden.md)", "![[hidden]]", "@hidden"])
def test_nothing_is_found_in_code_math_or_comments(inside: str, what: str) -> None:
    found = scan(f"[[before]] #before\n\n{inside.format(what)}")
    assert ([link.target for link in found.links], [tag.name for tag in found.tags]) == (["before"], ["before"])
    assert found.citations == ()
    assert len(found.code) + len(found.comments) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "` [[a]]",
        "`` [[a]] `",
        "`a\n\n[[a]]`",
        "\\`[[a]]\\`",
        "```\ncode\n```\n[[a]]",
        "~~~\ncode\n~~~~\n[[a]]",
        "- a\n\n    [[a]] in the item",
        "1. a\n\n    [[a]]",
        "- a\n    - b\n\n        [[a]]",
        "text\n    [[a]] goes on",
        "<!-- x --> [[a]] -->",
        "%% x %% [[a]]",
        "100% [[a]] 100%",
        "%% [[a]]",
        "$5 and [[a]] and $6",
        "$ [[a]]$",
        "\\$[[a]]\\$",
        "$$ x\n\n[[a]] $$",
        "``` [[a]] ```` x",
        "````\n```\n````\n[[a]]",
    ],
)
def test_what_only_looks_like_code_hides_nothing(text: str) -> None:
    assert [link.target for link in scan(text).links] == ["a"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# One\n## Two ##\n### *Three* `x`", [(1, "One", "one"), (2, "Two", "two"), (3, "Three x", "three-x")]),
        ("   # Indented\n    # code", [(1, "Indented", "indented")]),
        ("a\n\t # b", []),
        ("#No\n####### Seven\n\\# Not", []),
        ("# \n#", [(1, "", "section"), (1, "", "section-1")]),
        ("Title\n=====\nSub\n---", [(1, "Title", "title"), (2, "Sub", "sub")]),
        ("# a\n# A\n# a-1\n# a", [(1, "a", "a"), (1, "A", "a-1"), (1, "a-1", "a-1-1"), (1, "a", "a-2")]),
        (
            "# C# and F#\n# See [[a|the a]] and [b](c.md)",
            [(1, "C# and F#", "c-and-f"), (1, "See the a and b", "see-the-a-and-b")],
        ),
        ("# With a block ^id-1", [(1, "With a block", "with-a-block")]),
        ("- item\n---\n> quote\n---\n| table |\n---\n\n---\n<div>\n---", []),
        ("```\ncode\n```\n---\n", []),
        ("\n    code\n---\n", []),
        ("`a\nb`\n---\n<!--\n-->\n---\n", []),
        ("Use `x`\n---\n", [(2, "Use x", "use-x")]),
        ("```\n# comment\n```\n<!--\n# hidden\n-->", []),
    ],
)
def test_headings_have_their_level_text_and_anchor(text: str, found: list[tuple[int, str, str]]) -> None:
    assert headings(text) == found


def test_block_ids_are_those_at_the_end_of_a_line() -> None:
    assert scan("para ^a\n- item ^b-2  \n^c\n2^n no\nx^d\n`^e`\n^a").blocks == {"a": 0, "b-2": 8, "c": 22}


def test_a_heading_s_line_reads_without_its_markup() -> None:
    assert plain("**Loss** of [[sae|the SAE]] with `k=3`, _see_ [here](x.md) snake_case 2*3*4") == (
        "Loss of the SAE with k=3, see here snake_case 2*3*4"
    )


PIECES = st.sampled_from(
    ["[[", "]]", "[", "]", "![[", "![", "](", ")", "(", "]:", " ", "\n", "\n\n", "\n    ", "\n\t", "`", "``", "```",
     "\n```", "~~~", "\n~~~\n", "$", "$$", "<!--", "-->", "%%", "#", "# ", "\n## ", "@", "-@", "@{", "}", "^", "^a",
     "\n---\n", "\n===", "- ", "> ", "1. ", "|", "\\", "a", "word", "x.md", "#tag", "@key", ", p. 3", ";", '"', "'",
     "<", ">", "é", "字", "😀", "\u2028", "\x00"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=100)


@settings(max_examples=500)
@given(TEXTS, st.integers(1, 9))
def test_any_text_is_scanned_and_every_place_is_what_it_says(text: str, first_line: int) -> None:
    found = scan(text, first_line)
    check_places(text, found, first_line)


def check_places(text: str, found: Markup, first_line: int = 1) -> None:
    def line(start: int) -> int:
        return first_line + text.count("\n", 0, start)

    hidden = sorted([*found.code, *found.comments])
    assert all(0 <= start < end <= len(text) for start, end in hidden)
    assert all(end <= start for (_, end), (start, _) in pairwise(hidden)), "they do not overlap"
    assert all(text.startswith(("<!--", "%%"), start) for start, _ in found.comments)
    begins = [*(link.start for link in found.links), *(tag.start for tag in found.tags)]
    begins += [*(citation.start for citation in found.citations), *(heading.start for heading in found.headings)]
    assert not any(start < begin < end for begin in begins for start, end in hidden)
    for link in found.links:
        written = text[link.start : link.end]
        ends = {LinkForm.WIKI: "]]", LinkForm.INLINE: ")", LinkForm.DEFINITION: ""}
        assert written.startswith(("![" if link.embed else "[") + "[" * link.wiki)
        assert written.endswith(ends[link.form])
        assert link.label in written
        assert link.line == line(link.start)
    for citation in found.citations:
        written = text[citation.start : citation.end]
        assert written.startswith("-@" if citation.suppress_author else "@")
        assert citation.key in written
        assert citation.line == line(citation.start)
        if citation.group is not None:
            start, end = citation.group
            assert start < citation.start < citation.end < end
            assert text[start] + text[end - 1] in ("[]", "!]")
    for tag in found.tags:
        assert text[tag.start : tag.end] == f"#{tag.name}" != "#"
        assert tag.line == line(tag.start)
    for heading in found.headings:
        assert heading.line == line(heading.start)
        assert heading.level in range(1, 7)
        assert heading.start == 0 or text[heading.start - 1] == "\n"
    assert len({heading.slug for heading in found.headings}) == len(found.headings)
    for block, start in found.blocks.items():
        assert start == 0 or text[start - 1] == "\n"
        assert f"^{block}" in text[start:].split("\n")[0]
    for spans in (found.links, found.tags, found.citations, found.headings):
        assert sorted(span.start for span in spans) == [span.start for span in spans]


def test_the_whole_of_commonmark_s_specification_is_scanned(data: Path) -> None:
    text = (data / "08-spec-commonmark/files/spec.txt").read_text("utf-8")
    found = scan(text)
    check_places(text, found)
    assert [heading.text for heading in found.headings if heading.level == 1] == [
        "Introduction", "Preliminaries", "Blocks and inlines", "Leaf blocks", "Container blocks", "Inlines",
        "Appendix: A parsing strategy",
    ]  # fmt: skip
    assert [heading.text for heading in found.headings if heading.level == 2][:3] == [
        "What is Markdown?", "Why is a spec needed?", "About this document",
    ]  # fmt: skip


def test_every_note_of_the_real_vaults_is_scanned(data: Path) -> None:
    seen = 0
    for folder in ("01-logs-cboettig", "02-notes-tai-safety-bib", "03-vault-dendron-site", "03-vault-logseq-docs"):
        for file in sorted((data / folder).rglob("*.md"))[:300]:
            text = file.read_text("utf-8", "replace").replace("\r\n", "\n")
            check_places(text, scan(text))
            seen += 1
    assert seen > 300
