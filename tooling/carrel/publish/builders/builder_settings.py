"""What another builder than MkDocs is told: of mkdocs.yml what they all know, and of ours what makes the same site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carrel.errors import BuildFailed
from carrel.publish.builders import guest
from carrel.publish.render import theme
from carrel.publish.staging import tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What of mkdocs.yml is handed on as it is.
_HANDED_ON = ("site_name", "site_url", "site_description", "site_author", "copyright", "nav", "extra")
_IGNORED = {"links": dict.fromkeys(("not_found", "anchors", "absolute_links", "unrecognized_links"), "ignore")}


def read(place: Path, below: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The settings of a mkdocs.yml, with those of the file that it inherits from. `distrust` has passed it.

    A tag makes nothing of its value: `!ENV` is read as one without a variable, Python's as nothing. `below` are the
    files that inherit from this one. Raises `BuildFailed`.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """Knows the plain tags only."""

    Loader.add_multi_constructor("", lambda *_: None)
    try:
        settings = yaml.load(place.read_bytes(), Loader)
    except (OSError, yaml.YAMLError) as error:
        raise BuildFailed(f"{place.name}: {error}", "mend it in an editor") from error
    if not isinstance(settings, dict):
        raise BuildFailed(f"{place.name}: the configuration is no mapping", "mend it in an editor")
    above = settings.pop("INHERIT", None)
    if not above:
        return settings
    file = (place.parent / above).resolve()
    if file in below:
        raise BuildFailed(f"{place.name} inherits from itself", "mend it in an editor")
    return _merged(read(file, (*below, file)), settings)


def site_dir(place: Path) -> Path:
    """Where the mkdocs.yml at `place` wants the site."""
    return place.parent / str(read(place).get("site_dir") or "site")


def _merged(above: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(above)
    for key, value in settings.items():
        ours = merged.get(key)
        merged[key] = _merged(ours, value) if isinstance(ours, dict) and isinstance(value, dict) else value
    return merged


def unheard(settings: Mapping[str, Any]) -> list[str]:
    """What mkdocs.yml asks for and another builder does not do."""
    plugins = settings.get("plugins") or []
    names = [next(iter(one)) if isinstance(one, dict) else one for one in plugins]
    asked = [f"the plugin {name}" for name in names if name not in ("carrel", "search", "material/search")]
    return [*asked, *(f"`{key}`" for key in ("hooks", "extra_templates") if settings.get(key))]


def written(
    settings: Mapping[str, Any],
    name: str,
    nav: Sequence[tuple[str, str]],
    mark: str,
    chosen: Mapping[str, Any],
) -> str:
    """The configuration as a file: JSON, which is YAML. Its folders stand beside it.

    `name` is the site's and `nav` its pages where mkdocs.yml says nothing, `chosen` the theme's settings.
    """
    own: dict[str, Any] = {key: settings[key] for key in _HANDED_ON if settings.get(key)}
    own["site_name"] = name
    own.setdefault("nav", [{title: path} for title, path in nav])
    own |= {
        "docs_dir": "docs",
        "site_dir": "site",
        # Pages open from disk as well as from a server, wherever the site is put.
        "use_directory_urls": False,
        "plugins": [{"search": {"enabled": False}}],
        # The last one is all that is needed; Zensical puts fences of its own after it unless they are named.
        "markdown_extensions": [
            {"toc": {"title": "On this page"}},
            "pymdownx.superfences",
            {guest.NAME: {"mark": mark}},
        ],
        "extra_css": _ours_first(theme.STYLESHEETS, settings.get("extra_css")),
        "extra_javascript": _ours_last(theme.SCRIPTS, settings.get("extra_javascript")),
        "theme": dict(chosen),
        "validation": _IGNORED,  # staging has seen to it
    }
    return json.dumps(own, indent=1, default=str)


def look(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The theme's settings: those of mkdocs.yml, and ours where it says nothing."""
    said = settings.get("theme") or "material"
    chosen: dict[str, Any] = {"name": said} if isinstance(said, str) else dict(said)
    chosen["custom_dir"] = "theme"
    if chosen.setdefault("name", "material") == "material":
        chosen["font"] = False
        chosen.setdefault("variant", "classic")  # Zensical's name for the look that our style is made for
        chosen.setdefault("palette", [dict(choice) for choice in theme.PALETTE])
        chosen["features"] = chosen.get("features") or list(theme.FEATURES)
    return chosen


def theme_files(settings: Mapping[str, Any], root: Path) -> dict[str, Path]:
    """Our theme's files, and over them those of the `custom_dir` of mkdocs.yml, by path."""
    said = settings.get("theme")
    own = said.get("custom_dir") if isinstance(said, dict) else None
    folders = [theme.theme_folder(), *([root / own] if own else [])]
    return {path: place for folder in folders for path, place in tree.files(folder).items()}


def _ours_first(ours: tuple[str, ...], theirs: list[Any] | None) -> list[Any]:
    return [*(one for one in ours if one not in (theirs or [])), *(theirs or [])]


def _ours_last(ours: tuple[str, ...], theirs: list[Any] | None) -> list[Any]:
    return [*(theirs or []), *(one for one in ours if one not in (theirs or []))]
