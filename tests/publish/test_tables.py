"""Tables of queries on the site: asked of what the audience may see, whatever stands in the note."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.stage import stage
from tests.publish.support import knowledge_base, tree

MARK = "Canary8T"
DAY = date(2026, 11, 20)


def paper(title: str, visibility: str, extra: str = "") -> str:
    return f"---\ntitle: {title}\nkind: paper\nvisibility: {visibility}\n{extra}---\nAbout reward.\n"


OPEN = {
    "papers/toy.md": paper("Toy | models *of* <b>", "public", "year: 2022\nrating: 5\nproject: Canary8T-plan\n"),
    "papers/zoom.md": paper("Zoom in", "lab", "year: 2020\n"),
    "notes/2026/2026-11-19.md": (
        f"---\nkind: log\nvisibility: public\n---\n## 09:10 Reward — is it?\n\nreward [[{MARK}-plan]]\n\n"
        f"## 10:00 [[{MARK}-plan]]\n\nreward\n\nproject:: {MARK}-plan\n"
    ),
}
HIDDEN = {
    f"papers/{MARK}.md": paper(f"Title {MARK}", "private", "year: 2026\n"),
    f"notes/{MARK}-plan.md": f"---\ntitle: Plan {MARK}\nvisibility: private\n---\nreward {MARK}\n",
}


def page(tmp_path: Path, body: str, audience: str = "lab", extra: dict[str, str] | None = None) -> str:
    """The page of notes/list.md, which holds `body`."""
    files = {**OPEN, **HIDDEN, "notes/list.md": f"---\nvisibility: public\n---\n{body}", **(extra or {})}
    kb = knowledge_base(tmp_path / "kb", files)
    staged = stage(kb, Visibility(audience), tmp_path / "stage", lambda: DAY)
    assert [str(one) for one in staged.unresolved if "query" in str(one)] == []
    return staged.pages["notes/list.md"].text.split("\n\n", 1)[1].partition('<div class="carrel')[0].strip()


def test_a_block_shows_as_the_table_of_what_the_audience_may_see(tmp_path: Path) -> None:
    assert page(tmp_path, "Before:\n```carrel\nkind:paper\nsort: title\n```\nAfter.\n").partition("Before")[2] == (
        ":\n\n| title | authors | year |\n|---|---|--:|\n"
        "| [Toy &#124; models &#42;of&#42; &#60;b&#62;](../papers/toy.md) |  | 2022 |\n"
        "| [Zoom in](../papers/zoom.md) |  | 2020 |\n\n*2 notes*\n\nAfter."
    )


def test_another_audience_has_another_table(tmp_path: Path) -> None:
    assert "*1 note*" in page(tmp_path, "```carrel\nkind:paper\n```\n", "public")


def test_the_owner_sees_all(tmp_path: Path) -> None:
    assert f"Title {MARK}" in page(tmp_path, "```carrel\nkind:paper\n```\n", "private")


def test_the_table_that_stands_in_the_note_is_not_shown_nor_is_the_query(tmp_path: Path) -> None:
    old = (
        "<!-- carrel:table 12345678 -->\n\n| title |\n|---|\n"
        f"| [Title {MARK}](../papers/{MARK}.md) |\n\n*1 note for `{MARK}`, last changed 2026-11-19*\n\n"
        "<!-- /carrel:table -->\n"
    )
    shown = page(tmp_path, f"```carrel\nkind:paper -project:{MARK}\n```\n\n{old}")
    assert "Zoom in" in shown
    assert MARK not in shown


def test_no_column_names_anything_hidden(tmp_path: Path) -> None:
    columns = "title, project, snippet, path, tags, links, advances"
    shown = page(tmp_path, f"```carrel\nreward\ncolumns: {columns}\nsort: date\n```\n")
    assert MARK not in shown
    assert "[Reward — is it?](2026/2026-11-19.md#0910-reward-is-it)" in shown
    assert "[unshared note](2026/2026-11-19.md#section-2)" in shown


def test_of_a_frozen_table_the_rows_stay_that_lead_to_what_is_shown(tmp_path: Path) -> None:
    frozen = (
        "```carrel\nreward\nfreeze: true\n```\n\n<!-- carrel:table 12345678 -->\n\n"
        "| title | rating | project | reviewer | state | kind |\n|---|--:|---|---|---|---|\n"
        f"| [An old title](../papers/toy.md) | 3 | {MARK}-plan | {MARK} | running | paper |\n"
        f"| [Title {MARK}](../papers/{MARK}.md) | 1 |  |  |  |  |\n"
        f"| [Title {MARK}](../papers/zoom.md#{MARK}) | 1 |  |  |  |  |\n"
        f"| {MARK} by hand | 1 |  |  |  |  |\n"
        f"| [{MARK}](../papers/zoom.md) [{MARK}](../papers/zoom.md) | 1 |  |  |  |  |\n"
        "| [Reward — is it?](2026/2026-11-19.md#0910-reward--is-it) | 2 |  |  | 2026-11-19 | idea |\n"
        f"\n*9 notes and 3 more for `{MARK}`, frozen on 2026-11-01*\n\n<!-- /carrel:table -->\n"
    )
    assert page(tmp_path, frozen) == (
        "| title | rating | project | reviewer | state | kind |\n|---|--:|---|---|---|---|\n"
        "| [Toy &#124; models &#42;of&#42; &#60;b&#62;](../papers/toy.md) | 3 |  |  | running | paper |\n"
        "| [Reward — is it?](2026/2026-11-19.md#0910-reward-is-it) | 2 |  |  | 2026-11-19 |  |\n\n"
        "*2 notes, frozen on 2026-11-01*"
    )


def test_a_query_that_cannot_be_understood_shows_nothing_and_is_told_to_whoever_builds(tmp_path: Path) -> None:
    kb = knowledge_base(
        tmp_path / "kb", {"notes/a.md": "---\nvisibility: lab\n---\n# A\n\n```carrel\nkind:(\n```\nEnd\n"}
    )
    staged = stage(kb, Visibility.LAB, tmp_path / "stage", lambda: DAY)
    assert [str(one).partition(":")[0] for one in staged.unresolved] == ["notes/a.md"]
    assert str(staged.unresolved[0]).startswith("notes/a.md:7: the query makes no table: column ")
    assert "kind" not in staged.pages["notes/a.md"].text


def test_a_block_is_more_than_nothing_so_its_section_is_shown(tmp_path: Path) -> None:
    body = "Text\n\n## Reading list\n\n```carrel\nkind:paper rating:>=4\n```\n"
    assert "## Reading list" in page(tmp_path, body)


def test_a_block_within_another_block_of_code_is_text(tmp_path: Path) -> None:
    assert "kind:paper" in page(tmp_path, "````markdown\n```carrel\nkind:paper\n```\n````\n")


def test_a_quoted_section_has_its_table_with_links_from_the_page_that_quotes(tmp_path: Path) -> None:
    list_ = "---\nvisibility: lab\n---\n## Papers\n\n```carrel\nkind:paper\n```\n"
    shown = page(tmp_path, "See:\n\n![[deep#Papers]]\n", extra={"notes/far/away/deep.md": list_})
    assert "(../papers/zoom.md)" in shown


@pytest.mark.parametrize("audience", ["lab", "public"])
def test_no_byte_of_the_built_site_holds_what_is_private_and_it_is_the_same_without(
    tmp_path: Path, audience: str
) -> None:
    lists = {
        "notes/list.md": (
            "---\nvisibility: public\n---\n```carrel\nreward\nlimit: 2\nsort: best\n"
            "columns: title, project, snippet, year\n```\n\n"
            f"<!-- carrel:table 00000000 -->\n\n| title |\n|---|\n| [{MARK}](../papers/{MARK}.md) |\n\n"
            f"*{MARK}, last changed 2026-11-19*\n\n<!-- /carrel:table -->\n"
        ),
        "site/pages/all.md": "# All\n\n```carrel\n*\nlimit: 3\n```\n",
    }
    whole = knowledge_base(tmp_path / "one" / "kb", {**OPEN, **HIDDEN, **lists})
    without = knowledge_base(tmp_path / "two" / "kb", {**OPEN, **lists})
    site = tree(build_site(whole, Visibility(audience)).site_dir)
    assert [name for name, data in site.items() if MARK.lower().encode() in data.lower()] == []
    assert b"<table" in site["notes/list.html"]
    assert b"<table" in site["all.html"]
    again = tree(build_site(without, Visibility(audience)).site_dir)
    assert {name: data for name, data in again.items() if not name.endswith(".gz")} == {
        name: data for name, data in site.items() if not name.endswith(".gz")
    }


def test_the_index_of_what_is_shown_is_kept_for_the_next_build_and_forgets_what_is_hidden(tmp_path: Path) -> None:
    list_ = "---\nvisibility: lab\n---\n```carrel\nkind:paper\n```\n"
    kb = knowledge_base(tmp_path / "kb", {**OPEN, "notes/list.md": list_})

    def built() -> str:
        return stage(kb, Visibility.LAB, tmp_path / "stage", lambda: DAY).pages["notes/list.md"].text

    assert "*2 notes*" in built()
    (kb.root / "papers/zoom.md").write_text(paper("Walrus8", "private"))
    assert "*1 note*" in built()
    assert "Zoom" not in built()
    kept = tree(tmp_path / "stage-index")
    assert kept
    assert [name for name, data in kept.items() if b"walrus8" in data.lower()] == []
