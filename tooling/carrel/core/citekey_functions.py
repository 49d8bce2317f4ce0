"""What a citation key's pattern can say of a paper: the functions of `citekey_pattern`.

Each has Better BibTeX's name and meaning, each argument its name. Names and words come in ASCII.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core.citekey_filters import SKIPPED, Skip, letters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from carrel.core.paper import Paper
    from carrel.core.person import Name

# Hyphens and apostrophes hold a word together: "Auto-Encoding" is autoencoding.
_WORD = re.compile(r"[\w\u2010\u2011'’-]+")
_MATH = re.compile(r"\$[^$]*\$")
_PAGE = re.compile(r"\w+")


def words(title: str, *, skip: bool = True) -> list[str]:
    """The words of a title that say something, in ASCII; all of them if none does.

    >>> words("On the $\\\\ell_1$-norm of GPT-4"), words("Über das Wetter"), words("To be")
    (['norm', 'GPT4'], ['Uber', 'Wetter'], ['be'])
    """
    found = [word for word in map(letters, _WORD.findall(_MATH.sub(" ", title))) if word]
    telling = [word for word in found if word.lower() not in SKIPPED] if skip else found
    return telling or found[:1]


def _people(paper: Paper) -> tuple[Name, ...]:
    """The authors, or else the editors."""
    return tuple(name for name in paper.authors or paper.editors if name.last != "others")


def _last_names(paper: Paper) -> list[str]:
    return [letters(name.last) for name in _people(paper)]


def _initials(paper: Paper) -> list[str]:
    return ["".join(letters(given)[:1] for given in name.given.split()) for name in _people(paper)]


def _more(paper: Paper) -> bool:
    """Whether the list of authors ends with "and others"."""
    return any(name.last == "others" for name in paper.authors)


# --- functions of a paper ---------------------------------------------------------------------------------------


def auth(paper: Paper, n: int = 0, m: int = 1) -> str:
    """The first `n` letters (0: all) of the `m`th author's last name."""
    name = "".join(_last_names(paper)[m - 1 : m]) if m > 0 else ""
    return name[:n] if n > 0 else name


def authors(paper: Paper, n: int = 0, etal: str = "", sep: str = " ") -> str:
    """The last names of the first `n` authors (0: all), and `etal` if there are more."""
    names = _last_names(paper)
    if 0 < n < len(names):
        return sep.join((*names[:n], etal)) if etal else sep.join(names[:n])
    return sep.join(names)


def auth_et_al(paper: Paper, sep: str = " ") -> str:
    """Both authors of two, or the first and EtAl."""
    return _first_and(paper, "EtAl", sep)


def auth_etal2(paper: Paper, sep: str = ".") -> str:
    """Both authors of two, or the first and etal."""
    return _first_and(paper, "etal", sep)


def _first_and(paper: Paper, etal: str, sep: str) -> str:
    names = _last_names(paper)
    if len(names) == 2 and not _more(paper):
        return sep.join(names)
    return sep.join((names[0], etal)) if len(names) > 2 or (names and _more(paper)) else "".join(names)


def auth_auth_ea(paper: Paper, sep: str = ".") -> str:
    """The first two authors, and ea if there are more."""
    names = _last_names(paper)
    return sep.join((*names[:2], *(["ea"] if len(names) > 2 else [])))


def authors_alpha(paper: Paper, sep: str = "") -> str:
    """As BibTeX's style alpha: three letters of one author, first letters of up to four, of three and + of more."""
    names = _last_names(paper)
    if len(names) == 1:
        return names[0][:3]
    return sep.join(name[:1] for name in names[: 4 if len(names) < 5 else 3]) + ("+" if len(names) > 4 else "")


def auth_short(paper: Paper, sep: str = ".") -> str:
    """One author's name, or the first letters of up to three, and + if there are more."""
    names = _last_names(paper)
    if len(names) < 2:
        return "".join(names)
    return sep.join(name[:1] for name in names[:3]) + ("+" if len(names) > 3 else "")


def auth_ini(paper: Paper, n: int = 0, sep: str = ".") -> str:
    """The first `n` letters (0: all) of every author's last name."""
    return sep.join(name[:n] if n > 0 else name for name in _last_names(paper))


def author_ini(paper: Paper, sep: str = ".") -> str:
    """Five letters of the first author's last name, and the first letters of the others'."""
    names = _last_names(paper)
    return sep.join((names[0][:5], *(name[:1] for name in names[1:]))) if names else ""


def auth_fore_ini(paper: Paper) -> str:
    """The first author's initial."""
    return next(iter(_initials(paper)), "")[:1]


def author_last(paper: Paper) -> str:
    """The last author's last name."""
    return next(reversed(_last_names(paper)), "")


def author_last_fore_ini(paper: Paper) -> str:
    """The last author's initial."""
    return next(reversed(_initials(paper)), "")[:1]


def year(paper: Paper) -> str:
    """The year."""
    return paper.year


def short_year(paper: Paper) -> str:
    """The last two digits of the year."""
    return paper.year[-2:]


def title(paper: Paper) -> str:
    """The title's telling words, each with a capital."""
    return " ".join(word[:1].upper() + word[1:] for word in words(paper.title))


def short_title(paper: Paper, n: int = 3, m: int = 0) -> str:
    """The first `n` telling words of the title, the first `m` of them with a capital."""
    some = words(paper.title)[: max(n, 0)]
    return " ".join(word[:1].upper() + word[1:] if number < m else word for number, word in enumerate(some))


def very_short_title(paper: Paper, n: int = 1, m: int = 0) -> str:
    """The first telling word of the title."""
    return short_title(paper, n, m)


def journal(paper: Paper) -> str:
    """Where it appeared; `journal.abbr` is the first letters."""
    return " ".join(words(paper.venue, skip=False))


def first_page(paper: Paper) -> str:
    """The first number in the pages."""
    return "".join(_pages(paper)[:1])


def last_page(paper: Paper) -> str:
    """The last number in the pages."""
    return "".join(_pages(paper)[-1:])


def _pages(paper: Paper) -> list[str]:
    return [page for page in _PAGE.findall(paper.pages) if any(map(str.isdigit, page))]


def keyword(paper: Paper, n: int = 1) -> str:
    """The `n`th keyword."""
    return letters("".join(paper.keywords[n - 1 : n])) if n > 0 else ""


def of_type(paper: Paper, *allowed: str) -> str:
    """Nothing, for entries of these types; others go to the next alternative. Without arguments, the type."""
    if allowed and paper.bibtype not in [one.lower() for one in allowed]:
        raise Skip
    return "" if allowed else paper.bibtype


FUNCTIONS: Mapping[str, Callable[..., str]] = {
    "auth": auth,
    "authors": authors,
    "authEtAl": auth_et_al,
    "authEtal2": auth_etal2,
    "authAuthEa": auth_auth_ea,
    "authorsAlpha": authors_alpha,
    "authshort": auth_short,
    "authIni": auth_ini,
    "authorIni": author_ini,
    "authForeIni": auth_fore_ini,
    "authorLast": author_last,
    "authorLastForeIni": author_last_fore_ini,
    "year": year,
    "shortyear": short_year,
    "title": title,
    "shorttitle": short_title,
    "veryshorttitle": very_short_title,
    "journal": journal,
    "firstpage": first_page,
    "lastpage": last_page,
    "keyword": keyword,
    "type": of_type,
}
