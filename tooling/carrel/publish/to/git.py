"""git, asked and told so that the repository of the notes stays as it is: its work tree, index, stash and hooks.

Only plumbing is used, on a reference of our own. Files come to git through `fast-import`, byte for byte: it applies
neither `autocrlf` nor the filters of `.gitattributes`.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from carrel.errors import PublishFailed
from carrel.publish.to.program import Answer, run
from carrel.store.git_environment import for_git

_SETTINGS = {
    "core.hooksPath": "/dev/null",  # a hook is about the notes: it would run on their work tree
    "core.ignoreCase": "false",  # A.html and a.html are two pages
    "core.quotePath": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_DRAFT = "refs/carrel/publish"


class Git:
    """The repository that `folder` is in."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = for_git(environment)
        self._words = ["git", *(word for key, value in _SETTINGS.items() for word in ("-c", f"{key}={value}"))]

    def ask(self, *words: str, stdin: bytes = b"") -> Answer:
        """What git answers, whatever its exit code."""
        return run([*self._words, *words], self._folder, self._environment, stdin)

    def tell(self, *words: str, stdin: bytes = b"") -> str:
        """What git answers, without its last newline. Raises `PublishFailed` when it fails."""
        answer = self.ask(*words, stdin=stdin)
        if answer.code:
            raise PublishFailed(f"git {words[0]}: {answer.reason}", "nothing was published")
        return answer.out.decode("utf-8", "surrogateescape").removesuffix("\n")

    def check(self) -> None:
        """Raise `PublishFailed` unless the folder is in a repository, and git knows who commits."""
        answer = self.ask("rev-parse", "--git-dir")
        if answer.code:
            raise PublishFailed(
                f"{self._folder}: git finds no repository here: {answer.reason}",
                "`git init` makes one; or publish to a folder, or to a host with rsync:HOST:FOLDER",
            )
        if self.ask("var", "GIT_COMMITTER_IDENT").code or self.ask("var", "GIT_AUTHOR_IDENT").code:
            raise PublishFailed(
                "git does not know who publishes",
                'git config user.name "Ada L."; git config user.email ada@lab.example (both are on the branch)',
            )

    def own_folder(self) -> Path:
        """Where git keeps the repository, the same for all its work trees."""
        return self._folder / self.tell("rev-parse", "--git-common-dir")

    def tip(self, reference: str) -> str:
        """The commit that a reference names, "" if there is none."""
        return self.ask("rev-parse", "--quiet", "--verify", f"{reference}^{{commit}}").out.decode().strip()

    def checked_out(self) -> set[str]:
        """The branches on which somebody works, here and in other work trees."""
        listed = self.tell("worktree", "list", "--porcelain").splitlines()
        return {line.removeprefix("branch ") for line in listed if line.startswith("branch ")}

    def files(self, commit: str) -> dict[str, str]:
        """The files of a commit, with the names of their blobs; links and submodules are none."""
        found = {}
        for row in self.tell("ls-tree", "-r", "-z", "--full-tree", commit).split("\0"):
            head, _, path = row.partition("\t")
            if head.startswith("100"):
                found[path] = head.split(" ")[2]
        return found

    def blob(self, commit: str, path: str) -> bytes:
        """The bytes of a file of a commit."""
        answer = self.ask("cat-file", "blob", f"{commit}:{path}")
        if answer.code:
            raise PublishFailed(f"git cat-file: {answer.reason}")
        return answer.out

    def tree(self, parent: str, removed: Iterable[str], written: Mapping[str, Path | bytes]) -> str:
        """A tree like that of the commit `parent` ("" for none) without `removed` and with `written`; its name."""
        self._fast_import(parent, removed, written)
        try:
            return self.tell("rev-parse", "--verify", f"{_DRAFT}^{{tree}}")
        finally:
            self.ask("update-ref", "-d", _DRAFT)  # what it names is named by the commit to come

    def _fast_import(self, parent: str, removed: Iterable[str], written: Mapping[str, Path | bytes]) -> None:
        head = ["feature done", f"commit {_DRAFT}", "committer Carrel <> 0 +0000", "data 0"]
        if parent:
            head.append(f"from {parent}")
        command = [*self._words, "fast-import", "--quiet", "--force"]
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                command, cwd=self._folder, env=self._environment, stdin=subprocess.PIPE, stderr=errors
            )
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin as to:  # then git has said why on stderr
                to.write("\n".join((*head, "")).encode())
                for path in removed:
                    to.write(b"D %s\n" % _quoted(path))
                for path, content in written.items():
                    data = content if isinstance(content, bytes) else content.read_bytes()
                    to.write(b"M 100644 inline %s\ndata %d\n%s\n" % (_quoted(path), len(data), data))
                to.write(b"done\n")
            code = process.wait()
            errors.seek(0)
            if code:
                answer = Answer(code, b"", errors.read().decode("utf-8", "replace"))
                raise PublishFailed(f"git fast-import: {answer.reason}", "nothing was published")

    def commit(self, tree: str, parent: str, message: str) -> str:
        """A commit of `tree` by whom git is configured for; its name. Nothing names it yet."""
        return self.tell("commit-tree", tree, *(["-p", parent] if parent else []), stdin=message.encode())

    def is_shallow(self) -> bool:
        """Whether the repository holds only a part of its history, as that of a CI does."""
        return self.tell("rev-parse", "--is-shallow-repository") == "true"

    def shares_history(self, commit: str) -> bool:
        """Whether the history of a commit is that of the notes, as far as it is here."""
        return bool(self.tip("HEAD")) and not self.ask("merge-base", commit, "HEAD").code


def _quoted(path: str) -> bytes:
    """A path as fast-import reads it, whatever is in it."""
    text = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'.encode("utf-8", "surrogateescape")
