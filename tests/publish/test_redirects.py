"""What a note is also called, or was once, leads to its page; nothing else is told by it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.pages.address import NOWHERE, Address
from carrel.publish.pages.every_file import made_files
from carrel.publish.pages.redirects import redirects
from tests.publish.support import SAMPLE, edition, knowledge_base, lay_out, tree

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def note(title: str, aliases: str, visibility: str = "public") -> str:
    return f"---\ntitle: '{title}'\naliases: {aliases}\nvisibility: {visibility}\n---\nText\n"


def leading(notes: dict[str, str], pages: tuple[str, ...] = (), address: Address = NOWHERE) -> dict[str, str]:
    """The pages that lead on, by their place."""
    made = edition(notes)
    return {one.path: one.content(made) for one in redirects(made, address, (*made.places.values(), *pages))}


def test_an_alias_leads_from_beside_the_notes_page_and_a_path_from_where_it_was() -> None:
    notes = {
        "notes/projects/probes.md": note("Probes & <co>", "[Linear Probes!, notes/old probes.md, 'old/probes']"),
    }
    assert sorted(leading(notes)) == ["notes/old probes.html", "notes/projects/linear-probes.html", "old/probes.html"]
    assert leading(notes)["notes/old probes.html"] == (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "script-src 'sha256-bU06yegAiL+YIpWmlNa5Nd+iINtlNtb51jt6vRIP+5U='; base-uri 'none'\">\n"
        '<title>Probes &amp; &lt;co&gt;</title>\n<meta name="robots" content="noindex">\n'
        '<link rel="canonical" href="projects/probes.html">\n'
        '<noscript><meta http-equiv="refresh" content="0; url=projects/probes.html"></noscript>\n</head>\n'
        '<body><p>This is now <a href="projects/probes.html">Probes &amp; &lt;co&gt;</a>.</p>'
        "<script>location.replace(document.links[0].href + location.hash)</script></body>\n</html>\n"
    )
    known = leading(notes, address=Address("Lab", "https://lab.example.org/"))["old/probes.html"]
    assert '<link rel="canonical" href="https://lab.example.org/notes/projects/probes.html">' in known
    assert '<meta http-equiv="refresh" content="0; url=../notes/projects/probes.html">' in known


def test_where_a_page_stands_nothing_leads_on_and_the_first_note_has_an_alias() -> None:
    notes = {
        "notes/a.md": note("A", "[b, Both, tags.md]"),
        "notes/b.md": note("B", "[both, B, c]"),
        "notes/C.md": note("C", "[index.md, 404.md]"),
    }
    found = leading(notes, ("tags.md", "index.md"))
    assert list(found) == ["notes/both.html"]
    assert "url=a.html" in found["notes/both.html"]


@pytest.mark.parametrize(
    "alias",
    ["?", "../x", "/etc/passwd", "a/../b", "a//b", ".git/x", "a/.b", "carrel/x", "search/x", "feeds/x", "a/b#c",
     "a\\b/c", "a/\x07", "a/\u202eb", "x/" + "y" * 300, "x/" * 2000 + "y",
     "notes/a.html/x", "notes/A.HTML/x", "notes/a.md/x", "papers.bib/x", "graph-data.js/x", "sitemap.xml/x",
     "predictions.svg/x"],
)  # fmt: skip
def test_an_alias_that_can_be_no_name_of_a_page_makes_none(alias: str) -> None:
    escaped = alias.encode("unicode_escape").decode().replace('"', "")
    assert leading({"notes/a.md": note("A", f'["{escaped}"]')}) == {}


def test_names_that_are_one_on_a_macs_disk_have_one_page() -> None:
    found = leading({"notes/é.md": note("A", '["notes/e\u0301", "old/é", "old/e\u0301", "OLD/É"]')})
    assert list(found) == ["old/é.html"]


def test_no_alias_keeps_a_site_from_being_built(tmp_path: Path) -> None:
    aliases = '["notes/a.md/x", "notes/a.html/x", "papers.bib/x", "sitemap.xml/x", "other", "notes/other.html/x"]'
    kb = knowledge_base(
        tmp_path / "kb", {"notes/a.md": note("A", aliases), "papers/p.md": SAMPLE["papers/elhage2022toy.md"]}
    )
    found = tree(build_site(kb, Visibility.PUBLIC).site_dir)
    assert {"notes/a.html", "notes/other.html", "papers.bib", "sitemap.xml"} <= found.keys()


def test_of_hidden_notes_no_name_leads_anywhere() -> None:
    notes = {"notes/a.md": note("A", "[secret name]", "private"), "notes/b.md": note("B", "[open name]")}
    assert list(leading(notes)) == ["notes/open-name.html"]


def test_a_redirect_is_in_no_search_feed_and_sitemap_and_takes_the_reader_along(
    tmp_path: Path, chromium: Browser
) -> None:
    files = {
        **SAMPLE,
        "notes/plan.md": note("The plan", "[Zanzibar scheme]"),
        "mkdocs.yml": "site_name: Lab\nsite_url: https://lab.example.org/\nplugins: [carrel]\ntheme: {name: material}\n"
        "docs_dir: site/pages\nsite_dir: site/public\n",
    }
    site = build_site(knowledge_base(tmp_path / "kb", files), Visibility.PUBLIC).site_dir
    found = tree(site)
    assert [path for path, data in found.items() if "zanzibar" in path] == ["notes/zanzibar-scheme.html"]
    assert b"notes/plan.html" in found["sitemap.xml"]
    for path, data in found.items():
        if path.endswith(".xml"):
            assert b"zanzibar" not in data.lower(), path
    page = chromium.new_page()
    page.goto(f"{site.as_uri()}/notes/zanzibar-scheme.html")
    page.wait_for_url("**/notes/plan.html")
    assert page.locator("h1").inner_text() == "The plan"
    page.goto(f"{site.as_uri()}/notes/zanzibar-scheme.html#the-plan")
    page.wait_for_url("**/notes/plan.html#the-plan")
    page.close()
    silent = chromium.new_page(java_script_enabled=False)
    silent.goto(f"{site.as_uri()}/notes/zanzibar-scheme.html")
    silent.wait_for_url("**/notes/plan.html")
    silent.close()


def test_what_leads_on_stands_for_every_builder_in_the_stage() -> None:
    made = edition({"notes/a.md": note("A", "[other]")})
    paths = tuple(lay_out(made)[0])
    assert "notes/other.html" in {one.path for one in made_files(made, Address("Lab"), paths)}
