"""Two digests of a week that git could not merge: the parts are made anew, what hands wrote is brought together."""

from __future__ import annotations

from collections.abc import Sequence

from carrel.core.conflict import Sides, conflict_line, merged
from carrel.core.digest import Part
from carrel.core.digest_parts import Rewritten, alike, rewritten


def settled(both: Sides, parts: Sequence[Part], fresh: str, *, force: bool = False) -> Rewritten:
    """One digest of two, with its parts made current, and what still is a conflict between marks.

    `fresh` is what a new digest would be: what differs from it was written, changed or taken out by hand, and goes in
    where the other side did nothing there. Raises `CannotEdit` where nobody can be sure what either side says.
    """
    if "\r\n" in both.mine:
        fresh = fresh.replace("\n", "\r\n")
    mine, theirs = (rewritten(one, parts, force=force).text for one in (both.mine, both.theirs))
    made = merged(fresh, both._replace(mine=alike(mine, fresh), theirs=alike(theirs, fresh)))
    return Rewritten(made) if conflict_line(made) else rewritten(made, parts, force=force)
