"""What happened in a week, as a digest tells it: papers, experiments, predictions, questions, entries, what is next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from carrel.cli.digest.sources import Sources
from carrel.core.digest import Asked, EndedExperiment, Issue, Noted, Predicted, ReadPaper, Running, Settled, Step
from carrel.core.experiment import OPEN, state, stated, stated_day, verdict
from carrel.core.graph import Target
from carrel.core.names import fold
from carrel.core.next_steps import next_steps
from carrel.core.note import Entry, Note, Value, Visibility, writers
from carrel.core.paper import bare_doi
from carrel.core.prediction import Made, made, read_line
from carrel.core.reading import grade, reading, sessions
from carrel.core.relative import relative_url
from carrel.core.summary import markdown_text
from carrel.publish.text.citations import UNSHARED_PAPER
from carrel.publish.text.labels import byline
from carrel.publish.text.links import UNSHARED
from carrel.publish.text.words import entry_title, entry_words

if TYPE_CHECKING:
    from carrel.cli.app import App

#: Characters of an entry's text.
WIDTH = 240
#: The tag that marks an entry, where it stands in its title.
_MARK = re.compile(r"\s?#highlight\b", re.IGNORECASE)
_UNSHARED = ("", UNSHARED, UNSHARED_PAPER)
#: A line of an entry that says nothing of its own: a field, or tags.
_MARKS = re.compile(r"\w[\w -]{0,40}+::(?!\S).*|(?:#\S++\s*+)++")
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def issue_of(app: App, monday: date, audience: Visibility, place: str) -> Issue:
    """The digest of a week for the note at `place`."""
    from carrel.store.containing import containing, naming_days

    sunday = monday + timedelta(days=6)

    def chosen(paths: list[str]) -> Iterable[Note]:
        yield from naming_days(app.kb, paths, monday, sunday, app.remark)
        begun = containing(app.kb, b"started:", remark=lambda _: None)  # what cannot be read was told of
        yield from (note for note in begun if _ran_on(note, sunday))

    week = Week(Sources(app, audience, place, chosen), place, monday)
    return Issue(
        monday,
        tuple(week.papers()),
        tuple(week.experiments()),
        tuple(week.predictions()),
        tuple(week.questions()),
        tuple(week.entries()),
        tuple(week.running()),
        tuple(week.made()),
        tuple(week.steps()),
    )


class Week:
    """The notes of a week, and what each is there for."""

    def __init__(self, sources: Sources, place: str, monday: date) -> None:
        self.sources, self._place, self._monday = sources, place, monday
        self._sunday = monday + timedelta(days=6)

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
            prerequisites=tuple(self._shared(note, _listed(raw, "prerequisites"), links=links)),
            read_more=tuple(self._shared(note, _listed(raw, "read_more"), links=links)),
        )

    def _shared(self, note: Note, texts: Iterable[str], *, links: bool) -> Iterator[str]:
        """Texts as they may be told; one that is the name of a note which is not shared is left out."""
        for text in texts:
            told = self.sources.in_line(note, text, links=links)
            if told.strip("()") not in _UNSHARED:
                yield told

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

    def running(self) -> Iterator[Running]:
        """The experiments that ran when the week was over."""
        for note in self.sources.notes:
            if _ran_on(note, self._sunday) and (started := stated_day(note, "started")):
                yield Running(self._link(note.path), self._title(note), started, writers(note))

    def predictions(self) -> Iterator[Settled]:
        """The predictions that were resolved."""
        from carrel.core.secret import without_secret

        for each in made(self.sources.raw[note.path] for note in self.sources.notes):
            if each.one.resolved is None or not self._is_in(each.one.resolved):
                continue
            note, (claim, secret) = self.sources.edition.by_path[each.note.path], self._claim(each)
            yield Settled(
                link=self._link(note.path, each.entry.slug if each.entry else ""),
                title=self._title(note),
                claim=claim,
                p=each.one.p,
                outcome=each.one.outcome,
                day=each.one.resolved,
                remark=self.sources.in_line(note, without_secret(each.remark) if secret else each.remark),
                people=writers(note),
            )

    def made(self) -> Iterator[Predicted]:
        """The predictions of the notes of the week that were open when it was over, in their order."""
        dated = (note for note in self.sources.notes if self._is_in(note.date) and note.kind != "digest")
        in_order = sorted(dated, key=lambda note: (note.date or date.min, note.path))
        for each in made(self.sources.raw[note.path] for note in in_order):
            if not each.one.outcome or (each.one.resolved is not None and each.one.resolved > self._sunday):
                note = self.sources.edition.by_path[each.note.path]
                link = self._link(note.path, each.entry.slug if each.entry else "")
                claim, _ = self._claim(each)
                yield Predicted(link, self._title(note), claim, each.one.p, each.one.by, writers(note))

    def _claim(self, each: Made) -> tuple[str, str]:
        """What was predicted as it may be told, and what is known of it if it was a secret."""
        from carrel.cli.predictions.made import told

        claim, secret = told(each)
        note = self.sources.edition.by_path[each.note.path]
        return "a secret" if secret == "sealed" else self.sources.in_line(note, claim), secret

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
                if not marked and _only_predicts(entry):
                    continue
                words = markdown_text(entry_words(edition, note, entry, WIDTH)) if marked else ""
                title = _MARK.sub("", entry_title(edition, note, entry)) or "Entry"
                yield Noted(self._link(note.path, entry.slug), title, words, note.date, marked, writers(note))

    def steps(self) -> Iterator[Step]:
        """What the notes of the week, and the experiments that ended in it or run, say is to be done next."""
        told = (note for note in self.sources.notes if note.kind not in ("paper", "digest"))
        for note in sorted(told, key=lambda note: (note.date or date.min, note.path)):
            if not (self._is_in(note.date) or self._is_in(stated_day(note, "ended")) or _ran_on(note, self._sunday)):
                continue
            for entry, step in next_steps(self.sources.raw[note.path]):
                if words := self.sources.in_line(note, step):
                    link = self._link(note.path, entry.slug if entry else "")
                    yield Step(link, self._title(note), words, writers(note))


def _ran_on(note: Note, day: date) -> bool:
    """Whether it is an experiment that ran at the end of a day, as far as its note says."""
    if note.kind != "experiment":
        return False
    started, ended = stated_day(note, "started"), stated_day(note, "ended")
    over = state(note) != "running" and (ended is None or ended <= day)
    return started is not None and started <= day and not over


def _only_predicts(entry: Entry) -> bool:
    """Whether an entry holds predictions and nothing else: the section Predictions tells of them."""
    lines = [line for line in entry.text.split("\n") if line.strip()]
    others = [line for line in lines if not read_line(line)]
    return len(others) < len(lines) and all(_MARKS.fullmatch(line) for line in others)


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
