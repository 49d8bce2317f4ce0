#!/usr/bin/env python3
"""Measure how well rankings answer: Carrel's engines, SQLite's FTS5 and tantivy, on the same words.

    relevance.py PATH…                  collections of documents, queries and judgements, a folder each (or: the files
                                        of one), in the forms of SMART, TREC or BEIR
    relevance.py --known-item FOLDER…   notes: the words of a title lead to the note, a figure's caption to its entry

Every engine gets the same words of a question (its runs of letters and digits) and answers with documents that have
any of them; Carrel as `carrel search` answers: with those that have all of them first. `any word` is its ranking
without that. `*` marks a figure that is unlikely (p < .05, paired randomisation) to differ from Carrel's by chance.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import known, measures
from bench.collection import Collection, NotACollection, Record, read
from bench.page import put
from bench.rankers import AnyWord, Carrel, Ranker, rankers, words_of

#: How many hits are asked for.
DEPTH = 100
_MEASURES: Mapping[str, Callable[[Sequence[str], Mapping[str, float]], float]] = {
    "nDCG@10": measures.ndcg,
    "MAP": measures.average_precision,
    "recall@100": measures.recall,
}


def judged(collection: Collection, engines: Sequence[Ranker]) -> list[str]:
    """A row for each engine: the mean of each measure over all queries."""
    rows: list[str] = []
    ours: list[float] = []
    for engine in engines:
        engine.index(collection.documents)
        answers = [(engine.ask(_asked(query), DEPTH), collection.judgements[query.identity])
                   for query in collection.queries]  # fmt: skip
        values = {name: [measure(*one) for one in answers] for name, measure in _MEASURES.items()}
        mark = "*" if ours and measures.chance(ours, values["nDCG@10"]) < 0.05 else ""
        ours = ours or values["nDCG@10"]
        cells = [f"{statistics.fmean(each):.4f}" for each in values.values()]
        rows.append(f"| {collection.name} | {engine.name} | {cells[0]}{mark} | {' | '.join(cells[1:])} |")
    return rows


def _asked(query: Record) -> list[str]:
    return words_of(f"{query.title} {query.text}")


def found_again(folder: Path, engines: Sequence[Ranker]) -> list[str]:
    """Rows of how often the note that was meant is the first hit, among the first ten, and its reciprocal rank."""
    items = known.read(folder)
    rows: list[str] = []
    for engine in engines:
        if isinstance(engine, Carrel):
            engine.take(items.notes)
        else:
            engine.index(items.documents)
        for what, wanted in (("title → note", items.titles), ("caption → entry", items.captions)):
            if wanted:
                ranks = [_rank(engine.ask(item.words, 10), item.identity) for item in wanted]
                first, ten = (sum(0 < rank <= most for rank in ranks) / len(ranks) for most in (1, 10))
                mrr = statistics.fmean(1 / rank if rank else 0.0 for rank in ranks)
                rows.append(f"| {what} ({len(wanted)}) | {engine.name} | {first:.3f} | {ten:.3f} | {mrr:.3f} |")
    return sorted(rows, key=lambda row: row.split("|")[1])


def _rank(ranking: Sequence[str], identity: str) -> int:
    return ranking.index(identity) + 1 if identity in ranking else 0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="folders, or the files of one collection")
    parser.add_argument("--known-item", action="store_true", help="the folders hold notes")
    parser.add_argument("--page", type=Path, help="a page with marks, between which the table is put")
    options = parser.parse_args()
    sources: list[list[Path]] = [[one] for one in options.paths]
    if not options.known_item and any(one.is_file() for one in options.paths):
        sources = [options.paths]
    if options.known_item:
        lines = ["| what is typed | engine | success@1 | success@10 | MRR |", "|---|---|---|---|---|"]
    else:
        lines = ["| collection | engine | nDCG@10 | MAP | recall@100 |", "|---|---|---|---|---|"]
    print("\n".join(lines))
    for source in sources:
        with tempfile.TemporaryDirectory(prefix="carrel-relevance-") as folder:
            engines = rankers(Path(folder))
            if options.known_item:
                rows = found_again(source[0], [one for one in engines if not isinstance(one, AnyWord)])
            else:
                try:
                    rows = judged(read(source), engines)
                except NotACollection as error:
                    print(error, file=sys.stderr)
                    return 2
        lines += rows
        print("\n".join(rows), flush=True)
    if options.page:
        put(options.page, "known items" if options.known_item else "relevance", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
