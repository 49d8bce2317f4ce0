"""Publishing to a folder of another machine with rsync over ssh.

What is there is known from the manifest, which is fetched first: without one nothing is ever removed. Then only what
differs is sent, in the order in which pages need it, and at last the manifest of the whole. Each step is a connection
of its own; with `ControlMaster` in ~/.ssh/config they share one.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from carrel.core.destination import Host
from carrel.errors import PublishFailed
from carrel.publish.to.program import Answer, run
from carrel.publish.to.site import MANIFEST, Changes, Manifest, Site, There, check_unchanged, folders_of, parse_manifest
from carrel.store import files

#: What a shell there leaves as it is. rsync 3.2.3 and older hand other letters to it.
_PLAIN = re.compile(r"[\w./+@%:-]*+", re.ASCII)
#: rsync's exit code when some of what was asked for could not be had.
_PARTIAL = 23
#: … when files were not there that were to be sent.
_VANISHED = 24
_WHY = {
    11: "the folder above it may be missing there, or the disk full",
    12: "`ssh HOST true` must end well and print nothing, and rsync be installed there",
    30: "it took too long",
    127: "ssh is not installed",
    255: "ssh could not connect: try `ssh HOST true`",
}


class HostPlace:
    """A folder of another machine. It is made when the one above it is there."""

    def __init__(self, host: Host, environment: Mapping[str, str]) -> None:
        self._to = host
        self._environment = environment

    @property
    def name(self) -> str:
        """Host and folder."""
        return str(self._to)

    def digest(self, data: bytes) -> str:
        """What the manifest calls these bytes."""
        return files.digest(data)

    def look(self) -> There:
        """What stands there now, as the manifest says."""
        manifest = self._manifest()
        return There(manifest, manifest.files) if manifest else There(others=self._others())

    def _manifest(self) -> Manifest | None:
        with tempfile.TemporaryDirectory() as here:
            answer = self._rsync("--dirs", f"--include=/{MANIFEST}", "--exclude=*", self._there(), f"{here}/")
            fetched = Path(here, MANIFEST)
            if answer.code != _PARTIAL:  # there is no such folder
                self._must(answer)
            return parse_manifest(fetched.read_bytes(), self.name) if fetched.is_file() else None

    def _others(self) -> tuple[str, ...]:
        """The names of what is in the folder there, none if there is no such folder."""
        answer = self._rsync("--dirs", "--list-only", self._there())
        if answer.code == _PARTIAL:
            return ()
        rows = [row.split(maxsplit=4) for row in self._must(answer).out.decode("utf-8", "replace").splitlines()]
        return tuple(row[4] for row in rows if len(row) == 5 and row[4] != ".")

    def put(self, site: Site, there: There, changes: Changes) -> str:
        """Make the folder there hold the site, beside what others put there; host and folder."""
        check_unchanged(self._manifest(), there, self.name)
        now = site.digests(self.digest)
        whole = Manifest(site.audience, now)
        if changes:
            # Of what is being written nothing is known until it is done: the next publish sends it again.
            certain = {path: digest for path, digest in there.files.items() if now.get(path) == digest}
            before = there.manifest.files if there.manifest else {}
            unsure = Manifest(site.audience, {**dict.fromkeys((*before, *now), ""), **certain})
            self._send_manifest(unsure)
            self._remove(changes.in_the_way(), now)
            self._send(site.folder, changes.first())
            self._send(site.folder, changes.then())
            self._remove(changes.last(), now)
            whole = whole.with_strangers(self._manifest(), unsure)
        if there.manifest is None or changes or there.manifest.data() != whole.data():
            self._send_manifest(whole)
        return self.name

    def _send_manifest(self, manifest: Manifest) -> None:
        with tempfile.TemporaryDirectory() as here:
            Path(here, MANIFEST).write_bytes(manifest.data())
            self._send(Path(here), [MANIFEST])

    def _send(self, folder: Path, paths: Iterable[str]) -> None:
        """Send files of a folder; each takes the place of the one of its name when it is whole."""
        if listed := _listed(paths):
            # Folders that are there keep their modes: a group may share them.
            words = ("--ignore-times", "--times", "--perms", "--chmod=F644", "--no-implied-dirs", "--compress")
            self._must(self._rsync(*words, "--files-from=-", "--from0", f"{folder}/", self._there(), stdin=listed))

    def _remove(self, paths: Sequence[str], now: Collection[str]) -> None:
        """Remove files there, and the folders in which the site has none any more, if nothing else is in them."""
        self._remove_listed(paths)
        kept = {above for path in now for above in folders_of(path)} | set(now)
        gone = {above for path in paths for above in folders_of(path)} - kept
        for depth in sorted({folder.count("/") for folder in gone}, reverse=True):
            self._remove_listed(folder for folder in gone if folder.count("/") == depth)

    def _remove_listed(self, paths: Iterable[str]) -> None:
        """Ask for files by name from an empty folder: what it lacks is removed there."""
        if listed := _listed(paths):
            with tempfile.TemporaryDirectory() as empty:
                words = ("--delete-missing-args", "--files-from=-", "--from0")
                answer = self._rsync(*words, f"{empty}/", self._there(), stdin=listed)
                if answer.code != _VANISHED:  # which is how it is meant
                    self._must(answer)

    def _there(self) -> str:
        here = "./" if self._to.folder.startswith("-") else ""  # an older rsync there would read options
        return f"{self._to.host}:{here}{self._to.folder}/"

    def _rsync(self, *words: str, stdin: bytes = b"") -> Answer:
        secluded = [] if _PLAIN.fullmatch(self._to.folder) else ["--protect-args"]
        return run(["rsync", *secluded, *words], Path("/"), self._environment, stdin)

    def _must(self, answer: Answer) -> Answer:
        if answer.code:
            why = _WHY.get(answer.code, "try `rsync --list-only` by hand")
            raise PublishFailed(f"{self.name}: {answer.reason}", f"{why}; the next publish finishes what is half done")
        return answer


def _listed(paths: Iterable[str]) -> bytes:
    return b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
