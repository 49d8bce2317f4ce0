"""The same stage, rendered by another builder than MkDocs: `--builder zensical`, `--builder properdocs`.

What they write is taken apart again: a page's own HTML is cleaned as ours is, the page gets the same parts and the
same policy, and the folder is finished by the same code. So what a site promises, it promises whoever built it.
"""

from __future__ import annotations

import gzip
import posixpath
import re
import secrets
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from markupsafe import escape

from carrel.core.frontmatter_edit import yaml_value
from carrel.errors import BuildFailed
from carrel.publish.builders import builder_settings, guest
from carrel.publish.builders.builder_process import find
from carrel.publish.render import theme
from carrel.publish.render.markdown import Renderer
from carrel.publish.render.policy import with_policy
from carrel.publish.render.told import told
from carrel.publish.staging import tree
from carrel.store.lock import locked

if TYPE_CHECKING:
    from carrel.core.note import Visibility
    from carrel.publish.staging.staged import Staged, StagedPage
    from carrel.store.knowledge_base import KnowledgeBase

_DAY = re.compile(r"<lastmod>[^<]{0,99}+</lastmod>")
#: What builders add of their own and nothing of ours reads: the index of a search, a list of objects.
_SURPLUS = ("search.json", "search/search_index.json", "objects.inv")


class Rendered(NamedTuple):
    """A folder that a builder filled.

    `themes` are the folders whose files it copied, `as_written` the notes that it could not lay out and why,
    `remarks` what is to be told.
    """

    themes: tuple[Path, ...]
    as_written: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]


def render(
    kb: KnowledgeBase, audience: Visibility, staged: Staged, name: str, config: Path, site: Path, *, strict: bool
) -> Rendered:
    """Let the builder `name` render the stage into the empty folder `site`, told by the mkdocs.yml at `config`.

    Raises `BuildFailed`, `UsageError`, `WriteFailed`.
    """
    settings = builder_settings.read(config)
    look = builder_settings.look(settings)
    found = find(name, str(look["name"]))
    own = builder_settings.theme_files(settings, config.parent)
    folder, mark = kb.cache_dir / f"{name}-{audience}", secrets.token_hex(16)
    tree.make_private(folder)
    with locked(folder.with_name(f"{folder.name}.lock")):
        files = tree.files(staged.root)
        pages = {path: _front_matter(page) + page.text for path, page in staged.pages.items()}
        tree.write(folder / "docs", {**files, **pages})
        tree.write(folder / "theme", dict(own))
        title = _plain(kb.config.site_title) if kb.config.site_title else settings.get("site_name") or kb.root.name
        nav = [(_plain(name), path) for name, path in staged.nav]
        tree.fill(folder, {"mkdocs.yml": builder_settings.written(settings, title, nav, mark, look)})
        shutil.rmtree(folder / "site", ignore_errors=True)
        said = found.run(folder, strict=strict)
        scripts = theme.scripts_in([str(found.theme), str(folder / "theme")])
        finisher = _Finisher(staged, files.keys() - pages.keys(), mark, folder / "site", scripts)
        finisher.move_to(site)
    remarks = [f"{name} does not know {one} of mkdocs.yml" for one in builder_settings.unheard(settings)]
    return Rendered((found.theme, theme.theme_folder()), tuple(finisher.as_written), (*remarks, *said))


def _plain(text: str) -> str:
    """`text` for themes, which put what they are told into the page as it is."""
    return str(escape(text))


def _front_matter(page: StagedPage) -> str:
    meta = told(page)
    meta.pop("tags", None)  # Zensical prints them, and the page has them already
    safe = {key: _plain(value) if isinstance(value, str) else [*map(_plain, value)] for key, value in meta.items()}
    lines = "".join(f"{key}: {yaml_value(value)}\n" for key, value in safe.items())
    return f"---\n{lines}---\n\n" if lines else ""


class _Finisher:
    """Takes a builder's output over, page by page."""

    def __init__(
        self, staged: Staged, assets: Collection[str], mark: str, output: Path, scripts: re.Pattern[str]
    ) -> None:
        self._staged, self._assets, self._mark, self._output, self._scripts = staged, assets, mark, output, scripts
        self._addresses = {path: path.removesuffix(".md") + ".html" for path in staged.pages}
        self._files = tree.files(output)
        self._renderer = Renderer(self._resolve)
        self.as_written: list[tuple[str, str]] = []

    def _resolve(self, path: str, address: str) -> str | None:
        """An address in a page as one on the site; None when no file is there."""
        target, mark, fragment = address.partition("#")
        if not target:
            return address
        here = posixpath.dirname(path)
        place = posixpath.normpath(posixpath.join(here, unquote(target)))
        if (page := self._addresses.get(place)) is not None:
            return quote(posixpath.relpath(page, here or ".")) + mark + fragment
        return address if place in self._files else None

    def move_to(self, site: Path) -> None:
        """Fill `site`. Raises `BuildFailed` when a page is missing: a builder may leave out what it does not like."""
        pages = {address: path for path, address in self._addresses.items()}
        if missing := sorted((pages.keys() | self._assets) - self._files.keys()):
            raise BuildFailed(
                f"the builder left out {len(missing)} files of the site, among them {missing[0]}",
                "the site that was there is as it was",
            )
        for name, source in sorted(self._files.items()):
            place = site / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if name in pages:
                place.write_bytes(self._page(pages[name], name, source.read_text("utf-8")).encode("utf-8", "replace"))
            elif name in self._assets:
                shutil.move(source, place)
            elif name.endswith(".html"):  # of the theme, such as the one for what is not found
                place.write_text(with_policy(source.read_text("utf-8"), "", self._scripts), "utf-8")
            elif name == "sitemap.xml":
                place.write_text(_DAY.sub("", source.read_text("utf-8")), "utf-8")
            elif name == "sitemap.xml.gz":
                text = _DAY.sub("", gzip.decompress(source.read_bytes()).decode())
                place.write_bytes(gzip.compress(text.encode(), mtime=0))
            elif name not in _SURPLUS:
                shutil.move(source, place)

    def _page(self, path: str, address: str, html: str) -> str:
        before, opening, rest = html.partition(guest.opening(self._mark))
        content, closing, after = rest.partition(guest.closing(self._mark))
        trouble, _, after = after.partition("-->")
        if not opening or not closing or self._mark in before + content + after:
            raise BuildFailed(f"{address}: the builder's theme does not show the page once")
        if trouble:
            self.as_written.append((self._staged.pages[path].source or path, trouble))
        clean = self._renderer.clean(path, content)
        whole = theme.with_parts(before + clean + after, clean, address)
        return with_policy(whole, clean, self._scripts, styled=theme.DIAGRAM in clean)
