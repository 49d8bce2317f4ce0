"""Building the site: staged, rendered by MkDocs as a library or by another builder, looked through, put in place.

A build goes into a folder beside the site and changes places with it when it is whole, so a build that fails or
is killed leaves the old site as it was. What it would write as it stands there already, it takes over.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from carrel.errors import BuildFailed
from carrel.publish import swap
from carrel.publish.edition.style import style_of
from carrel.publish.finish import finish, write_search
from carrel.publish.gate.check import Gate
from carrel.publish.press.configuration import distrust
from carrel.publish.press.halves import meanwhile
from carrel.publish.press.mkdocs_library import config_file, listening, load, run
from carrel.publish.press.templates import templates
from carrel.publish.staging import tree
from carrel.publish.staging.stage import Today, requested, stage
from carrel.store.lock import locked

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from carrel.core.note import Visibility
    from carrel.publish.gate.hidden import Mention
    from carrel.publish.plugin import CarrelPlugin
    from carrel.publish.press.halves import Progress
    from carrel.publish.press.sheets import Sheets
    from carrel.publish.text.passage import Unresolved
    from carrel.store.knowledge_base import KnowledgeBase


@dataclass(frozen=True, slots=True)
class Built:
    """A site that was built: where, how many pages, what leads nowhere, and how long it took.

    `as_written` are (path, why) of notes that no builder could lay out; `remarks` are MkDocs' warnings; `mentions` are
    notes of the site that name hidden ones in their own words.
    """

    site_dir: Path
    pages: int
    unresolved: tuple[Unresolved, ...]
    as_written: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    mentions: tuple[Mention, ...]
    seconds: float


def build_site(
    kb: KnowledgeBase,
    audience: Visibility,
    *,
    strict: bool = False,
    today: Today = date.today,
    builder: str = "mkdocs",
    clean: bool = False,
    progress: Progress | None = None,
    into: Path | None = None,
) -> Built:
    """Build the site for `audience` into the `site_dir` of mkdocs.yml, `site/public` by default.

    `into` is another folder to build into, one of Carrel's own. With `strict`, a warning of the `builder` or of another
    plugin is a failure; with `clean`, everything is made again, whatever is remembered of earlier builds. `progress` is
    told of pages. Raises `BuildFailed`, `ConfigInvalid`, `UsageError` for a builder that we do not know, `Refused` when
    another build takes too long, and `SiteLeaks` where the site holds what is hidden; the old site stays.
    """
    started = time.monotonic()
    style_of(kb)
    tree.make_private(kb.cache_dir)
    with locked(kb.cache_dir / f"build-{audience}.lock"):
        if clean:
            _forget(kb, audience)
        if builder == "mkdocs":
            return _build_with_mkdocs(kb, audience, strict, today, progress, into, started)
        return _build_elsewhere(kb, audience, builder, strict, today, into, started)


def _build_with_mkdocs(
    kb: KnowledgeBase,
    audience: Visibility,
    strict: bool,
    today: Today,
    progress: Progress | None,
    into: Path | None,
    started: float,
) -> Built:
    with listening("the site that was there is as it was") as heard, requested(kb, audience, today):
        config = load(kb, strict=strict)
        plugin = cast("CarrelPlugin", config.plugins["carrel"])
        site = into or swap.check(Path(config.site_dir), kb)
        with swap.beside(site) as fresh:
            config.site_dir = str(fresh)
            sheets = _filled(config, kb, audience, site, today, progress)
            if strict and heard.remarks:
                raise BuildFailed(f"the site was not built: {heard.remarks[-1]}")
            swap.carry_over(site, fresh)
            swap.exchange(fresh, site)
    if sheets is not None:
        sheets.save(site)
    return Built(
        site,
        len(plugin.staged.pages),
        plugin.staged.unresolved,
        tuple(plugin.as_written),
        tuple(heard.remarks),
        plugin.mentions,
        time.monotonic() - started,
    )


def _filled(
    config: MkDocsConfig,
    kb: KnowledgeBase,
    audience: Visibility,
    site: Path,
    today: Today,
    progress: Progress | None,
) -> Sheets | None:
    """Fill the folder of the configuration with a site; what is to be remembered of it, unless MkDocs filled it."""
    from carrel.publish.press.press import Press
    from carrel.publish.press.quick_build import fits, rendering
    from carrel.publish.press.sheets import link_ahead

    if not fits(config):
        run(config, "build")
        return None
    plugin, fresh = cast("CarrelPlugin", config.plugins["carrel"]), Path(config.site_dir)
    memory = kb.cache_dir / (f"sheets-{site.name}" if site.parent == kb.cache_dir else f"sheets-{audience}")
    with meanwhile(lambda: link_ahead(memory, site, fresh)) as linked:
        staged = stage(kb, audience, kb.cache_dir / f"stage-{audience}", today)
        there = linked()
    plugin.take(config, kb, audience, staged)
    with (
        Gate(kb, audience, staged) as gate,
        meanwhile(lambda: write_search(kb, audience, staged, fresh)) as search,
        rendering(Press(config, staged, templates(config, kb)), site, memory, there, progress) as rendered,
    ):
        gate.look()

        def ready() -> None:
            rendered()
            search()

        plugin.mentions = finish(kb, audience, staged, fresh, map(Path, config.theme.dirs), ready=ready, gate=gate)
        plugin.as_written = rendered().as_written
    return rendered().sheets


def _build_elsewhere(
    kb: KnowledgeBase,
    audience: Visibility,
    builder: str,
    strict: bool,
    today: Today,
    into: Path | None,
    started: float,
) -> Built:
    from carrel.publish.builders import builder_settings
    from carrel.publish.builders import rendering as builders

    config = config_file(kb)
    distrust(config)
    site = into or swap.check(builder_settings.site_dir(config), kb)
    staged = stage(kb, audience, kb.cache_dir / f"stage-{audience}", today)
    try:
        with swap.beside(site) as fresh:
            rendered = builders.render(kb, audience, staged, builder, config, fresh, strict=strict)
            mentions = finish(kb, audience, staged, fresh, rendered.themes)
            swap.carry_over(site, fresh)
            swap.exchange(fresh, site)
    except OSError as error:
        raise BuildFailed(f"the site was not built: {error}", "the site that was there is as it was") from error
    taken = time.monotonic() - started
    return Built(site, len(staged.pages), staged.unresolved, rendered.as_written, rendered.remarks, mentions, taken)


def _forget(kb: KnowledgeBase, audience: Visibility) -> None:
    """Remove what builds for this audience remember. Locks stay: a lock that is not there protects nothing."""
    shutil.rmtree(kb.cache_dir / "templates", ignore_errors=True)
    for name in ("stage", "sheets", "sheets-publishing", "site-search", "gate"):
        for place in kb.cache_dir.glob(f"{name}-{audience}*"):
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            elif place.suffix != ".lock":
                place.unlink(missing_ok=True)
