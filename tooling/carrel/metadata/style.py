"""A CSL style: what of it decides how citations stand in a text, and whether it can be used at all.

The format is that of https://docs.citationstyles.org/en/stable/specification.html. A style comes as a file that
anybody may have written, so it is read without entities and refused when its macros call each other without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from carrel.errors import ConfigInvalid

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: Bytes of the largest style that is read; the longest of the official ones has 180 KB.
MAX_BYTES = 1 << 20
#: Elements of a style with every macro in its place; the longest of the official ones has some thousands.
_MAX_ELEMENTS = 50_000
_CSL = "{http://purl.org/net/xbiblio/csl}"
_HINT = "a style is a .csl file as the Zotero style repository gives it; without one Carrel's own is used"


@dataclass(frozen=True, slots=True)
class Style:
    """A style that can be used. `xml` is the file without what stands around the citations of one bracket:
    `opening`, `delimiter` and `closing`.

    `numbered`: papers are cited by their number in the list. `lettered`: two papers that are cited by the same words
    get a letter, 2022a and 2022b. `ordered`: the list is sorted, not in the order of the text. `listed`: there is a
    list. A style of footnotes has nothing to say of citations in the text: then `in_text` is false.
    """

    source: str
    xml: bytes
    opening: str = ""
    delimiter: str = "; "
    closing: str = ""
    numbered: bool = False
    lettered: bool = False
    ordered: bool = False
    listed: bool = True
    in_text: bool = True


def own_style() -> Style:
    """Carrel's own style: author and year."""
    place = Path(__file__).with_name("author-year.csl")
    return parse_style(place.read_bytes(), place.name)


def parse_style(data: bytes, source: str) -> Style:
    """The style in the bytes of a .csl file; `source` names it in messages. Raises `ConfigInvalid`."""
    root = _read(data, source)
    parent = root.find(f"{_CSL}info/{_CSL}link[@rel='independent-parent']")
    layout = root.find(f"{_CSL}citation/{_CSL}layout")
    if layout is None:
        if parent is not None:
            message = f"{source} only names the style that it is a variant of: {parent.get('href')}"
            raise ConfigInvalid(message, "take that style's own file")
        raise ConfigInvalid(f"{source} does not say how to cite: it holds no citation layout", _HINT)
    macros = {macro.get("name", ""): macro for macro in root.iter(f"{_CSL}macro")}
    _check_size(root, macros, source)
    citation, bibliography = root.find(f"{_CSL}citation"), root.find(f"{_CSL}bibliography")
    around = (layout.attrib.pop("prefix", ""), layout.get("delimiter", "; "), layout.attrib.pop("suffix", ""))
    in_text = root.get("class") != "note"
    return Style(
        source,
        ElementTree.tostring(root, "utf-8"),
        *(around if in_text else ("(", "; ", ")")),
        numbered=_calls(layout, macros, "citation-number"),
        lettered=citation is not None and citation.get("disambiguate-add-year-suffix") == "true",
        ordered=bibliography is not None and bibliography.find(f"{_CSL}sort") is not None,
        listed=bibliography is not None and bibliography.find(f"{_CSL}layout") is not None,
        in_text=in_text,
    )


def _read(data: bytes, source: str) -> Element:
    from defusedxml.ElementTree import fromstring

    if len(data) > MAX_BYTES:
        raise ConfigInvalid(f"{source} is larger than {MAX_BYTES >> 20} MiB: that is no CSL style", _HINT)
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # of XML, of entities, of an unknown encoding
        raise ConfigInvalid(f"{source} cannot be read as a CSL style: {error}", _HINT) from error
    if root.tag != f"{_CSL}style":
        raise ConfigInvalid(f"{source} is no CSL style: it begins with <{root.tag.rpartition('}')[2]}>", _HINT)
    return root


def _check_size(root: Element, macros: dict[str, Element], source: str) -> None:
    """Refuse a macro that is not there, that calls itself, or that grows beyond measure when it is put in place."""
    sizes: dict[str, int] = {}
    open_macros: set[str] = set()

    def size(element: Element) -> int:
        total = 1 + sum(map(size, element))
        name = element.get("macro")
        if name is None:
            return total
        if name not in macros:
            raise ConfigInvalid(f"{source} calls a macro that it does not hold: {name}", _HINT)
        if name in open_macros:
            raise ConfigInvalid(f"{source}: the macro {name} calls itself", _HINT)
        if name not in sizes:
            open_macros.add(name)
            sizes[name] = min(size(macros[name]), _MAX_ELEMENTS)
            open_macros.remove(name)
        return total + sizes[name]

    try:
        too_large = size(root) > _MAX_ELEMENTS
    except RecursionError:
        too_large = True
    if too_large:
        raise ConfigInvalid(f"{source} is nested too deeply to be a CSL style", _HINT)


def _calls(element: Element, macros: dict[str, Element], variable: str) -> bool:
    """Whether a variable is shown by the element or by a macro that it calls."""
    seen: set[str] = set()
    waiting = [element]
    while waiting:
        for one in waiting.pop().iter():
            if variable == one.get("variable"):
                return True
            name = one.get("macro", "")
            if name in macros and name not in seen:
                seen.add(name)
                waiting.append(macros[name])
    return False
