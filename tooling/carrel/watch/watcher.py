"""The watcher: looks at the notes again soon after something changed, and often enough to be right without being told.

Everything it knows is in one thread, that of `run`; other threads and signals put hints into its queue. A look is a
`refresh`: it compares the disk with the index, so it does not matter which hints came, in what order or how often.
While a `Vigil` tells for certain what changed, it is of that alone, and searches are told that they need not look.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, nullcontext, suppress
from datetime import date
from math import inf
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING

from carrel.errors import CarrelError
from carrel.search.index import refresh
from carrel.store import door
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.pdfs import Holdings
from carrel.watch.door import Door
from carrel.watch.libraries import Libraries
from carrel.watch.observation import Hint, Observation, complaints_heard
from carrel.watch.pdfs import NewPdfs
from carrel.watch.places import first_remote, places, refusal
from carrel.watch.report import Report
from carrel.watch.rhythm import Rhythm
from carrel.watch.signals import signals
from carrel.watch.tables import Calm, Tables
from carrel.watch.vigil import Vigil

if TYPE_CHECKING:
    from carrel.search.index import Changes, Difference, SearchIndex

#: So often is the listening mended without success before it is given up.
ATTEMPTS = 3
#: Looks that no change asked for use about this share of the time at most.
SHARE = 0.1


class Watcher:
    """Keeps `index` equal to the notes of `kb`. Use it as a context and call `run`, from one thread.

    `say` is given one line at a time for the person who watches. With `poll` it looks every few seconds instead of
    listening; so it does when the system cannot tell of changes. Nothing that goes wrong with a look ends it: it is
    said once and tried again. `today` dates the papers that come from configured library files, and the tables of
    queries, which are left alone for as long as `calm` says.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        index: SearchIndex,
        *,
        say: Callable[[str], None],
        today: Callable[[], date],
        poll: bool = False,
        rhythm: Rhythm | None = None,
        calm: Calm | None = None,
    ) -> None:
        self._kb = kb
        self._index = index
        self._say = say
        self._report = Report(say)
        self._libraries = Libraries(today, say)
        self._tables = Tables(today, say, calm)
        self._poll = poll
        self._rhythm = rhythm or Rhythm()
        self._hints: SimpleQueue[Hint] = SimpleQueue()  # its `put` may be called by a signal, unlike that of others
        self._closing = ExitStack()
        self._observation: Observation | None = None
        self._vigil = Vigil(index, kb.config.search_engine)
        self._door: Door | None = None
        self._failures = 0  # of listening, since it last worked
        self._first_change: float | None = None  # when, of those that no look has followed yet
        self._last_change = 0.0
        self._next_look = 0.0
        self._young_until = inf
        self._next_check = 0.0
        self._next_beat = 0.0
        self._astray = False
        self._new_pdfs = NewPdfs(say)

    def __enter__(self) -> Watcher:
        self._closing.enter_context(complaints_heard(self._hints.put))
        self._closing.callback(self._deafen)
        self._closing.callback(self._vigil.close)
        if self._poll:
            self._say(f"looking every {self._rhythm.poll:g} s")
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def stop(self) -> None:
        """End `run`. May be called from any thread."""
        self._hints.put(Hint.STOP)

    def run(self) -> None:
        """Watch until Ctrl-C, SIGTERM or `stop`."""
        with signals(self._hints.put):
            try:
                self._watch()
            except KeyboardInterrupt:
                return  # the usual end

    def _watch(self) -> None:
        while True:
            wait = min(self._due(), self._next_check) - monotonic()
            with suppress(Empty):  # then it is time for something
                if self._heed(self._hints.get(timeout=max(0.0, wait))):
                    return
            # What came during a long look is heard before anything is found late.
            for _ in range(self._hints.qsize()):
                if self._heed(self._hints.get()):
                    return
            with self._door.closed() if self._door is not None else nullcontext():
                if monotonic() >= self._next_check:
                    self._check()
                if monotonic() >= self._due():
                    self._look()

    def _heed(self, hint: Hint) -> bool:
        """Take in a hint; whether it says to end."""
        if self._observation is not None:
            if hint in (Hint.BEAT, Hint.CHANGE):
                self._observation.hear()
            elif hint is Hint.AWAKE:
                self._observation.beat()  # an answer that is late because we were stopped is not late
        if hint is Hint.ASKED and self._door is not None:
            self._door.serve(self._is_current)
        elif hint is not Hint.BEAT:
            self._last_change = monotonic()
            if self._first_change is None:
                self._first_change = self._last_change
        if hint in (Hint.DOUBT, Hint.AWAKE):
            self._vigil.lose()
            self._next_check = self._next_beat = 0.0
        return hint is Hint.STOP

    def _due(self) -> float:
        """When the next look is due."""
        own = min(self._next_look, self._young_until)
        if self._first_change is None:
            return own
        settled = min(self._last_change + self._rhythm.quiet, self._first_change + self._rhythm.patience)
        return min(settled, own)

    # --- looking ------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Make the index agree with the disk, and say what that changed."""
        began = monotonic()
        self._first_change = None  # what changes from here on needs another look
        try:
            self._kb = _opened_again(self._kb)
            holdings = Holdings(self._kb)
            young = self._young_until <= began
            certain = None
            if self._next_look > began:
                certain = self._vigil.difference(self._kb, door.terms(self._kb), young=young)
            if young:
                self._young_until = inf
            changes = self._refreshed(holdings, certain)
        except Exception as error:  # a full disk, a setting half typed, the folder gone: it may be mended by next time
            self._vigil.lose()
            self._tables.looked(None)
            self._report.failed(error)
            self._next_look = self._after(self._rhythm.retry, began)
            return
        if certain is None:
            self._report.looked(self._kb.skipped(holdings.walked))
            self._next_look = self._after(self._rhythm.rest, began)
            if self._new_pdfs.take_in(holdings.pdfs, self._rhythm.patience):
                self._next_look = 0.0  # they are indexed by the next look
        if changes.skipped:
            self._next_look = self._after(self._rhythm.retry, began)

    def _is_current(self, terms: bytes) -> str:
        """What a search is told that asks: the version of the index that has everything that was saved until now."""
        try:
            certain = self._vigil.difference(self._kb, terms)
            if certain is not None and (version := self._refreshed(Holdings(self._kb), certain).version):
                return version
        except Exception:  # the look that follows says what is wrong
            self._vigil.lose()
        # To be certain the next time; not at once, because now who asked may have to write the index.
        self._next_look = min(self._next_look, monotonic() + self._rhythm.quiet)
        return ""

    def _refreshed(self, holdings: Holdings, certain: Difference | None) -> Changes:
        """Take what is `certain` to have changed into the index, else look at everything; say what that changed."""
        if certain is None and self._observation is not None:
            self._vigil.begin(self._kb)
        changes = refresh(holdings, self._index, only=certain)
        if changes.skipped:
            self._vigil.lose()
        elif certain is not None:
            self._vigil.took_in(changes.version)
        else:
            self._vigil.looked(holdings.walked, changes.version)
        self._report.changed(changes)
        self._tables.looked(changes)
        if changes.updated:
            self._young_until = monotonic() + self._rhythm.young
        return changes

    def _after(self, rest: float, began: float) -> float:
        """When to look again of our own accord. Looks that take long are made less often."""
        now = monotonic()
        longest = self._rhythm.rest if self._observation is not None else self._rhythm.poll
        return now + max(min(rest, longest), min((now - began) / SHARE, self._rhythm.rest))

    # --- listening ----------------------------------------------------------------------------------------------

    def _check(self) -> None:
        """See to it that changes are heard of, and that our own heart is."""
        now = monotonic()
        self._next_check = now + self._rhythm.check
        wrote = self._libraries.look(self._kb)
        if self._tables.look(self._kb, self._index) or wrote:
            self._next_look = now  # polling hears of nothing, not even of what we write ourselves
        observation = self._observation
        if self._poll:
            return
        if observation is None or observation.stale() or places(self._kb) != observation.places:
            self._listen()  # a folder was made, replaced or removed
            return
        trouble = observation.trouble(self._rhythm.heartbeat)
        if trouble:
            self._mend(trouble)
            return
        if observation.heard:
            self._failures = 0
        if now >= self._next_beat and self._first_change is None:
            self._next_beat = now + self._rhythm.rest
            observation.beat()
            # A folder that was just made may be watched in a moment: only what stays unwatched counts.
            astray = observation.astray()
            if astray and self._astray:
                self._listen()
            elif astray:
                self._next_beat = 0.0
            self._astray = astray and not self._astray

    def _mend(self, trouble: str) -> None:
        self._failures += 1
        if self._failures >= ATTEMPTS:
            self._give_up(trouble)
        else:
            self._say(f"{trouble}; listening anew")
            self._listen()

    def _listen(self) -> None:
        """Begin to listen, or begin anew, to what must be watched now; then look, for what was missed."""
        self._deafen()
        self._next_look = self._next_beat = 0.0
        if self._poll:
            return
        wanted = places(self._kb)
        remote = first_remote(wanted)
        if remote:
            self._give_up(f"{remote}, which does not tell of changes made elsewhere")
            return
        try:
            self._observation = Observation(wanted, self._kb.cache_dir / "watch", self._hints.put)
        except FileNotFoundError:
            return  # a folder went away meanwhile; the next check sees to it
        except OSError as error:
            self._give_up(refusal(error))
            return
        with suppress(OSError):  # then searches look themselves, as they do without a watcher
            self._door = Door(self._kb.cache_dir, lambda: self._hints.put(Hint.ASKED))

    def _give_up(self, reason: str) -> None:
        self._deafen()
        self._poll = True
        self._next_look = 0.0
        self._say(f"{reason}; looking every {self._rhythm.poll:g} s instead of listening")

    def _deafen(self) -> None:
        self._vigil.lose()
        if self._door is not None:
            self._door.close()
            self._door = None
        if self._observation is not None:
            self._observation.close()
            self._observation = None


def _opened_again(kb: KnowledgeBase) -> KnowledgeBase:
    """The same knowledge base with its settings as they are now. An unmounted disk must not look like no notes."""
    if KnowledgeBase.root_above(kb.root) != kb.root:
        raise CarrelError(f"{kb.root} is gone")
    return kb.reopened()
