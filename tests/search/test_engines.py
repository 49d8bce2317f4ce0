"""Three engines, one answer: for generated notes and queries they find the same, and count the same.

Whoosh's index and the one in memory share the walk over the query tree and keep different files; SQLite's has another
walk. Where they differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.note import Note, Stamp
from carrel.core.parse import parse_note
from carrel.core.pdf import Page, PdfText
from carrel.errors import QuerySyntaxError
from carrel.search.index import SearchIndex, Seen
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import SCORE
from carrel.search.query import parse_query
from carrel.search.sqlite_index import SqliteIndex
from carrel.search.tree import (
    And,
    Between,
    Compare,
    Dated,
    During,
    Everything,
    Field,
    Fuzzy,
    InPdf,
    Not,
    Or,
    Orphan,
    Phrase,
    Prefix,
    Present,
    Query,
    Test,
    Text,
    Within,
    Word,
)
from carrel.search.whoosh_index import WhooshIndex

TODAY = date(2026, 11, 20)

# --- notes ------------------------------------------------------------------------------------------------------------

WORDS = (
    "loss", "losses", "probe", "probing", "edit", "editing", "edits", "the", "model", "top_k", "SAE-7B", "sae", "7b", "k",
    "lr=3e-4", "2310.06820", "naïve", "Naive", "Straße", "STRASSE", "ﬁne", "don't", "model's", "l'homme", "検索機能", "検索",
    "機", "索", "ไทย", "ไ", "हिन्दी", "שָׁלוֹם", "Ünïcode", "x", "½", "a\u0301b", "Καλημέρα", "—", "42", "opinion",
)  # fmt: skip
NAMES = ("a", "b", "probe-plan", "検索", "elhage2022toy", "2026-11-18")
FIELDS = (
    "kind", "tag", "tags", "date", "year", "rating", "mood", "author", "authors", "alias", "project", "path", "links", "cites",
    "title", "state", "sessions.level", "has", "is", "in", "visibility", "citekey", "read", "lr", "nosuch", "in\x1e",
)  # fmt: skip
VALUES = (
    "a", "b/c", "b", "4", "4.0", "10", "3 stars", "happy", "cautiously optimistic", "Happy  Days", "Ada Lovelace", "検索 機能",
    "naïve Straße", "SAE-7B", "2026-11-18", "2026-11-18T09:10", "2026-11", "2026-W47", "open", "done", "skimmed", "paper",
    "log", "code", "figure", "link", "math", "pdf", "task", "table", "entry", "notes", "notes/2026", "toy", "x" * 250, "é",
)  # fmt: skip
PARTS = ("title", "code", "pdf", "opinion", "summary", "claims-and-evidence", "検索", "nowhere")
DAYS = st.dates(date(2026, 11, 16), date(2026, 11, 20))

words = st.sampled_from(WORDS)
names = st.sampled_from(NAMES)
values = st.sampled_from(VALUES)
texts = st.lists(words, min_size=1, max_size=5).map(" ".join)
quoted = values.map('"{}"'.format)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line of a note, as they are written in one."""
    text, name, value = draw(texts), draw(names), draw(values)
    return draw(
        st.sampled_from(
            (
                text, text, f"## {text}", "# Opinion", "## Summary", "### Claims and evidence", "## 検索", f"`{text}`",
                f"```\n{text}\n```", f"[[{name}]]", f"[[{name}|{text}]]", f"[{text}]({name}.md)", f"[@{name}, p. 3]",
                f"#{name} {text}", f"<!-- {text} -->", f"%% {text}", f"$x$ {text}", f"![{text}](f.png)", f"- [ ] {text}",
                f"- [x] p=0.7 {text}", "| a | b |\n|---|---|\n| c | d |", f"mood:: {value}", f"date:: {value}",
                f"kind:: {value}", f"```carrel\n{text}\n```", "",
            )
        )
    )  # fmt: skip


fronts = st.lists(
    st.one_of(
        st.builds("title: {}".format, texts.map('"{}"'.format)),
        st.builds("kind: {}".format, st.sampled_from(("log", "paper", "question", "note", "odd kind"))),
        st.builds("tags: [{}, {}]".format, quoted, quoted),
        st.builds("date: {}".format, DAYS),
        st.builds("authors: [{}, {}]".format, quoted, quoted),
        st.builds("aliases: [{}]".format, quoted),
        st.builds('project: "[[{}]]"'.format, names),
        st.builds("citekey: {}".format, names),
        st.builds("sessions:\n  - {{level: {}, date: 2026-11-18}}".format, quoted),
        st.builds(
            "{}: {}".format, st.sampled_from(("rating", "mood", "year", "read", "lr", "state", "in", "has")), quoted
        ),
        st.builds("{}: [{}, {}]".format, st.sampled_from(("rating", "mood", "Mood")), quoted, quoted),
    ),
    max_size=4,
    unique_by=lambda line: line.partition(":")[0].casefold(),
).map("\n".join)
heads = st.builds("## {:02}:{:02} {}".format, st.integers(8, 9), st.integers(0, 9), texts)


@st.composite
def notes(draw: st.DrawFn, path: str) -> Note | PdfText:
    """A note, a log day, or the text of a PDF, as the path says."""
    if path.endswith(".pdf"):
        pages = [Page(str(number), draw(st.one_of(texts, st.just("")))) for number in range(1, draw(st.integers(1, 4)))]
        return PdfText(path, draw(texts), draw(names), tuple(pages), draw(st.sampled_from(("d1", "d2"))))
    front = draw(fronts)
    body = draw(st.lists(st.one_of(lines(), heads) if "2026-" in path else lines(), max_size=8))
    return parse_note(path, (f"---\n{front}\n---\n" * bool(front) + "\n\n".join(body)).encode())


PATHS = (
    "notes/a.md", "notes/b.md", "notes/probe-plan.md", "notes/検索.md", "papers/elhage2022toy.md",
    "notes/2026/2026-11-18.md", "notes/2026/2026-11-19.private.md", "papers/files/elhage2022toy.pdf", "notes/\udcff.md",
)  # fmt: skip
#: The notes at some of the paths; None is gone, or never was.
states = st.fixed_dictionaries({path: st.none() | notes(path) for path in PATHS})


def changes(state: dict[str, Note | PdfText | None], turn: int) -> Iterator[tuple[str, Seen, Note | PdfText]]:
    for number, (path, note) in enumerate(state.items()):
        if note is not None:
            yield path, Seen(Stamp(turn, number, -1, 2**64 - 1), note.digest), note


# --- queries ----------------------------------------------------------------------------------------------------------

asked = st.one_of(words, values, names, texts)
text_tests: st.SearchStrategy[Text] = st.one_of(
    st.builds(Word, asked),
    st.builds(Phrase, asked),
    st.builds(Prefix, asked.map(lambda text: text[: 1 + len(text) // 2])),
    st.builds(Fuzzy, asked.map(lambda text: text[:1] + text[2:]), st.integers(1, 2)),
)
periods = st.tuples(DAYS, DAYS).map(sorted)
tests: st.SearchStrategy[Test] = st.one_of(
    text_tests,
    st.builds(Compare, st.sampled_from((">", ">=", "<", "<=")), values),
    st.builds(Between, values | st.just(""), values | st.just("")),
    st.just(Present()),
    st.builds(lambda days, text: During(*days, text), periods, values | st.just("")),
)
leaves: st.SearchStrategy[Query] = st.one_of(
    text_tests,
    st.builds(Field, st.sampled_from(FIELDS), tests),
    st.builds(lambda days: Dated(*days), periods),
    st.sampled_from((Everything(), InPdf(), Orphan(), Field("has", Word("pdf")))),
)


def _joined(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Not, inner),
        st.builds(And, several),
        st.builds(Or, several),
        st.builds(Within, st.lists(st.sampled_from(PARTS), min_size=1, max_size=2).map(tuple), inner),
    )


trees: st.SearchStrategy[Query] = st.recursive(leaves, _joined, max_leaves=5)
typed = st.lists(
    st.one_of(
        words,
        words.map(lambda word: f'"{word} {word}"'),
        words.map(lambda word: f"-{word}"),
        words.map(lambda word: f"{word[:2]}*"),
        words.map(lambda word: f"{word}~"),
        st.builds('{}:"{}"'.format, st.sampled_from(FIELDS), values),
        st.builds("{}:{}".format, st.sampled_from(FIELDS), values),
        st.sampled_from(("OR", "(", ")", "in:title", "in:code,opinion", "is:orphan", "has:pdf", "since:2026-11-18", "rating:>=4")),
    ),
    max_size=5,
).map(" ".join)  # fmt: skip


def parsed(text: str) -> Query:
    try:
        return parse_query(text, TODAY)
    except QuerySyntaxError:
        return Everything()


queries = st.one_of(trees, typed.map(parsed))

# --- answers ----------------------------------------------------------------------------------------------------------

COUNTED = ("tag", "kind", "year", "mood", "date", "title", "author")


def answers(index: SearchIndex, query: Query) -> object:
    """All that an engine says that does not hang on how it ranks."""
    matches, total = index.search(query, None, SCORE)
    assert len(index.search(query, 1, SCORE)[0]) == min(total, 1)
    found = {(match.path, match.line, match.anchor) for match in matches}
    assert len(found) == len(matches) == total
    return found, index.facets(query, COUNTED), index.suggest(query)


def agree(states: Sequence[dict[str, Note | PdfText | None]], asked: Sequence[Query], folder: Path) -> None:
    """Index one state of the notes after the other with each engine, and compare what they answer."""
    engines: list[SearchIndex] = [MemoryIndex(), WhooshIndex(folder / "index"), SqliteIndex(folder / "sqlite")]
    before: dict[str, Note | PdfText | None] = {}
    for turn, state in enumerate(states):
        gone = [path for path, note in state.items() if note is None and before.get(path) is not None]
        for engine in engines:
            assert engine.update(changes(state, turn), gone)
        memory, *others = engines
        for other in others:
            assert other.seen() == memory.seen()
            for word in ("probe", "edits", "sae", "the", "naïve"):
                assert other.frequency(word) == memory.frequency(word), word
            for query in asked:
                assert answers(other, query) == answers(memory, query), query
        before = state


@settings(max_examples=60)
@given(st.lists(states, min_size=1, max_size=3), st.lists(queries, min_size=1, max_size=8))
def test_all_engines_find_and_count_the_same_also_after_changes_and_removals(
    states: list[dict[str, Note | PdfText | None]], asked: list[Query]
) -> None:
    with TemporaryDirectory() as folder:
        agree(states, asked, Path(folder))
