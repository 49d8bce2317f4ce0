"""The tables of the index in SQLite: what a commit writes into them, and the checksum that it leaves."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from operator import methodcaller
from typing import TYPE_CHECKING
from zlib import compress, crc32, decompress

from carrel.search import catalogue
from carrel.search.analysis import terms
from carrel.search.fields import PAGE, PART, WHOLE, WORD
from carrel.search.stem import stem

if TYPE_CHECKING:
    from carrel.search.documents import Document
    from carrel.search.index import Seen

#: Changes with these tables, and with what is in them, which is as in the other engine.
FORMAT = 3000 + catalogue.FORMAT
#: FTS5 gets stems with blanks between them, which its `ascii` tokenizer takes as they are, and keeps no text. To take a
#: document out it wants its stems again, so `kept` has the words of each note's documents, and the numbers of their
#: values. No number of a document comes twice, so no state of the file does.
TABLES = """
create table seen (path primary key, stamp, digest) without rowid;
create table documents (id integer primary key autoincrement, path, line, anchor, day, length);
create table kept (path primary key, documents);
create table names (id integer primary key, value unique);
create table held (name integer, document, first, behind, primary key (name, document, first))
without rowid;
create table forms (word primary key, stem, documents) without rowid;
create virtual table prose using fts5 (stems, content = '', columnsize = 0, tokenize = 'ascii');
create virtual table places using fts5vocab (prose, instance)"""
_COUNT = "insert into forms values (?, ?, ?) on conflict do update set documents = documents + excluded.documents"
#: The value that has the title's place; that of a page of a PDF, `PAGE`, has the whole page's.
TITLE = f"title{WORD}{WHOLE}"
#: Stands between passages, and is no word.
_GAP = "\ue000"
#: Texts as they are kept: SQLite takes no half of a surrogate pair, and file names may hold one.
raw = methodcaller("encode", "utf-8", "surrogatepass")


def checksum(db: sqlite3.Connection) -> int:
    """The CRC 32 of all that the transaction sees, but for its place in the head and SQLite's own counts of commits."""
    for statement in ("savepoint written", "release written"):  # makes FTS5 write what it has put off
        db.execute(statement)
    pages, crc = memoryview(db.serialize()), 0
    for part in (pages[:24], pages[28:68], pages[72:92], pages[100:]):
        crc = crc32(part, crc)
    return int.from_bytes(crc.to_bytes(4), signed=True)


class Writer:
    """What one commit changes, in a transaction that has begun."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._forms: Counter[str] = Counter()  # in how many more documents each word is
        self._names: dict[str, int] = {}

    def index(self, path: str, documents: Iterable[Document]) -> None:
        """Put the documents of a note in the place of those it had."""
        self._take_out(path)
        kept = json.dumps([self._add(document) for document in documents])
        self._db.execute("insert into kept values (?, ?)", (raw(path), compress(kept.encode())))

    def see(self, path: str, seen: Seen) -> None:
        """Keep what is known of a file."""
        self._db.execute("replace into seen values (?, ?, ?)", (raw(path), json.dumps(seen.stamp), seen.digest))

    def forget(self, path: str) -> None:
        """Forget a file."""
        self._take_out(path)
        self._db.execute("delete from seen where path = ?", (raw(path),))

    def commit(self) -> int:
        """Write what is left, and with it the checksum, as SQLite's number for its user. Then commit. The checksum."""
        self._db.executemany(_COUNT, [(word, stem(word), count) for word, count in self._forms.items()])
        self._db.executemany("delete from forms where word = ? and not documents", [(word,) for word in self._forms])
        written = checksum(self._db)
        self._db.execute(f"pragma application_id = {written}")
        self._db.execute("commit")
        return written

    def _add(self, document: Document) -> tuple[int | None, str, list[int]]:
        """Index a document: its text, and behind it the title, so counted twice. What is to be kept of it."""
        passages = [[term.surface for term in terms(text)] for text in (*document.passages, document.title)]
        words = f" {_GAP} ".join(map(" ".join, passages)).split()
        length = len(words)
        row = raw(document.path), document.line, raw(document.anchor), document.day, length
        number = self._db.execute("insert into documents values (null, ?, ?, ?, ?, ?)", row).lastrowid
        self._db.execute("insert into prose (rowid, stems) values (?, ?)", (number, " ".join(map(stem, words))))
        self._forms.update({*words} - {_GAP})
        own = {PAGE: (0, length)} if PAGE in document.values else {TITLE: (length - len(passages[-1]), length)}
        rows = []
        for value, at in {**document.values, **own}.items():
            first, behind = (at[::2], at[1::2]) if value in own or value.startswith(PART) else (at, at)
            rows += [(self._name(value), number, *span) for span in zip(first, behind, strict=True)]
        self._db.executemany("insert into held values (?, ?, ?, ?)", rows)
        return number, " ".join(words), sorted({name for name, *_ in rows})

    def _take_out(self, path: str) -> None:
        for (kept,) in self._db.execute("delete from kept where path = ? returning documents", (raw(path),)).fetchall():
            for number, words, names in json.loads(decompress(kept)):
                stems = " ".join(map(stem, words.split()))
                self._db.execute("insert into prose (prose, rowid, stems) values ('delete', ?, ?)", (number, stems))
                self._forms.subtract({*words.split()} - {_GAP})
                held = [(name,) for name in names]
                self._db.executemany(f"delete from held where name = ? and document = {number}", held)
                self._db.executemany("delete from names where id = ? and id not in (select name from held)", held)
                self._db.execute("delete from documents where id = ?", (number,))

    def _name(self, value: str) -> int:
        """The number under which a value is kept."""
        if value not in self._names:
            self._db.execute("insert or ignore into names (value) values (?)", (raw(value),))
            ((self._names[value],),) = self._db.execute("select id from names where value = ?", (raw(value),))
        return self._names[value]
