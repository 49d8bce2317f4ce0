"""LaTeX as it stands in bibliographies, to plain Unicode text. pylatexenc does the work; its gaps are filled here.

Mathematics is not converted: it stays as `$…$`, which the site renders and which reads well enough in a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text

_PLAIN = re.compile(r"[^\\{}$~`'\"\-]*")
# `$x$` after pandoc's rule (so that "$5 and $10" is money), `$$x$$`, `\(x\)`, `\[x\]`, `\ensuremath{x}`.
_MATH = re.compile(
    r"\$\$(?P<a>[^$]+)\$\$|(?<![\\$])\$(?=[^\s$])(?P<b>(?:[^$\\]|\\.)*?)(?<=\S)\$(?!\d)"
    r"|\\\((?P<c>.*?)\\\)|\\\[(?P<d>.*?)\\\]|\\ensuremath\s*\{(?P<e>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}",
    re.DOTALL,
)
_MARK = "\ue000"  # private use: stands for one formula while the text around it is converted
_LITERAL = re.compile(r"(?<!\\)[%&#$]")
_TIE = re.compile(r"(?<=\S)~(?=\S)")
_DASHES = str.maketrans({"\xa0": " ", "\xad": None})
#: Longer texts keep their LaTeX: no field of a bibliography is that long, and the parser is not linear.
MAX_CHARACTERS = 100_000


def plain_text(latex: str) -> str:
    r"""The text of a LaTeX field on one line. Never raises; what is not understood loses its backslash and braces.

    >>> plain_text(r"Schr{\"o}dinger's {\em cat}, 50% dead -- {GPT}-4 \& $\ell_1$~norms")
    'Schrödinger’s cat, 50% dead – GPT-4 & $\\ell_1$ norms'
    """
    if _PLAIN.fullmatch(latex) or len(latex) > MAX_CHARACTERS:
        return _tidy(latex)
    formulas: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        formulas.append(" ".join(found[found.lastgroup or 0].split()))
        return _MARK

    text = _MATH.sub(set_aside, latex.replace(_MARK, ""))
    text = _TIE.sub(" ", text)
    if "\\" in text:
        text = _converted(_LITERAL.sub(r"\\\g<0>", text))
    else:
        text = text.replace("{", "").replace("}", "")
        text = text.replace("---", "—").replace("--", "–").replace("``", "“").replace("''", "”")
    pieces = iter(formulas)
    return _tidy(re.sub(_MARK, lambda _: f"${next(pieces)}$", text))


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.translate(_DASHES).split()))


def _converted(text: str) -> str:
    try:
        return str(_converter().latex_to_text(text))
    except Exception:  # pylatexenc raises IndexError and others on half a macro; a title is worth more than its accents
        return re.sub(r"\\([a-zA-Z]+\s*|.)|[{}]", "", text)


@cache
def _converter() -> LatexNodes2Text:
    from pylatexenc import latexwalker
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
    from pylatexenc.macrospec import MacroSpec

    parsed = latexwalker.get_default_latex_context_db()
    parsed.add_context_category("carrel", prepend=True, macros=[MacroSpec(name, spec) for name, spec in _ARGUMENTS.items()])
    shown = get_default_latex_context_db()
    shown.add_context_category(
        "carrel", prepend=True, macros=[MacroTextSpec(name, simplify_repl=text) for name, text in _SHOWN.items()]
    )
    return LatexNodes2Text(latex_context=shown, math_mode="verbatim", strict_latex_spaces=False)
