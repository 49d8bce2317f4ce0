"""The graph: which notes it holds, which links between them, and what is said of each on its own page."""

from __future__ import annotations

import json
import re
from typing import Any

from carrel.core.note import Visibility
from carrel.publish.edition.network import MAX_AROUND
from carrel.publish.pages.every_file import made_files
from carrel.publish.pages.graph_page import GRAPH_DATA
from tests.publish.support import SAMPLE, edition, pages


def graph(notes: dict[str, str], audience: Visibility = Visibility.PUBLIC) -> dict[str, Any]:
    """The data of the graph."""
    made = edition(notes, audience=audience)
    (content,) = [one.content(made) for one in made_files(made) if one.path == GRAPH_DATA]
    script = re.fullmatch(r"globalThis\.carrelGraph = (.*);\n", content, re.DOTALL)
    assert script
    data: dict[str, Any] = json.loads(script[1])
    return data


def links(notes: dict[str, str], audience: Visibility = Visibility.PUBLIC) -> set[tuple[str, str]]:
    """The links of the graph, as pairs of names of notes; none where there is no graph."""
    if not edition(notes, audience=audience).most_linked(1):
        return set()
    data = graph(notes, audience)
    names = [name for _, name, *_ in data["notes"]]
    return {(names[one], names[other]) for one, others in enumerate(data["links"]) for other in others}


def around(text: str) -> list[tuple[str, str, str, str]]:
    """The kind, linked numbers, address and title of each note around a page."""
    listed = text.partition('<ul class="carrel-around"')[2].partition("</ul>")[0]
    return re.findall(r'<li data-kind="(.*?)" data-links="(.*?)"><a href="(.*?)">(.*?)</a></li>', listed)


def test_the_data_holds_every_visible_note_with_its_place_title_kind_and_tags_and_their_links() -> None:
    data = graph(SAMPLE)
    kinds, tags, folders = (data[name] for name in ("kinds", "tags", "folders"))
    assert [
        (folders[folder], name, title, kinds[kind], [tags[tag] for tag in carried])
        for folder, name, title, kind, carried in data["notes"]
    ] == [
        ("notes/2026", "2026-11-19", "", ["log", "Log"], ["probing"]),
        ("notes/2026", "2026-11-20", "", ["log", "Log"], ["sae"]),
        (
            "notes/experiments",
            "refusal-probes",
            "Refusal probes beat the logit lens",
            ["experiment", "Experiments"],
            ["probing", "sae"],
        ),
        ("papers", "elhage2022toy", "Toy Models of Superposition", ["paper", "Papers"], ["superposition", "sae"]),
    ]
    assert data["links"] == [[2], [3], [3], []]


def test_two_notes_that_link_each_other_often_are_linked_once() -> None:
    notes = {"notes/a.md": "[[b]] and [[b]] and [a](a.md)", "notes/b.md": "[[a]]"}
    assert links(notes) == {("a", "b")}


def test_notes_are_linked_by_what_their_front_matter_relates_and_by_nothing_else_in_it() -> None:
    head = '---\nvisibility: public\nadvances: "[[b]]"\nproject: c\nfunding: "[[d]]"\n---\n'
    notes = {"notes/a.md": head, "notes/b.md": "B", "notes/c.md": "C", "notes/d.md": "D"}
    assert links(notes) == {("a", "b"), ("a", "c")}


def test_what_stands_in_a_comment_links_nothing() -> None:
    notes = {"notes/a.md": "<!-- [[b]] --> %% [[c]] %%", "notes/b.md": "B", "notes/c.md": "C"}
    assert links(notes) == set()


def test_a_hidden_note_is_no_point_and_joins_none() -> None:
    notes = {
        "notes/a.md": "[[hidden]]",
        "notes/b.md": "[[hidden]] [[c]]",
        "notes/c.md": "C",
        "notes/hidden.md": "---\nvisibility: private\n---\n[[a]] [[b]]",
    }
    shown = {path: text for path, text in notes.items() if "hidden" not in path}
    assert links(notes) == {("b", "c")}
    assert links(notes, Visibility.PRIVATE) == {("a", "hidden"), ("b", "hidden"), ("b", "c")}
    assert graph(notes) == graph(shown)


def test_the_page_of_a_note_lists_what_is_linked_with_it_the_newest_first_and_which_of_them_are_linked() -> None:
    page = pages(SAMPLE)["papers/elhage2022toy.md"]
    assert around(page.text) == [
        ("log", "", "../notes/2026/2026-11-20.html", "2026-11-20"),
        ("experiment", "", "../notes/experiments/refusal-probes.html", "Refusal probes beat the logit lens"),
    ]
    linked = {**SAMPLE, "notes/2026/2026-11-20.md": SAMPLE["notes/2026/2026-11-20.md"] + "\nSee [[refusal-probes]].\n"}
    assert [found[1] for found in around(pages(linked)["papers/elhage2022toy.md"].text)] == ["1", ""]


def test_a_page_that_is_linked_with_none_has_no_graph() -> None:
    made = pages({"notes/a.md": "A", "notes/b.md": "[[a]]", "notes/c.md": "alone"})
    assert ["carrel-around" in made[f"notes/{name}.md"].text for name in "abc"] == [True, True, False]
    assert "graph.md" not in pages({"notes/a.md": "alone"})
    assert GRAPH_DATA not in [made.path for made in made_files(edition({"notes/a.md": "alone"}))]


def test_around_a_note_that_everything_links_to_stand_the_newest() -> None:
    days = {
        f"notes/2026-{1 + number // 28:02d}-{1 + number % 28:02d}.md": "[[hub]]" for number in range(MAX_AROUND + 5)
    }
    dated = {path: f"---\nvisibility: public\ndate: {path[6:16]}\n---\n{text}" for path, text in days.items()}
    found = around(pages({**dated, "notes/hub.md": "Hub"})["notes/hub.md"].text)
    assert [title for *_, title in found] == sorted((path[6:16] for path in days), reverse=True)[:MAX_AROUND]


def test_the_graphs_page_names_the_notes_with_the_most_links() -> None:
    page = pages(
        {"notes/a.md": "[[c]]", "notes/b.md": "[[c]]", "notes/c.md": "---\ntitle: Sea & see\nvisibility: public\n---\n"}
    )
    assert re.findall(r'<span class="carrel-when">(\d+)</span> (<a .*?</a>)', page["graph.md"].text) == [
        ("2", '<a href="notes/c.html">Sea &amp; see</a>'),
        ("1", '<a href="notes/a.html">a</a>'),
        ("1", '<a href="notes/b.html">b</a>'),
    ]


def test_a_note_that_is_called_graph_has_another_place() -> None:
    made = pages({"site/pages/about.md": "A", "notes/a.md": "[[graph]]", "graph.md": "not the graph"})
    assert (made["graph.md"].title, made["graph-2.md"].title) == ("Graph", "graph")
