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


def _each(text: str) -> list[str]:
    return text.split()


# --- notes ------------------------------------------------------------------------------------------------------------

WORDS = _each("""\
loss losses probe probing edit editing edits the model top_k SAE-7B sae 7b k lr=3e-4 2310.06820 naïve Naive Straße
STRASSE ﬁne don't model's l'homme 検索機能 検索 機 索 ไทย ไ हिन्दी שָׁלוֹם Ünïcode x ½ a\u0301b Καλημέρα — 42 opinion
""")
NAMES = ("a", "b", "probe-plan", "検索", "elhage2022toy", "2026-11-18")
FIELDS = _each("""\
kind Kind tag tags date year rating mood author authors alias project path links cites title Title state sessions.level
has HAS is in visibility citekey read lr mentions nosuch in\x1e""")
VALUES = f"""\
a;b/c;b;4;4.0;10;3 stars;happy;cautiously optimistic;Happy  Days;Ada Lovelace;検索 機能;naïve Straße;SAE-7B;é;toy;open;
done;skimmed;paper;log;code;figure;link;math;pdf;task;table;entry;notes;notes/2026;{"x" * 250};2026-11-18;
2026-11-18T09:10;2026-11;2026-W47;12.3 s;2 min""".replace("\n", "").split(";")
#: The lines of notes, with a ¶ where each breaks.
LINES = """\
{text}
## {text}
# Opinion
## Summary
### Claims and evidence
## 検索
`{text}`
```¶{text}¶```
```carrel¶{text}¶```
[[{name}]] [[{name}|{text}]] {text}
[{text}]({name}.md)
[@{name}, p. 3] #{name} {text}
@ada @Ada_Lovelace @{name} {text}
<!-- {text} -->
{text} %% {text} %% {text}
<!-- {text}
$x$ {text}
![{text}](f.png)
- [ ] {text}
- [x] p=0.7 {text}
| {text} | b |¶|---|---|¶| c | d |
mood:: {value}
date:: {value}
kind:: {value}
""".splitlines()
#: Fields with values that many notes have.
LIKELY = _each("""\
kind:log kind:paper kind:note tag:b tag:probe-plan tag:a/b alias:happy author:ada author:lovelace author:a year:2026
date:2026-11-18 date:2026-11 rating:4 rating:10 mood:happy mood:optimistic project:a project:probe-plan path:notes
path:papers/ links:a links:probe-plan cites:b cites:elhage2022toy citekey:elhage2022toy title:loss title:probe
has:figure has:code has:link has:math has:task has:table has:problem is:open is:entry visibility:private state:open
sessions.level:skimmed mentions:ada mentions:lovelace mentions:a mentions:probe-plan mentions:b mood:2""")
PARTS = ("title", "code", "pdf", "opinion", "summary", "claims-and-evidence", "検索", "loss")
DAYS = st.dates(date(2026, 11, 16), date(2026, 11, 20))

words = st.sampled_from(WORDS)
names = st.sampled_from(NAMES)
values = st.sampled_from(VALUES)
texts = st.lists(words, min_size=1, max_size=6).map(" ".join)
quoted = values.map('"{}"'.format)


lines = st.builds(
    lambda line, text, name, value: line.format(text=text, name=name, value=value).replace("¶", "\n"),
    st.sampled_from(LINES), texts, names, values,
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
    min_size=2,
    max_size=6,
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
    body = draw(st.lists(lines | heads if "2026-" in path else lines, min_size=3, max_size=8))
    return parse_note(path, (f"---\n{front}\n---\n" * bool(front) + "\n\n".join(body)).encode())


PATHS = _each("""\
notes/a.md notes/probe-plan.md papers/elhage2022toy.md notes/2026/2026-11-18.md papers/files/elhage2022toy.pdf
notes/\udcff.md""")
#: The notes at some of the paths; None is gone, or never was.
states = st.fixed_dictionaries({path: st.one_of(notes(path), notes(path), st.none()) for path in PATHS})


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


def likely(pair: str) -> st.SearchStrategy[Query]:
    """Tests of a field that its value passes."""
    name, value = pair.split(":")
    tests = (
        Word(value),
        Phrase(value),
        Prefix(value[:2]),
        Fuzzy(value[:-1], 1),
        Compare(">=", value),
        Between("", value),
    )
    return st.builds(Field, st.just(name), st.sampled_from(tests))


periods = st.tuples(DAYS, DAYS).map(sorted)
tests: st.SearchStrategy[Test] = st.one_of(
    text_tests,
    st.builds(Compare, st.sampled_from((">", ">=", "<", "<=")), values),
    st.builds(Between, values | st.just(""), values | st.just("")),
    st.just(Present()),
    st.builds(lambda days, text: During(days[0], days[1], text), periods, values | st.just("")),
)
leaves: st.SearchStrategy[Query] = st.one_of(
    text_tests,
    st.builds(Field, st.sampled_from(FIELDS), tests),
    st.sampled_from(LIKELY).flatmap(likely),
    st.builds(lambda days: Dated(days[0], days[1]), periods),
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
        st.sampled_from(LIKELY),
        st.sampled_from(("OR", "(", ")", "in:title", "in:code,opinion", "is:orphan", "has:pdf", "rating:>=4")),
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


@settings(max_examples=20)
@given(st.lists(states, min_size=1, max_size=2), st.lists(queries, min_size=4, max_size=12))
def test_all_engines_find_and_count_the_same_also_after_changes_and_removals(
    states: list[dict[str, Note | PdfText | None]], asked: list[Query]
) -> None:
    with TemporaryDirectory() as folder:
        agree(states, asked, Path(folder))
