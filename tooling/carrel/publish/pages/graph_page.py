"""The graph of the site: a page with all notes and their links, its data, and on each note's page what is around it.

The theme's scripts draw it. What they draw stands in the page as links (around a note), or in a script file (all
notes), because a page that was opened from disk may read no other file.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from carrel.core.relative import relative_url
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.groups import LISTS
from carrel.publish.pages.parts import anchor

if TYPE_CHECKING:
    from carrel.core.note import Note

#: Where the data of the graph stands: a script, which a page on disk may load as well.
GRAPH_DATA = "graph-data.js"
#: The kinds that the graph tells apart, and what several notes of one are called.
KINDS = {"log": "Log", "paper": "Papers", **LISTS}
_MOST = 30


def graph_page(edition: Edition) -> str:
    """The place of the drawing, and what it shows as a list: the notes with the most links."""
    items = "\n".join(
        f'<li><span class="carrel-when">{count:,}</span> {anchor(node.place, node.title)}</li>'
        for node, count in edition.most_linked(_MOST)
    )
    return (
        '<div class="carrel-map" data-search-exclude=""></div>\n\n## The most linked\n\n'
        f'<ul class="carrel-list carrel-most" data-search-exclude="">\n{items}\n</ul>'
    )


def graph_data(edition: Edition) -> str:
    """Every note with its place, title, kind and tags, and the links between them, as a script.

    What repeats is written once: places stand by folder; kinds, tags and notes are numbers; a link stands with the
    first of its two notes.
    """
    network = edition.network
    kinds = {kind: number for number, kind in enumerate(KINDS)}
    folders: dict[str, int] = {}
    tags: dict[str, int] = {}
    notes = []
    for node in network.nodes:
        folder, _, name = node.place.removesuffix(".md").rpartition("/")
        title = node.title if node.title != name else ""
        carried = [tags.setdefault(page, len(tags)) for page in node.tags]
        notes.append([folders.setdefault(folder, len(folders)), name, title, kinds[node.kind], carried])
    links = [sorted(other for other in linked if other > number) for number, linked in enumerate(network.links)]
    data = {
        "kinds": list(KINDS.items()),
        "tags": [edition.tag_names[page] for page in tags],
        "folders": list(folders),
        "notes": notes,
        "links": links,
    }
    return f"globalThis.carrelGraph = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n"


def around(edition: Edition, note: Note, place: str) -> str:
    """What is linked with a note, as a list that the theme draws and does not show: all of it stands in the page."""
    found = edition.around(note.path)
    if not found.notes:
        return ""
    linked: dict[int, list[str]] = {}
    for one, other in found.links:
        linked.setdefault(one, []).append(str(other))
    items = "\n".join(
        f'<li data-kind="{escape(node.kind)}" data-links="{" ".join(linked.get(number, ()))}">'
        f"{anchor(relative_url(place, node.place), node.title)}</li>"
        for number, node in enumerate(found.notes)
    )
    return f'<ul class="carrel-around" data-search-exclude="">\n{items}\n</ul>'
