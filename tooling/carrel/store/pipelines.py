"""The files with which GitHub and GitLab build and publish the site after each push."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from carrel.errors import NoteExists
from carrel.store import files
from carrel.store.scaffold import skeleton

#: Where each host looks for its file.
PIPELINES = {"github": ".github/workflows/carrel.yml", "gitlab": ".gitlab-ci.yml"}


def add_pipelines(root: Path, hosts: tuple[str, ...], version: str) -> list[str]:
    """Write the files of `hosts` that are not there, for that version of Carrel; their paths. Raises `WriteFailed`."""
    added = []
    for host in hosts:
        with suppress(NoteExists):  # it is the user's: left as it is
            text = skeleton(f"ci/{host}.yml").replace("{{version}}", version)
            files.create(root / PIPELINES[host], text.encode())
            added.append(PIPELINES[host])
    return added


def repository_above(root: Path) -> Path | None:
    """The top of the git repository that `root` lies in, if that is another folder: the hosts look there."""
    root = root.resolve()
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return None if top == root else top
