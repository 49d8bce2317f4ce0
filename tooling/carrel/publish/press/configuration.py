"""What a mkdocs.yml may say before MkDocs reads it: MkDocs' own reader runs any Python that a tag names.

A mkdocs.yml comes with a pull like any other file. Its hooks and its theme's templates are programs too, in files
that can be seen; the manual says that building trusts them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import BuildFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

_PYTHON = "tag:yaml.org,2002:python/"
#: Names of functions that Material's documentation tells people to use: of emoji, slugs and fences.
_KNOWN = (f"{_PYTHON}name:material.", f"{_PYTHON}name:pymdownx.")


def distrust(place: Path) -> None:
    """Raise `BuildFailed` when the file at `place`, or one that it inherits from, would run Python as it is read.

    It also says that our plugin is missing, which MkDocs would not.
    """
    files, plugins = [place.resolve()], False
    seen: set[Path] = set()
    while files:
        file = files.pop()
        seen.add(file)
        for number, event in enumerate(events := list(_events(file))):
            tag, value = getattr(event, "tag", None) or "", getattr(event, "value", None)
            if tag.startswith(_PYTHON) and not tag.startswith(_KNOWN):
                raise BuildFailed(
                    f"{file.name} would run Python as it is read: !!{tag.removeprefix('tag:yaml.org,2002:')}",
                    "building does not start; take the tag out if you do not know what it is for",
                )
            if value == "INHERIT":
                parent = getattr(events[number + 1], "value", None)
                if getattr(event, "anchor", None) or not isinstance(parent, str):
                    raise BuildFailed(f"{file.name}: INHERIT wants the name of a file", "write it plainly")
                if (above := (file.parent / parent).resolve()).is_file() and above not in seen:
                    files.append(above)
            plugins = plugins or value == "carrel"
    if not plugins:
        raise BuildFailed("mkdocs.yml does not list the plugin that reads the notes", "add `- carrel` below `plugins:`")


def _events(file: Path) -> Iterator[yaml.Event]:
    import yaml

    try:
        yield from yaml.parse(file.read_bytes(), yaml.SafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise BuildFailed(f"{file.name}: parsing the configuration: {error}", "mend it in an editor") from error
