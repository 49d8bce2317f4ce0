"""How hits and facets are shown: to people, and to programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypedDict

import click

from carrel.cli.output import emit, emit_one, emit_paths, line, page, shown_path, visible
from carrel.errors import UsageError

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.search.explain import Reason, Why
    from carrel.search.facets import Facet
    from carrel.search.index import Hit
    from carrel.search.search import Results

#: So many words of an explanation are shown to people, those that weigh most.
WORDS_EXPLAINED = 6


class Listing(TypedDict):
    """How a listing is printed."""

    limit: int | None
    as_json: bool
    as_jsonl: bool
    null: bool


def for_programs(options: Listing) -> bool:
    """Whether a program reads what is printed."""
    return options["null"] or options["as_json"] or options["as_jsonl"]


def print_for_programs(hits: Sequence[Hit], options: Listing, whys: Sequence[Why] = ()) -> None:
    """Hits as `--json`, `--jsonl` or `-0` promise them; with `whys`, each has a key `why` more."""
    if options["null"]:
        emit_paths(hit.path for hit in hits)
        return
    rows = [_public(hit) for hit in hits]
    for one, why in zip(rows, whys, strict=False):
        one["why"] = why
    emit(rows, "jsonl" if options["as_jsonl"] else "json")


def _public(hit: Hit) -> dict[str, object]:
    """A hit with the keys that `--json` promises."""
    from dataclasses import fields

    return {field.name: getattr(hit, field.name) for field in fields(hit) if field.name != "marks"}


def row(hit: Hit) -> str:
    """A hit on one line of a list."""
    return f"{hit.date or '          '}  {line(hit.kind):<10}  {shown_path(hit.path)}:{hit.line}  {line(hit.title)}"


def print_hits(hits: Sequence[Hit], whys: Sequence[Why] = (), others: int = 0) -> None:
    """Hits for people, each with its snippet and, with `whys`, why it matched; the last `others` lack a word."""
    printed = []
    for number, hit in enumerate(hits):
        if others and number == len(hits) - others:
            printed.append(click.style("— with some of the words —", dim=True))
        place = click.style(f"{shown_path(hit.path)}:{hit.line}", fg="cyan")
        where = line(hit.anchor) if hit.kind == "pdf" else ""
        about = "  ".join(part for part in (hit.date, line(hit.kind), where, line(hit.project)) if part)
        printed.append(f"{place}  {click.style(line(hit.title), bold=True)}  {click.style(about, dim=True)}")
        if hit.snippet:
            printed.append(f"    {_marked(hit)}")
        if whys:
            printed.append(f"    {click.style(explained(hit.score, whys[number]), dim=True)}")
    _print(printed)


def explained(score: float, why: Why) -> str:
    """A score as the sum that it is, and the filters that hold."""
    words = sorted(why.words, key=lambda reason: -reason.score)
    parts = [f"{line(one.asked)} {one.score:.2f}{_where(one)}" for one in words[:WORDS_EXPLAINED]]
    if more := words[WORDS_EXPLAINED:]:
        parts.append(f"{len(more)} more {sum(reason.score for reason in more):.2f}")
    parts += [f"{name} {score:.2f}" for name, score in why.besides.items()]
    total = f"{score:.2f} = {' + '.join(parts)}" if parts else ""
    return "; ".join([part for part in (total, *map(line, why.filters)) if part]) or "everything is asked for"


def _where(one: Reason) -> str:
    """Where a word stands: ` (probed 2×, probes; title; in Results)`."""
    forms = [f"{line(form)} {count}×" if count > 1 else line(form) for form, count in list(one.forms.items())[:3]]
    if len(one.forms) > 3:
        forms.append("…")
    said = [", ".join(forms), "title" if one.title else ""]
    if one.sections:
        said.append(f"in {', '.join(line(section) for section in one.sections[:2])}{' …' if one.sections[2:] else ''}")
    said += [f"{line(field)}:" for field in one.fields]
    told = "; ".join(part for part in said if part)
    return f" ({told})" if told else ""


def print_facets(total: int, found: dict[str, Facet], options: Listing) -> None:
    """Counts of values, each value as the query that narrows to it."""
    from carrel.search.fields import key
    from carrel.search.written import quoted

    if options["null"]:
        raise UsageError("--facets prints counts, no paths", "leave out -0")
    if options["as_jsonl"]:
        emit(
            (
                {"field": name, "value": value, "count": count}
                for name, facet in found.items()
                for value, count in facet.values
            ),
            "jsonl",
        )
        return
    if options["as_json"]:
        shown = {
            name: {"values": [{"value": value, "count": count} for value, count in facet.values], "more": facet.more}
            for name, facet in found.items()
        }
        emit_one({"total": total, "facets": shown})
        return
    counts = [count for facet in found.values() for _, count in facet.values]
    room = max([4, *(len(str(count)) for count in counts)])
    printed: list[str] = []
    for name, facet in found.items():
        printed += [""] if printed else []
        printed += [f"{count:>{room}}  {line(key(name))}:{line(quoted(value))}" for value, count in facet.values]
        if facet.more:
            printed.append(f"{'…':>{room}}  {facet.more} more")
        elif not facet.values:
            printed.append(f"{0:>{room}}  {line(key(name))}:*")
    _print(printed)


def remark_before(app: App, results: Results) -> None:
    """What a person should know before the results."""
    if results.corrections:
        missing, instead = (" or ".join(map(line, words)) for words in zip(*results.corrections.items(), strict=True))
        app.remark(f"no note has {missing}; searching {instead}")
    if results.fell_back:
        app.remark("no note has all of these words; these have some")


def remark_after(app: App, results: Results, *, more: bool) -> None:
    """What a person should know after the results; with `more`, also how many there are beyond them."""
    if not results.hits:
        app.remark("nothing found")
    elif more and results.total > len(results.hits):
        app.remark(f"{len(results.hits)} of {results.total}; -n {results.total} shows all")
    for one in results.suggestions:
        if one.asked not in results.corrections:
            app.remark(f"no note has {one.asked}; did you mean {' or '.join(one.nearest)}?")


def _print(printed: Iterable[str]) -> None:
    if sys.stdout.isatty():
        page(printed)
    else:
        for text in printed:
            click.echo(text)


def _marked(hit: Hit) -> str:
    """The snippet with its matched words set off."""
    parts, position = [], 0
    for start, end in hit.marks:
        parts += [
            visible(hit.snippet[position:start]),
            click.style(visible(hit.snippet[start:end]), fg="yellow", bold=True),
        ]
        position = end
    return "".join([*parts, visible(hit.snippet[position:])])
