#!/usr/bin/env python3
"""One engine of the comparison as a program: the small script of click and an engine that its users would write.

    engine.py ENGINE INDEX index NOTES       engine.py ENGINE INDEX query WORDS...
    engine.py ENGINE INDEX change NOTES PATH...

and, inside one process, `warm QUERIES`, `burst NOTES` and `saves NOTES QUERIES`, which print milliseconds or seconds.
"""

from __future__ import annotations

from pathlib import Path

import click

from bench.engines import ENGINES, Engine


@click.group()
@click.argument("name", type=click.Choice([*ENGINES, "carrel"]))
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_context
def main(context: click.Context, name: str, folder: Path) -> None:
    """Index notes and ask for them with one engine."""
    if name == "carrel":
        from bench.inside import Inside

        context.obj = Inside(folder)
    else:
        context.obj = ENGINES[name](folder)


@main.command()
@click.argument("notes", type=click.Path(path_type=Path))
@click.pass_obj
def index(engine: Engine, notes: Path) -> None:
    """A first index."""
    from bench.notes import paths, read

    engine.write(read(notes, paths(notes)), new=True)


@main.command()
@click.argument("notes", type=click.Path(path_type=Path))
@click.argument("changed", nargs=-1)
@click.pass_obj
def change(engine: Engine, notes: Path, changed: tuple[str, ...]) -> None:
    """Take in notes that changed."""
    from bench.notes import read

    engine.write(read(notes, changed), new=False)


@main.command()
@click.argument("words", nargs=-1)
@click.pass_obj
def query(engine: Engine, words: tuple[str, ...]) -> None:
    """The ten best notes, each with a snippet."""
    for path, snippet in engine.ask(" ".join(words)):
        click.echo(path)
        click.echo(f"    {snippet}")


@main.command()
@click.argument("queries")
@click.pass_obj
def warm(engine: Engine, queries: str) -> None:
    """Milliseconds of each query, after one round that is not counted."""
    from bench.timing import warm as timed

    click.echo(" ".join(f"{value:.4f}" for value in timed(engine, queries.split(","))))


@main.command()
@click.argument("notes", type=click.Path(path_type=Path))
@click.argument("count", type=int)
@click.pass_obj
def burst(engine: Engine, notes: Path, count: int) -> None:
    """Seconds to take in that many changed notes at once."""
    from bench.timing import burst as timed

    click.echo(f"{timed(engine, notes, count):.4f}")


@main.command()
@click.argument("notes", type=click.Path(path_type=Path))
@click.argument("count", type=int)
@click.argument("queries")
@click.pass_obj
def saves(engine: Engine, notes: Path, count: int, queries: str) -> None:
    """Milliseconds of each single save, then of each query after them."""
    from bench.timing import saves as timed

    for values in timed(engine, notes, count, queries.split(",")):
        click.echo(" ".join(f"{value:.4f}" for value in values))


if __name__ == "__main__":
    main()
