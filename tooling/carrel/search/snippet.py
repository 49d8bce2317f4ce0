"""A short piece of a note around the words that were asked for, with their places in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from carrel.search.analysis import Term, Token, is_sign, terms, tokens
from carrel.search.fuzzy import within
from carrel.search.tree import Fuzzy, Phrase, Prefix, Query, Word, wanted

#: Characters of a snippet, about two lines of a terminal.
WIDTH = 160
#: Words are looked for in so much of a text at most.
MAX_TEXT = 400_000

_BLANKS = re.compile(r"\s+")
#: What a line of Markdown begins with and a reader of a snippet can spare.
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Snippet:
    """Text on one line, and the spans of the matched words in it. Control characters are left as they are.

    `line` counts the lines before that of the first matched word; None without one.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    line: int | None = None


class Marker:
    """Knows the words that a query asks for."""

    def __init__(self, query: Query) -> None:
        self._stems: set[str] = set()
        self._starts: set[str] = set()
        self._signs: set[str] = set()  # of scripts that are cut into pairs
        self._near: set[tuple[str, int]] = set()
        self._candidates: re.Pattern[str] | None = None
        for text in wanted(query):
            found = terms(text.text)
            if isinstance(text, Word) and len(found) == 1 and is_sign(found[0]):
                self._signs.add(found[0].surface)
            elif isinstance(text, Word | Phrase):
                self._stems.update(term.stem for term in found)
            elif found:
                *before, last = found
                self._stems.update(term.stem for term in before)
                match text:
                    case Prefix():
                        self._starts.add(last.surface)
                    case Fuzzy(_, distance):
                        self._near.add((last.surface, distance))

    def __bool__(self) -> bool:
        return bool(self._stems or self._starts or self._signs or self._near)

    def why(self, term: Term) -> str:
        """Which of the wanted words this term is, or ""."""
        surface, stem = term
        if stem in self._stems:
            return stem
        for start in self._starts:
            if surface.startswith(start):
                return start
        for sign in self._signs:
            if sign in surface:
                return sign
        for near, distance in self._near:
            if near[:1] == surface[:1] and within(surface, near, distance):
                return near
        return ""

    def marked(self, text: str) -> list[tuple[Token, str]]:
        """The tokens of a text that are wanted words, each with the word.

        Most words of a text begin otherwise than any wanted one. These are passed over by one regular expression,
        which costs a tenth of looking up every word's stem.
        """
        if self._candidates is None:
            self._candidates = _candidates(
                [*self._stems, *self._starts, *self._signs, *(near[:1] for near, _ in self._near)]
            )
        found = []
        for match in self._candidates.finditer(text):
            at = match.start()
            for start, end, term in tokens(match.group()):
                if why := self.why(term):
                    found.append((Token(start + at, end + at, term), why))
        return found


def _candidates(wanted: list[str]) -> re.Pattern[str]:
    """What finds every run of text in which a word may be wanted, from the beginning of that word to the next blank.

    A stem has the first two letters of its words, but for a `y` that became `i` (`eyed`). Words that are not plain
    ASCII are not told apart by their letters: what they are folded to is not known before.
    """
    starts = {
        re.escape(one[:1]) + ("[iy]" if one[1:2] in ("i", "y") else re.escape(one[1:2]))
        for one in wanted
        if one[:2].isascii()
    }
    plain = f"(?i:{'|'.join(sorted(starts))})|" if starts else ""
    return re.compile(rf"(?<![^\W_])(?:{plain}(?=[a-zA-Z0-9]*(?:[^\x00-\x7f]|['’])))[^\s_]*")


def snippet(text: str, marker: Marker, width: int = WIDTH) -> Snippet:
    """About `width` characters of `text` around the most of the wanted words, its beginning when there are none.

    >>> from carrel.search.tree import Word
    >>> snippet("# Log\\n\\nThe loss\\nspiked again.", Marker(Word("spike")))
    Snippet(text='Log The loss spiked again.', marks=((13, 19),), line=3)
    """
    text = _LINE_START.sub("", text[:MAX_TEXT])
    found = marker.marked(text) if marker else []
    return _cut(text, _begin(found, width), [(token.start, token.end) for token, _ in found], width)


def excerpt(text: str, spans: list[tuple[int, int]], width: int = WIDTH) -> Snippet:
    """About `width` characters of `text` around the first of some spans, with all of them marked that are in it."""
    text = _LINE_START.sub(lambda sign: " " * len(sign[0]), text)  # of the same length, for the spans' sake
    return _cut(text, spans[0][0], spans, width)


def _cut(text: str, place: int, spans: list[tuple[int, int]], width: int) -> Snippet:
    begin, end = _whole_words(text, place, width)
    line, marks = _one_line(text, begin, end, spans)
    shown = next((first for first, last in spans if begin <= first and last <= end), None)
    return Snippet(line, marks, None if shown is None else text.count("\n", 0, shown))


def _begin(found: list[tuple[Token, str]], width: int) -> int:
    """Where the window of `width` characters begins that holds the most different words, the first of the best."""
    best, place = (0, 0), 0
    starts = [token.start for token, _ in found]
    for number, (token, _) in enumerate(found):
        last = min(bisect_right(starts, token.start + width * 3 // 4), number + 50)
        inside = [why for _, why in found[number:last]]
        merit = (len(set(inside)), min(len(inside), 4))
        if merit > best:
            best, place = merit, token.start
    return place


def _whole_words(text: str, place: int, width: int) -> tuple[int, int]:
    """The window as a span that cuts no word, with a little before `place`."""
    begin = max(0, min(place - width // 4, len(text) - width))
    if begin:
        gap = _BLANKS.search(text, begin, place)
        begin = gap.end() if gap else place
    end = min(len(text), begin + width)
    if end < len(text):
        gap_at = max(text.rfind(" ", place, end), text.rfind("\n", place, end))
        end = gap_at if gap_at > place else end
    return begin, end


def _one_line(text: str, begin: int, end: int, spans: list[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The window with its blanks made single, an ellipsis where the text goes on, and the spans moved along."""
    cut = text[begin:end]
    lead = "… " if text[:begin].strip() else ""
    parts: list[str] = []
    moved: list[tuple[int, int]] = []  # (place in the cut, how far what follows moves to the left)
    shift, at = 0, 0
    for gap in _BLANKS.finditer(cut):
        parts += (cut[at : gap.start()], "" if gap.start() == 0 else " ")
        shift += gap.end() - gap.start() - (gap.start() != 0)
        moved.append((gap.end(), shift))
        at = gap.end()
    parts.append(cut[at:])
    line = "".join(parts).rstrip()
    tail = " …" if text[end:].strip() else ""
    places = [place for place, _ in moved]

    def placed(at: int) -> int:
        index = bisect_right(places, at - begin) - 1
        return at - begin - (moved[index][1] if index >= 0 else 0) + len(lead)

    marks = [(placed(start), placed(stop - 1) + 1) for start, stop in spans if begin <= start and stop <= end]
    return f"{lead}{line}{tail}", _joined(marks)


def _joined(marks: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Spans without overlaps."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
