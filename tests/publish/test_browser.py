"""The site as a reader meets it: in a real browser, from a server's sub-path and from a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from tests.publish.support import SAMPLE, knowledge_base

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = (
    "index.html",
    "timeline.html",
    "timeline/2026.html",
    "timeline/2026-11.html",
    "papers.html",
    "bibliography.html",
    "tags.html",
    "tags/sae.html",
    "experiments.html",
    "notes/2026/2026-11-20.html",
    "notes/experiments/refusal-probes.html",
    "papers/elhage2022toy.html",
    "about/this.html",
)


class Reader:
    """A reader's window, and everything that went wrong in it."""

    def __init__(self, page: Page, root: str) -> None:
        self.page, self.root = page, root
        self.wrong: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", self._erred)
        page.on("requestfailed", self._failed)
        page.on("request", self._asked)

    def leave(self) -> None:
        """Leave the window to the next reader."""
        self.page.remove_listener("console", self._said)
        self.page.remove_listener("pageerror", self._erred)
        self.page.remove_listener("requestfailed", self._failed)
        self.page.remove_listener("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def _erred(self, error: Error) -> None:
        self.wrong.append(str(error))

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the reader went on before it was there
            self.wrong.append(f"failed: {request.url}: {request.failure}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.root, "data:", "blob:", "about:")):
            self.wrong.append(f"asked another host: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.root}/{path}")

    def search(self, words: str) -> list[str]:
        """The titles that the search finds."""
        self.page.keyboard.press("/")
        self.page.keyboard.type(words)
        self.page.wait_for_selector("#carrel-hits mark")
        return self.page.locator(".carrel-title").all_inner_texts()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(knowledge_base(tmp_path_factory.mktemp("reader") / "kb", SAMPLE), Visibility.PUBLIC).site_dir


@pytest.fixture(scope="module", params=["http", "file"])
def root(request: pytest.FixtureRequest, site: Path, serve: Callable[[Path], str]) -> str:
    return serve(site) if request.param == "http" else site.as_uri()


#: What does not depend on where a page was opened from.
FROM_A_FOLDER = pytest.mark.parametrize("root", ["file"], indirect=True)


@pytest.fixture
def reader(window: Page, root: str) -> Iterator[Reader]:
    reader = Reader(window, root)
    yield reader
    reader.leave()


def test_from_home_to_a_day_to_a_paper_and_back_along_a_backlink(reader: Reader) -> None:
    reader.open("index.html")
    reader.page.get_by_role("link", name="Loss spikes again").click()
    assert reader.page.url.endswith("notes/2026/2026-11-20.html#1432-loss-spikes-again")
    reader.page.get_by_role("link", name="Elhage et al., 2022").click()
    assert reader.page.locator("h1").inner_text() == "Toy Models of Superposition"
    reader.page.locator(".carrel-backlinks a", has_text="14:32 Loss spikes again").click()
    assert reader.page.url.endswith("notes/2026/2026-11-20.html#1432-loss-spikes-again")
    reader.page.locator(".carrel-before a").click()
    assert reader.page.locator("h1").inner_text() == "2026-11-19"
    assert reader.wrong == []


@FROM_A_FOLDER
def test_what_a_page_cites_is_listed_at_its_end_and_leads_to_the_paper_and_to_the_bibliography(reader: Reader) -> None:
    reader.open("notes/2026/2026-11-20.html")
    entry = reader.page.locator(".carrel-references li")
    assert entry.all_inner_texts() == [
        "Elhage, N., Hume, T. and Olsson, C. (2022). Toy Models of Superposition. arXiv:2209.10652"
    ]
    assert entry.locator("i").evaluate("title => getComputedStyle(title).fontStyle") == "italic"
    reader.page.get_by_role("link", name="Bibliography").first.click()
    reader.page.locator(".carrel-references a", has_text="Toy Models").click()
    assert reader.page.locator("h1").inner_text() == "Toy Models of Superposition"
    assert reader.wrong == []


def test_the_dark_scheme_is_one_click_away_and_stays(reader: Reader) -> None:
    reader.open("index.html")
    before = reader.page.evaluate("getComputedStyle(document.body).backgroundColor")
    reader.page.locator("label[title=Dark]").click()
    reader.page.wait_for_selector("body[data-md-color-scheme=slate]")
    after = reader.page.evaluate("getComputedStyle(document.body).backgroundColor")
    reader.open("papers.html")
    assert before != after
    assert reader.page.evaluate("getComputedStyle(document.body).backgroundColor") == after
    assert reader.wrong == []


def test_no_page_is_wider_than_a_phone_asks_another_host_or_reports_an_error(reader: Reader) -> None:
    reader.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict
    wide = {}
    for path in PAGES:
        reader.open(path)
        wide[path] = reader.page.evaluate("document.documentElement.scrollWidth")
    assert wide == dict.fromkeys(PAGES, PHONE["width"])
    assert reader.wrong == []


@FROM_A_FOLDER
def test_the_papers_are_readable_on_a_phone(reader: Reader) -> None:
    reader.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict
    reader.open("papers.html")
    cells = reader.page.locator(".carrel-papers tbody td").evaluate_all(
        "cells => cells.map(cell => { const box = cell.getBoundingClientRect(); return [box.left, box.right] })"
    )
    assert cells
    assert all(left >= 0 and right <= PHONE["width"] for left, right in cells)
    assert reader.page.locator(".carrel-wide").evaluate("box => box.scrollWidth <= box.clientWidth")


def test_a_page_may_run_no_script_but_the_sites_own(reader: Reader) -> None:
    reader.open("notes/2026/2026-11-20.html")
    reader.page.evaluate(
        "() => { const script = document.createElement('script'); script.textContent = 'window.pwned = 1';"
        " document.body.append(script) }"
    )
    assert reader.page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in said for said in reader.wrong)


@FROM_A_FOLDER
def test_a_table_a_nested_list_and_code_are_shown_as_such(reader: Reader) -> None:
    reader.open("notes/experiments/refusal-probes.html")
    assert reader.page.locator("article table td").all_inner_texts() == ["12", "0.91"]
    assert reader.page.locator("article li li").all_inner_texts() == ["nested"]
    reader.open("notes/2026/2026-11-20.html")
    assert reader.page.locator("article pre code").inner_text().strip() == "loss.backward()"


# --- what others may have written into a note, or a publisher into a paper's title ------------------------------

IMG, SCRIPT = "<img src=x onerror=window.pwned=1>", "\"'></title><script>window.pwned=1</script>"


def hostile(payload: str) -> dict[str, str]:
    """A knowledge base that says `payload` wherever something can be said."""
    quoted = "'" + payload.replace("'", "''") + "'"
    fields = "\n".join(
        f"{key}: {quoted}"
        for key in ("title", "project", "advances", "venue", "reading", "state", "arxiv", "doi", "url", "year")
    )
    lists = "\n".join(f"{key}: [{quoted}]" for key in ("tags", "aliases", "authors"))
    day = (
        f"---\ntitle: {quoted}\nkind: log\ndate: 2026-11-20\nvisibility: public\n{lists}\n---\n## 10:00 {payload}\n\n"
        f"[[p|{payload}]] [[p]] [{payload}](../p.md) [@p] {payload} haystack\n\n"
        f"## 11:00 {escape(payload)}\n\n- {payload}\n"
    )
    front = f"date: 2026-11-19\nvisibility: public\n{fields}\n{lists}"
    body = f"# {payload}\n\n## TL;DR\n\n{payload}\n"
    kinds = {kind: f"---\nkind: {kind}\n{front}\n---\n{body}" for kind in ("paper", "experiment", "note")}
    names = {
        "notes/p.md": kinds["paper"],
        "notes/e.md": kinds["experiment"],
        "notes/<img src=x onerror=pwned=1>.md": kinds["note"],
    }
    return {"notes/2026-11-20.md": day, **names, "site/pages/own.md": f"---\ntitle: {quoted}\n---\n{payload}\n"}


@pytest.mark.parametrize("payload", [IMG, SCRIPT])
def test_nothing_that_a_note_says_runs_in_the_readers_browser(
    chromium: Browser, tmp_path: Path, serve: Callable[[Path], str], payload: str
) -> None:
    built = build_site(knowledge_base(tmp_path / "kb", hostile(payload)), Visibility.PUBLIC)
    root = serve(built.site_dir)
    page = chromium.new_page()
    reader = Reader(page, root)
    pages = sorted(path.relative_to(built.site_dir).as_posix() for path in built.site_dir.rglob("*.html"))
    assert len(pages) > 10
    for path in pages:
        if path == "404.html":  # its addresses begin at the server's root
            continue
        page.goto(f"{root}/{path.replace('%', '%25').replace('?', '%3F').replace('#', '%23')}")
        assert page.evaluate("window.pwned") is None, path
        assert page.locator("[onerror], a[href^='javascript:' i], img[src='x'][onerror]").count() == 0, path
    reader.search("haystack")
    page.keyboard.press("Tab")
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert [said for said in reader.wrong if "asked another host" in said] == []
    page.close()
