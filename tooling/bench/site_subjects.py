"""The ways to make a site of notes that are compared: what each builds from, with what settings, and what it leaves."""

from __future__ import annotations

import json
import os
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from bench.processes import Cost, cost
from bench.subjects import CARREL
from carrel.core.note import Note

#: What a page of notes needs of Python-Markdown, for the builders that leave the choice.
_EXTENSIONS = [
    "admonition", "footnotes", "tables", "toc", "pymdownx.details", "pymdownx.highlight", "pymdownx.superfences",
    "pymdownx.tasklist", "pymdownx.tilde", {"pymdownx.arithmatex": {"generic": True}},
]  # fmt: skip
_PAGE = "<!doctype html><html><head><title>{{ .Title }}</title></head><body><article>{{ .Content }}</article></body>"
_LIST = _PAGE.replace("{{ .Content }}", '{{ range .Pages }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}')


class Site(ABC):
    """One way to make a site. `setting` says how, and what its pages lack that Carrel's have."""

    name: str
    setting: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    @abstractmethod
    def output(self) -> Path:
        """Where the site is."""

    @abstractmethod
    def forget(self) -> None:
        """Remove the site, and what is remembered of it."""

    @abstractmethod
    def build(self) -> Cost:
        """Build it, from nothing or with what is there."""

    @abstractmethod
    def place(self, note: str) -> Path:
        """The file that a note of the knowledge base is built from."""

    def size(self) -> float:
        """Megabytes of the site."""
        return sum(place.stat().st_size for place in self.output.rglob("*") if place.is_file()) / 1e6


class Carrel(Site):
    """`carrel build` of the knowledge base, private notes and all."""

    name = "Carrel"
    setting = (
        "`carrel build --audience lab`: it also reads the private notes, leaves them out and looks through the site "
        "for them; links, citations, backlinks, lists, tags, search, policy."
    )

    @property
    def output(self) -> Path:
        return self.folder / "site/public"

    def forget(self) -> None:
        shutil.rmtree(self.output, ignore_errors=True)
        shutil.rmtree(self._cache, ignore_errors=True)

    @property
    def _cache(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-cache")

    def build(self) -> Cost:
        environment = {**os.environ, "XDG_CACHE_HOME": str(self._cache)}
        return cost([CARREL, "build", "--audience", "lab"], self.folder, environment)[0]

    def place(self, note: str) -> Path:
        return self.folder / note


class Plain(Site):
    """A builder on a folder of Markdown: each note's text as it was written, its title, day and tags in front."""

    source, first = "docs", "index.md"

    @property
    def output(self) -> Path:
        return self.folder / "site"

    def forget(self) -> None:
        shutil.rmtree(self.output, ignore_errors=True)
        shutil.rmtree(self.folder / ".cache", ignore_errors=True)

    def place(self, note: str) -> Path:
        return self.folder / self.source / note

    def fill(self, notes: Iterable[Note]) -> None:
        """Write the folder. The first page links to every note: nothing else would."""
        links = []
        for note in notes:
            front = {"title": note.title, "date": str(note.date or "2026-01-01"), "tags": list(note.tags)}
            place = self.place(note.path)
            place.parent.mkdir(parents=True, exist_ok=True)
            lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in front.items())
            place.write_text(f"---\n{lines}---\n{note.body}", "utf-8", "replace")
            links.append(f"- [{note.name}](<{note.path}>)\n")
        self.place(self.first).write_text("# Notes\n\n" + "".join(links), "utf-8")
        for name, text in self.files().items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, "utf-8")

    @abstractmethod
    def files(self) -> Mapping[str, str]:
        """The builder's own files: settings, templates."""


class _Documentation(Plain):
    """MkDocs and its kin."""

    program: tuple[str, ...]
    nav: object = None

    def files(self) -> Mapping[str, str]:
        settings = {
            "site_name": "Notes",
            "use_directory_urls": False,
            "theme": {"name": "material", "font": False},
            "plugins": ["search"],
            "markdown_extensions": _EXTENSIONS,
            **({"nav": self.nav} if self.nav else {}),
        }
        return {"mkdocs.yml": json.dumps(settings)}  # which is YAML

    def build(self) -> Cost:
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        return cost([sys.executable, "-m", *self.program], self.folder, environment)[0]


class Material(_Documentation):
    """Plain MkDocs Material, with all notes in its navigation, as it is without further settings."""

    name = "Material"
    program = ("mkdocs", "build", "-q")
    setting = "MkDocs with Material, its search and default navigation. Links by name and citations are text."


class MaterialApart(Material):
    """The same with the notes out of the navigation."""

    name = "Material, short nav"
    nav = ({"Home": "index.md"},)
    setting = "the same with one page in the navigation, which is what lets it build thousands."


class Zensical(_Documentation):
    """Zensical, as it is without further settings."""

    name = "Zensical"
    program = ("zensical", "build")
    setting = "Zensical on the same folder and settings; it keeps a cache. Links by name and citations are text."


class ZensicalApart(Zensical):
    """The same with the notes out of the navigation."""

    name = "Zensical, short nav"
    nav = ({"Home": "index.md"},)
    setting = "the same with one page in the navigation."


class Hugo(Plain):
    """Hugo with two templates of a line each."""

    name = "Hugo"
    source, first = "content", "_index.md"
    setting = (
        "Hugo with two templates of a line each: no theme, no search, no table of contents, no mathematics; "
        "links by name and citations are text. What it costs to write the files."
    )

    @property
    def output(self) -> Path:
        return self.folder / "public"

    def files(self) -> Mapping[str, str]:
        settings = {"baseURL": "https://notes.example/", "title": "Notes", "buildFuture": True}
        templates = {"layouts/_default/single.html": _PAGE, "layouts/_default/list.html": _LIST}
        return {"config.json": json.dumps(settings), **templates}

    def build(self) -> Cost:
        return cost(["hugo", "--quiet", "--cleanDestinationDir"], self.folder, os.environ)[0]


#: Notes up to which builders are tried with all of them in the navigation, whose cost grows with their square.
NAVIGABLE = 1000


def sites(kb: Path, folder: Path, notes: list[Note]) -> Iterator[Site]:
    """Those that are installed, ready to build `notes`, which lie in `kb`."""
    yield Carrel(kb)
    wide = len(notes) <= NAVIGABLE
    found: list[type[Plain]] = [*([Material] if wide else []), MaterialApart]
    if find_spec("zensical") is not None:
        found += [*([Zensical] if wide else []), ZensicalApart]
    if shutil.which("hugo"):
        found.append(Hugo)
    for kind in found:
        site = kind(folder / kind.__name__)
        site.fill(notes)
        yield site
