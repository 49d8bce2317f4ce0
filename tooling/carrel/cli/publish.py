"""`carrel publish`: the site goes where others read it, and says what is new there and what is gone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, echo, emit, line, shown_path, visible
from carrel.core.note import Visibility
from carrel.errors import Refused, SiteLeaks, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.destination import Destination
    from carrel.publish.build import Built
    from carrel.publish.to.site import Changes, Place, Site, There


@command()
@click.argument("to", required=False, metavar="[TO]")
@click.option("--audience", type=click.Choice([level.value for level in Visibility]),
              help="Whom it is for (default: the setting publish.audience).")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Build the site, list what would change there, and write nothing there.")
@click.option("--review", is_flag=True, help="List what becomes visible, and ask once.")
@click.option("--yes", is_flag=True, help="Do not ask, and take what is asked for as granted.")
@click.option("--forget", is_flag=True, help="Drop the history of the branch: what was published before is not in it.")
@click.option("--json", "as_json", is_flag=True, help="With --dry-run: as JSON.")
def publish(
    app: App, to: str | None, audience: str | None, dry_run: bool, review: bool, yes: bool, forget: bool, as_json: bool
) -> int:
    """Build the site and publish it.

    TO is a folder, git:BRANCH, or rsync:HOST:FOLDER; without it, the setting publish.to. What others put there is
    never removed.

    \b
    carrel publish git:gh-pages             a branch with a history of its own, pushed to origin
    carrel publish rsync:www@lab.example:public/notes
    carrel publish ../public --dry-run      what would change there
    """
    from carrel.publish.staging.tree import make_private
    from carrel.publish.to.places import place_of
    from carrel.publish.to.site import compare, site_at
    from carrel.store.lock import locked

    if as_json and not dry_run:
        raise UsageError("--json is for --dry-run")
    named, near = _destination(app, to)
    chosen = Visibility(audience) if audience else app.kb.config.publish_audience
    _check_private(chosen, to, named)
    environment = dict(app.environment) | ({} if app.interactive else {"GIT_TERMINAL_PROMPT": "0"})
    place = place_of(app.kb, named, near, environment, forget=forget)
    make_private(app.kb.cache_dir)
    with locked(app.kb.cache_dir / "publish.lock"):
        there = place.look()
        built = _build(app, chosen)
        site = site_at(built.site_dir, chosen)
        changes = compare(site.digests(place.digest), there)
        if dry_run:
            _list(app, place, site, there, changes, as_json)
            return 0
        if not _allowed(app, place, site, there, changes, review, yes):
            app.remark("nothing was published")
            return 1
        where = place.put(site, there, changes)
    _tell(app, place, built, site, changes, named, forget)
    echo(where)
    return 0


def _destination(app: App, to: str | None) -> tuple[Destination, Path]:
    """Where to publish, and the folder from which a relative one is looked for."""
    from carrel.core.destination import destination

    if to is not None:
        return destination(to), Path.cwd()
    if not app.kb.config.publish_to:
        raise UsageError(
            "where to?", "as in: carrel publish git:gh-pages; `carrel config publish.to git:gh-pages` keeps it"
        )
    return destination(app.kb.config.publish_to), app.kb.root


def _check_private(audience: Visibility, to: str | None, named: Destination) -> None:
    from carrel.core.destination import Folder

    if audience is Visibility.PRIVATE and (to is None or not isinstance(named, Folder)):
        raise Refused(
            f"private notes are not published to {named}",
            "a folder that you name takes them: carrel publish --audience private FOLDER",
        )


def _build(app: App, audience: Visibility) -> Built:
    from carrel.cli.progress import Bar
    from carrel.cli.refresh_tables import refresh_before_build
    from carrel.publish.build import build_site
    from carrel.publish.gate.check import is_private

    refresh_before_build(app)
    try:
        # in a folder of its own, where no build for others can put another site while this one is looked at and sent
        into = app.kb.cache_dir / f"publishing-{audience}"
        with Bar("rendering", quiet=app.quiet) as bar:
            return build_site(app.kb, audience, today=lambda: app.today, into=into, progress=bar.show)
    except SiteLeaks as leaks:
        for leak in leaks.told if is_private(sys.stderr.isatty(), app.environment) else leaks.places:
            app.remark(line(leak))
        raise


def _list(app: App, place: Place, site: Site, there: There, changes: Changes, as_json: bool) -> None:
    """What a publish would change, on stdout."""
    from carrel.publish.review import newly_visible
    from carrel.publish.to.site import is_attachment, is_page

    if as_json:
        emit([{"change": kind, "path": path} for kind, paths in _kinds(changes) for path in paths], "json")
    elif _may_name(app):
        for fresh in newly_visible(site, changes):
            echo(f"added    {shown_path(fresh.path)}  {line(fresh.title)}".rstrip())
        for kind, paths in _kinds(changes)[1:]:
            for path in paths:
                if is_page(path) or is_attachment(path):
                    echo(f"{kind:8} {shown_path(path)}")
    for warning in _warnings(app, place, site, there):
        app.remark(warning)
    app.remark(f"{place.name}: {_summary(changes)}; nothing was written there")


def _allowed(app: App, place: Place, site: Site, there: There, changes: Changes, review: bool, yes: bool) -> bool:
    """Whether to go on. A person is asked only where something is to be seen first, and once."""
    said = [*_warnings(app, place, site, there), *(_news(app, site, changes) if review else ())]
    if not said or yes:
        for text in said:
            app.remark(text)
        return True
    for text in said:
        click.echo(visible(text), err=True)
    app.need_input("a yes", "look with --dry-run, then say --yes")
    return click.confirm(f"Publish to {place.name}?", err=True)


def _warnings(app: App, place: Place, site: Site, there: There) -> Iterator[str]:
    """What speaks against publishing there without a second look."""
    if there.manifest is None and there.others:
        some = f", {shown_path(there.others[0])} among them" if _may_name(app) else ""
        yield f"{place.name} has files that Carrel did not write{some}; they stay, but for those that the site has too"
    if there.manifest is not None and there.manifest.audience is not site.audience:
        yield f"the site there is for {there.manifest.audience.value}; this one is for {site.audience.value}"


def _news(app: App, site: Site, changes: Changes) -> Iterator[str]:
    """What becomes visible."""
    from carrel.publish.review import newly_visible
    from carrel.publish.to.site import is_page

    if fresh := newly_visible(site, changes):
        pages = sum(is_page(one.path) for one in fresh)
        yield f"newly visible: {count(pages, 'page')}, {count(len(fresh) - pages, 'attachment')}"
        if _may_name(app):
            yield from (f"    {shown_path(one.path)}  {line(one.title)}".rstrip() for one in fresh)
    if differ := sum(map(is_page, changes.changed)):
        yield f"{count(differ, 'page')} will differ from what is there; --dry-run lists them"


def _tell(app: App, place: Place, built: Built, site: Site, changes: Changes, named: Destination, forget: bool) -> None:
    """What was done, and what is out of reach."""
    from carrel.core.destination import Branch
    from carrel.publish.to.site import is_page

    app.remark(f"{place.name}: {_summary(changes)}")
    if built.unresolved or built.mentions:
        links, names = count(len(built.unresolved), "link"), count(len(built.mentions), "name")
        app.remark(
            f"{links} to nowhere or to what is not shared, {names} of notes that are not; `carrel build` tells which"
        )
    if not any(note.visibility.visible_to(site.audience) for note in app.kb.notes(head=True)):
        app.remark(f"no note says `visibility: {site.audience.value}` yet; the setting publish.audience says for whom")
    gone = sum(map(is_page, changes.removed))
    if gone:
        app.remark(
            f"gone from the site, its search, lists and feeds: {count(gone, 'page')}; out of reach are copies that "
            "browsers and caches keep for a while, search engines until they come again, archives and readers for good"
        )
    if gone and isinstance(named, Branch) and not forget:
        app.remark("older commits of the branch still hold what is gone; `carrel publish --forget` drops them")
    if forget:
        app.remark(
            "the branch has one commit now; a host may go on showing older ones to whoever knows their names (GitHub "
            "until its support removes them), and clones and forks keep theirs"
        )


def _summary(changes: Changes) -> str:
    from carrel.publish.to.site import is_page

    pages = ", ".join(f"{sum(map(is_page, paths))} {kind}" for kind, paths in _kinds(changes))
    others = sum(not is_page(path) for _, paths in _kinds(changes) for path in paths)
    return f"pages: {pages}; {count(others, 'other file')}" if changes else "nothing has changed"


def _kinds(changes: Changes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("added", changes.added), ("changed", changes.changed), ("removed", changes.removed)


def _may_name(app: App) -> bool:
    """Whether pages may be named: not in the log of a CI, which more may read than the site, and for longer."""
    from carrel.publish.gate.check import is_private

    return is_private(True, app.environment)
