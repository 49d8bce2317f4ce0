"""Configuration: every setting with its default in one place, read from two TOML files.

The knowledge base's own file, `.carrel/config.toml`, travels with it and so may say nothing that runs a command
or names a place on this machine; the user's, `$XDG_CONFIG_HOME/carrel/config.toml`, may say everything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from carrel.core.note import Visibility
from carrel.errors import ConfigInvalid, NoteVanished, UsageError
from carrel.store import files


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting. The names are those of the files; a dot there is an underscore here."""

    folders: tuple[str, ...] = ("notes", "papers")  # where notes are, relative to the root; "." is everywhere
    log_folder: str = "notes"  # log days go to <log_folder>/YYYY/
    notes_folder: str = "notes"  # other notes go to <notes_folder>/<kind>s/
    papers_folder: str = "papers"  # papers' notes go here
    visibility: Visibility = Visibility.PRIVATE  # what new notes say; sharing is then one word's change
    author: str = ""  # written into new log days and notes
    per_author: bool = False  # a log day of one's own, 2026-11-20-ada.md, so that a team never conflicts
    timezone: str = ""  # of "today" and of entries, as in Europe/Berlin; the machine's when empty
    site_title: str = ""  # what the site is called; mkdocs.yml's site_name when empty
    site_audience: Visibility = Visibility.LAB  # whom `carrel build` builds for
    search_engine: str = "whoosh"  # what keeps the index: whoosh, or sqlite (FTS5)
    search_sort: str = "best"  # what `carrel search` sorts by where --sort says nothing
    queries: Mapping[str, str] = field(default_factory=dict)  # saved ones, by the names that follow an @
    tables_watch: bool = True  # may `carrel watch` refresh the tables of queries in notes?
    practice_running_days: int = 30  # after so many days `carrel check` asks of an experiment that still runs; 0: never
    publish_to: str = ""  # where `carrel publish` puts the site: a folder, git:BRANCH, or rsync:HOST:FOLDER
    publish_audience: Visibility = Visibility.PUBLIC  # whom `carrel publish` publishes for: public, or lab
    publish_remote: str = "origin"  # the remote, or its address, that a branch is pushed to; kept here when empty
    publish_allow: Mapping[str, str] = field(default_factory=dict)  # what may stand on the site all the same, and why
    papers_key: str = "auth.lower + year + shorttitle(1).lower"  # how citation keys are made, as in Better BibTeX
    papers_style: str = ""  # CSL style of bibliographies: a .csl file in the knowledge base; ours when empty
    papers_libraries: tuple[str, ...] = ()  # .bib and CSL-JSON files that `carrel watch` imports; user's file only
    papers_private_addresses: bool = False  # may PDFs come from this machine and its network? user's file only
    # Where the APIs are: mirrors, or a test's own server. They are told `mail`, so only the user's file says them.
    arxiv_url: str = "https://export.arxiv.org"  # where arXiv's API is; so with the next ones
    crossref_url: str = "https://api.crossref.org"  # Crossref's
    openalex_url: str = "https://api.openalex.org"  # OpenAlex's
    semanticscholar_url: str = "https://api.semanticscholar.org"  # Semantic Scholar's
    doi_url: str = "https://doi.org"  # the resolver of DOIs
    zotero_url: str = "http://localhost:23119/api"  # the Zotero that runs here
    mail: str = ""  # told to arXiv and the like, so that they can reach you; user's file only
    editor: str = ""  # instead of VISUAL and EDITOR; user's file only
    dir: str = ""  # the knowledge base when there is none above the current folder; user's file only


#: What can keep the index.
ENGINES = ("whoosh", "sqlite")
#: What a saved query may be called, so that it can be typed after an @.
_QUERY_NAME = re.compile(r"\w[\w-]*")
#: Settings that only the user's own file may hold: a knowledge base that was pulled must not bring commands.
USER_ONLY = (
    "mail",
    "editor",
    "dir",
    "papers_libraries",
    "papers_private_addresses",
    "arxiv_url",
    "crossref_url",
    "openalex_url",
    "semanticscholar_url",
    "doi_url",
    "zotero_url",
)

#: How each setting is written in a file, `[table] key`.
TABLES = {
    "site_title": ("site", "title"),
    "site_audience": ("site", "audience"),
    "search_engine": ("search", "engine"),
    "search_sort": ("search", "sort"),
    "tables_watch": ("tables", "watch"),
    "practice_running_days": ("practice", "running_days"),
    "publish_to": ("publish", "to"),
    "publish_audience": ("publish", "audience"),
    "publish_remote": ("publish", "remote"),
    "publish_allow": ("publish", "allow"),
    "papers_key": ("papers", "key"),
    "papers_style": ("papers", "style"),
    "papers_libraries": ("papers", "libraries"),
    "papers_private_addresses": ("papers", "private_addresses"),
    "arxiv_url": ("arxiv", "url"),
    "crossref_url": ("crossref", "url"),
    "openalex_url": ("openalex", "url"),
    "semanticscholar_url": ("semanticscholar", "url"),
    "doi_url": ("doi", "url"),
    "zotero_url": ("zotero", "url"),
}


def dotted(name: str) -> str:
    """The name of a setting as the command line and the files say it.

    >>> dotted("site_audience"), dotted("per_author")
    ('site.audience', 'per_author')
    """
    return ".".join(TABLES.get(name, (name,)))


def user_config_path(environment: Mapping[str, str]) -> Path:
    """The user's own configuration file."""
    return _base(environment, "XDG_CONFIG_HOME", ".config") / "carrel" / "config.toml"


def cache_home(environment: Mapping[str, str]) -> Path:
    """Where indexes and stages are kept. They can be deleted at any time."""
    return _base(environment, "XDG_CACHE_HOME", ".cache") / "carrel"


def state_home(environment: Mapping[str, str]) -> Path:
    """Where that is kept which is no note and no cache: which paper is being read now."""
    return _base(environment, "XDG_STATE_HOME", ".local/state") / "carrel"


def _base(environment: Mapping[str, str], name: str, default: str) -> Path:
    """The folder that a variable of the XDG Base Directory Specification names; a relative one is ignored, as it says.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    named = environment.get(name, "")
    return Path(named if named.startswith("/") else os.path.join(environment.get("HOME", "~"), default)).expanduser()


def load(path: Path, base: Config, *, user: bool) -> Config:
    """`base` with what the file at `path` says; the same when there is no such file. Raises `ConfigInvalid`."""
    hint = "mend it in an editor, or remove it to have the defaults"
    try:
        text = files.read(path).decode().removeprefix("\ufeff")
        if all(not line or line.startswith("#") for line in map(str.strip, text.splitlines())):
            return base  # as `carrel init` leaves it; importing the reader of TOML takes longer than a look at notes
        import tomllib

        table = tomllib.loads(text)
    except NoteVanished as error:
        if isinstance(error.__cause__, (FileNotFoundError, NotADirectoryError)):
            return base
        raise ConfigInvalid(error.message, hint) from error
    except RecursionError as error:
        raise ConfigInvalid(f"{path}: nested too deeply", hint) from error
    except ValueError as error:
        raise ConfigInvalid(f"{path}: {error}", hint) from error
    queries = _queries(path, table.pop("queries", {}))
    settings: dict[str, Any] = dict(_setting(path, name, value, user) for name, value in _flat(table))
    return replace(base, **settings, queries={**queries, **base.queries})  # what the user saved goes before


def _queries(path: Path, table: object) -> dict[str, str]:
    """The saved queries of a file. Whether one can be parsed is told where it is asked."""
    hint = 'write them as in [queries] negatives = "kind:experiment verdict:negative"'
    if not isinstance(table, dict):
        raise ConfigInvalid(f"{path}: queries = {table!r}: a table of queries is wanted", hint)
    for name, query in table.items():
        if not _QUERY_NAME.fullmatch(name):
            raise ConfigInvalid(f"{path}: queries.{name!r}: a name of letters, digits, - and _ is wanted", hint)
        if not isinstance(query, str) or not query.strip():
            raise ConfigInvalid(f"{path}: queries.{name} = {query!r}: a query in quotes is wanted", hint)
    return table


def _reasons(path: Path, table: object) -> dict[str, str]:
    """What may be published all the same, each with its reason."""
    if isinstance(table, dict) and all(isinstance(reason, str) and reason.strip() for reason in table.values()):
        return table
    hint = 'write it as in [publish.allow] aws-key-1f2e3d4c = "the example key of AWS\'s own documentation"'
    raise ConfigInvalid(f"{path}: publish.allow: each line wants a reason in quotes", hint)


def _flat(table: Mapping[str, object]) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += [(f"{key}.{inner}", deep) for inner, deep in value.items()]
        else:
            pairs.append((key, value))
    return pairs


def _setting(path: Path, name: str, value: object, user: bool) -> tuple[str, object]:
    known = {dotted(field.name): field for field in fields(Config)}
    if name not in known:
        from difflib import get_close_matches

        close = get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]}?" if close else "`carrel config` lists every setting"
        raise ConfigInvalid(f"{path}: there is no setting {name!r}", hint)
    field = known[name]
    if field.name == "publish_allow":
        return field.name, _reasons(path, value)
    if field.name in USER_ONLY and not user:
        raise ConfigInvalid(f"{path}: {name} can stand only in your own configuration file", "move it there")
    converted = convert(path, name, value, getattr(Config(), field.name))
    if field.name == "publish_to" and not user:
        check_place(path, value)
    return field.name, converted


def convert(path: Path, name: str, value: object, default: object) -> object:
    """`value` as the type that the setting's default has. Raises `ConfigInvalid`."""
    if isinstance(default, Visibility):
        if name == "publish.audience" and value == Visibility.PRIVATE:
            raise ConfigInvalid(f"{path}: {name} = {value!r}: lab or public is wanted")
        if value in tuple(Visibility):
            return Visibility(str(value))
        raise ConfigInvalid(f"{path}: {name} = {value!r}: private, lab or public is wanted")
    if isinstance(default, dict):
        raise ConfigInvalid(f"{name} is a table; one line cannot set it", f"write [{name}] into {path} in an editor")
    if isinstance(default, tuple):
        if isinstance(value, list) and (value or not default) and all(isinstance(item, str) for item in value):
            return tuple(_folder(path, name, item) if name == "folders" else item for item in value)
        raise ConfigInvalid(f"{path}: {name} = {value!r}: a list of texts is wanted")
    if type(value) is not type(default):
        wanted = {bool: "true or false", str: "a text in quotes", int: "a whole number"}[type(default)]
        raise ConfigInvalid(f"{path}: {name} = {value!r}: {wanted} is wanted")
    if isinstance(value, int) and value < 0:
        raise ConfigInvalid(f"{path}: {name} = {value!r}: 0 or more is wanted")
    if name == "search.engine" and value not in ENGINES:
        raise ConfigInvalid(f"{path}: {name} = {value!r}: {' or '.join(ENGINES)} is wanted")
    if name == "timezone" and value:
        _check_zone(path, str(value))
    if name in ("publish.to", "publish.remote") and value:
        _check_destination(path, name, str(value))
    if name == "papers.key" and value != default:
        from carrel.core.citekey_pattern import parse

        parse(str(value))  # a mistake is best told where it is made
    return _folder(path, name, str(value)) if name.endswith("_folder") else value


def _check_zone(path: Path, value: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: "Europe" is a folder of zones
        message = f"{path}: timezone = {value!r}: there is no such zone"
        raise ConfigInvalid(message, "try Europe/Berlin or UTC") from error


def _check_destination(path: Path, name: str, value: str) -> None:
    from carrel.core.destination import check_remote, destination

    try:
        if name == "publish.to":
            destination(value)
        else:
            check_remote(value)
    except UsageError as error:
        raise ConfigInvalid(f"{path}: {name}: {error.message}", error.hint) from error


def check_place(path: Path, value: object) -> None:
    """Raise `ConfigInvalid` if a knowledge base's own `publish.to` names a place on this machine outside of it."""
    from carrel.core.destination import Folder, destination

    if not isinstance(value, str) or not value:
        return
    named = destination(value)
    if isinstance(named, Folder) and (value.startswith(("/", "~")) or ".." in value.split("/")):
        raise ConfigInvalid(
            f"{path}: publish.to = {value!r}: a folder outside can stand only in your own configuration file",
            f"move it there: carrel config --user publish.to {value}; or name it each time: carrel publish {value}",
        )


def _folder(path: Path, name: str, value: str) -> str:
    """A folder in its shortest writing; "." is the root. Hidden folders hold no notes: none would be found there."""
    parts = [part for part in value.split("/") if part not in ("", ".")]
    hidden = any(part.startswith(".") for part in parts)
    if value.startswith("/") or hidden or not all(map(str.isprintable, parts)):
        raise ConfigInvalid(f"{path}: {name} = {value!r}: a folder of the knowledge base is wanted")
    return "/".join(parts) or "."
