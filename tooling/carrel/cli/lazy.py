"""A group of commands that are imported when they are named: start-up is a feature."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """The commands of `table`: each one's name, and the module and the name in it, as in `carrel.cli.log:log`."""

    def __init__(self, *args: Any, table: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, in the order of a day's work."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        place = self._table.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, and for a name that is none, the nearest ones."""
        if args and args[0] not in self._table and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], self._table, 2)
            hint = f" Did you mean {' or '.join(close)}?" if close else f" `{ctx.command_path} --help` lists them."
            ctx.fail(f"there is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)
