"""The gate after the build: a site leaves only when no hidden note and no credential can be found in its bytes.

It knows nothing of how the site was made. It takes the notes that the audience may not see, reads every file of the
site, names, packed files and metadata included, and looks for their titles, file names and aliases, for eight words
of theirs in a row, and for keys and passwords. What a shared note says in its own words is its writer's to say: a
hidden note's name there is a remark. What no shared note says is a leak, and the build stops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.note import Visibility
from carrel.errors import SiteLeaks
from carrel.publish.gate.rows import line_of

if TYPE_CHECKING:
    from carrel.publish.gate.gate_memory import Change, Memory
    from carrel.publish.gate.grams import Numbers
    from carrel.publish.gate.hidden import Hidden, Mention, Shared
    from carrel.publish.gate.needles import Mask
    from carrel.publish.gate.site_files import SiteFiles
    from carrel.publish.staging.staged import Staged
    from carrel.store.knowledge_base import KnowledgeBase

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


class Gate:
    """The gate of one build, for one site. Use it as a context.

    It has two steps. `look` is at the notes: which are hidden and what the others say. It needs what was staged, and
    no site: it can be done while another process writes that. `check` is at the site, and looks first if need be.
    The site for the writer alone is not looked through.
    """

    def __init__(self, kb: KnowledgeBase, audience: Visibility, staged: Staged) -> None:
        self._kb, self._audience, self._staged = kb, audience, staged
        self._sources = by_path({path: page.source for path, page in staged.pages.items()})
        place = kb.cache_dir / f"gate-{audience}.db"
        self._memories = iter((place, place, None))  # one that is damaged is gone then; the last one needs no disk
        self._memory = ExitStack()
        self._looked: _Looked | None = None

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self._looked = None
        self._memory.close()

    def look(self) -> None:
        """Look at the notes. What staging has read of them is no longer held afterwards."""
        while self._looked is None and self._audience is not Visibility.PRIVATE:
            from carrel.publish.gate.gate_memory import Damaged

            with suppress(Damaged):
                self._looked = self._at_notes()
        self._staged.read.clear()

    def check(self, site: Path, themes: Sequence[Path]) -> tuple[Mention, ...]:
        """Look through the site in the folder `site`. Raises `SiteLeaks`.

        Files that are the same as in one of the folders `themes` came with a theme. Returns what shared notes say
        themselves of hidden ones.
        """
        self.look()
        while self._looked is not None:
            from carrel.publish.gate.gate_memory import Damaged

            try:
                return self._at_site(self._looked, site, themes)
            except Damaged:
                self._looked = None
                self.look()
        return ()

    def _at_notes(self) -> _Looked:
        from carrel.publish.gate.credentials import RULES
        from carrel.publish.gate.gate_memory import Memory  # these load numpy and SQLite
        from carrel.publish.gate.hidden import Hidden, Shared
        from carrel.publish.gate.note_words import Reader, hidden_notes, shared_notes, stamps_of
        from carrel.publish.gate.scanner import version

        self._memory.close()
        memory = self._memory.enter_context(
            Memory(next(self._memories), f"{RULES} {version()} {self._kb.config.papers_folder}")
        )
        changes: list[Iterator[Change]] = []
        stamps, shown = stamps_of(self._kb), frozenset(self._sources.values())
        ours = {path: stamp for path, stamp in stamps.items() if path in shown}
        theirs = {path: stamp for path, stamp in stamps.items() if path not in shown}
        reader = Reader(self._kb, self._staged.read)
        hidden = Hidden(self._kb, hidden_notes(reader, theirs, memory, changes), shown)
        shared = Shared(self._kb, shared_notes(reader, self._audience, ours, memory, changes), memory)
        first = shared.first(hidden.needles)
        if memory.save(chain(*changes, shared.changes())):
            shared.forget_words()
        return _Looked(memory, hidden, shared, first)

    def _at_site(self, looked: _Looked, site: Path, themes: Sequence[Path]) -> tuple[Mention, ...]:
        from carrel.publish.gate.hidden import of_the_program
        from carrel.publish.gate.scanner import Scanner, installed
        from carrel.publish.gate.site_files import SiteFiles

        memory, hidden, shared, first = looked
        left, program = first < 0, installed()
        with Scanner(program, self._kb.cache_dir) if program else nullcontext() as scanner:
            files = SiteFiles(site, frozenset(self._staged.assets), themes, memory, scanner)
        left[left] = files.found(hidden.needles.only(left))
        if left.any():
            left[left] = ~of_the_program(themes, self._kb, hidden.needles.only(left))
        if left.any():
            left[left] = ~shared.say_in_part(hidden.needles.only(left))
            left &= ~shared.say_beside_date(hidden, left)
        allowed = self._kb.config.publish_allow
        leaks = [Leak("", 0, "not-shared", f"not-shared-{_key(path)}", path) for path in shared.not_said_to_be()]
        leaks += (leak for leak in _leaks(files, hidden, left, site, self._sources) if leak.key not in allowed)
        memory.save(files.changes())  # what was remembered is read no more
        if leaks:
            raise SiteLeaks(tuple(map(str, leaks)), tuple(leak.private for leak in leaks))
        return tuple(one for one in shared.mentions(hidden, first) if f"name-{_key(one.name)}" not in allowed)


class _Looked(NamedTuple):
    """What was seen in the notes: `first` is the first shared note that says each of the needles; -1 for none."""

    memory: Memory
    hidden: Hidden
    shared: Shared
    first: Numbers


def _leaks(files: SiteFiles, hidden: Hidden, left: Mask, site: Path, sources: Mapping[str, str]) -> Iterator[Leak]:
    """Each credential, and of each hidden note and file the first words, with their places."""
    from carrel.publish.gate.grams import hashed

    needles = hidden.needles.only(left)
    numbers = left.nonzero()[0].tolist()
    found: dict[int, set[str]] = {}
    for file, number in files.places(needles) if len(needles) else ():
        found.setdefault(numbers[number], set()).add(file)
    named = {name for name in files.names if needles.found(hashed([name])[0]).any()} if found else set()
    for (rule, text), file in sorted(files.credentials.items(), key=lambda one: (one[1], one[0])):
        told = f"{text[:4]}… in {sources.get(file, file)}"
        yield Leak("" if file in named else file, _line(site / file, [text]), rule, f"{rule}-{_key(text)}", told)
    seen = set()
    rows = [(not hidden.needles.is_name[number], hidden.row(number), number) for number in found]
    for is_phrase, row, number in sorted(rows, key=lambda one: (one[0], -len(one[1]), one[1])):
        whose = hidden.source(number)
        for file in sorted(found[number]):
            if (file, whose) in seen:
                continue
            seen.add((file, whose))
            rule, said = ("phrase" if is_phrase else "name"), " ".join(row)
            key = f"{rule}-{_key(whose if is_phrase else said)}"
            line = _line(site / file, row) if file and len(seen) <= _PLACED else 0
            yield Leak("" if file in named else file, line, rule, key, f"{said!r} of {whose}")


def is_private(terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether what is said is read by its writer alone: on a terminal, not in the log of a CI, which all may read."""
    return terminal and not environment.get("CI")


def by_path(pages: Mapping[str, str]) -> Mapping[str, str]:
    """The note that stands on each HTML page of a site, from the note on each staged one."""
    return {path.removesuffix(".md") + ".html": source for path, source in pages.items() if source}


def _line(place: Path, row: Sequence[str]) -> int:
    """The line of a file where the words begin; 1 of a packed file, and of one that no person reads by lines."""
    from carrel.publish.gate.site_text import readable

    if place.stat().st_size > _LARGEST:
        return 1
    text = readable(place.read_bytes())
    if len(row) > 1:
        return line_of(text, row)
    return text.count("\n", 0, max(0, text.find(row[0]))) + 1


def _key(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
