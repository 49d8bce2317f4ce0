"""Plain Unicode text as LaTeX for bibliographies: the way back from `latex.plain_text`."""

from __future__ import annotations

import re
from functools import cache

from carrel.metadata.latex import plain_text

# How a text is cut to be written: formulas stay, words may need their capitals kept, special characters are escaped.
_WRITTEN = re.compile(
    r"(?P<math>(?<![\\$])\$(?=[^\s$])(?:[^$\\]|\\.)*?(?<=\S)\$(?!\d))|(?P<word>[^\W_]+)"
    r"|(?P<special>[\\{}$&%#_~^<>|`]|'(?=')|-(?=-))|(?P<other>.)",
    re.DOTALL,
)
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "'": "'{}",
    "-": "-{}",
}
_ENTITY_NAME = re.compile(r"#?\w+;")
_PLURAL = re.compile(r"([A-Z]{2,})(s)")
# A word in lower case that a title in title case would have in upper case.
_ORDINARY = re.compile(r"(?<![\w$\\-])[a-z]{5,}\b")
_SENTENCE_START = re.compile(r"(?:\A|[.:?!—–]\s?)[^\w]*\Z")


def latex_text(text: str, *, title: bool = False, ascii_only: bool = False) -> str:
    r"""`text` as LaTeX that `plain_text` reads back: special characters escaped, `$…$` and letters of any script kept.

    With `title`, capitals that a style must not lower stand in braces. With `ascii_only`, for BibTeX of old, letters
    that LaTeX has a command for are written with it.

    >>> print(latex_text("Training 50% of SAEs & GPT-4 with $\\ell_1$ losses in Paris", title=True))
    Training 50\% of {SAE}s \& {GPT}-4 with $\ell_1$ losses in {Paris}
    >>> print(latex_text("Erdős", ascii_only=True))
    Erd{\H{o}}s
    """
    proper = title and _ORDINARY.search(text) is not None
    pieces: list[str] = []
    for found in _WRITTEN.finditer(text):
        piece = found[0]
        match found.lastgroup:
            case "math" if not _balanced(piece):
                pieces.append(rf"\${latex_text(piece[1:-1], ascii_only=ascii_only)}\$")
            case "word":
                name = (
                    proper
                    and piece[0].isupper()
                    and not _SENTENCE_START.search(text[max(0, found.start() - 20) : found.start()])
                )
                pieces.append(_kept(_encoded(piece, ascii_only), piece, name) if title else _encoded(piece, ascii_only))
            case "special":
                escaped = _ESCAPES.get(piece, f"\\{piece}")
                # An ampersand before what looks like an entity's name must not become one.
                pieces.append(escaped + "{}" * (piece == "&" and bool(_ENTITY_NAME.match(text, found.end()))))
            case "other":
                pieces.append(_encoded(piece, ascii_only))
            case _:
                pieces.append(piece)
    return "".join(pieces)


def _kept(latex: str, word: str, name: bool) -> str:
    """A word of a title, in braces if its capitals mean something."""
    if plural := _PLURAL.fullmatch(word):
        return f"{{{plural[1]}}}{plural[2]}"
    capitals = any(c.isupper() for c in word[1:]) or (word.isupper() and word not in ("A", "I"))
    return f"{{{latex}}}" if capitals or name else latex


def _balanced(formula: str) -> bool:
    """Whether every brace of a formula is closed: else it would end the field."""
    depth = 0
    for brace in re.finditer(r"(?<!\\)[{}]", formula):
        depth += 1 if brace[0] == "{" else -1
        if depth < 0:
            return False
    return depth == 0 and formula.count("{") == formula.count("}")


def _encoded(text: str, ascii_only: bool) -> str:
    return text if not ascii_only or text.isascii() else "".join(map(_command, text))


@cache
def _command(character: str) -> str:
    """LaTeX's command for one character, if there is one that reads back as it."""
    if character.isascii():
        return character
    from pylatexenc.latexencode import unicode_to_latex

    settings = {"replacement_latex_protection": "braces-all", "unknown_char_policy": "keep"}
    latex = str(unicode_to_latex(character, unknown_char_warning=False, **settings))
    return latex if plain_text(latex) == character else character
