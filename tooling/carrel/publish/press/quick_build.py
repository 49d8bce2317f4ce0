"""Rendering the stage into a site as MkDocs would, but only what changed, and on two processors where there is much.

MkDocs renders everything each time, and holds all of it at once. This is for sites that have nothing in mkdocs.yml
that would want it so: the same machinery, page by page, gives the same bytes.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from carrel.publish.press.halves import shared
from carrel.publish.press.mkdocs_settings import SEARCHES
from carrel.publish.press.note_page import place_of
from carrel.publish.press.sheets import Row, Sheets
from carrel.publish.press.world import world

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

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


class Rendered(NamedTuple):
    """What is to be saved when the site stands, and the notes that could not be laid out, with the reason."""

    sheets: Sheets
    as_written: list[tuple[str, str]]


def render(press: Press, old: Path, memory: Path, progress: Progress | None = None) -> Rendered:
    """Fill the folder `site_dir` of the press's configuration.

    What the site in the folder `old` has is kept where `memory`, a file, says that it is the same.
    """
    config, pages = press.config, press.pages
    fresh = Path(config.site_dir)
    sheets = Sheets(memory, world(config, press.nav), press.places.union(pages), old, fresh)
    for file in press.files:
        assert file.abs_src_path is not None
        found = Path(file.abs_src_path).stat()
        source = f"{file.abs_src_path} {found.st_ino} {found.st_size} {found.st_mtime_ns}"
        key = blake2b(source.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        if not sheets.keep(file.dest_uri, key):
            sheets.copy(file.dest_uri, file.abs_src_path, key)
    press.write_templates()
    stale = [path for path, page in pages.items() if not sheets.keep(place_of(path), page.digest)]

    def work(path: str) -> tuple[str, Row, tuple[str, str] | None]:
        pressed = press.page(path)
        digest = sheets.write(place_of(path), pressed.data)
        return path, Row(pages[path].digest, pressed.targets, digest), pressed.trouble

    troubles = []
    for path, row, trouble in shared(stale, work, progress):
        if trouble is None:
            sheets.add(place_of(path), row)
        else:  # it may be the time that it took: not to be relied on
            troubles.append(trouble)
    return Rendered(sheets, sorted(troubles))
