"""LaTeX as it stands in bibliographies, to plain Unicode text. pylatexenc does the work; its gaps are filled here.

Mathematics is not converted: it stays as `$…$`, which the site renders and which reads well enough in a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = re.compile(r"[^\\{}$~`'\"\-]*")
# `$x$` after pandoc's rule (so that "$5 and $10" is money), `$$x$$`, `\(x\)`, `\[x\]`, `\ensuremath{x}`.
_MATH = re.compile(
    r"\$\$(?P<a>[^$]+)\$\$|(?<![\\$])\$(?=[^\s$])(?P<b>(?:[^$\\]|\\.)*?)(?<=\S)\$(?!\d)"
    r"|\\\((?P<c>(?:[^\\]|\\[^()])*)\\\)|\\\[(?P<d>(?:[^\\]|\\[^\[\]])*)\\\]"
    r"|\\ensuremath\s*\{(?P<e>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}",
    re.DOTALL,
)
_MARK = "\ue000"  # private use: stands for one formula while the text around it is converted
_LITERAL = re.compile(r"(?<!\\)[%&#$]")
_TIE = re.compile(r"(?<=\S)~(?=\S)")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INVISIBLE = str.maketrans({"\xa0": " ", "\xad": None})
# What pylatexenc 2.11 shows wrongly or not at all: how many arguments there are, and what is to be seen of them.
_ARGUMENTS = {"href": "{{", "enquote": "{", "mkbibquote": "{", "noopsort": "{", "SortNoop": "{", "texorpdfstring": "{{"}
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
    return unicodedata.normalize("NFC", _CONTROLS.sub("", " ".join(text.translate(_INVISIBLE).split())))


def _converted(text: str) -> str:
    try:
        return _converter()(text)
    except Exception:  # pylatexenc raises IndexError and others on half a macro; a title is worth more than its accents
        return re.sub(r"\\([a-zA-Z]+\s*|.)|[{}]", "", text)


@cache
def _converter() -> Callable[[str], str]:
    # The library has no types; nothing of it leaves this function but a callable from text to text.
    from pylatexenc import latexwalker  # type: ignore[import-untyped]
    from pylatexenc.latex2text import (  # type: ignore[import-untyped]
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )
    from pylatexenc.macrospec import MacroSpec  # type: ignore[import-untyped]

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
