"""Reading PDFs: text by page, marks, titles; and every kind of file that would break a reader."""

from __future__ import annotations

import time
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from carrel.core.quotes import Highlight
from carrel.errors import SourceInvalid
from carrel.metadata import pdf
from carrel.metadata.pdf import highlights, identify, pages
from tests.pdfs import Print, assembled, highlight, lines, make_pdf, stream


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the PDF of a test is."""
    return tmp_path / "paper.pdf"


def _fails(place: Path, reason: str) -> None:
    """Nothing can be read, and the message says why."""
    with pytest.raises(SourceInvalid, match=reason) as caught:
        pages(place)
    assert str(place) in caught.value.message
    assert "\n" not in caught.value.message


def test_text_comes_by_page_with_what_is_printed_for_its_number(place: Path) -> None:
    place.write_bytes(make_pdf([lines("Preface."), lines("Chapter.")], labels="0 << /S /r >> 1 << /S /D /St 41 >>"))
    assert [(page.label, page.text.strip()) for page in pages(place)] == [("i", "Preface."), ("41", "Chapter.")]


def test_words_that_a_lines_end_divides_are_whole(place: Path) -> None:
    place.write_bytes(make_pdf([lines("The arti-", "facts of self-", "attention, and self-attention.")]))
    assert pages(place)[0].text.split() == ["The", "artifacts", "of", "self-attention,", "and", "self-attention."]


def test_a_title_is_the_largest_print_or_what_metadata_says_if_that_is_printed_too(place: Path) -> None:
    page = [
        Print("Toy models of super-", y=720, size=20),
        Print("position", y=696, size=20),
        *lines(*["Text."] * 20, y=640),
    ]
    place.write_bytes(make_pdf([page]))
    assert identify(place).title == "Toy models of superposition"
    place.write_bytes(make_pdf([page], info={"Title": "paper_final2.dvi"}))
    assert identify(place).title == "Toy models of superposition"
    place.write_bytes(
        make_pdf([lines(*["Text."] * 20, "On the taste of things")], info={"Title": "On the Taste of Things"})
    )
    assert identify(place).title == "On the Taste of Things"


def test_marks_come_with_the_text_under_them_in_reading_order(place: Path) -> None:
    first = lines("Features are sparse here.", "They are linear there.", y=700)
    marks = [
        highlight(72, 684, 200, 698, "/C [0 1 0] /T (Ada) /M (D:20261120143200Z) /NM (annotation-of-ada-1)"),
        highlight(72, 697, 200, 709, "/C [1 1 0] /Contents (Really\\rAlways?)", kind="Underline"),
        "/Subtype /Text /Rect [10 740 20 750] /Contents (A whole page to think about.)",
        "/Subtype /Popup /Rect [0 0 1 1] /Contents (never)",
        "/Subtype /Link /Rect [0 0 1 1]",
        highlight(300, 300, 400, 310),
    ]
    place.write_bytes(make_pdf([first, lines("Second page.")], marks={0: marks, 1: [highlight(72, 695, 105, 712)]}))
    found = highlights(place)
    assert [(one.page, one.text, one.comment, one.colour, one.author, one.date) for one in found] == [
        ("1", "", "A whole page to think about.", "", "", ""),
        ("1", "Features are sparse here.", "Really\nAlways?", "#ffff00", "", ""),
        ("1", "They are linear there.", "", "#00ff00", "Ada", "2026-11-20"),
        ("2", "Second", "", "", "", ""),
    ]
    assert len({one.id for one in found}) == 4
    assert highlights(place) == found


def test_a_mark_over_two_lines_reads_on_and_joins_what_is_divided(place: Path) -> None:
    quads = "72 712 250 712 72 698 250 698 72 698 97 698 72 684 97 684"
    mark = f"/Subtype /Highlight /Rect [72 684 250 712] /QuadPoints [{quads}]"
    place.write_bytes(make_pdf([lines("These are the arti-", "facts and more of it.")], marks={0: [mark]}))
    assert [one.text for one in highlights(place)] == ["These are the artifacts"]


def test_an_answer_to_a_comment_is_part_of_it(place: Path) -> None:
    # The annotations are objects 102 and 103, by how `make_pdf` counts.
    marks = [highlight(72, 695, 300, 712, "/Contents (Why?)"), "/Subtype /Text /IRT 102 0 R /Contents (Because.)"]
    data = make_pdf([lines("Features are sparse.")], marks={0: marks})
    place.write_bytes(data.replace(b"/IRT 102", b"/IRT " + data.split(b"/Annots [")[1].split()[0]))
    assert [one.comment for one in highlights(place)] == ["Why?\nBecause."]


def test_real_annotations_are_read(data: Path) -> None:
    found = highlights(data / "06-pdf-pypdf-samples/files/024-annotations/annotated_pdf.pdf")
    assert found == (
        Highlight("d1694dc5", "1", "", "This is a text annotation."),
        Highlight("1c460e7c", "1", "Line 1 Line 2", "Highlight comment", "#ffff00", "", "1990-04-28"),
    )


def test_every_real_pdf_is_read_or_says_in_one_line_why_not(data: Path) -> None:
    unreadable = {}
    for place in sorted(data.glob("06-pdf-*/**/*.pdf")):
        try:
            pages(place)
        except SourceInvalid as error:
            unreadable[place.name] = error.message.removeprefix(f"{place}: ").split(":")[0]
    password, no_text = "is encrypted, and its password is not empty", "holds no text"
    assert unreadable.pop("encrypted.pdf") == unreadable.pop("libreoffice-writer-password.pdf") == password
    assert set(unreadable.values()) == {no_text}
    assert {"scanned-image-only.pdf", "imagemagick-lzw.pdf", "grayscale-image.pdf"} <= unreadable.keys()
    assert len(unreadable) == 10


def test_a_pdf_that_needs_no_password_is_read_although_it_is_encrypted(data: Path) -> None:
    protected = data / "06-pdf-jabref-synthetic/files/org/jabref/logic/importer/fileformat/LNCS-minimal-protected.pdf"
    assert "Abstract goes here" in pages(protected)[0].text
    assert identify(protected).title == "Paper Title"
    assert highlights(protected) == ()


def test_a_pdf_of_pictures_has_no_text(place: Path) -> None:
    place.write_bytes(make_pdf([[], []]))
    _fails(place, "holds no text")
    assert identify(place).pages == 2
    place.write_bytes(make_pdf([]))
    _fails(place, "no pages can be found")


def test_half_characters_and_controls_do_not_get_through(place: Path) -> None:
    text = "(\\376\\377\\330\\000\\000T\\000h\\000i\\000n\\000g\\000s\\000 \\000\\000\\000\\007)"
    mark = highlight(72, 695, 300, 712, f"/Contents {text} /T {text}")
    data = make_pdf([lines("Features are sparse.")], marks={0: [mark]}, labels=f"0 << /S /D /P {text} >>")
    place.write_bytes(data)
    (found,) = highlights(place)
    for value in (found.comment, found.author, found.page, identify(place).title, pages(place)[0].label):
        value.encode()
        assert "\0" not in value
    assert "Things" in found.comment
    assert found.page.isprintable()


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><html>", b"\x89PNG\r\n", b"%PDX-1.4", b"\x00" * 5000, b" " * 2000 + b"%PDF-1.4"]
)
def test_what_is_no_pdf_is_said_to_be_none(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    _fails(place, "is no PDF")


def test_a_missing_file_or_a_folder_is_said_to_be_that(tmp_path: Path) -> None:
    _fails(tmp_path / "none.pdf", "no such file")
    _fails(tmp_path, "is a directory")


def test_a_pdf_that_is_cut_short_anywhere_is_read_or_says_that_it_is_damaged(place: Path) -> None:
    whole = make_pdf([lines("Some text."), lines("More text.")], info={"Title": "Things"}, packed=True)
    for share in (0.05, 0.3, 0.6, 0.8, 0.97):
        place.write_bytes(whole[: int(len(whole) * share)])
        with suppress(SourceInvalid):
            assert pages(place)
    place.write_bytes(b"%PDF-1.7\n" + b"garbage " * 1000)
    _fails(place, "is damaged")


def test_a_stream_that_unpacks_to_gigabytes_ends_soon(place: Path) -> None:
    packer = zlib.compressobj(9)
    start, again = (packer.compress(b" " * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    bomb = start + again * 300 + packer.flush()  # 3 GB of blanks
    twice = zlib.compress(bomb, 9)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
        4: stream(twice, "/Filter [/FlateDecode /FlateDecode]"),
        5: stream(twice, "/Type /Metadata /Subtype /XML /Filter [/FlateDecode /FlateDecode]"),
    }
    place.write_bytes(assembled(objects))
    began = time.monotonic()
    with pytest.raises(SourceInvalid):
        pages(place)
    with suppress(SourceInvalid):
        identify(place)
    assert time.monotonic() - began < 60


def test_loops_and_depth_in_the_page_tree_end(place: Path) -> None:
    loop = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 9999999 /Parent 3 0 R >>",
        3: b"<< /Type /Pages /Kids [2 0 R] /Count 5 /Parent 2 0 R >>",
    }
    deep = {1: loop[1], 9_000: b"<< /Type /Page /Parent 8999 0 R /MediaBox [0 0 9 9] >>"}
    deep |= {n: f"<< /Type /Pages /Kids [{n + 1} 0 R] /Count 1 >>".encode() for n in range(2, 9_000)}
    nested = {1: loop[1], 2: b"[" * 200_000 + b"]" * 200_000}
    for objects in (loop, deep, nested):
        place.write_bytes(assembled(objects))
        for read in (pages, identify, highlights):
            with suppress(SourceInvalid):
                read(place)


def test_annotations_that_are_damaged_hide_only_themselves(place: Path) -> None:
    marks = [
        "/Subtype /Highlight /QuadPoints [1 2 (three)] /Rect [0 0 1 1]",
        "/Subtype /Highlight /QuadPoints 99 0 R /Rect null",
        "/Subtype /Text /Contents << /not /text >> /Rect [0 0",
        highlight(72, 695, 300, 712, "/NM 5 /T [1] /M (yesterday) /C [9 -9 (x)]"),
        highlight(72, 695, 300, 712, "/C [9 -9 0.5] /Contents (\\376\\377\\000O\\000k)"),
    ]
    place.write_bytes(make_pdf([lines("Features are sparse.")], marks={0: marks}))
    found = highlights(place)
    assert [(one.text, one.comment, one.colour) for one in found][-1] == ("Features are sparse.", "Ok", "#ff0080")


def test_a_reader_that_hangs_or_says_too_much_is_ended(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write_bytes(make_pdf([lines("Some text.")] * 50))
    monkeypatch.setattr(pdf, "MOST_SAID", 100)
    _fails(place, "takes too long to read, or too much memory")
    monkeypatch.setattr(pdf, "PATIENCE", 0.001)
    _fails(place, "takes too long to read, or too much memory")


def test_the_reader_can_write_nothing_and_use_little(tmp_path: Path) -> None:
    import subprocess
    import sys

    worker = Path(pdf.__file__).with_name("pdf_worker.py")
    code = (
        f"import runpy, resource; m = runpy.run_path({str(worker)!r}); m['limit']()\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
        f"open({str(tmp_path / 'x')!r}, 'wb').write(b'x')"
    )
    said = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert said.stdout == f"{1 << 30} 0\n"
    assert (tmp_path / "x").read_bytes() == b""
