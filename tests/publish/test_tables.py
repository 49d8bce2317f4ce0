"""Tables of queries on the site: asked of what the audience may see, whatever stands in the note."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.staging.stage import stage
from tests.publish.support import knowledge_base, rewritten, tree

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


def test_no_column_shows_a_field_within_a_comment_or_what_a_comment_says_of_one(tmp_path: Path) -> None:
    day = "## 11:00 Long\n\nreward\n\nloss:: 0.3 %% zebra\nsecret %%\n\n<!--\nacc:: zebra\n-->\n"
    extra = {"notes/2026/2026-11-18.md": f"---\nkind: log\nvisibility: public\n---\n{day}"}
    shown = page(tmp_path, "```carrel\nreward long\ncolumns: title, loss, acc\n```\n", "public", extra)
    assert "Long](2026/2026-11-18.md#1100-long) | 0.3 |  |" in shown


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


BLUEBIRD = "Project Bluebird acquisition"
OPENING, CLOSING = "<!-- carrel:table 12345678 -->", "<!-- /carrel:table -->"
BLOCK = "```carrel\nkind:paper\n```"
ROWS = f"| title | authors |\n|---|---|\n| [{BLUEBIRD}](bluebird.md) | {BLUEBIRD} |"
CAPTION = f"*1 note for `{BLUEBIRD}`, last changed 2026-11-19*"
TABLE = f"{BLOCK}\n\n{OPENING}\n\n{ROWS}\n\n{CAPTION}\n\n{CLOSING}"

#: What may become of a table in somebody's hands, or in those of a program that tidies Markdown.
DISORDER = {
    "no end": TABLE.replace(CLOSING, ""),
    "no beginning": TABLE.replace(OPENING, ""),
    "neither marker": TABLE.replace(OPENING, "").replace(CLOSING, ""),
    "a second beginning": TABLE.replace(OPENING, f"{OPENING}\n\n{OPENING}"),
    "a second beginning among the rows": TABLE.replace("|---|---|\n", f"|---|---|\n\n{OPENING}\n\n"),
    "a second end among the rows": TABLE.replace("|---|---|\n", f"|---|---|\n\n{CLOSING}\n\n"),
    "a second table": f"{TABLE}\n\n{TABLE.removeprefix(BLOCK)}",
    "no end, and another table": f"{TABLE.replace(CLOSING, '')}\n\n{TABLE}",
    "no beginning, after another table": f"{TABLE}\n\n{TABLE.replace(OPENING, '')}",
    "no blank, no end": TABLE.replace("<!-- c", "<!--c").replace(CLOSING, ""),
    "a capital, no end": TABLE.replace("<!-- c", "<!-- C").replace(CLOSING, ""),
    "no blank at the end": TABLE.replace(" -->", "-->"),
    "an end without blanks, no beginning": TABLE.replace(OPENING, "").replace(CLOSING, "<!--/Carrel:table-->"),
    "a beginning misspelt": TABLE.replace(OPENING, "<!-- carel:table 12345678 -->"),
    "an end misspelt": TABLE.replace(CLOSING, "<!-- /carrel:tabel -->"),
    "a beginning that is no comment": TABLE.replace(OPENING, "<!-- carrel:table 12345678"),
    "an end that is no comment": TABLE.replace(CLOSING, "<!-- /carrel:table"),
    "rows beside the beginning, no end": TABLE.replace(f"{OPENING}\n\n", f"{OPENING} ").replace(CLOSING, ""),
    "rows without bars at their edges, no end": TABLE.replace(CLOSING, "").replace(
        ROWS, f"title | authors\n--- | ---\n[{BLUEBIRD}](bluebird.md) | x\n{BLUEBIRD}"
    ),
    "blank lines between rows, no beginning": TABLE.replace(OPENING, "").replace("\n|", "\n\n|"),
    "a quotation, no end": TABLE.replace(CLOSING, "").replace("\n", "\n> ").replace(BLOCK.replace("\n", "\n> "), BLOCK),
    "a caption without emphasis, no end": TABLE.replace(CLOSING, "").replace(CAPTION, CAPTION.strip("*")),
    "no query, no end": TABLE.replace(BLOCK, "").replace(CLOSING, ""),
    "no query, no beginning": TABLE.replace(BLOCK, "").replace(OPENING, ""),
    "no end of the query": TABLE.replace("kind:paper\n```", "kind:paper"),
    "text between the query and its table": TABLE.replace(BLOCK, f"{BLOCK}\n\nText."),
    "a heading within": TABLE.replace(f"\n\n{CAPTION}", f"\n\n## Within\n\n{CAPTION}").replace(CLOSING, ""),
}


@pytest.mark.parametrize("audience", ["lab", "public"])
@pytest.mark.parametrize("frozen", [False, True], ids=["current", "frozen"])
def test_a_table_whose_markers_are_in_disorder_is_hidden_and_all_else_is_shown(
    tmp_path: Path, audience: str, *, frozen: bool
) -> None:
    def body(table: str) -> str:
        if frozen:
            table = table.replace("kind:paper", "kind:paper\nfreeze: true").replace("last changed", "frozen on")
        return f"---\nvisibility: public\n---\nBefore.\n\n{table}\n\n## After\n\n| mine | 1 |\n|---|---|\n"

    lists = {f"notes/list-{number}.md": body(table) for number, table in enumerate(DISORDER.values())}
    hidden = {"notes/bluebird.md": f"---\ntitle: {BLUEBIRD}\nvisibility: private\nkind: paper\n---\nText\n"}
    site = tree(build_site(knowledge_base(tmp_path / "kb", {**OPEN, **hidden, **lists}), Visibility(audience)).site_dir)
    forms = dict(zip(lists, DISORDER, strict=True))
    assert [forms.get(name.replace(".html", ".md"), name) for name, data in site.items() if b"luebird" in data] == []
    shown = [name for path, name in forms.items() if b"mine" in site[path.replace(".md", ".html")]]
    cut_off = ("an end that is no comment", "no end of the query")  # as a browser reads the rest
    assert shown == [name for name in DISORDER if name not in cut_off]


def test_text_of_the_writers_own_beside_a_lost_table_stays() -> None:
    before, after = "| my | own |\n|---|---|\n\n", "\n\nMine, see [[toy | that]].\n\n```\na | b\n```\n"
    shown, _ = rewritten(before + TABLE.replace(CLOSING, "") + after, {"papers/toy.md": OPEN["papers/toy.md"]})
    assert shown.startswith(before)
    assert "Mine, see [that](../papers/toy.md)." in shown
    assert "\n```\na | b\n```\n" in shown
    assert BLUEBIRD not in shown


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


@pytest.mark.parametrize("written", ["[[{}]]", "\n  - [[{}]]", '"[[{}]]"'])
def test_a_column_names_no_hidden_note_however_its_link_is_written_in_the_front_matter(
    tmp_path: Path, written: str
) -> None:
    idea = (
        f"---\ntitle: An idea\nkind: idea\nvisibility: public\nparent: {written.format(f'{MARK}-plan')}\n---\nText.\n"
    )
    shown = page(tmp_path, "```carrel\nkind:idea\ncolumns: title, parent\n```\n", "public", {"notes/idea.md": idea})
    assert "An idea" in shown
    assert MARK not in shown
