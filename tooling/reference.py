"""Write the manual's reference of commands and of settings from the program itself, so that neither can drift.

`make reference` writes both pages; a test fails when they are not what this would write.
"""

from __future__ import annotations

import inspect
import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

from carrel.cli.main import cli
from carrel.store import config
from carrel.store.config import USER_ONLY, Config, dotted

PAGES = Path(__file__).resolve().parents[1] / "site" / "pages"
_COMMON = ("--dir", "--quiet", "--no-input", "--help")
_CODE = re.compile(r"(`[^`]*+`)")
_MARKUP = re.compile(r"[\\\[\]*_<>#|@~$]")

_COMMANDS = """\
# Commands

Made from the program itself: `carrel COMMAND --help` says the same. Every command also takes `--dir DIR` (the knowledge
base, instead of the one around the current folder), `-q` (no remarks), `--no-input` (never ask) and `-h`.

What a command found or made goes to standard output, everything else to standard error. The exit code is 0 when it was
done, also when there was nothing to find; 1 when it could not be done; 2 when the command was not understood, or when a
check (`carrel check`, `--check`, `--strict`) found something.
"""
_SETTINGS = """\
# Settings

Made from the program itself. `carrel config` shows what is set, `carrel config NAME VALUE` sets it. There are two files
of the same form (TOML): `.carrel/config.toml` in the knowledge base, which travels with it, and your own
`~/.config/carrel/config.toml`. What the knowledge base's says goes first. Settings marked *yours* run commands, name
places on your machine or tell others who you are: only your own file may hold them.

A name with a dot is a key in a table: `site.title` is written

```toml
[site]
title = "Our lab"
```
"""


def commands_page() -> str:
    """Every command with its arguments and options, as Markdown."""
    return _COMMANDS + "".join(_command(command, "carrel", 2) for command in _subcommands(cli, click.Context(cli)))


def settings_page() -> str:
    """Every setting with its default, as Markdown."""
    said = dict(_remarks())
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for field in fields(Config):
        name, default = dotted(field.name), getattr(Config(), field.name)
        what = said[field.name] + (" *Yours.*" if field.name in USER_ONLY else "")
        rows.append(f"| `{name}` | `{json.dumps(default, ensure_ascii=False)}` | {what} |")
    return f"{_SETTINGS}\n" + "\n".join(rows) + "\n"


def _remarks() -> Iterator[tuple[str, str]]:
    """What is said of each setting beside it in the source, as (name, sentence)."""
    name = ""
    for token in tokenize.generate_tokens(io.StringIO(inspect.getsource(config.Config)).readline):
        if token.type == tokenize.NAME and token.start[1] == 4:
            name = token.string
        elif token.type == tokenize.COMMENT and name and token.line[: token.start[1]].strip():
            text = (
                token.string.removeprefix("#")
                .strip()
                .replace("; user's file only", "")
                .replace(" user's file only", "")
            )
            yield name, _escaped(f"{text[0].upper()}{text[1:]}{'' if text.endswith(('?', '.')) else '.'}")
        elif token.type == tokenize.NEWLINE:
            name = ""


def _subcommands(group: click.Group, context: click.Context) -> Iterator[click.Command]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield command


def _command(command: click.Command, before: str, level: int) -> str:
    name = f"{before} {command.name}"
    context = click.Context(command, info_name=name)
    usage = " ".join((name, *command.collect_usage_pieces(context)))
    parts = [f"{'#' * level} {name}", f"```text\n{usage}\n```", *_help(command.help or "")]
    options = [row for parameter in command.params if (row := _option(parameter, context))]
    if options:
        parts.append("\n".join(("| option | what it does |", "|---|---|", *options)))
    text = "\n" + "\n\n".join(parts) + "\n"
    if isinstance(command, click.Group):
        text += "".join(_command(inner, name, level + 1) for inner in _subcommands(command, context))
    return text


def _help(text: str) -> Iterator[str]:
    """The paragraphs of a command's help; what click prints as it stands is shown so."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b\n"):
            yield f"```text\n{paragraph[2:]}\n```"
        else:
            yield _escaped(" ".join(paragraph.split()))


def _option(parameter: click.Parameter, context: click.Context) -> str:
    record = parameter.get_help_record(context)
    if record is None or not record[1] or any(name in parameter.opts for name in _COMMON):
        return ""
    option, what = record
    return f"| `{option.replace('|', chr(92) + '|')}` | {_escaped(' '.join(what.split()))} |"


def _escaped(text: str) -> str:
    """Text as Markdown that shows it as it is; code between backticks stays code."""
    pieces = _CODE.split(text)
    return "".join(piece if number % 2 else _MARKUP.sub(r"\\\g<0>", piece) for number, piece in enumerate(pieces))


def main() -> None:
    """Write both pages."""
    (PAGES / "commands.md").write_text(commands_page(), "utf-8")
    (PAGES / "configuration.md").write_text(settings_page(), "utf-8")


if __name__ == "__main__":
    main()
