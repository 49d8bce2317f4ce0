"""A digest to be mailed: HTML in one piece, or text. It says what its page on the site says, and nothing more."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from carrel.cli.digest.sources import Sources
from carrel.errors import Refused
from carrel.publish.edition.compose import is_shown
from carrel.publish.pages.address import address_of
from carrel.publish.render.mail import as_mail, as_text
from carrel.publish.render.markdown import Renderer
from carrel.publish.text.passage import Findings, Passage
from carrel.publish.text.rewrite import Rewriter

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.core.note import Note, Visibility
    from carrel.publish.pages.address import Address


def mail(app: App, note: Note, to: Visibility, *, text: bool) -> str:
    """The digest as those read it whom it is for. Raises `Refused` where they may not see it."""
    if not is_shown(note, to):
        reason = str(note.problems[0]) if note.problems else f"{note.path} says `visibility: {note.visibility}`"
        raise Refused(f"{reason}, and so it is not for the {to}", f"carrel edit {note.path} --set visibility={to}")
    edition = Sources(app, to, note.path, lambda _: [note]).edition
    markdown = Rewriter(Passage(edition, edition.by_path[note.path], note.path, Findings())).text()
    address = address_of(app.kb)
    rendered = Renderer(lambda path, link: _on_the_site(address, path, link)).render(note.path, markdown)
    title = edition.titles[note.path]
    return as_text(title, rendered.html) if text else as_mail(title, rendered.html)


def _on_the_site(address: Address, path: str, link: str) -> str | None:
    """A relative link as one to the site, or nothing where nobody said where the site is."""
    place, mark, fragment = link.partition("#")
    if not address.url or not place:
        return None
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(place)))
    page = f"{target.removesuffix('.md')}.html" if target.endswith(".md") else target
    return address.link("", page) + mark + fragment
