"""PDFs for tests, written byte by byte: what is printed where, what the metadata says, what a reader marked."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Print:
    """A line of print: `x` and `y` in points from the lower left corner, `turned` to run upwards."""

    text: str
    x: float = 72
    y: float = 700
    size: float = 10
    turned: bool = False


def lines(*texts: str, y: float = 700, size: float = 10, x: float = 72) -> list[Print]:
    """Lines below each other, as a paragraph has them."""
    return [Print(text, x, y - 1.2 * size * number, size) for number, text in enumerate(texts)]


def stream(data: bytes, entries: str = "") -> bytes:
    """A stream object's body."""
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def string(text: str) -> str:
    """A string as PDF writes it."""
    return "(" + text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ")"


def make_pdf(
    pages: Sequence[Sequence[Print]],
    *,
    info: Mapping[str, str] = {},
    xmp: str = "",
    labels: str = "",
    marks: Mapping[int, Sequence[str]] = {},
    packed: bool = False,
) -> bytes:
    """A PDF of those pages. `labels` is the /Nums of its page labels; `marks` are annotations by the page's place."""
    objects: dict[int, bytes] = {
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    }
    kids = []
    for number, prints in enumerate(pages):
        parts = []
        for one in prints:
            matrix = f"0 1 -1 0 {one.x} {one.y}" if one.turned else f"1 0 0 1 {one.x} {one.y}"
            parts.append(f"BT /F1 {one.size} Tf {matrix} Tm {string(one.text)} Tj ET")
        content = "\n".join(parts).encode("cp1252")
        own = len(objects) + 100
        objects[own] = stream(zlib.compress(content), "/Filter /FlateDecode") if packed else stream(content)
        annotations = []
        for text in marks.get(number, ()):
            key = len(objects) + 100
            objects[key] = f"<< /Type /Annot {text} >>".encode()
            annotations.append(f"{key} 0 R")
        page = len(objects) + 100
        listed = f"/Annots [{' '.join(annotations)}]" if annotations else ""
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {own} 0 R {listed} "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        ).encode()
        kids.append(f"{page} 0 R")
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    catalog = "/Type /Catalog /Pages 2 0 R"
    if labels:
        catalog += f" /PageLabels << /Nums [{labels}] >>"
    if xmp:
        objects[50] = stream(xmp.encode(), "/Type /Metadata /Subtype /XML")
        catalog += " /Metadata 50 0 R"
    objects[1] = f"<< {catalog} >>".encode()
    trailer = ""
    if info:
        objects[51] = ("<< " + " ".join(f"/{key} {string(value)}" for key, value in info.items()) + " >>").encode()
        trailer = "/Info 51 0 R"
    return assembled(objects, trailer)


def assembled(objects: Mapping[int, bytes], trailer: str = "") -> bytes:
    """A file of numbered objects; 1 is the catalogue."""
    data = b"%PDF-1.7\n"
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(data)
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(data)
    table = "".join(f"{number} 1\n{place:010} 00000 n \n" for number, place in places.items())
    end = f"trailer\n<< /Size {max(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    return data + b"xref\n0 1\n0000000000 65535 f \n" + table.encode() + end.encode()


def highlight(left: float, bottom: float, right: float, top: float, more: str = "", kind: str = "Highlight") -> str:
    """A mark over one line."""
    quad = f"{left} {top} {right} {top} {left} {bottom} {right} {bottom}"
    return f"/Subtype /{kind} /Rect [{left} {bottom} {right} {top}] /QuadPoints [{quad}] {more}"
