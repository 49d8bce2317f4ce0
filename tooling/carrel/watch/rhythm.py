"""How long the watcher's things take."""

from __future__ import annotations

from dataclasses import dataclass

from carrel.search.index import RACY_NS


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How long things take, in seconds."""

    quiet: float = 0.2  # without a change before a look
    patience: float = 2.0  # after the first change, however many follow
    rest: float = 30.0  # between looks that nothing asked for
    young: float = RACY_NS / 1e9 + 0.1  # after a look that indexed: stamps of files this young were not believed
    poll: float = 2.0  # the same when there is no listening
    retry: float = 1.0  # after a look that could not be finished
    check: float = 1.0  # between checks that the listening works
    heartbeat: float = 5.0  # for a heartbeat to be heard
