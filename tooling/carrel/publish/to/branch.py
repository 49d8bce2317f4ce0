"""Publishing to a branch of the repository that the notes are in, or of another one: GitHub Pages, GitLab Pages.

The branch has a history of its own. Where there is a remote, its branch is the truth: the new commit goes on top of
what is there now, straight to the remote, and no branch here is made or moved. So a clone that is behind, or one that
published something else meanwhile, needs no force; a push that somebody overtook is refused by the remote.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.destination import Branch, check_remote
from carrel.errors import PublishFailed, Refused
from carrel.publish.to.git import Git
from carrel.publish.to.site import MANIFEST, Changes, Manifest, Site, There, is_page, parse_manifest
from carrel.store.lock import locked

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

#: Tells GitHub to serve the files as they are.
_NO_JEKYLL = ".nojekyll"
_DEFAULT_REMOTE = "origin"


class BranchPlace:
    """A branch, here or at a remote. With `forget`, its history is dropped: one commit is left."""

    def __init__(
        self, kb: KnowledgeBase, branch: Branch, environment: Mapping[str, str], *, forget: bool = False
    ) -> None:
        self._git = Git(kb.root, environment)
        self._branch = branch
        self._reference = f"refs/heads/{branch.name}"
        self._wanted = kb.config.publish_remote
        self._remote = self._address = ""
        self._forget = forget

    @property
    def name(self) -> str:
        """The branch, and the remote that it is pushed to."""
        return f"{self._branch} at {self._remote}" if self._remote else f"{self._branch}, here only"

    def digest(self, data: bytes) -> str:
        """The name of a blob."""
        return self._hash(b"blob %d\0" % len(data) + data).hexdigest()

    def look(self) -> There:
        """What stands on the branch."""
        git = self._git
        git.check()
        self._hash = sha256 if git.tell("rev-parse", "--show-object-format") == "sha256" else sha1
        self._remote = self._known_remote()
        tip = self._remote_tip() if self._remote else git.tip(self._reference)
        there = self._standing(tip) if tip else There()
        may_be_the_notes = there.manifest is None and ":" not in self._remote
        if (may_be_the_notes or not self._remote) and self._reference in git.checked_out():
            raise Refused(
                f"{self._branch.name} is the branch that you work on",
                "name a branch that does not exist yet, such as git:gh-pages",
            )
        return there

    def _known_remote(self) -> str:
        """The remote to push to, "" for none. Raises `PublishFailed` when one is set that is not there."""
        if not self._wanted:
            return ""
        check_remote(self._wanted)
        if ":" in self._wanted or not self._git.ask("remote", "get-url", self._wanted).code:
            self._address = self._address_of(self._wanted)
            return self._wanted
        if self._wanted == _DEFAULT_REMOTE:
            return ""
        raise PublishFailed(f"there is no remote {self._wanted}", f"git remote add {self._wanted} ADDRESS")

    def _address_of(self, remote: str) -> str:
        """Where a push to `remote` goes: a remote may be fetched from one place and pushed to another."""
        push, fetch = (self._git.ask("remote", "get-url", *option, remote).out for option in (("--push",), ()))
        return remote if push == fetch else push.decode("utf-8", "surrogateescape").splitlines()[0]

    def _remote_tip(self) -> str:
        """The commit that the branch has at the remote, brought here if it is not; "" if there is none."""
        git = self._git
        answer = git.ask("ls-remote", "--", self._address, self._reference)
        if answer.code:
            raise PublishFailed(f"{self._remote} does not answer: {answer.reason}", "`git fetch` tells more")
        rows = (row.split("\t") for row in answer.out.decode("utf-8", "replace").splitlines())
        tip = next((row[0] for row in rows if row[1:] == [self._reference]), "")
        if tip and not git.tip(tip):
            git.tell("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--",
                     self._address, self._reference)  # fmt: skip
        return tip

    def _standing(self, tip: str) -> There:
        git, name = self._git, f"{self._branch.name}{f' at {self._remote}' if self._remote else ''}"
        files = git.files(tip)
        holds_notes = any(path.startswith(".carrel/") or "/.carrel/" in path for path in files)
        if holds_notes or git.shares_history(tip):
            raise Refused(
                f"{name} shares its history with the notes; a site there would bring them along",
                "name a branch that does not exist yet, such as git:gh-pages",
            )
        if MANIFEST not in files:
            if git.is_shallow():
                raise Refused(
                    f"{name} holds what Carrel did not write, and of the notes' history only a part is here",
                    "`git fetch --unshallow`, or name a branch that does not exist yet",
                )
            return There(others=tuple(files), version=tip)
        manifest = parse_manifest(git.blob(tip, MANIFEST), name)
        ours = {path: blob for path, blob in files.items() if path in manifest.files}
        others = tuple(path for path in files if path not in ours and path != MANIFEST)
        return There(manifest, ours, others, version=tip)

    def put(self, site: Site, there: There, changes: Changes) -> str:
        """Make the branch hold the site, beside what others put there; its new commit."""
        git, manifest = self._git, Manifest(site.audience, dict.fromkeys(site.files, "")).data()
        fresh = there.manifest is None or there.manifest.data() != manifest
        if self._forget and there.manifest is None and there.version:
            raise Refused(f"{self.name}: Carrel did not write its history", "publish without --forget")
        if blocking := there.blocking(site.files):
            raise Refused(
                f"{self.name}: {blocking} is not Carrel's, and stands where the site wants a folder, or the reverse",
                "remove it from the branch",
            )
        if not changes and not fresh and not self._forget:
            return there.version
        written: dict[str, Path | bytes] = {path: site.files[path] for path in (*changes.added, *changes.changed)}
        if not there.version:
            written[_NO_JEKYLL] = b""
        with locked(git.own_folder() / "carrel-publish.lock"):
            tree = git.tree(there.version, changes.removed, {**written, MANIFEST: manifest})
            commit = git.commit(tree, "" if self._forget else there.version, _message(site, changes, self._forget))
            if self._remote:
                self._push(commit, there.version)
            else:
                self._keep(commit, there.version)
        return commit

    def _keep(self, commit: str, before: str) -> None:
        answer = self._git.ask(
            "update-ref", "-m", "carrel publish", self._reference, commit, before or "0" * len(commit)
        )
        if answer.code:
            raise PublishFailed(
                f"{self._branch.name} was not moved: {answer.reason}",
                "if somebody published meanwhile, run the command again",
            )

    def _push(self, commit: str, before: str) -> None:
        words = ["--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--quiet"]
        if self._forget:
            words.append(f"--force-with-lease={self._reference}:{before}")
        answer = self._git.ask("push", *words, "--", self._address, f"{commit}:{self._reference}")
        if answer.code:
            raise PublishFailed(
                f"{self._remote} did not take {self._branch.name}: {answer.reason}",
                "if somebody published meanwhile, run the command again; else see who may push to it",
            )


def _message(site: Site, changes: Changes, forget: bool) -> str:
    """What the commit says: numbers alone, for names of pages that are gone would stay in it."""
    if forget:
        return f"Publish: {sum(map(is_page, site.files))} pages\n"
    kinds = (("added", changes.added), ("changed", changes.changed), ("removed", changes.removed))
    pages = ", ".join(f"{sum(map(is_page, paths))} {kind}" for kind, paths in kinds)
    files = sum(not is_page(path) for _, paths in kinds for path in paths)
    return f"Publish: pages {pages}\n\nOther files that differ: {files}\n"
