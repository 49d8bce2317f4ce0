"""The papers of digests, for tables: what a hand made of them in a digest goes before what their notes say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from carrel.cli.digest.sources import Sources
from carrel.cli.digest.week import Week
from carrel.core.digest import ReadPaper, file_name
from carrel.core.digest_parts import edited
from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.names import in_folder
from carrel.core.reading import Level, sessions, week_of

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.core.note import Note, Visibility

_LABEL = re.compile(r"^\*\*(Summary|Opinion|Prerequisites|Read more)(?::\*\*|\*\*$)", re.MULTILINE)


def papers_of(app: App, audience: Visibility, monday: date | None) -> list[tuple[str, ReadPaper]]:
    """The papers of a week, or of all, of which something is told, each with its week; prose without links.

    Of all, each is there once: in the week in which it was first read as thoroughly as ever.
    """
    from carrel.store.containing import naming_days

    def chosen(paths: list[str]) -> Iterable[Note]:
        if monday is None:
            for folder in (app.kb.config.papers_folder, in_folder(app.kb.config.notes_folder, "digests")):
                yield from app.kb.notes(in_folder(folder, ""))
        else:
            yield from naming_days(app.kb, paths, monday, monday + timedelta(days=6), app.remark)

    week = Week(Sources(app, audience, "", chosen), "", monday or date.min)
    digests = {note.path.rpartition("/")[2]: note for note in week.sources.notes if note.kind == "digest"}
    found = []
    for note in week.sources.notes:
        if note.kind == "paper" and (monday is None or week.has_read(note)):
            day = monday or _first_read(note)
            paper, digest = week.paper(note, links=False), digests.get(file_name(day, audience.value) if day else "")
            if digest is not None:
                paper = _by_hand(week.sources, digest, paper)
            if paper.told:
                found.append((week_of(day) if day else "", paper))
    return sorted(found, key=lambda one: (one[0], not one[1].highlight, one[1].path))


def _first_read(note: Note) -> date | None:
    """The day on which a paper was first read as thoroughly as ever, else that of its note."""
    listed = sessions(note)
    deepest = max((one.level for one in listed), default=Level.QUEUED)
    return next((one.date for one in listed if one.level == deepest), note.date)


def _by_hand(sources: Sources, digest: Note, paper: ReadPaper) -> ReadPaper:
    """The paper with the summary and the opinion that a hand wrote in a digest, where they stand below these words."""
    try:
        text = edited(sources.raw[digest.path].body).get(paper.path, "")
    except CannotEdit:
        return paper
    _, *pieces = _LABEL.split(text)
    pairs = zip(pieces[::2], pieces[1::2], strict=True)
    told = {label: sources.quoted(digest, words.strip(), links=False) for label, words in pairs}
    if told.keys().isdisjoint(("Summary", "Opinion")):
        return paper
    return replace(paper, summary=told.get("Summary", ""), opinion=told.get("Opinion", ""))
