"""A digest in which git left conflicts: its parts are made anew, and what hands wrote is brought together."""

from __future__ import annotations

from collections.abc import Sequence

from carrel.core.conflict import merged, sides
from carrel.core.digest import Part
from carrel.core.digest_parts import Rewritten, alike, rewritten
from carrel.core.frontmatter_edit import CannotEdit


def settled(text: str, parts: Sequence[Part], fresh: str, *, force: bool = False) -> Rewritten:
    """The digest with its parts made current on either side, and what still is a conflict between marks.

    `fresh` is what a new digest would be: what differs from it was written, changed or taken out by hand, and goes in
    where the other side did nothing there. Raises `CannotEdit` where the sides cannot be told apart.
    """
    both = sides(text)
    if both is None:
        raise CannotEdit("the marks of its conflict do not stand as git sets them")
    if "\r\n" in both.mine:
        fresh = fresh.replace("\n", "\r\n")
    mine, theirs = (rewritten(one, parts, force=force).text for one in (both.mine, both.theirs))
    made = merged(fresh, both._replace(mine=alike(mine, fresh), theirs=alike(theirs, fresh)))
    return Rewritten(made) if sides(made) else rewritten(made, parts, force=force)
