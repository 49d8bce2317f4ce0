"""The site as its writer sees it while writing: in a folder of the cache, brought up to date again and again.

It is for the writer alone, so nothing looks through it for what is hidden. Pages that somebody looks at are there
first, then the others that changed; then the rest follows as in any build.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from carrel.publish import swap
from carrel.publish.edition.style import style_of
from carrel.publish.finish import finish
from carrel.publish.press import mkdocs_settings, quick_build
from carrel.publish.press.mkdocs_library import config_file, listening, load, run
from carrel.publish.press.note_page import path_of, place_of
from carrel.publish.press.press import Press
from carrel.publish.press.templates import templates
from carrel.publish.press.world import is_packaged
from carrel.publish.staging import tree
from carrel.publish.staging.memory import Memory, state_of
from carrel.publish.staging.stage import Today, requested, stage
from carrel.publish.staging.staged import digest_of
from carrel.store.lock import locked

if TYPE_CHECKING:
    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig

    from carrel.core.note import Visibility
    from carrel.publish.plugin import CarrelPlugin
    from carrel.publish.press.halves import Progress
    from carrel.publish.staging.staged import PagesReady, Staged
    from carrel.publish.text.passage import Unresolved
    from carrel.store.knowledge_base import KnowledgeBase

#: Told which pages of the site are there anew, by path; None: any of them.
Show: TypeAlias = Callable[[Iterable[str] | None], None]
#: So many pages are made before the rest; whoever asks for one of the others waits until all are.
_FEW = 20


@dataclass(frozen=True, slots=True)
class Update:
    """What an update came to: how many pages of how many changed, and how many seconds it took.

    `unresolved` and `as_written` are those that the last update did not have.
    """

    changed: int
    pages: int
    unresolved: tuple[Unresolved, ...]
    as_written: tuple[tuple[str, str], ...]
    seconds: float


class LiveSite:
    """The site of a knowledge base in `folder`. `show` is told of changes as soon as a browser can see them.

    `watched` tells which pages somebody looks at, by path on the site: they are made first.
    """

    def __init__(self, kb: KnowledgeBase, audience: Visibility, today: Today) -> None:
        self._kb, self._audience, self._today = kb, audience, today
        self.show: Show = lambda _: None
        self.watched: Callable[[], Collection[str]] = tuple
        self.folder = kb.cache_dir / f"served-{audience}"
        self._stage = kb.cache_dir / f"stage-{audience}"
        self._memory: Memory | None = None
        self._config: MkDocsConfig | None = None
        self._settings: list[object] = []
        self._said: tuple[frozenset[Unresolved], frozenset[tuple[str, str]]] = (frozenset(), frozenset())
        self._press: Press | None = None
        self._stale: set[str] = set()
        self._made = threading.Condition()

    @property
    def theme_folders(self) -> list[Path]:
        """The folders of the theme that may change: those that are not part of an installed package."""
        folders = self._config.theme.dirs if self._config is not None else []
        return [Path(folder) for folder in folders if not is_packaged(folder)]

    def update(self, progress: Progress | None = None) -> Update:
        """Bring the site up to date. Raises `CarrelError`, of many kinds; the site is there as it was, or newer."""
        started = time.monotonic()
        self._kb = kb = self._kb.reopened()
        tree.make_private(kb.cache_dir)
        try:
            with (
                locked(kb.cache_dir / f"build-{self._audience}.lock"),
                listening("the pages are served as they were"),
                requested(kb, self._audience, self._today),
            ):
                config, env = self._loaded()
                if quick_build.fits(config):
                    staged, changed, as_written = self._updated(config, env, progress)
                else:
                    staged, changed, as_written = self._built(config)
        finally:
            self._done(tuple(self._stale))
        new = tuple(one for one in staged.unresolved if one not in self._said[0])
        newly_written = tuple(one for one in as_written if one not in self._said[1])
        self._said = frozenset(staged.unresolved), frozenset(as_written)
        return Update(changed, len(staged.pages), new, newly_written, time.monotonic() - started)

    def wait(self, place: str) -> None:
        """Wait while the file at `place` in the folder is older than the stage. May be called from any thread."""
        with self._made:
            self._made.wait_for(lambda: place not in self._stale)

    def _done(self, places: Iterable[str]) -> None:
        """Nobody need wait for these any more."""
        with self._made:
            self._stale.difference_update(places)
            self._made.notify_all()

    def _loaded(self) -> tuple[MkDocsConfig, Environment]:
        """The configuration, and the templates, read again when one of their files changed."""
        settings: list[object] = [self._kb.config, *_stamps(self._kb, self.theme_folders)]
        if self._config is None or settings != self._settings:
            self._press = None
            config = load(self._kb, strict=False)
            config.site_url = None  # the pages stand at the root of this server, and nowhere else
            if quick_build.fits(config):
                mkdocs_settings.prepare(config, self._kb)  # it adds a folder of templates
            self._config, self._nav, self._env = config, config.nav, templates(config, self._kb)
            self._settings = [self._kb.config, *_stamps(self._kb, self.theme_folders)]
        return self._config, self._env

    def _updated(
        self, config: MkDocsConfig, env: Environment, progress: Progress | None
    ) -> tuple[Staged, int, list[tuple[str, str]]]:
        kb, plugin = self._kb, cast("CarrelPlugin", config.plugins["carrel"])
        first = self._memory is None
        if self._memory is None:
            state = state_of(kb, self._audience, self._stage, style_of(kb))
            self._memory = Memory.load(self._stage.with_name(f"{self._stage.name}-memory"), state)
        early: dict[str, bytes] = {}
        staged = stage(
            kb,
            self._audience,
            self._stage,
            self._today,
            memory=self._memory,
            first={path_of(place) for place in self.watched()},
            ready=lambda ready: self._hurry(ready, early),
        )
        config.nav = self._nav
        plugin.take(config, kb, self._audience, staged)
        with swap.beside(self.folder) as fresh:
            config.site_dir = str(fresh)
            press = Press(config, staged, env)
            rendered = quick_build.render(press, self.folder, kb.cache_dir / f"sheets-{self.folder.name}", progress)
            finish(kb, self._audience, staged, fresh, map(Path, config.theme.dirs), served=True)
            swap.exchange(fresh, self.folder)
            changed = rendered.sheets.changed()
            if any(place.endswith((".css", ".js")) for place in changed.keys() - staged.files):
                self.show(None)
            else:
                self.show([place for place, digest in changed.items() if early.get(place) != digest])
            self._done(tuple(self._stale))
        rendered.sheets.save(self.folder)
        self._press = press
        if first:
            gc.collect()
            gc.freeze()  # it stays, and need not be looked through again with each update
        return staged, sum(place.endswith(".html") for place in changed), rendered.as_written

    def _hurry(self, ready: PagesReady, early: dict[str, bytes]) -> None:
        """Put pages that just changed into the site that is served, before the rest is made."""
        if self._press is None or not self.folder.is_dir():
            return
        gone = self._press.pages.keys() - ready.paths
        changed = self._press.hear(ready)
        with self._made:
            self._stale.update(map(place_of, (*changed, *gone)))
        for path in changed[:_FEW]:
            place = place_of(path)
            data = self._press.page(path).data
            new = self.folder / f".new-{os.getpid()}"
            new.write_bytes(data)
            (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
            new.replace(self.folder / place)
            early[place] = digest_of(data)
            self.show([place])  # who asks for it now waits a moment longer, and need not ask again
            self._done([place])

    def _built(self, config: MkDocsConfig) -> tuple[Staged, int, list[tuple[str, str]]]:
        """The same by MkDocs, as a whole: mkdocs.yml asks for what only it can do."""
        plugin = cast("CarrelPlugin", config.plugins["carrel"])
        self._config = None  # it is used up
        with swap.beside(self.folder) as fresh:
            config.site_dir = str(fresh)
            run(config, "serve")
            swap.exchange(fresh, self.folder)
        self.show(None)
        return plugin.staged, len(plugin.staged.pages), plugin.as_written


def _stamps(kb: KnowledgeBase, folders: Iterable[Path]) -> list[tuple[str, int, int]]:
    """The files that the configuration and the templates are read from, as they are now."""
    places = [*kb.root.glob("*.yml"), *kb.root.glob("*.yaml"), config_file(kb)]
    for folder in folders:
        places += folder.rglob("*.html")
    found = []
    for place in sorted(places):
        with suppress(OSError):  # gone since it was listed
            status = place.stat()
            found.append((str(place), status.st_mtime_ns, status.st_size))
    return found
