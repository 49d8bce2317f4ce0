"""What staging hands to whoever renders: the pages, by digest, each with its text when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import BuildFailed

if TYPE_CHECKING:
    from carrel.core.frontmatter_edit import Writable
    from carrel.core.note import Note
    from carrel.publish.search.units import Findable
    from carrel.publish.text.passage import Unresolved


class StageChanged(BuildFailed):
    """A file of the stage is not what staging wrote: another build is at it, or somebody's hand."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} of the stage was changed while the site was built", "build again")


@dataclass(frozen=True, slots=True)
class StagedPage:
    """One page: where it stands in the stage, what it is called, and what the builder is told of it.

    `source` is the note that it shows, "" for a page that was made from others. `meta` is what stands in its
    front matter: title, date, kind, description, authors, tags. `digest` is that of the file, so of all of this but
    `source`: pages of one path and digest are the same.
    """

    root: str
    path: str
    title: str
    meta: Mapping[str, Writable]
    source: str
    digest: bytes

    @property
    def text(self) -> str:
        """Its Markdown, read from the stage. Raises `StageChanged`."""
        place = Path(self.root, self.path)
        try:
            data = place.read_bytes()
        except OSError as error:
            raise StageChanged(self.path) from error
        if digest_of(data) != self.digest:
            place.unlink(missing_ok=True)  # so that it is written again, whatever changed it
            raise StageChanged(self.path)
        whole = data.decode("utf-8")
        return whole[whole.index("\n---\n\n") + 6 : -1]


def digest_of(data: bytes) -> bytes:
    """Sixteen bytes that stand for the bytes of a file."""
    return blake2b(data, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Staged:
    """What a stage holds.

    `assets` are the files that pages show or link, `files` those that are made from notes; `nav` are the pages of the
    navigation, as (title, path); `changed` counts files that were written or removed; `found` is what the search finds.
    `read` are the notes that had to be read for it, hidden ones too; whoever has no more use of one takes it out.
    """

    root: Path
    pages: Mapping[str, StagedPage]
    assets: tuple[str, ...]
    unresolved: tuple[Unresolved, ...]
    nav: tuple[tuple[str, str], ...]
    changed: int = 0
    found: tuple[Findable, ...] = ()
    files: tuple[str, ...] = ()
    read: dict[str, Note] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class PagesReady:
    """Pages that stand in the stage before it is whole: some of them, then all.

    `pages` are those that do, `changed` those that were written since the last time that pages were ready; `paths` is
    where every page of the site will stand.
    """

    pages: Mapping[str, StagedPage]
    changed: tuple[str, ...]
    paths: frozenset[str]
