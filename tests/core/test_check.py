"""What is wrong with notes, told once, by path and line."""

from __future__ import annotations

import pytest

from carrel.core.check import check_notes
from carrel.core.note import Note
from carrel.core.parse import parse_note


def test_every_problem_is_told_by_path_and_line() -> None:
    texts = {
        "notes/b.md": "---\ndate: 2026-02-30\n---\n"
        "[[a]] [[gone]] [[a#Part]] [[a#^b1]] [@key] [@nobody, p. 3] @person\n[x](no.md)\n",
        "notes/a.md": "# One\n",
        "notes/A.md": "",
        "papers/one.md": "---\ncitekey: key\nkind: paper\n---\n![[fig.png]] ![[none.png]]\n",
        "papers/two.md": "---\ncitekey: key\nkind: paper\n---\n",
    }
    notes = [parse_note(path, text.encode()) for path, text in texts.items()]
    expected = [
        "notes/a.md:1: differs from notes/A.md only in case or accents' encoding [twin]",
        "notes/b.md:2: date: there is no such day [bad-date]",
        "notes/b.md:4: [[a#Part]]: notes/a.md has no heading of that name [broken-anchor]",
        "notes/b.md:4: [[a#^b1]]: notes/a.md has no block of that name [broken-anchor]",
        "notes/b.md:4: [@nobody] is no paper here [broken-citation]",
        "notes/b.md:4: [[gone]] leads nowhere [broken-link]",
        "notes/b.md:5: (no.md) leads nowhere [broken-link]",
        "papers/one.md:5: [[none.png]] leads nowhere [broken-link]",
        "papers/two.md:1: has the citation key key of papers/one.md [same-citekey]",
    ]
    assert [str(problem) for problem in check_notes(notes, ["papers/fig.png"])] == expected
    assert [str(problem) for problem in check_notes(reversed(notes), ["papers/fig.png"])] == expected


def test_what_is_for_its_writers_eyes_alone_may_be_on_another_machine() -> None:
    text = "[o](../assets/o.private.txt) [[2026-11-20.private]] [[a.private.md]] [[b.private#Part]] [x](y.private/z)"
    notes = [parse_note("notes/2026/a.md", text.encode()), parse_note("notes/b.private.md", b"Text.\n")]
    assert [str(problem) for problem in check_notes(notes)] == [
        "notes/2026/a.md:1: [[b.private#Part]]: notes/b.private.md has no heading of that name [broken-anchor]",
        "notes/2026/a.md:1: (y.private/z) leads nowhere [broken-link]",
    ]


def paper(path: str, title: str, fields: str) -> Note:
    return parse_note(path, f'---\nkind: paper\ntitle: "{title}"\n{fields}\n---\n'.encode())


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("authors: [Nelson Elhage]\nyear: 2022", "authors: [N. Elhage, Chris Olah]\nyear: 2023", True),
        ("authors: [Laurens van der Maaten]", "authors: [Laurens Maaten]", True),
        ("authors: [Nelson Elhage]", "authors: [Chris Olah]", False),
        ("authors: [Nelson Elhage]", "", True),
        ("", "", True),
        ("authors: [A. Ed]\nyear: 2019\ndoi: 10.1000/1", "authors: [A. Ed]\nyear: 2020\ndoi: 10.1000/2", False),
        ("authors: [A. Ed]\nyear: 2020\ndoi: 10.1000/1", "authors: [A. Ed]\nyear: 2020\ndoi: 10.1000/2", True),
        ("authors: [A. Ed]\nyear: 2019\ndoi: 10.48550/arXiv.1901.00001", "year: 2020\ndoi: 10.1000/2", True),
        ("year: 2019\ndoi: 10.1000/1", "year: 2020", True),
        ("venue: TUGboat\nvolume: 2\nnumber: 2", "venue: TUGboat\nvolume: 2\nnumber: 3", False),
        ("venue: TUGboat\nvolume: 2\nnumber: 2", "venue: TUGboat\nvolume: 2", True),
        ("venue: arXiv", "venue: TUGboat\nvolume: 2\nnumber: 2", True),
    ],
)
def test_a_paper_that_is_here_twice_is_told(one: str, other: str, told: bool) -> None:
    notes = [paper("papers/a.md", "Toy Models", one), paper("papers/b.md", "Toy {models}", other)]
    found = ["papers/b.md:1: has title and author of papers/a.md: the same paper? [same-title]"] if told else []
    assert [str(problem) for problem in check_notes(notes)] == found
    assert [str(problem) for problem in check_notes(reversed(notes))] == found


def test_a_title_of_nothing_and_what_is_no_paper_are_nobodys_twins() -> None:
    note = parse_note("notes/c.md", b"---\ntitle: Toy\n---\n")
    assert check_notes([paper("papers/a.md", "?", ""), paper("papers/b.md", "!", ""), note]) == []
    assert check_notes([paper("papers/a.md", "Toy", ""), note]) == []


def test_each_copy_names_the_first_one() -> None:
    notes = [paper(f"papers/{name}.md", "Toy", "") for name in "bca"]
    assert [(problem.path, "papers/a.md" in problem.message) for problem in check_notes(notes)] == [
        ("papers/b.md", True),
        ("papers/c.md", True),
    ]


def test_of_notes_with_nothing_wrong_nothing_is_told() -> None:
    assert check_notes([parse_note("notes/a.md", b"# A\n[[#A]]\n"), parse_note("notes/b.md", b"[[a]]")]) == []


def test_what_builds_on_a_paper_that_was_only_skimmed_is_told_once_for_each_paper() -> None:
    cites = "\n[@skimmed] [@skimmed, p. 3] @queued [@read] [@untold] [[skimmed]]\n"
    texts = {
        "notes/experiments/probe.md": f"---\nkind: experiment\n---{cites}",
        "notes/plain.md": cites,
        "notes/ideas/i.md": f"---\nkind: idea\n---{cites}",
        "notes/2026/2026-11-20.md": cites,
        "papers/skimmed.md": "---\nkind: paper\nreading: skimmed\n---\n[@skimmed]",
        "papers/queued.md": f"---\nkind: paper\nreading: queued\n---{cites}",
        "papers/read.md": "---\nkind: paper\nreading: summarised\n---\n",
        "papers/untold.md": "---\nkind: paper\n---\n",
    }
    notes = [parse_note(path, text.encode()) for path, text in texts.items()]
    assert [str(problem) for problem in check_notes(notes)] == [
        "notes/experiments/probe.md:4: [@skimmed] is cited here and only skimmed [cited-skimmed]",
        "notes/experiments/probe.md:4: [@queued] is cited here and still in the queue [cited-skimmed]",
        "notes/plain.md:2: [@skimmed] is cited here and only skimmed [cited-skimmed]",
        "notes/plain.md:2: [@queued] is cited here and still in the queue [cited-skimmed]",
    ]


def test_what_a_paper_says_of_its_reading_must_be_understood() -> None:
    text = b"---\nkind: paper\nreading: skimed\nsessions: [{date: today, level: skim}]\n---\n"
    notes = [parse_note("papers/a.md", text), parse_note("notes/b.md", text.replace(b"paper", b"note"))]
    assert [str(problem) for problem in check_notes(notes)] == [
        "papers/a.md:1: reading: 'skimed' is no level; did you mean skimmed? [bad-reading]",
        "papers/a.md:1: sessions: number 1: there is no day 'today' [bad-session]",
    ]


def test_a_digest_that_repeats_what_its_readers_may_not_see_any_more_is_told() -> None:
    part = "[Probe](../e.md): refuted [again](../e.md) [Lab](../l.md)\n"
    digest = "---\nkind: digest\nvisibility: {}\n---\nMine, after [it](../e.md)\n\n"
    digest += "<!-- carrel:digest notes/e.md 01234567 -->\n"
    rest = {
        "notes/e.md": "---\nvisibility: private\n---\nProbe\n",
        "notes/l.md": "---\nvisibility: lab\n---\nLab\n",
    }

    def told(visibility: str) -> list[str]:
        texts = {"notes/digests/d.md": digest.format(visibility) + part + "<!-- /carrel:digest -->\n", **rest}
        return [str(one) for one in check_notes([parse_note(path, text.encode()) for path, text in texts.items()])]

    said = "notes/digests/d.md:8: repeats what notes/{} says, which is {} now: run `carrel digest` again [withdrawn]"
    assert told("public") == [said.format("e.md", "private"), said.format("l.md", "lab")]
    assert told("lab") == [said.format("e.md", "private")]
    assert told("private") == []
