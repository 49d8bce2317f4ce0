"""The graph as a reader meets it: in a real browser, from a server's sub-path and from a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from tests.publish.support import SAMPLE, knowledge_base
from tests.publish.test_browser import DESKTOP, PHONE, Reader
from tests.publish.test_site_search_browser import soon

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NOTES = {
    **SAMPLE,
    "notes/angle.md": "---\nvisibility: public\ntags: [sae]\n---\n# <b>Angle & bracket</b>\n\n[[refusal-probes]]\n",
}
#: Where a colour of the style sheet is on a canvas, in pixels of the page: the middle of all that have it, or null.
WHERE = """
(canvas, name) => {
  const style = getComputedStyle(canvas).getPropertyValue(name).trim(), { width, height } = canvas;
  const wanted = [1, 3, 5].map((at) => parseInt(style.slice(at, at + 2), 16));
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  let [x, y, count] = [0, 0, 0];
  for (let at = 0; at < width * height; at++) {
    if (data[4 * at + 3] < 255 || wanted.some((value, i) => data[4 * at + i] !== value)) continue;
    [x, y, count] = [x + (at % width), y + Math.floor(at / width), count + 1];
  }
  const box = canvas.getBoundingClientRect();
  return count ? [box.left + x / count / devicePixelRatio, box.top + y / count / devicePixelRatio] : null;
}
"""


class Explorer(Reader):
    """A reader in front of a graph."""

    @property
    def canvas(self) -> str:
        return ".carrel-near canvas, .carrel-map canvas"

    def settled(self) -> Explorer:
        self.page.wait_for_selector("canvas[data-settled]")
        return self

    def where(self, kind: str) -> tuple[float, float] | None:
        """Where the points of a kind are drawn, in the middle of them."""
        found = self.page.locator(self.canvas).evaluate(WHERE, f"--carrel-kind-{kind}")
        return (found[0], found[1]) if found else None

    def seen(self, kind: str) -> tuple[float, float]:
        """The same, of something that is there."""
        soon(lambda: self.where(kind) is not None, True)
        found = self.where(kind)
        assert found is not None
        return found

    def chosen(self) -> list[str]:
        """The note that is chosen, and the notes it is linked with."""
        return self.page.locator(".carrel-chosen a, .carrel-chosen li").all_inner_texts()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kb = knowledge_base(tmp_path_factory.mktemp("graph") / "kb", NOTES)
    return build_site(kb, Visibility.PUBLIC).site_dir


@pytest.fixture(scope="module", params=["http", "file"])
def root(request: pytest.FixtureRequest, site: Path, serve: Callable[[Path], str]) -> str:
    return serve(site) if request.param == "http" else site.as_uri()


@pytest.fixture
def explorer(window: Page, root: str) -> Iterator[Explorer]:
    explorer = Explorer(window, root)
    yield explorer
    explorer.leave()
    assert explorer.wrong == []


def test_beside_a_note_is_drawn_what_is_linked_with_it_and_a_click_goes_there(explorer: Explorer) -> None:
    explorer.open("notes/experiments/refusal-probes.html")
    assert explorer.settled().page.locator(".md-sidebar .carrel-near").is_visible()
    assert explorer.where("project") is None
    x, y = explorer.seen("paper")
    explorer.page.mouse.move(x, y)
    assert explorer.page.locator(explorer.canvas).evaluate("canvas => canvas.style.cursor") == "pointer"
    explorer.page.mouse.click(x, y)
    explorer.page.wait_for_url("**/papers/elhage2022toy.html")


def test_on_a_phone_it_is_drawn_below_the_note_and_leads_into_the_whole_graph(explorer: Explorer) -> None:
    explorer.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict
    explorer.open("notes/experiments/refusal-probes.html")
    near = explorer.page.locator(".md-content .carrel-near")
    near.scroll_into_view_if_needed()
    explorer.settled().seen("paper")
    near.get_by_role("link").click()
    explorer.page.wait_for_url("**/graph.html#*")
    assert soon(lambda: explorer.chosen()[:1], ["Refusal probes beat the logit lens"]) == [
        "Refusal probes beat the logit lens"
    ]


def test_a_note_is_found_by_its_title_and_its_links_can_be_walked_along_by_the_keyboard(explorer: Explorer) -> None:
    explorer.open("graph.html")
    explorer.settled().page.get_by_label("Find a note").fill("toy superpos")
    assert explorer.page.locator(".carrel-found li").all_inner_texts() == ["Toy Models of Superposition"]
    explorer.page.keyboard.press("Enter")
    assert explorer.chosen() == [
        "Toy Models of Superposition",
        "Refusal probes beat the logit lens",
        "2026-11-20",
    ]
    explorer.page.get_by_role("button", name="Refusal probes").press("Enter")
    assert explorer.chosen() == [
        "Refusal probes beat the logit lens",
        "Toy Models of Superposition",
        "2026-11-19",
        "Angle & bracket",
    ]
    explorer.page.get_by_role("link", name="Refusal probes").first.press("Enter")
    explorer.page.wait_for_url("**/notes/experiments/refusal-probes.html")


def test_kinds_and_tags_can_be_left_out(explorer: Explorer) -> None:
    explorer.open("graph.html")
    explorer.settled().seen("paper")
    assert explorer.page.locator(".carrel-map label").all_inner_texts() == [
        "Log 2", "Papers 1", "Experiments 1", "Notes 1",
    ]  # fmt: skip
    explorer.page.get_by_label("Papers").uncheck()
    assert soon(lambda: explorer.where("paper"), None) is None
    explorer.seen("note")
    explorer.page.get_by_label("Papers").check()
    explorer.page.get_by_label("Tag", exact=True).select_option("#superposition")
    assert soon(lambda: explorer.where("note"), None) is None
    explorer.seen("paper")


def test_the_drawing_is_moved_by_the_mouse_enlarged_by_the_wheel_and_shown_whole_again(explorer: Explorer) -> None:
    explorer.open("graph.html")
    before = explorer.settled().seen("paper")
    box = explorer.page.locator(explorer.canvas).bounding_box()
    assert box is not None
    explorer.page.mouse.move(box["x"] + 5, box["y"] + 5)
    explorer.page.mouse.down()
    explorer.page.mouse.move(box["x"] + 65, box["y"] + 35)
    explorer.page.mouse.up()
    moved = (before[0] + 60, before[1] + 30)
    assert soon(lambda: _near(explorer.where("paper"), moved), True)
    explorer.page.mouse.move(*moved)
    explorer.page.mouse.wheel(0, -100)
    assert soon(lambda: _near(explorer.where("paper"), moved), True), "what is under the pointer stays there"
    explorer.page.get_by_role("button", name="Show all").click()
    assert soon(lambda: _near(explorer.where("paper"), before), True)


def _near(place: tuple[float, float] | None, wanted: tuple[float, float]) -> bool:
    return place is not None and max(abs(place[0] - wanted[0]), abs(place[1] - wanted[1])) < 2


def test_its_colours_are_those_of_the_scheme(explorer: Explorer) -> None:
    explorer.open("graph.html")
    light = explorer.settled().seen("paper")
    explorer.page.locator("label[title=Dark]").click()
    explorer.page.wait_for_selector("body[data-md-color-scheme=slate]")
    assert _near(explorer.seen("paper"), light)  # the colour that it has there now


def test_a_finger_shows_what_it_is_on_before_it_goes_there(chromium: Browser, root: str) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, color_scheme="dark")  # type: ignore[arg-type]  # a TypedDict
    explorer = Explorer(context.new_page(), root)
    explorer.open("graph.html")
    explorer.page.locator(".carrel-drawn").scroll_into_view_if_needed()
    explorer.page.touchscreen.tap(*explorer.settled().seen("paper"))
    assert soon(lambda: explorer.chosen()[:1], ["Toy Models of Superposition"]) == ["Toy Models of Superposition"]
    assert explorer.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert explorer.wrong == []
    context.close()


def test_five_thousand_notes_are_laid_out_and_who_wants_no_motion_sees_none(
    chromium: Browser, site: Path, serve: Callable[[Path], str]
) -> None:
    count = 5000
    data = {
        "kinds": [["note", "Notes"]],
        "tags": [],
        "folders": ["notes"],
        "notes": [[0, f"n{number}", f"Note {number}", 0, []] for number in range(count)],
        "links": [[to for to in (number + 1, 7 * number % count) if to > number] for number in range(count - 1)] + [[]],
    }
    context = chromium.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]  # a TypedDict
    explorer = Explorer(context.new_page(), serve(site))
    explorer.page.route("**/graph-data.js", lambda route: route.fulfill(body=f"carrelGraph = {json.dumps(data)};"))
    explorer.open("graph.html")
    explorer.page.wait_for_selector(explorer.canvas)
    assert explorer.where("note") is None
    assert explorer.page.locator("canvas[data-settled]").count() == 0
    explorer.page.get_by_label("Find a note").fill("note 4999")
    explorer.page.wait_for_selector("canvas[data-settled]", timeout=60_000)
    explorer.seen("note")
    assert explorer.page.locator(".carrel-found li").all_inner_texts() == ["Note 4999"]
    assert explorer.wrong == []
    context.close()
