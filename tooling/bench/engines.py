"""The engines of the comparison, each as its users set it up: what is stated in the manual's page on speed.

Each keeps path, title and text of notes, stems English, ranks by its own BM25, and answers two words with the ten best
notes that have both, each with a snippet. Their libraries load in the method that needs them, as in any good script.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bench.notes import Plain

if TYPE_CHECKING:
    import sqlite3

#: Hits of a query.
HITS = 10


class Engine(Protocol):
    """An index in a folder."""

    def __init__(self, folder: Path) -> None: ...

    def write(self, notes: Iterable[Plain], *, new: bool) -> None:
        """Take in notes, in one commit; those that are not `new` replace what was kept under their path."""

    def ask(self, words: str) -> list[tuple[str, str]]:
        """Path and snippet of the best notes with all of the words."""


class Fts5:
    """SQLite's FTS5: `porter unicode61`; write-ahead log; a table of its own finds the row of a path."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "notes.db"
        self._open: sqlite3.Connection | None = None

    def _database(self) -> sqlite3.Connection:
        import sqlite3

        if self._open is None:
            self._open = sqlite3.connect(self._file)
            self._open.execute("pragma synchronous = normal")
        return self._open

    def write(self, notes: Iterable[Plain], *, new: bool) -> None:
        """One transaction."""
        database = self._database()
        if new:
            database.execute("pragma journal_mode = wal")
            database.execute("create table files (id integer primary key, path text unique)")
            database.execute(
                "create virtual table notes using fts5(path unindexed, title, body, tokenize='porter unicode61')"
            )
        for note in notes:
            row = None if new else database.execute("select id from files where path = ?", (note.path,)).fetchone()
            if row is None:
                row = (database.execute("insert into files (path) values (?)", (note.path,)).lastrowid,)
            else:
                database.execute("delete from notes where rowid = ?", row)
            database.execute("insert into notes (rowid, path, title, body) values (?, ?, ?, ?)", (*row, *note))
        database.commit()

    def ask(self, words: str) -> list[tuple[str, str]]:
        """By `bm25()`, which is `rank`."""
        quoted = " ".join(f'"{word}"' for word in words.split())
        return self._database().execute(
            "select path, snippet(notes, 2, '[', ']', '…', 24) from notes where notes match ? order by rank limit ?",
            (quoted, HITS),
        ).fetchall()  # fmt: skip


class Tantivy:
    """tantivy, from PyPI: `en_stem`, the text stored for its snippets, as many threads as it likes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: Any = None

    def _index(self) -> Any:
        import tantivy

        if self._open is None:
            schema = tantivy.SchemaBuilder()
            schema.add_text_field("path", stored=True, tokenizer_name="raw")
            schema.add_text_field("title", stored=True, tokenizer_name="en_stem")
            schema.add_text_field("body", stored=True, tokenizer_name="en_stem")
            self._open = tantivy.Index(schema.build(), path=str(self._folder))
        return self._open

    def write(self, notes: Iterable[Plain], *, new: bool) -> None:
        """One commit; its merges are waited for when there is much to merge."""
        import tantivy

        index = self._index()
        writer = index.writer()
        for note in notes:
            if not new:
                writer.delete_documents("path", note.path)
            writer.add_document(tantivy.Document(path=note.path, title=note.title, body=note.text))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()

    def ask(self, words: str) -> list[tuple[str, str]]:
        """Both words are wanted, in title or body."""
        import tantivy

        index = self._index()
        searcher = index.searcher()
        query = index.parse_query(" ".join(f"+{word}" for word in words.split()), ["title", "body"])
        snippets = tantivy.SnippetGenerator.create(searcher, query, index.schema, "body")
        found = [searcher.doc(address) for _, address in searcher.search(query, HITS).hits]
        return [(one["path"][0], snippets.snippet_from_doc(one).to_html()) for one in found]


class Xapian:
    """Xapian: its term generator with the English stemmer, title and text, the text stored for its snippets."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: Any = None

    def write(self, notes: Iterable[Plain], *, new: bool) -> None:
        """One commit."""
        import xapian

        database = xapian.WritableDatabase(str(self._folder), xapian.DB_CREATE_OR_OPEN)
        generator = xapian.TermGenerator()
        generator.set_stemmer(xapian.Stem("en"))
        for note in notes:
            document = xapian.Document()
            generator.set_document(document)
            generator.index_text(note.title, 1, "S")
            generator.index_text(note.title)
            generator.increase_termpos()
            generator.index_text(note.text)
            name = "Q" + note.path
            document.add_boolean_term(name)
            document.add_value(0, note.path)
            document.set_data(note.text)
            if new:
                database.add_document(document)
            else:
                database.replace_document(name, document)
        database.commit()
        database.close()

    def ask(self, words: str) -> list[tuple[str, str]]:
        """Both words are wanted."""
        import xapian

        if self._open is None:
            self._open = xapian.Database(str(self._folder))
        self._open.reopen()
        parser = xapian.QueryParser()
        parser.set_stemmer(xapian.Stem("en"))
        parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)
        parser.set_default_op(xapian.Query.OP_AND)
        enquire = xapian.Enquire(self._open)
        enquire.set_query(parser.parse_query(words))
        matches = enquire.get_mset(0, HITS)
        stem = xapian.Stem("en")
        return [
            (
                one.document.get_value(0).decode(),
                matches.snippet(one.document.get_data(), 160, stem).decode("utf-8", "replace"),
            )
            for one in matches
        ]


ENGINES: dict[str, type[Engine]] = {"fts5": Fts5, "tantivy": Tantivy, "xapian": Xapian}
