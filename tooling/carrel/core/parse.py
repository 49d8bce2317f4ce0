"""The one reader of a note: bytes in, `Note` out. Whatever the bytes are, a note comes back.

What is wrong with a note stands in `Note.problems`; a note with a problem of its bytes or front matter is
private, whatever it says of itself, because a mistake must never publish anything.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import date, time
from hashlib import blake2b
from typing import TYPE_CHECKING

from carrel.core import markdown
from carrel.core.frontmatter import Complaint, FrontMatter, read
from carrel.core.inline_fields import inline_fields
from carrel.core.log import MAX_BYTES
from carrel.core.names import is_conflict_copy, unlinked
from carrel.core.note import Entry, Heading, Link, Markup, Note, Problem, Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from carrel.core.note import Value

_ENTRY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?:\s+(.*))?")
# A day as Carrel, Obsidian and Foam (2026-11-20), Logseq (2026_11_20) or a dated notebook (2026-11-20-title) name it.
_DAY = re.compile(r"(\d{4})([-_.])(\d{2})\2(\d{2})(?=$|[-.])(.*)")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?=$|[T ,])")
_CONFLICT = re.compile(r"^(?:<{7} |>{7} |={7}\r?$)", re.MULTILINE)
_TAG_SPLIT = re.compile(r"[,\s]+")


def parse_note(path: str, data: bytes, *, head: bool = False) -> Note:
    """Read one note. `path` is relative to the root; `data` the file's bytes, at most `MAX_BYTES` + 1 of them.

    With `head` only the front matter is read, at a third of the cost: the body is empty, a title in it is not seen.

    >>> note = parse_note("notes/2026/2026-11-20.md", b"---\\nvisibility: lab\\n---\\n## 14:32 Loss spikes\\nAgain.")
    >>> note.kind, note.date, note.visibility.value, note.entries[0].title
    ('log', datetime.date(2026, 11, 20), 'lab', 'Loss spikes')
    """
    digest = blake2b(data, digest_size=12).hexdigest()
    text, complaints = decode(data)
    front = read(text)
    complaints += front.complaints
    body = "" if head else text[front.end :]
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    body_line = 1 + text.count("\n", 0, front.end)
    if is_conflict_copy(path) or ("<<<<<<< " in text and len(_CONFLICT.findall(text)) >= 3):
        complaints.append(Complaint(1, "conflict", "holds both sides of a conflict; keep one and delete the marks"))
    markup = markdown.scan(body, body_line)
    fields = _Fields(path, front, complaints)
    kind = fields.kind()
    day = fields.day()
    visibility = fields.visibility()
    return Note(
        path=path,
        title=fields.text("title") or _first_title(markup) or _stem(path),
        kind=kind,
        date=day,
        tags=_unique((*fields.tags(), *(tag.name for tag in markup.tags))),
        aliases=fields.names("aliases", "alias"),
        project=unlinked(fields.text("project")),
        authors=fields.names("authors", "author"),
        # Every complaint so far says that the note may not be what its writer meant: then it is shown to no one.
        visibility=Visibility.PRIVATE if complaints else visibility,
        metadata=front.metadata,
        body=body,
        body_line=body_line,
        markup=markup,
        relations=tuple(_relations(front)) if "[[" in text[: front.end] else (),
        entries=tuple(_entries(body, markup)) if kind == "log" else (),
        problems=tuple(Problem(path, *complaint) for complaint in complaints),
        digest=digest,
    )


def decode(data: bytes) -> tuple[str, list[Complaint]]:
    """The text of a note without its BOM, and what is wrong with the bytes. Never raises.

    >>> decode(b"\\xef\\xbb\\xbfhi"), decode(b"caf\\xe9")[1][0].code
    (('hi', []), 'not-utf8')
    """
    complaints = []
    if len(data) > MAX_BYTES:
        size = f"{MAX_BYTES // 2**20} MiB"
        complaints.append(Complaint(1, "too-large", f"larger than {size}: only its beginning is read"))
        data = data[:MAX_BYTES]
        data = data[: data.rfind(b"\n") + 1] or data
    try:
        text = data.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        complaints.append(Complaint(line, "not-utf8", "holds bytes that are not UTF-8"))
        text = data.decode("utf-8-sig", "replace")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        complaints.append(Complaint(line, "nul", "holds NUL bytes"))
        text = text.replace("\0", "\ufffd")
    return text, complaints


class _Fields:
    """Our schema's keys of one front matter, typed. What does not fit its type is a complaint."""

    def __init__(self, path: str, front: FrontMatter, complaints: list[Complaint]) -> None:
        self.path = path
        self.front = front
        self.complaints = complaints

    def _complain(self, key: str, message: str) -> None:
        place = self.front.places.get(key)
        self.complaints.append(Complaint(place.line if place else 1, f"bad-{key}", message))

    def text(self, key: str) -> str:
        value = self.front.metadata.get(key, "")
        if isinstance(value, str):
            return " ".join(value.split())
        self._complain(key, f"{key}: one line of text is wanted here")
        return ""

    def names(self, *keys: str) -> tuple[str, ...]:
        """A list of texts, or one text, under the first of `keys` that is there."""
        for key in keys:
            value = self.front.metadata.get(key)
            if value is None:
                continue
            values = (value,) if isinstance(value, str) else value
            if isinstance(values, tuple) and all(isinstance(item, str) for item in values):
                return _unique(" ".join(str(item).split()) for item in values)
            self._complain(key, f"{key}: a list of texts is wanted here")
        return ()

    def tags(self) -> tuple[str, ...]:
        """Tags as a list, or as one text with commas or blanks between them; a leading # does not count."""
        found = self.names("tags", "tag")
        if isinstance(self.front.metadata.get("tags", self.front.metadata.get("tag")), str) and found:
            found = tuple(_TAG_SPLIT.split(found[0]))
        return _unique(tag.strip().lstrip("#") for tag in found)

    def kind(self) -> str:
        """The kind that is written, or what the file's place and name say: a day, a paper with a key, a note."""
        written = self.text("kind").lower()
        if written:
            return written
        if _DAY.fullmatch(_stem(self.path)):
            return "log"
        return "paper" if "citekey" in self.front.metadata else "note"

    def day(self) -> date | None:
        written = self.front.metadata.get("date", "")
        if isinstance(written, Mapping):  # Material's blog writes `date: {created: …}`
            written = written.get("created", "")
        if isinstance(written, str) and not written:
            return _named_day(self.path)
        found = _ISO_DATE.match(written.strip()) if isinstance(written, str) else None
        try:
            if found is not None:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass  # the 30th of February: said below, with the rest
        if not isinstance(written, str) or _ISO_DATE.match(written.strip()):
            self._complain("date", "date: there is no such day")
        return _named_day(self.path)

    def visibility(self) -> Visibility:
        written = self.front.metadata.get("visibility", "private")
        if any(key.casefold() == "visibility" != key for key in self.front.metadata):  # which of two would be meant?
            self._complain("visibility", "visibility: write it in small letters, and once")
            return Visibility.PRIVATE
        try:
            return Visibility(written)  # type: ignore[arg-type]  # whatever it is, only the three exact words pass
        except ValueError:
            self._complain("visibility", "visibility: private, lab or public is wanted here")
            return Visibility.PRIVATE


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".md")


def _named_day(path: str) -> date | None:
    found = _DAY.fullmatch(_stem(path))
    try:
        return date(int(found[1]), int(found[3]), int(found[4])) if found else None
    except ValueError:
        return None  # digits that look like a date and are none


def _first_title(markup: Markup) -> str:
    return next((heading.text for heading in markup.headings if heading.level == 1), "")


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def _relations(front: FrontMatter) -> Iterator[Link]:
    for key, value in front.metadata.items():
        for text in _texts(value):
            if "[[" in text:
                yield from markdown.scan(text, front.places[key].line if key in front.places else 1).links


def _texts(value: Value) -> Iterator[str]:
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, str):
            yield top
        else:
            stack.extend(reversed(tuple(top.values()) if isinstance(top, Mapping) else top))


def _entries(body: str, markup: Markup) -> Iterator[Entry]:
    """Each `## HH:MM Title` section, up to the next heading of its level or above."""
    tops = [heading for heading in markup.headings if heading.level <= 2]
    tagged = [tag.start for tag in markup.tags]
    for number, heading in enumerate(tops):
        found = _ENTRY.fullmatch(heading.text) if heading.level == 2 else None
        if found is None:
            continue
        end = tops[number + 1].start if number + 1 < len(tops) else len(body)
        tags = markup.tags[bisect_left(tagged, heading.start) : bisect_left(tagged, end)]
        yield _entry(body, markup, heading, end, found, _unique(tag.name for tag in tags))


def _entry(body: str, markup: Markup, heading: Heading, end: int, found: re.Match[str], tags: tuple[str, ...]) -> Entry:
    text_start = body.find("\n", heading.start)
    text = body[text_start + 1 : end] if 0 <= text_start < end else ""
    clock = time(int(found[1]), int(found[2]))
    fields = inline_fields(body, text_start + 1, end, markup.code, markup.comments) if text else {}
    return Entry(
        clock, found[3] or "", heading.text, heading.slug, heading.line, heading.start, end, text.strip("\n"), tags,
        fields,
    )  # fmt: skip
