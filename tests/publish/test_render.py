"""What a page says is shown; what it would do is not done."""

from __future__ import annotations

import re
import threading
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown
from markdown.preprocessors import NormalizeWhitespace
from markdown.treeprocessors import InlineProcessor

from carrel.publish.render.markdown import Dialect, Rendered, Renderer
from carrel.publish.render.quick_blocks import KINDS

SITE = {"notes/a.md": "a.html", "fig.png": "../fig.png"}


def render(text: str) -> Rendered:
    return Renderer(lambda _page, address: SITE.get(address, address if address.startswith("#") else None)).render(
        "notes/x.md", text
    )


PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<iframe src='https://evil.example/'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    '<https://a.example/" onmouseover=alert(1)>',
    "![x](https://evil.example/x.png)",
    "<img src=https://evil.example/x.png>",
    "<img src=//evil.example/x.png>",
    "<video poster=https://evil.example/x.png src=https://evil.example/x.mp4></video>",
    "<p style='background:url(https://evil.example/x)'>x</p>",
    "<form action=https://evil.example/><input name=x><button>x</button></form>",
    "<object data=x></object><embed src=x><base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;https://evil.example/'><link rel=stylesheet href=https://evil.example/>",
    "<div id=__config data-md-component=search>{}</div>",
    "<pre class=mermaid>graph</pre>",
    "```mermaid\ngraph\n```",
    "## <img src=x onerror=alert(1)>",
    "## &lt;img src=x onerror=alert(1)&gt;",
    "x[^1]\n\n[^1]: <script>alert(1)</script>",
    "x^[<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>]",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
    "<details ontoggle=alert(1) open><summary>x</summary></details>",
    "<math><mtext></p><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
]


class _Dom(HTMLParser):
    """Collects what a browser would run, fetch from elsewhere, or mistake for a part of the theme."""

    def __init__(self) -> None:
        super().__init__()
        self.live: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN:
            self.live.append(tag)
        for name, value in attrs:
            text = (value or "").strip().lower()
            if (
                name.startswith(("on", "data-md", "srcdoc", "style", "poster", "srcset", "action", "http-equiv"))
                or (name == "href" and re.match(r"(?!https?:|mailto:)[a-z+.-]+:|//", text))
                or (name == "src" and re.match(r"[a-z+.-]+:|//", text))
                or (name in ("id", "name") and text.startswith("__"))
                or (name == "class" and "mermaid" in text.split())
            ):
                self.live.append(f"{tag} {name}={value}")


FORBIDDEN = {"script", "iframe", "object", "embed", "form", "svg", "math", "base", "meta", "link", "style", "button"}


def live(html: str) -> list[str]:
    dom = _Dom()
    dom.feed(html)
    return dom.live


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_runs_nothing_is_fetched_and_the_themes_own_elements_are_not_taken(payload: str) -> None:
    rendered = render(payload)
    assert live(rendered.html) == []
    assert "<" not in "".join(token["name"] for token in rendered.toc)


@given(
    st.lists(
        st.sampled_from(
            [*PAYLOADS, "\n", "\n\n", "<", ">", '"', "'", "`", "[", "](", ")", "- ", "    ", "<!--", "-->", "&lt;"]
        ),
        max_size=8,
    ).map("".join)
)
def test_nothing_runs_however_it_is_put_together(text: str) -> None:
    assert live(render(text).html) == []


def test_what_notes_are_made_of_is_kept() -> None:
    text = (
        "## Head {: #head }\n\n==mark== ~~gone~~ `code` $a_b$ https://example.org/x\n\n- [x] done\n\n"
        "> [!warning] Careful\n> now\n\n```python\nx = 1\n```\n\n| n |\n|--:|\n| 1 |\n\nfoot[^1] <kbd>k</kbd>"
        '<span id="^p-1"></span>\n\n[^1]: note\n\n??? info "More"\n    inside\n'
    )
    html = render(text).html
    wanted = [
        '<h2 id="head">',
        "<mark>mark</mark>",
        "<del>gone</del>",
        "<code>code</code>",
        'class="arithmatex"',
        '<a href="https://example.org/x">',
        '<input type="checkbox" disabled="" checked="" aria-label="done">',
        'class="admonition warning"',
        '<span class="n">x</span>',
        '<td align="right">1</td>',
        'class="footnote"',
        "<kbd>k</kbd>",
        '<span id="^p-1">',
        '<details class="info">',
    ]
    assert [one for one in wanted if one not in html] == []


def test_addresses_are_those_of_the_site_and_an_address_that_is_not_there_is_no_link() -> None:
    html = render("[a](notes/a.md) [b](no.md) ![f](fig.png) <a href=secret.md>c</a> [d](#x)").html
    assert html == '<p><a href="a.html">a</a> <a>b</a> <img alt="f" src="../fig.png"> <a>c</a> <a href="#x">d</a></p>'


def test_an_attribute_of_the_authors_own_invention_is_dropped() -> None:
    assert render('<p data-x="secret.md" data-search-exclude="">x</p>').html == '<p data-search-exclude="">x</p>'


def test_an_image_of_another_host_is_a_link_to_it() -> None:
    html = render("![a curve](https://example.org/c.png)").html
    assert html == '<p><a href="https://example.org/c.png">a curve</a></p>'


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 20_000,
        "![" * 5_000,
        "[x](" * 5_000,
        "[[" * 10_000,
        "<a " * 10_000,
        "<div " * 10_000,
        "".join(f"[^{n}]\n\n[^{n}]: x\n\n" for n in range(10_000)),
        "".join("    " * n + "- x\n" for n in range(300)),
        "*" * 2000 + "a" + "*" * 2000,
        "word " * 900_000,
    ],
    ids=lambda bomb: bomb[:6].strip(),
)
def test_text_that_python_markdown_cannot_take_is_shown_as_it_was_written(bomb: str) -> None:
    rendered = render(bomb)
    assert rendered.html.startswith('<pre class="carrel-as-written">')
    assert rendered.trouble
    assert render("and *then*").html == "<p>and <em>then</em></p>"


def test_a_page_that_takes_too_long_is_shown_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carrel.publish.render.markdown.MAX_SECONDS", 0.05)
    rendered = render("[" * 999 + "word " * 100_000 + "*a* _b_ " * 10_000)
    assert rendered.trouble == "takes too long to lay out"


def test_pages_are_rendered_in_other_threads_too() -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(render("*x*").html))
    thread.start()
    thread.join()
    assert found == ["<p><em>x</em></p>"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("US$5 and US$10", "US$5 and US$10"),
        ("$x$ and $5, or $6", '<span class="arithmatex">$x$</span> and $5, or $6'),
        ("`$x$` \\$y\\$ $ z$", "<code>$x$</code> $y$ $ z$"),
        ("$\\sim$3 or $4", '<span class="arithmatex">$\\sim$</span>3 or $4'),
        ("$a_b$ and $c_d$", '<span class="arithmatex">$a_b$</span> and <span class="arithmatex">$c_d$</span>'),
        ("so $$x < 1$$ then", 'so <span class="arithmatex">$$x &lt; 1$$</span> then'),
        ("\\(x\\)", '<span class="arithmatex">$x$</span>'),
    ],
)
def test_dollars_are_mathematics_where_the_rest_of_carrel_takes_them_for_it(text: str, shown: str) -> None:
    assert render(text).html == f"<p>{shown}</p>"


def test_a_picture_alone_with_a_title_or_with_words_has_a_caption_and_a_file_name_is_none() -> None:
    assert render('![a|300](fig.png "Loss <b>")').html == (
        '<figure><img alt="a" src="../fig.png" width="300"><figcaption>Loss &lt;b&gt;</figcaption></figure>'
    )
    assert render("![Loss over time](fig.png)").html.endswith("<figcaption>Loss over time</figcaption></figure>")
    assert render("![fig.png](fig.png)").html == '<p><img alt="fig.png" src="../fig.png"></p>'
    assert "<figure" not in render("See ![Loss over time](fig.png)").html


def test_tables_stand_in_boxes_also_within_each_other_and_none_in_two() -> None:
    inner = "<table><tr><td>x</td></tr></table>"
    html = render(f'<table class="a"><tr><td>{inner}</td></tr></table>\n\n<div class="carrel-wide">{inner}</div>').html
    assert html.count('<div class="carrel-wide" tabindex="0"><table') == html.count("<table") == 3
    assert html.count("<div") == html.count("</div>") == 3


def test_how_many_there_are_of_something_stands_in_the_heading_alone() -> None:
    headings = ("Log <small>1,204</small> {: #a }", "2 <small>10 of 12</small>", "Loss <small>of run 3</small>")
    page = render("\n\n".join(f"## {heading}" for heading in headings))
    assert [token["name"] for token in page.toc] == ["Log", "2", "Loss of run 3"]
    assert "<small>1,204</small>" in page.html


def test_footnotes_stand_before_what_the_site_adds_to_a_page() -> None:
    html = render('x[^1]\n\n[^1]: note\n\n<section class="carrel-backlinks">\n<p>Linked</p>\n</section>').html
    assert html.index('class="footnote"') < html.index("carrel-backlinks")


def test_a_diagram_is_its_text_until_a_browser_draws_it() -> None:
    html = render("```mermaid\nA --> B\n```").html
    assert html == '<pre class="carrel-diagram"><code>A --&gt; B</code></pre>'


def by_python_markdown(text: str, *, quick: bool) -> str:
    """What the dialect makes of a text, with or without the parts that only save time."""
    markdown = Markdown(extensions=[Dialect()])
    if not quick:
        markdown.treeprocessors.register(InlineProcessor(markdown), "inline", 20)
        markdown.preprocessors.deregister("carrel-blocks")
        markdown.preprocessors.register(NormalizeWhitespace(markdown), "normalize_whitespace", 30)
        for name, (attribute, _) in KINDS.items():
            delattr(markdown.parser.blockprocessors[name], attribute)  # its class has its own
    return re.sub(r"\n+", "\n", markdown.convert(text))


INLINE = [
    "a `b` c", "a\\*b", "\\(x\\)", "$$x$$", "$x$", "[^1]", "[a][b]", "[a](b)", "![a](b)", "![a][b]", "[b]", "![b]",
    "<http://a.example>", "<a@b.example>", "b  \nc", "<b>c</b>", "http://a.example", "HTTPS://a.example",
    "www.a.example", "WwW.a.example", "a@b.example", "&amp;", "&#60;", "*a*", "__a__", "==a==", "~~a~~", "*a [b*c](d)*",
    "`a", "\n\n", "[b]: c.md", "[^1]: d", "\x02", "ftp://a.example", "[a] [b]",
]  # fmt: skip


@given(st.lists(st.sampled_from([*INLINE, " ", "\n", "word"]), max_size=8).map("".join))
def test_what_is_skipped_would_have_found_nothing(text: str) -> None:
    assert by_python_markdown(text, quick=True) == by_python_markdown(text, quick=False)


BLOCKS = [
    '<div class="carrel-about">\n<p>x *y*</p>\n</div>', '<ul class="carrel-list">\n<li>a</li>\n</ul>', "para *x*",
    "```\n<div class=\"carrel-x\">\n\n</div>\n```", "- item\n\n    <div class=\"carrel-x\">y</div>",
    "<div>\n\nx\n\n</div>", '<section class="carrel-a"><h2>x</h2>\n</section>', "## Heading",
]  # fmt: skip


@given(st.lists(st.sampled_from(BLOCKS), max_size=5).map("\n\n".join))
def test_blocks_that_staging_writes_are_taken_as_they_are(text: str) -> None:
    assert by_python_markdown(text, quick=True) == by_python_markdown(text, quick=False)


STARTS = [
    "# A", "#b", "## C ##\n", "### d \\", "!!! note\n", '??? tip "x"\n', "???+ tip\n", "> q", " > q", ">\n", "a\n===",
    "b\n---\n", "[a]: b.md", "[a][a]", "[^1]: d", "[^1]", "- e\n", "1. f\n", "    ", "\t", "\r", "  \n", " ", "\n",
    "\n\n", "word", "\x02", "> [!note]\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(STARTS), max_size=9).map("".join))
def test_kinds_of_blocks_that_are_not_looked_for_would_not_have_been_found(text: str) -> None:
    assert by_python_markdown(text, quick=True) == by_python_markdown(text, quick=False)


def test_a_block_that_only_looks_like_ours_is_cleaned_as_any_other() -> None:
    html = render('<div class="carrel-about"><script>alert(1)</script><img src="https://evil.example/x"></div>').html
    assert html == '<div class="carrel-about"><img alt=""></div>'
