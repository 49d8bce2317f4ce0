"""Where things stand on a page, as cleaned HTML: pictures with sizes and captions, tables that scroll, footnotes.

It works on what cleaning wrote, where every attribute is quoted and every tag closed, so that a pattern can read it.
"""

from __future__ import annotations

import posixpath
import re
from html import unescape
from urllib.parse import unquote

_PICTURE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_ALONE = re.compile(r'<p>\s*(<img(?: [a-z-]+="[^"]*")*>)\s*(<span id="\^[^"]*"></span>)?\s*</p>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_SIZE = re.compile(r"(.*?)\|\s*(\d{1,4})(?:x(\d{1,4}))?\s*", re.DOTALL)
_TABLE = re.compile(r'(<div class="carrel-wide">\s*)?(<table\b)|</table>')
_FOOTNOTES = '<div class="footnote">\n'
_ADDED = re.compile(r'<section class="carrel-(?:references|backlinks)"|<nav class="carrel-days"')
_BACK = re.compile(r'<a class="footnote-backref"[^>]*href="#(fnref[^"]*)"[^>]*>[^<]*</a>')
_TASK = '<input type="checkbox" disabled=""'
_BOX = '<div class="carrel-wide" tabindex="0">'


def laid_out(html: str) -> str:
    """The HTML with its pictures sized and captioned, its tables in boxes, and its footnotes below the text.

    >>> laid_out('<p><img alt="Loss|300" src="a.png" title="Of run 12"></p>')
    '<figure><img alt="Loss" src="a.png" width="300"><figcaption>Of run 12</figcaption></figure>'
    """
    if "<img" in html:
        html = _ALONE.sub(_figure, _PICTURE.sub(_sized, html))
    if "<table" in html:
        html = _boxed(html)
    if _TASK in html:  # what a reader who does not see the box is told
        html = html.replace(f'{_TASK} checked="">', f'{_TASK} checked="" aria-label="done">')
        html = html.replace(f"{_TASK}>", f'{_TASK} aria-label="to do">')
    return _footnotes_moved(html) if _FOOTNOTES in html else html


def _footnotes_moved(html: str) -> str:
    """Footnotes belong to the text: they come before what the site adds at a page's end.

    One that nothing refers to has no way back.
    """
    text, mark, notes = html.rpartition(_FOOTNOTES)
    notes = _BACK.sub(lambda back: back[0] if f'id="{back[1]}"' in html else "", notes)
    added = _ADDED.search(text)
    end = added.start() if added else len(text)
    return text[:end] + mark + notes + text[end:]


def _boxed(html: str) -> str:
    """Each table in a box that scrolls and that the keyboard reaches; what has one gets no second."""
    open_tables: list[bool] = []  # whether each is in a box of ours

    def box(tag: re.Match[str]) -> str:
        if not tag[2]:
            ours = bool(open_tables) and open_tables.pop()
            return "</table></div>" if ours else "</table>"
        open_tables.append(not tag[1])
        return _BOX + tag[2]

    return _TABLE.sub(box, html)


def _sized(picture: re.Match[str]) -> str:
    """`alt="Loss|300x200"` as Obsidian has it: the alternative text, and how large the picture is shown."""
    attributes = dict(_ATTRIBUTE.findall(picture[1]))
    size = _SIZE.fullmatch(attributes.get("alt", ""))
    if size is not None:
        attributes["alt"] = size[1].strip()
        attributes.setdefault("width", size[2])
        if size[3]:
            attributes.setdefault("height", size[3])
    attributes.setdefault("alt", "")
    return "<img" + "".join(f' {key}="{value}"' for key, value in attributes.items()) + ">"


def _figure(paragraph: re.Match[str]) -> str:
    """A picture alone in its paragraph, with its title below it; else with its alternative text, if that is words."""
    attributes = dict(_ATTRIBUTE.findall(paragraph[1]))
    caption = attributes.pop("title", "") or _caption(attributes.get("alt", ""), attributes.get("src", ""))
    if not caption:
        return paragraph[0]
    picture = "<img" + "".join(f' {key}="{value}"' for key, value in attributes.items()) + ">"
    caption = caption.replace("<", "&lt;").replace(">", "&gt;")
    return f"<figure>{picture}{paragraph[2] or ''}<figcaption>{caption}</figcaption></figure>"


def _caption(alternative: str, address: str) -> str:
    """The alternative text where it reads as a caption: words, and not the name of the file."""
    name = posixpath.basename(unquote(unescape(address)))
    text = unescape(alternative).strip()
    return "" if " " not in text or text in (name, posixpath.splitext(name)[0]) else alternative
