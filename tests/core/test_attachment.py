"""What an entry says of a figure or file, and how it is read back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carrel.core.attachment import Attachment, below, records, shown
from carrel.core.note import Note
from carrel.core.parse import parse_note

DAY = "notes/2026/2026-11-20.md"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
FIGURE = Attachment("notes/assets/2026/loss-1a2b3c4d.png", SHA, "loss")


def read(body: str) -> Note:
    return parse_note(DAY, f"---\nkind: log\n---\n{body}".encode())


def test_a_picture_is_shown_with_its_caption_and_any_other_file_is_linked() -> None:
    assert shown(FIGURE, "notes/2026", "Loss of 12 runs") == (
        f"![Loss of 12 runs](../assets/2026/loss-1a2b3c4d.png) <!-- sha256:{SHA} -->"
    )
    assert shown(FIGURE, "notes/2026") == f"![loss](../assets/2026/loss-1a2b3c4d.png) <!-- sha256:{SHA} -->"
    output = FIGURE._replace(path="notes/assets/2026/out-1a2b3c4d.private.txt", name="out")
    assert shown(output, "notes/2026") == f"[out](../assets/2026/out-1a2b3c4d.private.txt) <!-- sha256:{SHA} -->"


def test_a_caption_of_characters_that_mean_something_in_markdown_stays_readable() -> None:
    caption = "p(x|0) < 1 & @2x of run_12 [seed #3] --> $\\alpha$"
    assert shown(FIGURE, "notes/2026", caption).startswith(
        r"![p(x\|0) &#60; 1 & &#64;2x of run_12 \[seed \#3\] --> \$\\alpha\$]("
    )


MARKUP = st.lists(
    st.sampled_from([*"abc 12 []()<>#@`*_~$|^&;!%{}\\\"'=:-+.,/\n", "[[", "]]", "<!--", "-->", "%%", "](", "é"])
).map("".join)


@given(MARKUP | st.text(st.characters(codec="utf-8")))
def test_whatever_a_caption_is_it_is_a_label_and_the_record_is_read_back(caption: str) -> None:
    body = f"## 14:32 Loss\n\n{shown(FIGURE, 'notes/2026', caption)}\n\n## 15:00 Next\n"
    note = read(body)
    [link], [record] = note.markup.links, records(note)
    assert (link.target, link.embed) == ("../assets/2026/loss-1a2b3c4d.png", True)
    assert (record.link, record.line, record.sha256) == (link, 6, SHA)
    assert (note.markup.tags, note.markup.citations) == ((), ())
    assert [heading.text for heading in note.markup.headings] == ["14:32 Loss", "15:00 Next"]


def test_records_are_found_wherever_links_are_and_nowhere_else() -> None:
    note = read(
        f"- [out](out.txt)<!-- sha256:{SHA} -->\n"
        f"> ![[loss.png]]\t<!--sha256: {SHA.upper()}-->\n\n"
        f"`[a](a.txt) <!-- sha256:{SHA} -->`\n\n"
        f"```\n[b](b.txt) <!-- sha256:{SHA} -->\n```\n\n"
        f"[c](c.txt) and words <!-- sha256:{SHA} -->\n"
        "[d](d.txt) <!-- sha256:123 -->\n"
        "[e](e.txt) <!-- sha256 of it: see below -->\n"
    )
    found = [(one.line, one.link and one.link.target, one.sha256) for one in records(note)]
    assert found == [(4, "out.txt", SHA), (5, "loss.png", SHA), (13, None, SHA), (14, "d.txt", "")]


def test_what_is_attached_to_an_entry_that_leaves_code_open_is_no_code() -> None:
    assert below("Out:\n\n~~~\nnan", ["![a](a.png)", "![b](b.png)"]) == (
        "Out:\n\n~~~\nnan\n~~~\n\n![a](a.png)\n\n![b](b.png)"
    )
    assert below("Loss spikes", []) == "Loss spikes"
