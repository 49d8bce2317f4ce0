"""Who is meant by `@ada`: one of those who write here, by the whole name, or by the first name if only one has it.

A citation key goes before: `@ada` is a paper where one is called so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from carrel.core.names import slugify
from carrel.core.note import Citation
from carrel.core.person import Name

if TYPE_CHECKING:
    from carrel.core.graph import LinkGraph
    from carrel.core.note import Note

#: Characters of a name that still is one.
_LONGEST = 100
_YEAR = re.compile(r"\d{4}")


def handle(key: str) -> str:
    """The form in which a mention is looked up, given what follows its @.

    >>> handle("Ada"), handle("ada_lovelace"), handle("Ada-Lovelace")
    ('ada', 'ada-lovelace', 'ada-lovelace')
    """
    return slugify(key.replace("_", "-")) if len(key) <= _LONGEST else ""


def handles(names: Iterable[str]) -> dict[str, str]:
    """The names by the handles that lead to each; one that would lead to several leads to none.

    >>> found = handles(["Ada Lovelace", "Hopper, Grace", "Grace Kelly"])
    >>> [found.get(one) for one in ("ada", "adalovelace", "grace-hopper", "grace")]
    ['Ada Lovelace', 'Ada Lovelace', 'Hopper, Grace', None]
    """
    people = {name: Name.parse(name) for name in names}
    whole = {name: handle(person.display) for name, person in people.items()}
    joined = {name: slug.replace("-", "") for name, slug in whole.items()}
    first = {name: handle(person.given.partition(" ")[0]) for name, person in people.items()}
    found: dict[str, str] = {}
    for form in (whole, joined, first):  # a whole name goes before the same first name of somebody else
        by_handle: dict[str, list[str]] = defaultdict(list)
        for name, slug in form.items():
            by_handle[slug].append(name)
        alone = {slug: some[0] for slug, some in by_handle.items() if slug and len(some) == 1}
        found |= {slug: name for slug, name in alone.items() if slug not in found}
    return found


def mentions(note: Note, graph: LinkGraph) -> Iterator[tuple[int, str]]:
    """Where in its body a note says `@name`, if no paper of the graph is called so, and the handle."""
    for one in note.markup.citations:
        if may_mention(one) and (called := handle(one.key)) and graph.resolve(note.path, one) is None:
            yield one.start, called


def is_surely_paper(one: Citation) -> bool:
    """Whether a citation can only mean a paper: it stands in brackets, or has a year in its key.

    >>> is_surely_paper(Citation("ada")), is_surely_paper(Citation("elhage2022toy"))
    (False, True)
    """
    return one.group is not None or bool(_YEAR.search(one.key))


def may_mention(one: Citation) -> bool:
    """Whether it may be a person: `[@key]` and `-@key` promise a paper, and a link's label leads elsewhere.

    >>> may_mention(Citation("ada")), may_mention(Citation("ada", group=(0, 6)))
    (True, False)
    """
    return one.group is None and not one.labelled and not one.suppress_author
