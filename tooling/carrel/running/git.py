"""What git says of the folder in which a command runs; git is asked and nothing of it is changed."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from carrel.running import new_files, remote
from carrel.store.git_environment import for_git

#: Seconds that git is waited for with each question before a command begins, and bytes of a diff that are kept.
PATIENCE, LARGEST = 4.0, 8 * 1024 * 1024
#: Files that git does not know, of which the names are kept.
LISTED = 200
_PREFIXES = ("--src-prefix=a/", "--dst-prefix=b/")  # which `git apply` expects, whatever is configured


@dataclass(frozen=True, slots=True)
class Checkout:
    """A work tree as it was: its folder, commit and branch ("" before the first, "" when none is checked out), and the
    `repository` that it is a clone of, as github.com/lab/probes.

    `patch` is what differs from the commit, cut off when `cut`; `untracked` are files and, with a slash, folders that
    git does not know. Those files of them that the command names are in the patch too, but for the `unkept`.
    """

    root: Path
    commit: str = ""
    branch: str = ""
    dirty: bool = False
    untracked: tuple[str, ...] = ()
    patch: bytes = b""
    cut: bool = False
    unkept: tuple[str, ...] = ()
    repository: str = ""

    @property
    def unknown(self) -> str:
        """How much git does not know, in words; "" for nothing."""
        folders = sum(name.endswith("/") for name in self.untracked)
        counts = ((len(self.untracked) - folders, "file"), (folders, "folder"))
        return " and ".join(f"{number} {what}{'s' if number > 1 else ''}" for number, what in counts if number)

    def uncommitted(self) -> bytes:
        """The patch, which `git apply` takes, below the names of files that git does not know; b"" without either."""
        names = [f"# not known to git: {name}" for name in self.untracked[:LISTED]]
        if len(self.untracked) > LISTED:
            names.append(f"# and {len(self.untracked) - LISTED} more")
        names += [f"# named by the command, and not kept: {reason}" for reason in self.unkept[:LISTED]]
        if self.cut:
            names.append(f"# cut after {LARGEST} bytes")
        head = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
        return head + (b"\n" if head and self.patch else b"") + self.patch


def root_above(folder: Path) -> Path | None:
    """The work tree that `folder` is in, without asking git."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def look(
    folder: Path, environment: Mapping[str, str], but: Iterable[Path] = (), words: Sequence[str] = ()
) -> Checkout | None:
    """The state of the work tree around `folder`, but for some folders in it; None without git, or without an answer.

    Of `but`, the whole tree itself means its Markdown files: there every folder holds notes. `words` are those of the
    command that is to run.
    """
    root = root_above(folder)
    if root is None:
        return None
    ask = _Asker(root, environment)
    paths = [".", *(_excluded(root, place) for place in but if place.is_relative_to(root))]
    status = ("status", "--porcelain=v2", "--branch", "-z", "--no-renames")
    told = ask(*status, "--untracked-files=normal", "--", *paths)
    if told is None:  # a folder of a million results
        told = ask(*status, "--untracked-files=no", "--", *paths)
    if told is None:
        return None
    commit, branch, upstream, dirty, untracked = "", "", "", False, []
    for line in told.decode("utf-8", "surrogateescape").split("\0"):
        if line.startswith("# branch.oid ") and "(" not in line:
            commit = line.removeprefix("# branch.oid ")
        elif line.startswith("# branch.head ") and line != "# branch.head (detached)":
            branch = line.removeprefix("# branch.head ")
        elif line.startswith("# branch.upstream "):
            upstream = line.removeprefix("# branch.upstream ")
        elif line.startswith("? "):
            untracked.append(line[2:])
        elif line and not line.startswith("#"):
            dirty = True
    patch: bytes | None = b""
    if dirty and commit:
        plain = ("--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", *_PREFIXES)
        patch = ask("diff", "HEAD", *plain, "--", *paths)
    if patch is None:
        patch = b"# git was asked for a diff and gave none\n"
    cut = len(patch) > LARGEST
    named = new_files.named(words, folder, root) if untracked else []
    new, unkept = _brought_back(ask, root, named, paths[1:])
    unkept += tuple(f"{path}: it is in another repository" for path in named if _is_nested(root, path, untracked))
    patch, clone_of = new + patch[:LARGEST], remote.repository(root, upstream)
    return Checkout(root, commit, branch, dirty, tuple(untracked), patch, cut, unkept, clone_of)


def _brought_back(ask: _Asker, root: Path, named: list[str], but: list[str]) -> tuple[bytes, tuple[str, ...]]:
    """A patch of those of the `named` files that git neither knows nor ignores, and which of them are not in it."""
    if not named:
        return b"", ()
    told = ask(
        "ls-files", "--others", "--exclude-standard", "-z", "--", *(f":(top,literal){one}" for one in named), *but
    )
    if told is None:
        return b"", ("git was asked about it and gave no answer",)
    unkept: list[str] = []
    paths = [os.fsdecode(path) for path in told.split(b"\0") if path]
    return new_files.bring_back(root, paths, unkept.append), tuple(unkept)


def _is_nested(root: Path, path: str, untracked: Iterable[str]) -> bool:
    """Whether a file belongs to a repository in the work tree that is none of its submodules, nor ignored."""
    return path.startswith(tuple(name for name in untracked if name.endswith("/"))) and any(
        (root / folder / ".git").exists() for folder in list(Path(path).parents)[:-1]
    )


def _excluded(root: Path, place: Path) -> str:
    inner = place.relative_to(root).as_posix()
    return f":(top,exclude){inner}" if inner != "." else ":(top,exclude,glob)**/*.md"


class _Asker:
    """Asks git in `root`."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._environment = for_git(environment) | {"GIT_OPTIONAL_LOCKS": "0"}  # so it writes nothing, as no index

    def __call__(self, *words: str) -> bytes | None:
        """What git says, `LARGEST` bytes and a little more at most; None when it fails or takes too long."""
        deadline = time.monotonic() + PATIENCE
        try:
            process = subprocess.Popen(
                ["git", "--no-pager", *words],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        except OSError:
            return None
        with process:
            assert process.stdout is not None
            pieces, size, source = [], 0, process.stdout.fileno()
            while size <= LARGEST:
                patience = deadline - time.monotonic()
                if patience <= 0 or not select.select([source], [], [], patience)[0]:
                    process.kill()
                    return None
                piece = os.read(source, 65536)
                if not piece:
                    break
                pieces.append(piece)
                size += len(piece)
            else:
                process.kill()
                return b"".join(pieces)
        return b"".join(pieces) if process.returncode == 0 else None
