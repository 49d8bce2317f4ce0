"""An edition: what one audience may see, and where it stands on the site.

Everything the publisher writes is computed from an edition, and an edition is computed from the visible notes
alone. So nothing of a hidden note can decide anything: not a name, not a count, not which of two notes answers
to a link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from carrel.core.mention import handles, is_surely_paper
from carrel.core.note import Citation, Link, Note, Visibility
from carrel.core.relations import named, relations
from carrel.core.relative import relative_url
from carrel.metadata.bibliography import Bibliography
from carrel.publish.edition.groups import By, Groups, activity, grouped, list_of, tags_near, year_of_note
from carrel.publish.edition.known import Known
from carrel.publish.edition.network import Around, Network, Node, network
from carrel.publish.edition.places import PAGES
from carrel.publish.edition.record import public_record
from carrel.publish.edition.ties import Pointing, pointing, said_of_pointers, take_ties

if TYPE_CHECKING:
    from datetime import date

    from carrel.core.graph import LinkGraph, Pointer, Target
    from carrel.core.paper import Paper
    from carrel.metadata.style import Style
    from carrel.publish.edition.table import TableOnSite
    from carrel.publish.edition.ties import Ties


@dataclass(frozen=True)
class Edition:
    """What `audience` may see. `notes` and the site's own `pages` are in the order of their paths.

    `places` maps a note's path to its page's path in the stage, `titles` to its title; `tags` maps a tag to its
    page; `asset_place` gives an attachment's place; `style` is how papers are cited. `anchors` holds, by path and
    slug, what stands for the few headings whose slug would say too much; `tables`, by path and offset, what stands in
    the place of query blocks; `people` the page of each writer, by name, where several write here; `versions`, by path,
    what changes whenever the note does, as it is shown.
    """

    audience: Visibility
    notes: tuple[Note, ...]
    pages: tuple[Note, ...]
    graph: LinkGraph
    places: Mapping[str, str]
    tags: Mapping[str, str]
    anchors: Mapping[tuple[str, str], str]
    titles: Mapping[str, str]
    asset_place: Callable[[str], str]
    style: Style | None = None
    tables: Mapping[tuple[str, int], TableOnSite] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    @cached_property
    def by_path(self) -> Mapping[str, Note]:
        """Every note and page that is shown, by its path."""
        return {note.path: note for note in (*self.notes, *self.pages)}

    @cached_property
    def days(self) -> tuple[Note, ...]:
        """The log's files, oldest first."""
        return tuple(sorted((note for note in self.notes if note.kind == "log" and note.date), key=_by_day))

    def days_around(self, path: str) -> tuple[Note | None, Note | None]:
        """The log's day before the note `path`, and the one after it."""
        number = self._number_of_day.get(path)
        if number is None:
            return None, None
        return self.days[number - 1] if number else None, self.days[number + 1] if number + 1 < len(self.days) else None

    @cached_property
    def _number_of_day(self) -> Mapping[str, int]:
        return {note.path: number for number, note in enumerate(self.days)}

    @cached_property
    def ties(self) -> Mapping[str, Ties]:
        """What each note and page has to do with others, by path."""
        return take_ties(self, self.known)

    def entry_tags(self, note: Note) -> tuple[tuple[str, ...], ...]:
        """The tags of each entry of a note: as they stand in its entries, without its text being read for them."""
        return self.ties[note.path].entries

    def pointing(self, path: str) -> Sequence[Pointing]:
        """The pointers in other notes that lead to a note."""
        return self._pointing.get(path, ())

    @cached_property
    def _pointing(self) -> Mapping[str, list[Pointing]]:
        return pointing(self.ties, self.by_path)

    @cached_property
    def cited(self) -> tuple[str, ...]:
        """The papers that notes and pages cite, by path."""
        return tuple(sorted({path for ties in self.ties.values() for path in ties.cited}))

    @cached_property
    def bibliography(self) -> Bibliography:
        """Every paper as it is cited, by path. Letters after years tell those apart that are cited somewhere."""
        records = self._records
        cited = [path for path in self.cited if path in records]
        return Bibliography(records, self.style, cited, self.known.formatted)

    @cached_property
    def papers(self) -> tuple[Paper, ...]:
        """Every paper as others may read it, by citation key."""
        records = ((path, paper) for path, paper in self._records.items() if self.by_path[path].kind == "paper")
        return tuple(paper for path, paper in sorted(records, key=lambda one: (one[1].citekey.casefold(), one[0])))

    @cached_property
    def _records(self) -> Mapping[str, Paper]:
        papers = (note for note in self.by_path.values() if note.kind == "paper" or "citekey" in note.metadata)
        return {note.path: self.record(note.path) for note in papers}

    def record(self, path: str) -> Paper:
        """A paper as others may read it."""
        version, title = self.versions.get(path), self.titles[path]
        known = self.known.records.get(path)
        if known is None or known[:2] != (version, title):
            record = public_record(self.by_path[path], title)
            if known is not None and known[2] == record:
                record = known[2]  # what is the same object is quickly compared
            known = self.known.records[path] = version, title, record
        return known[2]

    def keys(self, by: By) -> tuple[str, ...]:
        """The keys of the groups, as `grouped` orders them: the years or months with notes, the pages of tags."""
        return self._groups.keys(by)

    def group(self, by: By, key: str, year: str = "") -> tuple[Note, ...]:
        """The notes that `key` brings together, newest first; none where there is no such key.

        With a `year` ("2026", or "undated") only those of it.
        """
        return self._groups.group(by, key, year)

    def count(self, by: By, key: str) -> int:
        """How many notes `key` brings together."""
        return self._groups.count(by, key)

    @cached_property
    def tag_names(self) -> Mapping[str, str]:
        """What the tag of each page is called: of several ways to write it, the first by the alphabet."""
        return {page: tag for tag, page in reversed(tuple(self.tags.items()))}

    def tags_near(self, page: str) -> tuple[str, ...]:
        """The pages of the tags above and below that of `page`: of `method` that of `method/probing`, and back."""
        return self._tags_near.get(page, ())

    @cached_property
    def _tags_near(self) -> Mapping[str, tuple[str, ...]]:
        return tags_near(self.tag_names)

    @cached_property
    def people_names(self) -> Mapping[str, str]:
        """What the writer with each page is called."""
        return {page: name for name, page in reversed(tuple(self.people.items()))}

    @cached_property
    def handles(self) -> Mapping[str, str]:
        """The page of the writer whom `@ada` means, by what stands there in the form of `mention.handle`."""
        pages = {name: page for page, name in self.people_names.items()}
        return {called: pages[name] for called, name in handles(pages).items()}

    def leads(self, note: Note, key: str) -> tuple[str, ...]:
        """The notes that the relation `key` in the front matter of a note leads to, by path."""
        if key not in note.metadata:
            return ()
        return self._reached(note, (pointer for pointer, _ in relations(note, key)))

    def serves(self, note: Note, number: int) -> tuple[str, ...]:
        """The projects that an entry of a day belongs to, by path: those that it names itself, else the day's."""
        if own := note.entries[number].project:
            return self._reached(note, (pointer for pointer, _ in named(own)))
        return self.leads(note, "project")

    def projects(self, note: Note) -> tuple[str, ...]:
        """The projects that a note or some entry of it belongs to, by path."""
        own = [number for number, entry in enumerate(note.entries) if entry.project]
        days = self.leads(note, "project") if len(own) < len(note.entries) or not own else ()
        return tuple(dict.fromkeys((*days, *(path for number in own for path in self.serves(note, number)))))

    def _reached(self, note: Note, pointers: Iterable[Link]) -> tuple[str, ...]:
        targets = (self.graph.resolve(note.path, pointer) for pointer in pointers)
        return tuple(dict.fromkeys(target.path for target in targets if target and target.path in self.by_path))

    @cached_property
    def network(self) -> Network:
        """The notes, and which of them are linked."""
        return network(map(self._node, self.notes), self._links())

    def said_of_network(self) -> object:
        """All that the network holds, in plain values."""
        return self.network.said()

    def said_of_groups(self) -> object:
        """All that the groups hold, in plain values."""
        return self._groups.said()

    def said_of_pointers(self) -> object:
        """All pointers, in plain values."""
        return said_of_pointers(self.ties, self.by_path)

    def around(self, path: str) -> Around:
        """What is linked with a note."""
        return self.network.around(path)

    def linked(self, path: str) -> tuple[str, ...]:
        """The notes that are linked with one, in whichever direction, by path."""
        return self.network.linked(path)

    def node(self, path: str) -> Node | None:
        """A note as the network shows it."""
        return self.network.node(path)

    def most_linked(self, limit: int) -> tuple[tuple[Node, int], ...]:
        """The notes that are linked with the most others, and with how many."""
        return self.network.most_linked(limit)

    def _node(self, note: Note) -> Node:
        tags = tuple(dict.fromkeys(self.tags[tag] for tag in note.tags))
        return Node(note.path, self.place(note.path), self.titles[note.path], list_of(note), note.date, tags)

    def _links(self) -> Iterator[tuple[str, str]]:
        for note in self.notes:
            yield from ((note.path, path) for path in self.ties[note.path].linked)

    def activity(self, year: str) -> Mapping[date, int]:
        """How much was written on each day of a year: entries of the log, and other notes."""
        return self._activity.get(year, {})

    @cached_property
    def _activity(self) -> Mapping[str, Mapping[date, int]]:
        found: dict[str, list[Note]] = {}
        for note in self.notes:
            found.setdefault(year_of_note(note), []).append(note)
        return {year: activity((note, len(self.entry_tags(note))) for note in notes) for year, notes in found.items()}

    @cached_property
    def _groups(self) -> Groups:
        return grouped(self.notes, self.tags, self.people, self.handles, self.ties)

    def place(self, path: str) -> str:
        """Where a note, page or attachment stands in the stage."""
        return self.places.get(path) or (path.removeprefix(PAGES) if path.endswith(".md") else self.asset_place(path))

    def url(self, source: str, target: Target) -> str:
        """The relative link from the staged page `source` to what `target` names."""
        link = relative_url(source, self.place(target.path))
        return f"{link}#{quote(self.anchor(target.path, target.slug), safe='^')}" if target.slug else link

    def anchor(self, path: str, slug: str) -> str:
        """The anchor on the page of the heading `slug` of a note: the slug itself, unless that says too much."""
        return self.anchors.get((path, slug), slug)

    def shows(self, note: Note, name: str) -> bool:
        """Whether `name`, as that of a project in the front matter of `note`, may be read: a note here has it.

        A name without a note is not shown either: with the hidden notes deleted, the site must stay as it is.
        """
        if self.audience is Visibility.PRIVATE:
            return True
        target = self.graph.resolve(note.path, Link(name))
        return target is not None and target.path in self.by_path

    def hides(self, note: Note, pointer: Pointer) -> bool:
        """Whether the words of `pointer` may name something that the edition does not hold."""
        if self.audience is Visibility.PRIVATE or (isinstance(pointer, Link) and (pointer.label or not pointer.wiki)):
            return False
        if isinstance(pointer, Citation) and not is_surely_paper(pointer):
            return False  # `@sam` stays as it stands, whoever that is
        return self.graph.resolve(note.path, pointer) is None


def _by_day(note: Note) -> tuple[int, str]:
    return (note.date.toordinal() if note.date else 0, note.path)
