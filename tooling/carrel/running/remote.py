"""Which repository a work tree is a clone of, read from its settings without asking git."""

from __future__ import annotations

import re
from pathlib import Path

_LARGEST = 256 * 1024
_SECTION = re.compile(r'\s*+\[remote "([^"\n]{1,200}+)"\]')
_URL = re.compile(r"\s*+url\s*+=\s*+(\S{1,2000}+)")
# A host and a path on it; what may be a secret, before an @ or behind a ?, is no part of it.
_ADDRESS = re.compile(r"(?:https?|ssh|git)://(?:[^/?#\s]{0,500}@)?([\w.-]{1,200}+)(?::\d{1,5}+)?/+([^?#@\s]{1,500}+)")
_SHORT = re.compile(r"(?:[\w.-]{1,100}@)?([\w-]{1,100}+(?:\.[\w-]{1,100}+){1,9}+):([^/?#@\s][^?#@\s]{0,500}+)")


def repository(root: Path, upstream: str = "") -> str:
    """The repository whose clone the work tree at `root` is, as github.com/lab/probes; "" for none, or one on a disk.

    `upstream` is the branch that the current one follows, as origin/main: its repository is preferred.
    """
    urls: dict[str, str] = {}
    section = ""
    for line in _settings(root / ".git").splitlines():
        if line.lstrip().startswith("["):
            found = _SECTION.match(line)
            section = found[1] if found else ""
        elif section and (found := _URL.match(line)):
            urls.setdefault(section, found[1])
    name = next((name for name in urls if upstream.startswith(f"{name}/")), "origin")
    return shown(urls.get(name, ""))


def shown(url: str) -> str:
    """Host and path of a URL that git knows; "" for any other.

    >>> shown("git@github.com:lab/probes.git"), shown("https://ada:pw@host.example:8443/lab/probes/")
    ('github.com/lab/probes', 'host.example/lab/probes')
    >>> shown("/srv/git/probes.git"), shown("file:///srv/probes")
    ('', '')
    """
    found = _ADDRESS.fullmatch(url.partition("?")[0].partition("#")[0]) or _SHORT.fullmatch(url)
    return f"{found[1]}/{found[2].rstrip('/').removesuffix('.git')}" if found else ""


def _settings(place: Path) -> str:
    """The settings of the repository at a `.git`: a folder, or in a second work tree a file that says where."""
    try:
        if place.is_file():
            folder = place.parent / place.read_text(errors="replace")[:4096].removeprefix("gitdir:").strip()
            common = folder / "commondir"
            place = folder / common.read_text().strip() if common.is_file() else folder
        with (place / "config").open(errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""
