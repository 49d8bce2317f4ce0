"""The index in FTS5, the full-text engine of the SQLite that comes with Python: a second opinion, and a safe harbour.

One file, opened and closed by each call. Readers see the state before a commit meanwhile (a write-ahead log). Before
the first answer all of it is read and held against its last commit's checksum.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.note import Stamp
from carrel.errors import CarrelError
from carrel.search import tree
from carrel.search.analysis import terms
from carrel.search.fields import PAGE, field_name
from carrel.search.index import Facets, IndexDamaged, IndexOvertaken, Match, Seen, Suggestion
from carrel.search.index_folder import Damaged, Place, told
from carrel.search.order import BEST, Order, beyond_the_best, ordered
from carrel.search.sqlite_reader import SqliteReader
from carrel.search.sqlite_tables import FORMAT, TABLES, Writer, checksum
from carrel.search.suggest import suggestions

if TYPE_CHECKING:
    from carrel.search.index import Findable

_HINT = "`carrel config search.engine whoosh` chooses the engine that does without"


class SqliteIndex:
    """The index in the folder `path`, as `Place` has it. All methods raise `IndexUnusable` where there can be none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._whole: object = None  # what was last seen to be as it was written
        self._writing = ""  # the version that a commit in the making is to replace: no other can be made meanwhile

    def version(self) -> str:
        """A name of what is answered now: the checksum."""
        if self._writing:
            return self._writing  # the lock is held: to wait for it, should there be damage, would be for ever
        with suppress(IndexDamaged), self._opened() as db:
            return str(*db.execute("pragma application_id").fetchone())
        return ""

    def seen(self) -> Mapping[str, Seen]:
        """What is indexed now, by path. A damaged index holds nothing."""
        with suppress(IndexDamaged), self._opened() as db:
            rows = db.execute("select cast(path as text), stamp, digest from seen")
            return {path: Seen(Stamp(*json.loads(stamp)), digest) for path, stamp, digest in rows}
        return {}

    def search(self, query: tree.Query, limit: int | None, order: Order = BEST) -> tuple[list[Match], int]:
        """The first `limit` matches (all for None), and how many there are in all. Raises `IndexDamaged`."""
        with self._opened() as db:
            found = (reader := SqliteReader(db)).run(query)
            pages = found & reader.spans(PAGE).keys()
            if pages and not tree.asks_for_pages(query):
                found -= beyond_the_best(pages, reader.scores, reader)
            return ordered({one: reader.scores[one] for one in found}, pages, reader, limit, order), len(found)

    def suggest(self, query: tree.Query) -> tuple[Suggestion, ...]:
        """For what the query asks that no note has, the nearest that there is. Raises `IndexDamaged`."""
        with self._opened() as db:
            return suggestions(query, SqliteReader(db))  # type: ignore[arg-type]  # it has what of `Postings` is asked

    def facets(self, query: tree.Query, fields: Sequence[str]) -> Facets:
        """How many matches have each value (folded) of these fields. Raises `IndexDamaged`."""
        with self._opened() as db:
            found = (reader := SqliteReader(db)).run(query)
            values = {one: reader.valued(field_name(one)) for one in fields}
            return {one: {value: len(of & found) for value, of in values[one] if of & found} for one in fields}

    def frequency(self, word: str) -> int:
        """How many documents hold a word of one term, in any of its forms. Raises `IndexDamaged`."""
        with self._opened() as db:
            return len(SqliteReader(db).counts("text", terms(word)[0].stem))

    def update(
        self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str], onto: str | None = None
    ) -> str:
        """Index and forget, in one commit; the version that makes, "" when another process is writing.

        Raises `IndexDamaged`, and `IndexOvertaken` when there is another version than `onto`.
        """
        with self._opened("") as db:
            db.execute("pragma busy_timeout = 100")  # milliseconds: who writes needs longer, who only closes less
            try:
                db.execute("begin immediate")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                return ""
            self._check(db)
            self._writing = str(*db.execute("pragma application_id").fetchone())
            try:
                if onto not in (None, self._writing):
                    raise IndexOvertaken
                writer = Writer(db)
                for path, seen, documents in told(changed):
                    if documents is not None:
                        writer.index(path, documents)
                    writer.see(path, seen)
                for path in removed:
                    writer.forget(path)
                return str(writer.commit())
            finally:
                self._writing = ""

    def _check(self, db: sqlite3.Connection) -> None:
        """Raise `Damaged` when what the transaction sees is not as it was written. The same file is read once."""
        ((written,),) = db.execute("pragma application_id")
        file = (self.path / "index.db").stat()
        state = written, file.st_ino, file.st_size, file.st_mtime_ns
        if state != self._whole and written != checksum(db):
            raise Damaged("not as it was written")
        self._whole = state

    @contextmanager
    def _opened(self, begin: str = "begin") -> Iterator[sqlite3.Connection]:
        """The database in one state; what is not committed at the end is undone."""
        if not hasattr(sqlite3.Connection, "serialize"):
            raise CarrelError("the SQLite of this Python is too old, or lacks a part (sqlite3_serialize)", _HINT)
        with Place(self.path).entered():
            try:
                with closing(sqlite3.connect(self.path / "index.db", isolation_level=None)) as db:
                    db.text_factory = methodcaller("decode", "utf-8", "surrogatepass")
                    db.execute("pragma synchronous = normal")  # a power cut costs the last commits, not the file
                    ((version,),) = db.execute("pragma user_version")
                    if not version:  # a new file, or that of a process that was killed
                        db.execute("pragma journal_mode = wal")
                        db.execute("begin immediate")
                        if db.execute("pragma user_version").fetchone() == (0,):  # nobody else has made them meanwhile
                            for statement in (*TABLES.split(";"), f"pragma user_version = {FORMAT}"):
                                db.execute(statement)
                            Writer(db).commit()
                        db.rollback()
                    elif version != FORMAT:
                        raise Damaged("of another format")
                    if begin:
                        db.execute(begin)
                        self._check(db)
                    yield db
            except sqlite3.OperationalError as error:
                if "no such module" in str(error):
                    raise CarrelError("the SQLite of this Python has no full-text engine (FTS5)", _HINT) from error
                if getattr(error, "sqlite_errorcode", 1) in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_IOERR_SHORT_READ):
                    raise  # a sign of damage, as an error of Python's own is, which has no code
                raise OSError(str(error)) from error
