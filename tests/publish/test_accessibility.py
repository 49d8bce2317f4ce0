"""axe finds nothing serious on any kind of page, in the light scheme and the dark, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from tests.publish.support import knowledge_base
from tests.publish.test_browser import DESKTOP, PHONE
from tests.publish.test_people import TEAM
from tests.publish.test_reading_comfort import COMFORT
from tests.publish.test_rollups import LAB

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

#: As npm publishes it, under the MPL 2.0; it is no part of the site.
AXE = Path(__file__).parent / "axe-core-4.14.1" / "axe.min.js"
#: Home, a day, a paper, the table of papers, the manual, and what a page can show; the search is on each of them.
PAGES = (
    "index", "notes/2026/2026-11-20", "papers/elhage2022toy", "papers", "timeline", "manual", "search", "notes/comfort",
    "notes/diagrams",
)  # fmt: skip
#: What is made from notes: calendars, lists by state, tags, people, predictions, what belongs to a project.
MADE = (
    "index", "timeline/2026", "timeline/2026-11", "people/ada", "predictions", "notes/projects/probes", "experiments",
    "tags", "tags/sae", "people",
)  # fmt: skip
BETS = {
    "notes/bets.md": "---\nvisibility: public\n---\n- [ ] p=0.7 by 2020-01-01: It works ^p-1\n- [x] p=0.2: Not → no\n"
}
FINDINGS = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => `${id}: ${target} ${html.slice(0, 160)} ${failureSummary}`));
}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    own = Path(__file__).parents[2] / "site" / "pages"
    manual = {f"site/pages/{page.name}": page.read_bytes() for page in own.iterdir() if page.name != "index.md"}
    kb = knowledge_base(tmp_path_factory.mktemp("axe") / "kb", {**COMFORT, **TEAM, **LAB, **BETS, **manual})
    return build_site(kb, Visibility.PUBLIC).site_dir.as_uri()


@pytest.mark.parametrize(
    ("scheme", "width", "pages"),
    [("light", DESKTOP["width"], (*PAGES, *MADE[1:])), ("dark", PHONE["width"], (*PAGES[1:4], *PAGES[-2:], *MADE[:6]))],
)
def test_nothing_serious_is_found_on_any_kind_of_page(
    chromium: Browser, root: str, scheme: str, width: int, pages: tuple[str, ...]
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]  # one of two words
        bypass_csp=True,  # axe is put into the page
        reduced_motion="reduce",
    )
    page = context.new_page()
    findings = {}
    for path in pages:
        page.goto(f"{root}/{path}.html")
        if path == "notes/diagrams":
            page.wait_for_selector("pre.carrel-unread")
        page.add_script_tag(path=AXE)
        if found := page.evaluate(FINDINGS):
            findings[path] = found
    context.close()
    assert findings == {}


def test_nothing_serious_is_found_in_what_a_link_shows_the_keys_and_a_note_that_is_chosen(
    chromium: Browser, root: str
) -> None:
    context = chromium.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{root}/notes/2026/2026-11-20.html")
    page.add_script_tag(path=AXE)
    page.get_by_role("link", name="Elhage et al., 2022").hover()
    page.wait_for_selector(".carrel-preview:visible")
    shown = page.evaluate(FINDINGS)
    page.keyboard.press("?")
    keys = page.evaluate(FINDINGS)
    page.goto(f"{root}/graph.html#papers/elhage2022toy")
    page.add_script_tag(path=AXE)
    page.wait_for_selector(".carrel-chosen:visible")
    assert (shown, keys, page.evaluate(FINDINGS)) == ([], [], [])
    context.close()
