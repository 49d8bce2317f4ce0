"""The search as a reader uses it: in a real browser, from a server's sub-path and from a folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.search.analysis import terms
from tests.publish.support import SAMPLE, knowledge_base
from tests.publish.test_browser import DESKTOP, Reader

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

NOTES = {
    **SAMPLE,
    "notes/2026/2026-11-18.md": (
        "---\nkind: log\ndate: 2026-11-18\nvisibility: public\n---\n"
        "## 09:10 Sweep of `top_k`\n\nLoss 0.0317 with SAE-7B. The [clearest](x) trend.\n\n"
        "## 10:30 検索の改良\n\n全文検索する。\n\n## 11:00 A walk\n\nThe optimizer converges; the top is reached.\n"
    ),
    "notes/angle.md": "---\nvisibility: public\n---\n# <b>Angle & bracket</b>\n\nNo `<img onerror=pwned=1>`.\n",
    "notes/signs.md": "---\nvisibility: public\ntitle: <b>Kept & literal</b> *signs*\n---\nNothing else.\n",
    "notes/code.md": "---\nvisibility: public\n---\n# The `<wbr>` of <i>hyphenless</i> words\n\nNothing else.\n",
}
#: What is asked, and the title of the best answer.
ANSWERS = {
    "zebrafish": "16:10 Zebrafish detour",
    "zebraf": "16:10 Zebrafish detour",
    "zebarfish": "16:10 Zebrafish detour",
    "optmizer": "11:00 A walk",
    "top_k": "09:10 Sweep of top_k",
    "TOP-K": "09:10 Sweep of top_k",
    "sae7b": "09:10 Sweep of top_k",
    "0.0317": "09:10 Sweep of top_k",
    "2209.10652": "Toy Models of Superposition",
    "elhage2022toy": "Toy Models of Superposition",
    "hume features": "Toy Models of Superposition",
    "検索": "10:30 検索の改良",
    "全文検索": "10:30 検索の改良",
    '"held-out set"': "09:05 Probes on the held-out set",
    "logit -held": "Refusal probes beat the logit lens",
    "tag:probing held": "09:05 Probes on the held-out set",
    "person:olsson": "Toy Models of Superposition",
    "kind:paper year:2022": "Toy Models of Superposition",
    "bracket": "Angle & bracket",
    "literal": "<b>Kept & literal</b> *signs*",
    "hyphenless": "The <wbr> of hyphenless words",
}

MANY_SCRIPTS = (
    "don't model's l'homme Straße ΣΊΣΥΦΟΣ ﬁne Ｎaïve İstanbul ａｂｃ １２３ ½ x² हिन्दी नमस्ते สวัสดี שָׁלוֹם عَرَبِيّ "
    "𠮷野家 형태소 e\u0301t\u00e9 naïve’s rock’n’roll dying skies 4th Ⅳ top_k SAE-7B 2310.06820 happiness spiking"
)


class Searcher(Reader):
    """A reader with the search open."""

    def opened(self) -> Searcher:
        if not self.page.evaluate("Boolean(document.querySelector('dialog.carrel-search')?.open)"):
            self.page.keyboard.press("/")
        return self

    def ask(self, query: str) -> None:
        self.opened().page.fill(".carrel-search input[role=combobox]", query)

    def titles(self) -> list[str]:
        return self.page.locator(".carrel-title").all_inner_texts()

    def status(self) -> str:
        return self.page.locator(".carrel-search [role=status]").inner_text()


def soon(tell: Callable[[], object], wanted: object) -> object:
    """What `tell` says when it says what is wanted, or after twenty seconds."""
    end = time.monotonic() + 20
    while (said := tell()) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    return said


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kb = knowledge_base(tmp_path_factory.mktemp("search") / "kb", NOTES)
    return build_site(kb, Visibility.PUBLIC).site_dir


@pytest.fixture(scope="module", params=["http", "file"])
def searcher(
    request: pytest.FixtureRequest, chromium: Browser, site: Path, serve: Callable[[Path], str]
) -> Iterator[Searcher]:
    context = chromium.new_context(viewport=DESKTOP)  # type: ignore[arg-type]  # a TypedDict
    reader = Searcher(context.new_page(), serve(site) if request.param == "http" else site.as_uri())
    asked: list[str] = []
    reader.page.on("request", lambda one: asked.append(one.url))
    reader.open("notes/2026/2026-11-20.html")
    assert [url for url in asked if "/search/" in url and not url.endswith(("/dialog.js", "/search.css"))] == []
    yield reader
    assert reader.wrong == []
    context.close()


def test_words_names_numbers_identifiers_and_mistyped_words_are_found_as_one_types(searcher: Searcher) -> None:
    answers = dict(
        list(ANSWERS.items())[:: 1 if searcher.root.startswith("http") else 3]
    )  # a folder differs in loading
    best = {}
    for query, wanted in answers.items():
        searcher.ask("")
        soon(searcher.titles, [])
        searcher.ask(query)
        soon(lambda wanted=wanted: searcher.titles()[:1], [wanted])  # type: ignore[misc]  # bound now
        best[query] = (searcher.titles() or [searcher.status()])[0]
    assert best == answers
    assert searcher.page.evaluate("window.pwned") is None


def test_what_was_meant_and_what_was_not_found_are_said(searcher: Searcher) -> None:
    searcher.ask("optmizer")
    assert soon(searcher.status, "1 result for “optimizer”") == "1 result for “optimizer”"
    searcher.ask("xylophone")
    assert soon(searcher.status, "Nothing was found.") == "Nothing was found."
    searcher.ask("secret hush")
    assert soon(searcher.titles, []) == []


def test_the_first_letter_finds_titles_and_each_hit_says_its_kind_and_day(searcher: Searcher) -> None:
    searcher.ask("z")
    assert soon(searcher.titles, ["16:10 Zebrafish detour"]) == ["16:10 Zebrafish detour"]
    hit = searcher.page.locator("#carrel-hits > a")
    assert hit.locator(".carrel-about-hit").inner_text() == "log · 2026-11-20"
    searcher.ask("detour")
    assert soon(lambda: hit.locator("mark").all_inner_texts(), ["detour"]) == ["detour"]


@pytest.mark.parametrize("key", ["/", "s", "f", "Control+k"])
def test_a_key_opens_the_dialogue_and_escape_closes_it(searcher: Searcher, key: str) -> None:
    page, is_open = searcher.page, "document.querySelector('dialog.carrel-search').open"
    page.keyboard.press("Escape")
    assert page.evaluate(is_open) is False
    page.keyboard.press(key)
    assert page.evaluate(f"{is_open} && document.activeElement.matches('dialog input')")
    page.keyboard.press("Escape")
    assert page.evaluate(is_open) is False


def test_filters_narrow_what_is_found(searcher: Searcher) -> None:
    searcher.ask("superposition")
    wanted = {"Toy Models of Superposition", "14:32 Loss spikes again", "How it works"}
    assert soon(lambda: set(searcher.titles()), wanted) == wanted
    searcher.page.click(".carrel-search summary")
    searcher.page.select_option(".carrel-facets select[name=kind]", "log")
    assert soon(searcher.titles, ["14:32 Loss spikes again"]) == ["14:32 Loss spikes again"]
    searcher.page.select_option(".carrel-facets select[name=kind]", "")
    searcher.page.select_option(".carrel-facets select[name=person]", "Tristan Hume")
    assert soon(searcher.titles, ["Toy Models of Superposition"]) == ["Toy Models of Superposition"]
    searcher.page.select_option(".carrel-facets select[name=person]", "")


def test_arrows_choose_and_enter_goes_to_the_entry_itself(searcher: Searcher) -> None:
    page = searcher.page
    searcher.ask("")
    soon(searcher.titles, [])  # what others have asked is gone, and does not come anew
    searcher.ask("superposition")
    soon(lambda: len(searcher.titles()), 3)
    chosen = "document.activeElement.getAttribute('aria-activedescendant')"
    before = page.evaluate(chosen)
    page.keyboard.press("ArrowDown")
    assert (before, page.evaluate(chosen)) == ("carrel-hit-0", "carrel-hit-1")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.querySelector('[aria-selected=true]').id") == "carrel-hit-0"
    searcher.ask("zebrafish")
    soon(searcher.titles, ["16:10 Zebrafish detour"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/notes/2026/2026-11-20.html#1610-zebrafish-detour")


def test_the_browser_makes_the_same_terms_of_a_text_as_the_index(searcher: Searcher) -> None:
    searcher.ask("words")
    soon(lambda: searcher.page.evaluate("typeof globalThis.carrelSearch?.search"), "function")
    told = searcher.page.evaluate("text => carrelSearch.terms(text).map(one => [one.word, one.stem])", MANY_SCRIPTS)
    assert told == [list(term) for term in terms(MANY_SCRIPTS)]


def test_a_link_can_hold_a_question_and_the_button_opens_the_dialogue(searcher: Searcher) -> None:
    searcher.open("index.html?q=zebrafish")
    assert soon(searcher.titles, ["16:10 Zebrafish detour"]) == ["16:10 Zebrafish detour"]
    searcher.page.keyboard.press("Escape")
    searcher.page.get_by_role("button", name="Search").click()
    assert searcher.page.evaluate("document.querySelector('dialog.carrel-search').open")
