"""The entry point: finds the command, runs it, and turns every failure into one clear line and an exit code.

Commands load when they are named: start-up is a feature.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress

import click

from carrel import __version__
from carrel.cli.app import App, common
from carrel.cli.lazy import LazyGroup
from carrel.errors import CarrelError

#: Every command and where it is. The order is that of `carrel --help`.
COMMANDS = {
    "init": "carrel.cli.setup:init",
    "log": "carrel.cli.log:log",
    "new": "carrel.cli.notes:new",
    "edit": "carrel.cli.notes:edit",
    "show": "carrel.cli.notes:show",
    "list": "carrel.cli.searching.find:list_",
    "search": "carrel.cli.searching.find:search",
    "links": "carrel.cli.links:links",
    "paper": "carrel.cli.papers:paper",
    "run": "carrel.cli.run:run",
    "predict": "carrel.cli.predictions.predict:predict",
    "predictions": "carrel.cli.predictions.listing:predictions",
    "resolve": "carrel.cli.predictions.resolve:resolve",
    "calibration": "carrel.cli.predictions.calibration:calibration",
    "exp": "carrel.cli.experiments:experiments",
    "questions": "carrel.cli.questions:questions",
    "why": "carrel.cli.why:why",
    "ideas": "carrel.cli.ideas:ideas",
    "prune": "carrel.cli.ideas:prune",
    "today": "carrel.cli.today.command:today",
    "stats": "carrel.cli.stats.command:stats",
    "digest": "carrel.cli.digest.command:digest",
    "refresh-tables": "carrel.cli.refresh_tables:refresh_tables",
    "index": "carrel.cli.index:index",
    "watch": "carrel.cli.index:watch",
    "check": "carrel.cli.check:check",
    "verify": "carrel.cli.verify:verify",
    "doctor": "carrel.cli.check:doctor",
    "build": "carrel.cli.site:build",
    "serve": "carrel.cli.site:serve",
    "publish": "carrel.cli.publish:publish",
    "config": "carrel.cli.setup:config",
    "completion": "carrel.cli.setup:completion",
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="carrel %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """A research log and reading notes in plain Markdown, searchable and publishable."""
    context.ensure_object(App)
    if "NO_COLOR" in os.environ:
        context.color = False


common(cli)


def main() -> None:
    """Run the command line and exit."""
    gc.set_threshold(100_000)  # for a life this short, looking for cycles as often as usual takes a tenth of the time
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by who called us: `carrel log x >&-`
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a locale without our letters must not cost an answer
            stream.reconfigure(errors="backslashreplace")
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # said already; Python would say it once more
    gc.freeze()  # nothing is left to be looked for in what the system takes back as a whole
    sys.exit(code)


def run(arguments: list[str], app: App | None = None) -> int:
    """Run one command; the exit code. A person is never shown a traceback, unless CARREL_DEBUG asks for it."""
    try:
        result = cli.main([_readable(word) for word in arguments], prog_name="carrel", standalone_mode=False, obj=app)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except CarrelError as error:
        return _say(error.message, error.hint, error.exit_code)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"`{context.command_path} --help` tells more" if context else ""
        return _say(error.format_message(), hint, error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped", "", 130)
    except SystemExit as ended:
        # So click ends the shell's completion, and a command whose reader has had enough (`| head`), which is no error.
        return int(ended.code or 0) if "_CARREL_COMPLETE" in os.environ else 0
    except Exception as error:
        if os.environ.get("CARREL_DEBUG"):
            raise
        if isinstance(error, OSError) and error.strerror:
            place = error.filename or "standard output"
            return _say(f"{os.fsdecode(place)}: {error.strerror.lower()}", "what was reported as saved is saved", 1)
        reason = " ".join(str(error).split()) or "no message"
        return _say(
            f"unexpected {type(error).__name__}: {reason[:300]}",
            "what was reported as saved is saved; CARREL_DEBUG=1 shows where it happened, for a bug report",
            1,
        )


def _readable(argument: str) -> str:
    """An argument as text, whatever the locale: bytes that are not UTF-8 become visible escapes."""
    try:
        argument.encode()
    except UnicodeEncodeError:  # Python keeps bytes that the locale does not know as surrogates
        return os.fsencode(argument).decode("utf-8", "backslashreplace")
    return argument


def _say(message: str, hint: str, code: int) -> int:
    from carrel.cli.output import visible

    with suppress(OSError):  # an error that cannot be told still has its exit code
        click.echo(visible(f"carrel: {message}"), err=True)
        if hint:
            click.echo(visible(f"        {hint}"), err=True)
    return code
