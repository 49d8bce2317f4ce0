"""`SearchIndex` on files in Whoosh's format: who may write, what a commit is, and what becomes of a damaged index.

A commit writes new files, then the catalogue, then renames the table of contents into place; what no table of
contents names is swept by a commit that fails, and by the next one. Readers take the newest generation and look again
when its files vanish under them. Nothing that is found wrong is mended: the folder is set aside and the next `refresh`
makes it anew.
"""

from __future__ import annotations

import gc
import os
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, NoReturn, TypeVar

from carrel.errors import CarrelError
from carrel.search.catalogue import Catalogue, Checked
from carrel.search.index import IndexDamaged, IndexOvertaken, IndexUnusable
from carrel.search.index_folder import Damaged, Place, SourceFailed
from carrel.search.whoosh_format import INDEX_NAME
from carrel.search.whoosh_notes import SeenNotes, pack_notes, unpack_notes

# What a search needs beside what the index has seen, and what a commit needs, load when they are needed: a search
# looks at the notes in a process of its own, which needs neither.
if TYPE_CHECKING:
    from carrel.search.catalogue import Known
    from carrel.search.index import Facets, Findable, Match, Seen, Suggestion
    from carrel.search.order import Order
    from carrel.search.tree import Query
    from carrel.search.whoosh_postings import IndexReader

_T = TypeVar("_T")
_TOC = re.compile(rf"_{INDEX_NAME}_(\d+)\.toc")
#: How often a reader looks again, 10 ms apart, when a commit sweeps away what it was about to open.
_TRIES = 20
#: Changed notes that are listed with a commit before the list of all notes is written anew.
_RECENT = 256


class WhooshIndex:
    """The index in the folder `path`, which need not exist. Beside it are its lock and at most one damaged copy.

    Every method raises `IndexUnusable` where the operating system lets there be no index, or no one read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = Place(path)
        self._reader: tuple[Checked, IndexReader] | None = None
        self._catalogue: tuple[os.stat_result, Catalogue] | None = None
        self._seen: tuple[Catalogue, SeenNotes] | None = None
        self._writing = False  # whether the lock is held: to wait for it then would be for ever

    def version(self) -> str:
        """A name of what is answered now: that of the table of contents, and the checksum of what it lists."""
        try:
            return _version(self._reading(self._current))
        except IndexDamaged:
            return ""

    def seen(self) -> Mapping[str, Seen]:
        """What is indexed now, by path. A damaged index holds nothing."""
        try:
            return self._reading(self._notes)
        except IndexDamaged:
            return {}

    def search(self, query: Query, limit: int | None, order: Order | None = None) -> tuple[list[Match], int]:
        """The first `limit` matches (all for None), and how many there are in all. Raises `IndexDamaged`."""
        from carrel.search import matching
        from carrel.search.order import BEST

        return self._reading(lambda: matching.search(query, self._open(), limit, order or BEST))

    def suggest(self, query: Query) -> tuple[Suggestion, ...]:
        """For what the query asks that no note has, the nearest that there is. Raises `IndexDamaged`."""
        from carrel.search import suggest

        return self._reading(lambda: suggest.suggestions(query, self._open()))

    def facets(self, query: Query, fields: Sequence[str]) -> Facets:
        """How many matches have each value of these fields. Raises `IndexDamaged`."""
        from carrel.search import matching

        return self._reading(lambda: matching.facets(query, self._open(), fields))

    def frequency(self, word: str) -> int:
        """How many documents hold a word of one term. Raises `IndexDamaged`."""
        from carrel.search import matching

        return self._reading(lambda: matching.frequency(word, self._open()))

    def update(
        self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str], onto: str | None = None
    ) -> str:
        """Index and forget, in one commit; the version that makes, "" when another process is writing.

        Raises `IndexDamaged`, and `IndexOvertaken` when there is another version than `onto`.
        """
        try:
            with self._place.locked(wait=False) as mine, _no_search_for_cycles():
                self._writing = mine
                return self._reading(lambda: self._committed(changed, removed, onto)) if mine else ""
        except SourceFailed as failure:
            raise failure.error from None
        except OSError as error:
            raise IndexUnusable(str(self.path), error) from error
        finally:
            self._writing = False

    # --- reading ----------------------------------------------------------------------------------------------

    def _reading(self, ask: Callable[[], _T]) -> _T:
        """What `ask` returns; the index is set aside when it finds damage, whatever that looks like."""
        for attempt in range(_TRIES):
            try:
                return ask()
            except FileNotFoundError as error:
                if self._writing or attempt == _TRIES - 1:
                    self._set_aside(error)
                self._forget()
                sleep(0.01)  # a commit swept the files of the generation that was about to be opened
            except (CarrelError, MemoryError):
                raise
            except OSError as error:
                if self._writing:
                    raise  # the disk is full, or the like
                if isinstance(error, PermissionError):
                    raise IndexUnusable(str(self.path), error) from error
                self._set_aside(error)
            except Exception as error:  # damaged bytes can lead to any exception there is
                self._set_aside(error)
        raise AssertionError("the last try returns or raises")

    def _generation(self) -> int:
        """The newest generation, 0 for none."""
        try:
            found = map(_TOC.fullmatch, os.listdir(self.path))
        except FileNotFoundError:
            return 0
        return max((int(match[1]) for match in found if match), default=0)

    def _current(self) -> Catalogue:
        """The newest generation's catalogue. Raises what reading a damaged one raises."""
        generation = self._generation()
        if not generation:
            return Catalogue()
        place = self._catalogue_file(generation)
        status = place.stat()
        if self._catalogue is not None and _same(self._catalogue[0], status):
            return self._catalogue[1]
        catalogue = Catalogue.from_bytes(place.read_bytes())
        if (
            catalogue.generation != generation
            or zlib.crc32(self._toc_file(generation).read_bytes()) != catalogue.toc.crc
        ):
            raise Damaged(place.name)
        self._place.check_private()
        self._catalogue = status, catalogue
        return catalogue

    def _notes(self) -> SeenNotes:
        """What was seen of all notes."""
        catalogue = self._current()
        if self._seen is None or self._seen[0] is not catalogue:
            name, crc = catalogue.notes
            data = (self.path / name).read_bytes() if name else b""
            self._seen = catalogue, unpack_notes(data, crc, catalogue.recent)
        return self._seen[1]

    def _open(self) -> IndexReader:
        from carrel.search.whoosh_postings import IndexReader

        catalogue = self._current()
        if self._reader is None or self._reader[0] != catalogue.toc:  # an index made anew counts from 1 again
            self._reader = catalogue.toc, IndexReader(self.path, catalogue)
        return self._reader[1]

    def _forget(self) -> None:
        self._reader = self._catalogue = self._seen = None

    def _set_aside(self, error: Exception) -> NoReturn:
        self._forget()
        self._place.set_aside(error, locked=self._writing)

    # --- writing ----------------------------------------------------------------------------------------------

    def _committed(
        self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str], onto: str | None
    ) -> str:
        """A commit that leaves nothing when it fails: on a full disk the notes need the room. The version it makes."""
        if onto not in (None, _version(self._current())):
            raise IndexOvertaken
        try:
            self._commit(changed, removed)
            return _version(self._current())
        except BaseException:
            with suppress(Exception):  # the failure matters, and the next commit sweeps too
                self._sweep(self._current())
            raise

    def _commit(self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str]) -> None:
        from carrel.search.whoosh_batch import Batch

        self._place.make()
        old = self._current()
        batch = Batch(self.path, old, self._open)
        batch.take(changed)
        for path in removed:
            batch.remove(path)
        new_one = old._replace(recent=batch.recent)
        if len(batch.recent) > _RECENT:
            new_one = self._written_down(new_one)
        if batch.touched:
            self._publish(new_one._replace(generation=old.generation + 1, segments=batch.finish()))
        elif not old.generation:
            self._publish(new_one._replace(generation=1))
        elif batch.recent != old.recent:
            self._write(new_one)

    def _written_down(self, catalogue: Catalogue) -> Catalogue:
        """A catalogue whose recent changes are in a new file of all notes."""
        known: dict[str, Known] = {path: (*seen.stamp, seen.digest) for path, seen in self._notes().items()}
        contents = pack_notes({**known, **catalogue.recent})
        name = f"notes_{os.urandom(8).hex()}"
        (self.path / name).write_bytes(contents)
        return catalogue._replace(notes=Checked(name, zlib.crc32(contents)), recent={})

    def _publish(self, catalogue: Catalogue) -> None:
        from carrel.search.whoosh_toc import toc

        generation = catalogue.generation
        contents = toc(INDEX_NAME, generation, catalogue.segments)
        unnamed = self.path / f"_{INDEX_NAME}_{generation}.new"
        unnamed.write_bytes(contents)
        catalogue = catalogue._replace(toc=Checked(self._toc_file(generation).name, zlib.crc32(contents)))
        self._write(catalogue)
        unnamed.replace(self._toc_file(generation))  # from here on it is the index
        self._sweep(catalogue)

    def _sweep(self, catalogue: Catalogue) -> None:
        """Delete what no longer belongs to the index."""
        kept = {catalogue.toc.name, catalogue.notes.name, self._catalogue_file(catalogue.generation).name}
        kept.update(name for segment in catalogue.segments for name in segment.files)
        for name in os.listdir(self.path):
            if name not in kept:
                with suppress(OSError):  # the next commit sweeps it
                    (self.path / name).unlink()

    def _write(self, catalogue: Catalogue) -> None:
        """Put a catalogue into the place of its generation's."""
        place = self._catalogue_file(catalogue.generation)
        unnamed = place.with_name(f"{place.name}.new")
        unnamed.write_bytes(catalogue.to_bytes())
        status = unnamed.stat()
        unnamed.replace(place)
        self._catalogue = status, catalogue  # which spares reading it back

    def _toc_file(self, generation: int) -> Path:
        return self.path / f"_{INDEX_NAME}_{generation}.toc"

    def _catalogue_file(self, generation: int) -> Path:
        return self.path / f"catalogue_{generation}"


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Pause the garbage collector: what a commit gathers has no cycles, and walking it again and again costs 5 %."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _version(catalogue: Catalogue) -> str:
    return f"{catalogue.toc.name} {catalogue.toc.crc}"


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_ino, one.st_mtime_ns, one.st_size) == (other.st_ino, other.st_mtime_ns, other.st_size)
