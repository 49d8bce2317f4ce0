"""What is wrong with notes: what reading them found, and what shows only when all of them are seen together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.digest_parts import lines_written
from carrel.core.graph import LinkGraph, Reference
from carrel.core.names import fold
from carrel.core.note import Citation, Note, Problem, Visibility
from carrel.core.paper import folded, identity_keys, read_paper
from carrel.core.reading import Level, reading
from carrel.core.reading import problems as reading_problems

if TYPE_CHECKING:
    from carrel.core.paper import Paper

#: Kinds of notes in which a paper may be cited before it is read: they say what is on one's mind, not what is known.
THINKING_ALOUD = ("log", "idea", "meeting", "paper")


def check_notes(notes: Iterable[Note], files: Iterable[str] = ()) -> list[Problem]:
    """Every problem of `notes`, by path and line. `files` are the attachments that links may lead to.

    >>> from carrel.core.parse import parse_note
    >>> [str(problem) for problem in check_notes([parse_note("notes/a.md", b"See [[b]].")])]
    ['notes/a.md:1: [[b]] leads nowhere [broken-link]']
    """
    seen = list(notes)
    problems = [problem for note in seen for problem in note.problems]
    graph = LinkGraph(seen, files)
    problems += [_broken(reference) for reference in graph.broken()]
    problems += _twins(seen)
    problems += _same_citekey(seen)
    problems += _same_title(seen)
    problems += _cited_skimmed(seen, graph)
    problems += _withdrawn(seen, graph)
    problems += [problem for note in seen if note.kind == "paper" for problem in reading_problems(note)]
    return sorted(problems, key=lambda problem: (problem.path, problem.line, problem.code))


def _broken(reference: Reference) -> Problem:
    pointer, target = reference.pointer, reference.target
    if isinstance(pointer, Citation):
        return Problem(reference.source, reference.line, "broken-citation", f"[@{pointer.key}] is no paper here")
    written = f"[[{reference.written}]]" if pointer.wiki else f"({reference.written})"
    if target is not None:
        message = f"{written}: {target.path} has no {'block' if target.missing[:1] == '^' else 'heading'} of that name"
        return Problem(reference.source, reference.line, "broken-anchor", message)
    return Problem(reference.source, reference.line, "broken-link", f"{written} leads nowhere")


def _withdrawn(notes: list[Note], graph: LinkGraph) -> Iterator[Problem]:
    """What a digest repeats of notes that its readers may not see any more: it was written when they might."""
    by_path = {note.path: note for note in notes}
    for digest in notes:
        if digest.kind != "digest" or digest.visibility is Visibility.PRIVATE:
            continue
        told: set[str] = set()
        written = set(lines_written(digest))
        for link in digest.markup.links:
            target = graph.resolve(digest.path, link) if link.line in written else None
            note = by_path.get(target.path) if target else None
            if note and note.path not in told and not note.visibility.visible_to(digest.visibility):
                told.add(note.path)
                message = f"repeats what {note.path} says, which is {note.visibility} now: run `carrel digest` again"
                yield Problem(digest.path, link.line, "withdrawn", message)


def _twins(notes: list[Note]) -> Iterator[Problem]:
    """Paths that some file systems take for one: a checkout there would lose one of the two."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for note in notes:
        by_name[fold(note.path)].append(note.path)
    for paths in by_name.values():
        for path in sorted(paths)[1:]:
            yield Problem(path, 1, "twin", f"differs from {min(paths)} only in case or accents' encoding")


def _same_citekey(notes: list[Note]) -> Iterator[Problem]:
    by_key: dict[str, list[str]] = defaultdict(list)
    for note in notes:
        citekey = note.metadata.get("citekey", "")
        if isinstance(citekey, str) and citekey:
            by_key[citekey].append(note.path)
    for key, paths in by_key.items():
        for path in sorted(paths)[1:]:
            yield Problem(path, 1, "same-citekey", f"has the citation key {key} of {min(paths)}")


def _same_title(notes: list[Note]) -> Iterator[Problem]:
    """Papers that are here twice, it seems: under one title, by one first author as far as both name one."""
    by_title: dict[str, list[tuple[str, _Record]]] = defaultdict(list)
    for note in sorted((note for note in notes if note.kind == "paper"), key=lambda note: note.path):
        paper = read_paper(note)
        if title := folded(paper.title):
            by_title[title].append((note.path, _Record.of(paper)))
    for papers in by_title.values():
        for number, (path, record) in enumerate(papers):
            other = next((where for where, one in papers[:number] if record.may_be(one)), None)
            if other is not None:
                yield Problem(path, 1, "same-title", f"has title and author of {other}: the same paper?")


class _Record(NamedTuple):
    """What tells papers under one title apart."""

    author: str
    doi: str
    year: str
    venue: str
    issue: tuple[str, str]

    @classmethod
    def of(cls, paper: Paper) -> _Record:
        return cls(
            author=folded(paper.authors[0].family or paper.authors[0].literal) if paper.authors else "",
            doi=next((key for key in identity_keys(paper) if key.startswith("doi:")), ""),
            year=paper.year,
            venue=folded(paper.venue),
            issue=(paper.volume, paper.number),
        )

    def may_be(self, other: _Record) -> bool:
        """Whether both may be of one paper. A journal prints an "Editorial" in every issue, or a review every year."""
        if self.doi and other.doi and self.doi != other.doi and self.year != other.year:
            return False
        if self.venue == other.venue and all(self.issue) and all(other.issue) and self.issue != other.issue:
            return False
        return self.author == other.author or not (self.author and other.author)


def _cited_skimmed(notes: list[Note], graph: LinkGraph) -> Iterator[Problem]:
    """Papers that an experiment, a project, a question or the like builds on, and that were at most skimmed."""
    shallow = {
        note.path: "still in the queue" if reading(note) == Level.QUEUED else "only skimmed"
        for note in notes
        if note.kind == "paper" and "reading" in note.metadata and reading(note) <= Level.SKIM
    }
    for note in notes:
        told: set[str] = set()
        for reference in graph.outgoing(note.path) if note.kind not in THINKING_ALOUD else ():
            pointer, target = reference.pointer, reference.target
            if isinstance(pointer, Citation) and target and target.path in shallow and target.path not in told:
                told.add(target.path)
                message = f"[@{pointer.key}] is cited here and {shallow[target.path]}"
                yield Problem(note.path, reference.line, "cited-skimmed", message)
