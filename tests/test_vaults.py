"""Other tools' vaults: adopted in place, nothing changed, everything found, the site built."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
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
from tests.publish import link_checker

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
    assert list(link_checker.broken(vault / "site/public")) == []
    broken = {(one.source, one.line) for one in kb.graph().broken() if one.target is None}
    said = {(found[1], int(found[2])) for found in re.finditer(r"^(.+?\.md):(\d+): ", err, re.MULTILINE)}
    assert broken - said == set()
    assert dangling(vault, list(kb.stamps())) - said == set()


def test_what_tells_dangling_links_here_is_right_on_a_sample(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/Real Note.md").write_text("---\ntitle: The title\naliases: [nick, 'other name']\n---\n# Head\n")
    (tmp_path / "fig.png").touch()
    (tmp_path / "a.md").write_text(
        "[[real note]] [[sub/real note#Head|x]] [[THE TITLE]] [[nick]] [[other name]] ![[fig.png]] [[#here]]\n"
        "```\n[[in code]]\n```\n`[[in code]]` <!-- [[in a comment]] --> [[lost]]\n\n[[lost/too|shown]] ![[lost.png]]\n"
    )
    assert dangling(tmp_path, ["a.md", "sub/Real Note.md"]) == {("a.md", 5), ("a.md", 7)}


#: Fenced code (in lists too), code spans, comments and formulas.
CODE = re.compile(
    r"^[ \t>]*(?:[-*+] )?(```+|~~~+)[^`\n]*\n.*?(?:^[ \t>]*\1|\Z)"
    r"|(?<!`)(`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)\2(?!`)|<!--.*?-->|%%.*?%%|\$\$.*?\$\$",
    re.M | re.S,
)


def dangling(root: Path, notes: list[str]) -> set[tuple[str, int]]:
    """The lines with a `[[target]]` that names no file, title or alias, told by regular expressions alone."""
    known = set()
    for place in root.rglob("*"):
        parts = place.relative_to(root).as_posix().casefold().split("/")
        ends = {"/".join(parts[start:]) for start in range(len(parts))}
        known |= ends | {end.removesuffix(".md") for end in ends} | logseq_day(place.stem)
    texts = {path: (root / path).read_text("utf-8", "replace").replace("\r\n", "\n") for path in notes}
    for text in texts.values():
        front = re.match(r"---\n(.*?\n)---\n", text, re.S)
        named = re.findall(r"^(?:title|alias(?:es)?):(.*(?:\n\s*-.*)*)", front[1] if front else "", re.M)
        for value in re.split(r"[\[\],\n]", ",".join(named)):
            known.add(value.strip().removeprefix("- ").strip(" \"'").casefold())
        known |= {heading.strip().casefold() for heading in re.findall(r"^# (.*)", text, re.M)[:1]}
    found = set()
    for path, text in texts.items():
        prose = CODE.sub(lambda match: "\0" + "\n" * match[0].count("\n"), text)
        for link in re.finditer(r"\[\[([^\[\]\n|#^]+)([#^|][^\[\]\n]*)?\]\]", prose):
            name = link[1].rstrip("\\").strip("/ ").casefold()  # in a table the bar has a backslash before it
            if name not in known and not re.search(r"\0|://", link[0]):
                found.add((path, prose.count("\n", 0, link.start()) + 1))
    return found


def logseq_day(name: str) -> set[str]:
    """What Logseq's links call the day `2021_04_30`: `apr 30th, 2021`."""
    if not re.fullmatch(r"\d{4}_\d\d_\d\d", name):
        return set()
    day = datetime.strptime(name, "%Y_%m_%d")
    ending = "th" if day.day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return {f"{day:%b} {day.day}{ending}, {day.year}".casefold()}


def rare_word(body: str) -> str:
    """A long word of the note's prose, "" where it has none."""
    words = re.findall(
        r"(?<![\w#\[/@.:-])[A-Za-z]{5,20}(?![\w/@:])", re.sub(r"```.*?```|<!--.*?-->", "", body, flags=re.S)
    )
    return max(words, key=len, default="")


def found(index: WhooshIndex, word: str) -> set[str]:
    matches, _ = index.search(parse_query(word, NOW.date()), None)
    return {match.path for match in matches}
