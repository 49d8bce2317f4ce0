"""The gate after the build: a site leaves only when no hidden note and no credential can be found in its bytes.

It knows nothing of how the site was made. It takes the notes that the audience may not see, reads every file of the
site, names, packed files and metadata included, and looks for their titles, file names and aliases, for eight words
of theirs in a row, and for keys and passwords. What a shared note says in its own words is its writer's to say: a
hidden note's name there is a remark. What no shared note says is a leak, and the build stops.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.note import Visibility
from carrel.errors import SiteLeaks, SourceError
from carrel.publish.credentials import credentials
from carrel.publish.hidden import Hidden, Mention, by_path, line_of, of_the_program
from carrel.publish.needles import BREAK, PHRASE, words
from carrel.publish.site_text import Lines, readable, run_together, shown, unpacked
from carrel.publish.tree import make_private

if TYPE_CHECKING:
    from carrel.publish.staged import Staged
    from carrel.store.knowledge_base import KnowledgeBase

#: Part of what a file was found clean by: raise it when a rule changes.
_RULES = 1
#: What is kept of a file for the next build: no more rows than these, else it is read again.
_KEPT = 50
#: Bytes of a file in which lines are counted.
_LARGEST = 4_000_000
#: Leaks of which the line is looked for; where there are more, something is wrong as a whole.
_PLACED = 50


@dataclass(frozen=True, slots=True)
class Leak:
    """A place of the site that must not leave. `key` stands for it in the settings `publish.allow`.

    `file` is "" when its very name is what leaks. `told` is for the writer's eyes alone: the words, and whose they are.
    """

    file: str
    line: int
    rule: str
    key: str
    told: str

    def __str__(self) -> str:
        return f"{f'{self.file}:{self.line}' if self.file else 'the name of a file'}: {self.rule}"

    @property
    def private(self) -> str:
        """The same with what only the writer may read."""
        return f"{self}: {self.told}; to allow it: {self.key}"


@dataclass
class _Row:
    """Words that are a hidden note's, and where the site has them; `files` of "" are names of files."""

    words: tuple[str, ...]
    hidden: str
    is_name: bool
    files: dict[str, None] = field(default_factory=dict)


def check(
    kb: KnowledgeBase, audience: Visibility, staged: Staged, site: Path, themes: Sequence[Path]
) -> tuple[Mention, ...]:
    """Look through the site in the folder `site`. Raises `SiteLeaks`.

    Files that are the same as in one of the folders `themes` came with a theme. The site for the writer alone is not
    looked through. Returns what shared notes say themselves of hidden ones.
    """
    if audience is Visibility.PRIVATE:
        return ()
    sources = by_path({path: page.source for path, page in staged.pages.items()})
    hidden = Hidden(kb, frozenset(sources.values()))
    gate = _Gate(hidden, kb.cache_dir / f"gate-{audience}.json", frozenset(staged.assets))
    for place in sorted(site.rglob("*")):
        if place.is_file():
            gate.read(place, place.relative_to(site).as_posix(), themes)
    gate.forget(of_the_program(themes, kb))
    gate.forget_what_is_said_in_part()
    leaks = [Leak("", 0, "not-shared", f"not-shared-{_key(path)}", path) for path in hidden.not_shared(audience)]
    leaks += (leak for leak in gate.leaks(site, sources) if leak.key not in kb.config.publish_allow)
    if leaks:
        raise SiteLeaks(tuple(map(str, leaks)), tuple(leak.private for leak in leaks))
    gate.save()
    return tuple(one for one in hidden.mentions if f"name-{_key(one.name)}" not in kb.config.publish_allow)


def is_private(terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether what is said is read by its writer alone: on a terminal, not in the log of a CI, which all may read."""
    return terminal and not environment.get("CI")


class _Gate:
    """What was found in the files of one site so far."""

    def __init__(self, hidden: Hidden, memory: Path, assets: frozenset[str]) -> None:
        self._hidden, self._memory, self._assets = hidden, memory, assets
        self._lines = Lines()
        self._rows: dict[int, _Row] = {}
        self._credentials: dict[tuple[str, str], str] = {}
        self._state = f"{_RULES} {hidden.state}"
        self._before = self._load()
        self._now: dict[str, list[str]] = {}

    def read(self, place: Path, name: str, themes: Sequence[Path]) -> None:
        """Look through one file and its name."""
        if name not in self._assets:
            self._take("", words(name))
        data = place.read_bytes()
        if any(_is_same(theme / name, data) for theme in themes):
            return
        digest = blake2b(data, digest_size=16).hexdigest()
        if (rows := self._before.get(digest)) is not None:
            self._take(name, words(BREAK.join(rows)))
            self._now[digest] = rows
            return
        fresh: set[str] = set()
        is_safe = True
        for part in (*unpacked(name, data), *_pages(place, data)):
            text = readable(self._lines.new(part))
            said = self._take(name, words(shown(text)))
            doors = [(one.rule, one.text) for one in credentials(run_together(text))]
            self._credentials |= {door: name for door in doors if door not in self._credentials}
            self._lines.learn({word for row in said for word in row.split()}, [key[:8] for _, key in doors])
            fresh |= said
            is_safe = is_safe and not doors
        if is_safe and len(fresh) <= _KEPT:
            self._now[digest] = sorted(fresh)

    def _take(self, file: str, row: Sequence[str]) -> set[str]:
        """Note what of hidden notes is among the words of `file`, and return it; "" are the names of files.

        In a file that a note shares, such as a list of papers, names do not count.
        """
        said = set()
        for needle in self._hidden.needles.found(row):
            if needle.is_name and file in self._assets:
                continue
            found = self._rows.get(needle.key)
            if found is None:
                text = tuple(row[needle.start : needle.start + needle.length])
                found = self._rows[needle.key] = _Row(text, self._hidden.paths[needle.source], needle.is_name)
            found.files[file] = None
            said.add(" ".join(found.words))
        return said

    def forget(self, texts: Iterable[str]) -> None:
        """Forget what of the needles stands in texts that are no one's secret."""
        if self._rows:
            for text in texts:
                for needle in self._hidden.needles.found(words(shown(text))):
                    self._rows.pop(needle.key, None)

    def forget_what_is_said_in_part(self) -> None:
        """Forget phrases that came about on a page, where a shared note's words meet a label or a title."""
        phrases = [row.words for row in self._rows.values() if len(row.words) == PHRASE and not row.is_name]
        if phrases:
            said = self._hidden.said_in_part(phrases)
            self._rows = {key: row for key, row in self._rows.items() if row.is_name or row.words not in said}

    def leaks(self, site: Path, sources: Mapping[str, str]) -> Iterator[Leak]:
        """Each credential, and of each hidden note and file the first words, with their places."""
        named = {file for file in self._file_names(site) if self._is_named(file)}
        for (rule, text), file in sorted(self._credentials.items(), key=lambda one: (one[1], one[0])):
            told = f"{text[:4]}… in {sources.get(file, file)}"
            yield Leak("" if file in named else file, _line(site / file, [text]), rule, f"{rule}-{_key(text)}", told)
        seen = set()
        for row in sorted(self._rows.values(), key=lambda row: (not row.is_name, -len(row.words), row.words)):
            for file in sorted(row.files):
                if (file, row.hidden) in seen:
                    continue
                seen.add((file, row.hidden))
                rule, said = ("name" if row.is_name else "phrase"), " ".join(row.words)
                key = f"{rule}-{_key(said if row.is_name else row.hidden)}"
                line = _line(site / file, row.words) if file and len(seen) <= _PLACED else 0
                yield Leak("" if file in named else file, line, rule, key, f"{said!r} of {row.hidden}")

    def _file_names(self, site: Path) -> Iterator[str]:
        yield from (place.relative_to(site).as_posix() for place in site.rglob("*") if place.is_file())

    def _is_named(self, file: str) -> bool:
        """Whether the name of a file says what is hidden, so that even the report must not."""
        return any(needle.key in self._rows for needle in self._hidden.needles.found(words(file)))

    def _load(self) -> dict[str, list[str]]:
        """What was found in each file of the site that passed before, by the file's bytes."""
        with suppress(OSError, ValueError, AttributeError):
            before = json.loads(self._memory.read_text("utf-8"))
            if before.get("state") == self._state:
                return dict(before["files"])
        return {}

    def save(self) -> None:
        """Remember what was found, for a site that holds the same files and hides the same notes."""
        with suppress(OSError):  # it is a cache
            make_private(self._memory.parent)
            fresh = self._memory.with_suffix(".new")
            fresh.write_text(json.dumps({"state": self._state, "files": self._now}), "utf-8")
            fresh.replace(self._memory)


def _pages(place: Path, data: bytes) -> Iterator[bytes]:
    """The text of a PDF."""
    if data[:4] == b"%PDF":
        from carrel.metadata import pdf

        with suppress(SourceError):  # one that cannot be read says nothing to a search engine either
            yield from (page.text.encode("utf-8", "replace") for page in pdf.pages(place))


def _is_same(place: Path, data: bytes) -> bool:
    with suppress(OSError):
        return place.stat().st_size == len(data) and place.read_bytes() == data
    return False


def _line(place: Path, row: Sequence[str]) -> int:
    """The line of a file where the words begin; 1 of a packed file, and of one that no person reads by lines."""
    if place.stat().st_size > _LARGEST:
        return 1
    text = readable(place.read_bytes())
    if len(row) > 1:
        return line_of(text, row)
    return text.count("\n", 0, max(0, text.find(row[0]))) + 1


def _key(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
