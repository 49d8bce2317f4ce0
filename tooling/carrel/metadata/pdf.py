"""PDFs: what identifies the paper, the text of its pages, and what a reader marked in it.

A PDF is read by `pdf_worker.py` in a process of its own, because it comes from anywhere: whatever happens to that
process, here it becomes a `SourceInvalid` that says what is wrong with the file.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from statistics import median
from threading import Timer
from typing import Any

from carrel.core.pdf import DIVIDED, Page, PdfFacts, joined
from carrel.core.quotes import Highlight
from carrel.errors import SourceInvalid
from carrel.metadata.pdf_identifiers import Line, arxiv_of_doi, own_arxiv, own_doi

#: Seconds that reading one PDF may take, and bytes that may come of it.
PATIENCE = 120.0
MOST_SAID = 200_000_000
_WORKER = Path(__file__).with_name("pdf_worker.py")
_NO_TITLE = re.compile(
    r"untitled\d*|microsoft (?:word|powerpoint).*|.*\.(?:docx?|tex|dvi|pdf|indd|qxd|rtf|ps|eps)|(?:pii|doi)\b.*"
    r"|slide \d+|[\w.-]*\d[\w.-]*|title|main|paper|manuscript|document\d*|layout \d+|print|template",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"arxiv:|https?://|^\W*$|^(?:abstract|contents|article|research article|review|letter)$"
    r"|^(?:proceedings of|journal of)\b|^\w+ magazine$",
    re.IGNORECASE,
)
#: A name of an annotation this long is one that no other annotation has.
_UNIQUE = 16


def identify(path: Path) -> PdfFacts:
    """What identifies the paper in the PDF at `path`. Raises `SourceInvalid`."""
    said = _asked(path, "facts")
    pages = [[_line(one) for one in lines] for lines in said["lines"]]
    metadata: Mapping[str, str] = said["metadata"]
    properties = [*((str(name), str(value)) for name, value in said["xmp"]), *metadata.items()]
    own = [(name, value) for name, value in properties if name != "Title"]
    doi, arxiv = own_doi(pages[:2], own), own_arxiv(pages, own)
    return PdfFacts(
        doi=doi,
        arxiv=arxiv or arxiv_of_doi(doi),
        title=_title(pages, properties),
        pages=int(said["count"]),
    )


def pages(path: Path) -> tuple[Page, ...]:
    """The pages of the PDF at `path`. Raises `SourceInvalid`, also when it holds no text at all."""
    listed = _asked(path, "pages")["pages"]
    texts = joined(tuple(str(text) for _, text in listed))
    if not any(map(str.strip, texts)):
        raise _invalid(
            path, "holds no text: it is made of pictures, or empty", "OCR gives it some: ocrmypdf in.pdf out.pdf"
        )
    return tuple(Page(str(label), text) for (label, _), text in zip(listed, texts, strict=True))


def highlights(path: Path) -> tuple[Highlight, ...]:
    """What was marked and commented in the PDF at `path`, by page and from top to bottom. Raises `SourceInvalid`."""
    listed = [dict(one) for one in _asked(path, "marks")["marks"]]
    threads: dict[str, dict[str, Any]] = {one["reference"]: one for one in listed if one["reference"]}
    for one in listed:
        started = threads.get(one["answers"]) if one["answers"] else None
        if started is not None and started is not one:  # an answer to a comment is part of what was said there
            started["comment"] = "\n".join(text for text in (started["comment"], one["comment"]) if text)
            one["comment"] = ""
    found = [(one["number"], *_place(one), _highlight(one)) for one in listed]
    found.sort(key=lambda placed: placed[:3])
    return tuple(one for *_, one in found if one.text or one.comment)


# --- the process ----------------------------------------------------------------------------------------------------


def _asked(path: Path, task: str) -> dict[str, Any]:
    """What the worker says. Raises `SourceInvalid`."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise _invalid(path, (error.strerror or str(error)).lower()) from error
    with (
        file,
        subprocess.Popen(
            [sys.executable, "-I", "-B", str(_WORKER), task],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        ) as process,
    ):
        assert process.stdout is not None
        alarm = Timer(PATIENCE, process.kill)
        alarm.start()
        try:
            data = process.stdout.read(MOST_SAID + 1)
            process.stdout.close()
            code = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            alarm.cancel()
    if len(data) > MOST_SAID or code in (-signal.SIGKILL, -signal.SIGXCPU):
        raise _invalid(path, "takes too long to read, or too much memory")
    if code:
        raise _invalid(path, "is damaged: it cannot be read")
    try:
        said = json.loads(data)
    except ValueError as error:
        raise _invalid(path, "is damaged: it cannot be read") from error
    if "error" in said:
        hint = "`qpdf --password=… --decrypt in.pdf out.pdf` takes it off" if "encrypted" in said["error"] else ""
        raise _invalid(path, str(said["error"]), hint)
    return dict(said)


def _invalid(path: Path, reason: str, hint: str = "") -> SourceInvalid:
    return SourceInvalid(f"{path}: {reason}", hint)


# --- titles ---------------------------------------------------------------------------------------------------------


def _line(said: Mapping[str, Any]) -> Line:
    left, bottom, right, top = (float(place) for place in said["box"])
    return Line(str(said["text"])[:1_000], float(said["size"]), (left, bottom, right, top), bool(said["turned"]))


def _title(pages: Sequence[Sequence[Line]], properties: Sequence[tuple[str, str]]) -> str:
    """The title in the metadata if it is printed as well; else the largest print of the first page; else the former."""
    values = (" ".join(value.split()) for name, value in properties if name.lower() == "title")
    claimed = [one for one in dict.fromkeys(values) if not _NO_TITLE.fullmatch(one) and not _BANNER.search(one)]
    printed = _letters("".join(line.text for lines in pages for line in lines))
    largest = _largest(pages[0]) if pages else ""
    for title in claimed:
        letters = _letters(title)
        if len(letters) > 8 and letters in printed:
            return largest if _letters(largest) == letters else title
    return largest or (claimed[0] if len(claimed) == 1 else "")


def _largest(lines: Sequence[Line]) -> str:
    """The first lines of the largest type that could be a title, in one; "" when nothing stands out."""
    upright = [line for line in lines if not line.turned and not _BANNER.search(line.text.strip())]
    if not upright:
        return ""
    body = median(line.size for line in upright for _ in line.text)
    sizes = sorted({line.size for line in upright if line.size > 1.15 * body}, reverse=True)
    for size in sizes[:4]:
        words = joined(("\n".join(_run(upright, size)),))[0].split()
        letters = sum(map(str.isalpha, "".join(words)))
        if 2 <= len(words) <= 40 and letters > 8 and letters > 0.8 * len("".join(words)):
            return " ".join(words)
    return ""


def _run(lines: Sequence[Line], size: float) -> Iterator[str]:
    """The text of the first line of that size and of its neighbours, which may have a word in smaller type."""

    def large(index: int) -> bool:
        return 0 <= index < len(lines) and 0.85 * size <= lines[index].size <= 1.15 * size

    first = last = next(index for index, line in enumerate(lines) if line.size == size)
    while large(first - 1):
        first -= 1
    while large(last + 1):
        last += 1
    yield from (line.text.replace("\u00ad", DIVIDED) for line in lines[first : last + 1])


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


# --- annotations ----------------------------------------------------------------------------------------------------


def _place(one: Mapping[str, Any]) -> tuple[float, float]:
    """Where on its page a mark begins: from the top, then from the left."""
    if one["quads"]:
        return -max(one["quads"][0][1::2]), min(one["quads"][0][0::2])
    return -max(one["rect"][1::2], default=0.0), min(one["rect"][0::2], default=0.0)


def _highlight(one: Mapping[str, Any]) -> Highlight:
    text = " ".join(joined((str(one["text"]),))[0].split())
    rect = ",".join(f"{place:.0f}" for place in one["rect"])
    name = str(one["name"])
    identity = name if len(name) >= _UNIQUE else f"{one['number']}\n{text}\n{rect}\n{name}"
    return Highlight(
        id=blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest(),
        page=str(one["page"]),
        text=text,
        comment=str(one["comment"]).replace("\r\n", "\n").replace("\r", "\n").strip(),
        colour=_colour(one["colour"]),
        author=str(one["author"]).strip(),
        date=_date(str(one["date"])),
    )


def _colour(parts: Sequence[float]) -> str:
    """`#ffff00` of a colour in DeviceGray, DeviceRGB or DeviceCMYK, by its number of parts; "" for none.

    >>> _colour([1.0, 1.0, 0.0]), _colour([0.5]), _colour([0, 1, 1, 0]), _colour([])
    ('#ffff00', '#808080', '#ff0000', '')
    """
    if len(parts) == 4:
        parts = [(1 - one) * (1 - parts[3]) for one in parts[:3]]
    elif len(parts) == 1:
        parts = [parts[0]] * 3
    if len(parts) != 3:
        return ""
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in parts)


def _date(text: str) -> str:
    """The day of a PDF's date (ISO 32000-2, 7.9.4), `2026-11-20` of `D:20261120143200+01'00'`; "" for anything else.

    >>> _date("D:20261120143200Z"), _date("yesterday")
    ('2026-11-20', '')
    """
    found = re.match(r"(?:D:)?(\d{4})(\d\d)(\d\d)", text)
    if found is None:
        return ""
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3])).date().isoformat()
    except ValueError:
        return ""
