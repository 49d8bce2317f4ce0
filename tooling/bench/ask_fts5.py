"""The least script of click and FTS5 that answers a query with snippets: what a start of `carrel search` is held to."""

import sqlite3

import click


@click.command()
@click.argument("folder")
@click.argument("words", nargs=-1)
def main(folder: str, words: tuple[str, ...]) -> None:
    """The ten best notes."""
    database = sqlite3.connect(f"{folder}/notes.db")
    for path, snippet in database.execute(
        "select path, snippet(notes, 2, '[', ']', '…', 24) from notes where notes match ? order by rank limit 10",
        (" ".join(words),),
    ):
        click.echo(path)
        click.echo(f"    {snippet}")


main()
