"""A group of commands that lists when none of them is named: `carrel exp --json` is `carrel exp list --json`."""

from __future__ import annotations

import click

from carrel.cli.lazy import LazyGroup


class ListingGroup(LazyGroup):
    """Options without a command are those of `list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it, with `list` in front where nothing or only options are given."""
        own = {*self._table, *self.get_help_option_names(ctx)}
        if not args or (args[0].startswith("-") and own.isdisjoint(args)):
            args = ["list", *args]
        return super().parse_args(ctx, args)
