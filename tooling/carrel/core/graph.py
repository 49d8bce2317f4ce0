"""The link graph: what each link and citation points to, what points back, what points nowhere.

A link names its target by path, by file name, by title or by alias, as Obsidian, Foam and zk do. Where several
notes answer to a name, the one closest to the linking note wins, then the shortest path, then the alphabet:
so the answer depends on the notes alone, not on the order in which they were read.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from carrel.core.names import fold, heading_slug
from carrel.core.note import Citation, Link, Note

_CLOCK = re.compile(r"\d{1,2}:\d{2}")

Pointer: TypeAlias = "Link | Citation"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads: a note (or attached file) by path, and the anchor within it.

    `slug` is a heading's anchor, or `^id` for a block, or "". `missing` is a fragment that the note does not have.
    """

    path: str
    slug: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One link or citation of the note `source`, and where it leads (None: nowhere)."""

    source: str
    line: int
    pointer: Pointer
    target: Target | None

    @property
    def mention(self) -> bool:
        """Whether it is a bare `@name`, which may be a person; only `[@key]` promises a paper."""
        return isinstance(self.pointer, Citation) and self.pointer.group is None

    @property
    def elsewhere(self) -> bool:
        """Whether it leads nowhere here, to a file for its writer's eyes alone, which may be on another machine."""
        return self.target is None and isinstance(self.pointer, Link) and self.pointer.private

    @property
    def written(self) -> str:
        """What the pointer names, as it stands in the text: `target#fragment` or `@key`."""
        if isinstance(self.pointer, Citation):
            return f"@{self.pointer.key}"
        return self.pointer.target + (f"#{self.pointer.fragment}" if self.pointer.fragment else "")


class LinkGraph:
    """The links between some notes; `files` are the paths of attachments that may be linked or embedded.

    >>> a = Note("notes/a.md", "Alpha", aliases=("first",))
    >>> b = Note("notes/b.md", "Beta")
    >>> LinkGraph([a, b]).resolve("notes/b.md", Link("First"))
    Target(path='notes/a.md', slug='', missing='')
    """

    def __init__(self, notes: Iterable[Note], files: Iterable[str] = ()) -> None:
        self._notes = {note.path: note for note in notes}
        self._files = frozenset(files)
        self._paths: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        self._titles: dict[str, list[str]] = defaultdict(list)
        self._aliases: dict[str, list[str]] = defaultdict(list)
        self._citekeys: dict[str, list[str]] = defaultdict(list)
        #: The names that were looked up. Whoever wants to know what an answer depends on clears them before.
        self.looked_up: set[str] = set()
        for note in self._notes.values():
            path, name, title, citekey, *aliases = _names(note)
            self._paths[path].append(note.path)
            self._names[name].append(note.path)
            self._titles[title].append(note.path)
            for alias in aliases:
                self._aliases[alias].append(note.path)
            if citekey:
                self._citekeys[citekey].append(note.path)
        for file in self._files:
            path, name = _file_names(file)
            self._paths[path].append(file)
            self._names[name].append(file)
        self._outgoing: dict[str, tuple[Reference, ...]] = {}
        self._backlinks: dict[str, list[Reference]] | None = None

    @property
    def files(self) -> frozenset[str]:
        """The paths of the attachments."""
        return self._files

    def answers_to(self, path: str) -> tuple[str, ...]:
        """The names that lead to a note or a file, in the form in which they are looked up; a note's kind is the last.

        What a name leads to can only change when these do, of whatever answers to it.
        """
        note = self._notes.get(path)
        return _file_names(path) if note is None else (*_names(note), note.kind)

    def resolve(self, source: str, pointer: Pointer) -> Target | None:
        """Where `pointer`, standing in the note `source`, leads. None: nowhere."""
        if isinstance(pointer, Citation):
            return self._paper(source, pointer.key)
        if not pointer.target:
            return self._anchored(source, pointer.fragment) if source in self._notes else None
        if pointer.target.startswith("@"):  # `[[@key]]`, as literature notes of Obsidian and Logseq are linked
            return self._paper(source, pointer.target[1:])
        path = self._by_name(source, pointer.target) if pointer.wiki else self._by_path(source, pointer.target)
        return None if path is None else self._anchored(path, pointer.fragment)

    def outgoing(self, path: str) -> tuple[Reference, ...]:
        """Every link and citation of the note `path`, in the order of its text."""
        found = self._outgoing.get(path)
        if found is None:
            note = self._notes.get(path)
            found = self._outgoing[path] = () if note is None else tuple(self._references(note))
        return found

    def backlinks(self, path: str) -> tuple[Reference, ...]:
        """Every link and citation in other notes that leads to the note `path`."""
        if self._backlinks is None:
            self._backlinks = {}
            for source, references in self._all().items():
                for reference in references:
                    if reference.target is not None and reference.target.path != source:
                        self._backlinks.setdefault(reference.target.path, []).append(reference)
        return tuple(self._backlinks.get(path, ()))

    def broken(self) -> tuple[Reference, ...]:
        """Every link that leads nowhere, or to a heading or block that is not there.

        Mentions are no links, and what is for its writer's eyes alone may be there, on another machine.
        """
        return tuple(
            reference
            for references in self._all().values()
            for reference in references
            if (reference.target is None or reference.target.missing) and not (reference.mention or reference.elsewhere)
        )

    def orphans(self) -> tuple[str, ...]:
        """Notes that link to no note and are linked from none; log days are not expected to be."""
        linked = {
            end
            for path, references in self._all().items()
            for reference in references
            if reference.target and reference.target.path != path and reference.target.path in self._notes
            for end in (path, reference.target.path)
        }
        return tuple(sorted(path for path, note in self._notes.items() if path not in linked and note.kind != "log"))

    def nearest(self, name: str, limit: int = 3) -> tuple[str, ...]:
        """Names of notes whose name or title looks like `name`, for a person who mistyped it."""
        from difflib import get_close_matches

        known = {fold(note.title): note.name for note in self._notes.values()}
        known |= {fold(note.name): note.name for note in self._notes.values()}
        close = get_close_matches(fold(name), known, 2 * limit)
        return tuple(dict.fromkeys(known[one] for one in close))[:limit]

    def _all(self) -> dict[str, tuple[Reference, ...]]:
        return {path: self.outgoing(path) for path in sorted(self._notes)}

    def _references(self, note: Note) -> Iterable[Reference]:
        markup = note.markup
        if not (markup.links or markup.citations or note.relations):
            return
        for relation in note.relations:
            yield Reference(note.path, relation.line, relation, self.resolve(note.path, relation))
        pointers: list[Pointer] = [*markup.links, *markup.citations]
        for pointer in sorted(pointers, key=lambda pointer: pointer.start):
            yield Reference(note.path, pointer.line, pointer, self.resolve(note.path, pointer))

    def _by_path(self, source: str, target: str) -> str | None:
        """A Markdown link: relative to the note's folder (or to the root, with a leading slash), `.md` optional."""
        folder = "" if target.startswith("/") else posixpath.dirname(source)
        path = posixpath.normpath(posixpath.join(folder, target.lstrip("/")))
        return self._exactly(path)

    def _by_name(self, source: str, target: str) -> str | None:
        """A wikilink: path from here or from the root, end of a path, name, title, alias; the first that answers."""
        if target.startswith(("./", "../")):
            return self._by_path(source, target)
        target = target.strip("/")
        if "/" in target:
            near = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
            return self._exactly(target) or self._exactly(near) or self._by_end(source, target)
        key = fold(target)
        stem = key.removesuffix(".md")
        self.looked_up.update((key, stem, target))
        for names in (self._names, self._titles, self._aliases):
            found = names.get(key) or names.get(stem)
            if found:
                same_case = [path for path in found if posixpath.basename(path).removesuffix(".md") == target]
                return self._closest(source, same_case or found)
        return self._closest(source, self._citekeys.get(target, []))

    def _by_end(self, source: str, target: str) -> str | None:
        stem = fold(target).removesuffix(".md")
        name = stem.rpartition("/")[2]
        self.looked_up.add(name)
        named = self._names.get(name, ())
        return self._closest(source, [path for path in named if fold(path).removesuffix(".md").endswith("/" + stem)])

    def _exactly(self, path: str) -> str | None:
        key = fold(path)
        stem = key.removesuffix(".md")
        self.looked_up.update((key, stem))
        found = self._paths.get(key) or self._paths.get(stem)
        if not found:
            return None
        return path if path in found else min(found)

    def _paper(self, source: str, key: str) -> Target | None:
        self.looked_up.update((key, fold(key)))
        found = self._citekeys.get(key) or self._papers_of(self._names, key) or self._papers_of(self._aliases, key)
        path = self._closest(source, found)
        return Target(path) if path else None

    def _papers_of(self, names: Mapping[str, list[str]], key: str) -> list[str]:
        """The papers among the notes that have a name; an alias is a key that could not be the file's name."""
        return [path for path in names.get(fold(key), ()) if path in self._notes and self._notes[path].kind == "paper"]

    def _closest(self, source: str, paths: list[str]) -> str | None:
        if len(paths) <= 1:
            return paths[0] if paths else None
        folder = posixpath.dirname(source)

        def distance(path: str) -> tuple[int, int, str]:
            common = posixpath.commonpath([folder, posixpath.dirname(path)]) if folder else ""
            return -len(common), path.count("/"), path

        return min(paths, key=distance)

    def _anchored(self, path: str, fragment: str) -> Target:
        note = self._notes.get(path)
        if not fragment or note is None:
            return Target(path)
        if fragment.startswith("^"):
            block = fragment[1:]
            return Target(path, fragment) if block in note.markup.blocks else Target(path, missing=fragment)
        wanted = fragment.rpartition("#")[2]  # `[[note#Part#Section]]` names the last heading of a chain
        slug, key = heading_slug(wanted), fold(wanted)
        if _CLOCK.fullmatch(wanted):  # `[[2026-11-20#14:32]]` names an entry by its time alone
            for entry in note.entries:
                if entry.anchor == wanted or entry.anchor.startswith(wanted + " "):
                    return Target(path, entry.slug)
        headings = note.markup.headings
        for heading in headings:
            if fold(heading.text) == key or heading.slug == wanted:
                return Target(path, heading.slug)
        for heading in headings:
            if heading_slug(heading.text) == slug:
                return Target(path, heading.slug)
        return Target(path, missing=fragment)


def _names(note: Note) -> tuple[str, ...]:
    """What a note is found by, folded: its path, file name, title, citation key (as it is), aliases."""
    citekey = note.metadata.get("citekey", "")
    key = citekey if isinstance(citekey, str) else ""
    return fold(note.path.removesuffix(".md")), fold(note.name), fold(note.title), key, *map(fold, note.aliases)


def _file_names(path: str) -> tuple[str, str]:
    return fold(path), fold(posixpath.basename(path))
