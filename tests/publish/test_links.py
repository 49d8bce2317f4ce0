"""Every address of a built site leads somewhere: a link checker over all of its pages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.store.knowledge_base import KnowledgeBase
from tests.conftest import REPOSITORY
from tests.publish.link_checker import broken
from tests.publish.support import knowledge_base


def test_the_checker_names_a_missing_page_a_missing_place_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.html").write_text(
        '<p id="here">\n<a href="#here">1</a><a href="../index.html#top">2</a><a href="https://example.org/x">3</a>'
        '\n<a href="#gone">4</a><img src="no.png"><a href="../index.html#no">5</a><a href="b%20c.html">6</a>'
        '<a href="">7</a>'
    )
    (tmp_path / "a/b c.html").write_text('<meta http-equiv="refresh" content="0; url=../gone.html">')
    (tmp_path / "index.html").write_text('<h1 id="top">')
    assert list(broken(tmp_path)) == [
        "a/b c.html:1: ../gone.html",
        "a/b.html:3: #gone",
        "a/b.html:3: no.png",
        "a/b.html:3: ../index.html#no",
    ]


def test_every_address_of_a_generated_knowledge_bases_site_leads_somewhere(tmp_path: Path) -> None:
    root = tmp_path / "kb"
    (root / ".carrel").mkdir(parents=True)
    maker = REPOSITORY / "tooling" / "bench" / "generate.py"
    subprocess.run([sys.executable, maker, root, "300"], check=True, capture_output=True)
    built = build_site(KnowledgeBase.open(root), Visibility.LAB)
    assert built.pages > 200
    assert list(broken(built.site_dir)) == []


def test_a_heading_that_is_called_like_a_part_of_the_theme_can_be_linked(tmp_path: Path) -> None:
    text = "---\nvisibility: public\n---\nSee [[#md-graph]].\n\n## md-graph\n\nA graph.\n\n## __search\n\nNot ours.\n"
    kb = knowledge_base(tmp_path / "kb", {"notes/a.md": text})
    built = build_site(kb, Visibility.PUBLIC)
    assert list(broken(built.site_dir)) == []
    assert '<h2 id="section-1">md-graph' in (built.site_dir / "notes/a.html").read_text("utf-8")


def test_a_footnote_that_nothing_refers_to_has_no_way_back(tmp_path: Path) -> None:
    text = "---\nvisibility: public\n---\nSaid.[^1]\n\n[^1]: Of one.\n[^2]: Of none.\n"
    built = build_site(knowledge_base(tmp_path / "kb", {"notes/a.md": text}), Visibility.PUBLIC)
    page = (built.site_dir / "notes/a.html").read_text("utf-8")
    assert list(broken(built.site_dir)) == []
    assert 'href="#fnref:1"' in page
    assert "Of none." in page


def test_a_folder_that_is_called_as_a_file_of_the_site_is_in_the_way_of_none(tmp_path: Path) -> None:
    shared = "---\ntitle: T\nvisibility: public\n---\nText [[a]].\n"
    paper = "---\ntitle: P\nkind: paper\ncitekey: p\nvisibility: public\n---\nText.\n"
    notes = {"notes/a.md": shared, "notes/a.html/x.md": shared, "notes/papers.bib/y.md": shared, "papers/p.md": paper}
    built = build_site(knowledge_base(tmp_path / "kb", notes), Visibility.PUBLIC)
    assert list(broken(built.site_dir)) == []
    for page in ("notes/a.html", "notes/a-html/x.html", "notes/papers-bib/y.html", "papers.bib"):
        assert (built.site_dir / page).is_file()


def test_a_heading_whose_line_a_comment_goes_on_from_can_be_linked(tmp_path: Path) -> None:
    day = "---\nkind: log\ndate: 2026-11-20\nvisibility: public\n---\n"
    text = day + (
        "## 09:51 <!-- Taken out\nfor now -->\n\nOne.\n\n## 11:00 In `%%\n\nmore %%` and on\n\n"
        "## 12:00 When _**pruning and repotting**_, each\n\nText.\n\n## 13:10 Next <!-- never closed\n\nTwo.\n"
    )
    built = build_site(knowledge_base(tmp_path / "kb", {"notes/2026/2026-11-20.md": text}), Visibility.PUBLIC)
    page = (built.site_dir / "notes/2026/2026-11-20.html").read_text("utf-8")
    assert list(broken(built.site_dir)) == []
    assert "Taken out" not in page
    assert "One." in page
