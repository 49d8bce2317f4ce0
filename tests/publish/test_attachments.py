"""Pictures and drawings leave without what no one meant to publish, or not at all."""

from __future__ import annotations

import struct

import pytest

from carrel.publish.staging.pictures import NotPublished, jpeg, png, webp
from carrel.publish.staging.svg import plain
from tests.publish.support import png as picture

MARK = b"52.5200 N, Ada's phone"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'>{}</svg>"


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def exif(order: str, orientation: int) -> bytes:
    start = {">": b"MM\0*", "<": b"II*\0"}[order]
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + start + struct.pack(f"{order}IH", 8, 1) + entry + struct.pack(f"{order}I", 0) + MARK


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
ICC = segment(0xE2, b"ICC_PROFILE\0\1\1profile")
ADOBE = segment(0xEE, b"Adobe\0d\0\0\0\0\0")
PIXELS = (
    segment(0xDB, b"table") + segment(0xDA, b"head") + b"\x12\xff\x00\x34\xff\xd0\x56" + segment(0xDA, b"2") + b"\x9a"
)


def test_a_jpeg_keeps_its_pixels_and_colours_and_loses_what_was_written_into_it() -> None:
    talk = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + MARK) + segment(0xED, b"Photoshop" + MARK)
    talk += segment(0xFE, MARK) + segment(0xE2, b"MPF\0" + MARK) + segment(0xE1, exif(">", 1))
    whole = b"\xff\xd8" + JFIF + talk + ICC + ADOBE + b"\xff" + PIXELS + b"\xff\xd9" + MARK
    assert jpeg(whole) == b"\xff\xd8" + JFIF + ICC + ADOBE + PIXELS + b"\xff\xd9"


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_jpeg_keeps_which_side_is_up(order: str) -> None:
    cleaned = jpeg(b"\xff\xd8" + segment(0xE1, exif(order, 6)) + PIXELS + b"\xff\xd9")
    assert MARK not in cleaned
    assert cleaned == b"\xff\xd8" + segment(0xE1, exif(">", 6).removesuffix(MARK)) + PIXELS + b"\xff\xd9"


def test_a_png_loses_texts_times_and_what_is_not_of_the_standard() -> None:
    names = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prVt")
    assert png(picture((b"gAMA", b"\0\0\1\0"), *((name, MARK) for name in names)) + MARK) == picture(
        (b"gAMA", b"\0\0\1\0")
    )


def test_a_webp_loses_exif_and_xmp_and_no_longer_says_that_it_has_them() -> None:
    def riff(*chunks: tuple[bytes, bytes]) -> bytes:
        body = b"WEBP" + b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in chunks)
        return b"RIFF" + struct.pack("<I", len(body)) + body

    pixels = (b"VP8L", b"pixel")
    whole = riff((b"VP8X", b"\x1c" + b"\0" * 9), pixels, (b"EXIF", MARK), (b"XMP ", MARK))
    assert webp(whole + MARK) == riff((b"VP8X", b"\x10" + b"\0" * 9), pixels)


@pytest.mark.parametrize("read", [jpeg, png, webp, plain])
@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\0", picture()[:-12], b"RIFF\x20\0\0\0WEBPVP8 ", b"\xff" * 20, b"<svg"]
)
def test_a_picture_that_cannot_be_read_stays_at_home(read: object, data: bytes) -> None:
    with pytest.raises(NotPublished):
        read(data)  # type: ignore[operator]  # one of the four


def test_a_drawing_is_published_without_what_only_its_editor_reads() -> None:
    drawing = SVG.format(
        "<!-- by Ada --><metadata>Ada</metadata><style>*{stroke: url(#g)}</style><use xlink:href='#p'/>"
        "<layer xmlns='http://editor.example' name='Ada'/>"
        "<path id='p' d='M0 0' data-who='Ada' xmlns:e='http://editor.example' e:by='Ada'/><text>α</text>"
    )
    cleaned = plain(("<?xml-stylesheet href='https://a.example/x.css'?><!DOCTYPE svg>" + drawing).encode("utf-8"))
    assert cleaned.decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<style>*{stroke: url(#g)}</style><use xlink:href="#p" /><path id="p" d="M0 0" /><text>α</text></svg>'
    )


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<a:script xmlns:a='http://www.w3.org/2000/svg'>alert(1)</a:script>",
        "<path onload='alert(1)'/>",
        "<a xlink:href='java&#x73;cript:alert(1)'><path/></a>",
        "<use href='java&#x73;cript:alert(1)'/>",
        "<image href='https://a.example/x.png'/>",
        "<image xlink:href='data:image/svg+xml;base64,PHN2Zz4='/>",
        "<set attributeName='onmouseover' to='alert(1)'/>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<foreignObject/>",
        "<body xmlns='http://www.w3.org/1999/xhtml' onload='alert(1)'/>",
        "<style>@import 'x.css';</style>",
        "<style>*{fill: u\\72l(https://a.example/)}</style>",
        "<path style='fill: url( &quot;https://a.example/x&quot;)'/>",
        "<path fill='url(x.svg#y)'/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_drawing_that_could_do_or_fetch_anything_stays_at_home(inner: str, encoding: str) -> None:
    with pytest.raises(NotPublished):
        plain(SVG.format(inner).encode(encoding))


def test_a_drawing_with_entities_stays_at_home() -> None:
    with pytest.raises(NotPublished):
        plain(b"<!DOCTYPE svg [<!ENTITY a 'x'>]>" + SVG.format("<text>&a;</text>").encode())
