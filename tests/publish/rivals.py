"""Notes that quarrel over a name, a place, an order or a number; some are shared, the others hidden.

Where a hidden note won something of another one, be it a letter behind a year, a site of the shared ones alone would
be another one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

_WITHIN = "project: proj\nadvances: '[[q1]]'\nsupersedes: '[[b]]'\ndate: 2026-11-20\n"
_TAGS = "tags: [SAE, C, c++, method, Method/X]\n"
_PREDICTION = "- [ ] p=0.7 by 2026-12-01: it holds ^p-aaaa\n"
#: What is shared: each front matter and body. Every name in it is also one of a hidden note's.
SHARED: Mapping[str, tuple[str, str]] = {
    "notes/a.md": (
        f"title: Alpha\naliases: [Other, old/path.md]\ntags: [Sae, c, method/x]\nauthors: [Ada B]\n{_WITHIN}",
        f"See [[b]] [[Beta]] [[dup]] [[Other]] [[bee]] [@smith2022] [@smith2022b].\n\n{_PREDICTION}",
    ),
    "notes/b.md": (
        "title: Beta\naliases: [bee]\ntags: [sae]\nauthors: [Cy D]\ndate: 2026-11-20\n",
        "See [[a]].\n\n```carrel\nkind:note sort:modified\n```\n",
    ),
    "notes/x/dup.md": ("title: Dup\n", "To [[z/dup]].\n"),
    "notes/y/dup.md": ("title: Another dup\n", "Text.\n"),
    "notes/proj.md": ("title: Proj\nkind: project\n", "## Goal\n\nTo know.\n"),
    "notes/q1.md": ("title: Why\nkind: question\nproject: proj\n", "## Question\n\nWhy?\n"),
    "notes/2026/2026-11-20.md": (
        "title: 2026-11-20\nkind: log\ndate: 2026-11-20\nauthors: [Ada B]\n",
        "## 10:00 One\n\nOf [[a]]. #sae\n\nproject:: proj\n\n## 10:00 One\n\nAgain.\n",
    ),
    "papers/smith2022.md": ("title: First\nkind: paper\ncitekey: smith2022\nyear: 2022\nauthors: [Jo Smith]\n", "x\n"),
    "papers/smith2022b.md": ("title: Next\nkind: paper\ncitekey: smith2022b\nyear: 2023\nauthors: [Jo Smith]\n", "x\n"),
}
_ENTRY = "## 10:00 One\n\nOf [[a]]. #sae\n\nproject:: proj\n\n## 23:00 Late\n\nOf [[b]].\n"
_SMITH = "kind: paper\nyear: 2022\nauthors: [Jo Smith]\n"
#: Where other notes and pages made from them stand.
_PLACES = (
    "papers.md", "graph.md", "people.md", "tags/sae.md", "tags/sae/2026.md", "people/ada-b.md", "old/path.md",
    "notes/other.md", "notes/bee.md", "timeline/2026.md", "site/pages/papers.md", "site/pages/index.md",
)  # fmt: skip
#: What is hidden.
HIDDEN: Mapping[str, tuple[str, str]] = {
    "notes/0.md": (
        f"title: Alpha\naliases: [Other, bee, old/path.md, notes/a.md, q1]\n{_TAGS}authors: [Zed Q, ada b]\n{_WITHIN}",
        f"[[a]] [[b]] [@smith2022]\n\n{_PREDICTION}- [ ] p=0.2 by 2026-11-25: it fails ^p-bbbb\n",
    ),
    "notes/0b.md": ("title: Beta\nkind: experiment\nstate: running\nproject: proj\ndate: 2027-02-03\n", "[[q1]]\n"),
    "notes/dup.md": ("title: Dup\n", "[[x/dup]]\n"),
    "notes/z/dup.md": ("title: Dup\n", "[[x/dup]]\n"),
    "notes/2026/2026-11-20-zed.md": ("kind: log\ndate: 2026-11-20\nauthors: [Zed Q]\n", _ENTRY),
    "notes/2026/2026-11-19.md": ("kind: log\ndate: 2026-11-19\nauthors: [Ada B]\n", _ENTRY),
    "notes/2027/2027-01-01.md": ("kind: log\ndate: 2027-01-01\nauthors: [Zed Q]\n", _ENTRY),
    "papers/smith2022a.md": (f"title: A\ncitekey: smith2022a\nrating: 5\nreading: summarised\n{_SMITH}", "x\n"),
    "papers/a/smith2022.md": (f"title: B\ncitekey: smith2022\nvenue: V\n{_SMITH}", "x\n"),
    **dict.fromkeys(_PLACES, ("title: In its place\n", "x\n")),
}


def shared() -> dict[str, bytes]:
    """The shared notes."""
    return {path: f"---\nvisibility: public\n{front}---\n{body}".encode() for path, (front, body) in SHARED.items()}


def hidden(form: Callable[[str, str], bytes]) -> dict[str, bytes]:
    """The hidden notes, in one of the ways in which notes come to be hidden."""
    return {path: form(front, body) for path, (front, body) in HIDDEN.items()}
