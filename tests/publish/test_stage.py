"""The stage holds what an audience may see, as plain Markdown, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from carrel.core.note import Problem, Visibility
from carrel.publish.edition.compose import is_shown
from carrel.publish.staging.stage import stage
from tests.publish.support import SAMPLE, edition, knowledge_base, note, pages, png, tree

PUBLIC = Visibility.PUBLIC


def test_a_page_has_its_title_what_is_known_of_the_note_its_text_its_neighbours_and_what_links_to_it() -> None:
    page = pages(SAMPLE)["notes/2026/2026-11-20.md"]
    assert page.markdown == (
        '---\ntitle: "2026-11-20"\ndate: 2026-11-20\nkind: log\n'
        'description: "14:32 Loss spikes again As in (Elhage et al., 2022, p. 3), superposition. #sae '
        '16:10 Zebrafish detour Nothing to do with unshared note or the plan."\n'
        "tags: [sae]\n---\n\n"
        "# 2026-11-20\n\n"
        '<div class="carrel-about" data-search-exclude=""><span class="carrel-facts">Friday, '
        '<time datetime="2026-11-20">20 November 2026</time></span> '
        '<span class="carrel-tags"><a href="../../tags/sae.html">#sae</a></span></div>\n\n'
        "## 14:32 Loss spikes again {: #1432-loss-spikes-again }\n\n"
        "As in ([Elhage et al., 2022](../../papers/elhage2022toy.md), p. 3), superposition. "
        "[&#35;sae](../../tags/sae.md)\n\n"
        "```python\nloss.backward()\n```\n\n"
        "## 16:10 Zebrafish detour {: #1610-zebrafish-detour }\n\n"
        "Nothing to do with unshared note or the plan.\n\n"
        '<section class="carrel-references" data-search-exclude="">\n<p class="carrel-heading">References</p>\n<ul>\n'
        "<li>Elhage, N., Hume, T. and Olsson, C. (2022). "
        '<i><a href="../../papers/elhage2022toy.html">Toy Models of Superposition</a></i>. '
        '<span class="carrel-elsewhere"><a href="https://arxiv.org/abs/2209.10652">arXiv:2209.10652</a></span></li>\n'
        "</ul>\n</section>\n\n"
        '<nav class="carrel-days" aria-label="Before and after" data-search-exclude="">'
        '<span class="carrel-before">← <a href="2026-11-19.html">2026-11-19</a></span>'
        '<span class="carrel-above"><a href="../../timeline/2026-11.html#2026-11-20">November 2026</a></span></nav>\n\n'
        '<ul class="carrel-around" data-search-exclude="">\n'
        '<li data-kind="paper" data-links=""><a href="../../papers/elhage2022toy.html">Toy Models of Superposition</a>'
        "</li>\n</ul>\n"
    )


def test_a_paper_says_who_wrote_it_where_it_is_and_how_far_it_was_read() -> None:
    page = pages(SAMPLE)["papers/elhage2022toy.md"]
    about = page.text.split("\n\n")[1]
    assert about.startswith(
        '<div class="carrel-about" data-search-exclude=""><dl class="carrel-record">\n'
        "<dt>Authors</dt><dd>Nelson Elhage, Tristan Hume, Catherine Olsson</dd>\n"
        "<dt>Published</dt><dd>2022</dd>\n"
        '<dt>Find it</dt><dd><a href="https://arxiv.org/abs/2209.10652">arXiv:2209.10652</a> · '
        '<a href="https://arxiv.org/pdf/2209.10652">PDF</a></dd>\n'
        '<dt>Reading</dt><dd><span class="carrel-reading">summarised</span> '
        '<span class="carrel-rating" title="5 of 5">★★★★★</span></dd>\n'
        "<dt>Cite</dt>"
    )
    assert about.endswith(
        '</dl> <span class="carrel-tags"><a href="../tags/superposition.html">#superposition</a> '
        '<a href="../tags/sae.html">#sae</a></span></div>'
    )
    assert page.meta["description"] == "Features share neurons when they are sparse."


def test_backlinks_show_the_words_around_each_link_with_the_entry_they_stand_in() -> None:
    text = pages(SAMPLE)["papers/elhage2022toy.md"].text
    assert text.partition('<section class="carrel-backlinks"')[2].partition("</section>")[0] == (
        ' data-search-exclude="">\n<p class="carrel-heading">Cited in 1 log entry</p>\n<ul>\n'
        '<li><a href="../notes/2026/2026-11-20.html#1432-loss-spikes-again">2026-11-20 14:32 Loss spikes again</a> '
        "<span>As in (Elhage et al., 2022, p. 3), superposition. #sae</span></li>\n</ul>\n"
        '<p class="carrel-heading">Cited in 1 experiment</p>\n<ul>\n'
        '<li><a href="../notes/experiments/refusal-probes.html">Refusal probes beat the logit lens</a> '
        "<span>Linear probes find refusal earlier than (Elhage et al., 2022) would say.</span></li>\n</ul>\n"
        '<p class="carrel-heading">Linked from 1 place</p>\n<ul>\n'
        '<li><a href="../about/this.html">How it works</a> '
        "<span>Plain notes. See Toy Models of Superposition.</span></li>\n"
        "</ul>\n"
    )


def test_every_visible_note_has_a_page_and_the_lists_that_hold_something_are_made() -> None:
    assert sorted(pages(SAMPLE)) == [
        "about/this.md",
        "bibliography.md",
        "experiments.md",
        "graph.md",
        "index.md",
        "notes/2026/2026-11-19.md",
        "notes/2026/2026-11-20.md",
        "notes/experiments/refusal-probes.md",
        "papers.md",
        "papers/elhage2022toy.md",
        "tags.md",
        "tags/probing.md",
        "tags/sae.md",
        "tags/superposition.md",
        "timeline.md",
        "timeline/2026-11.md",
        "timeline/2026.md",
    ]


def test_home_has_the_knowledge_bases_own_words_on_top_then_the_latest_entries_and_papers() -> None:
    text = pages(SAMPLE)["index.md"].text
    assert text.startswith(
        "# Our lab {: #our-lab }\n\nWelcome. Read [how it works](about/this.md) first.\n\n## Latest entries"
    )
    newest, older = text.index("2026-11-20.html#1610"), text.index("2026-11-19.html#0905")
    assert (
        newest
        < text.index("2026-11-20.html#1432")
        < older
        < text.index("## Running experiments")
        < text.index("## Papers summarised")
        < text.index("Features share neurons")
    )


def test_a_tags_page_lists_the_entries_that_carry_it_and_notes_as_a_whole() -> None:
    text = pages(SAMPLE)["tags/sae.md"].text
    assert "2026-11-20.html#1432-loss-spikes-again" in text
    assert "1610-zebrafish-detour" not in text
    assert "refusal-probes.html" in text
    assert "elhage2022toy.html" in text


def test_tags_that_differ_in_case_share_a_page_and_tags_of_one_slug_do_not() -> None:
    made = edition({"notes/a.md": "---\ntags: [SAE, sae, c, c++]\nvisibility: public\n---\n"})
    assert made.tags == {"SAE": "tags/sae.md", "c": "tags/c.md", "c++": "tags/c-2.md", "sae": "tags/sae.md"}


def test_a_note_gives_way_to_a_page_of_the_site_and_readme_stays_a_page_of_its_own() -> None:
    made = edition({"index.md": "x", "tags.md": "x", "README.md": "x", "Timeline/2026.md": "x", "a/README.md": "x"})
    assert dict(made.places) == {
        "README.md": "readme.md",
        "Timeline/2026.md": "Timeline/2026.md",
        "a/README.md": "a/readme.md",
        "index.md": "index-2.md",
        "tags.md": "tags-2.md",
    }


@pytest.mark.parametrize(
    ("front", "private", "lab", "public"),
    [
        ("visibility: public", True, True, True),
        ("visibility: lab", True, True, False),
        ("visibility: private", True, False, False),
        ("title: x", True, False, False),
        ("visibility: Public", True, False, False),
        ("visibility: public\nvisibility: public", True, False, False),
        ("visibility: public\ntitle: Foo: bar", True, False, False),
        ("visibility: public\ndate: 2026-02-30", True, False, False),
    ],
)
def test_a_note_is_shown_only_to_whom_it_says_and_one_that_cannot_be_read_to_its_writer(
    front: str, private: bool, lab: bool, public: bool
) -> None:
    made = note("notes/a.md", f"---\n{front}\n---\n")
    assert [is_shown(made, audience) for audience in Visibility] == [private, lab, public]


def test_what_could_not_be_read_is_not_shown_whatever_it_says() -> None:
    odd = replace(note("notes/a.md", "Text"), problems=(Problem("notes/a.md", 1, "odd", "odd"),))
    assert odd.visibility is PUBLIC
    assert not is_shown(odd, PUBLIC)


def test_a_link_in_front_matter_counts_when_its_key_is_published() -> None:
    notes = {
        "notes/a.md": "Text",
        "notes/b.md": "---\nvisibility: public\nadvances: '[[a]]'\n---\n",
        "notes/c.md": "---\nvisibility: public\nreviewer: '[[a]]'\n---\n",
    }
    text = pages(notes)["notes/a.md"].text
    assert '<li><a href="b.html">b</a></li>' in text
    assert "c.html" not in text


def test_only_listed_front_matter_is_staged() -> None:
    front = (
        "title: T\nvisibility: public\nreviewer: Someone\nstatus: x\ntemplate: x\nhide: [toc]\nsearch: {exclude: true}"
    )
    page = pages({"notes/a.md": f"---\n{front}\n---\nText"})["notes/a.md"]
    assert page.meta == {"title": "T", "kind": "note", "description": "Text"}


def test_only_attachments_that_visible_notes_show_are_copied(tmp_path: Path) -> None:
    kb = knowledge_base(
        tmp_path / "kb",
        {
            "notes/a.md": "---\nvisibility: public\n---\n![[fig.png]] [data](data.csv) ![[live.svg]] ![[still.svg]]",
            "notes/b.md": "---\nvisibility: private\n---\n![[own.png]]",
            "notes/Secret project/fig.png": png(),
            "notes/own.png": png((b"tEXt", b"own")),
            "notes/data.csv": "1,2",
            "notes/loose.png": b"loose",
            "notes/still.svg": "<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>",
            "notes/live.svg": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        },
    )
    staged = stage(kb, PUBLIC, tmp_path / "stage")
    names = [re.fullmatch(r"assets/(\w+)-[0-9a-f]{8}(\.\w+)", path) for path in staged.assets]
    assert [found and found[1] + found[2] for found in names] == ["fig.png", "data.csv", "still.svg"]
    assert (tmp_path / "stage" / staged.assets[0]).read_bytes() == png()
    assert sorted(path.name for path in (tmp_path / "stage/assets").iterdir()) == sorted(
        path.removeprefix("assets/") for path in staged.assets
    )
    assert not [path for path, text in tree(tmp_path / "stage").items() if b"Secret" in text or "Secret" in path]
    assert [str(one) for one in staged.unresolved] == [
        "notes/a.md:4: notes/live.svg is not published: it has a handler, onload"
    ]


def test_only_what_changed_is_written_and_what_is_gone_is_removed(tmp_path: Path) -> None:
    kb, dest = knowledge_base(tmp_path / "kb", SAMPLE), tmp_path / "stage"
    first = stage(kb, PUBLIC, dest)
    assert first.changed == len(tree(dest))
    (dest / "left").mkdir()
    (dest / "left/over.md").write_text("x")
    stamps = {path: (dest / path).stat().st_mtime_ns for path in first.pages}
    assert stage(kb, PUBLIC, dest).changed == 1
    place = kb.root / "notes/2026/2026-11-19.md"
    place.write_text(place.read_text().replace("held-out", "training"))
    again = stage(kb, PUBLIC, dest)
    changed = {path for path in again.pages if (dest / path).stat().st_mtime_ns != stamps[path]}
    assert changed == {
        "index.md",
        "notes/2026/2026-11-19.md",
        "notes/experiments/refusal-probes.md",
        "tags/probing.md",
        "timeline.md",
        "timeline/2026-11.md",
    }
    place.unlink()
    stage(kb, PUBLIC, dest)
    assert not (dest / "notes/2026/2026-11-19.md").exists()
    assert not (dest / "left").exists()


def test_staging_writes_nothing_into_the_knowledge_base(tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path / "kb", SAMPLE)
    before = tree(kb.root)
    stage(kb, PUBLIC, tmp_path / "stage")
    assert tree(kb.root) == before


def test_every_link_that_leads_nowhere_is_listed_with_its_place(tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path / "kb", SAMPLE)
    staged = stage(kb, PUBLIC, tmp_path / "stage")
    assert [str(one) for one in staged.unresolved] == [
        "notes/2026/2026-11-20.md:19: secret-plan is not shared with public",
        "notes/2026/2026-11-20.md:19: secret-plan is not shared with public",
        "notes/experiments/refusal-probes.md:21: curve.png leads nowhere",
    ]
    assert [one.hidden for one in staged.unresolved] == [True, True, False]
    everything = stage(kb, Visibility.PRIVATE, tmp_path / "stage")
    assert [str(one) for one in everything.unresolved] == [
        "notes/experiments/refusal-probes.md:21: curve.png leads nowhere"
    ]


def test_what_is_on_its_writers_machine_alone_is_hidden_where_it_is_not_and_leads_not_nowhere(tmp_path: Path) -> None:
    text = "![o](assets/out.private.txt) <img src=x.private.png> [[2026-11-20.private]] [[gone]] [x](y.private/z.txt)"
    kb = knowledge_base(tmp_path / "kb", {"notes/a.md": f"---\nvisibility: public\n---\n{text}\n"})
    unresolved = stage(kb, PUBLIC, tmp_path / "stage").unresolved
    assert [(one.target, one.hidden, one.by_name) for one in unresolved] == [
        ("2026-11-20.private", True, True),
        ("assets/out.private.txt", True, True),
        ("gone", False, False),
        ("x.private.png", True, True),
        ("y.private/z.txt", False, False),
    ]
    assert str(unresolved[1]) == "notes/a.md:4: assets/out.private.txt is not published: it is private by its name"


SECRET = "[[secret plan]]"


def test_no_value_of_the_front_matter_spells_the_name_of_a_hidden_note() -> None:
    keys = ("state", "venue", "reading", "year", "rating", "kind", "arxiv", "doi", "url", "project", "advances")
    lines = "\n".join(f"{key}: 'x {SECRET}'" for key in keys)
    lists = "\n".join(f"{key}: ['{SECRET}', 'by {SECRET}']" for key in ("authors", "aliases"))
    front = f"visibility: public\ncitekey: a2020b\n{lines}\n{lists}"
    notes = {
        "notes/a.md": f"---\n{front}\ntags: ['{SECRET}']\n---\nText [@a2020b] [[b]]",
        "notes/b.md": f"---\n{front}\ntags: 'one {SECRET} two'\ntitle: 'B %%secret plan%% x'\n---\nText [[a]]",
        "notes/c.md": "---\nvisibility: public\nproject: '@secret2020plan %%plan%%'\n---\nText",
        "papers/p.md": f"---\nkind: paper\n{front.replace('kind: ', 'other: ')}\n---\nText",
        "site/pages/own.md": f"---\ntitle: 'Own {SECRET}'\nauthors: '{SECRET}'\ntags: ['{SECRET}']\n---\nText",
        "notes/secret plan.md": "---\nvisibility: private\n---\n",
    }
    made = pages(notes)
    assert [path for path, page in made.items() if "secret" in path + page.title + page.markdown] == []
    assert made["notes/b.md"].title == "B x"
    assert made["notes/a.md"].meta["tags"] == ("unshared note",)
    assert "tags/unshared-note.md" in made


def test_a_project_and_a_goal_are_shown_where_they_lead_to_a_note_of_the_site() -> None:
    notes = {
        "notes/a.md": (
            "---\nvisibility: public\nproject: Probes\nadvances: [hidden, nothing, '[[hidden|why]]']\n---\nText"
        ),
        "notes/probes.md": "---\ntitle: Probes\nkind: project\nvisibility: lab\n---\n",
        "notes/hidden.md": "---\nkind: question\n---\n",
    }
    facts = {
        audience: re.findall(r'carrel-facts">(.*?)</span></div>', pages(notes, audience)["notes/a.md"].text)
        for audience in ("public", "lab", "private")
    }
    link = 'project <a href="probes.html">Probes</a>'
    assert facts["public"] == ["advances why"]
    assert facts["lab"] == [f"{link} · advances why"]
    assert facts["private"][0].startswith(f"{link} · advances <a")
    assert " · advances nothing · " in facts["private"][0]


def test_a_file_that_is_called_private_and_one_with_a_conflict_are_published_for_no_one_else() -> None:
    private = note("notes/2026/2026-11-20.private.md", "Text")
    assert [is_shown(private, audience) for audience in Visibility] == [True, False, False]
    below = note("notes/people.private.d/2026-11-20.md", "Text")  # git leaves out what is in such a folder, too
    assert [is_shown(below, audience) for audience in Visibility] == [True, False, False]
    conflict = note("notes/a.md", "<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n")
    assert [is_shown(conflict, audience) for audience in Visibility] == [False, False, False]
    assert "here.private.md" not in edition({"site/pages/here.private.md": "Text"}).by_path


def test_a_link_in_the_file_system_carries_out_nothing_that_its_target_would_not(tmp_path: Path) -> None:
    names = ("x.txt", "hidden.txt", "out.txt", "kind.txt", "fine.txt")
    kb = knowledge_base(
        tmp_path / "kb",
        {
            "notes/a.md": "---\nvisibility: public\n---\n" + " ".join(f"[[{name}]]" for name in names),
            "notes/sec.md": "SECRET",
            "notes/day.private.md": "---\nvisibility: public\n---\nSECRET",
            "notes/assets/2026/log.md": "---\nvisibility: public\n---\nSECRET",
            ".hidden/s.txt": "SECRET",
            "tool.py": "SECRET",
            "notes/plain.txt": "fine",
            "site/pages/index.md": "# Home\n",
        },
    )
    (tmp_path / "outside.txt").write_text("SECRET")
    links = {
        "notes/x.txt": "sec.md",
        "notes/hidden.txt": "../.hidden/s.txt",
        "notes/out.txt": "../../outside.txt",
        "notes/kind.txt": "../tool.py",
        "notes/fine.txt": "plain.txt",
        "notes/alias.md": "day.private.md",
        "site/pages/sec.md": "../../notes/sec.md",
        "site/pages/s.txt": "../../notes/sec.md",
    }
    for name, target in links.items():
        (kb.root / name).symlink_to(target)
    staged = stage(kb, PUBLIC, tmp_path / "stage")
    assert [path for path, text in tree(tmp_path / "stage").items() if b"SECRET" in text] == []
    assert [re.sub("-[0-9a-f]{8}", "", path) for path in staged.assets] == ["assets/fine.txt"]
    assert [one.target for one in staged.unresolved] == ["notes/hidden.txt", "notes/kind.txt", "notes/x.txt", "out.txt"]
