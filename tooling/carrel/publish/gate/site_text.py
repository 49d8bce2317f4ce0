"""The files of a built site as text: what a reader, a search engine or a curious person can find in their bytes."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from html import unescape
from urllib.parse import unquote

from carrel.publish.gate.rows import BREAK

#: Bytes that one packed file may unpack to, and how deep packed files may lie in one another.
_LARGEST, _DEEPEST = 64 * 1024 * 1024, 3
_MARKS = bytes.maketrans(b"\0\1", b"  ")
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, lzma.LZMAError, OSError, EOFError)
_TAG = re.compile(r"</?[a-zA-Z!][^<>\0]*>")
_WITH_VALUES = re.compile(r"<!--[^<>\0]*>|<[a-zA-Z][^<>\0]*=[^<>\0]*>")
_VALUES_OR_END = re.compile(rf"\0|{_WITH_VALUES.pattern}")
_ATTRIBUTE = re.compile(r"\s[\w:.@-]+=")
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_RUN = re.compile(rb"[\x20-\x7e\t\r\n]{5,}")
_UTF8_RUN = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3}){5,}")
_WIDE_RUN = re.compile(rb"(?:[\x20-\x7e]\0){5,}")


def is_script(name: str) -> bool:
    """Whether what a file holds is written as JSON or JavaScript write texts."""
    return name.endswith((".json", ".js", ".ipynb"))


def unpacked(name: str, data: bytes, depth: int = 0) -> Iterator[bytes]:
    """A file's bytes as lines of text: of a packed file those of its members and their names."""
    if data[:2] == b"\x1f\x8b" and depth < _DEEPEST:
        with suppress(OSError, EOFError, zlib.error):
            inside = gzip.GzipFile(fileobj=io.BytesIO(data)).read(_LARGEST)
            yield from unpacked(name.removesuffix(".gz"), inside, depth + 1)
    elif data[:2] == b"PK" and depth < _DEEPEST:
        yield from _members(data, depth)
    elif is_script(name):
        yield _without_marks(data).replace(b"\\n", b"\n").replace(b'\\"', b'"')
    elif b"\0" in data[:8192] or data[:4] == b"%PDF":
        wide = [run.replace(b"\0", b"") for run in _WIDE_RUN.findall(data)]  # of metadata in UTF-16
        yield BREAK.encode().join((*_RUN.findall(data), *_UTF8_RUN.findall(data), *wide))
    else:
        yield _without_marks(data)


def _members(data: bytes, depth: int) -> Iterator[bytes]:
    left = _LARGEST
    with suppress(*_BROKEN), zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield archive.comment
        for member in archive.infolist():
            yield member.filename.encode("utf-8", "replace") + b"\n" + member.comment
            if member.is_dir() or member.flag_bits & 1 or left <= 0:  # 1: it wants a password
                continue
            with suppress(*_BROKEN), archive.open(member) as file:
                inside = file.read(left)
                left -= len(inside)
                yield from unpacked(member.filename, inside, depth + 1)


def _without_marks(data: bytes) -> bytes:
    """The same without the two characters that stand for ends and breaks here."""
    return data.translate(_MARKS) if b"\0" in data or b"\1" in data else data


def readable(data: bytes) -> str:
    """Lines of bytes as text, with characters for what stands for them in JSON and HTML."""
    text = data.decode("utf-8", "replace")
    if "\\u" in text:
        text = _ESCAPED.sub(_character, text)
    return text


def shown(text: str) -> str:
    """What HTML shows, and behind it what its tags hold: addresses, titles, descriptions."""
    if "<" not in text:
        return _plain(text)
    tags = _ATTRIBUTE.sub(BREAK, BREAK.join(_WITH_VALUES.findall(text)))
    return f"{_plain(_TAG.sub(' ', text))}{BREAK}{unquote(_plain(tags)) if tags else ''}"


def shown_lines(lines: Sequence[bytes]) -> tuple[list[str], list[str]]:
    """Of each line what HTML shows, and what its tags hold; a line has all of each tag that begins in it."""
    text = readable(b"\n\0\n".join(lines))
    tags = BREAK.join(_VALUES_OR_END.findall(text))
    texts = _plain(_TAG.sub(" ", text)).split("\0")
    values = unquote(_plain(_ATTRIBUTE.sub(BREAK, tags))).split("\0")
    if len(texts) == len(values) == len(lines):
        return texts, values
    if len(lines) == 1:  # an escaped character was that of an end
        return ["".join(texts)], ["".join(values)]
    both = [shown_lines([line]) for line in lines]
    return [texts[0] for texts, _ in both], [values[0] for _, values in both]


def run_together(text: str) -> str:
    """The same, with nothing in the place of tags: a highlighter puts them into the middle of a key."""
    if "<" not in text:
        return _plain(text)
    tags = "\n".join(_WITH_VALUES.findall(text))
    return f"{_plain(_TAG.sub('', text))}\n{_plain(tags)}"


def _plain(text: str) -> str:
    for _ in range(2):  # a feed holds HTML with its own characters escaped
        text = unescape(text) if "&" in text else text
    return text


def _character(found: re.Match[str]) -> str:
    character: str = json.loads(f'"{found[0]}"')
    return character.encode("utf-8", "replace").decode()
