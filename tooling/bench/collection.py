"""Collections for measuring relevance: documents, queries and judgements, read from the forms in which they come.

SMART (`.I .T .A .W`: Cranfield, CISI, MEDLINE, CACM, ADI), NPL (blocks that end with a slash), LISA and TIME, TREC
(`<DOC>`, `<top>`, four columns of judgements), and JSON lines with tab-separated judgements (BEIR). Which file is what
is told by its content; what is none of these (a README) is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

#: Of each query, what each relevant document is worth.
Judgements = Mapping[str, Mapping[str, float]]


class Record(NamedTuple):
    """A document or a query."""

    identity: str
    title: str
    text: str


@dataclass(frozen=True)
class Collection:
    """Documents, the queries that have a relevant one, and their judgements."""

    name: str
    documents: Sequence[Record]
    queries: Sequence[Record]
    judgements: Judgements


class NotACollection(Exception):
    """What is missing for the files to be a collection."""


@dataclass
class _Found:
    """What the files hold. `records` may be documents or queries: their sizes tell."""

    documents: list[Record] = field(default_factory=list)
    queries: list[Record] = field(default_factory=list)
    records: list[list[Record]] = field(default_factory=list)
    judgements: list[tuple[Path, Judgements]] = field(default_factory=list)


def read(paths: Iterable[Path]) -> Collection:
    """The collection in these files, or in the files of these folders. Raises `NotACollection`, `OSError`."""
    paths = list(paths)
    found = _Found()
    for place in sorted(one for path in paths for one in (path.rglob("*") if path.is_dir() else (path,))):
        if place.is_file() and not place.name.startswith("."):
            _sort_in(place, place.read_text("utf-8", "replace"), found)
    found.records.sort(key=lambda records: sum(len(one.text) for one in records))
    documents = found.documents or (found.records.pop() if found.records else [])
    queries = [*found.queries, *(one for records in found.records for one in records)]
    for what, there in (("documents", documents), ("queries", queries), ("judgements", found.judgements)):
        if not there:
            raise NotACollection(f"{', '.join(map(str, paths))}: no {what} found")
    judged = _by_number(queries, _best_judgements(found.judgements))
    name = (paths[0] if paths[0].is_dir() else paths[0].resolve().parent).resolve().name
    return Collection(name, documents, [query for query in queries if judged.get(query.identity)], judged)


def _sort_in(place: Path, text: str, found: _Found) -> None:
    """Put a file's content where it belongs, if anywhere."""
    start = text.lstrip("\ufeff \r\n\t")
    if re.match(r"\.I\s+\S", start):
        found.records.append(list(_smart(text)))
    elif re.search(r"<DOC>", text[:5000], re.IGNORECASE):
        found.documents += _trec_documents(text)
    elif re.search(r"<top>", text[:5000], re.IGNORECASE):
        found.queries += _topics(text)
    elif start.startswith("{"):
        found.records.append(list(_json_lines(start)))
    elif start.startswith("*TEXT"):
        found.documents += _starred(text, "TEXT")
    elif start.startswith("*FIND"):
        found.queries += _starred(text, "FIND")
    elif re.match(r"Document\s+\d+\s*\n", start):
        found.documents += _lisa_documents(text)
    elif judgements := _judgements(text):
        found.judgements.append((place, judgements))
    elif re.match(r"\d+\s*\n", start) and (records := list(_blocks(text))):
        found.records.append(records)


def _smart(text: str) -> Iterator[Record]:
    """`.I 1`, then parts: `.T` is the title; `.W` text, `.K` keywords and `.A` authors are its words."""
    for part in re.split(r"^\.I[ \t]+", text, flags=re.MULTILINE)[1:]:
        identity, _, rest = part.partition("\n")
        parts: dict[str, str] = {}
        pieces = re.split(r"^\.([A-Z])[ \t]*$", rest, flags=re.MULTILINE)
        for letter, value in zip(pieces[1::2], pieces[2::2], strict=True):
            parts[letter] = f"{parts.get(letter, '')} {value.strip()}".strip()
        words = (parts[letter] for letter in "WKA" if letter in parts)
        yield Record(_plain(identity), " ".join(parts.get("T", "").split()), "\n\n".join(words))


def _blocks(text: str) -> Iterator[Record]:
    """A number on a line, text, and a line with a slash (NPL) or a text that ends with `#` (LISA)."""
    for block in re.split(r"^\s*/\s*$|#\s*$", text, flags=re.MULTILINE):
        identity, _, rest = block.strip().partition("\n")
        if identity.strip().isdigit() and rest.strip():
            yield Record(_plain(identity), "", rest.strip())


def _starred(text: str, star: str) -> Iterator[Record]:
    """TIME: `*TEXT 017 01/04/63 PAGE 020` or `*FIND 1`, and text. Its judgements count the texts from 1."""
    parts = re.split(rf"^\*{star}[ \t]+", text.partition("\n*STOP")[0], flags=re.MULTILINE)[1:]
    for number, part in enumerate(parts, 1):
        first, _, rest = part.partition("\n")
        yield Record(str(number) if star == "TEXT" else _plain(first.split()[0]), "", rest.strip())


def _lisa_documents(text: str) -> Iterator[Record]:
    """LISA: `Document 17`, the title to the first blank line, the abstract to a line of stars."""
    for part in re.split(r"^\*{10,}\s*$", text, flags=re.MULTILINE):
        if found := re.match(r"\s*Document\s+(\d+)\s*\n(.*)", part, re.DOTALL):
            title, *rest = re.split(r"\n\s*\n", found[2].strip(), maxsplit=1)
            yield Record(_plain(found[1]), " ".join(title.split()), "".join(rest).strip())


def _element(part: str, *names: str) -> str:
    """The text of the first of these elements that there is, whether it is closed or not."""
    for name in names:
        if found := re.search(rf"<{name}>(.*?)(?=</{name}>|<(?:num|title|desc|narr)>|\Z)", part, re.DOTALL | re.I):
            return re.sub(r"<[^>]+>", " ", found[1]).strip()
    return ""


def _trec_documents(text: str) -> Iterator[Record]:
    for part in re.findall(r"<DOC>(.*?)</DOC>", text, re.DOTALL | re.IGNORECASE):
        title = " ".join(_element(part, "TITLE", "HEADLINE", "HL", "TTL").split())
        yield Record(_plain(_element(part, "DOCNO")), title, _element(part, "TEXT", "ABSTRACT", "BODY"))


def _topics(text: str) -> Iterator[Record]:
    """A topic is asked by its title, as it would be typed; by its description where it has none."""
    for part in re.findall(r"<top>(.*?)</top>", text, re.DOTALL | re.IGNORECASE):
        number = re.sub(r"(?i)number:", "", _element(part, "num"))
        title = re.sub(r"(?i)^\s*topic:", "", _element(part, "title"))
        described = re.sub(r"(?i)^\s*description:", "", _element(part, "desc"))
        yield Record(_plain(number), "", title.strip() or described.strip())


def _json_lines(text: str) -> Iterator[Record]:
    for line in text.splitlines():
        if line.strip():
            one = json.loads(line)
            if "_id" in one:
                yield Record(str(one["_id"]), str(one.get("title") or ""), str(one.get("text") or ""))


def _judgements(text: str) -> Judgements:
    """Judgements in any of the forms; empty when the text is none."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not lines:
        return {}
    if "\t" in text and lines[0][:2] == ["query-id", "corpus-id"]:
        return _gathered((query, document, float(gain)) for query, document, gain in lines[1:])
    if re.match(r"\s*Query\s+\d+\s*\n", text):  # LISA.REL
        parts = re.findall(r"Query\s+(\d+)\s*\n.*?\n([\d\s]*)-1", text)
        return _gathered((query, document, 1.0) for query, documents in parts for document in documents.split())
    if any(not re.fullmatch(r"[-\d.]+|/|Q0|[\w.-]*\d[\w.-]*", word) for line in lines[:200] for word in line):
        return {}
    if ["/"] in lines:  # NPL
        blocks = (block.split() for block in re.split(r"^\s*/\s*$", text, flags=re.MULTILINE))
        numeric = [block for block in blocks if block and all(map(str.isdigit, block))]
        return _gathered((query, document, 1.0) for query, *documents in numeric for document in documents)
    return _columns(lines) if _is_table(lines) else _counted(lines)


def _is_table(lines: Sequence[Sequence[str]]) -> bool:
    """Whether the same query stands at the beginning of line after line."""
    return len({len(line) for line in lines}) == 1 and len({line[0] for line in lines}) < len(lines)


def _columns(lines: Sequence[Sequence[str]]) -> Judgements:
    """Query and document; with a third column Cranfield's codes (1 is best, -1 none), with a fourth TREC or SMART.

    TREC's second column says nothing and its fourth is the gain; in SMART's form it is the last two that say nothing.
    """
    width = len(lines[0])
    if width == 4 and len({line[1] for line in lines}) == 1:
        return _gathered((query, document, float(gain)) for query, _, document, gain in lines)
    if width == 4:
        return _gathered((line[0], line[1], 1.0) for line in lines)
    if width == 3:
        return _gathered((line[0], line[1], 1.0 if float(line[2]) > 0 else 0.0) for line in lines)
    return _gathered((line[0], line[1], 1.0) for line in lines) if width == 2 else {}


def _counted(lines: Sequence[Sequence[str]]) -> Judgements:
    """A query and its documents: after their number and over several lines (LISARJ.NUM), or on one line (TIME.REL)."""
    if not all(word.isdigit() for line in lines for word in line):
        return {}
    numbers = [word for line in lines for word in line]
    at, listed = 0, []
    while at + 1 < len(numbers):
        count = int(numbers[at + 1])
        listed.append((numbers[at], numbers[at + 2 : at + 2 + count]))
        at += 2 + count
    if at != len(numbers) or [int(query) for query, _ in listed] != sorted({int(query) for query, _ in listed}):
        listed = [(line[0], list(line[1:])) for line in lines if len(line) > 1]
    return _gathered((query, document, 1.0) for query, documents in listed for document in documents)


def _gathered(triples: Iterable[tuple[str, str, float]]) -> Judgements:
    found: dict[str, dict[str, float]] = {}
    for query, document, gain in triples:
        of = found.setdefault(_plain(query), {})
        if gain > 0:
            of[_plain(document)] = gain
    return found


def _best_judgements(found: Sequence[tuple[Path, Judgements]]) -> Judgements:
    """Of several files the test's, if one is so named, else the one with the shortest name (`MED.REL`, not `.OLD`)."""
    return min(found, key=lambda one: ("test" not in one[0].stem, len(one[0].name), one[0].name))[1]


def _by_number(queries: Sequence[Record], judged: Judgements) -> Judgements:
    """Judgements by the queries' own names. Cranfield's count the queries from 1, whatever those call themselves."""
    if judged.keys() <= {query.identity for query in queries}:
        return judged
    ordinals = {str(number): query.identity for number, query in enumerate(queries, 1)}
    if judged.keys() <= ordinals.keys():
        return {ordinals[number]: gains for number, gains in judged.items()}
    return judged


def _plain(identity: str) -> str:
    """A name without what one file writes and the other does not: blanks around it, leading zeros."""
    identity = identity.strip()
    return identity.lstrip("0") or "0" if identity.isdigit() else identity
