"""LaTeX as it stands in bibliographies, to plain Unicode text. pylatexenc does the work; its gaps are filled here.

Mathematics is not converted: it stays as `$…$`, which the site renders and which reads well enough in a terminal.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = re.compile(r"[^\\{}$~`'\"&<\-]*")
# `$x$` after pandoc's rule (so that "$5 and $10" is money), `$$x$$`, `\(x\)`, `\[x\]`, `\ensuremath{x}`.
_MATH = re.compile(
    r"\$\$(?P<a>[^$]+)\$\$|(?<![\\$])\$(?=[^\s$])(?P<b>(?:[^$\\]|\\.)*?)(?<=\S)\$(?!\d)"
    r"|\\\((?P<c>(?:[^\\]|\\[^()])*)\\\)|\\\[(?P<d>(?:[^\\]|\\[^\[\]])*)\\\]"
    r"|\\ensuremath\s*\{(?P<e>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}",
    re.DOTALL,
)
_MARK = "\ue000"  # private use: stands for one formula while the text around it is converted
_PRIVATE = re.compile("[\ue000\ue003-\ue006]")
_LITERAL = re.compile(r"(?<!\\)[%&#$]")
_TIE = re.compile(r"(?<=[^\s\\])~(?=\S)")
# What web pages and publishers leave in titles: `&amp;`, also as Mendeley and Zotero escape it, and tags of HTML, JATS
# and MathML. Comparisons, `a < b`, are no tags.
_ENTITY = re.compile(r"(?:\{\\&\}|\\?&)(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}\d{0,2});")
_TAG = re.compile(
    r"</?(?:jats:[a-z-]{1,30}|mml:[a-z]{1,30}|i|b|em|strong|sub|sup|sc|scp|small|span|p|br|u|tt|title|italic|bold)"
    r"(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
_GLYPH = re.compile(r"\\ElsevierGlyph\{((?![dD][89a-fA-F])[0-9a-fA-F]{4})\}")  # a character by its number
_COMMANDS = str.maketrans({"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"})
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A hyphen that is not there, blanks without width and a stray BOM: nobody sees them, and they make two texts of one.
_INVISIBLE = str.maketrans({"\xa0": " ", "\xad": None, "\u200b": None, "\u2060": None, "\ufeff": None})
# What pylatexenc 2.11 shows wrongly or not at all: how many arguments there are, and what is to be seen of them.
_ARGUMENTS = {
    "href": "{{",
    "enquote": "{",
    "mkbibquote": "{",
    "noopsort": "{",
    "SortNoop": "{",
    "texorpdfstring": "{{",
    "ocirc": "{",
    "polhk": "{",
}
# The commands that nine of ten names and titles have. pylatexenc shows them alike, in fifty times the time.
_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
}
_LETTERS = {
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "ı", "textendash": "–", "textemdash": "—", "ldots": "…", "dots": "…", "textquoteleft": "‘",
    "textquoteright": "’", "textasciitilde": "~", "textasciicircum": "^", "textasciigrave": "\ue006", "textless": "<",
    "textgreater": ">", "textbar": "|", "textbackslash": "\ue005", "LaTeX": "LaTeX",
}  # fmt: skip
_ESCAPED = {**dict(zip("&%#_$ ", "&%#_$ ", strict=True)), "{": "\ue003", "}": "\ue004"}
_BRACES = str.maketrans({"\ue003": "{", "\ue004": "}", "\ue005": "\\", "\ue006": "`"})
_COMMON = re.compile(
    r"\\(?:(?P<accent>[`'^~=.\"]|[ucrHvdk](?![A-Za-z]))\s*(?:(?P<bare>\\i(?![A-Za-z])\s*|[A-Za-z])|\{(?P<braced>\\?[A-Za-z])\})"
    rf"|(?P<letter>{'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}|\s*)"
    r"|(?P<escaped>[&%#_$ {}])|(?P<font>(?:emph|text(?:bf|it|sc|tt|rm|sf|up))\s*(?=\{)|-))"
)
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”", "?`": "¿", "!`": "¡"}
_LIGATURE = re.compile("---|--|``|''|[?!]`")
_SHOWN = {
    "href": "%(2)s",
    "url": "%s",
    "enquote": "“%s”",
    "mkbibquote": "“%s”",
    "texorpdfstring": "%(2)s",
    "noopsort": "",
    "SortNoop": "",
    "textgreater": ">",
    "textless": "<",
    "textasciicircum": "^",
    "textunderscore": "_",
    "cite": "",
    "footnote": "",
    "thanks": "",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "copyright": "©",
    "pounds": "£",
    "euro": "€",
    "degree": "°",
    "S": "§",
    "textbar": "|",
    # MathSciNet's own accents.
    "ocirc": "%s\u030a",
    "polhk": "%s\u0328",
    "Dbar": "Đ",
    "dbar": "đ",
    "cprime": "ʹ",
    "cdprime": "ʺ",
}
#: Longer texts keep their LaTeX: no field of a bibliography is that long, and the parser is not linear.
MAX_CHARACTERS = 100_000


def plain_text(latex: str) -> str:
    r"""The text of a LaTeX field on one line. Never raises; what is not understood loses its backslash and braces.

    >>> plain_text(r"Schr{\"o}dinger {\em cats}, 50% dead -- {GPT}-4 \& $\ell_1$~norms")
    'Schrödinger cats, 50% dead – GPT-4 & $\\ell_1$ norms'
    """
    if _PLAIN.fullmatch(latex) or len(latex) > MAX_CHARACTERS:
        return _tidy(latex)
    formulas: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        formulas.append(" ".join(found[found.lastgroup or 0].split()))
        return _MARK

    text = _MATH.sub(set_aside, _PRIVATE.sub("", latex))
    text = _TIE.sub(" ", text)
    if "<" in text:
        text = _TAG.sub(lambda tag: " " if tag[0].lower() in ("<p>", "<br>", "<br/>") else "", text)
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    common = _COMMON.sub(_shown, text)
    if "\\" in common:
        text = _GLYPH.sub(lambda glyph: chr(int(glyph[1], 16)), text)
        text = _converted(_LITERAL.sub(r"\\\g<0>", text))
    else:
        text = _LIGATURE.sub(lambda found: _LIGATURES[found[0]], common)
        text = text.replace("{", "").replace("}", "").translate(_BRACES)
    pieces = iter(formulas)
    return _tidy(re.sub(_MARK, lambda _: f"${next(pieces)}$", text))


def _character(entity: re.Match[str]) -> str:
    """The character that an entity of HTML stands for, as LaTeX; what is no entity stays."""
    from html import unescape

    shown = unescape(f"&{entity[1]};")
    return entity[0] if shown == f"&{entity[1]};" else shown.translate(_COMMANDS)


def _shown(command: re.Match[str]) -> str:
    """What a common command shows. What would be taken for LaTeX again stands as a letter of private use meanwhile."""
    if accent := command["accent"]:
        return (command["bare"] or command["braced"]).strip("\\ ") + _ACCENTS[accent]
    if letter := command["letter"]:
        return _LETTERS[letter]
    return _ESCAPED.get(command["escaped"] or "", "")


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", _CONTROLS.sub("", " ".join(text.translate(_INVISIBLE).split())))


def _converted(text: str) -> str:
    try:
        return _converter()(text)
    except Exception:  # pylatexenc raises IndexError and others on half a macro; a title is worth more than its accents
        return re.sub(r"\\([a-zA-Z]+\s*|.)|[{}]", "", text)


@cache
def _converter() -> Callable[[str], str]:
    # It logs what it stumbles over; without a handler Python prints that.
    logging.getLogger("pylatexenc").addHandler(logging.NullHandler())
    # The library has no types; nothing of it leaves this function but a callable from text to text.
    from pylatexenc import latexwalker
    from pylatexenc.latex2text import (
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )
    from pylatexenc.macrospec import MacroSpec

    parsed = latexwalker.get_default_latex_context_db()
    arguments = [MacroSpec(name, spec) for name, spec in _ARGUMENTS.items()]
    parsed.add_context_category("carrel", prepend=True, macros=arguments)
    shown = get_default_latex_context_db()
    replacements = [MacroTextSpec(name, simplify_repl=text) for name, text in _SHOWN.items()]
    shown.add_context_category("carrel", prepend=True, macros=replacements)
    # Of a macro that it does not know, the arguments are kept: \foo{bar} is more likely a font than an instruction.
    shown.set_unknown_macro_spec(MacroTextSpec("", discard=False))
    converter = LatexNodes2Text(latex_context=shown, math_mode="verbatim")
    return lambda text: str(converter.latex_to_text(text, latex_context=parsed))
