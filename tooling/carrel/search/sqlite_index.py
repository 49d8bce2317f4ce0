"""The index in FTS5, the full-text engine of the SQLite that comes with Python: a second opinion, and a safe harbour.

One file. A commit is a transaction, readers see the state before it meanwhile (a write-ahead log), and each call opens
and closes the file, so that threads and processes share nothing. SQLite looks at the structure of what it reads, not
at every bit. FTS5 gets our terms with blanks between them, which its `ascii` tokenizer takes as they are; it keeps no
copy but wants them back to forget them, so `documents` has them packed.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from carrel.errors import CarrelError
from carrel.search import catalogue
from carrel.search.analysis import terms
from carrel.search.documents import Document, documents
from carrel.search.fields import WHOLE
from carrel.search.index import IndexDamaged, IndexUnusable
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import BEST
from carrel.search.place import Damaged, Place, SourceFailed
from carrel.search.sqlite_query import GAP, STAMP, Reader, raw

if TYPE_CHECKING:
    from carrel.search.index import Facets, Findable, Match, Seen, Suggestion
    from carrel.search.order import Order
    from carrel.search.tree import Query

_T = TypeVar("_T")

#: Changes with these tables, and with what is in them, which is as in the other engine.
FORMAT = 1000 + catalogue.FORMAT
_TABLES = """
create table seen (path primary key, stamp, digest) without rowid;
create table documents (id integer primary key, path, line, anchor, day, packed);
create index documents_of on documents (path);
create index documents_by on documents (day);
create virtual table prose using fts5 (title, text, content = '', tokenize = 'ascii');
create virtual table places using fts5vocab (prose, instance);
create table words (form primary key, documents) without rowid;
create table held (value, document, places, primary key (value, document)) without rowid"""


class SqliteIndex:
    """The index in the folder `path`, which need not exist. Beside it are its lock and at most one damaged copy.

    Every method raises `IndexUnusable` where the operating system lets there be no index.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = Place(path)

    def seen(self) -> Mapping[str, Seen]:
        """What is indexed now, by path. A damaged index holds nothing."""
        try:
            return self._reading(lambda index: index.seen())
        except IndexDamaged:
            return {}

    def search(self, query: Query, limit: int | None, order: Order = BEST) -> tuple[list[Match], int]:
        """The first `limit` matches (all for None), and how many there are in all. Raises `IndexDamaged`."""
        return self._reading(lambda index: index.search(query, limit, order))

    def suggest(self, query: Query) -> tuple[Suggestion, ...]:
        """For what the query asks that no note has, the nearest that there is. Raises `IndexDamaged`."""
        return self._reading(lambda index: index.suggest(query))

    def facets(self, query: Query, fields: Sequence[str]) -> Facets:
        """How many matches have each value (folded) of these fields. Raises `IndexDamaged`."""
        return self._reading(lambda index: index.facets(query, fields))

    def frequency(self, word: str) -> int:
        """How many documents hold a word of one term, in any of its forms. Raises `IndexDamaged`."""
        return self._reading(lambda index: index.frequency(word))

    def update(self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str]) -> bool:
        """Index and forget, in one commit. False when another process is writing. Raises `IndexDamaged`."""
        try:
            return self._guarded(lambda: self._commit(changed, removed))
        except SourceFailed as failure:
            raise failure.error from None

    def _reading(self, ask: Callable[[Reader | MemoryIndex], _T]) -> _T:
        """What `ask` finds in one state of the index; where there is none yet, in an empty one."""

        def work() -> _T:
            with self._opened() as db:
                db.execute("begin")
                return ask(Reader(db) if _is_made(db) else MemoryIndex())

        try:
            os.stat(self.path / "index.db")  # noqa: PTH116  # unlike `exists` it tells a refusal from an absence
        except FileNotFoundError:
            return ask(MemoryIndex())
        except OSError:
            pass  # it will be met again
        return self._guarded(work)

    def _commit(self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str]) -> bool:
        self._place.make()
        with self._opened() as db:
            db.execute("pragma journal_mode = wal")
            db.execute("pragma busy_timeout = 100")  # milliseconds: who writes needs longer, who only closes less
            try:
                db.execute("begin immediate")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    return False
                raise
            if not _is_made(db):
                for statement in (*_TABLES.split(";"), f"pragma user_version = {FORMAT}"):
                    db.execute(statement)
            writer = _Writer(db)
            for path, seen, new in _told(changed):
                writer.put(path, seen, new)
            for path in removed:
                writer.remove(path)
            writer.finish()
            db.execute("commit")
        return True

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The database; what is not committed at the end is undone.

        It may not be renamed while it is open, SQLite would take the next one's log for its own: hence the lock.
        """
        with self._place.locked(shared=True):
            self._place.check_private()
            with closing(sqlite3.connect(self.path / "index.db", isolation_level=None)) as db:
                db.execute("pragma synchronous = normal")  # a power cut costs the last commits, not the file
                yield db

    def _guarded(self, work: Callable[[], _T]) -> _T:
        """What `work` returns; the index is set aside when it finds damage, whatever that looks like."""
        try:
            return work()
        except (CarrelError, MemoryError):
            raise
        except sqlite3.OperationalError as error:
            if "no such module" in str(error):
                hint = "`carrel config search.engine whoosh` chooses the engine that does without"
                raise CarrelError("the SQLite of this Python has no full-text engine (FTS5)", hint) from error
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)  # Python's own have none
            if code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_IOERR_SHORT_READ):
                self._place.set_aside(error)
            raise IndexUnusable(str(self.path), OSError(str(error))) from error
        except (NotADirectoryError, FileExistsError) as error:
            self._place.set_aside(error)
        except OSError as error:
            raise IndexUnusable(str(self.path), error) from error
        except Exception as error:  # damaged bytes can lead to any exception there is
            self._place.set_aside(error)


class _Writer:
    """A commit in the making."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._stems = _Stems()
        self._forms: Counter[bytes] = Counter()  # words with their stems, and in how many documents more they are

    def put(self, path: str, seen: Seen, new: list[Document] | None) -> None:
        """Index a note's documents in place of those that were indexed of it; for None, only what was seen of it."""
        if new is not None:
            self._forget(raw(path))
            for document in new:
                self._add(document)
        self._db.execute("replace into seen values (?, ?, ?)", (raw(path), STAMP.pack(*seen.stamp), seen.digest))

    def remove(self, path: str) -> None:
        """Forget a note."""
        self._forget(raw(path))
        self._db.execute("delete from seen where path = ?", (raw(path),))

    def finish(self) -> None:
        """Count the words that came and went."""
        count = "insert into words values (?, ?) on conflict do update set documents = documents + excluded.documents"
        self._db.executemany(count, self._forms.items())
        gone = [(form,) for form, change in self._forms.items() if change < 0]
        self._db.executemany("delete from words where form = ? and documents < 1", gone)

    def _add(self, document: Document) -> None:
        prose, forms = self._read([document.title], document.passages)
        packed = zlib.compress(json.dumps((document.title, document.passages, list(document.values))).encode(), 1)
        row = raw(document.path), document.line, raw(document.anchor), document.day, packed
        number = self._db.execute("insert into documents values (null, ?, ?, ?, ?, ?)", row).lastrowid
        self._db.execute("insert into prose (rowid, title, text) values (?, ?, ?)", (number, *prose))
        held = [(number, *_kept(value, places)) for value, places in document.values.items()]
        self._db.executemany("insert into held (document, value, places) values (?, ?, ?)", held)
        self._forms.update(forms)

    def _forget(self, path: bytes) -> None:
        old = self._db.execute("select id, packed from documents where path = ?", (path,)).fetchall()
        for number, packed in old:
            title, passages, values = json.loads(zlib.decompress(packed))
            prose, forms = self._read([title], passages)
            forget = "insert into prose (prose, rowid, title, text) values ('delete', ?, ?, ?)"
            self._db.execute(forget, (number, *prose))
            held = [(raw(value), number) for value in values]
            self._db.executemany("delete from held where value = ? and document = ?", held)
            self._db.execute("delete from documents where id = ?", (number,))
            self._forms.subtract(forms)

    def _read(self, *fields: Sequence[str]) -> tuple[list[str], set[bytes]]:
        """The stems of the passages of each field, and the words with their stems of all."""
        prose: list[str] = []
        met: set[str] = set()
        for passages in fields:
            chunks = [passage.split() for passage in passages]
            prose.append(GAP.join([" ".join(map(self._stems.__getitem__, some)) for some in chunks]))
            met.update(*chunks)
        return prose, set().union(*map(self._stems.forms.__getitem__, met))


class _Stems(dict[str, str]):
    """The stems of each string between blanks, which no word crosses; and its words with their stems, as `forms`."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, list[bytes]] = {}

    def __missing__(self, chunk: str) -> str:
        found = terms(chunk)
        self.forms[chunk] = [raw(f"{term.surface}{WHOLE}{term.stem}") for term in found]
        self[chunk] = stems = " ".join([term.stem for term in found])
        return stems


@lru_cache(maxsize=20_000)
def _kept(value: str, places: Sequence[int]) -> tuple[bytes, str]:
    return raw(value), " ".join(map(str, places))


def _told(changed: Iterable[tuple[str, Seen, Findable | None]]) -> Iterator[tuple[str, Seen, list[Document] | None]]:
    try:
        for path, seen, note in changed:
            yield path, seen, None if note is None else list(documents(note))
    except Exception as error:
        raise SourceFailed(error) from error


def _is_made(db: sqlite3.Connection) -> bool:
    """Whether the file holds an index; a process may have been killed before its first commit."""
    ((version,),) = db.execute("pragma user_version")
    if version not in (0, FORMAT):
        raise Damaged("of another format")
    return bool(version or list(db.execute("select 1 from sqlite_schema limit 1")))
