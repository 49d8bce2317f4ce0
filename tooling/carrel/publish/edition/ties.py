"""What each note has to do with others: where its links lead, what it belongs to, what it counts for in lists.

Groups, the network and what links to a note are made from this, so that nobody has to look into every note. It is
kept from one edition to the next, and worked out again for a note whose file is another, or one of whose links looked
up a name that another note or file answers to now, or names a part of a note that is another now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from zlib import crc32

from carrel.core.mention import mentions
from carrel.core.note import Citation, Link
from carrel.core.prediction import predictions
from carrel.core.query_block import has_block
from carrel.core.relations import RELATIONS, relations

if TYPE_CHECKING:
    from carrel.core.graph import Pointer, Target
    from carrel.core.note import Note
    from carrel.publish.edition.edition import Edition
    from carrel.publish.edition.known import Known

#: Where a pointer leads, in plain values: a path; the same with an anchor, and what of the fragment is missing; None.
Lead: TypeAlias = "str | tuple[str, str, str] | None"


class Manner(IntEnum):
    """How a pointer is written: in the text as a citation or a link, or in the front matter.

    There, what a note belongs to and what it advances has the note among what belongs to it, and is not linked from it.
    """

    CITATION = 0
    LINK = 1
    RELATION = 2
    BELONGING = 3


class Pointing(NamedTuple):
    """A pointer that leads to a note from another one, `source`, where it is the how manieth: `number`.

    `slug` and `missing` are as in `Target`, `line` and `start` those of the pointer. `kind` and `day` are those of the
    note that it stands in, the day as an ordinal, or 0. It says all that an order of them needs, so that only the texts
    of those are read that are shown.
    """

    source: str
    number: int
    slug: str
    missing: str
    line: int
    start: int
    manner: int
    kind: str
    day: int

    @property
    def newest_first(self) -> tuple[int, str, int]:
        """A sort key, as `groups.newest_first`; of two in one note the earlier one is first."""
        return -self.day, self.source, self.start


class Ties(NamedTuple):
    """What a note has to do with others.

    `leads` is where each of its pointers leads, in the order of `LinkGraph.outgoing`; `written` has of each three
    numbers, its line, its start and a `Manner`. The others are paths: of papers that it cites, of what it is linked
    with in the network, of `projects` that it or an entry of it belongs to, and of what it advances. `foresees` are the
    states of its predictions, `entries` has the tags of each entry; `asks` says whether a query block stands in it, and
    `mentions` whom it mentions, if they write here, in the form of `mention.handle`.
    """

    leads: tuple[Lead, ...]
    written: tuple[int, ...]
    cited: tuple[str, ...]
    linked: tuple[str, ...]
    projects: tuple[str, ...]
    advances: tuple[str, ...]
    foresees: tuple[str, ...]
    entries: tuple[tuple[str, ...], ...]
    asks: bool
    mentions: tuple[str, ...]


class Tied(NamedTuple):
    """Ties, and what they depend on beside the note, of which `digest` is that of the file.

    `names` are those that the note itself answers to, the first of them all and its kind together; `looked_up` are
    names that its pointers were looked up by. Both are numbers, of which two names may share one. `parts` are the paths
    of notes of which it names a heading or a block.
    """

    digest: str
    names: tuple[int, ...]
    looked_up: tuple[int, ...]
    parts: tuple[str, ...]
    ties: Ties


def take_ties(edition: Edition, known: Known) -> dict[str, Ties]:
    """The ties of all notes and pages of an edition, by path and in that order. `known` is brought up to date."""
    tied, notes = known.ties, edition.by_path
    try:
        for path, names in _stale(edition, known):
            tied[path] = _tied(edition, notes[path], names)
    except BaseException:
        tied.clear()  # some are of this edition, and some of the one before
        raise
    known.files.clear()
    known.files.update(dict.fromkeys(edition.graph.files, True))
    return {path: tied[path].ties for path in sorted(notes)}


def _stale(edition: Edition, known: Known) -> list[tuple[str, tuple[int, ...]]]:
    """The notes whose ties are to be worked out, each with the numbers of its names. What is gone is forgotten."""
    tied, graph = known.ties, edition.graph
    new = {path for path, note in edition.by_path.items() if path not in tied or tied[path].digest != note.digest}
    gone = tied.keys() - edition.by_path.keys()
    names = {path: _names(graph.answers_to(path)) for path in new}
    altered = {number for file in known.files.keys() ^ graph.files for number in _names(graph.answers_to(file))}
    for path in new | gone:
        before, now = tied[path].names if path in tied else (), names.get(path, ())
        if before != now:
            altered.update(before, now)
    for path in gone:
        del tied[path]
    again = new | {path for path, one in tied.items() if one.parts and not (new | gone).isdisjoint(one.parts)}
    if altered:
        again |= {path for path, one in tied.items() if not altered.isdisjoint(one.looked_up)}
    return [(path, names[path] if path in names else tied[path].names) for path in again]


def pointing(ties: Mapping[str, Ties], notes: Mapping[str, Note]) -> dict[str, list[Pointing]]:
    """The pointers that lead to each note from others, by path."""
    found: dict[str, list[Pointing]] = {}
    for source, tied in ties.items():
        kind, when = notes[source].kind, notes[source].date
        day = when.toordinal() if when else 0
        for number, lead in enumerate(tied.leads):
            if lead is not None:
                path, slug, missing = (lead, "", "") if isinstance(lead, str) else lead
                if path != source:
                    line, start, manner = tied.written[3 * number : 3 * number + 3]
                    one = Pointing(source, number, slug, missing, line, start, manner, kind, day)
                    found.setdefault(path, []).append(one)
    return found


def said_of_pointers(ties: Mapping[str, Ties], notes: Mapping[str, Note]) -> object:
    """All that `pointing` is made from, in plain values."""
    return [(path, notes[path].kind, str(notes[path].date), one.leads, one.written) for path, one in ties.items()]


def leads_to(target: Target | None) -> Lead:
    """Where a pointer leads."""
    if target is None:
        return None
    return (target.path, target.slug, target.missing) if target.slug or target.missing else target.path


def _tied(edition: Edition, note: Note, names: tuple[int, ...]) -> Tied:
    graph = edition.graph
    references = graph.outgoing(note.path)
    pointers = [one.pointer for one in references]
    manners = list(_manners(note, pointers))
    graph.looked_up.clear()
    targets = [graph.resolve(note.path, one) for one in pointers]
    led = [(one, manner, to.path) for one, manner, to in zip(pointers, manners, targets, strict=True) if to is not None]
    projects, advances = edition.projects(note), edition.leads(note, "advances")
    others = (path for key in RELATIONS if key != "project" for path in edition.leads(note, key))
    # of the front matter only some is published; that is among the others
    in_text = (path for _, manner, path in led if manner in (Manner.CITATION, Manner.LINK))
    ties = Ties(
        tuple(map(leads_to, targets)),
        tuple(
            n for one, manner in zip(references, manners, strict=True) for n in (one.line, one.pointer.start, manner)
        ),
        _once(path for _, manner, path in led if manner == Manner.CITATION),
        _once((*in_text, *projects, *others)),
        projects,
        advances,
        _once("resolved" if one.outcome else "open" for one in predictions(note)),
        tuple(entry.tags for entry in note.entries),
        has_block(note),
        _once(called for _, called in mentions(note, graph)),
    )
    parts = _once(path for one, _, path in led if isinstance(one, Link) and one.fragment)
    return Tied(note.digest, names, _numbers(graph.looked_up), parts, ties)


def _manners(note: Note, pointers: Iterable[Pointer]) -> Iterator[int]:
    linked = {one.target for key in RELATIONS if key not in ("project", "advances") for one, _ in relations(note, key)}
    for pointer in pointers:
        if isinstance(pointer, Citation):
            yield Manner.CITATION.value
        elif pointer not in note.relations:
            yield Manner.LINK.value
        else:
            yield (Manner.RELATION if pointer.target in linked else Manner.BELONGING).value


def _names(names: tuple[str, ...]) -> tuple[int, ...]:
    return _numbers((repr(names), *names))


def _numbers(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(crc32(name.encode("utf-8", "surrogatepass")) for name in names)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
