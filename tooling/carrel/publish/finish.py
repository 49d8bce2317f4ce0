"""What makes a rendered folder a site, whichever builder rendered it: the search's index, the marker, the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.publish import swap
from carrel.publish.gate.check import Gate
from carrel.publish.search.index import write_index

if TYPE_CHECKING:
    from carrel.core.note import Visibility
    from carrel.publish.gate.hidden import Mention
    from carrel.publish.staging.staged import Staged
    from carrel.store.knowledge_base import KnowledgeBase


def write_search(kb: KnowledgeBase, audience: Visibility, staged: Staged, site: Path) -> None:
    """Write what the search reads into the folder `site`. Raises `WriteFailed`."""
    write_index(staged.found, site, kb.cache_dir / f"site-search-{audience}")


def finish(
    kb: KnowledgeBase,
    audience: Visibility,
    staged: Staged,
    site: Path,
    themes: Iterable[Path],
    *,
    served: bool = False,
    ready: Callable[[], None] | None = None,
    gate: Gate | None = None,
) -> tuple[Mention, ...]:
    """Write what the search reads into the folder `site`, sign it, and look through all of it for what is hidden.

    `themes` are the folders whose files the builder copied as they are. A site that is only `served` to its writer
    is not looked through. `ready` waits until pages and what the search reads are written, where others write them;
    `gate` is one that may have looked at the notes meanwhile. Returns what shared notes say themselves of hidden ones.
    Raises `SiteLeaks`, `WriteFailed`.
    """
    if ready is None:
        write_search(kb, audience, staged, site)
    else:
        ready()
    swap.sign(site)
    if served:
        return ()
    with gate or Gate(kb, audience, staged) as looked:
        return looked.check(site, [one for one in themes if not one.is_relative_to(kb.root)])
