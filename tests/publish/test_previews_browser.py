"""What links lead to is shown beside them, and the keyboard goes to pages: in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from tests.publish.support import SAMPLE, knowledge_base
from tests.publish.test_browser import Reader
from tests.publish.test_site_search_browser import soon

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

NOTES = {
    **SAMPLE,
    "notes/here.md": (
        "---\nvisibility: public\n---\n# Here\n\nTo [[elhage2022toy|the paper]], "
        "[[2026-11-20#16:10 Zebrafish detour|the detour]], [[sums]], [the web](https://example.org/a.html) "
        "and [[#Below]]. A claim.[^1]\n\n[^1]: With *its* source.\n\n## Below\n\nThe end.\n"
    ),
    "notes/sums.md": (
        "---\nvisibility: public\n---\n# Sums\n\nAll of $\\sum_i x_i$, [a link](here.md) and ![a curve](curve.svg).\n\n"
        "```mermaid\ngraph TD\n```\n"
    ),
    "notes/curve.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0L8 8"/></svg>',
}


class Hoverer(Reader):
    """A reader whose mouse rests on links."""

    @property
    def card(self) -> Locator:
        return self.page.locator(".carrel-preview:visible")

    def link(self, text: str) -> Locator:
        return self.page.locator("article a", has_text=text).first

    def hover(self, text: str) -> list[str]:
        """The lines of the card of a link."""
        self.link(text).hover()
        self.card.wait_for()
        return self.lines()

    def lines(self) -> list[str]:
        return [line.strip() for line in self.card.inner_text().splitlines() if line.strip()]

    def gone(self) -> bool:
        """Whether no card is there, nor comes."""
        soon(self.card.count, 0)
        time.sleep(0.6)
        return not self.card.count()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(knowledge_base(tmp_path_factory.mktemp("previews") / "kb", NOTES), Visibility.PUBLIC).site_dir


@pytest.fixture(scope="module", params=["http", "file"])
def root(request: pytest.FixtureRequest, site: Path, serve: Callable[[Path], str]) -> str:
    return serve(site) if request.param == "http" else site.as_uri()


def reading(window: Page, root: str) -> Iterator[Hoverer]:
    hoverer = Hoverer(window, root)
    hoverer.open("notes/here.html")
    yield hoverer
    hoverer.leave()
    assert hoverer.wrong == []


@pytest.fixture
def hoverer(window: Page, root: str) -> Iterator[Hoverer]:
    """On a server, and on disk, where pages are read in another way."""
    yield from reading(window, root)


@pytest.fixture
def online(window: Page, site: Path, serve: Callable[[Path], str]) -> Iterator[Hoverer]:
    yield from reading(window, serve(site))


def test_a_link_shows_the_title_and_the_beginning_of_its_page_until_escape(hoverer: Hoverer) -> None:
    lines = hoverer.hover("the paper")
    assert lines[0] == "Toy Models of Superposition"
    assert {"Nelson Elhage, Tristan Hume, Catherine Olsson", "Features share neurons when they are sparse."} <= set(
        lines
    )
    assert hoverer.link("the paper").get_attribute("aria-describedby") == hoverer.card.get_attribute("id")
    assert hoverer.card.get_attribute("role") == "tooltip"
    assert hoverer.card.locator("a, button, input, summary, [id], [tabindex]").count() == 0
    card, link = hoverer.card.bounding_box(), hoverer.link("the paper").bounding_box()
    assert card is not None
    assert link is not None
    assert card["y"] >= link["y"] + link["height"]
    hoverer.page.keyboard.press("Escape")
    assert hoverer.gone()
    assert hoverer.link("the paper").get_attribute("aria-describedby") is None


def test_a_link_to_a_heading_shows_that_section_and_a_footnote_its_text(hoverer: Hoverer) -> None:
    assert hoverer.hover("the detour")[0] == "2026-11-20 › 16:10 Zebrafish detour"
    assert "Nothing to do with" in hoverer.card.inner_text()
    assert "superposition" not in hoverer.card.inner_text()
    hoverer.link("Below").hover()
    assert soon(hoverer.lines, ["Here › Below", "The end."]) == ["Here › Below", "The end."]
    hoverer.page.locator(".footnote-ref").hover()
    assert soon(hoverer.lines, ["Here", "With its source."]) == ["Here", "With its source."]


def test_mathematics_and_pictures_are_shown_diagrams_are_not(hoverer: Hoverer) -> None:
    assert hoverer.hover("Sums")[0] == "Sums"
    hoverer.card.locator(".katex").first.wait_for()
    assert soon(lambda: hoverer.card.locator("img").evaluate("image => image.naturalWidth > 0"), True)
    assert "graph TD" not in hoverer.card.inner_text()


def test_the_keyboard_brings_it_too_and_takes_it_along(online: Hoverer) -> None:
    online.link("the paper").focus()
    online.page.keyboard.press("Shift+Tab")
    online.page.keyboard.press("Tab")
    online.card.wait_for()
    assert online.lines()[0] == "Toy Models of Superposition"
    online.page.keyboard.press("Tab")
    assert soon(lambda: online.card.count() and online.lines()[0], "2026-11-20 › 16:10 Zebrafish detour")
    online.page.keyboard.press("Enter")
    online.page.wait_for_url("**#1610-zebrafish-detour")


def test_it_stays_while_the_mouse_is_on_it_and_goes_with_the_mouse(online: Hoverer) -> None:
    online.hover("the paper")
    online.card.hover()
    time.sleep(0.5)
    assert online.card.count() == 1
    online.page.mouse.move(5, 800)
    assert online.gone()


def test_no_other_link_has_one_and_passing_over_a_link_brings_none(online: Hoverer) -> None:
    online.link("the web").hover()
    assert online.gone()
    online.link("the paper").hover()
    online.page.mouse.move(5, 800)
    assert online.gone()


def test_a_page_of_the_web_hands_nothing_to_a_page_that_frames_it(
    chromium: Browser, site: Path, serve: Callable[[Path], str]
) -> None:
    reader = Reader(chromium.new_page(), serve(site))
    reader.open("notes/here.html")
    told = reader.page.evaluate(
        "() => new Promise(resolve => { const told = []; addEventListener('message', one => told.push(one.data));"
        " const frame = document.createElement('iframe'); frame.src = 'sums.html';"
        " frame.onload = () => setTimeout(() => resolve(told), 300); document.body.append(frame) })"
    )
    assert told == []
    reader.page.close()


# --- The keyboard ---------------------------------------------------------------------------------------------------


def test_letters_go_to_the_pages_of_the_navigation_and_to_the_days_around_a_day(online: Hoverer) -> None:
    page = online.page
    page.keyboard.type("gp")
    page.wait_for_url("**/papers.html")
    page.keyboard.type("gh")
    page.wait_for_url("**/index.html")
    online.open("notes/2026/2026-11-20.html")
    page.keyboard.press("p")
    page.wait_for_url("**/notes/2026/2026-11-19.html")
    page.keyboard.press("n")
    page.wait_for_url("**/notes/2026/2026-11-20.html")


def test_a_question_mark_tells_the_keys_and_what_is_typed_into_a_field_is_no_key(online: Hoverer) -> None:
    page = online.page
    page.keyboard.press("?")
    keys = dict(zip(*(page.locator(f".carrel-keys {name}").all_inner_texts() for name in ("dt", "dd")), strict=True))
    assert keys.items() >= {"/": "Search", "gh": "Home", "gp": "Papers", "gg": "Graph", "?": "These keys"}.items()
    page.keyboard.type("gp")  # the dialogue is open
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("gp?")
    assert page.input_value(".carrel-search input[role=combobox]") == "gp?"
    assert page.url.endswith("notes/here.html")
    page.keyboard.press("Escape")


def test_keys_of_one_letter_can_be_switched_off_for_good_and_a_button_still_tells_them(hoverer: Hoverer) -> None:
    page, dialogues = hoverer.page, hoverer.page.locator("dialog[open]")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use the keys of one letter or sign").uncheck()
    page.keyboard.press("Escape")
    for _ in range(2):
        page.keyboard.type("?/sgp")
        assert dialogues.count() == 0
        assert page.url.endswith("notes/here.html")
        page.reload()
    page.keyboard.press("Control+k")
    page.keyboard.type("/g?")
    assert page.input_value(".carrel-search input[role=combobox]") == "/g?"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use the keys of one letter or sign").check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert dialogues.count() == 1


def test_where_nothing_can_be_kept_the_switch_holds_for_the_page(
    chromium: Browser, site: Path, serve: Callable[[Path], str]
) -> None:
    page = chromium.new_page()
    page.add_init_script(  # the theme keeps things too, and does not expect this
        "for (const name of ['getItem', 'setItem']) { const done = Storage.prototype[name]; Storage.prototype[name] ="
        " function (key, value) { if (key === 'carrel.keys') throw new Error(); return done.call(this, key, value); } }"
    )
    reader = Reader(page, serve(site))
    reader.open("notes/here.html")
    page.keyboard.press("?")
    page.get_by_label("Use the keys of one letter or sign").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 0
    page.close()
    assert reader.wrong == []
