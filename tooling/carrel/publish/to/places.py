"""From what is written to the place that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.destination import Branch, Destination, Host
from carrel.errors import UsageError
from carrel.publish.to.branch import BranchPlace
from carrel.publish.to.folder import FolderPlace
from carrel.publish.to.host import HostPlace

if TYPE_CHECKING:
    from carrel.publish.to.site import Place
    from carrel.store.knowledge_base import KnowledgeBase


def place_of(
    kb: KnowledgeBase, named: Destination, near: Path, environment: Mapping[str, str], *, forget: bool = False
) -> Place:
    """The place that `named` is; a relative folder is looked for from `near`. Raises `UsageError`.

    With `forget`, the history of a branch is dropped.
    """
    if isinstance(named, Branch):
        return BranchPlace(kb, named, environment, forget=forget)
    if forget:
        raise UsageError(f"{named} keeps no history", "--forget is for git:BRANCH")
    if isinstance(named, Host):
        return HostPlace(named, environment)
    return FolderPlace(kb, near / Path(named.path).expanduser())
