"""Digests on their way out: the feed of them, and a page as a mail."""

from __future__ import annotations

import re

import pytest

from carrel.publish.pages.address import Address
from carrel.publish.pages.every_file import made_files
from carrel.publish.render.mail import as_mail, as_text
from tests.publish.support import edition

WEEK = "---\ntitle: Digest of week 47\nkind: digest\ndate: 2026-11-20\nvisibility: {}\n---\nOur week.\n"


def feeds(notes: dict[str, str]) -> dict[str, str]:
    made = edition(notes)
    files = made_files(made, Address("Lab", "https://lab.example/"), frozenset())
    return {one.path: one.content(made) for one in files if one.path == "feeds/digests.xml"}


def test_digests_have_a_feed_of_their_own_of_those_that_are_shared() -> None:
    notes = {
        "notes/digests/2026-w47-public.md": WEEK.format("public"),
        "notes/digests/2026-w47.md": WEEK.format("private"),
        "notes/other.md": "---\ndate: 2026-11-20\nvisibility: public\n---\n",
    }
    text = feeds(notes)["feeds/digests.xml"]
    assert re.findall(r"<title>(.*?)</title>", text) == ["Lab: Digests", "Digest of week 47"]
    assert '<link href="https://lab.example/notes/digests/2026-w47-public.html"/>' in text
    assert "<summary>Our week.</summary>" in text
    assert feeds({"notes/digests/a.md": WEEK.format("private")}) == {}


@pytest.mark.parametrize(
    ("html", "mail", "text"),
    [
        ("<p>A &amp; B &lt;c&gt;</p>", '<p>A &amp; B &lt;c&gt;</p>', "A & B <c>"),
        ('<p><img src="a.png" alt="A plot"></p>', '<p>[A plot]</p>', "[A plot]"),
        ('<p class="x"><a>no</a> <a href="https://a.org">A</a></p>',
         '<p>no <a href="https://a.org">A</a></p>', "no A <https://a.org>"),
        ('<h2>T<a class="headerlink" href="#t">¶</a></h2>', '<h2>T</h2>', "T\n-"),
        ("<ul><li>a</li><li><p>b</p><ol><li>c</li><li>d</li></ol></li></ul><p>e</p>",
         '<ul><li>a</li><li><p>b</p><ol><li>c</li><li>d</li></ol></li></ul><p>e</p>',
         "- a\n- b\n  1. c\n  2. d\n\ne"),
        ('<h3><a href="https://a.org">A paper</a>: refuted</h3><p>It broke.</p>',
         '<h3><a href="https://a.org">A paper</a>: refuted</h3><p>It broke.</p>',
         f"A paper <https://a.org>: refuted\n{'~' * 32}\n\nIt broke."),
        ("<blockquote><p>q</p></blockquote>", '<blockquote><p>q</p></blockquote>', "> q"),
        ("<pre><code>a\n  b</code></pre>", '<pre><code>a\n  b</code></pre>', "    a\n      b"),
        ('<ul><li><input type="checkbox" checked disabled> done</li></ul>', '<ul><li>☑  done</li></ul>', "- ☑ done"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
         '<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>',
         "a | b\n1 | 2"),
    ],
)  # fmt: skip
def test_a_page_is_a_mail_without_classes_and_pictures_and_text_that_reads_as_it_did(
    html: str, mail: str, text: str
) -> None:
    body = as_mail("T", html).partition("</h1>\n")[2].removesuffix("\n</body>\n</html>\n")
    assert re.sub(r' style="[^"]*"', "", body) == mail
    assert as_text("T", html) == f"T\n=\n\n{text}\n"


def test_text_is_wrapped_at_72_columns() -> None:
    lines = as_text("T", f"<ul><li>{'word ' * 40}</li></ul>").split("\n")[3:-1]
    assert [len(line) for line in lines] == [71, 71, 61]
    assert [line[:3] for line in lines] == ["- w", "  w", "  w"]
