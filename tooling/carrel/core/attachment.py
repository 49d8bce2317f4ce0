"""Attached files in a note's text: a link, and behind it, in a comment, the SHA-256 of what was attached.

    ![Loss at the end of warm-up](../assets/2026/loss-1a2b3c4d.png) <!-- sha256:9f86d081… -->

The digest is that of the whole file, as `sha256sum` prints it, so that a changed figure can be told from the one that
the entry was written about, also without Carrel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.relative import relative_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carrel.core.note import Link, Note

#: What each record holds, and so each note that has one: to be looked for before a note is parsed.
MARK = "sha256:"

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif")
_MARKUP = re.compile(r"[\\`*\[\]#~$|^]|(?<![^\W_])_|_(?![^\W_])")
# What no backslash helps against everywhere: tags, entities, citations, comments.
_SIGNS = re.compile(r"<|&(?=#?\w{1,32};)|(?<!\w)@|%(?=%)")
_RECORD = re.compile(r"<!--\s{0,9}+sha256:\s{0,9}+([0-9A-Za-z]{0,99}+)\s{0,9}+-->")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Source(NamedTuple):
    """A file to be attached: what it is called, its bytes, what is said of it, and whether no site may ever show it."""

    name: str
    data: bytes
    caption: str = ""
    private: bool = False


class Attachment(NamedTuple):
    """A file that is kept beside the notes: where, and the SHA-256 of its bytes in hexadecimal.

    `name` is what the file was called before, without its ending; `fresh` says that it was not there yet.
    """

    path: str
    sha256: str
    name: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What a note says of a file attached to it: the link, its line, and the digest; "" where that is none.

    `link` is None for a record that stands behind no link.
    """

    line: int
    link: Link | None
    sha256: str


def shown(attachment: Attachment, folder: str, caption: str = "") -> str:
    """The Markdown that shows an attached picture, or links another file, from a note in `folder`.

    >>> shown(Attachment("notes/assets/2026/loss-1a2b3c4d.png", "9f86d081"), "notes/2026", "Loss of run_2 [seed 1]")
    '![Loss of run_2 \\\\[seed 1\\\\]](../assets/2026/loss-1a2b3c4d.png) <!-- sha256:9f86d081 -->'
    >>> shown(Attachment("notes/assets/2026/out-1a2b3c4d.log", "9f86d081", "out"), "notes/2026")
    '[out](../assets/2026/out-1a2b3c4d.log) <!-- sha256:9f86d081 -->'
    """
    target = relative_url(f"{folder}/", attachment.path)
    image = "!" if attachment.path.endswith(_PICTURES) else ""
    text = label(caption) or label(attachment.name) or "file"
    return f"{image}[{text}]({target}) <!-- {MARK}{attachment.sha256} -->"


def label(text: str) -> str:
    """A text as the label of a link: on one line, and nothing in it is markup.

    >>> label("loss_curve of R&D"), label("a](b) *c*\\n# d"), label("@2x, p < 1")
    ('loss_curve of R&D', 'a\\\\](b) \\\\*c\\\\* \\\\# d', '&#64;2x, p &#60; 1')
    """
    plain = _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
    return _SIGNS.sub(lambda sign: f"&#{ord(sign[0])};", plain)


def below(text: str, attached: Iterable[str]) -> str:
    """The text of an entry with what is attached below it; code or a comment that it leaves open is closed first.

    >>> below("Out:\\n```\\nnan", ["![Loss](loss.png)"])
    'Out:\\n```\\nnan\\n```\\n\\n![Loss](loss.png)'
    """
    from carrel.core.log import closer  # at hand wherever an entry is written

    line, _ = closer(text)
    return "\n\n".join([f"{text}\n{line}" if line else text, *attached])


def records(note: Note) -> list[Record]:
    """Every record of an attachment in a note, in the order of its text; code that shows one holds none."""
    body, found = note.body, []
    ends = {link.end: link for link in note.markup.links}
    line, counted = note.body_line, 0
    for start, end in note.markup.comments:
        record = _RECORD.fullmatch(body, start, end)
        if record is None:
            continue
        line, counted = line + body.count("\n", counted, start), start
        before = body[max(0, start - 9) : start]
        link = ends.get(start - len(before) + len(before.rstrip(" \t")))
        digest = record[1].lower()
        found.append(Record(line, link, digest if _DIGEST.fullmatch(digest) else ""))
    return found
