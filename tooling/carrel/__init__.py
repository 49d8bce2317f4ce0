"""Carrel: a terminal-first, plain-Markdown research log and reading-notes knowledge base.

From Python, an entry of the log is one call, and its figures and values go with it:

    import carrel

    carrel.log("Loss spikes at the end of warm-up", figure=fig, tags=["training"], values={"loss": 2.31})

In IPython and Jupyter, `%load_ext carrel` gives `%carrel` and `%%carrel`. Nothing else is public.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["CarrelError", "Pending", "Saved", "__version__", "load_ipython_extension", "log"]

TYPE_CHECKING = False  # as type checkers know it; to import `typing` takes 10 ms
if TYPE_CHECKING:
    from carrel.errors import CarrelError
    from carrel.python.background import Pending
    from carrel.python.entry import Saved, log
    from carrel.python.jupyter import Shell
else:
    _HOMES = {
        "CarrelError": "carrel.errors",
        "Pending": "carrel.python.background",
        "Saved": "carrel.python.entry",
        "log": "carrel.python.entry",
    }

    def __getattr__(name: str) -> object:
        """The public names, each loaded when it is first used: to import Carrel costs nothing."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return globals().setdefault(name, getattr(import_module(_HOMES[name]), name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Shell) -> None:
    """What `%load_ext carrel` calls: makes `%carrel` and `%%carrel` of the shell."""
    from carrel.python.jupyter import load

    load(shell)
