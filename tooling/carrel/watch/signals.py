"""What signals mean to the watcher."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from carrel.watch.observation import Hint


@contextmanager
def signals(tell: Callable[[Hint], None]) -> Iterator[None]:
    """SIGTERM ends like Ctrl-C does, and waking up after being stopped is a hint. Only the main thread gets signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def awake(number: int, frame: FrameType | None) -> None:
        tell(Hint.AWAKE)

    earlier = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.default_int_handler),
        signal.SIGCONT: signal.signal(signal.SIGCONT, awake),
    }
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
