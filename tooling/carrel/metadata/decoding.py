"""The text of a file whose encoding nobody declared: bibliographies come from every decade and every system."""

from __future__ import annotations

import codecs
import re

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JABREF_ENCODING = re.compile(rb"\A%\s*Encoding:\s*([\w-]+)", re.IGNORECASE)


def decode(data: bytes) -> str:
    """The text of `data`: what its mark says, or UTF-8, or what JabRef's first line says, or else Windows-1252.

    The last is decided line by line: an old entry pasted into a library in UTF-8 spoils no other. Never raises.

    >>> decode("Müller".encode("utf-16")), decode("Müller".encode("utf-16-be")), decode("Č".encode() + b"\\nM\\xfcller")
    ('Müller', 'Müller', 'Č\\nMüller')
    >>> decode(b"% Encoding: ISO-8859-15\\n\\xa4")
    '% Encoding: ISO-8859-15\\n€'
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    # UTF-16 without a mark: of text in Latin letters every other byte is zero.
    zeros = data[:200].count(b"\0"), data[:200:2].count(b"\0")
    if 10 * zeros[0] >= 4 * len(data[:200]) and (zeros[1] == 0 or zeros[1] == zeros[0]):
        return data.decode("utf-16-be" if zeros[1] else "utf-16-le", "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    declared = _JABREF_ENCODING.match(data)
    for encoding in ("utf-8", declared[1].decode() if declared else ""):
        try:
            return data.decode(encoding) if encoding else _line_by_line(data)
        except (UnicodeDecodeError, LookupError):
            continue
    return _line_by_line(data)


def _line_by_line(data: bytes) -> str:
    return "\n".join(_decoded_line(line) for line in data.split(b"\n"))


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
