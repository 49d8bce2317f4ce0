"""What a page reads while it is made, so that it is made again only when something of that has changed.

A page is made from a `Reading` (`reading.py`): an edition that answers as the real one does, and writes down here each
question that it is asked with its answer: what a note is called, where a link leads, which notes have a tag. All pages
together ask some ten thousand questions. The next build puts them to the new edition (`Reads.ask_again`). A page whose
questions all have the answers that they had would be made as it was, letter by letter: so it is not made.

Nobody says what a page depends on, so nobody can forget to. What has no answer here cannot be asked for: it raises
`NotRecorded`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from hashlib import blake2b
from marshal import dumps
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from carrel.core.note import Citation, Link, LinkForm, Note
from carrel.publish.edition.ties import leads_to

if TYPE_CHECKING:
    from carrel.core.graph import Pointer
    from carrel.publish.edition.edition import Edition

#: Answers are compared and kept on disk, so they are plain: texts, numbers, tuples of such, records; None is none.
Answer: TypeAlias = object
#: The numbers of the questions that a page asked.
Asked: TypeAlias = "array[int]"

#: What of an edition maps a key to something: each key is a question. `versions` are asked for when a note is read.
MAPPINGS = (
    "places", "tags", "people", "anchors", "titles", "tables", "tag_names", "people_names", "handles", "versions",
)  # fmt: skip
#: Those of them that a page may also go through: they are short.
WHOLE = ("tags", "people", "tag_names", "people_names")
#: What of an edition is one answer by itself, and its methods whose answer is one; they take plain arguments.
VALUES = ("days", "cited", "papers")
METHODS = ("keys", "group", "count", "activity", "days_around", "tags_near", "linked", "node", "most_linked")
#: Methods that say all that the answers of some kinds are made from. While that is the same nobody need ask for them.
WHOLES = {
    "said_of_network": ("linked", "node", "most_linked", "network"),
    "said_of_groups": ("keys", "group", "count"),
    "said_of_pointers": ("pointing", "outgoing"),
}


class NotRecorded(RuntimeError):
    """A page asked for something of which nobody would notice that it changed: a mistake of ours."""


class Reads:
    """Every question that some page has asked, by kind, with its number; and the answers, by number."""

    def __init__(self) -> None:
        self.numbers: dict[str, dict[Hashable, int]] = {kind: {} for kind in ANSWERS}
        self.answers: list[Answer] = []
        self.wholes: dict[str, bytes] = {}
        self.asked: set[int] = set()
        self._answer: dict[str, Callable[[Any], Answer]] = {}

    def ask_again(self, edition: Edition) -> set[int]:
        """The questions that a new edition answers otherwise; from now on it is the one that is asked."""
        self._answer = _Answering(edition)
        self.asked.clear()
        altered: set[int] = set()
        answers = self.answers
        same = {kind for whole, kinds in WHOLES.items() if self._is_same(whole, edition) for kind in kinds}
        for kind, numbers in self.numbers.items():
            if numbers and kind not in same:
                answer = self._answer[kind]
                for key, number in numbers.items():
                    now = answer(key)
                    if now != answers[number]:
                        answers[number] = now
                        altered.add(number)
        return altered

    def _is_same(self, whole: str, edition: Edition) -> bool:
        before, now = self.wholes.get(whole), digest(getattr(edition, whole)())
        self.wholes[whole] = now
        return before == now

    def ask(self, kind: str, key: Hashable) -> None:
        """Write down a question that a page asks."""
        numbers = self.numbers[kind]
        if (number := numbers.get(key)) is None:
            number = numbers[key] = len(self.answers)
            self.answers.append(self._answer[kind](key))
        self.asked.add(number)

    def taken(self) -> Asked:
        """The questions since this was called last: those of one page."""
        taken = array("I", sorted(self.asked))
        self.asked.clear()
        return taken


class _Answering(dict[str, Callable[[Any], Answer]]):
    """How one edition answers the questions of each kind."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    def __missing__(self, kind: str) -> Callable[[Any], Answer]:
        answer = self[kind] = ANSWERS[kind](self._edition)
        return answer


def plain(answer: Any) -> Answer:
    """An answer in the form in which it is compared and kept: of notes, their paths alone."""
    if isinstance(answer, Note):
        return answer.path
    if isinstance(answer, tuple):
        return tuple(map(plain, answer))
    return tuple(answer.items()) if isinstance(answer, Mapping) else answer


def named(source: str, pointer: Pointer) -> tuple[str, str, str, bool]:
    """What of a pointer in the note `source` decides where it leads."""
    if isinstance(pointer, Citation):
        return (source, "@", pointer.key, False)
    return (source, pointer.target, pointer.fragment, pointer.wiki)


def digest(value: Any) -> bytes:
    """What stands for a long value, of texts, numbers and tuples or lists of such."""
    return blake2b(dumps(value, 2), digest_size=16).digest()


def _outgoing(edition: Edition) -> Callable[[Any], Answer]:
    """Where each pointer of a note leads. What the pointers are stands in the note."""
    ties = edition.ties
    return lambda path: ties[path].leads if path in ties else ()


def _pointing(edition: Edition) -> Callable[[Any], Answer]:
    """What leads to a note: to some much does, so a digest stands for it."""
    return lambda path: digest(list(map(tuple, edition.pointing(path))))


def _group(edition: Edition) -> Callable[[Any], Answer]:
    """The paths of the notes of a group: as `plain` would give them, but there are tens of thousands of them."""
    group, path = edition.group, attrgetter("path")
    return lambda key: tuple(map(path, group(*key)))


def _leads(edition: Edition) -> Callable[[Any], Answer]:
    def answer(key: tuple[str, str, str, bool]) -> Answer:
        source, target, fragment, wiki = key
        form = LinkForm.WIKI if wiki else LinkForm.INLINE
        pointer = Citation(fragment) if target == "@" else Link(target, fragment, form=form)
        return leads_to(edition.graph.resolve(source, pointer))

    return answer


def _mapping(name: str, edition: Edition) -> Callable[[Any], Answer]:
    found: Callable[[Any], Answer] = getattr(edition, name).get
    return found


def _value(name: str, edition: Edition) -> Callable[[Any], Answer]:
    return lambda _: plain(getattr(edition, name))


def _method(name: str, edition: Edition) -> Callable[[Any], Answer]:
    method: Callable[..., Answer] = getattr(edition, name)
    return lambda key: plain(method(*key))


#: How an edition answers the questions of each kind: given their keys.
ANSWERS: Mapping[str, Callable[[Edition], Callable[[Any], Answer]]] = {
    **{name: partial(_mapping, name) for name in MAPPINGS},
    **{name: partial(_value, name) for name in VALUES},
    **{name: partial(_method, name) for name in METHODS},
    "any": lambda edition: lambda name: bool(getattr(edition, name)),
    "all": lambda edition: lambda name: plain(getattr(edition, name)),
    "shown": lambda edition: edition.by_path.__contains__,
    "asset": lambda edition: edition.asset_place,
    "group": _group,
    "outgoing": _outgoing,
    "pointing": _pointing,
    "leads": _leads,
    "network": lambda edition: lambda _: digest(edition.said_of_network()),
    "paper": lambda edition: edition.bibliography.papers.get,
    "letter": lambda edition: edition.bibliography.letters.get,
}
