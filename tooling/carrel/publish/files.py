"""The files that are made from notes beside the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.publish.edition import Edition
    from carrel.publish.made import MadeFile


def made_files(edition: Edition) -> Iterator[MadeFile]:
    """Every file that is made from notes."""
    del edition
    yield from ()
