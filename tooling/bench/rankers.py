"""The engines whose ranking is compared: each indexes the same documents and answers with any of the words.

All are given the same words: runs of letters and digits of the query, in small letters, so that nothing in a question
is taken for an operator. Each has its maker's stemming for English and ranks by its BM25.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bench.collection import Record
from carrel.core.note import Note, Stamp
from carrel.core.parse import parse_note
from carrel.search.index import refresh
from carrel.search.order import SCORE
from carrel.search.query import parse_query
from carrel.search.search import search
from carrel.search.tree import relaxed
from carrel.search.whoosh_index import WhooshIndex

if TYPE_CHECKING:
    from carrel.search.index import SearchIndex
    from carrel.search.tree import Query

#: Dates are not asked for here.
TODAY = date(2026, 1, 1)


class Ranker(Protocol):
    """An engine with documents in it."""

    name: str

    def index(self, documents: Sequence[Record]) -> None:
        """Take in all documents."""

    def ask(self, words: Sequence[str], limit: int) -> list[str]:
        """The identities of the best documents with any of these words, best first."""


def rankers(folder: Path) -> list[Ranker]:
    """Carrel's engines, its ranking alone, FTS5, and tantivy where it is installed. `folder` is for their files."""
    found: list[Ranker] = [Carrel("Carrel", WhooshIndex(folder / "whoosh" / "index"))]
    if importlib.util.find_spec("carrel.search.sqlite_index"):
        from carrel.search.sqlite_index import SqliteIndex

        found.append(Carrel("Carrel, engine sqlite", SqliteIndex(folder / "sqlite" / "index")))
    found += [AnyWord("Carrel, any word", WhooshIndex(folder / "any" / "index")), Fts5()]
    if importlib.util.find_spec("tantivy"):
        found.append(Tantivy())
    return found


def identity(path: str, anchor: str) -> str:
    """How a document is named in `carrel search`: its path, and an entry's heading."""
    return f"{path}#{anchor}" if anchor else path


def words_of(text: str) -> list[str]:
    """What is asked of every engine.

    >>> words_of("What is known of boundary-layer flow (Mach 2.5)?")
    ['what', 'is', 'known', 'of', 'boundary', 'layer', 'flow', 'mach', '2', '5']
    """
    return re.findall(r"[^\W_]+", text.casefold())


class Carrel:
    """Carrel as `carrel search` answers, by score alone: with notes that have all words, then with those that have any.

    It is a `NoteSource` too, of the notes that it was given.
    """

    def __init__(self, name: str, engine: SearchIndex) -> None:
        self.name, self._engine = name, engine
        self._notes: dict[str, Note] = {}
        self._names: dict[str, str] = {}

    def index(self, documents: Sequence[Record]) -> None:
        """Each document is a note with its title in the front matter."""
        notes = []
        for number, one in enumerate(documents):
            front = f"---\ntitle: {json.dumps(one.title)}\n---\n" if one.title else ""
            notes.append(parse_note(f"{number:06d}.md", f"{front}{one.text}\n".encode()))
            self._names[notes[-1].path] = one.identity
        self.take(notes)

    def take(self, notes: Sequence[Note]) -> None:
        """Take in notes as they are."""
        self._notes = {note.path: note for note in notes}
        refresh(self, self._engine)

    def stamps(self) -> Mapping[str, Stamp]:
        """What there is to index."""
        return dict.fromkeys(self._notes, Stamp(1, 1, 1, 1))

    def read(self, path: str) -> Note:
        """One note."""
        return self._notes[path]

    def ask(self, words: Sequence[str], limit: int) -> list[str]:
        """The best notes and entries."""
        results = search(self, self._engine, self._query(words), limit, order=SCORE)
        return [self._names.get(hit.path) or identity(hit.path, hit.anchor) for hit in results.hits]

    def _query(self, words: Sequence[str]) -> Query:
        return parse_query(" ".join(words), TODAY)


class AnyWord(Carrel):
    """Carrel's ranking of all documents that have any of the words."""

    def _query(self, words: Sequence[str]) -> Query:
        query = super()._query(words)
        return relaxed(query) or query


class Fts5:
    """SQLite's FTS5: porter stemmer over unicode61, title and body, `bm25()` as it is."""

    name = "FTS5"

    def index(self, documents: Sequence[Record]) -> None:
        """One row each."""
        self._database = sqlite3.connect(":memory:")
        self._database.execute("create virtual table notes using fts5(title, body, tokenize='porter unicode61')")
        self._database.executemany("insert into notes values (?, ?)", ((one.title, one.text) for one in documents))
        self._names = [one.identity for one in documents]

    def ask(self, words: Sequence[str], limit: int) -> list[str]:
        """Rows with any of the words."""
        rows = self._database.execute(
            "select rowid from notes where notes match ? order by rank limit ?",
            (" OR ".join(f'"{word}"' for word in words), limit),
        )
        return [self._names[row - 1] for (row,) in rows]


class Tantivy:
    """tantivy: its English stemmer, title and body, its BM25."""

    name = "tantivy"

    def index(self, documents: Sequence[Record]) -> None:
        """One document each."""
        import tantivy

        schema = tantivy.SchemaBuilder()
        schema.add_unsigned_field("number", stored=True)
        schema.add_text_field("title", tokenizer_name="en_stem")
        schema.add_text_field("body", tokenizer_name="en_stem")
        self._index = tantivy.Index(schema.build())
        writer = self._index.writer(num_threads=1)
        for number, one in enumerate(documents):
            writer.add_document(tantivy.Document(number=number, title=one.title, body=one.text))
        writer.commit()
        self._index.reload()
        self._names = [one.identity for one in documents]

    def ask(self, words: Sequence[str], limit: int) -> list[str]:
        """Documents with any of the words, in title or body."""
        searcher = self._index.searcher()
        query = self._index.parse_query(" ".join(f'"{word}"' for word in words), ["title", "body"])
        hits = searcher.search(query, limit).hits
        return [self._names[searcher.doc(address)["number"][0]] for _, address in hits]
