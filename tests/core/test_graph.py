"""What links lead to: by path, name, title, alias and citation key; the closest of several; anchors; backlinks."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.graph import LinkGraph, Target
from carrel.core.note import Citation, Link, LinkForm, Note
from carrel.core.parse import parse_note


def notes(**texts: str) -> list[Note]:
    """Notes by path, `__` for a slash: `notes__a="text"` is notes/a.md."""
    return [parse_note(f"{name.replace('__', '/')}.md", text.encode()) for name, text in texts.items()]


def leads(graph: LinkGraph, source: str, written: str) -> Target | None:
    """Where what is written in the note `source` leads."""
    found = parse_note(source, written.encode()).markup
    pointers: list[Link | Citation] = [*found.links, *found.citations]
    return graph.resolve(source, pointers[0])


SOME = notes(
    notes__toys="---\ntitle: Toy models\naliases: [superposition, Toys]\n---\n"
    "# Results\n## Loss (final)\ntext ^claim\n",
    notes__sub__plan="---\ntitle: The plan\n---\n# Week 1\n### Results\n",
    notes__plan="# Another plan\n",
    projects__plan="# A project's plan\n",
    papers__elhage2022toy="---\ncitekey: elhage2022toy\ntitle: Toy Models of Superposition\nkind: paper\n---\n",
    papers__other="---\ncitekey: Olah:2020\nkind: paper\n---\n",
    notes__2026__2026_11_20="---\nkind: log\n---\n## 14:32 Loss spikes\nx\n## 15:00\n",
)
FILES = ("notes/assets/fig 1.png", "papers/files/a.pdf", "notes/sub/fig.png", "projects/fig.png")
GRAPH = LinkGraph(SOME, FILES)


@pytest.mark.parametrize(
    ("source", "written", "path", "slug"),
    [
        ("notes/a.md", "[[toys]]", "notes/toys.md", ""),
        ("notes/a.md", "[[TOYS.md]]", "notes/toys.md", ""),
        ("notes/a.md", "[[toy  models]]", "notes/toys.md", ""),
        ("notes/a.md", "[[Superposition]]", "notes/toys.md", ""),
        ("notes/a.md", "[[notes/toys]]", "notes/toys.md", ""),
        ("notes/a.md", "[[sub/plan]]", "notes/sub/plan.md", ""),
        ("papers/a.md", "[[sub/plan]]", "notes/sub/plan.md", ""),
        ("notes/sub/a.md", "[[../toys]]", "notes/toys.md", ""),
        ("notes/sub/a.md", "[[./plan]]", "notes/sub/plan.md", ""),
        ("notes/sub/a.md", "[[plan]]", "notes/sub/plan.md", ""),
        ("notes/a.md", "[[plan]]", "notes/plan.md", ""),
        ("projects/deep/a.md", "[[plan]]", "projects/plan.md", ""),
        ("papers/a.md", "[[plan]]", "notes/plan.md", ""),
        ("notes/a.md", "[[elhage2022toy]]", "papers/elhage2022toy.md", ""),
        ("notes/a.md", "[[Olah:2020]]", "papers/other.md", ""),
        ("notes/a.md", "[[@Olah:2020]]", "papers/other.md", ""),
        ("notes/a.md", "[@Olah:2020, p. 3]", "papers/other.md", ""),
        ("notes/a.md", "@elhage2022toy", "papers/elhage2022toy.md", ""),
        ("notes/a.md", "[[toys#Results]]", "notes/toys.md", "results"),
        ("notes/a.md", "[[toys#loss  (FINAL)]]", "notes/toys.md", "loss-final"),
        ("notes/a.md", "[[toys#loss-final]]", "notes/toys.md", "loss-final"),
        ("notes/a.md", "[[toys#Results#Loss (final)]]", "notes/toys.md", "loss-final"),
        ("notes/a.md", "[[toys#^claim]]", "notes/toys.md", "^claim"),
        ("notes/toys.md", "[[#Results]]", "notes/toys.md", "results"),
        ("notes/a.md", "[[2026_11_20#14:32]]", "notes/2026/2026_11_20.md", "1432-loss-spikes"),
        ("notes/a.md", "[[2026_11_20#14:32 Loss spikes]]", "notes/2026/2026_11_20.md", "1432-loss-spikes"),
        ("notes/a.md", "[[2026_11_20#15:00]]", "notes/2026/2026_11_20.md", "1500"),
        ("notes/a.md", "[x](toys.md)", "notes/toys.md", ""),
        ("notes/a.md", "[x](toys)", "notes/toys.md", ""),
        ("notes/a.md", "[x](./sub/../toys.md#results)", "notes/toys.md", "results"),
        ("papers/a.md", "[x](../notes/toys.md)", "notes/toys.md", ""),
        ("notes/a.md", "![[fig 1.png]]", "notes/assets/fig 1.png", ""),
        ("notes/a.md", "![x](assets/fig%201.png)", "notes/assets/fig 1.png", ""),
        ("notes/sub/a.md", "![[fig.png]]", "notes/sub/fig.png", ""),
        ("projects/a.md", "![[fig.png]]", "projects/fig.png", ""),
        ("notes/a.md", "[[a.pdf]]", "papers/files/a.pdf", ""),
    ],
)
def test_a_link_leads_where_its_writer_meant(source: str, written: str, path: str, slug: str) -> None:
    assert leads(GRAPH, source, written) == Target(path, slug)


@pytest.mark.parametrize(
    "written",
    ["[[nowhere]]", "[[toys/x]]", "[[../toys]]", "[x](nowhere.md)", "[x](Toy%20models)", "[@nobody]", "[[@nobody]]",
     "[@toys]", "[[#here]]", "![[nothing.png]]", "[x](../../etc/passwd)", "[@OLAH:2020]"],
)  # fmt: skip
def test_what_is_not_there_leads_nowhere(written: str) -> None:
    assert leads(GRAPH, "notes/a.md", written) is None


@pytest.mark.parametrize("fragment", ["No such heading", "^nothing", "14:33"])
def test_a_fragment_that_is_not_there_is_missing_in_its_note(fragment: str) -> None:
    assert leads(GRAPH, "notes/a.md", f"[[toys#{fragment}]]") == Target("notes/toys.md", "", fragment)


def test_a_name_goes_before_a_title_and_a_title_before_an_alias() -> None:
    graph = LinkGraph(
        notes(
            far__one="---\ntitle: x\n---\n",
            near__x="---\ntitle: one\n---\n",
            near__y="---\ntitle: two\naliases: [one, x, three]\n---\n",
        )
    )
    assert [leads(graph, "near/a.md", f"[[{name}]]") for name in ("one", "x", "two", "three")] == [
        Target("far/one.md"), Target("near/x.md"), Target("near/y.md"), Target("near/y.md"),
    ]  # fmt: skip


def test_backlinks_broken_links_and_orphans_are_told() -> None:
    graph = LinkGraph(
        notes(
            a="See [[b]], [[b#Part]], [[b#None]], [x](gone.md)\n[@key] [@nobody] @someone\n",
            b="---\nadvances: '[[a]]'\n---\n# Part\n[[#Part]]\n",
            p="---\ncitekey: key\nkind: paper\n---\n",
            alone="only [[alone]] and [[nowhere]]",
            day="---\nkind: log\n---\n",
        )
    )
    assert [(r.source, r.line, r.written) for r in graph.backlinks("b.md")] == [
        ("a.md", 1, "b"), ("a.md", 1, "b#Part"), ("a.md", 1, "b#None"),
    ]  # fmt: skip
    assert [(r.source, r.line, r.written) for r in graph.backlinks("a.md")] == [("b.md", 2, "a")]
    assert [(r.source, r.written) for r in graph.backlinks("p.md")] == [("a.md", "@key")]
    assert [(r.source, r.line, r.written) for r in graph.broken()] == [
        ("a.md", 1, "b#None"), ("a.md", 1, "gone.md"), ("a.md", 2, "@nobody"), ("alone.md", 1, "nowhere"),
    ]  # fmt: skip
    assert [r.written for r in graph.outgoing("a.md")] == [
        "b", "b#Part", "b#None", "gone.md", "@key", "@nobody", "@someone",
    ]  # fmt: skip
    assert graph.orphans() == ("alone.md",)
    assert graph.outgoing("none.md") == graph.backlinks("none.md") == ()


def test_a_mistyped_name_is_told_what_is_near() -> None:
    assert GRAPH.nearest("toy") == ("toys",)
    assert GRAPH.nearest("anoter plan")[0] == "plan"
    assert GRAPH.nearest("zzzz") == ()


FOLDERS = st.sampled_from(["", "a/", "a/b/", "c/"])
WORDS = st.sampled_from(["x", "X", "y", "é", "e\u0301", "z z"])


@st.composite
def many(draw: st.DrawFn) -> list[Note]:
    paths = draw(st.lists(st.builds("{}{}.md".format, FOLDERS, WORDS), unique=True, min_size=2, max_size=8))
    front = st.builds("---\ntitle: {}\naliases: [{}]\ncitekey: {}\nkind: paper\n---\n".format, WORDS, WORDS, WORDS)
    links = st.lists(st.builds("{}{}{}]] ".format, st.sampled_from(["[[", "![[", "[["]), FOLDERS, WORDS), max_size=4)
    body = st.builds("{}{}\n# {}\n[[#{}]] @{}".format, front, links.map("".join), WORDS, WORDS, WORDS)
    return [parse_note(path, draw(body).encode()) for path in paths]


@settings(max_examples=150)
@given(many(), st.randoms(use_true_random=False))
def test_the_answers_do_not_depend_on_the_order_of_reading(some: list[Note], random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    one, other = LinkGraph(some, ["a/x.png", "x.png"]), LinkGraph(shuffled, ["x.png", "a/x.png"])
    for note in some:
        assert one.outgoing(note.path) == other.outgoing(note.path)
        assert one.backlinks(note.path) == other.backlinks(note.path)
    assert (one.broken(), one.orphans()) == (other.broken(), other.orphans())
    probes: list[Link | Citation] = [
        Link("x"),
        Link("x.png"),
        Link("a/x"),
        Link("y", form=LinkForm.INLINE),
        Citation("x"),
        Link("E\u0301"),
    ]
    for source in ("", "a/q.md", "a/b/q.md", "z/q.md"):
        assert [one.resolve(source, probe) for probe in probes] == [other.resolve(source, probe) for probe in probes]


@settings(max_examples=150)
@given(many())
def test_every_link_that_is_not_broken_leads_to_a_note_that_has_it_as_a_backlink(some: list[Note]) -> None:
    graph = LinkGraph(some)
    paths = {note.path for note in some}
    for note in some:
        for reference in graph.outgoing(note.path):
            if reference.target is not None:
                assert reference.target.path in paths
                if reference.target.path != note.path:
                    assert reference in graph.backlinks(reference.target.path)


def test_obsidian_s_links_lead_where_its_export_leads(data: Path) -> None:
    folder = data / "08-spec-obsidian-export/files"
    compared = 0
    for vault in sorted((folder / "input").iterdir()):
        if vault.name == "single-file":  # exported without the rest of its vault
            continue
        every = [file for file in sorted(vault.rglob("*")) if file.is_file()]
        paths = {file: file.relative_to(vault).as_posix() for file in every}
        read = [parse_note(path, file.read_bytes()) for file, path in paths.items() if file.suffix == ".md"]
        graph = LinkGraph(read, [path for path in paths.values() if not path.endswith(".md")])
        for note in read:
            ours = [
                (target.path, (target.slug or target.missing).removeprefix("^"))
                for reference in graph.outgoing(note.path)
                if isinstance(reference.pointer, Link) and reference.pointer.wiki and not reference.pointer.embed
                if (target := reference.target) is not None
            ]
            exported = folder / "expected" / vault.name / note.path
            if ours and exported.exists():
                written = re.findall(r"(?<!!)\[(?:[^\[\]\\]|\\.)*\]\(([^()]*)\)", exported.read_text("utf-8"))
                theirs = [unquote(link).partition("#")[::2] for link in written]
                folder_of = posixpath.dirname(note.path)
                assert ours == [(posixpath.normpath(posixpath.join(folder_of, path)), slug) for path, slug in theirs]
                compared += len(ours)
    assert compared == 30
