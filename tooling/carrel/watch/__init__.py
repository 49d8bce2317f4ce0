"""Keeping the index current while notes change: `Watcher`. Searches are right without it."""

from carrel.watch.watcher import Watcher

__all__ = ["Watcher"]
