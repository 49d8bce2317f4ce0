"""Two hundred payloads in every field and in the text of notes: none is alive in the browser, policy or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.render.theme import scripts_in, theme_folder
from tests.publish.payloads import PAYLOADS
from tests.publish.support import knowledge_base
from tests.publish.test_browser import Reader
from tests.publish.test_policy import TEMPLATES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

FIELDS = (
    *("title", "project", "advances", "venue", "journal", "booktitle", "publisher", "reading", "rating", "state"),
    *("arxiv", "doi", "url", "pdf", "year", "kind_of", "citekey", "abstract", "description", "question", "result"),
)
LISTS = ("tags", "aliases", "authors", "keywords")
#: What diagrams and formulas could be brought to do, by their own languages.
DRAWN = r"""
```mermaid
%%{init: {"securityLevel": "loose", "themeCSS": "* { background: url(https://evil.example/x) }"}}%%
graph LR
  A["<img src=x onerror=window.pwned=1>"] --> B["<b onmouseover=window.pwned=1>b</b>"]
  B --> C["<img src='https://evil.example/x.png'>"]
  click A "javascript:window.pwned=1"
  click B call eval("window.pwned=1")
```

```mermaid
graph LR
  A@{ img: "https://evil.example/y.png", label: "x" } --> B
  style B fill:url(https://evil.example/z)
```

$\href{javascript:window.pwned=1}{x}$ $\includegraphics{https://evil.example/x.png}$
$\htmlData{onclick=window.pwned=1}{x}$
$\htmlStyle{background:url(https://evil.example/x)}{x}$ $\text{<img src=x onerror=window.pwned=1>}$

$\def\x{\x\x}\x$ $\rule{100000em}{100000em}$
"""
#: What a page can be brought to do something by, in what the browser made of the page.
ALIVE = """
html => {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const again = new DOMParser().parseFromString(parsed.documentElement.outerHTML, "text/html");
  const found = [], scripts = new Set();
  for (const page of [parsed, again]) for (const element of page.querySelectorAll("*")) {
    const name = element.localName, inContent = element.closest("article.md-content__inner, title, nav.md-nav");
    if (name === "script" && !element.src && element.type !== "application/json") scripts.add(element.textContent);
    if (name === "script" && element.src
        && !/^(\\/|(\\.\\.\\/)*)(assets|carrel|search)\\//.test(element.getAttribute("src")))
      found.push(element.outerHTML);
    if (["iframe", "object", "embed", "base", "frame", "applet", "math", "style", "foreignObject", "animate", "set",
         "template", "noscript", "portal"].includes(name)) found.push(element.outerHTML);
    if (inContent && ["svg", "form", "textarea", "select", "meta", "link", "button"].includes(name)
        && !element.closest(".md-content__button, .md-search, .md-nav__icon, nav.md-nav label, .md-top"))
      found.push(element.outerHTML);
    if (name === "meta" && element.httpEquiv && element.httpEquiv !== "Content-Security-Policy")
      found.push(element.outerHTML);
    for (const { name, value } of element.attributes) {
      const address = value.replace(/[\\u0000-\\u0020]/g, "").toLowerCase();
      if (name.startsWith("on") || ["srcdoc", "formaction", "ping", "background", "xlink:href"].includes(name))
        found.push(element.outerHTML);
      if (["href", "src", "action", "cite", "data", "poster"].includes(name)
          && /^(javascript|vbscript|data|blob|feed|view-source):/.test(address)) found.push(element.outerHTML);
      if (["src", "data", "poster", "srcset"].includes(name) && /^(https?:)?\\/\\//.test(address))
        found.push(element.outerHTML);
    }
  }
  return [found.map(text => text.slice(0, 300)), [...scripts]];
}
"""


LEADING_ON = re.compile(
    r'(?:<noscript>)?<meta http-equiv="refresh" content="0; url=[\w.][\w./%~-]*\.html">(?:</noscript>)?'
    r"|location\.replace\(document\.links\[0\]\.href \+ location\.hash\)"
)


def notes() -> dict[str, str]:
    """A paper for each payload, which holds it everywhere; a day, an experiment and a page that hold all."""
    found = {}
    for number, payload in enumerate(PAYLOADS):
        quoted = '"' + "".join(_escaped(character) for character in payload) + '"'
        fields = "".join(f"{key}: {quoted}\n" for key in FIELDS) + "".join(f"{key}: [{quoted}]\n" for key in LISTS)
        found[f"papers/p{number}.md"] = (
            f"---\nkind: paper\nvisibility: public\ndate: 2026-11-19\n{fields}---\n"
            f"# {payload}\n\n## TL;DR\n\n{payload}\n\n"
            f"## Opinion {payload}\n\n- {payload}\n\n> [!note] {payload}\n> {payload}\n\n"
            f"x[^1] [[e|{payload}]] haystack\n\n"
            f"[^1]: {payload}\n\n| {payload} |\n|---|\n| {payload} |\n"
        )
    entries = "\n\n".join(
        f"## {number // 60:02}:{number % 60:02} {payload}\n\n{payload}\n\nproject:: {payload}\n\n"
        f"See [[p{number}]] [@p{number}]."
        for number, payload in enumerate(PAYLOADS)
    )
    sections = "\n\n".join(f"## Section {number}\n\n{payload}" for number, payload in enumerate(PAYLOADS))
    expected = "\n".join(f"- [ ] p=0.7 by 2026-12-01: {payload}" for payload in PAYLOADS)
    writers = ", ".join('"' + "".join(map(_escaped, payload)) + '"' for payload in PAYLOADS[::5])
    found["notes/2026/2026-11-20.md"] = f"---\nkind: log\ndate: 2026-11-20\nvisibility: public\n---\n{entries}\n"
    found["notes/e.md"] = f"---\ntitle: e\nkind: experiment\nvisibility: public\n---\n{sections}\n"
    found["notes/p.md"] = f"---\ntitle: p\nvisibility: public\nauthors: [{writers}]\n---\n{expected}\n"
    found["notes/drawn.md"] = f"---\ntitle: drawn\nvisibility: public\n---\n{DRAWN}"
    found["site/pages/index.md"] = f"# Home\n\n{sections}\n"
    return found


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\u{ord(character):04x}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = build_site(knowledge_base(tmp_path_factory.mktemp("injection") / "kb", notes()), Visibility.PUBLIC)
    assert built.as_written == ()
    return built.site_dir


@pytest.fixture
def unguarded(chromium: Browser) -> Iterator[Page]:
    """A page whose policy is not kept, so that what is alive would run."""
    context = chromium.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


def test_two_hundred_payloads_are_tried_and_most_are_known_when_they_are_alive(unguarded: Page) -> None:
    assert len(PAYLOADS) >= 200
    article = '<article class="md-content__inner">{}</article>'
    seen = [unguarded.evaluate(ALIVE, article.replace("{}", payload)) for payload in PAYLOADS]
    assert sum(map(any, seen)) > 120  # the others are Markdown, LaTeX, templates: text until something reads them


def test_in_no_page_is_a_payload_alive(site: Path, unguarded: Page) -> None:
    known = scripts_in([str(theme_folder()), TEMPLATES])
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > len(PAYLOADS)
    alive = {}
    for place in pages:
        html = place.read_text("utf-8")
        found, scripts = unguarded.evaluate(ALIVE, html)
        found += [script for script in scripts if not known.fullmatch(script)]
        if "md-content" not in html:  # a page that leads on, to a page of the site
            found = [one for one in found if not LEADING_ON.fullmatch(one)]
        if found:
            alive[place.relative_to(site).as_posix()] = found[:3]
    assert alive == {}


def test_pages_that_show_all_payloads_run_none_even_without_a_policy(
    site: Path, unguarded: Page, serve: Callable[[Path], str]
) -> None:
    root = serve(site)
    asked: list[str] = []
    unguarded.on("request", lambda request: asked.append(request.url))
    lists = ("index", "papers", "bibliography", "tags", "timeline/2026-11", "people", "predictions")
    asking = ("papers.html#q=", "papers.html#tag=", "papers.html#sort=", "graph.html#", "index.html?q=")
    asked_for = [f"{page}<img src=x onerror=window.pwned=1>" for page in asking]
    pages = (*lists, "notes/2026/2026-11-20", "notes/e", "notes/p", "papers/p0")
    for path in (*(f"{page}.html" for page in pages), "graph.html#papers/p0", *asked_for):
        unguarded.goto(f"{root}/{path}")
        unguarded.evaluate(
            "for (const element of document.querySelectorAll('.md-content *'))"
            " for (const kind of ['mouseover', 'focus', 'toggle', 'pointerrawupdate'])"
            " element.dispatchEvent(new Event(kind, { bubbles: true }))"
        )
        assert unguarded.evaluate("window.pwned") is None, path
    assert Reader(unguarded, root).search("haystack")
    unguarded.wait_for_timeout(300)
    assert unguarded.evaluate("window.pwned") is None
    assert [url for url in asked if not url.startswith((root, "data:", "blob:", "about:"))] == []


def test_diagrams_and_formulas_do_nothing_and_reach_no_other_host(
    site: Path, chromium: Browser, unguarded: Page, serve: Callable[[Path], str]
) -> None:
    root = serve(site)
    asked: list[str] = []
    guarded = chromium.new_page()
    guarded.on("requestfinished", lambda request: asked.append(request.url))
    for page in (unguarded, guarded):
        page.goto(f"{root}/notes/drawn.html")
        page.wait_for_selector(".carrel-drawing svg, pre.carrel-unread")
        page.wait_for_selector(".katex")
        page.wait_for_timeout(300)
        for link in page.locator(".carrel-drawing a, .katex a").all():
            assert not (link.get_attribute("href") or link.get_attribute("xlink:href") or "").startswith("javascript")
        assert (
            page.locator(".carrel-drawing :is([onerror], [onmouseover], script), :is(svg, .katex) [onclick]").count()
            == 0
        )
        assert page.evaluate("window.pwned") is None
    guarded.close()
    assert [url for url in asked if "evil" in url] == []
