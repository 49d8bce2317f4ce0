"""Where a site is published to, as one line says it: `/srv/www/lab`, `git:gh-pages`, `rsync:www@host:lab`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from carrel.errors import UsageError

_FORMS = "say a folder, git:BRANCH, or rsync:HOST:FOLDER"
_BRANCH = re.compile(r"\w[\w./+-]{0,200}+")
_HOST = re.compile(r"(?:[\w.+][\w.+-]{0,100}+@)?+(?:\w[\w.-]{0,250}+|\[[0-9a-fA-F:.]{2,60}+\])")
_REMOTE = re.compile(
    r"\w[\w./-]{0,100}+|(?:https|http|ssh|git)://[\w\[]\S{0,1000}+|(?:[\w.+-]{1,100}+@)[\w.-]{1,250}+:\S{1,1000}+"
)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of the repository that the notes are in, with a history of its own."""

    name: str

    def __str__(self) -> str:
        return f"git:{self.name}"


@dataclass(frozen=True, slots=True)
class Host:
    """A folder of another machine, over ssh; a relative one is below the home there."""

    host: str
    folder: str

    def __str__(self) -> str:
        return f"rsync:{self.host}:{self.folder}"


Destination: TypeAlias = Folder | Branch | Host


def destination(text: str) -> Destination:
    """What `text` names. Raises `UsageError`.

    >>> destination("git:gh-pages"), destination("rsync:www@lab.example:site")
    (Branch(name='gh-pages'), Host(host='www@lab.example', folder='site'))
    >>> destination("../public")
    Folder(path='../public')
    """
    if not text.strip() or not all(map(str.isprintable, text)):
        raise UsageError(f"{text!r} is no place to publish to", _FORMS)
    scheme, colon, rest = text.partition(":")
    if not colon or "/" in scheme:
        return Folder(text)
    if scheme == "git":
        return Branch(_branch(rest))
    if scheme == "rsync":
        return _host(text, rest)
    raise UsageError(f"{text} is no place to publish to", f"{_FORMS}; a folder of that name is ./{text}")


def _branch(name: str) -> str:
    parts = name.split("/")
    odd = (
        ".." in name
        or name == "HEAD"
        or any(not part or part[0] == "." or part.endswith((".", ".lock")) for part in parts)
    )
    if odd or not _BRANCH.fullmatch(name):
        raise UsageError(f"git:{name}: {name or 'nothing'} is no name of a branch", "as in git:gh-pages")
    return name


def _host(text: str, rest: str) -> Host:
    host, _, folder = (
        rest.rpartition("]:") if rest.partition("@")[2].startswith("[") or rest.startswith("[") else rest.partition(":")
    )
    host += "]" if "[" in host else ""
    folder = folder.removeprefix("~/")
    if not _HOST.fullmatch(host) or not folder.strip("/.") or folder.startswith(":"):
        raise UsageError(f"{text}: a host and a folder on it are wanted", "as in rsync:www@lab.example:public/notes")
    return Host(host, folder.rstrip("/"))


def check_remote(text: str) -> None:
    """Raise `UsageError` unless `text` can be a remote of git: its name, or an address on another host.

    Others would be options (`-…`), or run programs (`ext::…`).
    """
    if "::" in text or not _REMOTE.fullmatch(text):
        raise UsageError(f"{text!r} is no remote of git", "say its name (`git remote -v` lists them), or its address")
    scheme, _, rest = text.partition("://")
    if scheme in ("http", "https") and "@" in rest.partition("/")[0]:
        raise UsageError("an address with a password in it is told to whoever reads the settings", "leave it to git")
