"""`%carrel` and `%%carrel` in IPython and Jupyter: a line, a cell of words, or one that is run, as an entry.

IPython is never imported: it hands us its shell, and what is asked of that is `Shell`.
"""

from __future__ import annotations

import ast
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Protocol

from carrel.errors import CarrelError, UsageError
from carrel.python.entry import check, log
from carrel.python.magic_line import Said, parse

_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
#: Figures of one cell that its entry shows.
MOST = 24

HELP = """Write an entry into the day's log.

    %carrel [options] the words of the entry

    %%carrel [options] the words of the entry
    code, which is run: its figures are kept with the words

    %%carrel [options]
    the text of the entry, as Markdown: it is not run

-t, --tag TAG          a tag; may be given several times
-f, --figure           attach the figure that was drawn or shown last
--figure=NAME          attach the figure that this variable holds
--caption "TEXT"       what stands below it
--value NAME           a line `NAME:: 0.83` with what this variable holds; also NAME=0.83; may be given several times
-p, --project NAME     what it belongs to
-e, --exp NAME         the note of its experiment
--at WHEN              another time: 9:30, "yesterday 18:00"
--private              into the day's private file, which no site ever shows
"""


class Result(Protocol):
    """How a cell ended."""

    @property
    def success(self) -> bool: ...


class Shell(Protocol):
    """What is asked of IPython's shell."""

    @property
    def user_ns(self) -> Mapping[str, object]: ...

    @property
    def register_magic_function(self) -> Callable[..., object]: ...

    def run_cell(self, raw_cell: str) -> Result: ...


def load(shell: Shell) -> None:
    """Give the shell its magic, and begin to notice which figures it shows."""
    shown = _Shown()
    for part in ("display_pub", "displayhook"):
        hook = getattr(getattr(shell, part, None), "register_hook", None)
        if hook is not None:  # a kernel's; in a terminal, figures stay open, and Matplotlib is asked
            hook(shown.notice)

    def carrel(line: str, cell: str | None = None) -> None:
        try:
            said = parse(line)
            runs = cell is not None and bool(said.words)
            if runs:
                check(
                    tags=said.tags,
                    values=dict(_typed(said)),
                    experiment=said.options.get("exp", ""),
                    at=said.options.get("at"),
                )
            made = _run(shell, shown, cell or "") if runs else []
            saved = log(
                said.words or (cell or "").strip(),
                figure=made if made and said.figure in (True, False) else _figure(shell, shown, said.figure),
                caption=said.options.get("caption", ""),
                tags=said.tags,
                values=dict(_values(shell, said, ran=runs)),
                project=said.options.get("project", ""),
                experiment=said.options.get("exp", ""),
                at=said.options.get("at"),
                private=said.private,
            )
        except CarrelError as error:
            raise _told(error) from error
        print(f"saved {saved.path.name}: {saved.heading}")
        if cell is not None and not runs and _is_code(cell):
            print("the cell is the entry, and was not run; with the entry's words behind %%carrel it is run")

    carrel.__doc__ = HELP
    shell.register_magic_function(carrel, "line_cell", "carrel")


def _run(shell: Shell, shown: _Shown, cell: str) -> list[object]:
    """Run a cell as if it stood alone; the figures that it made. Raises `UsageError` when it failed, after IPython
    showed how.
    """
    before = _open_figures()
    shown.pictures = {}
    try:
        with _noticed(before) as drawn:
            ended = shell.run_cell(cell)
        made: list[object] = list(shown.pictures.values())
    finally:
        shown.pictures = None
    if not ended.success:
        raise UsageError("the cell failed; nothing was written")
    made += [figure for figure in _open_figures() if figure in drawn or figure not in before]
    if len(made) > MOST:
        print(f"of {len(made)} figures, {MOST} are kept")
    return made[:MOST]


def _open_figures() -> list[object]:
    """Matplotlib's figures that are open, by number; the current one stays the current one."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    numbers = pyplot.get_fignums() if pyplot is not None else []
    if pyplot is None or not numbers:
        return []
    current = pyplot.gcf().number
    found: list[object] = [pyplot.figure(number) for number in sorted(numbers)]
    pyplot.figure(current)
    return found


@contextmanager
def _noticed(figures: list[object]) -> Iterator[set[object]]:
    """Which of Matplotlib's figures are drawn on meanwhile: each tells of its changes, as it told others before."""
    drawn: set[object] = set()
    with ExitStack() as ends:
        for figure in figures:
            former = getattr(figure, "stale_callback", None)

            def changed(which: object, stale: bool, former: object = former) -> None:
                drawn.add(which)
                if callable(former):
                    former(which, stale)

            setattr(figure, "stale_callback", changed)  # noqa: B010  # of what is never imported
            ends.callback(setattr, figure, "stale_callback", former)
        yield drawn


def _typed(said: Said) -> Iterator[tuple[str, str]]:
    """The values of a line as far as they are known before its cell is run: a number for what a variable will hold."""
    for given in said.values:
        name, equals, text = given.partition("=")
        yield name, text if equals else "0"


def _values(shell: Shell, said: Said, *, ran: bool) -> Iterator[tuple[str, object]]:
    """The values of an entry. Raises `UsageError` for a variable that is not there; after a cell that `ran`, perhaps
    for hours, the entry is kept without it.
    """
    for given in said.values:
        name, equals, text = given.partition("=")
        if not equals and name not in shell.user_ns:
            if ran:
                print(f"there is no variable {name!r}: the entry is kept without that value")
                continue
            raise UsageError(
                f"there is no variable {name!r}", "--value acc takes what acc holds, --value acc=0.83 this"
            )
        yield name, text if equals else shell.user_ns[name]


def _is_code(cell: str) -> bool:
    """Whether a cell is Python, and more than a word or two that could be it by chance."""
    try:
        lines = ast.parse(cell).body
    except (SyntaxError, ValueError):
        return False
    return not all(isinstance(one, ast.Expr) and isinstance(one.value, (ast.Name, ast.Constant)) for one in lines)


class _Shown:
    """The pictures that the kernel sent to the notebook: inline figures are closed as soon as they are shown."""

    def __init__(self) -> None:
        self.last: bytes | None = None
        self.pictures: dict[object, bytes] | None = None  # of the cell that is run; one to be drawn again has a name

    def notice(self, message: dict[str, object]) -> dict[str, object]:
        """A hook of the kernel's publisher; the message goes on as it is."""
        content = message.get("content")
        data = content.get("data") if isinstance(content, Mapping) else None
        picture = _picture(data) if isinstance(data, Mapping) else None
        if picture is not None and isinstance(content, Mapping):
            about = content.get("transient")
            name = about.get("display_id") if isinstance(about, Mapping) else None
            self.last = picture
            if self.pictures is not None:
                self.pictures[name or len(self.pictures)] = picture
        return message


def _picture(data: Mapping[str, object]) -> bytes | None:
    """What is shown, if it is a picture."""
    for kind in _PICTURES:
        picture = data.get(kind)
        if isinstance(picture, bytes):
            return picture
        if isinstance(picture, str):
            return picture.encode() if kind.endswith("+xml") else b64decode(picture)
    return None


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
