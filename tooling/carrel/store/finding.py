"""Which knowledge base is meant, and what time it is there: for every way in which Carrel is called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from carrel.errors import ConfigInvalid, RootNotFound, UsageError
from carrel.store.config import Config, load, user_config_path
from carrel.store.knowledge_base import KnowledgeBase


def find(environment: Mapping[str, str], directory: str = "") -> KnowledgeBase:
    """The knowledge base: in `directory`, else the one around this folder, else CARREL_DIR, else the user's setting.

    Raises `RootNotFound`, `ConfigInvalid`, `UsageError`.
    """
    if directory:
        return KnowledgeBase.open(Path(directory), environment)
    folder = here("cd to another, or name the knowledge base: --dir")
    if KnowledgeBase.root_above(folder) is not None:
        return KnowledgeBase.open(folder, environment)
    named = environment.get("CARREL_DIR") or load(user_config_path(environment), Config(), user=True).dir
    if not named:
        raise RootNotFound(str(folder))
    return KnowledgeBase.open(Path(named).expanduser(), environment)


def here(hint: str = "cd to another") -> Path:
    """The current folder. Raises `UsageError` when it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder is gone", hint) from None


def local_time(moment: datetime, config: Config) -> datetime:
    """A moment with its zone as local time without: in the configured zone, else in its own. Raises `ConfigInvalid`."""
    if config.timezone:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            moment = moment.astimezone(ZoneInfo(config.timezone))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigInvalid(
                f"timezone = {config.timezone!r}: there is no such zone", "try Europe/Berlin or UTC"
            ) from error
    return moment.replace(tzinfo=None)


def read_moment(written: str, now: datetime, config: Config) -> datetime:
    """The local time that is written as `9:30` or `yesterday 18:00`. Raises `DateNotUnderstood`."""
    from carrel.core.dates import parse_moment

    zone = None  # the machine's
    if config.timezone:
        from zoneinfo import ZoneInfo

        zone = ZoneInfo(config.timezone)
    return parse_moment(written, now, zone)
