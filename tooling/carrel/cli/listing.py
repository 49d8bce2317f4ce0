"""A group of commands that lists when none of them is named: `carrel exp --json` is `carrel exp list --json`."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote
from typing import TypeVar

import click

from carrel.cli.lazy import LazyGroup
from carrel.cli.searching.asking import complete_saved

_Function = TypeVar("_Function", bound=Callable[..., object])


class ListingGroup(LazyGroup):
    """Options without a command are those of `list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it, with `list` in front where nothing or only options are given."""
        own = {*self._table, *self.get_help_option_names(ctx)}
        if not args or (args[0].startswith("-") and own.isdisjoint(args)):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As any group does it, and for the name of a note or a state, how it is meant."""
        if args and args[0] not in self._table and not args[0].startswith("-"):
            from difflib import get_close_matches

            hint = self._listed(ctx, args[0])
            if not hint and not get_close_matches(args[0], self._table, 1):
                hint = self._found(ctx, quote(args[0]))
            if hint:
                ctx.fail(f"there is no command {args[0]!r}. {hint}")
        return super().resolve_command(ctx, args)

    def _listed(self, ctx: click.Context, word: str) -> str:
        """How `list` shows what is in the state that a word names, or ""."""
        command = self.get_command(ctx, "list")
        for option in command.params if command else ():
            takes = isinstance(option.type, click.Choice) and word in option.type.choices
            if takes or getattr(option, "flag_value", None) == word:
                return f"`{ctx.command_path} list {option.opts[0]}{f' {word}' if takes else ''}` lists them."
        return ""

    def _found(self, ctx: click.Context, word: str) -> str:
        """How a note is shown, or looked for."""
        shown = f"`{ctx.command_path} show {word}` shows one; " if "show" in self._table else ""
        return f"{shown}`{ctx.command_path} list {word}` looks for it."


def listing(function: _Function) -> _Function:
    """What every list takes: the words of a search, a limit, and its two forms for programs."""
    for option in (
        click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line."),
        click.option("--json", "as_json", is_flag=True, help="One JSON list."),
        click.option("-n", "--limit", type=click.IntRange(min=1), help="At most so many."),
        click.argument("words", nargs=-1, metavar="[QUERY]...", shell_complete=complete_saved),
    ):
        function = option(function)
    return function
