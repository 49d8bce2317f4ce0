"""What is rendered page by page, in part and by two processes, is what MkDocs renders as a whole."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mkdocs.structure.pages import Page

from carrel.core.note import Visibility
from carrel.errors import BuildFailed
from carrel.publish.build import build_site
from carrel.publish.press import frame, quick_build, world
from carrel.publish.press.sheets import Sheets
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.scaffold import skeleton
from tests.publish.support import SAMPLE, knowledge_base, png, tree

PUBLIC = Visibility.PUBLIC
MKDOCS_YML = skeleton("mkdocs.yml")

#: Enough notes of a kind that frames are made, with what pages may differ in.
MANY = {
    f"notes/ideas/idea-{number}.md": (
        f"---\ntitle: 'Idea <{number}> & \"more\" \\ {{{{ x }}}}'\nkind: idea\nvisibility: public\n"
        + (f"authors: [Ann <b>, 'O\"Neil {number}']\n" if number % 3 else "")
        + f"tags: [t{number % 4}]\ndate: 2026-10-{number + 1:02}\n---\n"
        + ("" if number % 5 == 0 else f"## A & B {{}} <i>{number}</i>\n\n")
        + f"Text of {number}, see [[idea-{number * 7 % 12}]].\n\n```mermaid\nA --> B\n```\n\n$x_{number}$ ^block\n\n"
        + ("" if number % 2 else "### Deeper\n\n#### Deepest `code`\n\n![[fig.png]]\n\n<h1>x</h1>\n\n</head><script>\n")
    )
    for number in range(12)
}


@pytest.fixture
def library(tmp_path: Path) -> KnowledgeBase:
    files: dict[str, str | bytes] = {**SAMPLE, **MANY, "notes/fig.png": png(), "mkdocs.yml": MKDOCS_YML}
    return knowledge_base(tmp_path / "kb", files)


def built(library: KnowledgeBase, *, clean: bool = False) -> dict[str, bytes]:
    """The site, every file of it."""
    return tree(build_site(library, PUBLIC, clean=clean).site_dir)


def inodes(library: KnowledgeBase) -> dict[str, int]:
    root = library.root / "site/public"
    return {path.relative_to(root).as_posix(): path.stat().st_ino for path in root.rglob("*.html")}


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


FEATURES = "[navigation.tabs, navigation.path, navigation.footer, toc.integrate, content.action.edit, announce.dismiss]"


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "site_url: https://lab.example/site/\nsite_author: A\n",
        "nav: [index.md, {Ideas: [ideas.md, notes/ideas/idea-3.md]}, ./timeline.md, https://example.org/, no.md]\n",
        "repo_url: https://git.example/x\nedit_uri: edit/main/\n",
        f"theme:\n  name: material\n  language: de\n  features: {FEATURES}\n",
    ],
    ids=["plain", "address", "nav", "edit", "features"],
)
def test_a_pressed_site_is_the_one_that_mkdocs_builds(
    library: KnowledgeBase, settings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = MKDOCS_YML.replace("theme:\n  name: material\n", "") if "theme:" in settings else MKDOCS_YML
    (library.root / "mkdocs.yml").write_text(text + settings)
    pressed = built(library)
    monkeypatch.setattr(quick_build, "fits", lambda _: False)
    assert differences(built(library, clean=True), pressed) == []


def test_most_pages_are_put_into_a_frame(library: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    framed: list[str] = []
    around = frame._Frame.around

    def counted(self: frame._Frame, page: Page) -> str:
        framed.append(page.url)
        return around(self, page)

    monkeypatch.setattr(frame._Frame, "around", counted)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})  # no other process: it would count for itself
    ideas = [path for path in built(library) if path.startswith("notes/ideas/")]
    assert len(ideas) == 12
    assert len(set(framed).intersection(ideas)) >= 6  # there are two kinds, with authors and without


def edited(library: KnowledgeBase, path: str, old: str, new: str) -> None:
    place = library.root / path
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new))


def by_hand(library: KnowledgeBase) -> None:
    """An edit that leaves size and time as they were."""
    page = library.root / "site/public/notes/ideas/idea-5.html"
    before = page.stat()
    page.write_bytes(page.read_bytes().replace(b"Text of", b"Tixt of"))
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))


def in_place_of_papers(library: KnowledgeBase) -> Path:
    page = library.root / "site/public/papers.html"
    page.unlink()
    return page


EDITS: dict[str, Callable[[KnowledgeBase], object]] = {
    "a sentence": lambda library: edited(library, "notes/ideas/idea-3.md", "Text of", "A sentence of"),
    "a title": lambda library: edited(library, "papers/elhage2022toy.md", "Toy Models", "New Models"),
    "a title of the navigation": lambda library: edited(library, "site/pages/index.md", "# Our lab", "# Our group"),
    "a name": lambda library: (library.root / "notes/ideas/idea-3.md").rename(library.root / "notes/ideas/other.md"),
    "a deletion": lambda library: (library.root / "notes/ideas/idea-7.md").unlink(),
    "a new note": lambda library: (library.root / "notes/new.md").write_text(
        "---\nvisibility: public\n---\n[[idea-1]]"
    ),
    "a note that is hidden": lambda library: edited(library, "notes/ideas/idea-1.md", "visibility: public", ""),
    "a figure": lambda library: (library.root / "notes/fig.png").write_bytes(png((b"tEXt", b"a\0b"))),
    "mkdocs.yml": lambda library: edited(library, "mkdocs.yml", "site_name: ", "site_name: X"),
    "a style": lambda library: (library.root / "look/x.css").write_text("a {}"),
    "a page of the site": lambda library: edited(library, "site/public/index.html", "<title>", "<title>Not ours "),
    "a page of the site, time and all": by_hand,
    "a page of the site that is gone": lambda library: (library.root / "site/public/notes/ideas/idea-5.html").unlink(),
    "a link in place of a page": lambda library: in_place_of_papers(library).symlink_to("index.html"),
    "a folder in place of a page": lambda library: in_place_of_papers(library).mkdir(),
    "a page where the theme has one": lambda library: (library.root / "site/pages/404.md").write_text("Not there."),
    "the name of a folder": lambda library: moved(library, "notes/ideas", "notes/x"),
    "a folder where a page was": lambda library: moved(library, "notes/x/idea-4.md", "notes/x/idea-4.html/a.md"),
    "a page beside the search": lambda library: moved(library, "notes/x/idea-8.md", "site/pages/search/index.md"),
    "a sentence where the theme has one": lambda library: edited(library, "site/pages/404.md", "Not", "Nothing"),
    "the theme's page where one was": lambda library: (library.root / "site/pages/404.md").unlink(),
    "a page where a folder was": lambda library: moved(library, "notes/x/idea-4.html/a.md", "notes/x/idea-4.md"),
    "a page that is gone from beside the search": lambda library: shutil.rmtree(library.root / "site/pages/search"),
    "a new style": lambda library: (library.root / "look/y.css").write_text("a {}"),
    "the site": lambda library: shutil.rmtree(library.root / "site/public"),
}


def moved(library: KnowledgeBase, old: str, new: str) -> None:
    (library.root / new).parent.mkdir(parents=True, exist_ok=True)
    (library.root / old).rename(library.root / new)


def test_a_site_that_is_built_again_is_as_if_it_was_built_for_the_first_time(library: KnowledgeBase) -> None:
    (library.root / "look").mkdir()
    (library.root / "look/x.css").write_text("b {}")
    (library.root / "mkdocs.yml").write_text(MKDOCS_YML.replace("material\n", "material\n  custom_dir: look\n", 1))
    built(library)
    site = library.root / "site/public"
    rest = list(EDITS)
    while rest:
        some, rest = rest[:4], rest[4:]  # what one leaves as it was must be right whatever the others do
        for what in some:
            EDITS[what](library)
        before = {path: (path.read_bytes(), path.open("rb")) for path in site.rglob("*") if path.is_file()}
        again, folders = built(library), sorted(site.rglob("*/"))
        for path, (data, old) in before.items():
            with old:
                assert old.read() == data, path  # nothing is written into the files of the old site
        assert differences(again, built(library, clean=True)) == [], some
        assert folders == sorted(site.rglob("*/")), some  # nor is a folder left over


def test_only_pages_that_changed_are_written(library: KnowledgeBase) -> None:
    built(library)
    before = inodes(library)
    edited(library, "notes/ideas/idea-3.md", "Text of", "A sentence of")
    built(library)
    after = inodes(library)
    kept = {path for path, inode in after.items() if before.get(path) == inode}
    assert "notes/ideas/idea-3.html" not in kept
    assert {"notes/ideas/idea-5.html", "papers/elhage2022toy.html", "about/this.html"} <= kept


def test_all_pages_are_written_when_a_package_is_another(
    library: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(library)
    before = inodes(library)
    monkeypatch.setattr(world, "_version", lambda package: "0.1")
    world.program.cache_clear()
    site = built(library)
    after = inodes(library)
    world.program.cache_clear()
    assert not [path for path, inode in after.items() if before[path] == inode]
    monkeypatch.undo()
    assert differences(site, built(library, clean=True)) == []


def test_the_key_of_the_world_is_the_same_in_every_process(library: KnowledgeBase) -> None:
    built(library)
    before = inodes(library)
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "carrel", "build", "--audience", "public"]
        subprocess.run(command, cwd=library.root, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        assert inodes(library) == before | {path: inodes(library)[path] for path in ("404.html",)}


def test_what_is_remembered_may_be_damaged(library: KnowledgeBase) -> None:
    site = built(library)
    place = library.cache_dir / "sheets-public"
    data = place.read_bytes()
    flipped = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]
    for harm in (b"", data[: len(data) // 2], flipped, pickle.dumps(("x", 1)), b"\x7fELF" + data):
        place.write_bytes(harm)
        assert differences(built(library), site) == [], harm[:20]
        assert place.stat().st_mode & 0o777 == 0o600


def test_files_are_copied_where_there_are_no_hard_links(
    library: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = built(library)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert differences(built(library), site) == []


def test_a_build_that_ends_before_it_has_said_what_it_wrote_does_no_harm(
    library: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(library)
    edited(library, "notes/ideas/idea-3.md", "Text of", "A sentence of")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Sheets, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            built(library)
    (library.root / "notes/ideas/idea-3.md").write_text(MANY["notes/ideas/idea-3.md"])
    again = built(library)
    assert differences(again, built(library, clean=True)) == []


def test_a_build_that_fails_leaves_the_old_site_and_what_is_remembered_of_it(
    library: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, before = built(library), inodes(library)
    edited(library, "notes/ideas/idea-3.md", "Text of", "A sentence of")

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the last step failed")

    with monkeypatch.context() as patch:
        patch.setattr("carrel.publish.build.finish", fails)
        with pytest.raises(BuildFailed, match="the last step failed"):
            built(library)
    assert differences(tree(library.root / "site/public"), site) == []
    assert inodes(library) == before
    (library.root / "notes/ideas/idea-3.md").write_text(MANY["notes/ideas/idea-3.md"])
    assert differences(built(library), site) == []


def test_two_builds_at_once_are_one_after_the_other(library: KnowledgeBase) -> None:
    command = [sys.executable, "-m", "carrel", "build", "--audience", "public"]
    builds = [subprocess.Popen(command, cwd=library.root, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [build.wait(120) for build in builds] == [0, 0]
    site = tree(library.root / "site/public")
    assert differences(site, built(library, clean=True)) == []
    assert sorted(path.name for path in (library.root / "site").iterdir()) == ["pages", "public"]


def test_a_site_for_another_audience_that_came_in_between_is_not_remembered_as_this_one(
    library: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Sheets.save

    def later(sheets: Sheets, site: Path) -> None:
        monkeypatch.setattr(Sheets, "save", save)
        build_site(library.reopened(), Visibility.PRIVATE)  # another process, just before this one has saved
        save(sheets, site)

    monkeypatch.setattr(Sheets, "save", later)
    build_site(library, PUBLIC)
    build_site(library, PUBLIC)
    assert differences(tree(library.root / "site/public"), built(library, clean=True)) == []


def test_a_compiled_template_that_is_damaged_is_compiled_again(library: KnowledgeBase) -> None:
    site = built(library)
    kept = {place: place.read_bytes() for place in (library.cache_dir / "templates").iterdir()}
    assert kept
    for size in (0, 15, 22, 40, 200):
        for place, data in kept.items():
            place.write_bytes(data[:size])
        assert differences(site, built(library)) == [], size


def test_a_page_that_could_not_be_laid_out_is_told_of_each_time(library: KnowledgeBase) -> None:
    (library.root / "notes/bomb.md").write_text("---\nvisibility: public\n---\n" + "[" * 20_000)
    told = [build_site(library, PUBLIC).as_written for _ in range(2)]
    assert told == [(("notes/bomb.md", "holds too many unclosed brackets"),)] * 2


# --- two processes ------------------------------------------------------------------------------------------------

needs_two = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor")


def alone(code: str, folder: Path) -> str:
    """What a Python of its own prints: only a process without other threads divides itself."""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_two
def test_each_process_does_every_other_piece_and_both_are_counted(tmp_path: Path) -> None:
    code = """
import os
from carrel.publish.press import halves
told = []
results = halves.shared(range(300), lambda n: (n, os.getpid()), lambda done, of: told.append((done, of)))
print(sorted(n for n, _ in results) == list(range(300)))
print({n % 2 for n, process in results if process == os.getpid()}, len({process for _, process in results}))
print(told[-1], told == sorted(told))
"""
    assert alone(code, tmp_path) == "True\n{0} 2\n(300, 300) True\n"


@needs_two
@pytest.mark.parametrize("end", ["os._exit(9)", "1 / 0", "sys.exit()", "os.kill(os.getpid(), 9)"])
def test_what_a_process_did_not_do_is_done_by_the_other(end: str, tmp_path: Path) -> None:
    code = f"""
import os, sys
from carrel.publish.press import halves
here = os.getpid()
def work(number):
    if os.getpid() != here and number > 100:
        {end}
    return number
print(sorted(halves.shared(range(300), work)) == list(range(300)))
with halves.meanwhile(lambda: work(101) and print("here", os.getpid() == here)) as done:
    done()
"""
    assert alone(code, tmp_path) == "True\nhere True\n"


@needs_two
def test_a_site_that_two_processes_rendered_is_the_same(library: KnowledgeBase) -> None:
    code = """
from pathlib import Path
from carrel.core.note import Visibility
from carrel.publish.press import halves
from carrel.publish.build import build_site
from carrel.store.knowledge_base import KnowledgeBase
halves.MUCH = 5
told = []
build_site(KnowledgeBase.open(Path()), Visibility.PUBLIC, progress=lambda done, of: told.append((done, of)))
print(told[-1][0] == told[-1][1] > 5)
"""
    assert alone(code, library.root) == "True\n"
    divided = tree(library.root / "site/public")
    assert differences(divided, built(library, clean=True)) == []


@needs_two
@pytest.mark.parametrize("files", [0, 1, 7, 10_000])
def test_a_process_that_dies_while_it_links_the_old_site_ahead_leaves_nothing_of_it(
    library: KnowledgeBase, files: int
) -> None:
    built(library)
    edited(library, "notes/ideas/idea-1.md", "visibility: public", "")
    code = f"""
import os
from pathlib import Path
from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.store.knowledge_base import KnowledgeBase
here, link, done = os.getpid(), os.link, []
def dying(*names, **how):
    if os.getpid() != here and len(done) == {files} and not Path("dead").exists():
        Path("dead").touch()
        os._exit(9)
    done.append(names)
    link(*names, **how)
os.link = dying
build_site(KnowledgeBase.open(Path()), Visibility.PUBLIC)
"""
    alone(code, library.root)
    assert (library.root / "dead").exists() == (files < 10_000)
    again = tree(library.root / "site/public")
    assert "notes/ideas/idea-1.html" not in again
    assert differences(again, built(library, clean=True)) == []
