"""What a PDF says, as values: its pages with their text, and what identifies the paper that it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

#: Stands where a word was divided at a line's end, in place of the hyphen.
DIVIDED = "\ufffe"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
LONGEST_WORD = 60
#: Letters that some typefaces print as one.
LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\ufeff]")


@dataclass(frozen=True, slots=True)
class Page:
    """A page: what is printed on it for its number (`iv`, `1203`), and its text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PdfText:
    """A PDF of the knowledge base as it is searched. `path` and `digest` are as a note's; `title` is the paper's."""

    path: str
    title: str
    citekey: str
    pages: tuple[Page, ...]
    digest: str

    @property
    def size(self) -> int:
        """The characters of its text."""
        return sum(len(page.text) for page in self.pages)


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What identifies the paper in a PDF; "" is unknown. `pages` is their number.

    `arxiv` has its version where that is printed, `1503.07589v1`. `title` is a candidate to be looked up, never to be
    believed.
    """

    doi: str = ""
    arxiv: str = ""
    title: str = ""
    pages: int = 0


def joined(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Pages of text with ligatures as letters and divided words in one piece.

    Whether a hyphen at a line's end belongs to its word is what the rest of the document tells: `self-attention` keeps
    it where the document has it within a line as well.

    >>> joined(("arti\\ufffefacts of self\\ufffeattention", "self-attention of ﬁelds"))
    ('artifacts of self-attention', 'self-attention of fields')
    """
    texts = tuple(_HIDDEN.sub("", text.translate(LIGATURES)).replace("\r\n", "\n") for text in texts)
    if not any(DIVIDED in text for text in texts):
        return texts
    known: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(text.casefold()):
            known[word] += 1
            if "-" in word:
                known.update(f"{one}-{two}" for one, two in pairwise(word.split("-")))
    return tuple(_whole(text.split(DIVIDED), known) for text in texts)


def _whole(pieces: list[str], known: Mapping[str, int]) -> str:
    """The pieces of a text in one, with a hyphen where one belongs."""
    parts = pieces[:1]
    for before, piece in pairwise(pieces):
        piece = piece.removeprefix("\n")
        one, two = _letters_at_end(before), _letters_at_end(piece[:LONGEST_WORD][::-1])[::-1]
        hyphened = known.get(f"{one}-{two}".casefold(), 0) > known.get(f"{one}{two}".casefold(), 0)
        parts += ["" if one and two[:1].islower() and not hyphened else "-", piece]
    return "".join(parts)


def _letters_at_end(text: str) -> str:
    start = len(text)
    while start and len(text) - start < LONGEST_WORD and text[start - 1].isalpha():
        start -= 1
    return text[start:]
