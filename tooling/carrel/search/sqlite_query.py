"""What a query means in the tables of `sqlite_index.py`, answered with as little of `matching.py` as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import reduce
from itertools import groupby, islice
from operator import and_, itemgetter
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, cast

from carrel.core.note import Stamp
from carrel.search import suggest, tree
from carrel.search.analysis import Term, fold, terms
from carrel.search.fields import MAX_VALUE, NAMES, PAGE, PART, WHOLE, WORD, field_name
from carrel.search.fuzzy import within
from carrel.search.index import Seen
from carrel.search.order import beyond_the_best, ordered
from carrel.search.values import between, comparison, during

if TYPE_CHECKING:
    from sqlite3 import Connection

    from carrel.search.index import Facets, Match, Suggestion
    from carrel.search.matching import Postings
    from carrel.search.order import Order

#: Documents and their scores.
Scores = dict[int, float]

#: Stands between two passages, where no phrase may cross: a token for FTS5, and no word of ours.
GAP = " \ue000 "
#: FTS5's own ranking, with what a title's words weigh beside the text's, which has them too.
_MATCHING = "select rowid, -bm25(prose, 0.5, 1.0) from prose where prose match ?"
_HELD = "select document from held where value"
_PLACES = "select doc, offset from places where term = ? and col = 'text'"
#: Phrases that FTS5 is asked for at once.
_AT_ONCE = 500
STAMP = Struct("<qqqQ")
#: Behind all values that begin alike: no text has this byte.
_BEHIND = b"\xff"


class _Scope(NamedTuple):
    """Where words must stand: spans of places, from the first to behind the last; and perhaps the title."""

    titles: bool
    spans: dict[int, list[tuple[int, int]]]

    def holds(self, document: int, start: int, size: int) -> bool:
        return any(first <= start and start + size <= behind for first, behind in self.spans.get(document, ()))


class Reader:
    """One state of the index, asked."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._scopes: list[_Scope] = []  # where words must stand, now

    def seen(self) -> Mapping[str, Seen]:
        """What is indexed, by path."""
        rows = self._db.execute("select path, stamp, digest from seen")
        return {text(path): Seen(Stamp(*STAMP.unpack(stamp)), digest) for path, stamp, digest in rows}

    def search(self, query: tree.Query, limit: int | None, order: Order) -> tuple[list[Match], int]:
        """The first matches in order, and how many there are. Pages of PDFs come after all notes."""
        scores = self._run(query)
        pages = self._holding(PAGE).keys() & scores.keys()
        if pages and not tree.asks_for_pages(query):
            for document in beyond_the_best(pages, scores, self):
                del scores[document]
        return ordered(scores, pages, self, limit, order), len(scores)

    def facets(self, query: tree.Query, fields: Sequence[str]) -> Facets:
        """How many of the matches have each value of these fields."""
        found = self._run(query).keys()
        counted = {field: {value: len(found & of) for value, of in self.valued(field_name(field))} for field in fields}
        return {field: {value: count for value, count in counts.items() if count} for field, counts in counted.items()}

    def frequency(self, word: str) -> int:
        """How many documents hold a word of one term."""
        return len(self.counts("text", terms(word)[0].stem))

    def suggest(self, query: tree.Query) -> tuple[Suggestion, ...]:
        """For what the query asks that no note has, the nearest that there is."""
        return suggest.suggestions(query, cast("Postings", self))  # of which it has what is needed

    def days(self) -> Sequence[int]:
        """The day of each document, 0 for none."""
        ((most,),) = self._db.execute("select coalesce(max(id), 0) from documents")
        days = [0] * (most + 1)
        for document, day in self._db.execute("select id, day from documents"):
            days[document] = day
        return days

    def unit(self, document: int) -> tuple[str, int, str]:
        """Path, line and anchor of a document."""
        ((path, line, anchor),) = self._db.execute("select path, line, anchor from documents where id = ?", (document,))
        return text(path), line, text(anchor)

    def valued(self, field: str, mark: str = WHOLE) -> Iterator[tuple[str, set[int]]]:
        """Every whole value of a field, folded, and the documents that have it; or every word of its values."""
        first, behind = raw(field + mark), raw(field + mark) + _BEHIND
        rows = self._db.execute("select value, document from held where value >= ? and value < ?", (first, behind))
        for value, run in groupby(rows, key=itemgetter(0)):
            yield text(value[len(first) :]), {document for _, document in run}

    def terms(self, field: str, start: str) -> Iterator[str]:
        """What begins with `start`, in order: words with their stems after a `WHOLE`, or values."""
        table, column = ("words", "form") if field == "words" else ("held", "value")
        some = f"select distinct {column} from {table} where {column} >= ? and {column} < ?"
        rows = self._db.execute(some, (raw(start), raw(start) + _BEHIND))
        return (text(found) for (found,) in rows)

    def counts(self, field: str, term: str) -> Scores:
        """The documents that hold a term."""
        return self._holding(term) if field == "values" else self._matching([term], f"{field}: ")

    def places(self, field: str, term: str, documents: object = None) -> dict[int, list[int]]:
        """Where a term of `values` stands in the documents that hold it."""
        rows = self._db.execute("select document, places from held where value = ?", (raw(term),))
        return {document: list(map(int, places.split())) for document, places in rows}

    def _run(self, query: tree.Query) -> Scores:
        match query:
            case tree.Everything():
                return self._all("select id from documents")
            case tree.Word() | tree.Phrase() | tree.Prefix() | tree.Fuzzy():
                phrases = self._phrases(query)
                return self._standing(phrases) if self._scopes else self._matching(phrases)
            case tree.Field(name, test):
                return self._field(field_name(name), test)
            case tree.InPdf():
                return self._holding(PAGE)
            case tree.Within(parts, inner):
                return self._within(parts, inner)
            case tree.Orphan():
                return self._orphans()
            case tree.Dated(first, last):
                days = first.toordinal(), last.toordinal()
                return self._all("select id from documents where day between ? and ?", *days)
            case tree.Not(inner):
                return _without(self._run(tree.Everything()), self._run(inner))
            case tree.And(queries):
                wanted = [self._run(one) for one in queries if not isinstance(one, tree.Not)]
                unwanted = [self._run(one.query) for one in queries if isinstance(one, tree.Not)]
                return reduce(_without, unwanted, reduce(_both, wanted or [self._run(tree.Everything())]))
            case tree.Or(queries):
                return reduce(_either, map(self._run, queries), {})

    def _matching(self, phrases: Iterable[str], column: str = "") -> Scores:
        """The documents with any of these phrases of stems, in the text or in one column of it."""
        scores: Scores = {}
        rest = (f'"{phrase}"' for phrase in phrases)
        while some := " OR ".join(islice(rest, _AT_ONCE)):
            scores = _either(scores, dict(self._db.execute(_MATCHING, (f"{column}({some})",))))
        return scores

    def _standing(self, phrases: Iterable[str]) -> Scores:
        """The documents with any of these phrases where they must stand: in one span of each scope."""
        scores: Scores = {}
        for phrase in phrases:
            places = [set(self._db.execute(_PLACES, (stem,))) for stem in phrase.split()]
            starts = _in_order(places)
            for scope in self._scopes:
                starts = {(one, at) for one, at in starts if scope.holds(one, at, len(places))}
            fitting = {one for one, _ in starts}
            if all(scope.titles for scope in self._scopes):
                fitting.update(self._matching([phrase], "title: "))
            scores = _either(scores, {one: score for one, score in self._matching([phrase]).items() if one in fitting})
        return scores

    def _within(self, parts: Sequence[str], query: tree.Query) -> Scores:
        """What matches with its words in one of the parts, and has one of them."""
        scope, pages = _Scope("title" in parts, {}), self._holding(PAGE)
        for document in _without(self._run(tree.Everything()), pages) if scope.titles else ():
            scope.spans[document] = []
        for document in pages if "pdf" in parts else ():
            scope.spans[document] = [(0, 2**62)]
        for part in parts:
            for document, edges in self.places("values", PART + part).items():
                scope.spans.setdefault(document, []).extend(zip(edges[::2], edges[1::2], strict=True))
        self._scopes.append(scope)
        found = self._run(query)
        self._scopes.pop()
        return _both(found, dict.fromkeys(scope.spans, 0.0))

    def _orphans(self) -> Scores:
        """Notes, but for log days and PDFs, that no other points to: by path, name, title, alias or citation key."""
        names = [(path.removesuffix(".md").rpartition("/")[2], of) for path, of in self.valued("path")]
        names += (pair for field in ("title", "alias", "citekey") for pair in self.valued(field))
        linked = dict(self.valued("links"))
        pointed = {one for name, of in names for one in of if linked.get(name, set()) - {one}}
        others = dict.fromkeys(pointed, 0.0) | self._holding(PAGE) | self._holding(f"kind{WHOLE}log")
        return _without(self._run(tree.Everything()), others)

    def _with_pdf(self) -> Scores:
        """Notes of papers of which pages of a PDF are indexed."""
        pages = self._holding(PAGE).keys()
        return dict.fromkeys((one for _, of in self.valued("citekey") if of & pages for one in of - pages), 0.0)

    def _phrases(self, query: tree.Text) -> Iterable[str]:
        """The stems of what is asked, as they stand side by side."""
        *before, last = terms(query.text) or [Term("", "")]
        match query:
            case tree.Word(text) if len(last.surface) == 1 and last.surface >= "\u0e00" and not before:
                return self._phrases(tree.Prefix(text))  # one sign of a script that is cut into pairs
            case tree.Word() | tree.Phrase():
                return [stems([*before, last])] if last.stem else []
            case tree.Prefix():
                found = self._stems(last.surface, lambda word: True)
            case tree.Fuzzy(_, distance):
                found = self._stems(last.surface[:1], lambda word: within(word, last.surface, distance))
        return (" ".join([*(term.stem for term in before), stem]) for stem in found)

    def _stems(self, start: str, fits: Callable[[str], bool]) -> set[str]:
        """The stems of the words that begin with `start` and fit."""
        forms = (form.split(WHOLE) for form in self.terms("words", start)) if start else ()
        return {stem for surface, stem in forms if fits(surface)}

    def _field(self, name: str, test: tree.Test) -> Scores:
        match test:
            case tree.Word() | tree.Phrase() | tree.Prefix() | tree.Fuzzy() if name == "title":
                return self._matching(self._phrases(test), "title: ")
            case tree.Word("pdf") if name == "has":
                return self._holding(f"has{WHOLE}pdf") | self._with_pdf()
            case tree.Present():
                return self._valued(name, lambda value: True)
            case tree.Compare(operator, bound):
                return self._valued(name, comparison(operator, fold(bound)))
            case tree.Between(low, high):
                return self._valued(name, between(fold(low), fold(high)))
            case tree.During(first, last, asked):
                literally = self._field(name, tree.Phrase(asked)) if asked else {}
                return self._valued(name, during(first, last)) | literally
            case tree.Prefix():
                start = fold(test.text)
                begins = self._valued(name, lambda value: value.startswith(start))
                return begins | self._valued(name, lambda word: word.startswith(start), WORD)
            case tree.Fuzzy(_, distance):
                asked = fold(test.text)

                def near(word: str) -> bool:
                    return word.startswith(asked[:1]) and within(word, asked, distance)

                return self._valued(name, near) | self._valued(name, near, WORD)
            case tree.Word() | tree.Phrase():
                whole = f"{name}{WHOLE}{fold(test.text)[:MAX_VALUE]}"
                if name in NAMES:
                    under = raw(f"{whole}/")
                    return self._all(f"{_HELD} = ?1 or value >= ?2 and value < ?3", raw(whole), under, under + _BEHIND)
                words = [self.places("values", f"{name}{WORD}{term.surface}") for term in terms(test.text)]
                placed = [{(document, at) for document, found in places.items() for at in found} for places in words]
                return self._holding(whole) | {document: 0.0 for document, _ in _in_order(placed)}

    def _valued(self, name: str, fits: Callable[[str], bool], mark: str = WHOLE) -> Scores:
        return dict.fromkeys((one for value, of in self.valued(name, mark) if fits(value) for one in of), 0.0)

    def _holding(self, value: str) -> Scores:
        return self._all(f"{_HELD} = ?", raw(value))

    def _all(self, selection: str, *values: object) -> Scores:
        return dict.fromkeys((document for (document,) in self._db.execute(selection, values)), 0.0)


def _in_order(lists: Sequence[Set[tuple[int, int]]]) -> Set[tuple[int, int]]:
    """Where, of which documents, places begin that follow each other: one of each list."""
    shifted = ({(document, at - number) for document, at in found} for number, found in enumerate(lists))
    return reduce(and_, shifted) if lists else set()


def _either(one: Scores, other: Scores) -> Scores:
    return one | {document: one.get(document, 0.0) + score for document, score in other.items()}


def _both(one: Scores, other: Scores) -> Scores:
    return {document: score + other[document] for document, score in one.items() if document in other}


def _without(one: Scores, other: Scores) -> Scores:
    return {document: score for document, score in one.items() if document not in other}


def stems(found: Iterable[Term]) -> str:
    """The stems of terms as FTS5 is given them."""
    return " ".join([term.stem for term in found])


def raw(text: str) -> bytes:
    """A text as it is kept: SQLite takes no half of a surrogate pair, and file names may hold one."""
    return text.encode("utf-8", "surrogatepass")


def text(kept: bytes) -> str:
    """What `raw` made bytes of."""
    return kept.decode("utf-8", "surrogatepass")
