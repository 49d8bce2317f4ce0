"""The site is built whole or not at all, by Carrel and by plain MkDocs, and served while one writes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from carrel.core.note import Visibility
from carrel.errors import BuildFailed
from carrel.publish import swap
from carrel.publish.build import build_site
from carrel.publish.render.theme import theme_folder
from carrel.publish.serving.live_site import LiveSite
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.scaffold import skeleton
from tests.publish.support import SAMPLE, knowledge_base, tree

PUBLIC = Visibility.PUBLIC
MKDOCS_YML = skeleton("mkdocs.yml")


@pytest.fixture
def library(tmp_path: Path) -> KnowledgeBase:
    return knowledge_base(tmp_path / "kb", {**SAMPLE, "mkdocs.yml": MKDOCS_YML})


def test_a_build_says_where_the_site_is_how_many_pages_it_has_and_what_leads_nowhere(library: KnowledgeBase) -> None:
    built = build_site(library, PUBLIC)
    assert built.site_dir == library.root / "site/public"
    assert built.pages == len(list(built.site_dir.rglob("*.html"))) - 1  # 404.html
    assert [one.target for one in built.unresolved] == ["secret-plan", "secret-plan", "curve.png"]
    assert (built.as_written, built.remarks) == ((), ())
    assert (built.site_dir / "notes/2026/2026-11-20.html").is_file()


def test_links_that_lead_nowhere_are_no_warnings(library: KnowledgeBase) -> None:
    assert build_site(library, PUBLIC, strict=True).unresolved


def test_every_entry_is_at_the_anchor_by_which_it_is_linked(library: KnowledgeBase) -> None:
    site = build_site(library, PUBLIC).site_dir
    for page in site.rglob("*.html"):
        for address in re.findall(r'href="([^":]*\.html#[^"]+)"', page.read_text("utf-8")):
            path, _, anchor = address.partition("#")
            target = (page.parent / path).resolve()
            assert f'id="{anchor}"' in target.read_text("utf-8"), (page, address)


def test_every_link_of_the_site_leads_to_a_file_of_it(library: KnowledgeBase) -> None:
    site = build_site(library, PUBLIC).site_dir
    for page in site.rglob("*.html"):
        if page.name == "404.html":  # its addresses begin at the server's root
            continue
        for address in re.findall(r'(?:href|src)="([^":#?]+)[#?"]', page.read_text("utf-8")):
            assert (page.parent / address).exists(), (page, address)


def test_pages_name_no_other_host_but_in_links_that_a_reader_may_follow(library: KnowledgeBase) -> None:
    site = build_site(library, PUBLIC).site_dir
    for page in site.rglob("*.html"):
        text = re.sub(r"<a [^>]*>", "", page.read_text("utf-8"))
        assert re.findall(r'(?:src|href|url\()\s*=?\s*"?(?:https?:)?//[^"\s]*', text) == [], page


def test_a_build_that_fails_leaves_the_old_site_as_it_was(library: KnowledgeBase) -> None:
    before = tree(build_site(library, PUBLIC).site_dir)
    (library.root / "mkdocs.yml").write_text(MKDOCS_YML + "hooks: [broken.py]\n")
    (library.root / "broken.py").write_text(
        "def on_post_build(config):\n    raise RuntimeError('the last step failed')\n"
    )
    with pytest.raises(BuildFailed, match="the last step failed"):
        build_site(library, PUBLIC)
    assert tree(library.root / "site/public") == before
    assert sorted(path.name for path in (library.root / "site").iterdir()) == ["pages", "public"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("site_name: [", "parsing the configuration"),
        (MKDOCS_YML.replace("name: material", "name: no-such-theme"), "no-such-theme"),
        (MKDOCS_YML + "  - no-such-plugin\n", "no-such-plugin"),
        ("site_name: x\ndocs_dir: site/pages\nsite_dir: site/public\n", "does not list the plugin"),
        ("site_name: x\n", "does not list the plugin"),
    ],
)
def test_a_configuration_that_mkdocs_cannot_use_is_one_clear_message(
    library: KnowledgeBase, text: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (library.root / "mkdocs.yml").write_text(text)
    with pytest.raises(BuildFailed, match=message):
        build_site(library, PUBLIC)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "x: !!python/object/apply:os.system ['touch ran']\n",
        "x: !<tag:yaml.org,2002:python/object/apply:os.system> ['touch ran']\n",
        "x: !!python/name:os.system\n",
        "x: !!python/module:os\n",
        "INHERIT: parent.yml\n",
        "? &k INHERIT\n: mkdocs.yml\n*k : parent.yml\n",
    ],
)
@pytest.mark.parametrize("serving", [False, True])
def test_a_configuration_that_would_run_python_is_not_read(library: KnowledgeBase, text: str, serving: bool) -> None:
    (library.root / "parent.yml").write_text("x: !!python/object/apply:os.system ['touch ran']\n")
    (library.root / "mkdocs.yml").write_text(MKDOCS_YML + text)
    with pytest.raises(BuildFailed, match=r"would run Python|INHERIT wants"):
        LiveSite(library, PUBLIC, date.today).update() if serving else build_site(library, PUBLIC)


def test_functions_that_the_theme_tells_people_to_name_may_be_named(library: KnowledgeBase) -> None:
    emoji = "emoji_index: !!python/name:material.extensions.emoji.twemoji"
    extensions = f"markdown_extensions:\n  - pymdownx.emoji:\n      {emoji}\n"
    (library.root / "mkdocs.yml").write_text(MKDOCS_YML + extensions)
    assert build_site(library, PUBLIC).remarks == ()


def test_the_cache_is_its_owners_alone_at_every_level(library: KnowledgeBase, own_home: Path) -> None:
    build_site(library, PUBLIC)
    folders = [own_home / ".cache", own_home / ".cache/carrel", library.cache_dir, library.cache_dir / "stage-public"]
    assert [oct(folder.stat().st_mode)[-3:] for folder in folders] == ["700"] * 4


def test_with_strict_another_plugins_warning_fails_the_build_and_without_it_is_a_remark(library: KnowledgeBase) -> None:
    (library.root / "mkdocs.yml").write_text(MKDOCS_YML + "nav: [index.md, nowhere.md]\n")
    assert "nowhere.md" in build_site(library, PUBLIC).remarks[0]
    with pytest.raises(BuildFailed, match=r"nowhere\.md"):
        build_site(library, PUBLIC, strict=True)


def test_a_remark_about_a_page_is_heard_in_whichever_process_it_is_made_and_at_each_build(
    library: KnowledgeBase,
) -> None:
    (library.root / "mkdocs.yml").write_text(MKDOCS_YML + 'edit_uri_template: "docs/{path}"\n')
    told = build_site(library, PUBLIC).remarks
    assert any("is not a valid URL" in one for one in told)
    assert sorted(build_site(library, PUBLIC).remarks) == sorted(told)
    with pytest.raises(BuildFailed, match="is not a valid URL"):
        build_site(library, PUBLIC, strict=True)


@pytest.mark.parametrize(
    "site_dir", ["site", ".", "..", "notes", "notes/2026", "papers/public", ".carrel/public", "site/pages", "thesis"]
)
@pytest.mark.parametrize("builder", ["carrel", "mkdocs"])
def test_what_no_build_wrote_is_not_replaced_whatever_site_dir_says(
    library: KnowledgeBase, site_dir: str, builder: str
) -> None:
    for path in ("docs/404.html", "notes/404.html", "site/404.html", "404.html", "thesis/404.html"):
        (library.root / path).parent.mkdir(exist_ok=True)
        (library.root / path).write_text("years of work")
    text = MKDOCS_YML.replace("site_dir: site/public", f"site_dir: {site_dir}").replace("site/pages", "docs")
    (library.root / "mkdocs.yml").write_text(text)
    before = tree(library.root.parent)
    if builder == "mkdocs":
        assert mkdocs(library, "build").returncode == 1
    else:
        with pytest.raises(BuildFailed):
            build_site(library, PUBLIC)
    assert tree(library.root.parent) == before
    assert not list(library.root.parent.rglob("*.build-*"))


def test_a_site_keeps_its_owners_hidden_files_and_what_it_is_called_when_it_is_replaced(library: KnowledgeBase) -> None:
    site = build_site(library, PUBLIC).site_dir
    kept = {".git/HEAD": "ref: x", ".nojekyll": "", "CNAME": "lab.example"}
    for path, text in {**kept, "old.html": "x"}.items():
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_text(text)
    build_site(library, PUBLIC)
    assert {path: (site / path).read_text() for path in kept} == kept
    assert not (site / "old.html").exists()


def test_a_site_behind_a_link_is_replaced_where_it_stands(library: KnowledgeBase, tmp_path: Path) -> None:
    link = library.root / "site/public"
    link.symlink_to(tmp_path / "www", target_is_directory=True)
    for _ in range(2):
        assert build_site(library, PUBLIC).site_dir == tmp_path / "www"
        assert link.is_symlink()
        assert (link / "index.html").is_file()
        assert sorted(path.name for path in link.parent.iterdir()) == ["pages", "public"]


def test_what_a_killed_build_left_behind_is_cleared_away(library: KnowledgeBase) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = library.root / f"site/.public.build-{dead.pid}"
    left.mkdir(parents=True)
    (left / "half.html").write_text("x")
    build_site(library, PUBLIC)
    assert not left.exists()


def test_sites_change_places_also_where_the_system_cannot_do_it_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one_step in (True, False):
        new, old = tmp_path / "new", tmp_path / "old"
        for folder, text in ((new, "new"), (old, "old")):
            folder.mkdir()
            (folder / "index.html").write_text(text)
        if not one_step:
            monkeypatch.setattr(swap, "_exchange_names", lambda *_: False)
        swap.exchange(new, old)
        assert ((old / "index.html").read_text(), (new / "index.html").read_text()) == ("new", "old")
        shutil.rmtree(new)
        shutil.rmtree(old)


def test_a_vault_without_mkdocs_yml_is_built_as_it_is(tmp_path: Path) -> None:
    files = {"Home page.md": "[[Zettel 1]]\n", "sub/Zettel 1.md": "Back to [[Home page]].\n"}
    kb = knowledge_base(tmp_path / "My vault", {**files, ".carrel/config.toml": 'folders = ["."]\n'})
    before = {path for path in tree(kb.root) if not path.startswith("site/")}
    built = build_site(kb, Visibility.PRIVATE, strict=True)
    assert (built.unresolved, built.remarks) == ((), ())
    page = (built.site_dir / "Home page.html").read_text("utf-8")
    assert 'href="sub/Zettel%201.html"' in page
    assert "My vault" in page
    assert {path for path in tree(kb.root) if not path.startswith("site/")} == before


def test_a_knowledge_base_in_which_nothing_is_shared_has_a_site_that_says_so(tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path / "kb", {"notes/a.md": "Mine.", "mkdocs.yml": MKDOCS_YML, "site/pages/.keep": ""})
    built = build_site(kb, PUBLIC, strict=True)
    assert built.pages == 1
    assert "Nothing has been shared yet." in (built.site_dir / "index.html").read_text()


def test_a_note_that_cannot_be_laid_out_does_not_stop_the_build(library: KnowledgeBase) -> None:
    (library.root / "notes/bomb.md").write_text("---\nvisibility: public\n---\n" + "[" * 20_000)
    (library.root / "notes/deep.md").write_text(
        "---\nvisibility: public\n---\n" + "".join("    " * n + "- x\n" for n in range(300))
    )
    built = build_site(library, PUBLIC, strict=True)
    assert [path for path, _ in built.as_written] == ["notes/bomb.md", "notes/deep.md"]
    assert "[[[[[[" in (built.site_dir / "notes/bomb.html").read_text()


def test_mkdocs_finds_what_the_theme_folder_holds() -> None:
    assert (theme_folder() / "carrel/carrel.css").is_file()
    assert (theme_folder() / "carrel/search/dialog.js").is_file()


def mkdocs(library: KnowledgeBase, *arguments: str, ci: str = "") -> subprocess.CompletedProcess[str]:
    return _run(library, "mkdocs", *arguments, ci=ci)


def _run(library: KnowledgeBase, *words: str, ci: str) -> subprocess.CompletedProcess[str]:
    command, environment = [sys.executable, "-m", *words], {**os.environ, "CI": ci}
    return subprocess.run(
        command, cwd=library.root, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("words", [("mkdocs", "build"), ("carrel", "build", "--audience", "public")])
def test_the_log_of_a_ci_names_nothing_that_is_hidden(library: KnowledgeBase, words: tuple[str, ...]) -> None:
    (library.root / ".carrel/config.toml").write_text('[site]\naudience = "public"\n')
    done = _run(library, *words, ci="true")
    assert done.returncode == 0
    assert "notes/2026/2026-11-20.md:19: a link's target is not shared with public" in done.stderr
    assert "secret-plan" not in done.stdout + done.stderr


def test_plain_mkdocs_build_strict_makes_the_same_site(library: KnowledgeBase) -> None:
    (library.root / ".carrel/config.toml").write_text('[site]\naudience = "public"\n')
    ours = tree(build_site(library, PUBLIC).site_dir)
    shutil.rmtree(library.root / "site/public")
    done = mkdocs(library, "build", "--strict")
    assert done.returncode == 0, done.stderr
    assert "notes/2026/2026-11-20.md:19: secret-plan is not shared with public" in done.stderr
    assert tree(library.root / "site/public") == ours


def test_plain_mkdocs_outside_of_a_knowledge_base_says_so(tmp_path: Path) -> None:
    (tmp_path / "site/pages").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text(MKDOCS_YML)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "carrel: no knowledge base in" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def address() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(params=["mkdocs", "carrel"])
def server(request: pytest.FixtureRequest, library: KnowledgeBase, address: str, tmp_path: Path) -> Iterator[Path]:
    """`mkdocs serve` and `carrel serve`; gives the file with what they say."""
    (library.root / ".carrel/config.toml").write_text('[site]\naudience = "public"\n')
    command = {
        "mkdocs": ["-m", "mkdocs", "serve", "-a", address],
        "carrel": ["-m", "carrel", "serve", "--address", address],
    }
    said = tmp_path / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *command[request.param]], cwd=library.root, stdout=output, stderr=output
        )
    yield said
    process.send_signal(signal.SIGINT)
    assert process.wait(20) in (0, -signal.SIGINT), said.read_text()


def eventually(address: str, page: str, wanted: str, said: Path) -> None:
    """Wait until the page holds the text."""
    text = ""
    for _ in range(600):
        try:
            with urlopen(f"http://{address}/{page}") as answer:
                text = answer.read().decode()
        except (URLError, OSError) as error:
            text = str(error)
        if wanted in text:
            return
        time.sleep(0.1)
    pytest.fail(f"{page} never held {wanted!r}: {text[-500:]}\n{said.read_text()}")


def test_a_saved_note_shows_in_the_served_site_and_serving_comes_to_rest(
    library: KnowledgeBase, server: Path, address: str
) -> None:
    eventually(address, "notes/2026/2026-11-20.html", "Zebrafish detour", server)
    place = library.root / "notes/2026/2026-11-20.md"
    place.write_text(place.read_text().replace("Zebrafish", "Axolotl"))
    eventually(address, "notes/2026/2026-11-20.html", "Axolotl detour", server)
    (library.root / "notes/new.md").write_text("---\nvisibility: public\n---\nBrand new text\n")
    eventually(address, "notes/new.html", "Brand new text", server)
    (library.root / "site/pages/more.md").write_text("# More\n\nAnother page\n")
    eventually(address, "more.html", "Another page", server)
    time.sleep(2)
    settled = server.read_text().splitlines()
    # the first and one for each change; a build that is started by its own stage makes it seven
    assert sum("Building documentation" in line or " new in " in line for line in settled) <= 5
    time.sleep(3)
    assert server.read_text().splitlines() == settled
    assert "Traceback" not in server.read_text()
    assert os.listdir(library.root / "site") == ["pages"]
