"""Small files of the cache: whole or not there, private, and never worth an error."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def save(place: Path, data: bytes) -> None:
    """Put `data` at `place` in the cache, if the disk allows. Nothing is lost without it but time, so no error."""
    temporary = ""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, place)  # noqa: PTH105  # mkstemp names it as a text
    except OSError:
        if temporary:
            with suppress(OSError):  # the same disk that would not take it
                os.unlink(temporary)  # noqa: PTH108
