"""Figures of a program as files to be attached: drawn at once, because they change as the program goes on.

What draws them is known by what it can do, and never imported: Matplotlib's figures have `savefig`, Pillow's images
`save`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path, PurePath
from typing import Protocol, runtime_checkable

from carrel.core.attachment import Source
from carrel.errors import CarrelError, UsageError
from carrel.python.values import readable
from carrel.store.attaching import checked, read_source

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"%PDF-", "pdf"),
)

#: Modes of Pillow that no PNG has, and what they become without a loss that one could see.
_AS_PNG = {"CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA"}


@runtime_checkable
class _Drawing(Protocol):
    """A figure of Matplotlib, or what behaves like one."""

    def savefig(self, file: BytesIO, *, format: str) -> object: ...


@runtime_checkable
class _Image(Protocol):
    """An image of Pillow."""

    mode: str

    def convert(self, mode: str) -> _Image: ...

    def save(self, file: BytesIO, format: str) -> object: ...


def sources(figure: object, caption: str | Sequence[str]) -> list[Source]:
    """A figure, or a list of them, with their captions in order. Raises `UsageError`, `NoteVanished`, `Refused`."""
    figures = [] if figure is None else list(figure) if isinstance(figure, (list, tuple)) else [figure]
    captions = ([caption] if caption else []) if isinstance(caption, str) else list(caption)
    if len(captions) > len(figures):
        raise UsageError(f"{captions[len(figures)]!r} is a caption of nothing", "each belongs to one figure")
    captions = [readable(said) for said in captions] + [""] * (len(figures) - len(captions))
    return [_source(one, said) for one, said in zip(figures, captions, strict=True)]


def _source(figure: object, caption: str) -> Source:
    if isinstance(figure, (str, os.PathLike)):
        try:
            return read_source(Path(figure), caption)
        except ValueError as error:  # a NUL, or what is no Unicode
            raise UsageError(
                f"figure: {str(figure)[:40]!r} is no path; nothing was written", "the path of a file, or its bytes"
            ) from error
    if isinstance(figure, (bytes, bytearray, memoryview, BytesIO)):
        data = figure.getvalue() if isinstance(figure, BytesIO) else bytes(figure)
        return checked(Source(f"figure.{ending(data)}", data, caption), "the figure")
    drawing = figure if isinstance(figure, _Drawing) else getattr(figure, "figure", None)  # axes know theirs
    written = BytesIO()
    try:
        if isinstance(drawing, _Drawing):
            drawing.savefig(written, format="png")
            name = _label(drawing)
        elif isinstance(figure, _Image):
            (figure.convert(_AS_PNG[figure.mode]) if figure.mode in _AS_PNG else figure).save(written, "PNG")
            name = PurePath(str(getattr(figure, "filename", ""))).stem
        else:
            what = type(figure).__name__
            raise UsageError(
                f"figure: a {what} is none", "a Matplotlib figure, a Pillow image, a path, or bytes is one"
            )
    except CarrelError:
        raise
    except Exception as error:  # whatever drawing it may raise
        raise CarrelError(f"figure: it could not be drawn: {error}; nothing was written") from error
    return checked(Source(f"{name or 'figure'}.png", written.getvalue(), caption), "the figure")


def _label(drawing: object) -> str:
    """What the program calls a figure: `plt.figure("loss")`."""
    get_label = getattr(drawing, "get_label", None)
    return str(get_label() or "") if callable(get_label) else ""


def ending(data: bytes) -> str:
    """The ending of a file name for a picture, by how its bytes begin. Raises `UsageError`.

    >>> ending(b"\\x89PNG\\r\\n\\x1a\\n..."), ending(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    ('png', 'svg')
    """
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:12] == b"ftypavif":
        return "avif"
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<svg") or (head.startswith((b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in head):
        return "svg"
    raise UsageError("figure: these bytes are no picture and no PDF", "write them to a file, and give its path")
