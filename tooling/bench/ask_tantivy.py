"""The least script of click and tantivy that answers a query with snippets."""

import click
import tantivy


@click.command()
@click.argument("folder")
@click.argument("words", nargs=-1)
def main(folder: str, words: tuple[str, ...]) -> None:
    """The ten best notes."""
    index = tantivy.Index.open(folder)
    searcher = index.searcher()
    query = index.parse_query(" ".join(f"+{word}" for word in words), ["title", "body"])
    snippets = tantivy.SnippetGenerator.create(searcher, query, index.schema, "body")
    for _, address in searcher.search(query, 10).hits:
        note = searcher.doc(address)
        click.echo(note["path"][0])
        click.echo(f"    {snippets.snippet_from_doc(note).to_html()}")


main()
