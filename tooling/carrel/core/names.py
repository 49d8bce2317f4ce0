"""Names: slugs of headings, file names of notes, tags, and the key under which two names are the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import count

from carrel.errors import UsageError

_WHOLE_LINK = re.compile(r"\[\[([^\]|#]*)[^\]]*\]\]")
_NOT_WORD = re.compile(r"[^\w\s-]")
# What a slug makes of the characters that most headings are written in, all in one pass.
_SLUG = {code: _NOT_WORD.sub("", chr(code)).lower().replace("-", " ") for code in range(128)}
# Windows keeps these for devices, whatever the extension: a note `nul.md` would be lost on the way to a colleague.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[\d¹²³])", re.IGNORECASE)
# How Syncthing, Dropbox and Nextcloud, and Carrel itself name the losing side of a conflict.
_CONFLICT = re.compile(r"\.sync-conflict-|\([^()]*conflicted copy[^()]*\)|\.conflict-\d", re.IGNORECASE)
#: What stands before the ending of a file that no site ever shows: `2026-11-20.private.md`, `output.private.txt`.
PRIVATE = ".private"
_PRIVATE = re.compile(r"\.private(?=\.|\Z)", re.IGNORECASE)
#: Bytes of a file name's stem; leaves room for an id, a suffix and a temporary name on every file system.
MAX_STEM_BYTES = 100


def heading_slug(text: str) -> str:
    """The anchor of a heading, in the manner of GitHub: letters of every script stay.

    >>> heading_slug("14:32 Loss spikes, again!"), heading_slug("Überblick — 概要")
    ('1432-loss-spikes-again', 'überblick-概要')
    """
    if text.isascii():
        return "-".join(text.translate(_SLUG).split()) or "section"
    text = unicodedata.normalize("NFC", text).lower()
    return "-".join(_NOT_WORD.sub("", text).replace("-", " ").split()) or "section"


def slugify(text: str) -> str:
    """A file name's stem for `text`: lower case, letters and digits of any script and hyphens, legal everywhere.

    The result may be "" when nothing of the text can stand in a file name.

    >>> slugify("Does SAE-7B beat the logit lens?"), slugify("../../etc/passwd"), slugify("NUL")
    ('does-sae-7b-beat-the-logit-lens', 'etc-passwd', 'nul-note')
    """
    text = unicodedata.normalize("NFC", text).casefold()
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"[\W_]+", "-", text).strip("-")[: MAX_STEM_BYTES + 1]
    while len(text.encode()) > MAX_STEM_BYTES:
        cut = text.rfind("-")
        text = text[:cut] if cut > 20 else text[:-1]
    text = text.strip("-")
    return f"{text}-note" if _DEVICES.fullmatch(text) else text


def tag_name(text: str) -> str:
    """`text` as it can stand after a `#` and be read back; "" when nothing of it can.

    >>> tag_name("#sae"), tag_name("a#b"), tag_name("<x>"), tag_name("lab/probes"), tag_name("123")
    ('sae', 'a-b', 'x', 'lab/probes', '')
    """
    text = re.sub(r"[^\w/-]+", "-", unicodedata.normalize("NFC", text))
    return re.sub(r"^[\W\d_]+", "", text).rstrip("/-")


def tag_names(given: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are read back from text; `two words` are two of them. Raises `UsageError`.

    >>> tag_names(["#sae, probes", "sae"])
    ('sae', 'probes')
    """
    found = []
    for one in (word for words in given for word in words.replace(",", " ").split()):
        name = tag_name(one)
        if not name:
            raise UsageError(f"{one!r} is no tag; nothing was written", "a tag begins with a letter: sae, not 123")
        found.append(name)
    return tuple(dict.fromkeys(found))


def attachment_names(name: str, digest: str, *, private: bool = False) -> Iterator[str]:
    """The names under which a file may be stored: its own and its content's, then the same with numbers.

    A Markdown file gets `.txt` behind it, because an attachment is no note. What `stays_private` by its name, or
    is `private`, has `.private` before its ending, also if it had none.

    >>> next(attachment_names("My Fig.PNG", "0123456789ab")), next(attachment_names("draft.md", "0123456789ab"))
    ('my-fig-01234567.png', 'draft-01234567.md.txt')
    >>> next(attachment_names("output.private.txt", "0123456789ab"))
    'output-01234567.private.txt'
    >>> next(attachment_names("my.private.tar.gz", "01234567")), next(attachment_names("x", "01234567", private=True))
    ('my-tar-01234567.private.gz', 'x-01234567.private.bin')
    """
    first, _, last = name.rpartition(".")
    own, ending = (first, last) if first else (name, "")
    suffix = re.sub(r"[^a-z0-9]", "", ending.lower())[:10]
    suffix = {"": "", "md": ".md.txt"}.get(suffix, f".{suffix}")
    if private or stays_private(name):  # nothing but `.private.`, with an ending, is kept out of git
        own, suffix = _PRIVATE.sub("", own), f"{PRIVATE}{suffix or '.bin'}"
    stem = f"{slugify(own) or 'file'}-{digest[:8]}"
    yield f"{stem}{suffix}"
    for number in count(2):
        yield f"{stem}-{number}{suffix}"


def in_folder(folder: str, name: str) -> str:
    """The path of `name` in a folder, where "." is the root.

    >>> in_folder("papers", "a.md"), in_folder(".", "a.md"), in_folder(".", "")
    ('papers/a.md', 'a.md', '')
    """
    return name if folder == "." else f"{folder}/{name}"


def unlinked(text: str) -> str:
    """`[[Project|label]]` as its target's name: a project may be written as a link.

    >>> unlinked("[[probes|Probes]]"), unlinked("probes")
    ('probes', 'probes')
    """
    link = _WHOLE_LINK.fullmatch(text) if text.startswith("[[") else None
    return link[1] if link else text


def fold(name: str) -> str:
    """The key under which two names mean the same: composition, case and runs of blanks do not count.

    >>> fold("Toy  Models") == fold("toy models"), fold("re\u0301sume\u0301") == fold("Résumé")
    (True, True)
    """
    if name.isascii():
        return " ".join(name.lower().split())
    folded = unicodedata.normalize("NFD", name).casefold()  # Unicode's canonical caseless matching
    return " ".join(unicodedata.normalize("NFC", folded).split())


def stays_private(path: str) -> bool:
    """Whether a file is for its writer's eyes alone, because its name, or that of a folder above it, says so.

    No site shows it, whatever links it; git does not take it along, for `init` writes so into `.gitignore`.

    >>> stays_private("notes/assets/2026/output-5e6f7a8b.private.txt"), stays_private("notes/a.private.b/c.txt")
    (True, True)
    >>> stays_private("notes/2026/2026-11-20.Private.md"), stays_private("notes/private.md")
    (True, False)
    """
    return f"{PRIVATE}." in path.lower()


def is_conflict_copy(path: str) -> bool:
    """Whether a file is the losing side that a sync tool put beside a note.

    >>> is_conflict_copy("notes/a.sync-conflict-20261120-101010-ABC.md"), is_conflict_copy("notes/a.md")
    (True, False)
    """
    return "conflict" in path.lower() and _CONFLICT.search(path) is not None  # every path of every folder comes by
