"""What makes a rendered folder a site, whichever builder rendered it: the search's index, the marker, the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.publish import swap
from carrel.publish.gate import check as gate
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
    search: Callable[[], None] | None = None,
) -> tuple[Mention, ...]:
    """Write what the search reads into the folder `site`, sign it, and look through all of it for what is hidden.

    `themes` are the folders whose files the builder copied as they are. A site that is only `served` to its writer
    is not looked through. `search` waits for what the search reads, where that is being written already. Returns what
    shared notes say themselves of hidden ones. Raises `SiteLeaks`, `WriteFailed`.
    """
    if search is None:
        write_search(kb, audience, staged, site)
    else:
        search()
    swap.sign(site)
    if served:
        return ()
    return gate.check(kb, audience, staged, site, [one for one in themes if not one.is_relative_to(kb.root)])
