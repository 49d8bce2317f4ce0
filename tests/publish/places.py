"""Places to publish to, for tests: a folder, a branch here, a branch of a remote, a folder behind rsync."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from carrel.core.destination import destination
from carrel.core.note import Visibility
from carrel.publish.to.places import place_of
from carrel.publish.to.site import Changes, Place, compare, site_at
from carrel.store.knowledge_base import KnowledgeBase

#: Stands in for ssh: drops the options and the host, and runs the rest in the folder FAR, by a shell as sshd does.
SSH = """#!/bin/sh
while [ "${1#-}" != "$1" ]; do [ "$1" = -l ] && shift; shift; done
shift
cd "$FAR" && exec sh -c "$*"
"""
#: What a repository may be set to that would change bytes, or run something.
HOSTILE = {
    "core.autocrlf": "true",
    "core.eol": "crlf",
    "core.ignoreCase": "true",
    "filter.shout.clean": "tr a-z A-Z",
    "commit.gpgSign": "true",
    "push.followTags": "true",
    "i18n.commitEncoding": "latin1",
}


def git(folder: Path, *words: str, stdin: bytes = b"") -> str:
    """Run git in a folder."""
    words = ("-c", "core.hooksPath=/dev/null", *words)  # ours would stop whoever wakes them
    return subprocess.run(["git", *words], cwd=folder, input=stdin, check=True, capture_output=True).stdout.decode(
        "utf-8", "surrogateescape"
    )


def repository(root: Path) -> None:
    """Make a folder a repository with one commit of what is in it, and settings and hooks that would be in the way."""
    git(root, "init", "--quiet", "--initial-branch=main")
    for name, value in {"user.name": "Ada Lovelace", "user.email": "ada@lab.example"}.items():
        git(root, "config", name, value)
    (root / "notes/plan.md").write_text("The zebra plan, for nobody.\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=Notes")
    for name, value in HOSTILE.items():
        git(root, "config", name, value)
    (root / ".git/info/attributes").write_text("* text=auto eol=crlf filter=shout\n")
    for hook in ("pre-commit", "pre-push", "reference-transaction", "post-commit"):
        place = root / ".git/hooks" / hook
        place.write_text(f"#!/bin/sh\ntouch '{root}/hook-ran'\nexit 1\n")
        place.chmod(0o755)


@dataclass
class Spot:
    """A place for a test: how it is named, and what stands there."""

    kb: KnowledgeBase
    named: str
    far: Path
    environment: dict[str, str]

    def place(self, *, forget: bool = False) -> Place:
        """The place, as a command would make it."""
        return place_of(self.kb, destination(self.named), self.kb.root, self.environment, forget=forget)

    def publish(self, folder: Path, audience: Visibility = Visibility.PUBLIC, *, forget: bool = False) -> Changes:
        """Publish what is in a folder, and say what changed."""
        place, site = self.place(forget=forget), site_at(folder, audience)
        there = place.look()
        changes = compare(site.digests(place.digest), there)
        place.put(site, there, changes)
        return changes

    def holds(self) -> dict[str, bytes]:
        """Every file that stands there."""
        if not self.named.startswith("git:"):
            places = [one for one in self.far.rglob("*") if one.is_file()] if self.far.exists() else []
            return {one.relative_to(self.far).as_posix(): one.read_bytes() for one in places}
        rows = git(self.far, "ls-tree", "-r", "-z", "refs/heads/gh-pages").split("\0")[:-1]
        named = {row.partition("\t")[2]: row.split()[2] for row in rows}
        return {path: git_blob(self.far, blob) for path, blob in named.items()}

    def put_by_hand(self, path: str, text: str) -> None:
        """Add a file there as its owner would."""
        if not self.named.startswith("git:"):
            (self.far / path).parent.mkdir(parents=True, exist_ok=True)
            (self.far / path).write_text(text)
            return
        before = subprocess.run(
            ["git", "rev-parse", "--verify", "refs/heads/gh-pages"], cwd=self.far, capture_output=True, text=True,
            check=False,
        ).stdout.strip()  # fmt: skip
        data = text.encode()
        lines = [
            "commit refs/heads/gh-pages",
            "committer X <x@y.z> 1 +0000",
            "data 0",
            *([f"from {before}"] * bool(before)),
        ]
        stream = "\n".join((*lines, f'M 100644 inline "{path}"', f"data {len(data)}", text, ""))
        git(self.far, "fast-import", "--quiet", stdin=stream.encode())


def git_blob(folder: Path, name: str) -> bytes:
    """The bytes of a blob."""
    return subprocess.run(["git", "cat-file", "blob", name], cwd=folder, check=True, capture_output=True).stdout


def spot(kind: str, kb: KnowledgeBase, tmp_path: Path) -> Spot:
    """A place of a kind, empty: folder, branch, remote or host."""
    environment = dict(os.environ)
    if kind == "folder":
        return Spot(kb, str(tmp_path / "public"), tmp_path / "public", environment)
    if kind == "host":
        if shutil.which("rsync") is None:
            reason = "rsync is not installed; on Debian: apt install rsync"
            pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
        far = tmp_path / "far"
        far.mkdir()
        ssh = tmp_path / "ssh"
        ssh.write_text(SSH)
        ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)
        environment |= {"RSYNC_RSH": str(ssh), "FAR": str(far)}
        return Spot(kb, "rsync:www@lab.example:site of mine", far / "site of mine", environment)
    repository(kb.root)
    if kind == "branch":
        return Spot(kb, "git:gh-pages", kb.root, environment)
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", str(remote))
    git(kb.root, "remote", "add", "origin", str(remote))
    return Spot(kb, "git:gh-pages", remote, environment)


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder that holds just these files, as a build leaves them."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in {**files, ".carrel-site": b"built"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def own(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What stands at a place without what Carrel keeps there for itself."""
    return {path: data for path, data in files.items() if path not in (".carrel-published", ".nojekyll")}
