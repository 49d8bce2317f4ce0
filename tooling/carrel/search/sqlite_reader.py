"""Answers of the index in SQLite, by a walk of its own: with `matching.py` it shares the ranking alone."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from operator import methodcaller

from carrel.search import tree
from carrel.search.analysis import fold, terms
from carrel.search.fields import MAX_VALUE, NAMES, PAGE, PART, WHOLE, WORD, field_name
from carrel.search.fuzzy import within
from carrel.search.people import mentioning
from carrel.search.ranking import K1, B, rarity, said
from carrel.search.sqlite_tables import TITLE, raw
from carrel.search.stem import stem
from carrel.search.values import between, comparison, during

_VALUES = """
select cast(value as text), json_group_array(document) from names join held on name = id where value >= ? and value < ?
group by value"""
_NAMES = "select cast(value as text) from names where value >= ? and value < ?"
_FORMS = "select word || ? || stem from forms where word >= ? and word < ?"
_SPANS = "select document, first, behind from held where name = (select id from names where value = ?)"
_Spans = dict[int, list[tuple[int, int]]]
_Places = dict[int, set[int]]


class SqliteReader:
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
                return self._days.keys() - SqliteReader(self._db).run(inner, *scopes)
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
            case tree.Present() if name == "mentions":
                return mentioning(self, None)
            case tree.Word(asked) | tree.Phrase(asked) if name == "mentions":
                return mentioning(self, asked)
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
