"""Where the site's own look is, and the settings of Material that go with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: Files of the theme folder that every page loads, in this order.
STYLESHEETS = ("carrel/carrel.css",)
#: Lets the search run from `file://`, where a browser allows no worker.
POLYFILL = "carrel/frame-worker.js"

FEATURES = ("content.code.copy", "navigation.top", "search.highlight", "search.suggest", "toc.follow")
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


def theme_folder() -> Path:
    """The folder of templates, style and scripts: inside an installed package, or in the repository."""
    installed = Path(__file__).resolve().parent.parent / "theme"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[3] / "site" / "theme"
