"""The summary file of a paper: front matter that reads back as the paper, and a template's sections to write in.

Deeper reading unlocks more sections: see `carrel.core.unlock`, and `carrel.core.template` for which they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core import markdown
from carrel.core.frontmatter import read
from carrel.core.frontmatter_edit import yaml_value
from carrel.core.reading import Level
from carrel.core.template import PLACEHOLDER, fill, sections

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from carrel.core.frontmatter_edit import Writable
    from carrel.core.note import Visibility
    from carrel.core.paper import Paper

_PROSE = ("title", "authors", "venue", "abstract", "note")
_KEY_LINE = re.compile(r"^([\w-]+):", re.MULTILINE)
_HEADING_OR_QUOTE = re.compile(r"^#+ .*$|[>\s]", re.MULTILINE)
# Pandoc's rule for dollars: `$x$` is mathematics, `$5 and $10` is money.
_MATH = re.compile(r"(?<![\\$])\$(?=[^\s$])[^$]*?(?<=[^\s\\])\$(?!\d)")
_MARKUP = re.compile(r"[\\`*_\[\]$]|(?<![\w&])#(?=\w)|<|&(?=#?\w+;)|(?<!\w)@(?=\w)|==|%%")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ENTITIES = {"<": "&lt;", "&": "&amp;", "@": "&#64;", "==": "&#61;=", "%%": "&#37;%"}


def paper_text(
    paper: Paper, *, date: date, visibility: Visibility | str, template: str, level: Level | None = None
) -> str:
    """The summary file of `paper`: front matter, then `template` with its `{{placeholders}}` filled in.

    Placeholders are the names of `Paper`'s fields, `date` and `visibility`. Front matter in the template adds keys
    to ours, or changes them. A section of the template whose only content is an empty placeholder is left out.
    With a `level` (or a `sections: skim` in the template's own front matter) the sections of deeper levels are left
    out too, for `carrel.core.unlock` to add later; without one all are there at once.

    >>> from datetime import date; from carrel.core.paper import Paper
    >>> print(paper_text(Paper("Toy models", arxiv="2209.10652", citekey="toy"), date=date(2026, 11, 20),
    ...     visibility="lab", template="## TL;DR\\n\\n## Abstract\\n\\n> {{abstract}}\\n"))
    ---
    title: Toy models
    kind: paper
    citekey: toy
    arxiv: "2209.10652"
    bibtype: misc
    reading: queued
    tags: []
    date: 2026-11-20
    visibility: lab
    ---
    <BLANKLINE>
    ## TL;DR
    <BLANKLINE>
    """
    values = values_of(paper, date.isoformat(), str(visibility))
    front, body = split_template(template)
    level = level or Level.named(read(f"---\n{front}---\n").metadata.get("sections"))
    ours: dict[str, Writable] = {
        "title": values["title"],
        "kind": "paper",
        "citekey": paper.citekey,
        "authors": [str(name) for name in paper.authors],
        "year": int(paper.year) if paper.year.isdecimal() else paper.year,
        "venue": paper.venue,
        "editors": [str(name) for name in paper.editors],
        "volume": paper.volume,
        "number": paper.number,
        "pages": paper.pages,
        "publisher": paper.publisher,
        "arxiv": paper.arxiv,
        "version": paper.version,
        "doi": paper.doi,
        "url": paper.url,
        "pdf": paper.pdf,
        "bibtype": paper.bibtype,
        "reading": Level.QUEUED.state,
        "tags": list(paper.keywords),
        "date": date,
        "visibility": str(visibility),
    }
    lines = {key: f"{key}: {yaml_value(value)}\n" for key, value in ours.items() if value or key == "tags"}
    lines |= _template_lines(front, values)
    if level is not None:
        lines["sections"] = f"sections: {level.verb}\n"
    return "---\n" + "".join(lines.values()) + "---\n\n" + _body(body, values, level)


def values_of(paper: Paper, date: str, visibility: str) -> dict[str, str]:
    """What the placeholders of a template stand for."""
    return {
        "title": paper.title or paper.citekey,
        "citekey": paper.citekey,
        "authors": "; ".join(name.display for name in paper.authors),
        "year": paper.year,
        "venue": paper.venue,
        "arxiv": paper.arxiv,
        "doi": paper.doi,
        "url": paper.url,
        "pdf": paper.pdf,
        "bibtype": paper.bibtype,
        "abstract": paper.abstract,
        "note": paper.note,
        "date": date,
        "visibility": visibility,
    }


def split_template(template: str) -> tuple[str, str]:
    """The template's own front matter, without fences, and its body."""
    template = template.replace("\r\n", "\n")
    if template.startswith("---\n"):
        front, fence, body = template[4:].partition("\n---\n")
        if fence:
            return front + "\n", body.lstrip("\n")
    return "", template.lstrip("\n")


def _template_lines(front: str, values: Mapping[str, str]) -> dict[str, str]:
    """Key → its lines, in the front matter that a template brings; each placeholder becomes a quoted value."""
    found = list(_KEY_LINE.finditer(front))
    bounds = [key.start() for key in found] + [len(front)]
    quoted = {name: yaml_value(value) for name, value in values.items()}
    return {key[1]: fill(front[key.start() : end], quoted) for key, end in zip(found, bounds[1:], strict=True)}


def _body(template: str, values: Mapping[str, str], level: Level | None) -> str:
    kept = [
        filled(section.text, values)
        for section in sections(template)
        if level is None or section.level <= max(level, Level.SKIM)
    ]
    return "".join(kept).rstrip() + "\n"


def filled(section: str, values: Mapping[str, str]) -> str:
    """A section of a template with its placeholders filled in, or "" if they are all it has and there is no value."""
    names = [name for found in PLACEHOLDER.finditer(section) if (name := found["name"]) in values]
    rest = fill(without_comments(section), dict.fromkeys(values, ""))
    if names and not any(values[name] for name in names) and not _HEADING_OR_QUOTE.sub("", rest):
        return ""
    return fill(section, shown(values))


def shown(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they stand in a text: what goes into prose must not become markup, keys and addresses stay raw."""
    return {name: markdown_text(value) if name in _PROSE else value for name, value in values.items()}


def without_comments(text: str) -> str:
    """`text` without its guidance and whatever else stands in comments."""
    pieces, end = [], 0
    for start, stop in markdown.scan(text).comments:
        pieces.append(text[end:start])
        end = stop
    return "".join((*pieces, text[end:]))


def markdown_text(text: str) -> str:
    """`text` on one line of Markdown that shows it as it is: no links, tags, citations or HTML; `$…$` stays.

    >>> markdown_text("Is [CLS] <b>@home</b> worth $5? $p_1$ says so")
    'Is \\\\[CLS\\\\] &lt;b>&#64;home&lt;/b> worth \\\\$5? $p_1$ says so'
    """
    text = _CONTROLS.sub("", " ".join(text.split())).strip()
    pieces, end = [], 0
    for math in _MATH.finditer(text):
        pieces += [_MARKUP.sub(_escaped, text[end : math.start()]), math[0]]
        end = math.end()
    return "".join((*pieces, _MARKUP.sub(_escaped, text[end:])))


def _escaped(markup: re.Match[str]) -> str:
    return _ENTITIES.get(markup[0], "\\" + markup[0])
