"""Making a knowledge base: what is added, and that nothing that was there is touched."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest

from carrel.core.frontmatter_edit import Writable
from carrel.core.parse import parse_note
from carrel.errors import CarrelError, ConfigInvalid, OutsideRoot
from carrel.store.config import Config
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.scaffold import commits_private, nested, note_text, publishes, scaffold, set_setting

TODAY = date(2026, 11, 20)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_becomes_a_whole_knowledge_base(tmp_path: Path) -> None:
    added, adopted = scaffold(tmp_path / "new", TODAY)
    assert adopted == 0
    assert sorted(added) == sorted(contents(tmp_path / "new"))
    assert {"notes/.gitkeep", "papers/.gitkeep", "mkdocs.yml", "README.md", ".carrel/config.toml"} <= set(added)
    kb = KnowledgeBase.open(tmp_path / "new")
    assert (kb.config, kb.stamps()) == (Config(), {})


def test_a_folder_that_holds_markdown_is_adopted_and_only_added_to(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    (vault / "Daily").mkdir(parents=True)
    (vault / ".obsidian").mkdir()
    mine = {
        "Daily/one.md": b"---\r\nodd: [\r\n",
        "two.md": b"\xff",
        "README.md": b"mine",
        ".gitignore": b"x",
        ".obsidian/a.md": b"",
    }
    for path, data in mine.items():
        (vault / path).write_bytes(data)
    added, adopted = scaffold(vault, TODAY)
    assert adopted == 2
    after = contents(vault)
    assert {path: after[path] for path in mine} == mine
    assert set(after) - set(mine) == set(added)
    assert "notes/.gitkeep" not in after
    assert sorted(KnowledgeBase.open(vault).stamps()) == ["Daily/one.md", "README.md", "two.md"]


def test_making_it_twice_changes_nothing(tmp_path: Path) -> None:
    scaffold(tmp_path, TODAY)
    (tmp_path / "README.md").write_text("mine")
    before = contents(tmp_path)
    assert scaffold(tmp_path, TODAY) == ([], 0)
    assert contents(tmp_path) == before


def test_git_leaves_out_what_is_for_its_writers_eyes_alone(tmp_path: Path) -> None:
    scaffold(tmp_path, TODAY)
    day = "notes/2026/2026-11-20"
    private = [f"{day}.private.md", "notes/assets/2026/output-1a2b.private.txt", "papers/files/a.pdf"]
    for path in (*private, f"{day}.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    command = ["git", "ls-files", "--others", "--ignored", "--exclude-standard"]
    ignored = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert ignored.stdout.splitlines() == sorted(private)


@pytest.mark.parametrize(
    ("lines", "commits"),
    [
        (None, False),  # nobody has a repository in mind
        ("", True),
        ("site/public/\n*.private.md\n", True),
        ("# *.private.*\n", True),
        ("x\n  *.private.*\r\n", False),
        ("**/*.private.*", False),
        ("*.[Pp][Rr][Ii][Vv][Aa][Tt][Ee].*", False),
        ("!*.private.*", False),  # that it does is meant
    ],
)
def test_a_gitignore_of_ones_own_is_looked_at_for_private_files(
    tmp_path: Path, lines: str | None, commits: bool
) -> None:
    if lines is not None:
        (tmp_path / ".gitignore").write_bytes(lines.encode())
    assert commits_private(tmp_path) is commits


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(CarrelError, match="is a file"):
        scaffold(tmp_path / "x", TODAY)


@pytest.mark.parametrize("kind", ["note", "experiment", "project", "question", "idea", "meeting", "digest"])
@pytest.mark.parametrize("title", ["Probes", 'A "quoted" title: with #all', "$date {{title}} \\1"])
def test_every_skeleton_reads_back_as_its_kind_and_title(kb: KnowledgeBase, kind: str, title: str) -> None:
    fields: dict[str, Writable] = {"title": title, "date": TODAY, "kind": kind, "tags": ["a: b"], "visibility": "lab"}
    note = parse_note("notes/a.md", note_text(kb, kind, title, fields).encode())
    assert (note.title, note.date, note.kind, note.tags, note.visibility.value) == (
        title,
        TODAY,
        kind,
        ("a: b",),
        "lab",
    )
    assert note.problems == ()


def test_a_template_of_one_s_own_goes_before_ours(kb: KnowledgeBase) -> None:
    (kb.root / ".carrel/templates").mkdir()
    template = kb.root / ".carrel/templates/idea.md"
    template.write_text("---\nmine: yes\n---\nMy own\n")
    note = parse_note("notes/a.md", note_text(kb, "idea", "T", {"title": "T", "kind": "idea"}).encode())
    assert (note.metadata["mine"], note.title, note.body) == ("yes", "T", "My own\n")
    template.write_bytes(b"\xff")
    with pytest.raises(ConfigInvalid):
        note_text(kb, "idea", "T", {"title": "T"})


def test_what_is_chosen_for_a_note_goes_before_its_template_and_what_is_not_gives_way(kb: KnowledgeBase) -> None:
    (kb.root / ".carrel/templates").mkdir()
    (kb.root / ".carrel/templates/idea.md").write_text("---\nstate: new\nowner: Ada\ntags: [mine]\n---\nOwn\n")
    fields: dict[str, Writable] = {"title": "T", "tags": ["given"], "state": "pruned"}
    text = note_text(kb, "idea", "T", fields, chosen=["state", "owner"])
    assert text == "---\ntitle: T\nstate: pruned\ntags: [mine]\n---\nOwn\n"


def test_a_setting_is_changed_and_the_file_s_comments_stay(kb: KnowledgeBase) -> None:
    kb.config_path.write_text('# mine\nvisibility = "private"  # for now\n\n[site]\ntitle = "x" # t\n')
    set_setting(kb.config_path, "visibility", "lab", user=False)
    set_setting(kb.config_path, "site.title", "Lab", user=False)
    set_setting(kb.config_path, "folders", "notes, log", user=False)
    set_setting(kb.config_path, "per_author", "yes", user=False)
    text = kb.config_path.read_text()
    assert "# mine\n" in text
    assert 'visibility = "lab"  # for now\n' in text
    assert 'title = "Lab" # t\n' in text
    config = KnowledgeBase.open(kb.root).config
    assert (config.visibility.value, config.site_title, config.folders, config.per_author) == (
        "lab", "Lab", ("notes", "log"), True,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [("visibility", "all"), ("per_author", "maybe"), ("editor", "vim")])
def test_a_setting_that_could_not_be_read_back_is_not_written(kb: KnowledgeBase, name: str, value: str) -> None:
    kb.config_path.write_text("author = 'a'\n")
    with pytest.raises(ConfigInvalid):
        set_setting(kb.config_path, name, value, user=False)
    assert kb.config_path.read_text() == "author = 'a'\n"


def test_an_adopted_folder_stays_as_it_was_adopted(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("")
    scaffold(tmp_path, TODAY)
    before = contents(tmp_path)
    assert scaffold(tmp_path, TODAY) == ([], 0)
    assert (contents(tmp_path), (tmp_path / "notes").exists()) == (before, False)


def test_what_a_knowledge_base_within_holds_is_not_adopted(tmp_path: Path) -> None:
    (tmp_path / "a/inner/.carrel").mkdir(parents=True)
    (tmp_path / "a/inner/theirs.md").write_text("")
    assert nested(tmp_path) == ["a/inner"]
    assert scaffold(tmp_path, TODAY)[1] == 0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("plugins:\n  - search\n  - carrel # ours\n", True),
        ("plugins: [search, carrel]\n", True),
        ("plugins:\n  carrel:\n    audience: lab\n", True),
        ("site_name: carrel\nplugins: [search] # carrel\n# - carrel\n", False),
    ],
)
def test_whether_a_site_of_one_s_own_has_our_plugin_is_known(tmp_path: Path, text: str, named: bool) -> None:
    (tmp_path / "mkdocs.yml").write_text(text)
    assert publishes(tmp_path) is named


def test_a_template_that_leads_out_is_refused(kb: KnowledgeBase, tmp_path: Path) -> None:
    (kb.root / ".carrel/templates").mkdir()
    (tmp_path / "secret").write_text("secret")
    (kb.root / ".carrel/templates/idea.md").symlink_to(tmp_path / "secret")
    with pytest.raises(OutsideRoot):
        note_text(kb, "idea", "T", {"title": "T"})


def test_a_new_setting_stands_before_the_tables_also_those_in_comments(kb: KnowledgeBase) -> None:
    kb.config_path.write_text("# mine\n\n# [site]\n# title = 'x'\n")
    set_setting(kb.config_path, "author", "Ada", user=False)
    set_setting(kb.config_path, "folders", "notes", user=False)
    assert kb.config_path.read_text() == (
        '# mine\n\nauthor = "Ada"\nfolders = ["notes"]\n\n# [site]\n# title = \'x\'\n'
    )
