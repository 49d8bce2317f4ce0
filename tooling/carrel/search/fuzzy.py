"""How many typing errors lie between two words."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def within(first: str, second: str, limit: int) -> bool:
    """Whether at most `limit` letters inserted, left out, changed or swapped with their neighbour make one the other.

    >>> within("superposition", "supreposition", 1), within("probe", "prob", 1), within("sae", "loss", 2)
    (True, True, False)
    """
    if abs(len(first) - len(second)) > limit:
        return False
    # Each error takes away one kind of letter at most and adds one at most: this spares most words the table.
    letters, others = set(first), set(second)
    if len(letters - others) > limit or len(others - letters) > limit:
        return False
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(before) > limit:
            return False
    return row[-1] <= limit


def nearest(
    word: str, known: Iterable[str], weight: Callable[[str], int] = lambda one: 1, most: int = 2
) -> tuple[str, ...]:
    """What is as few typing errors away as anything is, one or two: the weightiest first, the weightless not at all.

    >>> nearest("figrue", ("figure", "figures", "table"))
    ('figure',)
    """
    near = list(known)
    for errors in (1, 2) if len(word) > 4 else (1,):
        found = {one: weight(one) for one in near if within(one, word, errors)}
        if any(found.values()):
            ranked = sorted(filter(found.get, found), key=lambda one: (-found[one], abs(len(one) - len(word)), one))
            return tuple(ranked[:most])
    return ()
