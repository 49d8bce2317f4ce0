"""Which citation keys a document cites: a note or a paper in Markdown, a LaTeX source, or what LaTeX made of one.

LaTeX's commands: those of LaTeX, natbib and biblatex (its manual, section 3.9), that is every command with `cite` in
its name but the few that define or set up something. `.aux` is what LaTeX tells BibTeX, `.bcf` what biblatex tells
biber: they know of every file that the document includes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core import markdown
from carrel.core.frontmatter import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carrel.core.note import Value

#: `\nocite{*}` and pandoc's `nocite: "@*"`: every paper there is.
EVERYTHING = "*"

# What LaTeX prints as it is written, or not at all, in the order of the text: a percent sign in code is no comment,
# and nothing in a comment is code. Addresses count as code. Whatever else is escaped, `\%` say, is passed over.
_UNREAD = re.compile(
    r"""\\begin\s*\{((?:[BL]?[vV]erbatim|lstlisting|minted|comment|filecontents)\*?)\}.*?(?:\\end\s*\{\1\}|\Z)
    | \\(?:[vV]erb\*?|url|nolinkurl|href|lstinline(?:\[[^\[\]]{0,200}\])?)(?:\{[^{}\n]*\}|([!-)+-@\\\]^_`|}~])[^\n]*?\2)
    | %[^\n]*
    | (?P<escaped>\\.)""",
    re.DOTALL | re.VERBOSE,
)
_VISIBLE = re.compile(r"[^\n]")
_NOTE = r"(?:\s*(?:\[[^\[\]]*\]|\([^()]*\)|<[^<>]*>)){0,4}"
_COMMAND = re.compile(rf"\\([A-Za-z]{{0,30}}[cC]ite[A-Za-z]{{0,30}})\*?{_NOTE}\s*\{{([^{{}}]*)\}}")
_FURTHER = re.compile(rf"{_NOTE}\s*\{{([^{{}}]*)\}}")
# They set up something, or what they enclose is text.
_NO_CITATION = re.compile(
    r"(?:setcitestyle|citestyle|citetext|citereset|citename|citeindex|setlength|newcite|newcites|bibcite|citeauthoryear"
    r"|(?:re)?newrobustcmd|[Dd]eclare\w*|.*[Cc]ite(?:type|counter|tracker|sort|order|delim|hook|initial|reset|mode))\Z"
)
_VOLUME = re.compile(r".*[Vv]olcites?\Z|.*volcites?\Z", re.IGNORECASE)  # the volume comes before the key
_AUX = re.compile(r"\\(?:citation|abx@aux@cite(?:\{\d+\})?|abx@aux@nocite(?:\{\d+\})?)\{([^{}]*)\}")
_BCF = re.compile(r"<bcf:citekey\b[^<>]*>([^<>]*)</bcf:citekey>")
_INCLUDED = re.compile(
    r"\\(?:@?input|include|subfile|subfileinclude|(?:sub)?(?:import|includefrom|inputfrom)\*?\s*\{([^{}]{0,300})\})\s*"
    r"\{([^{}]{1,300})\}"
)
_NOCITE = re.compile(r"@\*")
_LATEX = re.compile(r"\\(?:documentclass|begin\{|section\b|[a-zA-Z]*cite[a-z]*\s*[\[{])")


def cited_keys(text: str, name: str = "") -> dict[str, int]:
    """The keys that a document cites, each with the line where it first does, in the order of the text.

    `name` is the file's name: its ending says what it is; without one the text does. In Markdown a bare `@name` that
    is no key may be a person, and is left out unless it is in brackets: see `mentioned_keys`.

    >>> cited_keys(r"As \\citet[p.~3]{elhage2022toy} and \\autocites{a}[12]{b,c} % \\cite{old}", "paper.tex")
    {'elhage2022toy': 1, 'a': 1, 'b': 1, 'c': 1}
    >>> cited_keys("As [@elhage2022toy, p. 3; -@olah] shows. Thanks, @ada!", "paper.md")
    {'elhage2022toy': 1, 'olah': 1}
    """
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix in ("tex", "ltx", "latex", "sty", "rnw") or (not suffix and _LATEX.search(text)):
        return _first_lines(_in_latex(text), text)
    if suffix == "aux":
        return _first_lines(((key, found.start()) for found in _AUX.finditer(text) for key in _keys(found[1])), text)
    if suffix == "bcf":
        from html import unescape

        return _first_lines(((unescape(found[1]).strip(), found.start()) for found in _BCF.finditer(text)), text)
    return _in_markdown(text, mentions=False)


def mentioned_keys(text: str) -> dict[str, int]:
    """The bare `@keys` of a Markdown document: citations in its sentences, or names of people.

    >>> mentioned_keys("As @olah2020zoom shows [@elhage]. Thanks, @ada!")
    {'olah2020zoom': 1, 'ada': 1}
    """
    return _in_markdown(text, mentions=True)


def included_files(text: str, name: str) -> tuple[str, ...]:
    """The files that a LaTeX source or an .aux file includes, as it names them, with their ending.

    >>> included_files(r"\\input{intro} \\include{sections/methods.tex} % \\input{old}", "paper.tex")
    ('intro.tex', 'sections/methods.tex')
    """
    suffix = name.rpartition(".")[2].lower()
    if suffix not in ("tex", "ltx", "latex", "aux"):
        return ()
    named = (f"{found[1] or ''}{found[2].strip()}" for found in _INCLUDED.finditer(_read(text)))
    return tuple(dict.fromkeys(one if "." in one.rpartition("/")[2] else f"{one}.{suffix}" for one in named))


def _in_markdown(text: str, *, mentions: bool) -> dict[str, int]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = read(text)
    found: dict[str, int] = {}
    if not mentions:
        for nocite in _texts(front.metadata.get("nocite", "")):
            keys = [EVERYTHING] if _NOCITE.search(nocite) else [one.key for one in markdown.scan(nocite).citations]
            found.update(dict.fromkeys(keys, 1))
    for citation in markdown.scan(text[front.end :], 1 + text.count("\n", 0, front.end)).citations:
        if (citation.group is None and citation.bracket is None) == mentions:
            found.setdefault(citation.key, citation.line)
    return found


def _texts(value: Value) -> Iterable[str]:
    return (value,) if isinstance(value, str) else tuple(one for one in value if isinstance(one, str))


def _read(text: str) -> str:
    """What LaTeX reads of a source. Comments and code are blanked, so that places stay what they are.

    >>> _read(r"50\\% \\verb|%| a % b")
    '50\\\\%          a    '
    """
    return _UNREAD.sub(lambda found: found[0] if found["escaped"] else _VISIBLE.sub(" ", found[0]), text)


def _in_latex(text: str) -> Iterable[tuple[str, int]]:
    """Keys and where they stand."""
    text = _read(text)
    for found in _COMMAND.finditer(text):
        command, keys, at = found[1], found[2], found.end()
        if _NO_CITATION.match(command):
            continue
        groups = [keys]
        if _VOLUME.match(command) or command.endswith("cites"):
            while further := _FURTHER.match(text, at):
                groups.append(further[1])
                at = further.end()
                if not command.endswith("cites") and len(groups) == 2:
                    break
            if _VOLUME.match(command):
                groups = groups[1::2]
        for key in _keys(",".join(groups)):
            yield key, found.start()


def _keys(written: str) -> Iterable[str]:
    return (key for one in written.split(",") if (key := one.strip()) and "#" not in key and "\\" not in key)


def _first_lines(found: Iterable[tuple[str, int]], text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    line, at = 1, 0
    for key, place in found:
        line, at = line + text.count("\n", at, place), place
        lines.setdefault(key, line)
    return lines
