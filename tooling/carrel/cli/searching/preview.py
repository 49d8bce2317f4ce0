"""What a picker shows of a hit: the lines around it. fzf runs it: `python -m carrel.cli.searching.preview FILE ROW`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from carrel.cli.output import visible
from carrel.errors import NoteVanished
from carrel.store.files import read

#: Bytes of a note that are read for a preview, and lines shown before the one that matched.
MOST, BEFORE = 4_000_000, 3


def preview(place: str, line: int, snippet: str, height: int) -> tuple[list[str], int]:
    """`height` lines of the file at `place` around a line, and which of them that is (-1: none); without a file, the
    snippet. What cannot be read is said instead."""
    if not place:
        return [visible(snippet)], -1
    try:
        text = read(Path(place), MOST).decode("utf-8-sig", "replace")
    except NoteVanished as error:
        return [visible(error.message)], -1
    lines = text.splitlines()
    first = max(0, min(line - 1 - BEFORE, len(lines) - height))
    shown = [visible(one.replace("\t", "    ")) for one in lines[first : first + height]]
    return shown, line - 1 - first if first < line <= first + len(shown) else -1


def main(arguments: list[str]) -> None:
    """Print the preview of one row of the file that `pick.py` wrote."""
    import json

    path, number = arguments
    place, line, snippet = json.loads(Path(path).read_text("utf-8", "surrogateescape"))[int(number)]
    height = int(os.environ.get("FZF_PREVIEW_LINES", "20"))
    shown, marked = preview(place, line, snippet, height)
    for at, text in enumerate(shown):
        print(f"\x1b[1;33m{text}\x1b[0m" if at == marked and "NO_COLOR" not in os.environ else text)


if __name__ == "__main__":
    main(sys.argv[1:])
