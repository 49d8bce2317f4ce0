"""The table of papers and a paper's page as a reader uses them, in a real browser, from a server and from a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.pages.papers_table import FIRST_ROWS
from tests.publish.support import SAMPLE, knowledge_base, wait_until
from tests.publish.test_accessibility import AXE, FINDINGS
from tests.publish.test_browser import DESKTOP, PHONE, Reader
from tests.publish.test_site_search_browser import soon

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def paper(title: str, front: str) -> str:
    return f"---\ntitle: {title}\nkind: paper\nvisibility: public\n{front}---\nText\n"


SHELF = {
    **SAMPLE,
    "notes/probes.md": "---\ntitle: Probes\nkind: project\nvisibility: public\n---\n",
    "papers/alain.md": paper(
        "Éclair of Linear Classifiers",
        "citekey: alain2016understanding\nauthors: [Guillaume Alain, Yoshua Bengio, Zoë Quiet]\nyear: 2016\n"
        "venue: ICLR\nreading: read\nrating: 4\ntags: [probing]\nproject: probes\n",
    ),
    "papers/burns.md": paper(
        "Discovering Latent Knowledge",
        "authors: [Collin Burns]\nyear: 2022\nvenue: ICLR\nreading: queued\ntags: [probing, sae]\n",
    ),
    "papers/undated.md": paper("A <b>note</b> & “more” </script>", "authors: [Anon]\nreading: skimmed\nrating: 2\n"),
}
ALL = ["Discovering Latent Knowledge", "Toy Models of Superposition", "Éclair of Linear Classifiers",
       "A <b>note</b> & “more” </script>"]  # fmt: skip
LATENT, TOY, ECLAIR, UNDATED = ALL


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[object], str]) -> dict[str, str]:
    """The address of the same site on a server and in a folder."""
    folder = build_site(knowledge_base(tmp_path_factory.mktemp("papers") / "kb", SHELF), Visibility.PUBLIC).site_dir
    return {"http": serve(folder), "file": folder.as_uri()}


@pytest.fixture
def reader(request: pytest.FixtureRequest, window: Page, site: dict[str, str]) -> Iterator[Reader]:
    reader = Reader(window, site[getattr(request, "param", "file")])
    yield reader
    reader.leave()
    assert reader.wrong == []


#: What depends on where a page was opened from is tried from a server and from a folder.
BOTH = pytest.mark.parametrize("reader", ["http", "file"], indirect=True)


def titles(reader: Reader) -> list[str]:
    return [text.strip() for text in reader.page.locator(".carrel-papers tbody td:first-child").all_inner_texts()]


def said(reader: Reader) -> str:
    return reader.page.get_by_role("status").first.inner_text()


def hash_of(reader: Reader) -> str:
    return str(reader.page.evaluate("location.hash"))


@BOTH
def test_every_heading_sorts_what_is_best_or_newest_first_and_unknown_values_last(reader: Reader) -> None:
    reader.open("papers.html")
    assert titles(reader) == ALL
    orders = {}
    for name in ("Title", "Authors", "Year", "Reading", "Rating"):
        head = reader.page.locator(".carrel-papers th", has_text=name)
        button = head.get_by_role("button")
        button.click()
        first = titles(reader), head.get_attribute("aria-sort")
        button.click()
        orders[name] = first, (titles(reader), head.get_attribute("aria-sort"))
        button.click()
        assert (titles(reader), head.get_attribute("aria-sort")) == (ALL, None)
    up, down = "ascending", "descending"
    assert orders == {
        "Title": (([UNDATED, LATENT, ECLAIR, TOY], up), ([TOY, ECLAIR, LATENT, UNDATED], down)),
        "Authors": (([ECLAIR, UNDATED, LATENT, TOY], up), ([TOY, LATENT, UNDATED, ECLAIR], down)),
        "Year": (([LATENT, TOY, ECLAIR, UNDATED], down), ([ECLAIR, LATENT, TOY, UNDATED], up)),
        "Reading": (([TOY, ECLAIR, UNDATED, LATENT], down), ([LATENT, UNDATED, ECLAIR, TOY], up)),
        "Rating": (([TOY, ECLAIR, UNDATED, LATENT], down), ([UNDATED, ECLAIR, TOY, LATENT], up)),
    }


def test_fields_filter_by_words_years_venue_reading_rating_project_and_tag(reader: Reader) -> None:
    reader.open("papers.html")
    form = reader.page.get_by_role("search", name="Papers")
    found = {}
    for label, value in (
        ("Find", "eclair alain"),  # without accents, and in any order
        ("Find", "QUIET"),  # behind "et al."
        ("Find", "nobody"),
        ("From year", "2022"),
        ("To year", "2016"),
        ("Venue", "ICLR"),
        ("Reading", "skimmed"),
        ("Rating", "4"),
        ("Project", "Probes"),
        ("Tag", "sae"),
    ):
        field = form.get_by_label(label, exact=True)
        if label == "Find":
            field.fill(value)
        else:
            field.select_option(value)
        found[value] = titles(reader), said(reader)
        form.get_by_role("button", name="Clear").click()
    assert found == {
        "eclair alain": ([ECLAIR], "1 of 4 papers"),
        "QUIET": ([ECLAIR], "1 of 4 papers"),
        "nobody": ([], "0 of 4 papers"),
        "2022": ([LATENT, TOY], "2 of 4 papers"),
        "2016": ([ECLAIR], "1 of 4 papers"),
        "ICLR": ([LATENT, ECLAIR], "2 of 4 papers"),
        "skimmed": ([UNDATED], "1 of 4 papers"),
        "4": ([TOY, ECLAIR], "2 of 4 papers"),
        "Probes": ([ECLAIR], "1 of 4 papers"),
        "sae": ([LATENT, TOY], "2 of 4 papers"),
    }
    assert (titles(reader), said(reader)) == (ALL, "4 papers, the newest first.")


@BOTH
def test_the_address_says_what_is_shown_and_shows_it_again(reader: Reader) -> None:
    reader.open("papers.html")
    reader.page.get_by_label("Tag").select_option("probing")
    reader.page.get_by_label("Find").fill("of & “x")
    reader.page.get_by_label("Find").fill("i")
    reader.page.locator(".carrel-papers th button", has_text="Title").click()
    wanted = "#q=i&tag=probing&sort=title"  # it is written when the typing stops
    assert soon(lambda: hash_of(reader), wanted) == wanted
    assert titles(reader) == [LATENT, ECLAIR]
    address = reader.page.url
    reader.open("index.html")
    reader.page.goto(address)
    assert titles(reader) == [LATENT, ECLAIR]
    assert reader.page.get_by_label("Tag").input_value() == "probing"
    reader.page.evaluate("location.hash = '#sort=-rating&reading=read'")
    wait_until(reader.page, "document.querySelector('.carrel-count').textContent === '1 of 4 papers'")
    reader.page.get_by_role("button", name="Clear").click()
    assert soon(lambda: hash_of(reader), "") == ""


@pytest.mark.parametrize("said_there", ["#sort=constructor&tag=__proto__&from=x", "#tag=%3Cimg%3E&q=%", "#papers"])
def test_an_address_that_says_something_else_is_no_mistake(reader: Reader, said_there: str) -> None:
    reader.open(f"papers.html{said_there}")
    assert set(titles(reader)) <= set(ALL)


def test_it_works_by_keyboard_alone(reader: Reader) -> None:
    reader.open("papers.html")
    reader.page.get_by_label("Find").focus()
    reader.page.keyboard.type("toy")
    assert titles(reader) == [TOY]
    reader.page.keyboard.press("Enter")  # sends nothing anywhere
    assert reader.page.url.partition("#")[0].endswith("papers.html")
    reader.page.locator(".carrel-papers th button", has_text="Year").focus()
    reader.page.keyboard.press("Enter")
    assert reader.page.locator("th[aria-sort=descending]").inner_text().startswith("Year")


@BOTH
def test_the_entry_for_bibtex_is_copied_or_selected_for_the_reader(reader: Reader) -> None:
    reader.open("papers/elhage2022toy.html")
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.page.get_by_role("button", name="Copy BibTeX").click()
    wait_until(reader.page, "document.querySelector('.carrel-copied').textContent === 'Copied'")
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("@misc{elhage2022toy,\n  title = {Toy Models of Superposition},\n")
    assert copied.endswith("\n}\n")
    reader.page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    reader.page.get_by_role("button", name="Copy BibTeX").click()
    wait_until(reader.page, "document.querySelector('.carrel-copied').textContent.startsWith('Selected')")
    assert f"{reader.page.evaluate('String(getSelection())')}\n" == copied


def test_on_a_phone_nothing_is_wider_than_the_window(reader: Reader) -> None:
    reader.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict
    for path in ("papers.html", "papers/alain.html"):
        reader.open(path)
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_without_scripts_the_table_is_there_and_nothing_that_would_not_work(
    chromium: Browser, site: dict[str, str]
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site['file']}/papers.html")
    assert page.locator(".carrel-papers tbody tr").count() == len(ALL)
    assert page.locator(".carrel-filters, .carrel-papers button").count() == 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_on_the_table_and_on_a_papers_page(
    chromium: Browser, site: dict[str, str], scheme: str
) -> None:
    context = chromium.new_context(
        viewport={"width": DESKTOP["width"], "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]  # one of two words
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    findings = {}
    for path in ("papers.html#tag=sae&sort=-rating", "papers/alain.html"):
        page.goto(f"{site['file']}/{path}")
        page.add_script_tag(path=AXE)
        findings[path] = page.evaluate(FINDINGS)
    context.close()
    assert [*findings.values()] == [[], []]


def test_of_many_papers_the_first_are_laid_out_and_all_are_found(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    many = {f"papers/p{n}.md": paper(f"Paper {n}", "year: 2020\n") for n in range(FIRST_ROWS + 5)}
    folder = build_site(knowledge_base(tmp_path_factory.mktemp("many") / "kb", many), Visibility.PUBLIC).site_dir
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{folder.as_uri()}/papers.html")
    assert page.locator(".carrel-papers tbody tr").count() == FIRST_ROWS
    page.get_by_label("Find").fill("paper 203")
    assert page.locator(".carrel-papers tbody tr").count() == 1
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name=f"Show all {FIRST_ROWS + 5}").click()
    assert page.locator(".carrel-papers tbody tr").count() == FIRST_ROWS + 5
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == FIRST_ROWS + 1
    context.close()
