"""`carrel build` and `carrel serve`: the site of what an audience may see."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, line, visible
from carrel.core.note import Visibility
from carrel.errors import CarrelError, SiteLeaks

if TYPE_CHECKING:
    from carrel.publish.serving.live_site import Update

AUDIENCES = click.Choice([level.value for level in Visibility])
BUILDERS = click.Choice(["mkdocs", "zensical", "properdocs"])


@command()
@click.option("--audience", type=AUDIENCES, help="Whom it is for (default: the setting site.audience).")
@click.option("--strict", is_flag=True, help="Exit code 2 if a link leads nowhere.")
@click.option("--builder", type=BUILDERS, default="mkdocs", show_default=True, help="What renders the pages.")
@click.option("--clean", is_flag=True, help="Make everything again, whatever is remembered of earlier builds.")
def build(app: App, audience: str | None, strict: bool, builder: str, clean: bool) -> int:
    """Build the site into site/public/.

    It holds what the audience may see: lab sees notes marked lab and public, public those marked public,
    private everything. Links that lead nowhere are listed. Tables of queries in notes are made current before.
    """
    from carrel.cli.progress import Bar
    from carrel.cli.refresh_tables import refresh_before_build
    from carrel.publish.build import build_site
    from carrel.publish.gate.check import is_private

    chosen = Visibility(audience) if audience else app.kb.config.site_audience
    refresh_before_build(app)
    alone = is_private(sys.stderr.isatty(), app.environment)
    try:
        with Bar("rendering", quiet=app.quiet) as bar:
            built = build_site(app.kb, chosen, today=lambda: app.today, builder=builder, clean=clean, progress=bar.show)
    except SiteLeaks as leaks:
        for leak in leaks.told if alone else leaks.places:
            app.remark(line(leak))
        raise
    for mention in built.mentions if alone else ():
        app.remark(line(str(mention)))
    if built.mentions and not alone:
        said = f"{count(len(built.mentions), 'name')} of notes that are not shared"
        app.remark(f"shared notes say {said}; `carrel build` in a terminal tells which")
    named = is_private(True, app.environment)
    for unresolved in built.unresolved:
        if not unresolved.by_name:
            app.remark(line(unresolved.told(named=named)))
    for path, reason in built.as_written:
        app.remark(line(f"{path}: shown as plain text: {reason}"))
    for remark in built.remarks:
        app.remark(line(remark))
    nowhere = sum(not one.hidden for one in built.unresolved)
    hidden = len(built.unresolved) - nowhere
    told = f"{count(nowhere, 'link')} to nowhere" + (
        f", {count(hidden, 'link')} to what is not shared" if hidden else ""
    )
    app.remark(f"{count(built.pages, 'page')} for {chosen.value} in {built.seconds:.1f} s; {told}")
    if not any(note.visibility.visible_to(chosen) for note in app.kb.notes(head=True)):
        app.remark(f"no note says `visibility: {chosen.value}` yet; `carrel build --audience private` shows you all")
    click.echo(built.site_dir / "index.html")
    return 2 if strict and nowhere else 0


@command()
@click.option("--audience", type=AUDIENCES, help="Whom it is for (default: the setting site.audience).")
@click.option("--address", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="Where to serve.")
def serve(app: App, audience: str | None, address: str) -> None:
    """Serve the site while you write.

    A saved note shows in the browser by itself. Ctrl-C ends it.
    """
    from carrel.cli.progress import Bar
    from carrel.publish.serving.live_site import LiveSite
    from carrel.publish.serving.server import Server
    from carrel.watch.signals import signals
    from carrel.watch.surroundings import Surroundings

    chosen = Visibility(audience) if audience else app.kb.config.site_audience
    site = LiveSite(app.kb, chosen, lambda: app.moment().date())
    with signals(lambda _: None), suppress(KeyboardInterrupt), Server(address, site.folder, site.wait) as server:
        with Bar("rendering", quiet=app.quiet) as bar:
            first = site.update(bar.show)
        _tell_of_first(app, first)
        site.show, site.watched = server.tell, server.watched
        surroundings = Surroundings(app.kb, site.theme_folders, app.remark)
        with surroundings.heard():
            server.start()
            app.remark(f"serving {server.url}; Ctrl-C ends it")
            trouble, took = "", 0.0
            while True:
                try:
                    update = site.update()
                    _tell_of(app, update)
                    trouble, took = "", update.seconds
                except CarrelError as error:  # as it is until the next change; the pages are served as they were
                    if str(error) != trouble:
                        click.echo(visible(f"carrel: {error.message}"), err=True)
                    trouble = str(error)
                surroundings.wait(took)


def _tell_of_first(app: App, update: Update) -> None:
    nowhere = sum(not one.hidden for one in update.unresolved)
    lists = f"; {count(nowhere, 'link')} to nowhere, which `carrel build` lists" if nowhere else ""
    app.remark(f"{count(update.pages, 'page')} in {update.seconds:.1f} s{lists}")


def _tell_of(app: App, update: Update) -> None:
    for unresolved in update.unresolved:
        if not unresolved.by_name:
            app.remark(line(str(unresolved)))
    for path, reason in update.as_written:
        app.remark(line(f"{path}: shown as plain text: {reason}"))
    if update.changed:
        app.remark(f"{count(update.changed, 'page')} new in {update.seconds:.1f} s")
