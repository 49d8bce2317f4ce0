"""How many typing errors lie between two words."""

from __future__ import annotations


def within(first: str, second: str, limit: int) -> bool:
    """Whether at most `limit` letters inserted, left out, changed or swapped with their neighbour make one the other.

    >>> within("superposition", "supreposition", 1), within("probe", "prob", 1), within("sae", "loss", 2)
    (True, True, False)
    """
    if abs(len(first) - len(second)) > limit:
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
