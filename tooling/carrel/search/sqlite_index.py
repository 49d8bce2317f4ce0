"""The index in FTS5, the full-text engine of the SQLite that comes with Python: a second opinion, and a safe harbour.

One file, opened and closed by each call. Readers see the state before a commit meanwhile (a write-ahead log). SQLite
looks at the structure of what it reads: a flipped bit may go unnoticed. The walk is not that of `matching.py`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from math import log1p
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.note import Stamp
from carrel.errors import CarrelError
from carrel.search import catalogue, tree
from carrel.search.analysis import fold, terms
from carrel.search.fields import MAX_VALUE, NAMES, PAGE, PART, WHOLE, WORD, field_name
from carrel.search.fuzzy import within
from carrel.search.index import Facets, IndexDamaged, Match, Seen, Suggestion
from carrel.search.order import BEST, Order, beyond_the_best, ordered
from carrel.search.place import Damaged, Place, told
from carrel.search.stem import stem
from carrel.search.suggest import suggestions
from carrel.search.values import between, comparison, during

if TYPE_CHECKING:
    from carrel.search.documents import Document
    from carrel.search.index import Findable

#: Changes with these tables, and with what is in them, which is as in the other engine.
FORMAT = 2000 + catalogue.FORMAT
#: FTS5 gets stems and words with blanks between them, which its `ascii` tokenizer takes as they are.
_TABLES = """
create table if not exists seen (path primary key, stamp, digest) without rowid;
create table if not exists documents (id integer primary key, path, line, anchor, day, length);
create index if not exists documents_of on documents (path);
create table if not exists held (value, document, first, behind, primary key (value, document, first)) without rowid;
create index if not exists held_of on held (document);
create virtual table if not exists prose using fts5 (text, words, tokenize = 'ascii');
create virtual table if not exists vocabulary using fts5vocab (prose, col);
create trigger if not exists forget after delete on documents begin
    delete from prose where rowid = old.id;
    delete from held where document = old.id;
end"""
_TEXTS = "select rowid, text from prose where rowid in (select value from json_each(?))"
_VALUES = "select cast(value as text), json_group_array(document) from held where value >= ? and value < ? group by 1"
_WORDS = "select term from vocabulary where col = 'words' and term >= ? and term < ?"
#: The value that has the title's place; that of a page of a PDF, `PAGE`, has the whole page's.
_TITLE = f"title{WORD}{WHOLE}"
#: Texts as they are kept: SQLite takes no half of a surrogate pair, and file names may hold one.
_raw = methodcaller("encode", "utf-8", "surrogatepass")
_Spans = dict[int, list[tuple[int, int]]]


class SqliteIndex:
    """The index in the folder `path`, as `Place` has it. All methods raise `IndexUnusable` where there can be none."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def version(self) -> str:
        """A name of what is answered now: SQLite keeps a number for its user, which each commit draws anew."""
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
            for path, seen, documents in told(changed):
                if documents is not None:
                    db.execute("delete from documents where path = ?", (_raw(path),))
                for document in documents or ():
                    _add(db, document)
                db.execute("replace into seen values (?, ?, ?)", (_raw(path), json.dumps(seen.stamp), seen.digest))
            for table in ("documents", "seen"):
                db.executemany(f"delete from {table} where path = ?", [(_raw(path),) for path in removed])
            db.execute(f"pragma application_id = {int.from_bytes(os.urandom(4), signed=True)}")
            db.execute("commit")
        return True

    @contextmanager
    def _opened(self, begin: str = "begin") -> Iterator[sqlite3.Connection]:
        """The database in one state; what is not committed at the end is undone."""
        with Place(self.path).entered():
            try:
                with closing(sqlite3.connect(self.path / "index.db", isolation_level=None)) as db:
                    db.text_factory = methodcaller("decode", "utf-8", "surrogatepass")
                    db.execute("pragma synchronous = normal")  # a power cut costs the last commits, not the file
                    ((version,),) = db.execute("pragma user_version")
                    if not version:  # a new file, or that of a process that was killed
                        db.execute("pragma journal_mode = wal")
                        db.executescript(f"begin immediate; {_TABLES}; pragma user_version = {FORMAT}; commit")
                    elif version != FORMAT:
                        raise Damaged("of another format")
                    db.execute(begin)
                    yield db
            except sqlite3.OperationalError as error:
                if "no such module" in str(error):
                    hint = "`carrel config search.engine whoosh` chooses the engine that does without"
                    raise CarrelError("the SQLite of this Python has no full-text engine (FTS5)", hint) from error
                if getattr(error, "sqlite_errorcode", 1) in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_IOERR_SHORT_READ):
                    raise  # a sign of damage, as an error of Python's own is, which has no code
                raise OSError(str(error)) from error


def _add(db: sqlite3.Connection, document: Document) -> None:
    """Index a document: its text, and behind it the title, so counted twice; between passages what is no word."""
    passages = [terms(passage) for passage in (*document.passages, document.title)]
    prose = " \ue000 ".join([" ".join([term.stem for term in some]) for some in passages])
    words, length = " ".join({term.surface for some in passages for term in some}), len(prose.split())
    row = _raw(document.path), document.line, _raw(document.anchor), document.day, length
    number = db.execute("insert into documents values (null, ?, ?, ?, ?, ?)", row).lastrowid
    db.execute("insert into prose (rowid, text, words) values (?, ?, ?)", (number, prose, words))
    own = {PAGE: (0, length)} if PAGE in document.values else {_TITLE: (length - len(passages[-1]), length)}
    for value, at in {**document.values, **own}.items():
        first, behind = (at[::2], at[1::2]) if value in own or value.startswith(PART) else (at, at)
        rows = [(_raw(value), number, *span) for span in zip(first, behind, strict=True)]
        db.executemany("insert into held values (?, ?, ?, ?)", rows)


class _Reader:
    """One state of the index, asked. `order.py` and `suggest.py` want of it what `matching.Postings` says."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._days: dict[int, int] = dict(db.execute("select id, day from documents"))
        self.scores: defaultdict[int, float] = defaultdict(float)  # of all words that were asked

    def days(self) -> Sequence[int]:
        return [self._days.get(document, 0) for document in range(max(self._days, default=0) + 1)]

    def unit(self, document: int) -> tuple[str, int, str]:
        row = "select cast(path as text), line, cast(anchor as text) from documents where id = ?"
        return self._db.execute(row, (document,)).fetchone()  # type: ignore[no-any-return]

    def valued(self, field: str, mark: str = WHOLE) -> Iterator[tuple[str, set[int]]]:
        rows = self._db.execute(_VALUES, (_raw(field + mark), _raw(field + mark) + b"\xff"))
        return ((value[len(field + mark) :], set(json.loads(of))) for value, of in rows)

    def terms(self, field: str, start: str) -> Iterator[str]:
        if field == "words":
            rows = self._db.execute(_WORDS, (start, start + "\U0010ffff"))
            return (f"{word}{WHOLE}{stem(word)}" for (word,) in rows if start)
        return (start + value for value, _ in self.valued(start, ""))

    def counts(self, field: str, term: str) -> dict[int, float]:
        if field == "values":
            return dict.fromkeys(self.spans(term), 1.0)
        return dict(self._db.execute("select rowid, 1.0 from prose where prose match ?", (f'text: "{term}"',)))

    def places(self, field: str, term: str, documents: object) -> dict[int, list[int]]:
        return {document: [first for first, _ in spans] for document, spans in self.spans(term).items()}

    def spans(self, *values: str) -> _Spans:
        """Where any of these values stand in each document: from the first word to behind the last."""
        found: _Spans = defaultdict(list)
        for value in values:
            rows = self._db.execute("select document, first, behind from held where value = ?", (_raw(value),))
            for document, first, behind in rows:
                found[document].append((first, behind))
        return found

    def run(self, query: tree.Query, *scopes: _Spans) -> set[int]:
        """The documents that match, with their words in each of the scopes."""
        match query:
            case tree.Everything():
                return set(self._days)
            case tree.Word() | tree.Phrase() | tree.Prefix() | tree.Fuzzy():
                return self._text(query, scopes)
            case tree.Field(name, test) if isinstance(test, tree.Text) and field_name(name) == "title":
                return self._text(test, [self.spans(_TITLE)])
            case tree.Field(name, test):
                return self._field(field_name(name), test)
            case tree.InPdf():
                return set(self.spans(PAGE))
            case tree.Within(parts, inner):
                own = [value for part, value in (("title", _TITLE), ("pdf", PAGE)) if part in parts]
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
                return set(self._days).intersection(*[self.run(one, *scopes) for one in queries])
            case tree.Or(queries):
                return set().union(*[self.run(one, *scopes) for one in queries])

    def _text(self, query: tree.Text, scopes: Sequence[_Spans]) -> set[int]:
        """The documents with these words side by side in each scope, worth BM25: FTS5's gives common words 0."""
        *before, last = [term.surface for term in terms(query.text)] or [""]
        start, sign = [stem(word) for word in before], not before and len(last) == 1 and last >= "\u0e00"
        forms = (form.split(WHOLE) for form in self.terms("words", last[:1]))
        match query:
            case tree.Fuzzy(_, distance):
                ends = {end for word, end in forms if within(word, last, distance)}
            case tree.Word() | tree.Phrase() if not sign or isinstance(query, tree.Phrase):
                ends = {stem(last)} if last else set()
            case _:  # for a sign of a script that is cut into pairs, too
                ends = {end for word, end in forms if word.startswith(last)}
        holding = {one for end in ends for one in self.counts("text", " ".join([*start, end]))}.intersection(*scopes)
        found, size = {}, len(start)
        for document, prose in self._db.execute(_TEXTS, (json.dumps([*holding]),)):
            stems = prose.split()
            places = [at - size for at, end in enumerate(stems) if end in ends and stems[at - size : at] == start]
            for spans in [scope[document] for scope in scopes]:
                places = [at for at in places if any(first <= at and at + size < behind for first, behind in spans)]
            if places:
                found[document] = len(places), len(stems)
        rarity = log1p((len(self._days) - len(found) + 0.5) / (len(found) + 0.5))
        ((average,),) = self._db.execute("select avg(length) from documents")
        for document, (count, length) in found.items():
            self.scores[document] += rarity * 2.2 * count / (count + 0.3 + 0.9 * length / average)
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
