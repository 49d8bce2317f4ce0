"""`carrel paper show` and `open`: all that is known of one paper, and the paper itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import echo, emit_one, line, page, shown_path, visible
from carrel.cli.papers.named import complete_paper, named_paper
from carrel.errors import CarrelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.note import Note
    from carrel.core.paper import Paper


@command("show")
@click.argument("key", metavar="KEY", shell_complete=complete_paper)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(app: App, key: str, as_json: bool) -> None:
    """Print what is known of a paper.

    Who wrote it and where it is, when you read it, what you wrote about it, and where you cite it.
    """
    from carrel.core.paper import read_paper
    from carrel.core.reading import sessions

    path = named_paper(app, key)
    note = app.kb.read(path)
    cited = _cited(app, note)
    if as_json:
        from carrel.cli.papers.listing import row

        read = [{"date": one.date, "level": one.level.verb, "minutes": one.minutes} for one in sessions(note)]
        places = [{"path": path, "line": at} for path, at in cited]
        emit_one({**row(note), "read": read, "sections": dict(_written(note)), "cited": places})
        return
    page("\n\n".join(_shown(note, read_paper(note), cited)).split("\n"))


def _cited(app: App, note: Note) -> list[tuple[str, int]]:
    """Path and line of what cites a paper or links to it, a line once.

    Only notes that hold one of its names are read: there may be thousands.
    """
    from carrel.cli.papers.next import texts
    from carrel.core.graph import LinkGraph
    from carrel.core.parse import parse_note
    from carrel.core.queue import key_of

    names = {name.lower() for name in (key_of(note), note.name, note.title, *note.aliases)}
    others = []
    for path, data in texts(app):
        text = data.decode("utf-8", "replace").lower()
        if path != note.path and any(name in text for name in names):
            others.append(parse_note(path, data))
    found = LinkGraph([note, *others]).backlinks(note.path)
    return list(dict.fromkeys((reference.source, reference.line) for reference in found))


def _shown(note: Note, paper: Paper, cited: list[tuple[str, int]]) -> Iterator[str]:
    """What `show` prints, part by part."""
    from carrel.core.reading import grade, reading, sessions

    tags = " ".join(f"#{line(tag)}" for tag in note.tags)
    about = "  ".join(part for part in (shown_path(note.path), tags, note.visibility.value) if part)
    yield f"{click.style(line(paper.title), bold=True)}\n{click.style(about, dim=True)}"
    places = [
        "; ".join(name.display for name in paper.authors),
        ", ".join(part for part in (paper.venue, paper.year) if part),
        *(address for _, address in _addresses(paper)),
    ]
    if any(places):
        yield "\n".join(line(place) for place in places if place)
    state = [f"reading: {reading(note).state}"]
    state += [f"{name} {grade(note, name)}" for name in ("rating", "priority") if grade(note, name)]
    state += [f"project {line(note.project)}"] if note.project else []
    lines = [", ".join(state)]
    for one in sessions(note):
        lines.append(f"  {one.date}  {one.level.verb:<9}" + (f"  {one.minutes} min" if one.minutes else ""))
    yield "\n".join(text.rstrip() for text in lines)
    for heading, text in _written(note):
        yield f"{click.style(line(heading), bold=True)}\n\n{visible(text)}"
    if cited:
        head = click.style(f"Cited in {len({path for path, _ in cited})}", bold=True)
        yield "\n".join([head, "", *(f"  {shown_path(path)}:{at}" for path, at in cited)])


def _written(note: Note) -> Iterator[tuple[str, str]]:
    """Heading and text of each section in which something is written; guidance is not."""
    from carrel.core.summary import without_comments

    tops = [heading for heading in note.markup.headings if heading.level <= 2]
    for number, heading in enumerate(tops):
        end = tops[number + 1].start if number + 1 < len(tops) else len(note.body)
        text = without_comments(note.body[heading.start : end].partition("\n")[2]).strip()
        if text:
            yield heading.text, text


@command("open")
@click.argument("key", metavar="KEY", shell_complete=complete_paper)
@click.option("--pdf", "wanted", flag_value="pdf", help="Its PDF.")
@click.option("--url", "wanted", flag_value="url", help="Its page.")
@click.option("--doi", "wanted", flag_value="doi", help="What its DOI leads to.")
@click.option("--print", "printed", is_flag=True, help="Print where it is; open nothing.")
def open_(app: App, key: str, wanted: str | None, printed: bool) -> None:
    """Open a paper: its PDF if that is here, else its page.

    Prints the address where there is no display to open it on.
    """
    from carrel.core.paper import read_paper
    from carrel.store.pdfs import Pdfs

    path = named_paper(app, key)
    note = app.kb.read(path, head=True)
    paper = read_paper(note)
    here = Pdfs(app.kb).of_note(note)
    known = [("pdf", str(here))] if here else []
    known += _addresses(paper)
    if wanted is None and here is None:
        known.sort(key=lambda one: one[0] == "pdf")  # a page says more than a download does
    place = next((address for kind, address in known if wanted in (None, kind)), None)
    if place is None:
        what = {"pdf": "PDF", "url": "address", "doi": "DOI", None: "PDF or address"}[wanted]
        hint = f"carrel edit {path} --set {wanted or 'url'}={'10.…' if wanted == 'doi' else 'https://…'}"
        raise CarrelError(f"{path}: no {what} is known that can be opened", hint)
    if printed or not _display(app):
        echo(place)
        return
    if click.launch(place):
        raise CarrelError(f"nothing here opens {place}", "--print prints where it is")
    app.remark(f"opened {place}")


def _addresses(paper: Paper) -> list[tuple[str, str]]:
    """Where a paper is on the web, each with what it is; only what a browser opens and nothing else."""
    from carrel.core.paper import bare_doi

    doi = bare_doi(paper.doi)
    known = [
        ("pdf", paper.pdf),
        ("url", paper.url),
        ("url", f"https://arxiv.org/abs/{paper.arxiv}" if paper.arxiv else ""),
        ("pdf", f"https://arxiv.org/pdf/{paper.arxiv}" if paper.arxiv else ""),
        ("doi", f"https://doi.org/{doi}" if doi else ""),
    ]
    return list(dict.fromkeys((kind, address) for kind, address in known if _is_address(address)))


def _is_address(text: str) -> bool:
    """Whether `text` is an address on the web, as it is safe to hand to another program.

    >>> [_is_address(text) for text in ("https://arxiv.org/abs/2209.10652", "javascript:alert(1)", "--help", "http://")]
    [True, False, False, False]
    """
    from urllib.parse import urlsplit

    if not text.isprintable() or any(character in text for character in ' "<>\\^`{|}'):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _display(app: App) -> bool:
    """Whether there is something to open a window on."""
    return sys.platform == "darwin" or any(
        app.environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER")
    )
