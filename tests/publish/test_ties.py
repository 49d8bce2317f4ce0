"""What notes have to do with others, from one edition to the next: only what may be otherwise is worked out again."""

from collections.abc import Iterable

import pytest

from carrel.core.note import Note, Visibility
from carrel.core.parse import parse_note
from carrel.publish.edition.compose import compose
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.known import Known
from carrel.publish.edition.ties import Manner, Pointing

PROBES = "---\ntitle: Probes\n---\nSee [[lens]], [[lens#Setup]] and [@toy].\n"
LENS = "# Lens\n\n## Setup\n"
TOY = "---\nkind: paper\ncitekey: toy\nproject: '[[lens]]'\n---\n![[fig.png]]\n"


def edition(known: Known, texts: dict[str, str], files: Iterable[str] = ()) -> Edition:
    notes: list[Note] = [parse_note(f"notes/{name}.md", text.encode()) for name, text in texts.items()]
    return compose(notes, [], tuple(files), Visibility.PRIVATE, known=known)


def again(known: Known, texts: dict[str, str], files: Iterable[str] = ()) -> set[str]:
    """The notes whose ties another edition works out again; all are as they would be without what is known."""
    before = dict(known.ties)
    ties = edition(known, texts, files).ties
    assert ties == edition(Known(), texts, files).ties
    return {
        path.removeprefix("notes/").removesuffix(".md") for path in ties if known.ties[path] is not before.get(path)
    }


@pytest.fixture
def known() -> Known:
    found = Known()
    assert again(found, {"probes": PROBES, "lens": LENS, "toy": TOY}, ["notes/fig.png"]) == {"probes", "lens", "toy"}
    return found


@pytest.mark.parametrize(
    ("change", "files", "expected"),
    [
        ({}, ["notes/fig.png"], set()),
        ({"lens": LENS + "\nMore words.\n"}, ["notes/fig.png"], {"lens", "probes"}),  # a part of it is named
        ({"probes": PROBES + "\nMore words.\n"}, ["notes/fig.png"], {"probes"}),
        ({"other": "Of no one's business.\n"}, ["notes/fig.png"], {"other"}),
        ({"other": "---\naliases: [lens]\n---\n"}, ["notes/fig.png"], {"other", "probes", "toy"}),
        ({"toy": TOY.replace("citekey: toy", "citekey: moved")}, ["notes/fig.png"], {"toy", "probes"}),
        ({"toy": TOY.replace("kind: paper", "kind: note")}, ["notes/fig.png"], {"toy", "probes"}),
        ({}, [], {"toy"}),
        ({}, ["notes/fig.png", "notes/x/fig.png", "notes/data.csv"], {"toy"}),
    ],
    ids=["nothing", "a part", "words", "another note", "an alias", "a key", "a kind", "a file less", "a file more"],
)
def test_ties_are_worked_out_again_where_a_link_may_lead_elsewhere(
    known: Known, change: dict[str, str], files: list[str], expected: set[str]
) -> None:
    assert again(known, {"probes": PROBES, "lens": LENS, "toy": TOY, **change}, files) == expected


def test_when_a_note_is_gone_those_are_worked_out_again_that_looked_for_its_name(known: Known) -> None:
    assert again(known, {"probes": PROBES, "toy": TOY}, ["notes/fig.png"]) == {"probes", "toy"}
    assert "notes/lens.md" not in known.ties


def test_what_leads_to_a_note_says_where_and_how_it_is_written(known: Known) -> None:
    found = edition(known, {"probes": PROBES, "lens": LENS, "toy": TOY}, ["notes/fig.png"]).pointing("notes/lens.md")
    probes, toy = "notes/probes.md", "notes/toy.md"
    assert found == [
        Pointing(probes, 0, "", "", 4, 4, Manner.LINK, "note", 0),
        Pointing(probes, 1, "setup", "", 4, 14, Manner.LINK, "note", 0),
        Pointing(toy, 0, "", "", 4, 0, Manner.BELONGING, "paper", 0),
    ]
