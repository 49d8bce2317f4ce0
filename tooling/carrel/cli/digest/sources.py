"""What a digest is made of: the notes that its audience may see, and nothing else.

They make a small edition, as those of a site are: whatever is quoted goes through the same rewriting as a page, so that
no name of a hidden note comes along in a link, a citation or a comment.
"""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from carrel.core.digest import passage
from carrel.core.markdown import scan
from carrel.core.names import fold, stays_private
from carrel.core.note import LinkForm
from carrel.core.section import section_text
from carrel.errors import NoteVanished
from carrel.publish.edition.compose import compose, is_shown
from carrel.publish.edition.places import IMAGES
from carrel.publish.edition.style import style_of
from carrel.publish.text.passage import Findings, Passage
from carrel.publish.text.rewrite import Rewriter
from carrel.store.walk import notes_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from carrel.cli.app import App
    from carrel.core.note import Link, Note, Visibility
    from carrel.publish.edition.edition import Edition

#: Of so many names, to which no file name answers, titles and aliases are looked up.
LOOKED_UP = 40


class Sources:
    """Some notes as `audience` sees them, quoted for the note at `place`.

    `chosen` gives the notes that are wanted, from the paths of all; those to which they lead come along. `notes` are
    the chosen ones that are visible.
    """

    def __init__(
        self, app: App, audience: Visibility, place: str, chosen: Callable[[list[str]], Iterable[Note]]
    ) -> None:
        self._app, self._audience, self._place = app, audience, place
        walk = app.kb.walk()
        self._paths = list(notes_in(walk.files))
        shown = {note.path: note for note in chosen(self._paths) if is_shown(note, audience)}
        self.raw = dict(shown)
        others = {note.path: note for note in self._led_to(shown.values()) if note.path not in shown}
        files = [path for path in walk.files if not path.endswith(".md") and not stays_private(path)]
        made = compose((*shown.values(), *others.values()), (), files, audience, _as_it_is, style_of(app.kb))
        # Links in a note lead from file to file, wherever the site puts its pages; a tag is no page there.
        self.edition: Edition = replace(made, places={path: path for path in made.places}, tags={}, people={})
        self.notes = [note for note in self.edition.notes if note.path in shown]

    def quoted(self, note: Note, text: str, *, links: bool = True) -> str:
        """A piece of the text of a note, or a value of its front matter, as it may stand in the digest."""
        if not text.strip():
            return ""
        raw = self.raw.get(note.path, note)
        text = _embeds_as_links(text)
        piece = replace(raw, body=text, body_line=1, markup=scan(text), entries=())
        here = Passage(self.edition, piece, self._place, Findings(), links=links, embedded=True)
        return passage(Rewriter(here).text())

    def in_line(self, note: Note, text: str, *, links: bool = True) -> str:
        """The same on one line."""
        return " ".join(self.quoted(note, " ".join(text.split()), links=links).split())

    def section(self, note: Note, *headings: str, links: bool = True) -> str:
        """What stands under the first of these headings that has something under it."""
        texts = (section_text(self.raw.get(note.path, note), heading) for heading in headings)
        return self.quoted(note, next(filter(None, texts), ""), links=links)

    def _led_to(self, notes: Iterable[Note]) -> Iterator[Note]:
        """The visible notes to which these may lead: a name may be that of several, and the edition knows of which."""
        wanted = {name for note in notes for name in _names(note)}
        by_name: dict[str, list[str]] = {}
        for path in self._paths:
            by_name.setdefault(fold(posixpath.basename(path).removesuffix(".md")), []).append(path)
        found: set[str] = set()
        for name in sorted(wanted):
            for note in self._visible(by_name.get(name, ())):
                found.add(name)
                yield note
        if left := sorted(wanted - found)[:LOOKED_UP]:
            yield from self._visible(self._by_title(left))

    def _visible(self, paths: Iterable[str]) -> Iterator[Note]:
        for path in paths:
            if not stays_private(path):
                with suppress(NoteVanished):
                    note = self.raw.get(path) or self._app.kb.read(path)
                    if is_shown(note, self._audience):
                        yield note

    def _by_title(self, names: list[str]) -> list[str]:
        """The notes that have one of the names as their title, an alias or their citation key."""
        from carrel.cli.searching.asking import NO_FILTERS, query_of
        from carrel.cli.searching.current import asked
        from carrel.search.order import BEST
        from carrel.search.search import answered

        words = (" ".join(re.findall(r"\w+", name)) for name in names)
        quoted = [f'"{several}"' for several in words if several]
        if not quoted:
            return []
        text = " OR ".join(f"title:{name} OR alias:{name} OR citekey:{name}" for name in quoted)
        query = query_of(self._app, text, NO_FILTERS)
        matches, _ = asked(
            self._app,
            lambda source, index: answered(source, index, lambda: index.search(query, None, BEST)),
            ahead=True,
        )
        return sorted({match.path for match in matches if match.path.endswith(".md")})


def _as_it_is(path: str) -> str:
    """Where an attachment is, from the digest as from any note."""
    return path


def _names(note: Note) -> Iterator[str]:
    """The names of notes to which a note leads, as file names are folded."""
    links: tuple[Link, ...] = (*note.markup.links, *note.relations)
    for target in (*(link.target for link in links), *(one.key for one in note.markup.citations)):
        name = fold(posixpath.basename(target).removeprefix("@").removesuffix(".md"))
        if name and posixpath.splitext(name)[1] not in IMAGES:
            yield name


def _embeds_as_links(text: str) -> str:
    """`![[note]]` as `[[note]]`: a digest leads to what a note holds within it, and shows pictures only."""
    if "![[" not in text:
        return text
    for link in reversed(scan(text).links):
        if link.embed and link.form is LinkForm.WIKI and posixpath.splitext(link.target)[1].lower() not in IMAGES:
            text = text[: link.start] + text[link.start + 1 :]
    return text
