"""Where the site's own look is, what of it a page loads, and the settings of Material that go with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carrel.publish.edition.places import ALL_FEED

#: Files of the theme folder that every page loads, in this order. What else the search needs, its dialogue loads.
STYLESHEETS = ("carrel/carrel.css", "carrel/search/search.css")
SCRIPTS = ("carrel/search/dialog.js", "carrel/previews.js", "carrel/keys.js")


@dataclass(frozen=True, slots=True)
class Part:
    """Something that only some pages hold: how it is known in their HTML, and the files that show it, in order."""

    mark: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...]


_KATEX, _MERMAID = "carrel/vendor/katex-0.19.1", "carrel/vendor/mermaid-11.17.2"
_D3 = "carrel/vendor/d3-force-3.0.1"
_GRAPH = (
    *(f"{_D3}/d3-{name}.min.js" for name in ("dispatch", "quadtree", "timer", "force")),
    *(f"carrel/graph/{name}.js" for name in ("pointers", "drawing")),
)
#: The mark of a page with diagrams, whose library writes styles into the page.
DIAGRAM = '<pre class="carrel-diagram">'
PARTS = (
    Part('class="arithmatex"', (f"{_KATEX}/katex.min.css",), (f"{_KATEX}/katex.min.js", "carrel/mathematics.js")),
    Part(DIAGRAM, (), (f"{_MERMAID}/mermaid.min.js", "carrel/diagrams.js")),
    Part("<img ", (), ("carrel/pictures.js",)),
    Part('<ul class="carrel-around"', (), (*_GRAPH, "carrel/graph/around.js")),
    Part('<div class="carrel-map"', (), (*_GRAPH, "carrel/graph/map.js")),
    Part('<table class="carrel-month"', (), ("carrel/calendar.js",)),
    Part('class="carrel-due"', (), ("carrel/due.js",)),
    Part('<table class="carrel-papers"', (), ("carrel/papers.js",)),
    Part('class="carrel-bibtex"', (), ("carrel/copy.js",)),
)

FEATURES = ("content.code.copy", "navigation.top", "toc.follow")
_FILLED_IN = re.compile(r"\{\{[^{}]{0,300}+\}\}|\{%[^{}%]{0,300}+%\}")
_LIGHT, _DARK = "material/weather-night", "material/weather-sunny"
PALETTE: tuple[dict[str, Any], ...] = (
    {
        "media": "(prefers-color-scheme: light)",
        "scheme": "default",
        "primary": "custom",
        "accent": "custom",
        "toggle": {"icon": _LIGHT, "name": "Dark"},
    },
    {
        "media": "(prefers-color-scheme: dark)",
        "scheme": "slate",
        "primary": "custom",
        "accent": "custom",
        "toggle": {"icon": _DARK, "name": "Light"},
    },
)


def with_parts(html: str, content: str, address: str) -> str:
    """The page `html` at `address` (relative to the site's root), which also loads what its `content` needs."""
    return html.replace("</head>", loads(content, address) + "</head>", 1)


def loads(content: str, address: str) -> str:
    """The elements of a page's head that load what its `content` needs, and say where the feed is."""
    needed = [part for part in PARTS if part.mark in content]
    root = "../" * address.count("/")
    # not `alternate` alone: what bears that alone is another language to Material, whose sitemap it asks for
    tags = [f'<link rel="alternate feed" type="application/atom+xml" title="What is new" href="{root}{ALL_FEED}">']
    tags += [f'<link rel="stylesheet" href="{root}{file}">' for part in needed for file in part.styles]
    tags += [f'<script defer src="{root}{file}"></script>' for part in needed for file in part.scripts]
    return "".join(tags)


def scripts_in(folders: Iterable[str]) -> re.Pattern[str]:
    """The scripts that the templates in `folders` write into pages; what a template fills in is an address."""
    scripts = {
        piece.partition("</script>")[0]
        for template in _templates(folders)
        for piece in template.read_text("utf-8", errors="replace").split("<script>")[1:]
    }
    patterns = (r"[\w./:%~-]*".join(map(re.escape, _FILLED_IN.split(script))) for script in sorted(scripts))
    return re.compile("|".join(patterns) or "(?!)")


def _templates(folders: Iterable[str]) -> Iterator[Path]:
    for top in folders:
        for folder, inner, names in os.walk(top):
            inner[:] = [name for name in inner if not name.startswith(".")]  # Material's has 15,000 icons
            yield from (Path(folder, name) for name in names if name.endswith(".html"))


def theme_folder() -> Path:
    """The folder of templates, style and scripts: inside an installed package, or in the repository."""
    installed = Path(__file__).resolve().parents[2] / "theme"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[4] / "site" / "theme"
