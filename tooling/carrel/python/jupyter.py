"""`%carrel` and `%%carrel` in IPython and Jupyter: the words of a line, or a whole cell, are an entry of the log.

IPython is never imported: it hands us its shell, and what is asked of that is `Shell`.
"""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from carrel.errors import CarrelError, UsageError
from carrel.python.entry import log

_OPTION = re.compile(r"\s*+(?:(--)|(-{1,2}[a-z]++)(?:=(\S++))?)(?=\s|\Z)")
_VALUE = re.compile(r"""\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"']\S*+))(?=\s|\Z)""")
_NAMES = {"-t": "tag", "-p": "project", "-e": "experiment", "-f": "figure"}
_WITH_VALUE = ("tag", "project", "experiment", "caption", "at")
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")

HELP = """Write an entry into the day's log.

    %carrel [options] words of the entry
    %%carrel [options] [heading]
    the text of the entry

-t, --tag TAG          a tag; may be given several times
-f, --figure           attach the figure that was drawn or shown last
--figure=NAME          attach the figure that this variable holds
--caption "TEXT"       what stands below it
-p, --project NAME     what it belongs to
-e, --experiment NAME  the note of its experiment
--at WHEN              another time: 9:30, "yesterday 18:00"
--private              into the day's private file, which no site ever shows
"""


class Shell(Protocol):
    """What is asked of IPython's shell."""

    @property
    def user_ns(self) -> Mapping[str, object]: ...

    @property
    def register_magic_function(self) -> Callable[..., object]: ...


@dataclass
class Said:
    """A line of the magic: its options, and the words behind them."""

    words: str = ""
    tags: list[str] = field(default_factory=list)
    figure: bool | str = False
    private: bool = False
    values: dict[str, str] = field(default_factory=dict)


def load(shell: Shell) -> None:
    """Give the shell its magic, and begin to notice which figures it shows."""
    shown = _Shown()
    hook = getattr(getattr(shell, "display_pub", None), "register_hook", None)
    if hook is not None:  # a kernel's; in a terminal, figures stay open, and Matplotlib is asked
        hook(shown.notice)

    def carrel(line: str, cell: str | None = None) -> None:
        try:
            said = parse(line)
            saved = log(
                "\n\n".join(part for part in (said.words, (cell or "").strip()) if part),
                figure=_figure(shell, shown, said.figure),
                caption=said.values.get("caption", ""),
                tags=said.tags,
                project=said.values.get("project", ""),
                experiment=said.values.get("experiment", ""),
                at=said.values.get("at"),
                private=said.private,
            )
        except CarrelError as error:
            raise _told(error) from error
        print(f"saved {saved.path.name}: {saved.heading}")

    carrel.__doc__ = HELP
    shell.register_magic_function(carrel, "line_cell", "carrel")


def parse(line: str) -> Said:
    """The options that a line begins with; all the rest is words, whatever is in it. Raises `UsageError`.

    >>> parse("-t sae --caption 'Run 12' -f the loss isn't -5")
    Said(words="the loss isn't -5", tags=['sae'], figure=True, private=False, values={'caption': 'Run 12'})
    """
    said, position = Said(), 0
    while (option := _OPTION.match(line, position)) is not None:
        position = option.end()
        if option[1]:  # `--`: what follows is words
            break
        name = _NAMES.get(option[2], option[2].removeprefix("--"))
        if name == "figure":
            said.figure = option[3] or True
        elif name == "private":
            said.private = True
        elif name in _WITH_VALUE:
            value = _VALUE.match(line, option.start(3) if option[3] else position)
            if value is None:
                raise UsageError(f"{option[2]} wants a value", "%carrel? tells more")
            position = value.end()
            given = next(part for part in value.groups() if part is not None)
            if name == "tag":
                said.tags.append(given)
            else:
                said.values[name] = given
        else:
            raise UsageError(f"there is no option {option[2]}", "%carrel? lists them; words may follow a --")
    said.words = line[position:].strip()
    return said


class _Shown:
    """The last picture that the kernel sent to the notebook: inline figures are closed as soon as they are shown."""

    def __init__(self) -> None:
        self.last: bytes | None = None

    def notice(self, message: dict[str, object]) -> dict[str, object]:
        """A hook of the kernel's publisher; the message goes on as it is."""
        content = message.get("content")
        data = content.get("data") if isinstance(content, Mapping) else None
        if isinstance(data, Mapping):
            for kind in _PICTURES:
                picture = data.get(kind)
                if isinstance(picture, str):
                    self.last = picture.encode() if kind.endswith("+xml") else b64decode(picture)
                    break
                if isinstance(picture, bytes):
                    self.last = picture
                    break
        return message


def _figure(shell: Shell, shown: _Shown, wanted: bool | str) -> object:
    """The figure to attach: a variable's, else Matplotlib's current one, else what the notebook was shown last."""
    if not wanted:
        return None
    if isinstance(wanted, str):
        if wanted not in shell.user_ns:
            raise UsageError(f"there is no variable {wanted!r}", "--figure alone takes the figure that was shown last")
        return shell.user_ns[wanted]
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        figure: object = pyplot.gcf()
        return figure
    if shown.last is not None:
        return shown.last
    raise UsageError("there is no figure to attach", "draw it first, or name its variable: --figure=fig")


def _told(error: CarrelError) -> Exception:
    """An error that IPython shows in one line and without a traceback, if that is there."""
    module = sys.modules.get("IPython.core.error")
    kind = module.UsageError if module is not None else None
    message = f"{error.message} ({error.hint})" if error.hint else error.message
    return kind(message) if isinstance(kind, type) and issubclass(kind, Exception) else error
