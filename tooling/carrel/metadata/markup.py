"""HTML, JATS and MathML, as publishers deposit titles and abstracts, to plain text with mathematics as `$…$`.

Such texts are fragments: half escaped, escaped twice, with `<` that is no tag. So only what looks like a tag of these
three vocabularies is one, and everything else is text; a parser of whole pages would take `p<a and b>c` for a tag.
JATS: https://jats.nlm.nih.gov/archiving/tag-library/1.3/
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field

#: Longer texts are cut: no abstract is that long.
MAX_CHARACTERS = 200_000
_MAX_DEPTH = 100

_ATTRIBUTES = r"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"]{0,2000}"|'[^']{0,2000}'))*+\s*/?"""
_NAMES = (
    "a|abbr|abstract|alternatives|annotation|annotation-xml|article-title|b|big|blockquote|bold|br|center|cite|code|dd"
    "|def-list|disp-formula|div|dl|dt|em|ext-link|fn|font|formula|graphic|h[1-6]|hr|i|inf|inline-formula|inline-graphic|italic"
    "|label|li|list|list-item|maction|math|menclose|merror|mfenced|mfrac|mi|mmultiscripts|mn|mo|monospace|mover"
    "|mpadded|mphantom|mprescripts|mroot|mrow|ms|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder"
    "|munderover|named-content|none|ol|overline|p|pre|private-char|q|roman|sans-serif|sc|scp|script|sec|section"
    "|semantics|small|small-caps|span|strike|strong|style|styled-content|sub|sup|tex-math|title|tt|u|ul|underline|uri"
    "|var|xref|xhtml"
)
_TAG = re.compile(rf"<(/?)((?:jats|mml|m|ns\d*|xhtml):[\w-]+|(?:{_NAMES})(?![\w-]))({_ATTRIBUTES})>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<\?[^<>]*\?>|<!\[CDATA\[|\]\]>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_ALTTEXT = re.compile(r"""\salttext\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_BLOCKS = frozenset(
    ("p", "title", "sec", "section", "div", "br", "li", "list-item", "list", "ul", "ol", "dl", "dt", "dd", "label")
)
_BLOCK = re.compile(r"h[1-6]|blockquote|disp-formula")
_LAID_OUT = frozenset(
    ("msub", "msup", "msubsup", "munder", "mover", "munderover", "mfrac", "mroot", "msqrt", "mmultiscripts", "mtable")
)
_DROPPED = frozenset(("script", "style", "fn", "annotation-xml"))
_HEADINGS = frozenset(("abstract", "summary", "zusammenfassung", "résumé", "resumen", "resumo"))
_ORDINALS = frozenset(("st", "nd", "rd", "th", "er", "e", "o", "a", "tm", "sm", "r", "c"))
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_RAISED = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_SHIFTED = re.compile(r"[0-9+\-−=()]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INVISIBLE = str.maketrans({"\xa0": " ", "\xad": None, "\u200b": None, "\u2062": None, "\u2061": None, "\u2063": None})
# Indented JATS has white space around its tags: "( <italic>PIK3CA</italic> ) ,".
_SPACED = re.compile(r"(?<=\S) [,.)\]](?![\w.])|(?<!\S)[(\[] ")
_DOCUMENT = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)


@dataclass(slots=True)
class _Element:
    name: str
    attributes: str = ""
    content: list[_Element | str] = field(default_factory=list)


def plain(fragment: str) -> str:
    """The text of a fragment on one line. Never raises; what is not understood stays as it is written.

    >>> plain("<jats:title>Abstract</jats:title><jats:p>CO<jats:sub>2</jats:sub> &amp;lt; 5 <i>ppm</i></jats:p>")
    'CO₂ < 5 ppm'
    >>> plain("The <mml:math><mml:msub><mml:mi>ℓ</mml:mi><mml:mn>1</mml:mn></mml:msub></mml:math>-norm of a<b")
    'The $ℓ_1$-norm of a<b'
    >>> plain("2<sup>n</sup> nodes, 10<sup>6</sup> steps, the 5<sup>th</sup> try, <i>T</i><sub>c</sub>")
    '2^n nodes, 10⁶ steps, the 5th try, Tc'
    """
    fragment = fragment[:MAX_CHARACTERS]
    if "<" not in fragment and "&" not in fragment:
        return _tidy(fragment)
    # A tag may be escaped once more than its text; entities are few, so three readings reach the end of it.
    for _ in range(3):
        if not _ENTITY.search(fragment):
            break
        fragment = _ENTITY.sub(lambda found: html.unescape(found[0]), fragment)
    return _tidy(_inline(_tree(_COMMENT.sub("", fragment))))


def _tree(fragment: str) -> _Element:
    """The fragment as a tree; an end that nothing began is ignored, and what does not end ends with its parent."""
    root = _Element("")
    open_elements = [root]
    position = 0
    for found in _TAG.finditer(fragment):
        open_elements[-1].content.append(fragment[position : found.start()])
        position = found.end()
        name = found[2].rpartition(":")[2].lower()
        if found[1]:
            names = [element.name for element in open_elements]
            if name in names:
                del open_elements[len(names) - names[::-1].index(name) - 1 :]
        else:
            element = _Element(name, found[3])
            open_elements[-1].content.append(element)
            alone = found[3].rstrip().endswith("/") or name in ("br", "hr", "mspace", "none", "mprescripts")
            if not alone and len(open_elements) < _MAX_DEPTH:
                open_elements.append(element)
    open_elements[-1].content.append(fragment[position:])
    return root


def _inline(element: _Element) -> str:
    pieces: list[str] = []
    for child in element.content:
        if isinstance(child, str):
            pieces += [child] if child else []
        elif child.name in ("sub", "sup", "inf"):
            pieces.append(_shifted(child, pieces[-1][-1:] if pieces else ""))
        elif child.name == "math":
            pieces.append(_formula(child))
        elif child.name == "tex-math":
            pieces.append(_tex(_text(child)))
        elif child.name == "alternatives":
            pieces.append(_best(child))
        elif child.name == "title":
            pieces.append(_heading(_inline(child)))
        elif child.name not in _DROPPED:
            text = _inline(child)
            block = child.name in _BLOCKS or _BLOCK.fullmatch(child.name)
            pieces.append(f" {text} " if block else text)
    return "".join(pieces)


def _text(element: _Element) -> str:
    return "".join(
        child if isinstance(child, str) else _text(child)
        for child in element.content
        if isinstance(child, str) or not child.name.startswith("annotation")
    )


def _heading(text: str) -> str:
    """The heading of a part of an abstract; that of the abstract itself says nothing."""
    text = " ".join(text.split())
    if text.strip(":. ").casefold() in _HEADINGS:
        return " "
    return f" {text} " if not text or text[-1] in ".:;?!" else f" {text}: "


def _shifted(element: _Element, before: str) -> str:
    """A subscript or superscript: digits have letters of their own, and `^` says the rest of a power."""
    text = _inline(element).strip()
    low = element.name in ("sub", "inf")
    if _SHIFTED.fullmatch(text):
        return text.translate(_LOWERED if low else _RAISED)
    power = not low and before.isalnum() and text.isascii() and text[:1].isalpha() and text.lower() not in _ORDINALS
    return f"^{text}" if power else text


def _best(element: _Element) -> str:
    """Of one formula in several forms, the one in TeX, else in MathML, else the first."""
    for name in ("tex-math", "math"):
        for child in element.content:
            if isinstance(child, _Element) and child.name == name:
                return _inline(_Element("", content=[child]))
    return _inline(_Element("", content=element.content[:2]))


def _tex(tex: str) -> str:
    """TeX of a formula as `$…$`; some publishers deposit the whole document around it."""
    document = _DOCUMENT.search(tex)
    tex = (document[1] if document else tex).strip()
    for mark in ("$$", "$", "\\[", "\\("):
        if tex.startswith(mark):
            tex = tex[len(mark) :].removesuffix({"\\[": "\\]", "\\(": "\\)"}.get(mark, mark))
            break
    tex = " ".join(tex.replace("$", "").split())
    return f"${tex}$" if tex else ""


def _formula(element: _Element) -> str:
    """A MathML formula: its own TeX if it brings it along, else written as TeX; what is just a row stays text."""
    stack: list[_Element] = [element]
    laid_out = False
    while stack:
        here = stack.pop()
        laid_out = laid_out or here.name in _LAID_OUT
        if here.name == "annotation" and "tex" in here.attributes.lower():
            return _tex(_text(here))
        stack += [child for child in here.content if isinstance(child, _Element)]
    alttext = _ALTTEXT.search(element.attributes)
    if alttext and (alttext[1] or alttext[2] or "").strip():
        return _tex(alttext[1] or alttext[2])
    if not laid_out:
        return " ".join(_text(element).replace("$", "").split())
    tex = " ".join(_math(element).split())
    return f"${tex}$" if tex else ""


def _math(element: _Element) -> str:
    if element.name in ("mi", "mn", "mo", "ms"):
        text = _text(element).strip().replace("$", "")
        return rf"\mathrm{{{text}}}" if element.name == "mi" and len(text) > 1 and text.isalpha() else text
    if element.name == "mtext":
        text = " ".join(_text(element).replace("$", "").split())
        return rf"\text{{{text}}}" if any(letter.isalpha() for letter in text) and len(text) > 1 else text
    if element.name == "mspace":
        return " "
    if element.name in ("annotation", "annotation-xml"):
        return ""
    parts = [_math(child) for child in element.content if isinstance(child, _Element)]
    loose = "".join(child.strip() for child in element.content if isinstance(child, str))
    return _shaped(element.name, parts) or "".join(parts) + loose.replace("$", "")


def _shaped(name: str, parts: list[str]) -> str:
    """An element of MathML that is more than the sum of its parts, in TeX."""
    match name, parts:
        case "msub" | "munder", [base, low]:
            return f"{_group(base)}_{_group(low)}"
        case "msup" | "mover", [base, high]:
            return f"{_group(base)}^{_group(high)}"
        case "msubsup" | "munderover", [base, low, high]:
            return f"{_group(base)}_{_group(low)}^{_group(high)}"
        case "mfrac", [over, under]:
            return rf"\frac{{{over}}}{{{under}}}"
        case "mroot", [inside, degree]:
            return rf"\sqrt[{degree}]{{{inside}}}"
        case "msqrt", _:
            return rf"\sqrt{{{''.join(parts)}}}"
        case "mfenced", _:
            return f"({','.join(parts)})"
    return ""


def _group(tex: str) -> str:
    return tex if len(tex) <= 1 else f"{{{tex}}}"


def _tidy(text: str) -> str:
    text = " ".join(_CONTROLS.sub(" ", text.translate(_INVISIBLE)).split())
    return unicodedata.normalize("NFC", _SPACED.sub(lambda found: found[0].strip(), text))
