"""Rendering the stage into a site as MkDocs would, but only what changed, and on two processors where there is much.

MkDocs renders everything each time, and holds all of it at once. This is for sites that have nothing in mkdocs.yml
that would want it so: the same machinery, page by page, gives the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from carrel.publish.press import halves
from carrel.publish.press.mkdocs_library import LOGGER, hearing
from carrel.publish.press.mkdocs_settings import SEARCHES
from carrel.publish.press.note_page import place_of
from carrel.publish.press.sheets import Row, Sheets
from carrel.publish.press.world import world

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File

    from carrel.publish.press.halves import Progress
    from carrel.publish.press.press import Press

#: Of Material and of MkDocs; another template may show whatever MkDocs hands it.
_TEMPLATES = frozenset({"404.html", "sitemap.xml"})


def fits(config: MkDocsConfig) -> bool:
    """Whether nothing in mkdocs.yml needs MkDocs' own way of building: the configuration as it was read."""
    if set(config.plugins) - {"carrel", *SEARCHES} or config.hooks or config.extra_templates:
        return False
    if config.exclude_docs or config.draft_docs:
        return False
    look = config.theme
    own = Path(look.custom_dir) if look.custom_dir else None
    own_templates = own is not None and any(own.rglob("*.html"))
    return look.name == "material" and not own_templates and _TEMPLATES.issuperset(look.static_templates)


class _Page(NamedTuple):
    """A page that was rendered, by which process, what is remembered of it, and why it could not be laid out."""

    path: str
    row: Row
    trouble: tuple[str, str] | None
    process: int
    remarks: tuple[str, ...]


class Rendered(NamedTuple):
    """What is to be saved when the site stands, and the notes that could not be laid out, with the reason."""

    sheets: Sheets
    as_written: list[tuple[str, str]]


def render(press: Press, old: Path, memory: Path, progress: Progress | None = None) -> Rendered:
    """Fill the folder `site_dir` of the press's configuration.

    What the site in the folder `old` has is kept where `memory`, a file, says that it is the same.
    """
    with rendering(press, old, memory, (), progress) as rendered:
        return rendered()


@contextmanager
def rendering(
    press: Press, old: Path, memory: Path, there: Collection[str], progress: Progress | None = None
) -> Iterator[Callable[[], Rendered]]:
    """The same, but a few pages are rendered by a child, and the function that one gets waits for them.

    Many are rendered when it is called, by two processes. `there` is what `link_ahead` has put into the folder.
    """
    config, pages = press.config, press.pages
    sheets = Sheets(memory, world(config, press.nav), press.places.union(pages), old, Path(config.site_dir), there)
    files = [file for file in map(_File.of, press.files) if file.place not in press.templates]
    changed = [file for file in files if not sheets.keep(file.place, file.key)]
    stale = [path for path, page in pages.items() if not sheets.keep(place_of(path), page.digest)]
    sheets.clear()
    for file in changed:
        sheets.copy(*file)

    def work(path: str) -> _Page:
        with hearing() as heard:
            pressed = press.page(path)
        row = Row(pages[path].digest, pressed.targets, sheets.write(place_of(path), pressed.data))
        return _Page(path, row, pressed.trouble, os.getpid(), tuple(heard.remarks))

    def few() -> list[_Page]:
        press.write_templates()
        return [work(path) for path in stale]

    def done(results: list[_Page]) -> Rendered:
        troubles = []
        for page in results:
            for remark in page.remarks if page.process != os.getpid() else ():
                LOGGER.warning("%s", remark)  # what was logged in the child, nobody here has heard
            if page.trouble is not None:  # it may be the time that it took: not to be relied on
                troubles.append(page.trouble)
            elif not page.remarks:  # so that the next build makes them again
                sheets.add(place_of(page.path), page.row)
        return Rendered(sheets, sorted(troubles))

    if len(stale) < halves.MUCH:
        with halves.meanwhile(few) as pressed:
            yield cache(lambda: done(pressed()))
    else:
        press.write_templates()
        yield cache(lambda: done(halves.shared(stale, work, progress)))


class _File(NamedTuple):
    """A file that is copied: to where, from where, and what stands for what is in it."""

    place: str
    source: str
    key: bytes

    @classmethod
    def of(cls, file: File) -> _File:
        assert file.abs_src_path is not None
        found = Path(file.abs_src_path).stat()
        text = f"{file.abs_src_path} {found.st_ino} {found.st_size} {found.st_mtime_ns}"
        digest = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        return cls(file.dest_uri, file.abs_src_path, digest)
