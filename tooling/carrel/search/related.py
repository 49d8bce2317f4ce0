"""Notes like a note: what shares the words that tell it from others, its tags, its citations, its links.

The words are chosen by tf·idf, the classic "more like this" (Lucene's MoreLikeThis does the same), and asked as a
query that any of them answers. What two notes share besides adds a little, the more the rarer it is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from carrel.search.analysis import terms
from carrel.search.documents import link_names
from carrel.search.order import SCORE
from carrel.search.search import Results, answered, hits_of
from carrel.search.snippet import WIDTH
from carrel.search.tree import And, Everything, Field, InPdf, Not, Or, Phrase, Query, Word, asks_for_pages
from carrel.search.units import unit_tags, unit_text

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note
    from carrel.search.index import Match, NoteSource, SearchIndex

#: How many words a note is known by, and how many of its most frequent ones they are chosen from.
WORDS, TRIED = 25, 200
#: Words in more than this share of all notes tell nothing, unless that are only a few.
COMMON, FEW = 0.3, 5
#: What a shared tag, citation or link adds at most, as a share of the best score by words.
TAG, CITATION, LINK = 0.05, 0.15, 0.2
#: So many of what matches best by words are looked at, and so many that share something else.
POOL = 300


def related(
    source: NoteSource,
    index: SearchIndex,
    note: Note,
    entry: Entry | None = None,
    query: Query | None = None,
    limit: int | None = 10,
    width: int = WIDTH,
) -> Results:
    """What is most like `note`, or like an entry of it, among what answers `query`; without itself."""
    among: tuple[Query, ...] = () if query is None or isinstance(query, Everything) else (query,)
    if query is None or not asks_for_pages(query):
        among = (*among, Not(InPdf()))
    everything = _found(source, index, And(among), 1)[1]
    words = Or(tuple(map(Word, telling_words(index, note, entry, everything))))
    pool = POOL + (limit or 0)
    matches = {(match.path, match.line): match for match in _found(source, index, And((*among, words)), pool)[0]}
    best = max((match.score for match in matches.values()), default=1.0)
    for shared, most in _shared(note, entry):
        found, total = _found(source, index, And((*among, shared)), pool)
        rarity = 1 - math.log1p(total) / math.log1p(everything + 1)
        for match in found:
            before = matches.setdefault((match.path, match.line), match)
            matches[match.path, match.line] = before._replace(score=before.score + most * rarity * best)
    own = {(match.path, match.line) for match in matches.values() if _is_it(match, note, entry)}
    ranked = sorted(matches.values(), key=lambda match: (-match.score, match.path, match.line))
    shown = [match for match in ranked if (match.path, match.line) not in own][:limit]
    asked = words if query is None or isinstance(query, Everything) else And((query, words))
    hits, _ = hits_of(source, shown, asked, width)
    listed = tuple(hit for _, hit in hits)
    return Results(listed, len(listed), query=asked, matches=tuple(match for match, _ in hits))


def telling_words(index: SearchIndex, note: Note, entry: Entry | None, everything: int) -> list[str]:
    """The words that tell a note from the `everything` that there is, the most telling first."""
    title = (entry.title or entry.anchor) if entry else note.title
    counts: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for text, weight in ((unit_text(note, entry), 1), (title, 2)):
        for surface, stem in terms(text):
            if len(surface) > 1 and not surface.isdigit():
                counts[stem] += weight
                forms.setdefault(stem, surface)
    weights = {}
    for stem, count in counts.most_common(TRIED):
        elsewhere = index.frequency(forms[stem])
        if 1 < elsewhere <= max(FEW, COMMON * everything):  # what stands here only leads nowhere
            weights[forms[stem]] = (1 + math.log(count)) * math.log1p(everything / elsewhere)
    return sorted(weights, key=lambda word: (-weights[word], word))[:WORDS]


def _found(source: NoteSource, index: SearchIndex, query: Query, limit: int) -> tuple[list[Match], int]:
    return answered(source, index, lambda: index.search(query, limit, SCORE))


def _is_it(match: Match, note: Note, entry: Entry | None) -> bool:
    """Whether a match is what others are likened to: an entry, or all of a note."""
    return match.path == note.path and (entry is None or match.line == entry.line)


def _shared(note: Note, entry: Entry | None) -> Iterator[tuple[Query, float]]:
    """What others may have in common with a note: a question for each, and what it adds at most."""
    start, end = (entry.start, entry.end) if entry else (0, len(note.body))
    for tag in unit_tags(note, entry):
        yield Field("tag", Phrase(tag)), TAG
    for key in dict.fromkeys(one.key for one in note.markup.citations if start <= one.start < end):
        yield Or((Field("cites", Phrase(key)), Field("citekey", Phrase(key)))), CITATION
    links = [one.target for one in note.markup.links if one.target and start <= one.start < end]
    targets = [*links, *(one.target for one in note.relations if one.target and entry is None)]
    for name in dict.fromkeys(name for target in targets for name in link_names(target) if "/" not in name):
        yield Or((Field("links", Phrase(name)), Field("path", Phrase(f"{name}.md")))), LINK
    citekey = note.metadata.get("citekey", "")
    names = {note.name, note.title, *note.aliases, citekey if isinstance(citekey, str) else ""} - {""}
    yield Or(tuple([Field("links", Phrase(name)) for name in sorted(names)])), LINK
