"""Places to publish to hold the site, byte for byte, beside what others put there, which is never lost."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from carrel.core.destination import check_remote, destination
from carrel.core.note import Visibility
from carrel.errors import CarrelError, PublishFailed, Refused, UsageError, WriteFailed
from carrel.publish.to.site import MANIFEST, Changes, Manifest, compare, parse_manifest, site_at
from carrel.store.knowledge_base import KnowledgeBase
from tests.conftest import REPOSITORY
from tests.publish.places import SSH, Spot, git, own, repository, spot, written

KINDS = ("folder", "branch", "remote", "host")
FIRST = {
    "index.html": b"<title>Home</title><a href=notes/a.html>a</a>",
    "notes/a.html": b"<title>A</title>\r\nline\nline\r\n",
    "notes/deep/b.html": b"<title>B</title>",
    "assets/curve-1a2b3c4d.png": b"\x89PNG\r\n\x1a\n\0\xff",
    "search/index.js": b"a b",
    "sitemap.xml": b"<a/>",
}
SECOND = {**FIRST, "index.html": b"<title>Home</title>", "new.html": b"<title>New</title>", "search/index.js": b"a"}
del SECOND["notes/deep/b.html"], SECOND["assets/curve-1a2b3c4d.png"]
ODD = {
    "a b.html": b"1",
    "-rf.html": b"2",
    'quo"te.html': b"3",
    "back\\slash.html": b"4",
    "new\nline.html": b"5",
    "ümläut/ひ.html": b"6",
    "$(touch x);`touch y`.html": b"7",
    "A.html": b"8",
    "a.html": b"9",
    "deep/.hidden": b"10",
    "*.html": b"11",
    "[x]?.html": b"12",
    ":colon.html": b"13",
    "empty.html": b"",
}


@pytest.fixture(params=KINDS)
def there(request: pytest.FixtureRequest, kb: KnowledgeBase, tmp_path: Path) -> Spot:
    """A place of each kind."""
    return spot(request.param, kb, tmp_path)


@pytest.fixture
def host(kb: KnowledgeBase, tmp_path: Path) -> Spot:
    """A folder behind rsync."""
    return spot("host", kb, tmp_path)


@pytest.fixture
def built(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    """A built site that holds some files."""
    return lambda files: written(tmp_path / "built", files)


Built = Callable[[dict[str, bytes]], Path]


# --- every place ------------------------------------------------------------------------------------------------------


def test_a_place_holds_the_site_and_then_the_next_one(there: Spot, built: Built) -> None:
    assert there.publish(built(FIRST)) == Changes(tuple(sorted(FIRST)), (), ())
    assert own(there.holds()) == FIRST
    changes = there.publish(built(SECOND))
    assert changes.added == ("new.html",)
    assert changes.changed == ("index.html", "search/index.js")
    assert changes.removed == ("assets/curve-1a2b3c4d.png", "notes/deep/b.html")
    assert own(there.holds()) == SECOND


def test_what_others_put_there_stays(there: Spot, built: Built) -> None:
    there.publish(built(FIRST))
    for path in ("CNAME", ".well-known/x", "notes/deep/by-hand.html"):
        there.put_by_hand(path, "mine")
    there.publish(built(SECOND))
    by_hand = {"CNAME": b"mine", ".well-known/x": b"mine", "notes/deep/by-hand.html": b"mine"}
    assert own(there.holds()) == SECOND | by_hand


def test_a_place_that_others_filled_is_known_as_such_and_loses_nothing(there: Spot, built: Built) -> None:
    there.put_by_hand("index.html", "theirs")
    there.put_by_hand("about.html", "theirs")
    seen = there.place().look()
    assert (seen.manifest, seen.files) == (None, {})
    assert sorted(seen.others) == ["about.html", "index.html"]
    there.publish(built(FIRST))
    there.publish(built(SECOND))
    assert own(there.holds()) == SECOND | {"about.html": b"theirs"}


def test_an_empty_place_says_nothing_of_others(there: Spot) -> None:
    seen = there.place().look()
    assert (seen.manifest, dict(seen.files), seen.others) == (None, {}, ())


def test_names_and_bytes_arrive_as_they_are(there: Spot, built: Built) -> None:
    there.publish(built(ODD))
    assert own(there.holds()) == ODD
    there.publish(built({"index.html": b"x"}))
    assert own(there.holds()) == {"index.html": b"x"}


def test_a_page_takes_the_place_of_a_folder_and_a_folder_that_of_a_page(there: Spot, built: Built) -> None:
    there.publish(built({"a": b"page", "b/c": b"page", "b/d/e": b"page"}))
    there.publish(built({"a/x": b"page", "b": b"page"}))
    assert own(there.holds()) == {"a/x": b"page", "b": b"page"}


def test_a_site_that_is_there_already_is_not_written_again(there: Spot, built: Built) -> None:
    there.publish(built(FIRST))
    before = state(there)
    assert not there.publish(built(FIRST))
    assert state(there) == before


def state(there: Spot) -> object:
    """What changes with any write."""
    if there.named.startswith("git:"):
        return git(there.far, "rev-parse", "refs/heads/gh-pages")
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in there.far.rglob("*")}


def test_hidden_files_of_the_build_folder_stay_at_home(there: Spot, built: Built) -> None:
    folder = built({**FIRST, ".git/config": b"x", ".env": b"x"})
    (folder / "link.html").symlink_to("/etc/passwd")
    there.publish(folder)
    assert own(there.holds()) == FIRST


def test_the_manifest_says_for_whom_and_no_more_than_the_site(there: Spot, built: Built) -> None:
    there.publish(built(FIRST), Visibility.LAB)
    there.publish(built(SECOND), Visibility.LAB)
    manifest = parse_manifest(there.holds()[MANIFEST], "x")
    assert (manifest.audience, sorted(manifest.files)) == (Visibility.LAB, sorted(SECOND))
    assert there.place().look().manifest == manifest


@pytest.mark.parametrize(
    "files",
    [
        {"../outside": ""}, {"/etc/passwd": ""}, {"a/../../b": ""}, {"": ""}, {"a//b": ""}, {".git/config": ""},
        {".Git/config": ""}, {"a\0": ""}, {"a": 1}, ["a"], "a", None,
    ],
)  # fmt: skip
def test_a_manifest_that_names_what_is_not_the_sites_is_refused(files: object) -> None:
    data = json.dumps({"carrel": 1, "audience": "public", "files": files}).encode()
    with pytest.raises(Refused, match="damaged"):
        parse_manifest(data, "the place")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"carrel": 2, "files": {}}'])
def test_a_damaged_manifest_stops_a_publish_and_nothing_is_touched(
    data: bytes, kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    there = spot("folder", kb, tmp_path)
    there.publish(built(FIRST))
    (there.far / MANIFEST).write_bytes(data)
    with pytest.raises(Refused, match="damaged"):
        there.publish(built(SECOND))
    assert own(there.holds()) == FIRST


def test_what_pages_need_goes_first_and_what_leads_to_them_last() -> None:
    now = {"a.png": "1", "new.html": "1", "old.html": "2", "search/x.js": "1", "sitemap.xml": "2", "x.css": "2"}
    before = {"old.html": "1", "sitemap.xml": "1", "x.css": "1", "gone.html": "1"}
    from carrel.publish.to.site import There

    changes = compare(now, There(files=before))
    assert changes.first() == ["a.png", "x.css", "new.html"]
    assert changes.then() == ["old.html", "search/x.js", "sitemap.xml"]
    assert changes.removed == ("gone.html",)


# --- folders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", [".", "..", "notes", "notes/2026", "papers", ".carrel/x", ".git", "site", "site/public", "/", "~"]
)
def test_a_folder_that_holds_or_is_the_knowledge_base_is_refused(
    folder: str, kb: KnowledgeBase, own_home: Path
) -> None:
    where = Path(folder).expanduser() if folder != "~" else kb.root.parent
    there = Spot(kb, str(where), kb.root / where, {})
    with pytest.raises(Refused, match="would be written over"):
        there.place().look()


def test_a_folder_that_is_a_link_into_the_notes_is_refused(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "public").symlink_to(kb.root / "notes")
    with pytest.raises(Refused, match="would be written over"):
        spot("folder", kb, tmp_path).place().look()


def test_no_link_is_followed_in_a_folder(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    there = spot("folder", kb, tmp_path)
    there.publish(built(FIRST))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.html").write_text("mine")
    (there.far / "notes/a.html").unlink()
    (there.far / "notes/a.html").symlink_to(outside / "a.html")
    there.publish(built({**SECOND, "notes/a.html": b"new"}))
    assert (outside / "a.html").read_text() == "mine"
    assert not (there.far / "notes/a.html").is_symlink()
    (there.far / "notes/a.html").unlink()
    (there.far / "notes").rmdir()
    (there.far / "notes").symlink_to(outside)
    with pytest.raises(Refused, match="notes is a symbolic link"):
        there.publish(built({"index.html": b""}))
    assert (outside / "a.html").read_text() == "mine"


def test_a_damaged_page_is_mended_by_the_next_publish(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    there = spot("folder", kb, tmp_path)
    there.publish(built(FIRST))
    (there.far / "notes/a.html").write_bytes(b"\0" * len(FIRST["notes/a.html"]))
    (there.far / "sitemap.xml").unlink()
    there.publish(built(FIRST))
    assert own(there.holds()) == FIRST


PUBLISH = """
    import os, sys
    from pathlib import Path
    from carrel.core.destination import destination
    from carrel.core.note import Visibility
    from carrel.errors import CarrelError
    from carrel.publish.to.places import place_of
    from carrel.publish.to.site import compare, site_at
    from carrel.store.knowledge_base import KnowledgeBase

    root, named, folder = sys.argv[1:]
    kb = KnowledgeBase.open(Path(root))
    place, site = place_of(kb, destination(named), kb.root, os.environ), site_at(Path(folder), Visibility.PUBLIC)
    there = place.look()
    try:
        place.put(site, there, compare(site.digests(place.digest), there))
    except CarrelError as error:
        sys.exit(error.message)
"""
CALLS = "openat,write,rename,unlink,mkdir,rmdir"


@pytest.mark.parametrize("fault", ["signal=SIGKILL", "error=ENOSPC"])
def test_a_publish_that_is_cut_off_anywhere_leads_nowhere_and_is_finished_by_the_next(
    fault: str, kb: KnowledgeBase, tmp_path: Path, built: Built, strace: str
) -> None:
    there = spot("folder", kb, tmp_path)
    old, new = {"index.html": b"old", "gone.html": b"x"}, {"index.html": b"new", "new.html": b"y"}

    def cut(inject: str) -> subprocess.CompletedProcess[str]:
        written(there.far, {})
        (there.far / ".carrel-site").unlink()
        there.publish(built(old))
        there.put_by_hand("CNAME", "mine")
        return subprocess.run(
            [strace, "-f", "-qq", "-y", "-o", tmp_path / "trace", "-e", f"trace={CALLS}",
             *(["-e", f"inject={inject}"] if inject else []),
             sys.executable, "-P", "-c", textwrap.dedent(PUBLISH), kb.root, there.named, built(new)],
            capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip

    assert cut("").returncode == 0
    seen: dict[str, int] = {}
    points = []
    for row in (tmp_path / "trace").read_text("utf-8", "replace").splitlines():
        call = row.split(None, 1)[1].partition("(")[0]
        seen[call] = seen.get(call, 0) + 1
        if str(there.far) in row and "O_RDONLY" not in row:
            points.append(f"{call}:{fault}:when={seen[call]}")
    assert len(points) >= 10
    for point in points:
        done = cut(point)
        assert "Traceback" not in done.stderr
        now = own(there.holds())
        assert done.returncode or now == {**new, "CNAME": b"mine"}, f"{point}: reported as done, and it is not"
        assert now["index.html"] in (b"old", b"new"), point
        if now["index.html"] == b"old":
            assert "gone.html" in now, f"{point}: a page that others lead to is gone"
        else:
            assert "new.html" in now, f"{point}: the pages lead to one that is not there"
        there.publish(built(new))
        assert {name: data for name, data in there.holds().items() if name != MANIFEST} == {**new, "CNAME": b"mine"}


def test_a_file_that_the_disk_does_not_take_is_told_and_the_next_publish_finishes(
    kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    there = spot("folder", kb, tmp_path)
    there.publish(built(FIRST))
    large = {**FIRST, "a-large.html": b"x" * 50_000}
    folder = built(large)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(WriteFailed, match="file too large"):
            there.publish(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert own(there.holds()) == FIRST
    there.publish(folder)
    assert own(there.holds()) == large


@pytest.mark.parametrize("kind", ["folder", "host"])
def test_a_publish_that_another_overtook_writes_nothing(
    kind: str, kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    there = spot(kind, kb, tmp_path)
    there.publish(built(FIRST))
    place, site = there.place(), site_at(built({**FIRST, "mine.html": b"1"}), Visibility.PUBLIC)
    seen = place.look()
    there.publish(written(tmp_path / "other", SECOND))
    with pytest.raises(PublishFailed, match="somebody published there meanwhile"):
        place.put(site, seen, compare(site.digests(place.digest), seen))
    assert own(there.holds()) == SECOND


def test_what_another_published_at_the_same_moment_is_known_to_the_next_publish(
    host: Spot, tmp_path: Path, built: Built
) -> None:
    host.publish(built(FIRST))
    other, flag = tmp_path / "theirs", tmp_path / "flag"
    manifest = parse_manifest(host.holds()[MANIFEST], "x")
    other.write_bytes(Manifest(Visibility.PUBLIC, {**manifest.files, "theirs.html": ""}).data())
    far = host.far.as_posix()
    # While we send pages, somebody else's publish begins, and says so.
    meanwhile = f"case \"$*\" in *--sender*) ;; *) [ -e '{flag}' ] || {{ touch '{flag}'; after=1; }} ;; esac\n"
    script = SSH.replace("#!/bin/sh\n", f"#!/bin/sh\n{meanwhile}").replace('exec sh -c "$*"', 'sh -c "$*"; code=$?')
    script += f"[ -z \"$after\" ] || {{ cp '{other}' '{far}/{MANIFEST}'; echo x > '{far}/theirs.html'; }}\nexit $code\n"
    (tmp_path / "ssh").write_text(script)
    host.publish(built(SECOND))
    assert "theirs.html" in host.holds()
    host.publish(built(SECOND))
    assert own(host.holds()) == SECOND


# --- branches ---------------------------------------------------------------------------------------------------------


def test_a_branch_has_a_history_of_its_own_and_the_repository_stays_as_it_is(
    kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    there = spot("branch", kb, tmp_path)
    (kb.root / "notes/plan.md").write_text("changed\n")
    git(kb.root, "-c", "commit.gpgSign=false", "stash")
    (kb.root / "notes/staged.md").write_text("staged\n")
    git(kb.root, "add", "notes/staged.md")
    (kb.root / "notes/plan.md").write_text("changed again\n")

    def everything() -> tuple[object, ...]:
        refs = [row for row in git(kb.root, "for-each-ref").splitlines() if "gh-pages" not in row]
        index, head = (kb.root / ".git/index").read_bytes(), (kb.root / ".git/HEAD").read_bytes()
        return refs, index, head, git(kb.root, "stash", "list"), git(kb.root, "config", "--list", "--local")

    before = everything()
    there.publish(built(FIRST))
    there.publish(built(SECOND))
    assert everything() == before
    assert (kb.root / "notes/plan.md").read_text() == "changed again\n"
    assert git(kb.root, "rev-list", "--count", "gh-pages") == "2\n"
    assert subprocess.run(["git", "merge-base", "gh-pages", "main"], cwd=kb.root, check=False).returncode == 1
    assert not (kb.root / "hook-ran").exists()
    assert there.holds()[".nojekyll"] == b""


def test_the_commits_say_numbers_and_no_names(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    there = spot("branch", kb, tmp_path)
    there.publish(built(FIRST))
    there.publish(built(SECOND))
    assert git(kb.root, "log", "--format=%an|%ae|%B", "gh-pages") == (
        "Ada Lovelace|ada@lab.example|Publish: pages 1 added, 1 changed, 1 removed\n\nOther files that differ: 2\n\n"
        "Ada Lovelace|ada@lab.example|Publish: pages 3 added, 0 changed, 0 removed\n\nOther files that differ: 3\n\n"
    )


def test_variables_that_lead_git_elsewhere_are_not_heeded(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    there = spot("branch", kb, tmp_path)
    other = tmp_path / "other"
    (other / "notes").mkdir(parents=True)
    repository(other)
    there.environment |= {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "GIT_INDEX_FILE": "/dev/null"}
    there.environment |= {"GIT_OBJECT_DIRECTORY": str(other / ".git/objects"), "GIT_NAMESPACE": "x"}
    there.publish(built(FIRST))
    assert own(there.holds()) == FIRST
    assert git(other, "branch", "--list") == "* main\n"


def test_the_branch_that_somebody_works_on_is_refused(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    there = spot("branch", kb, tmp_path)
    there.named = "git:main"
    with pytest.raises(Refused, match=r"the notes|you work on"):
        there.place().look()
    there.named = "git:gh-pages"
    there.publish(built(FIRST))
    git(kb.root, "worktree", "add", "--quiet", str(tmp_path / "site"), "gh-pages")
    with pytest.raises(Refused, match="you work on"):
        there.publish(built(SECOND))
    git(kb.root, "worktree", "add", "--quiet", "--orphan" if orphans() else "-b",
        *(["-b", "draft"] if orphans() else ["draft"]), str(tmp_path / "tree"))  # fmt: skip
    there.named = "git:draft"
    with pytest.raises(Refused, match=r"the notes|you work on"):
        there.place().look()


def orphans() -> bool:
    """Whether this git can add a work tree with a branch that has no commit yet."""
    return (
        "--orphan"
        in subprocess.run(["git", "worktree", "add", "-h"], capture_output=True, text=True, check=False).stdout
    )


def test_a_branch_that_shares_the_history_of_the_notes_is_refused(
    kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    there = spot("remote", kb, tmp_path)
    git(kb.root, "push", "--no-verify", "--quiet", "origin", "main:refs/heads/gh-pages")
    before = git(there.far, "rev-parse", "gh-pages")
    with pytest.raises(Refused, match="shares its history with the notes"):
        there.publish(built(FIRST))
    assert git(there.far, "rev-parse", "gh-pages") == before


def test_only_the_site_is_pushed_and_no_branch_is_made_here(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    there = spot("remote", kb, tmp_path)
    git(kb.root, "tag", "-m", "x", "v1")
    there.publish(built(FIRST))
    assert git(kb.root, "branch", "--list") == "* main\n"
    assert git(there.far, "for-each-ref", "--format=%(refname)") == "refs/heads/gh-pages\n"
    pushed = git(there.far, "cat-file", "--batch-all-objects", "--batch")
    assert "zebra" not in pushed
    assert "plan.md" not in pushed


def clone(there: Spot, tmp_path: Path) -> Spot:
    """Another clone of the same notes, with the same remote."""
    root = tmp_path / "clone" / "kb"
    for folder in (".carrel", "notes", "papers"):
        (root / folder).mkdir(parents=True)
    repository(root)
    git(root, "remote", "add", "origin", str(there.far))
    return Spot(KnowledgeBase.open(root), there.named, there.far, there.environment)


def test_the_manuals_file_for_gitlab_hands_on_the_site(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    there = spot("remote", kb, tmp_path)
    there.publish(built(FIRST))
    manual = (REPOSITORY / "site/pages/publishing.md").read_text("utf-8")
    written_down = re.findall(r"```yaml\n(pages:.*?)```", manual, re.DOTALL)
    assert len(written_down) == 1
    there.put_by_hand(".gitlab-ci.yml", written_down[0])
    there.publish(built(SECOND))
    (tmp_path / "job").mkdir()
    git(tmp_path / "job", "clone", "--quiet", "--depth=1", "--branch=gh-pages", f"file://{there.far}", "clone")
    job = yaml.safe_load((tmp_path / "job/clone/.gitlab-ci.yml").read_text())["pages"]
    subprocess.run(["sh", "-ec", "\n".join(job["script"])], cwd=tmp_path / "job/clone", check=True)
    public = tmp_path / "job/clone" / job["artifacts"]["paths"][0]
    assert (
        SECOND.items()
        <= {one.relative_to(public).as_posix(): one.read_bytes() for one in public.rglob("*") if one.is_file()}.items()
    )


def test_two_clones_publish_in_turn_without_force(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    one = spot("remote", kb, tmp_path)
    two = clone(one, tmp_path)
    for there, files in ((one, FIRST), (two, SECOND), (one, FIRST), (two, SECOND)):
        there.publish(built(files))
        assert own(there.holds()) == files
    assert git(one.far, "rev-list", "--count", "gh-pages") == "4\n"


def test_a_publish_that_is_overtaken_is_refused_and_may_be_repeated(
    kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    one = spot("remote", kb, tmp_path)
    one.publish(built(FIRST))
    place, site = one.place(), site_at(built({**FIRST, "mine.html": b"1"}), Visibility.PUBLIC)
    seen = place.look()
    clone(one, tmp_path).publish(written(tmp_path / "other", SECOND))
    with pytest.raises(PublishFailed, match="did not take gh-pages"):
        place.put(site, seen, compare(site.digests(place.digest), seen))
    assert own(one.holds()) == SECOND
    one.publish(site.folder)
    assert "mine.html" in one.holds()


def test_a_remote_that_is_pushed_to_another_place_is_looked_at_there(
    kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    there = spot("remote", kb, tmp_path)
    git(tmp_path, "init", "--quiet", "--bare", "upstream.git")
    git(kb.root, "remote", "set-url", "origin", str(tmp_path / "upstream.git"))
    git(kb.root, "remote", "set-url", "--push", "origin", str(there.far))
    there.publish(built(FIRST))
    there.publish(built(SECOND))
    assert own(there.holds()) == SECOND
    assert git(tmp_path / "upstream.git", "for-each-ref") == ""


@pytest.mark.parametrize("kind", ["branch", "remote"])
def test_forget_leaves_one_commit_that_holds_the_site(
    kind: str, kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    there = spot(kind, kb, tmp_path)
    there.publish(built(FIRST))
    there.put_by_hand("CNAME", "mine")
    there.publish(built(SECOND))
    there.publish(built(SECOND), forget=True)
    assert own(there.holds()) == SECOND | {"CNAME": b"mine"}
    assert git(there.far, "log", "--format=%B", "gh-pages") == "Publish: 3 pages\n\n"
    with pytest.raises(UsageError, match="keeps no history"):
        spot("folder", kb, tmp_path).place(forget=True)


def test_the_history_of_others_is_not_forgotten(kb: KnowledgeBase, tmp_path: Path, built: Built) -> None:
    there = spot("remote", kb, tmp_path)
    there.put_by_hand("index.html", "theirs")
    with pytest.raises(Refused, match="did not write its history"):
        there.publish(built(FIRST), forget=True)


@pytest.mark.parametrize(("theirs", "ours"), [("notes", "notes/a.html"), ("a.html/x", "a.html")])
def test_what_others_put_in_the_way_is_not_replaced(theirs: str, ours: str, there: Spot, built: Built) -> None:
    there.publish(built({"index.html": b""}))
    there.put_by_hand(theirs, "mine")
    with pytest.raises(CarrelError):
        there.publish(built({"index.html": b"", ours: b"site"}))
    assert there.holds()[theirs] == b"mine"


def test_a_repository_with_longer_names_of_objects_is_published_to_as_well(
    kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    git(kb.root, "init", "--quiet", "--object-format=sha256")
    there = spot("branch", kb, tmp_path)
    there.publish(built(FIRST))
    assert not there.publish(built(FIRST))
    assert own(there.holds()) == FIRST


def test_a_knowledge_base_below_the_top_of_its_repository_is_published_as_well(tmp_path: Path, built: Built) -> None:
    top = tmp_path / "top"
    for folder in ("notes", "deep/kb/.carrel", "deep/kb/notes"):
        (top / folder).mkdir(parents=True)
    repository(top)
    there = Spot(KnowledgeBase.open(top / "deep/kb"), "git:gh-pages", top, dict(os.environ))
    there.publish(built(FIRST))
    assert own(there.holds()) == FIRST


def test_what_is_missing_for_a_branch_is_said(kb: KnowledgeBase, tmp_path: Path) -> None:
    there = Spot(kb, "git:gh-pages", kb.root, {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)})
    with pytest.raises(PublishFailed, match="git finds no repository here") as none:
        there.place().look()
    assert "`git init` makes one" in none.value.hint
    git(kb.root, "init", "--quiet")
    there.environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "1"}
    with pytest.raises(PublishFailed, match="git does not know who publishes"):
        there.place().look()
    there.environment["PATH"] = str(tmp_path)
    with pytest.raises(PublishFailed, match="git is not installed"):
        there.place().look()


#: Stands before git: ends the process that called it, as `kill -9` would, at the call that the file COUNT says.
KILLING_GIT = """#!/bin/sh
left=$(($(cat "$COUNT") - 1)); echo $left > "$COUNT"
[ $left = 0 ] && kill -9 $PPID && exit 1
exec {git} "$@"
"""


def test_a_publish_to_a_branch_that_is_killed_leaves_the_old_or_the_new_site(
    kb: KnowledgeBase, tmp_path: Path, built: Built
) -> None:
    there = spot("remote", kb, tmp_path)
    there.publish(built(FIRST))
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(KILLING_GIT.format(git=subprocess.check_output(["which", "git"], text=True).strip()))
    program.chmod(0o755)
    count = tmp_path / "count"
    environment = {**os.environ, "COUNT": str(count), "PATH": f"{program.parent}:{os.environ['PATH']}"}
    sites, killed = (SECOND, FIRST), 0
    for number in range(1, 40):
        count.write_text(str(number))
        words = [sys.executable, "-c", textwrap.dedent(PUBLISH), str(kb.root), there.named, str(built(sites[0]))]
        done = subprocess.run(words, env=environment, check=False, capture_output=True)
        if done.returncode == 0:
            break
        killed += 1
        assert own(there.holds()) in sites, number
    assert killed >= 12
    assert own(there.holds()) == SECOND
    assert git(kb.root, "for-each-ref", "refs/carrel") == ""


# --- other machines ---------------------------------------------------------------------------------------------------


def test_a_connection_that_breaks_leaves_a_site_that_the_next_publish_finishes(
    host: Spot, tmp_path: Path, built: Built
) -> None:
    plain = (tmp_path / "ssh").read_text()
    count, calls = tmp_path / "count", 0
    (tmp_path / "ssh").write_text(
        plain.replace(
            "#!/bin/sh\n",
            '#!/bin/sh\nleft=$(($(cat "$COUNT") - 1)); echo $left > "$COUNT"\n[ $left = 0 ] && exit 255\n',
        )
    )
    host.environment["COUNT"] = str(count)
    count.write_text("1000")
    host.publish(built(FIRST))
    shutil.copytree(host.far, tmp_path / "first")
    for number in range(1, 12):
        shutil.rmtree(host.far)
        shutil.copytree(tmp_path / "first", host.far)
        count.write_text(str(number))
        try:
            host.publish(built(SECOND))
        except PublishFailed:
            calls += 1
            now = own(host.holds())
            assert now["index.html"] in (FIRST["index.html"], SECOND["index.html"])
            assert "notes/deep/b.html" in now or now["index.html"] == SECOND["index.html"]
            assert "new.html" in now or now["index.html"] == FIRST["index.html"]
        else:
            break
        count.write_text("1000")
        host.publish(built(SECOND))
        assert own(host.holds()) == SECOND
    assert calls >= 5


@pytest.mark.parametrize(
    "folder", ["-rf x", "--delete", "$(touch ran)", "a'b\"c`touch ran`", "ü; touch ran", "*", "~/x", "#x"]
)
def test_a_folder_there_may_have_any_name(host: Spot, built: Built, folder: str) -> None:
    far = host.far.parent / folder.removeprefix("~/")
    odd = Spot(host.kb, f"rsync:www@lab.example:{folder}", far, host.environment)
    odd.publish(built({"index.html": b"1"}))
    odd.publish(built({"a.html": b"2"}))
    assert own(odd.holds()) == {"a.html": b"2"}
    assert os.listdir(host.far.parent) == [far.name]


def test_folders_there_keep_their_modes_and_pages_can_be_read_by_a_server(host: Spot, built: Built) -> None:
    host.publish(built(FIRST))
    (host.far / "notes").chmod(0o2775)
    old = os.umask(0o077)
    try:
        folder = built({**SECOND, "notes/c.html": b"x"})
    finally:
        os.umask(old)
    host.publish(folder)
    assert oct((host.far / "notes").stat().st_mode)[-4:] == "2775"
    assert oct((host.far / "notes/c.html").stat().st_mode)[-3:] == "644"
    assert not (host.far / "notes/deep").exists()
    assert not (host.far / "assets").exists()


def test_what_is_missing_for_another_machine_is_said(host: Spot, built: Built, tmp_path: Path) -> None:
    with pytest.raises(PublishFailed, match="mkdir") as deep:
        Spot(host.kb, "rsync:h:no/such/folder", host.far, host.environment).publish(built(FIRST))
    assert "the folder above it may be missing there" in deep.value.hint
    with pytest.raises(PublishFailed, match="rsync is not installed"):
        Spot(host.kb, host.named, host.far, {"PATH": str(tmp_path)}).publish(built(FIRST))
    assert not host.far.exists()


# --- names of places --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "git:", "git:HEAD", "git:-x", "git:a..b", "git:a/", "git:/a", "git:a.lock", "git:a b", "git:refs/~1",
        "rsync:", "rsync:host", "rsync:host:", "rsync:host:/", "rsync:host:.", "rsync:-oProxyCommand=x:y",
        "rsync:a@-x:y", "rsync::x", "rsync:host::module", "rsync://host/x", "host:x", "ftp:x", "a\nb", "rsync:a b:c",
    ],
)  # fmt: skip
def test_what_names_no_place_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        destination(text)


@pytest.mark.parametrize(
    "text",
    ["git:gh-pages", "git:site/public", "rsync:h:x", "rsync:u@h.example:/srv/a b", "rsync:[::1]:x",
     "rsync:u@[fe80::1]:x/y", "/srv/www", "../public", "./git:x"],
)  # fmt: skip
def test_a_place_is_written_as_it_was_read(text: str) -> None:
    assert str(destination(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "https://ada:pass@a.example/b",
        "https://token@a.example/b",
        "-x",
        "--upload-pack=x",
        "ext::sh -c x",
        "fd::3",
        "/home/x/y.git",
        "../x",
        "a b",
        "",
    ],
)
def test_a_remote_that_is_an_option_a_program_or_a_place_here_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        check_remote(text)


@pytest.mark.parametrize(
    "text", ["origin", "up/stream", "https://a.example/b.git", "ssh://git@a:22/b", "git@a.example:b/c.git"]
)
def test_a_remote_is_a_name_or_an_address(text: str) -> None:
    check_remote(text)
