"""The files of a built site as text: what a reader, a search engine or a curious person can find in their bytes."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Set
from contextlib import suppress
from html import unescape
from urllib.parse import unquote

from carrel.publish.needles import BREAK
from carrel.publish.needles import words as row_of

#: Bytes that one packed file may unpack to, and how deep packed files may lie in one another.
_LARGEST, _DEEPEST = 64 * 1024 * 1024, 3
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, lzma.LZMAError, OSError, EOFError)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_WITH_VALUES = re.compile(r"<!--[^<>]*>|<[a-zA-Z][^<>]*=[^<>]*>")
_ATTRIBUTE = re.compile(r"\s[\w:.@-]+=")
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_RUN = re.compile(rb"[\x20-\x7e\t\r\n]{5,}")
_UTF8_RUN = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3}){5,}")
_WIDE_RUN = re.compile(rb"(?:[\x20-\x7e]\0){5,}")
#: Lines of which it is remembered that they were looked at; then it is begun anew.
_REMEMBERED = 500_000


class Lines:
    """Leaves out of each text what stood in those before: of the frame that all pages share, one is enough.

    A line that is new comes with its neighbours, so that words are found across the ends of lines.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._last: list[bytes] = []

    def new(self, text: bytes) -> bytes:
        """The lines of `text` that were not learnt yet, with a `BREAK` where lines are left out."""
        lines = text.split(b"\n")
        seen, parts, end = self._seen, list[bytes](), 0
        fresh = [number for number, line in enumerate(map(hash, lines)) if line not in seen]
        for number in fresh:
            start = max(number - 1, end)
            if start > end:
                parts.append(BREAK.strip().encode())
            parts += lines[start : number + 2]
            end = min(number + 2, len(lines))
        self._last = [lines[number] for number in fresh]
        return b"\n".join(parts)

    def learn(self, words: Set[str], keys: Collection[str]) -> None:
        """Leave out the lines of the last text from now on; those that hold one of the words or keys are not learnt."""
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        for line in self._last:
            if words or keys:
                text = readable(line)
                if not words.isdisjoint(row_of(text)) or any(key in text for key in keys):
                    continue
            self._seen.add(hash(line))


def unpacked(name: str, data: bytes, depth: int = 0) -> Iterator[bytes]:
    """A file's bytes as lines of text: of a packed file those of its members and their names."""
    if data[:2] == b"\x1f\x8b" and depth < _DEEPEST:
        with suppress(OSError, EOFError, zlib.error):
            inside = gzip.GzipFile(fileobj=io.BytesIO(data)).read(_LARGEST)
            yield from unpacked(name.removesuffix(".gz"), inside, depth + 1)
    elif data[:2] == b"PK" and depth < _DEEPEST:
        yield from _members(data, depth)
    elif name.endswith((".json", ".js", ".ipynb")):
        yield data.replace(b"\\n", b"\n").replace(b'\\"', b'"')
    elif b"\0" in data[:8192] or data[:4] == b"%PDF":
        wide = [run.replace(b"\0", b"") for run in _WIDE_RUN.findall(data)]  # of metadata in UTF-16
        yield BREAK.encode().join((*_RUN.findall(data), *_UTF8_RUN.findall(data), *wide))
    else:
        yield data


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
