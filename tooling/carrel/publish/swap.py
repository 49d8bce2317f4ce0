"""A new site takes the place of the old one at once, or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import BuildFailed

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

#: Stands in every site that was built with Carrel.
MARKER = ".carrel-site"
_ELSEWHERE = "set another site_dir in mkdocs.yml, such as site/public"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # <fcntl.h>, <linux/fs.h>


def check(site: Path, kb: KnowledgeBase) -> Path:
    """Where the site really stands, links followed. Raises `BuildFailed` when its files are not ours to replace.

    A site is replaced as a whole. So it may not be, hold, or lie within what the knowledge base is made of, and a
    folder that holds anything else but hidden files must say by its `MARKER` that a build of ours filled it.
    """
    site = Path(os.path.realpath(site))
    config = kb.config
    folders = {*config.folders, config.log_folder, config.notes_folder, config.papers_folder} - {"."}
    own = [kb.root / folder for folder in (*sorted(folders), ".carrel", ".git", "site/pages")]
    for place in map(Path, map(os.path.realpath, (*own, kb.cache_dir))):
        if site.is_relative_to(place) or place.is_relative_to(site):
            raise BuildFailed(f"the site would take the place of {place}", _ELSEWHERE)
    if kb.root.is_relative_to(site):
        raise BuildFailed("the site would take the place of the knowledge base", _ELSEWHERE)
    if site.exists() and not site.is_dir():
        raise BuildFailed(f"{site} is no folder", _ELSEWHERE)
    if site.is_dir() and not (site / MARKER).is_file():
        foreign = sorted(place.name for place in site.iterdir() if not _is_kept(place.name))
        if foreign:
            raise BuildFailed(
                f"{site} holds files that no build of Carrel wrote, among them {foreign[0]}",
                "empty it if it is an older site, or set another site_dir in mkdocs.yml",
            )
    return site


def sign(site: Path) -> None:
    """Say in the site's folder that it is one of ours."""
    (site / MARKER).write_text("Carrel built this folder, and the next build replaces it as a whole.\n", "utf-8")


@contextmanager
def beside(site: Path) -> Iterator[Path]:
    """An empty folder on the same file system as `site`, gone afterwards. Raises `BuildFailed`.

    What builds that were killed left behind is removed. `site` must have passed `check`.
    """
    prefix = f".{site.name}.build-"
    fresh = site.with_name(f"{prefix}{os.getpid()}")
    try:
        site.parent.mkdir(parents=True, exist_ok=True)
        for left in site.parent.glob(f"{prefix}*"):
            if not _is_running(left.name.removeprefix(prefix)) or left == fresh:
                shutil.rmtree(left, ignore_errors=True)
        fresh.mkdir()
    except OSError as error:
        raise BuildFailed(f"{error.filename}: {error.strerror}", "the site is built beside the old one") from error
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def carry_over(site: Path, fresh: Path) -> None:
    """Copy into the new site what the old one keeps of its owner: `.git`, `.nojekyll`, `CNAME` and the like.

    It is copied, not moved: a build that is killed half-way leaves the old site whole.
    """
    if not site.is_dir():
        return
    for place in site.iterdir():
        new = fresh / place.name
        if not _is_kept(place.name) or place.name == MARKER or new.exists():
            continue
        if place.is_dir() and not place.is_symlink():
            shutil.copytree(place, new, symlinks=True)
        else:
            shutil.copy2(place, new, follow_symlinks=False)


def _is_kept(name: str) -> bool:
    return name.startswith(".") or name == "CNAME"


def exchange(fresh: Path, site: Path) -> None:
    """Let `fresh` and `site` change places: in one step where the system can, in two where it cannot."""
    if not site.exists():
        fresh.rename(site)
    elif not _exchange_names(fresh, site):
        old = fresh.with_name(f"{fresh.name}-old")
        site.rename(old)
        try:
            fresh.rename(site)
        except OSError:
            old.rename(site)
            raise
        old.rename(fresh)


def _exchange_names(one: Path, other: Path) -> bool:
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:  # it is someone else's
        return True
    return True
