"""What happened in a week, as a digest tells it: papers, experiments, predictions, questions, entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from carrel.cli.digest_sources import Sources
from carrel.core.digest import Asked, EndedExperiment, Issue, Noted, ReadPaper, Settled
from carrel.core.experiment import OPEN, state, stated, stated_day, verdict
from carrel.core.graph import Target
from carrel.core.names import fold
from carrel.core.note import Note, Value, Visibility, writers
from carrel.core.paper import bare_doi
from carrel.core.prediction import Made, made
from carrel.core.reading import Level, grade, reading, sessions, week_of
from carrel.core.relative import relative_url
from carrel.core.summary import markdown_text
from carrel.publish.text.labels import byline
from carrel.publish.text.words import entry_title, entry_words

if TYPE_CHECKING:
    from carrel.cli.app import App

#: Characters of an entry's text.
WIDTH = 240
#: The tag that marks an entry, where it stands in its title.
_MARK = re.compile(r"\s?#highlight\b", re.IGNORECASE)
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def issue_of(app: App, monday: date, audience: Visibility, place: str) -> Issue:
    """The digest of a week for the note at `place`."""
    from carrel.store.containing import naming_days

    sunday = monday + timedelta(days=6)

    def chosen(paths: list[str]) -> Iterable[Note]:
        return naming_days(app.kb, paths, monday, sunday, app.remark)

    week = _Week(Sources(app, audience, place, chosen), place, monday)
    return Issue(
        monday,
        tuple(week.papers()),
        tuple(week.experiments()),
        tuple(week.predictions()),
        tuple(week.questions()),
        tuple(week.entries()),
    )


def papers_of(app: App, audience: Visibility, monday: date | None) -> list[tuple[str, ReadPaper]]:
    """The papers of a week, or of all, of which something is told, each with its week; prose without links.

    Of all, each is there once: in the week in which it was first read as thoroughly as ever.
    """
    from carrel.store.containing import naming_days

    def chosen(paths: list[str]) -> Iterable[Note]:
        if monday is None:
            return app.kb.notes(f"{app.kb.config.papers_folder}/" if app.kb.config.papers_folder != "." else "")
        return naming_days(app.kb, paths, monday, monday + timedelta(days=6), app.remark)

    week = _Week(Sources(app, audience, "", chosen), "", monday or date.min)
    found = []
    for note in week.sources.notes:
        if note.kind == "paper" and (monday is None or week.has_read(note)):
            paper = week.paper(note, links=False)
            if paper.told:
                found.append((week_of(monday) if monday else _first_week(note), paper))
    return sorted(found, key=lambda one: (one[0], not one[1].highlight, one[1].path))


class _Week:
    """The notes of a week, and what each is there for."""

    def __init__(self, sources: Sources, place: str, monday: date) -> None:
        self.sources, self._place, self._monday = sources, place, monday

    def _is_in(self, day: date | None) -> bool:
        return day is not None and 0 <= (day - self._monday).days < 7

    def _of_kind(self, kind: str) -> Iterator[Note]:
        return (note for note in self.sources.notes if note.kind == kind)

    def _link(self, path: str, slug: str = "") -> str:
        edition = self.sources.edition
        if slug and edition.anchor(path, slug) == slug:  # another one is the site's alone: no link of a note finds it
            return edition.url(self._place, Target(path, slug))
        return relative_url(self._place, path)

    def _title(self, note: Note) -> str:
        return self.sources.edition.titles[note.path]

    def has_read(self, note: Note) -> bool:
        """Whether there was a session with a paper; one without any was read on its note's day."""
        listed = sessions(note)
        return any(self._is_in(one.date) for one in listed) if listed else self._is_in(note.date)

    def papers(self) -> Iterator[ReadPaper]:
        """The papers that were read; one without any session counts if something is told of it."""
        for note in self._of_kind("paper"):
            if self.has_read(note) and ((paper := self.paper(note)).told or sessions(note)):
                yield paper

    def paper(self, note: Note, *, links: bool = True) -> ReadPaper:
        """A paper as a digest tells of it."""
        sources, raw = self.sources, self.sources.raw[note.path]
        marked = stated(note, "highlight").lower()
        within = [one.level for one in sessions(note) if self._is_in(one.date)]
        return ReadPaper(
            path=note.path,
            link=self._link(note.path),
            title=self._title(note),
            authors=note.authors,
            byline=byline(note),
            venue=stated(note, "venue"),
            year=stated(note, "year"),
            url=_address(note),
            category=stated(note, "category"),
            highlight=marked in _YES or (grade(note, "rating") == 5 and marked not in _NO),
            rating=grade(note, "rating") or 0,
            level=max(within, default=reading(note)),
            summarisers=writers(note),
            summary=sources.section(note, "Summary", "TL;DR", links=links),
            opinion=sources.section(note, "Opinion", links=links),
            prerequisites=tuple(sources.in_line(note, text, links=links) for text in _listed(raw, "prerequisites")),
            read_more=tuple(sources.in_line(note, text, links=links) for text in _listed(raw, "read_more")),
        )

    def experiments(self) -> Iterator[EndedExperiment]:
        """The experiments that ended, whatever came of them."""
        for note in self._of_kind("experiment"):
            ended = stated_day(note, "ended")
            if ended is None or not self._is_in(ended) or state(note) in OPEN:
                continue
            section = self.sources.section
            yield EndedExperiment(
                path=note.path,
                link=self._link(note.path),
                title=self._title(note),
                ended=ended,
                verdict=verdict(note) or state(note),
                people=writers(note),
                highlight=stated(note, "highlight").lower() in _YES,
                hypothesis=section(note, "Hypothesis"),
                result="\n\n".join(filter(None, (section(note, "Result"), section(note, "Verdict")))),
                surprise=section(note, "Surprise"),
                reason=markdown_text(stated(note, "reason")),
            )

    def predictions(self) -> Iterator[Settled]:
        """The predictions that were resolved."""
        for each in made(self.sources.raw[note.path] for note in self.sources.notes):
            if each.one.resolved is not None and self._is_in(each.one.resolved):
                yield self._settled(each, each.one.resolved)

    def _settled(self, each: Made, day: date) -> Settled:
        from carrel.cli.predictions import told
        from carrel.core.secret import without_secret

        note, (claim, secret) = self.sources.edition.by_path[each.note.path], told(each)
        return Settled(
            link=self._link(note.path, each.entry.slug if each.entry else ""),
            title=self._title(note),
            claim="a secret" if secret == "sealed" else self.sources.in_line(note, claim),
            p=each.one.p,
            outcome=each.one.outcome,
            day=day,
            remark=self.sources.in_line(note, without_secret(each.remark) if secret else each.remark),
            people=writers(note),
        )

    def questions(self) -> Iterator[Asked]:
        """The questions that were asked or answered."""
        for note in self._of_kind("question"):
            opened, answered = self._is_in(note.date), self._is_in(stated_day(note, "answered"))
            if opened or answered:
                answer = " ".join(self.sources.section(note, "Answer").split()) if answered else ""
                yield Asked(self._link(note.path), self._title(note), opened, answered, answer, writers(note))

    def entries(self) -> Iterator[Noted]:
        """The entries of the log, in their order."""
        edition = self.sources.edition
        days = (note for note in self._of_kind("log") if note.date is not None)
        for note in sorted(days, key=lambda note: (note.date or date.min, note.path)):
            if note.date is None or not self._is_in(note.date):
                continue
            for entry in note.entries:
                marked = any(fold(tag) == "highlight" for tag in entry.tags)
                marked = marked or entry.fields.get("highlight", "").lower() in _YES
                words = markdown_text(entry_words(edition, note, entry, WIDTH)) if marked else ""
                title = _MARK.sub("", entry_title(edition, note, entry)) or "Entry"
                yield Noted(self._link(note.path, entry.slug), title, words, note.date, marked, writers(note))


def _first_week(note: Note) -> str:
    """The week in which a paper was first read as thoroughly as ever, else that of its note."""
    listed = sessions(note)
    deepest = max((one.level for one in listed), default=Level.QUEUED)
    day = next((one.date for one in listed if one.level == deepest), note.date)
    return week_of(day) if day else ""


def _listed(note: Note, key: str) -> list[str]:
    """The texts under a key of the front matter, one or a list."""
    value: Value = note.metadata.get(key, ())
    values = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
    return [text for text in values if isinstance(text, str) and text.strip()]


def _address(note: Note) -> str:
    """Where a paper is on the web, as it can stand in a link; "" where nobody says."""
    url, arxiv, doi = stated(note, "url"), stated(note, "arxiv"), bare_doi(stated(note, "doi"))
    if not url.lower().startswith(("https://", "http://")):
        url = f"https://arxiv.org/abs/{arxiv}" if arxiv and "/" not in arxiv[:1] and ":" not in arxiv else ""
        url = url or (f"https://doi.org/{doi}" if doi else "")
    return "".join(f"%{ord(char):02X}" if char in ' ()<>"\\' else char for char in url)
