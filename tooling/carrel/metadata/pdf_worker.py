"""What a PDF holds, read in a process of its own: `python -I pdf_worker.py TASK < file.pdf`, JSON on standard output.

PDFs come from anywhere, and reading one means running a large parser on it. So this file is not imported but run, with
little memory, little time, no environment and no way to write; `pdf.py` runs it and judges what it says. It imports
nothing of Carrel. Text and its places come from PDFium, annotations and metadata from pypdf.

Tasks: `facts` (metadata, XMP, the lines of the first pages), `pages` (text and label of each), `marks`.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import math
import os
import resource
import sys
from collections.abc import Callable, Iterator
from typing import Any

#: Bytes of a file that is read, and of address space: a page of pictures takes a few hundred megabytes at most.
LARGEST_FILE = 300_000_000
MEMORY = 1 << 30
#: Seconds of processor time. A thesis of 400 pages takes two.
CPU_SECONDS = 60
#: Pages that are read of a document, and that are looked at for what it is; characters of a page and of all pages.
MOST_PAGES, FIRST_PAGES = 5_000, 3
PAGE_CHARACTERS, ALL_CHARACTERS = 200_000, 30_000_000
MOST_ANNOTATIONS = 10_000
LONGEST_VALUE = 20_000
_MARKUP = {"/Highlight": "highlight", "/Underline": "underline", "/Squiggly": "squiggly", "/StrikeOut": "strike-out"}
_COMMENTS = {"/Text": "comment", "/FreeText": "comment"}


class Unreadable(Exception):
    """Why nothing can be read; the text goes to the person."""


def main() -> None:
    """Do the task that the command line names. The exit code is 0 when standard output is whole."""
    limit()
    tasks: dict[str, Callable[[bytes], dict[str, Any]]] = {"facts": facts, "pages": pages, "marks": marks}
    answer: dict[str, Any]
    try:
        answer = tasks[sys.argv[1]](_input())
    except Unreadable as error:
        answer = {"error": str(error)}
    except (MemoryError, RecursionError):
        answer = {"error": "takes more memory than it is given"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))  # half characters too


def limit() -> None:
    """Take from this process what a reader of a file does not need; where the system has no such limit, go on."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS has no RLIMIT_AS; the time limit of `pdf.py` stays
            resource.setrlimit(kind, (most, most))


def _input() -> bytes:
    data = sys.stdin.buffer.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Unreadable(f"is larger than {LARGEST_FILE // 1_000_000} MB")
    if b"%PDF-" not in data[:1024]:
        raise Unreadable("is no PDF")
    return data


# --- text, by PDFium ------------------------------------------------------------------------------------------------


class Document:
    """PDFium's view of a document. A file with an empty user password opens like one without."""

    def __init__(self, data: bytes) -> None:
        import pypdfium2

        self._pdfium = pypdfium2
        self.raw = pypdfium2.raw
        try:
            self.document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise Unreadable("is encrypted, and its password is not empty") from None
            raise Unreadable("is damaged: no pages can be found in it") from None
        self.encrypted = self.raw.FPDF_GetSecurityHandlerRevision(self.document.raw) >= 0

    def __len__(self) -> int:
        return min(len(self.document), MOST_PAGES)

    def text_page(self, number: int) -> Any:
        """The text of a page, or None for a page that is damaged."""
        try:
            return self.document[number].get_textpage()
        except self._pdfium.PdfiumError:
            return None

    def label(self, number: int) -> str:
        """What is printed on the page, `iv` or `1203`; its place in the file where the PDF does not say."""
        try:
            label = str(self.document.get_page_label(number))
        except (self._pdfium.PdfiumError, UnicodeDecodeError):
            label = ""
        return "".join(filter(str.isprintable, label)).strip()[:20] or str(number + 1)

    def decrypted(self) -> bytes:
        """The document without its encryption."""
        copy = io.BytesIO()
        self.document.save(copy, flags=self.raw.FPDF_REMOVE_SECURITY)
        return copy.getvalue()


def pages(data: bytes) -> dict[str, Any]:
    """Label and text of each page; a word that is divided at a line's end has U+FFFE where the hyphen stands."""
    document = Document(data)
    found: list[tuple[str, str]] = []
    left = ALL_CHARACTERS
    for number in range(len(document)):
        page = document.text_page(number)
        text = page.get_text_range(0, min(page.count_chars(), PAGE_CHARACTERS, left)) if page and left else ""
        left -= len(text)
        found.append((document.label(number), text))
        if page:
            page.close()
    return {"pages": found}


def _characters(document: Document, page: Any) -> Iterator[tuple[str, bool, float, tuple[float, float, float, float]]]:
    """The characters of a page in reading order: itself, whether a line is divided there, its angle, its box."""
    raw, box = document.raw, document.raw.FS_RECTF()
    for index in range(min(page.count_chars(), PAGE_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(page.raw, index)
        raw.FPDFText_GetLooseCharBox(page.raw, index, ctypes.byref(box))
        angle = raw.FPDFText_GetCharAngle(page.raw, index)
        place = (box.left, box.bottom, box.right, box.top)
        yield chr(code), raw.FPDFText_IsHyphen(page.raw, index) == 1, angle, place


def _lines(document: Document, number: int) -> list[dict[str, Any]]:
    """The lines of a page, each with its text, height of its type, place and whether it is written upright."""
    page = document.text_page(number)
    if page is None:
        return []
    lines: list[dict[str, Any]] = []
    text: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    turned = 0

    def end() -> None:
        nonlocal turned
        if boxes:
            left, bottom, right, top = zip(*boxes, strict=True)
            heights = sorted(high - low for _, low, _, high in boxes)
            lines.append(
                {
                    "text": _whole("".join(text)),
                    "size": round(heights[len(heights) // 2], 1),
                    "box": [round(place, 1) for place in (min(left), min(bottom), max(right), max(top))],
                    "turned": turned * 2 > len(boxes),
                }
            )
        text.clear()
        boxes.clear()
        turned = 0

    for char, divided, angle, box in _characters(document, page):
        if char in "\r\n":
            end()
            continue
        text.append("\u00ad" if divided else char)
        if not char.isspace():
            boxes.append(box)
            turned += abs(math.sin(angle)) > 0.5
        if divided:
            end()
    end()
    return lines


def _whole(text: str) -> str:
    """PDFium counts in UTF-16: what it cut in two becomes one character again."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# --- structure, by pypdf --------------------------------------------------------------------------------------------


def facts(data: bytes) -> dict[str, Any]:
    """What the document says of itself, and what its first pages print."""
    document = Document(data)
    metadata, packet = _said(document.decrypted() if document.encrypted else data)
    first = [_lines(document, number) for number in range(min(len(document), FIRST_PAGES))]
    return {"count": len(document), "metadata": metadata, "xmp": _xmp(packet), "lines": first}


def _said(data: bytes) -> tuple[dict[str, str], bytes]:
    """The document's information dictionary and XMP packet; nothing where a damaged file hides them."""
    from pypdf import PdfReader

    metadata: dict[str, str] = {}
    packet = b""
    try:
        reader = PdfReader(io.BytesIO(data))
        for key, value in list((reader.metadata or {}).items())[:200]:
            metadata[str(key).lstrip("/")[:100]] = str(value).replace("\0", "")[:LONGEST_VALUE]
        stream = reader.root_object.get("/Metadata")
        if stream is not None:
            packet = stream.get_object().get_data()[:2_000_000]
    except Exception:  # pypdf raises anything on a damaged file; its pages may still be readable
        return metadata, packet
    return metadata, packet


def _xmp(packet: bytes) -> list[tuple[str, str]]:
    """Each property of the XMP packet with its text, `doi` or `identifier`, without the namespace; lists one by one."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(packet.strip(b"\0 \r\n\t"))
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # LookupError: an encoding that no one knows
        return []
    found: list[tuple[str, str]] = []
    stack = [(root, "")]
    while stack and len(found) < 2_000:
        element, name = stack.pop()
        own = str(element.tag).rpartition("}")[2]
        name = name if own in ("li", "Bag", "Seq", "Alt") else own
        if element.text and element.text.strip():
            found.append((name, element.text.strip()[:LONGEST_VALUE]))
        found += [(key.rpartition("}")[2], value[:LONGEST_VALUE]) for key, value in element.attrib.items()]
        # Of alternatives, as of a title in several languages, the first is the default.
        stack += [(child, name) for child in reversed(list(element)[: 1 if own == "Alt" else None])]
    return found


def marks(data: bytes) -> dict[str, Any]:
    """The marks and comments that a reader made, by page and in the order in which the page lists them."""
    from pypdf import PdfReader

    document = Document(data)
    try:
        reader = PdfReader(io.BytesIO(document.decrypted() if document.encrypted else data))
        count = min(len(reader.pages), len(document))
    except Exception:  # pypdf raises anything on a damaged file
        raise Unreadable("is damaged: its annotations cannot be read") from None
    found: list[dict[str, Any]] = []
    for number in range(count):
        try:
            listed = reader.pages[number].get("/Annots")
            own = list(listed.get_object() if listed is not None else ())
        except Exception:  # one damaged page hides its own annotations only
            continue
        characters: list[tuple[str, bool, float, tuple[float, float, float, float]]] | None = None
        for reference in own[: MOST_ANNOTATIONS - len(found)]:
            try:
                one = _annotation(reference.get_object())
            except Exception:  # and one damaged annotation only itself
                continue
            if one is None:
                continue
            one |= {"number": number + 1, "page": document.label(number), "reference": _reference(reference)}
            if one["quads"]:
                if characters is None:
                    page = document.text_page(number)
                    characters = list(_characters(document, page)) if page else []
                one["text"] = _whole("\n".join(_under(quad, characters) for quad in one["quads"]))
            found.append(one)
    return {"marks": found}


def _annotation(entry: Any) -> dict[str, Any] | None:
    subtype = str(entry.get("/Subtype"))
    if subtype not in _MARKUP and subtype not in _COMMENTS:
        return None
    points = [float(value) for value in entry.get("/QuadPoints") or ()][:8_000] if subtype in _MARKUP else []
    rect = [float(value) for value in entry.get("/Rect") or (0, 0, 0, 0)][:4]
    if not all(map(math.isfinite, (*points, *rect))):
        return None
    answers = entry.raw_get("/IRT") if "/IRT" in entry else None
    return {
        "kind": _MARKUP.get(subtype) or _COMMENTS[subtype],
        "quads": [points[at : at + 8] for at in range(0, len(points) - 7, 8)],
        "rect": rect,
        "text": "",
        "comment": _text(entry.get("/Contents"))[:LONGEST_VALUE],
        "name": _text(entry.get("/NM"))[:200],
        "author": _text(entry.get("/T"))[:200],
        "date": (_text(entry.get("/M")) or _text(entry.get("/CreationDate")))[:40],
        "colour": [float(value) for value in entry.get("/C") or ()][:4],
        "answers": _reference(answers),
    }


def _text(value: Any) -> str:
    """A text string, or "" for an object that is none. pypdf leaves bytes what is not quite a text."""
    if isinstance(value, bytes):
        value = value.decode("utf-16" if value[:2] in (b"\xfe\xff", b"\xff\xfe") else "utf-8", "replace")
    return str(value).replace("\0", "") if isinstance(value, str) else ""


def _reference(value: Any) -> str:
    """The number of an object in the file, or ""."""
    number = getattr(value, "idnum", None)
    return "" if number is None else str(number)


def _under(quad: list[float], characters: list[tuple[str, bool, float, tuple[float, float, float, float]]]) -> str:
    """The text whose characters have their middle inside the quadrilateral's box, blanks between them too."""
    left, right = min(quad[0::2]), max(quad[0::2])
    bottom, top = min(quad[1::2]), max(quad[1::2])
    text: list[str] = []
    last = -2
    for index, (char, divided, _, (x0, y0, x1, y1)) in enumerate(characters):
        if char.isspace() or not (left <= (x0 + x1) / 2 <= right and bottom <= (y0 + y1) / 2 <= top):
            continue
        if text and last < index - 1:
            between = [one[0] for one in characters[last + 1 : index]]
            text.append("\n" if "\n" in between or "\r" in between else " ")
        text.append("\ufffe" if divided else char)
        last = index
    return "".join(text)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # who asked has gone
        main()
        sys.stdout.flush()
    os._exit(0)  # PDFium's clean-up is not worth waiting for, nor what it may do with a damaged document
