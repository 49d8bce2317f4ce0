"""The index in FTS5, the full-text engine of the SQLite that comes with Python: a second opinion, and a safe harbour.

One file, opened and closed by each call. Readers see the state before a commit meanwhile (a write-ahead log). Before
the first answer all of it is read and held against its last commit's checksum. The walk is not that of `matching.py`.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.note import Stamp
from carrel.errors import CarrelError
from carrel.search import tree
from carrel.search.analysis import fold, terms
from carrel.search.fields import MAX_VALUE, NAMES, PAGE, PART, WHOLE, WORD, field_name
from carrel.search.fuzzy import within
from carrel.search.index import Facets, IndexDamaged, Match, Seen, Suggestion
from carrel.search.index_folder import Damaged, Place, told
from carrel.search.order import BEST, Order, beyond_the_best, ordered
from carrel.search.ranking import K1, B, rarity, said
from carrel.search.sqlite_tables import FORMAT, TABLES, TITLE, Writer, checksum, raw
from carrel.search.stem import stem
from carrel.search.suggest import suggestions
from carrel.search.values import between, comparison, during

if TYPE_CHECKING:
    from carrel.search.index import Findable

_HINT = "`carrel config search.engine whoosh` chooses the engine that does without"
_VALUES = """
select cast(value as text), json_group_array(document) from names join held on name = id where value >= ? and value < ?
group by value"""
_NAMES = "select cast(value as text) from names where value >= ? and value < ?"
_FORMS = "select word || ? || stem from forms where word >= ? and word < ?"
_SPANS = "select document, first, behind from held where name = (select id from names where value = ?)"
_Spans = dict[int, list[tuple[int, int]]]
_Places = dict[int, set[int]]


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
            found = (reader := _Reader(db)).run(query)
            pages = found & reader.spans(PAGE).keys()
            if pages and not tree.asks_for_pages(query):
                found -= beyond_the_best(pages, reader.scores, reader)
            return ordered({one: reader.scores[one] for one in found}, pages, reader, limit, order), len(found)

    def suggest(self, query: tree.Query) -> tuple[Suggestion, ...]:
        """For what the query asks that no note has, the nearest that there is. Raises `IndexDamaged`."""
        with self._opened() as db:
            return suggestions(query, _Reader(db))  # type: ignore[arg-type]  # it has what of `Postings` is asked

    def facets(self, query: tree.Query, fields: Sequence[str]) -> Facets:
        """How many matches have each value (folded) of these fields. Raises `IndexDamaged`."""
        with self._opened() as db:
            found, values = _Reader(db).run(query), {one: _Reader(db).valued(field_name(one)) for one in fields}
            return {one: {value: len(of & found) for value, of in values[one] if of & found} for one in fields}

    def frequency(self, word: str) -> int:
        """How many documents hold a word of one term, in any of its forms. Raises `IndexDamaged`."""
        with self._opened() as db:
            return len(_Reader(db).counts("text", terms(word)[0].stem))

    def update(self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str]) -> bool:
        """Index and forget, in one commit. False when another process is writing. Raises `IndexDamaged`."""
        with self._opened("") as db:
            db.execute("pragma busy_timeout = 100")  # milliseconds: who writes needs longer, who only closes less
            try:
                db.execute("begin immediate")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                return False
            self._check(db)
            self._writing = str(*db.execute("pragma application_id").fetchone())
            try:
                writer = Writer(db)
                for path, seen, documents in told(changed):
                    if documents is not None:
                        writer.index(path, documents)
                    writer.see(path, seen)
                for path in removed:
                    writer.forget(path)
                writer.commit()
            finally:
                self._writing = ""
        return True

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


class _Reader:
    """One state of the index, asked. `order.py` and `suggest.py` want of it what `matching.Postings` says."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        rows = db.execute("select id, day, length from documents").fetchall()
        self._days = {document: day for document, day, _ in rows}
        self._lengths = {document: length for document, _, length in rows}
        self.scores: defaultdict[int, float] = defaultdict(float)  # of all words that were asked
        self._weight = 1.0  # what those count that are looked for now

    def days(self) -> Sequence[int]:
        return [self._days.get(document, 0) for document in range(max(self._days, default=0) + 1)]

    def unit(self, document: int) -> tuple[str, int, str]:
        row = "select cast(path as text), line, cast(anchor as text) from documents where id = ?"
        return self._db.execute(row, (document,)).fetchone()  # type: ignore[no-any-return]

    def valued(self, field: str, mark: str = WHOLE) -> Iterator[tuple[str, set[int]]]:
        rows = self._db.execute(_VALUES, (raw(field + mark), raw(field + mark) + b"\xff"))
        return ((value[len(field + mark) :], set(json.loads(of))) for value, of in rows)

    def terms(self, field: str, start: str) -> Iterator[str]:
        if field == "words":
            rows = self._db.execute(_FORMS, (WHOLE, start, start + "\U0010ffff"))
        else:
            rows = self._db.execute(_NAMES, (raw(start), raw(start) + b"\xff"))
        return (term for (term,) in rows)

    def counts(self, field: str, term: str) -> dict[int, float]:
        return dict.fromkeys(self.spans(term) if field == "values" else self._stems(term), 1.0)

    def places(self, field: str, term: str, documents: object) -> dict[int, list[int]]:
        return {document: [first for first, _ in spans] for document, spans in self.spans(term).items()}

    def spans(self, *values: str) -> _Spans:
        """Where any of these values stand in each document: from the first word to behind the last."""
        found: _Spans = defaultdict(list)
        for value in values:
            for document, first, behind in self._db.execute(_SPANS, (raw(value),)):
                found[document].append((first, behind))
        return found

    def _stems(self, *stems: str) -> _Places:
        """Where any of these stems stand in each document."""
        found: _Places = defaultdict(set)
        for one in stems:
            for document, at in self._db.execute("select doc, offset from places where term = ?", (one,)):
                found[document].add(at)
        return found

    def run(self, query: tree.Query, *scopes: _Spans) -> set[int]:
        """The documents that match, with their words in each of the scopes."""
        match query:
            case tree.Everything():
                return set(self._days)
            case tree.Word() | tree.Phrase() | tree.Prefix() | tree.Fuzzy():
                return self._text(query, scopes)
            case tree.Field(name, test) if isinstance(test, tree.Text) and field_name(name) == "title":
                return self._text(test, [self.spans(TITLE)])
            case tree.Field(name, test):
                return self._field(field_name(name), test)
            case tree.InPdf():
                return set(self.spans(PAGE))
            case tree.Within(parts, inner):
                own = [value for part, value in (("title", TITLE), ("pdf", PAGE)) if part in parts]
                scope = self.spans(*own, *map(PART.__add__, parts))
                return self.run(inner, *scopes, scope) & scope.keys()
            case tree.Orphan():  # which no other names: by path, title, alias or citation key
                linked = dict(self.valued("links"))
                named = [(path.removesuffix(".md").rpartition("/")[2], of) for path, of in self.valued("path")]
                named += [pair for field in ("title", "alias", "citekey") for pair in self.valued(field)]
                pointed = {one for name, of in named for one in of if linked.get(name, set()) - {one}}
                return self._days.keys() - pointed - self.spans(PAGE, f"kind{WHOLE}log").keys()
            case tree.Dated(first, last):
                return {one for one, day in self._days.items() if first.toordinal() <= day <= last.toordinal()}
            case tree.Not(inner):
                return self._days.keys() - _Reader(self._db).run(inner, *scopes)
            case tree.And(queries):
                return set(self._days).intersection(*self._each(queries, scopes))
            case tree.Or(queries):
                return set().union(*self._each(queries, scopes))

    def _each(self, queries: Sequence[tree.Query], scopes: Sequence[_Spans]) -> Iterator[set[int]]:
        """What matches each of these queries, whose words count as `ranking.py` has it."""
        outer = self._weight
        for query, weight in said(queries):
            self._weight = outer * weight
            yield self.run(query, *scopes)
        self._weight = outer

    def _text(self, query: tree.Text, scopes: Sequence[_Spans]) -> set[int]:
        """The documents with these words side by side in each scope, worth BM25: FTS5's gives common words 0."""
        *before, last = [term.surface for term in terms(query.text)] or [""]
        start, sign = [stem(word) for word in before], not before and len(last) == 1 and last >= "\u0e00"
        forms = (form.split(WHOLE) for form in self.terms("words", last[:1]) if last)
        match query:
            case tree.Fuzzy(_, distance):
                ends = {end for word, end in forms if within(word, last, distance)}
            case tree.Word() | tree.Phrase() if not sign or isinstance(query, tree.Phrase):
                ends = {stem(last)} if last else set()
            case _:  # for a sign of a script that is cut into pairs, too
                ends = {end for word, end in forms if word.startswith(last)}
        known = {one: self._stems(one) for one in {*start}}
        first, *others = [*(known[one] for one in start), self._stems(*ends)]
        found: dict[int, int] = {}
        for document in first.keys() & set(first).intersection(*others, *scopes):
            places: Collection[int] = first[document]
            for behind, other in enumerate(others, 1):
                places = [at for at in places if at + behind in other[document]]
            for spans in [scope[document] for scope in scopes]:
                places = [at for at in places if any(begin <= at and at + len(start) < end for begin, end in spans)]
            if places:
                found[document] = len(places)
        weight = self._weight * rarity(len(found), len(self._days)) * (K1 + 1)
        average = sum(self._lengths.values()) / max(1, len(self._lengths))
        for document, count in found.items():
            norm = K1 * (1 - B + B * self._lengths[document] / average)
            self.scores[document] += weight * count / (count + norm)
        return set(found)

    def _field(self, name: str, test: tree.Test) -> set[int]:
        """The documents with a value that passes the test."""
        match test:
            case tree.Present():
                return self._having(name, lambda value: True)
            case tree.Compare(operator, bound):
                return self._having(name, comparison(operator, fold(bound)))
            case tree.Between(low, high):
                return self._having(name, between(fold(low), fold(high)))
            case tree.During(first, last, asked):
                return self._having(name, during(first, last)) | self._field(name, tree.Phrase(asked))
            case tree.Prefix(asked):
                return self._having(name, methodcaller("startswith", fold(asked)), WHOLE + WORD)
            case tree.Fuzzy(asked, distance):
                near = fold(asked)
                close = lambda value: value.startswith(near[:1]) and within(value, near, distance)  # noqa: E731
                return self._having(name, close, WHOLE + WORD)
            case tree.Word("pdf") if name == "has":  # and notes of papers of which pages of a PDF are indexed
                pages, said = self.spans(PAGE).keys(), set(self.spans(f"has{WHOLE}pdf"))
                return said.union(*[of - pages for _, of in self.valued("citekey") if of & pages])
            case tree.Word(asked) | tree.Phrase(asked) if name in NAMES:  # whole, or up to a slash
                start = fold(asked)[:MAX_VALUE]
                return self._having(name, lambda value: f"{value}/".startswith(f"{start}/"))
            case tree.Word(asked) | tree.Phrase(asked):  # whole, or its words side by side
                whole = self.spans(f"{name}{WHOLE}{fold(asked)[:MAX_VALUE]}").keys()
                words = [self.spans(f"{name}{WORD}{term.surface}") for term in terms(asked)]
                starts = [{(one, at - n) for one in spans for at, _ in spans[one]} for n, spans in enumerate(words)]
                return whole | {one for one, _ in (set.intersection(*starts) if starts else ())}

    def _having(self, name: str, fits: Callable[[str], bool], marks: str = WHOLE) -> set[int]:
        return {one for mark in marks for value, of in self.valued(name, mark) if fits(value) for one in of}
