"""Pictures without what their camera or program wrote into them; the pixels are not touched.

Kept is what is needed to show a picture as it is: colours, size, animation, and which side is up. Everything
else goes: place, time, names, comments, thumbnails, whatever follows the picture's end.
Formats: ITU-T T.81 annex B and CIPA DC-008 (JPEG and Exif), PNG third edition, RFC 9649 (WebP).
"""

from __future__ import annotations

import re
import struct


class NotPublished(Exception):
    """A file that stays at home; the message says why."""


_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs hIST sPLT acTL fcTL fdAT cICP mDCV cLLI".split()
)
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOS, _EOI, _APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_ORIENTATION = 0x0112


def jpeg(data: bytes) -> bytes:
    """A JPEG without Exif (but for its orientation), XMP, IPTC and comments. Raises `NotPublished`."""
    if data[:2] != b"\xff\xd8":
        raise NotPublished("is no JPEG picture")
    kept: list[bytes] = []
    orientation, at = 1, 2
    try:
        while True:
            while data[at + 1] == 0xFF:  # fill bytes may stand before a marker
                at += 1
            if data[at] != 0xFF:
                raise NotPublished("is a damaged JPEG picture")
            marker = data[at + 1]
            if marker == _EOI:
                return b"\xff\xd8" + _exif(orientation) + b"".join(kept) + b"\xff\xd9"
            end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
            segment = data[at:end]
            if marker == _APP1 and segment[4:10] == b"Exif\0\0":
                orientation = _orientation(segment[10:])
            if marker == _SOS:
                following = _NEXT_MARKER.search(data, end)
                if following is None:
                    raise NotPublished("is a JPEG picture without an end")
                end = following.start()
                segment = data[at:end]
            if _is_kept(marker, segment):
                kept.append(segment)
            at = end
    except (IndexError, struct.error) as error:
        raise NotPublished("is a damaged JPEG picture") from error


def png(data: bytes) -> bytes:
    """A PNG without texts, times, Exif and chunks that are not of the standard. Raises `NotPublished`."""
    if not data.startswith(_SIGNATURE):
        raise NotPublished("is no PNG picture")
    kept, at = [_SIGNATURE], len(_SIGNATURE)
    while at + 12 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            break
        if name in _KEPT_CHUNKS:
            kept.append(data[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
    raise NotPublished("is a damaged PNG picture")


def webp(data: bytes) -> bytes:
    """A WebP without Exif and XMP. Raises `NotPublished`."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise NotPublished("is no WebP picture")
    stop = 8 + int.from_bytes(data[4:8], "little")
    kept, at = [], 12
    while at + 8 <= stop <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        name, chunk = data[at : at + 4], data[at : at + 8 + size + size % 2]
        if at + 8 + size > stop:
            break
        if name == b"VP8X":
            chunk = chunk[:8] + bytes((chunk[8] & ~0x0C,)) + chunk[9:]  # it says that Exif and XMP follow
        if name in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"):
            kept.append(chunk)
        at += len(chunk)
    if at < stop or not kept:
        raise NotPublished("is a damaged WebP picture")
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _is_kept(marker: int, segment: bytes) -> bool:
    """What says how to show the pixels: tables, frames, JFIF, colour profiles (ICC, Adobe)."""
    if marker == _APP0:
        return segment[4:9] == b"JFIF\0"
    if marker == _APP2:
        return segment[4:16] == b"ICC_PROFILE\0"
    if marker == _APP14:
        return segment[4:9] == b"Adobe"
    return marker != _COM and not _APP0 <= marker <= _APP15


def _orientation(tiff: bytes) -> int:
    """Which side is up, 1 to 8, as the first directory of an Exif block says; 1 when it does not."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        at = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for number in range(struct.unpack_from(f"{order}H", tiff, at)[0]):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * number)
            if tag == _ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return 1
    return 1


def _exif(orientation: int) -> bytes:
    """An Exif segment that holds the orientation alone; none for a picture that stands as it is."""
    if orientation == 1:
        return b""
    directory = struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    content = b"Exif\0\0MM\0*\0\0\0\x08" + directory
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content
