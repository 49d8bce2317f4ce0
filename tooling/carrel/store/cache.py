"""Small files of the cache: whole or not there, and private."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from carrel.errors import WriteFailed
from carrel.store import files


def save(place: Path, data: bytes) -> None:
    """Put `data` at `place` in the cache, if the disk allows. Nothing is lost without it but time, so no error."""
    with suppress(WriteFailed):
        write(place, data)


def write(place: Path, data: bytes) -> None:
    """Put `data` at `place` in the cache. Raises `WriteFailed`."""
    import tempfile  # with what it imports, a search would wait 3 ms for nothing

    temporary = ""
    try:
        for folder in (place.parent.parent, place.parent):  # with `parents` only the last one would be private
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, place)  # noqa: PTH105  # mkstemp names it as a text
    except OSError as error:
        if temporary:
            with suppress(OSError):  # the same disk that would not take it
                os.unlink(temporary)  # noqa: PTH108
        raise files.failed(place, error) from error
