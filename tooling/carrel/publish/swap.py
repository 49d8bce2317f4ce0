"""A new site takes the place of the old one at once, or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carrel.errors import BuildFailed

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # <fcntl.h>, <linux/fs.h>


@contextmanager
def beside(site: Path) -> Iterator[Path]:
    """An empty folder on the same file system as `site`, gone afterwards. Raises `BuildFailed`.

    What builds that were killed left behind is removed. A folder that is no site is never taken for one.
    """
    if site.is_dir() and any(site.iterdir()) and not (site / "404.html").is_file():
        raise BuildFailed(f"{site} holds files that are not a site", "empty it, or set another site_dir in mkdocs.yml")
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
