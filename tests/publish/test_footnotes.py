"""Footnotes below a text: those with a sign and those written within it, in the order in which a reader meets them."""

from __future__ import annotations

import re

import pytest

from carrel.core.markdown import scan
from carrel.publish.edition.edition import Edition
from carrel.publish.render.markdown import Rendered, Renderer
from carrel.publish.text.words import entry_title, words
from tests.publish.support import edition, pages, rewritten

PAPER = (
    "---\nkind: paper\ncitekey: olah2020zoom\ntitle: Zoom In\nauthors: [Chris Olah]\nyear: 2020\n"
    "visibility: public\n---\n"
)


def render(text: str) -> Rendered:
    return Renderer(lambda _page, address: address).render("notes/x.md", text)


def parts(text: str) -> tuple[str, list[str]]:
    """The words of a page with its footnotes' numbers as `(1)`, and the footnotes in order, without their way back."""
    shown, _, notes = render(text).html.partition('<div class="footnote">')
    shown = re.sub(r"<sup [^>]*><a [^>]*>(\d+)</a></sup>", r"(\1)", shown)
    items = re.findall(r"<li id=\"fn:[^\"]*\">(.*?)</li>", notes, re.DOTALL)
    inner = [re.sub(r"(?:&nbsp;)?<a class=\"footnote-backref\".*?</a>|</?p>", "", item).strip() for item in items]
    return re.sub(r"</?(?:p|li|ul|td)>|\n", "", shown), inner


@pytest.mark.parametrize(
    ("text", "shown", "notes"),
    [
        ("One.^[Two.] Three.", "One.(1) Three.", ["Two."]),
        ("a^[*b*, [c](d.md) and `^[e]` $x^[2]$]", "a(1)", [
            '<em>b</em>, <a href="d.md">c</a> and <code>^[e]</code> <span class="arithmatex">$x^[2]$</span>'
        ]),
        ("a^[over\ntwo lines]", "a(1)", ["overtwo lines"]),
        ("a^[b [c] d]", "a(1)", ["b [c] d"]),
        ("- a^[b]\n- c^[d]", "a(1)c(2)", ["b", "d"]),
        ("a[^x] b^[within] c[^y] d[^x]\n\n[^y]: Y\n[^x]: X", "a(1) b(2) c(3) d(1)", ["X", "within", "Y"]),
        ("a^[b[^x]]\n\n[^x]: X", "a(1)", [
            'b<sup id="fnref:x"><a class="footnote-ref" href="#fn:x">2</a></sup>', "X"
        ]),
        ("a^[b] c[^text-1]\n\n[^text-1]: C", "a(1) c(2)", ["b", "C"]),
        ("a^[b]\n\n[b]: c.md", "a(1)", ["b"]),
        ("a^[ ]", "a", []),
    ],
)  # fmt: skip
def test_a_footnote_may_stand_within_the_text(text: str, shown: str, notes: list[str]) -> None:
    assert (parts(text)[0], [note.replace("\n", "") for note in parts(text)[1]]) == (shown, notes)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"a\^[b]", "<p>a^[b]</p>"),
        ("`a^[b]`", "<p><code>a^[b]</code></p>"),
        ("$a^[b]$", '<p><span class="arithmatex">$a^[b]$</span></p>'),
        ("a^[b", "<p>a^[b</p>"),
        ("a^[b\n\nc]", "<p>a^[b</p>\n<p>c]</p>"),
        ("a^[b](c.md)", '<p>a^<a href="c.md">b</a></p>'),
        ("[a](https://x.y/^[b])", '<p><a href="https://x.y/^[b]">a</a></p>'),
    ],
)
def test_what_only_looks_like_one_stays(text: str, html: str) -> None:
    assert render(text).html == html


def test_each_leads_to_its_text_and_back_and_is_no_part_of_a_headings_name() -> None:
    page = render("## A claim^[Said by one.]\n\nx^[y]")
    assert [token["name"] for token in page.toc] == ["A claim"]
    assert '<sup id="fnref:text-2"><a class="footnote-ref" href="#fn:text-2">2</a></sup>' in page.html
    assert '<li id="fn:text-2">\n<p>y&nbsp;<a class="footnote-backref" href="#fnref:text-2" ' in page.html


def test_a_footnote_named_in_another_only_has_its_way_back() -> None:
    assert 'href="#fnref:x"' in render("a^[b[^x]]\n\n[^x]: X").html


def test_a_page_may_have_many_and_not_so_many_that_nobody_could_wait_for_them() -> None:
    assert render("a^[b [c] d] " * 1900).html.count("<li") == 1900
    assert render("a^[b] " * 2001).trouble == "holds too many footnotes"


def test_what_a_page_hides_it_hides_in_a_footnote() -> None:
    body = "a^[See [[secret]], [[secret|it]] and @olah2020zoom %%for me%%] b^[%%for me%%]"
    text, loose = rewritten(body, {"notes/secret.md": "---\nvisibility: private\n---\nx"})
    assert text == "a^[See unshared note, it and unshared paper ] b^[]"
    assert len(loose) == 3
    assert parts(text) == ("a(1) b", ["See unshared note, it and unshared paper"])


def test_a_citation_in_a_footnote_reads_as_in_a_sentence() -> None:
    link = "[Olah (2020)](../papers/olah2020zoom.md)"
    for written, shown in (
        ("^[@olah2020zoom]", f"^[{link}]"),
        ("^[See @olah2020zoom, p. 3; thanks @sam]", f"^[See {link}, p. 3; thanks @sam]"),
        ("^[as said [@olah2020zoom]]", "^[as said ([Olah, 2020](../papers/olah2020zoom.md))]"),
        ("\\^[@olah2020zoom]", "\\^([Olah, 2020](../papers/olah2020zoom.md))"),
    ):
        assert rewritten(written, {"papers/olah2020zoom.md": PAPER})[0] == shown
    assert [one.group for one in scan("^[@a] ^[see @b, [@c]]").citations] == [None, None, (16, 20)]


def _edition(body: str) -> Edition:
    return edition({"notes/a.md": body})


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("Claim.^[Said [by] one.] More.", "Claim. (Said [by] one.) More."),
        ("Claim.[^1] More[^two]: so.", "Claim. More: so."),
        ("Claim.[^1]\n\n[^1]: One said so.", "Claim. One said so."),
        ("`^[a-z]` $x^[2]$ a^[ ]", "^[a-z] $x^[2]$ a"),
    ],
)
def test_in_a_list_a_footnote_has_no_sign(body: str, line: str) -> None:
    made = _edition(body)
    assert words(made, made.by_path["notes/a.md"], 0, len(body)) == line


def test_nor_has_the_name_of_an_entry_or_a_note() -> None:
    made = edition({
        "notes/2026/2026-11-20.md": "---\nvisibility: public\n---\n## 09:00 Up^[By [a] hair.] again[^1]\n\n[^1]: x",
        "notes/a.md": "---\nvisibility: public\n---\n# A claim[^1] holds^[So far.]\n\n[^1]: x",
    })  # fmt: skip
    day = made.by_path["notes/2026/2026-11-20.md"]
    assert entry_title(made, day, day.entries[0]) == "Up (By [a] hair.) again"
    assert made.titles["notes/a.md"] == "A claim holds (So far.)"


def test_a_backlink_says_the_words_around_a_link_in_a_footnote() -> None:
    page = pages({"notes/a.md": "Loss falls.^[See [[b]] for why.]", "notes/b.md": "x"})["notes/b.md"]
    assert "Loss falls. (See b for why.)" in page.text
