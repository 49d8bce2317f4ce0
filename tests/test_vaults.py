"""Other tools' vaults: adopted in place, nothing changed, everything found, the site built."""

from __future__ import annotations

import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from carrel.cli.app import App
from carrel.cli.main import run
from carrel.search.index import refresh
from carrel.search.query import parse_query
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.scaffold import scaffold
from tests.conftest import NOW

VAULTS = ("03-vault-obsidian-tasks", "03-vault-dendron-site", "03-vault-logseq-docs")
ADDED = {"mkdocs.yml", ".gitignore", "site/pages/index.md", ".carrel/config.toml", ".carrel/.gitignore"}


@pytest.fixture(params=VAULTS)
def vault(request: pytest.FixtureRequest, data: Path, tmp_path: Path) -> Path:
    root = tmp_path / "vault"
    shutil.copytree(data / request.param / "files", root)
    return root


def fingerprints(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_vault_is_adopted_without_changing_a_byte_and_every_note_is_found_by_a_word_of_its_body(vault: Path) -> None:
    before = fingerprints(vault)
    scaffold(vault, NOW.date())
    kb = KnowledgeBase.open(vault)
    index = WhooshIndex(kb.cache_dir / "index")
    refresh(kb, index)
    lost = [note.path for note in kb.notes() if (word := rare_word(note.body)) and note.path not in found(index, word)]
    after = fingerprints(vault)
    added = after.keys() - before.keys()
    assert lost == []
    assert added <= ADDED
    assert {path: after[path] for path in before} == before
    markdown = {path for path in before if path.endswith(".md") and "/." not in f"/{path}"}
    assert markdown <= set(kb.stamps()) | {"README.md", "CHANGELOG.md", "CONTRIBUTING.md"}


def test_the_site_of_a_vault_builds_and_lists_every_link_that_leads_nowhere(
    vault: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scaffold(vault, NOW.date())
    kb = KnowledgeBase.open(vault)
    monkeypatch.chdir(vault)
    code = run(["build", "--audience", "private"], App(clock=lambda: NOW))
    out, err = capfd.readouterr()
    assert (code, out.strip()) == (0, str(vault / "site/public/index.html"))
    assert "Traceback" not in err
    pages = list((vault / "site/public").rglob("*.html"))
    assert len(pages) >= len(kb.stamps())
    broken = {(one.source, one.line) for one in kb.graph().broken() if one.target is None}
    said = {(found[1], int(found[2])) for found in re.finditer(r"^(.+?\.md):(\d+) ", err, re.MULTILINE)}
    assert broken - said == set()


def rare_word(body: str) -> str:
    """A long word of the note's prose, "" where it has none."""
    words = re.findall(
        r"(?<![\w#\[/@.:-])[A-Za-z]{5,20}(?![\w/@:])", re.sub(r"```.*?```|<!--.*?-->", "", body, flags=re.S)
    )
    return max(words, key=len, default="")


def found(index: WhooshIndex, word: str) -> set[str]:
    matches, _ = index.search(parse_query(word, NOW.date()), None)
    return {match.path for match in matches}
