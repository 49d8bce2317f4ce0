"""Papers on the site: their pages, what pages cite at their end, and the bibliography; nothing of their owner's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.errors import ConfigInvalid
from carrel.metadata import bibtex
from carrel.metadata.style import parse_style
from carrel.publish.build import build_site
from carrel.publish.gate.credentials import credentials
from carrel.publish.pages.every_file import made_files
from carrel.publish.staging.stage import stage
from tests.metadata.styles import NUMBERED, style
from tests.publish.support import edition, knowledge_base, lay_out, pages, tree

BIBTEX = """@article{elhage2022toy,
  title = {Toy Models of Superposition},
  author = {Elhage, Nelson and Olah, Chris and {Redwood Research}},
  editor = {Itor, Ed},
  year = {2022},
  journal = {Circuits},
  volume = {3},
  number = {4},
  pages = {33-35},
  publisher = {Anthropic},
  doi = {10.1234/toy},
  eprint = {2209.10652},
  archiveprefix = {arXiv},
  url = {https://circuits.example.org/toy},
}"""
FRONT = (
    "---\ntitle: Toy Models of Superposition\nkind: paper\ncitekey: elhage2022toy\n"
    'authors: [Nelson Elhage, "Olah, Chris", "{Redwood Research}"]\nyear: 2022\nvenue: Circuits\n'
    "editors: [Ed Itor]\nvolume: 3\nnumber: 4\npages: 33-35\npublisher: Anthropic\n"
    'arxiv: "2209.10652"\nversion: 2\ndoi: 10.1234/toy\nurl: https://circuits.example.org/toy\n'
    "pdf: https://circuits.example.org/toy.pdf\ncode: https://git.example.org/toy\n"
    "bibtype: article\nreading: read\nvisibility: public\n"
)
TEMPLATE = (
    "## TL;DR\n\n<!-- Gd7Q one -->\n\n## Summary\n\n<!-- Gd7Q two -->\nIt is short.\n\n"
    "## Opinion\n\n%% Gd7Q three %%\n\n## Method\n\n### Data\n\n### Model\n\n## Quotes\n\n> \n\n- \n"
)
PAPERS = {
    "papers/elhage2022toy.md": f"{FRONT}---\n{TEMPLATE}",
    "papers/olah2020zoom.md": (
        "---\ntitle: 'Zoom <In>'\nkind: paper\nauthors: [Chris Olah]\nyear: 2020\nvisibility: public\n"
        "url: https://distill.example.org/zoom\n---\nSee [@elhage2022toy].\n"
    ),
    "papers/unread2021.md": "---\ntitle: Not cited\nkind: paper\nauthors: [X Y]\nyear: 2021\nvisibility: public\n---\n",
    "notes/here.md": (
        "---\nvisibility: public\n---\nAs @olah2020zoom and [@elhage2022toy, p. 3] say; [@olah2020zoom].\n"
    ),
}


def section(text: str, name: str) -> str:
    return text.partition(f'<section class="carrel-{name}" data-search-exclude="">\n')[2].partition("\n</section>")[0]


def test_a_page_ends_with_what_it_cites_once_each_in_the_order_of_the_style() -> None:
    assert section(pages(PAPERS)["notes/here.md"].text, "references") == (
        '<p class="carrel-heading">References</p>\n<ul>\n'
        "<li>Elhage, N., Olah, C. and Redwood Research (2022). "
        '<a href="../papers/elhage2022toy.html">Toy Models of Superposition</a>. '
        "<i>Circuits</i>, 3(4), 33–35. Anthropic. "
        '<a href="https://doi.org/10.1234/toy">https://doi.org/10.1234/toy</a> '
        '<span class="carrel-elsewhere"><a href="https://arxiv.org/abs/2209.10652">arXiv:2209.10652</a></span></li>\n'
        '<li>Olah, C. (2020). <i><a href="../papers/olah2020zoom.html">Zoom &lt;In&gt;</a></i>. '
        '<a href="https://distill.example.org/zoom">https://distill.example.org/zoom</a></li>\n</ul>'
    )
    assert "carrel-references" not in pages(PAPERS)["papers/unread2021.md"].text


def test_a_style_of_numbers_lists_what_a_page_cites_in_the_order_of_its_text() -> None:
    text = pages(PAPERS, style=parse_style(NUMBERED, "numbered.csl"))["notes/here.md"].text
    assert section(text, "references").split("\n")[2:4] == [
        (
            '<li>[1] C. Olah, <b><a href="../papers/olah2020zoom.html">Zoom &lt;In&gt;</a></b>. '
            '<span class="carrel-elsewhere"><a href="https://distill.example.org/zoom">distill.example.org</a></span></li>'
        ),
        (
            "<li>[2] N. Elhage, C. Olah, and Redwood Research, "
            '<b><a href="../papers/elhage2022toy.html">Toy Models of Superposition</a></b>. '
            '<span class="carrel-elsewhere"><a href="https://doi.org/10.1234/toy">doi</a></span> '
            '<span class="carrel-elsewhere"><a href="https://arxiv.org/abs/2209.10652">arXiv:2209.10652</a></span></li>'
        ),
    ]


def test_the_bibliography_holds_every_paper_that_is_cited_and_no_other() -> None:
    text = pages(PAPERS)["bibliography.md"].text
    assert text.startswith("# Bibliography\n\n2 papers that notes here cite.\n\n")
    assert text.index("Elhage, N.") < text.index("Olah, C. (2020)")
    assert "Not cited" not in text
    assert "bibliography.md" not in pages({"papers/unread2021.md": PAPERS["papers/unread2021.md"]})


def test_a_site_on_which_nothing_is_cited_formats_nothing() -> None:
    made = edition({"papers/unread2021.md": PAPERS["papers/unread2021.md"], "notes/x.md": "@sam and [[unread2021]]"})
    lay_out(made)
    assert "bibliography" not in vars(made)


def test_a_paper_says_where_it_appeared_where_it_is_and_where_it_is_cited() -> None:
    text = pages(PAPERS)["papers/elhage2022toy.md"].text
    assert text.split("\n\n")[1] == (
        '<div class="carrel-about" data-search-exclude=""><dl class="carrel-record">\n'
        "<dt>Authors</dt><dd>Nelson Elhage, Chris Olah, Redwood Research</dd>\n"
        "<dt>Edited by</dt><dd>Ed Itor</dd>\n"
        "<dt>Published</dt><dd>Circuits, 3(4), pp. 33–35, Anthropic, 2022</dd>\n"
        '<dt>Find it</dt><dd><a href="https://arxiv.org/abs/2209.10652v2">arXiv:2209.10652v2</a> · '
        '<a href="https://doi.org/10.1234/toy">doi:10.1234/toy</a> · '
        '<a href="https://circuits.example.org/toy">circuits.example.org</a> · '
        '<a href="https://circuits.example.org/toy.pdf">PDF</a> · '
        '<a href="https://git.example.org/toy">code</a></dd>\n'
        '<dt>Reading</dt><dd><span class="carrel-reading">read</span></dd>\n'
        '<dt>Cite</dt><dd><details class="carrel-bibtex"><summary>Show BibTeX</summary>'
        f'<pre class="no-copy"><code>{BIBTEX}</code></pre></details></dd>\n'
        "</dl></div>"
    )


def test_a_crowd_of_authors_is_named_whole_behind_a_line_that_opens() -> None:
    crowd = ", ".join(f"Ann Author{number}" for number in range(15))
    front = f"---\nkind: paper\nauthors: [{crowd}]\nvisibility: public\n---\n"
    assert (
        "Ann Author10, Ann Author11 "
        "<details><summary>and 3 more</summary>Ann Author12, Ann Author13, Ann Author14</details></dd>"
    ) in pages({"papers/x.md": front})["papers/x.md"].text


def test_what_cites_a_paper_is_told_by_what_it_is_and_before_what_links_to_it() -> None:
    notes = {
        **PAPERS,
        "notes/2026/2026-11-20.md": (
            "---\nkind: log\ndate: 2026-11-20\nvisibility: public\n---\n"
            "## 09:00 First\n\nSee [[elhage2022toy]] and [@elhage2022toy] once.\n\n"
            "## 10:00 Second\n\nSee @elhage2022toy again.\n"
        ),
        "notes/probe.md": "---\nkind: experiment\nvisibility: public\n---\nAfter [@elhage2022toy].\n",
        "notes/list.md": "---\nvisibility: public\n---\n- [[elhage2022toy]]\n",
    }
    text = section(pages(notes)["papers/elhage2022toy.md"].text, "backlinks")
    assert re.findall("<p.*?>(.*)</p>|<li>.*?>(.*?)</a>(?: <span>(.*)</span>)?", text) == [
        ("Cited in 2 log entries", "", ""),
        ("", "2026-11-20 09:00 First", "See Toy Models of Superposition and (Elhage et al., 2022) once."),
        ("", "2026-11-20 10:00 Second", "See Elhage et al. (2022) again."),
        ("Cited in 1 experiment", "", ""),
        ("", "probe", "After (Elhage et al., 2022)."),
        ("Cited in 1 paper", "", ""),
        ("", "Zoom &lt;In&gt;", "See (Elhage et al., 2022)."),
        ("Cited in 1 note", "", ""),
        ("", "here", "As Olah (2020) and (Elhage et al., 2022, p. 3) say; (Olah, 2020)."),
        ("Linked from 1 place", "", ""),
        ("", "list", "Toy Models of Superposition"),
    ]


def rows(text: str) -> list[list[str]]:
    """The cells of the table of papers, its heads first."""
    return [re.findall("<t[hd].*?>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*)</tr>", text)]


def test_the_table_says_of_each_paper_what_it_can_be_sorted_and_filtered_by() -> None:
    notes = {
        "papers/a.md": (
            "---\ntitle: 'A & <b>'\nkind: paper\nauthors: [Ann One, Bo Two, Cy Three]\nyear: 2020\n"
            "venue: 'In [[hidden]] & co'\nreading: summarized\nrating: 4\nproject: '[[probes]]'\n"
            "tags: [sae, Übung]\nvisibility: public\n---\n"
        ),
        "papers/b.md": (
            "---\ntitle: B\nkind: paper\nauthors: [Ann One]\nyear: 2021\nproject: hidden\nvisibility: public\n---\n"
        ),
        "notes/probes.md": "---\ntitle: Probes\nkind: project\nvisibility: public\n---\n",
        "notes/hidden.md": "---\ntitle: Hidden\nvisibility: private\n---\n",
    }
    assert rows(pages(notes)["papers.md"].text) == [
        ["Title", "Authors", "Year", "Venue", "Reading", "Rating", "Project", "Tags"],
        ['<a href="papers/b.html">B</a>', "One", "2021", "", "", "", "", ""],
        [
            '<a href="papers/a.html">A &amp; &lt;b&gt;</a>',
            '<span title="Ann One, Bo Two, Cy Three">One et al.</span>',
            "2020",
            "In unshared note &amp; co",
            "summarised",
            '<span class="carrel-rating" title="4 of 5">★★★★☆</span>',
            '<a href="notes/probes.html">Probes</a>',
            '<a href="tags/sae.html">#sae</a> <a href="tags/%C3%BCbung.html">#Übung</a>',
        ],
    ]


def test_a_column_that_no_paper_fills_is_left_out_of_the_table() -> None:
    assert rows(pages({"papers/b.md": PAPERS["papers/unread2021.md"]})["papers.md"].text) == [
        ["Title", "Authors", "Year"],
        ['<a href="papers/b.html">Not cited</a>', "Y", "2021"],
    ]


def test_all_papers_can_be_had_as_bibtex_and_as_csl_json() -> None:
    made = {one.path: one.content for one in made_files(edition(PAPERS))}
    papers = edition(PAPERS)
    found, problems = bibtex.parse(made["papers.bib"](papers))
    assert [paper.citekey for paper in found] == ["elhage2022toy", "olah2020zoom", "unread2021"]
    assert problems == ()
    assert BIBTEX in made["papers.bib"](papers)
    items = json.loads(made["papers.json"](papers))
    assert [(one["id"], one["title"]) for one in items] == [
        ("elhage2022toy", "Toy Models of Superposition"),
        ("olah2020zoom", "Zoom <In>"),
        ("unread2021", "Not cited"),
    ]
    links = pages(PAPERS)["papers.md"].text
    assert '<a href="papers.bib">BibTeX</a> or <a href="papers.json">CSL-JSON</a>' in links


def test_a_long_citation_key_is_not_taken_for_a_secret() -> None:
    secret = "k7QpZ2x" + "Vb9LmT4wRn1c"  # as in {"api_key": "…"}
    assert not list(credentials('"citation-key": "abdalla2021grey-hoodie-Project"'))
    assert [found.text for found in credentials(f'"api_key": "{secret}0"')] == [f"{secret}0"]


def test_sections_of_a_paper_that_nobody_has_written_in_are_not_shown() -> None:
    text = pages(PAPERS)["papers/elhage2022toy.md"].text
    assert [line for line in text.split("\n") if line.startswith("#")] == [
        "# Toy Models of Superposition",
        "## Summary {: #summary }",
    ]
    assert "It is short." in text


@pytest.mark.parametrize(
    ("front", "body", "kept"),
    [
        (
            "kind: experiment",
            "## Why\n\n<!-- say why -->\n\n## Method\n\n## Result\n\n0.3\n",
            ["## Method", "## Result"],
        ),
        (
            "kind: log\ndate: 2026-11-20",
            "## 10:00 Began <!-- x -->\n\n<!-- y -->\n\n## 11:00 Done\n",
            ["## 10:00", "## 11:00"],
        ),
        ("kind: paper", "# Title\n\n## A\n\n### B\n\ntext\n\nC\n-\n\nD\n=\n", ["# Title", "## A", "### B", "# D"]),
        ("kind: paper", "## A\n\n```\n<!-- code -->\n```\n\n## B\n\n![[gone.png]]\n", ["## A", "## B"]),
    ],
)
def test_a_heading_goes_only_with_guidance_below_it_or_in_a_paper(front: str, body: str, kept: list[str]) -> None:
    text = pages({"notes/x.md": f"---\ntitle: T\n{front}\nvisibility: public\n---\n{body}"})["notes/x.md"].text
    headings = [line.partition(" {")[0] for line in text.split("\n") if line.startswith("#") and line != "# T"]
    assert [heading[: len(one)] for heading, one in zip(headings, kept, strict=True)] == kept


def test_guidance_comments_are_in_no_byte_of_the_site(tmp_path: Path) -> None:
    site = build_site(knowledge_base(tmp_path, PAPERS), Visibility.PUBLIC).site_dir
    assert [path for path, data in tree(site).items() if b"Gd7Q" in data] == []


OWN = "Zanzibar"


def test_what_is_the_owners_of_a_paper_is_in_no_byte_of_the_site(tmp_path: Path) -> None:
    own = (
        f"priority: {OWN}1\nnote: {OWN}2\nsessions:\n- {{date: 2026-11-20, level: {OWN}3, minutes: 7717}}\n"
        f"imported:\n  title: {OWN}4\n  venue: {OWN}5\nkeywords: [{OWN}6]\nabstract: {OWN}7\n"
    )
    local = FRONT.replace("pdf: https://circuits.example.org/toy.pdf", f"pdf: files/{OWN}8.pdf")
    files: dict[str, str | bytes] = {
        **PAPERS,
        "papers/elhage2022toy.md": f"{local}{own}---\n{TEMPLATE}",
        f"papers/files/{OWN}8.pdf": b"%PDF-1.4 " + OWN.encode(),
        "papers/third.md": (
            f"---\ntitle: Third\nkind: paper\nurl: file:///home/{OWN}/x.pdf\npdf: /home/{OWN}/x.pdf\n"
            f"visibility: public\n---\n![[{OWN}8.pdf]] [[files/{OWN}8.pdf]] [its text](files/{OWN}8.pdf) [@third]\n"
        ),
    }
    built = build_site(knowledge_base(tmp_path, files), Visibility.PUBLIC)
    site = tree(built.site_dir)
    assert [path for path, data in site.items() if OWN.encode() in data or OWN in path or b"7717" in data] == []
    assert b"its text" in site["papers/third.html"]
    assert [path for path in site if path.endswith(".pdf")] == []
    assert len([one for one in built.unresolved if OWN in one.target]) == 3


MARK = "Canary8R"
HIDDEN = (
    f"---\ntitle: Title {MARK}\nkind: paper\ncitekey: {MARK}2022toy\nauthors: [Nelson Elhage, '{MARK} Author', X Y]\n"
    f"year: 2022\nvenue: Venue {MARK}\ndoi: 10.1234/{MARK}\nvisibility: private\n---\n"
    "Cites [@elhage2022toy], [@unread2021].\n"
)


def test_of_a_hidden_paper_nothing_is_on_the_site_and_without_it_the_site_is_the_same(tmp_path: Path) -> None:
    citing = {
        **PAPERS,
        "notes/cites.md": (
            f"---\ntitle: 'Reading @{MARK}2022toy and [@{MARK}2022toy, p. 2]'\nauthors: ['[@{MARK}2022toy]']\n"
            f"visibility: lab\n---\n## On [see @{MARK}2022toy; @elhage2022toy]\n\n"
            f"@{MARK}2022toy [p. 3] [-@{MARK}2022toy] ![cap [@{MARK}2022toy]](x.png) "
            f"[l @{MARK}2022toy](https://example.org)[^1]\n\n[^1]: [@{MARK}2022toy]\n"
        ),
        # A paper's own names may lead to something hidden.
        "papers/linked2022.md": (
            f"---\ntitle: Linked\nkind: paper\nauthors: ['[[{MARK}2022toy]]', '[@{MARK}2022toy]']\nyear: 2022\n"
            f"venue: 'In [[{MARK}2022toy]]'\nvisibility: lab\n---\nSee [@linked2022].\n"
        ),
        "notes/titled.md": "---\ntitle: 'On @linked2022'\nvisibility: lab\n---\nText\n",
    }
    for name, chosen in (("own", None), ("numbered", NUMBERED)):
        config = {".carrel/config.toml": '[papers]\nstyle = "numbered.csl"\n'} if chosen else {}
        files: dict[str, str | bytes] = {**citing, **config, "numbered.csl": NUMBERED}
        root = tmp_path / name
        kb = knowledge_base(root, {**files, f"papers/{MARK}2022toy.md": HIDDEN})
        built = build_site(kb, Visibility.LAB)
        site = tree(built.site_dir)
        assert [path for path, data in site.items() if MARK.encode() in data or MARK in path] == []
        assert "Elhage et al., 2022a" not in site["notes/here.html"].decode()
        assert b"Cited in 1 paper<" in site["papers/elhage2022toy.html"]
        assert b"Cited in 2 notes<" in site["papers/elhage2022toy.html"]
        assert b"Cited" not in site["papers/unread2021.html"]
        assert {one.hidden for one in built.unresolved if MARK in one.target} == {True}
        (root / f"papers/{MARK}2022toy.md").unlink()
        assert tree(build_site(kb.reopened(), Visibility.LAB).site_dir) == site


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone.csl", "papers.style = 'gone.csl': "),
        ("../outside.csl", "papers.style = '../outside.csl': ../outside.csl is outside the knowledge base"),
        ("link.csl", "papers.style = 'link.csl': link.csl is outside the knowledge base"),
        ("/etc/passwd", "papers.style = '/etc/passwd': /etc/passwd is outside the knowledge base"),
        ("papers", "papers.style = 'papers': "),
        ("a\\u0000b", "papers.style = 'a\\x00b': no file has such a name"),
        ("long" * 2000, "papers.style = 'longlong"),
        ("bad.csl", "bad.csl cannot be read as a CSL style: "),
        ("broken.csl", "broken.csl does not say how to cite"),
    ],
)
def test_a_style_that_cannot_be_had_stops_the_build_with_the_reason(tmp_path: Path, path: str, said: str) -> None:
    config = f'[papers]\nstyle = "{path}"\n'
    files: dict[str, str | bytes] = {".carrel/config.toml": config, "bad.csl": "x", "broken.csl": style("")}
    kb = knowledge_base(tmp_path / "kb", {**PAPERS, **files})
    (tmp_path / "outside.csl").write_bytes(NUMBERED)
    (kb.root / "link.csl").symlink_to(tmp_path / "outside.csl")
    for build in (lambda: stage(kb, Visibility.LAB, tmp_path / "stage"), lambda: build_site(kb, Visibility.LAB)):
        with pytest.raises(ConfigInvalid) as refused:
            build()
        assert refused.value.message.startswith(said)
        assert refused.value.hint
