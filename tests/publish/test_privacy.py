"""What is not shared has no byte on the site: the promise on which everything else rests."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.staging.stage import stage
from carrel.store.knowledge_base import KnowledgeBase
from tests.publish.support import knowledge_base, tree

#: Stands in every field, name and line of what is private, and nowhere else but in links to it.
MARK = "Canary7Q"


def private(number: int, front: str = "visibility: private") -> str:
    return (
        f"---\ntitle: Title {MARK} {number}\n{front}\ntags: [tag-{MARK}]\naliases: [Alias {MARK}]\n"
        f"authors: [Author {MARK}]\nproject: Project {MARK}\nciteykey: x\n---\n"
        f"## 10:00 Entry {MARK}\n\nBody {MARK} #inline{MARK} [[visible]] [label {MARK}](visible.md) [@open2020paper] "
        f"![[fig-{MARK}.png]]\n\n<!-- comment {MARK} -->\n\n`code {MARK}` ^block{MARK}\n"
    )


#: Everything here may be shown to the lab; it mentions the private notes in every way there is.
SHARED = {
    "notes/visible.md": (
        f"---\ntitle: Visible\nvisibility: lab\ntags: [open]\nadvances: '[[{MARK}-note]]'\nproject: '[[{MARK}-note]]'\n"
        f"reviewer: '[[{MARK}-note]]'\n---\n"
        f"[[{MARK}-note]] [[Title {MARK} 1]] [[Alias {MARK}]] [[{MARK}-note#10:00 Entry {MARK}]] "
        f"[[{MARK}-note|the label]] "
        f"[text]({MARK}-note.md) [ref][r] ![[{MARK}-note]] ![[gone-{MARK}.png]] ![alt](gone-{MARK}.png) "
        f"[@{MARK}2020paper, p. 3] and @{MARK}2020paper says\n\n[r]: {MARK}-note.md\n\n"
        f"## On [[{MARK}-note]] and @{MARK}2020paper\n\n<!-- {MARK} --> %%{MARK}%%\n\n"
        f"![[{MARK}-note]]\n\n[[#On {MARK}-note and @{MARK}2020paper]]\n"
    ),
    "notes/2026/2026-11-20.md": (
        f"---\ntitle: 2026-11-20\nkind: log\nvisibility: public\n---\n## 09:00 Read [[{MARK}-note]]\n\nSee [[visible]]"
        f" and [[{MARK}-note]], then [[open2020paper]].\n\n## 10:00 <!-- {MARK} --> Next\n\nText\n\n"
        f"## 11:00\n\n[[{MARK}-note]]\n\n## 12:00\n\nproject:: Title {MARK} 1 #open\n- Project::\tAlias {MARK}\n"
    ),
    "notes/2026/2026-11-19.md": f"---\nvisibility: lab\n---\n# Day of [[{MARK}-note]]\n\nText [[visible]]\n",
    "notes/raw.md": (
        f"---\nvisibility: lab\n---\n<a href='{MARK}-note.md'>raw</a> <img src='gone-{MARK}.png'>\n\n"
        f"<div><a href='{MARK}-note.html'>x</a></div>\n"
    ),
    "notes/bare.md": (
        f"---\nvisibility: lab\nproject: {MARK}-note\nadvances: [Alias {MARK}, visible]\n---\n"
        f"project:: {MARK}-note\n\n![[2026-11-20#12:00]]\n\n  project::  @{MARK}2020paper ^here\n"
    ),
    "notes/titled.md": f'---\ntitle: "About [[{MARK}-note]]"\nvisibility: public\n---\nSee [[visible]].\n',
    "papers/open2020paper.md": (
        "---\ntitle: Open\nkind: paper\ncitekey: open2020paper\nvisibility: public\nyear: 2020\n---\n"
        f"## Opinion\n\nBetter than [@{MARK}2020paper] and [[{MARK}-note]].\n\n## Summary\n\nSee [[visible]]\n"
    ),
    "site/pages/index.md": f"# Home\n\nSee [[{MARK}-note]] and [[visible]].\n",
}
PRIVATE: dict[str, str | bytes] = {
    f"notes/{MARK}-note.md": private(1),
    f"notes/{MARK}/deep.md": private(2),
    f"papers/{MARK}2020paper.md": private(3, f"kind: paper\ncitekey: {MARK}2020paper\nvisibility: private"),
    "notes/2026/2026-11-20.private.md": private(4, "kind: log\ndate: 2026-11-20"),
    "notes/2018/2018-01-01.md": private(5, "kind: log\ndate: 2018-01-01\nvisibility: private"),
    f"notes/broken-{MARK}.md": private(6, "visibility: public\nbad: Foo: bar"),
    f"notes/twice-{MARK}.md": private(7, "visibility: public\nvisibility: lab"),
    f"notes/conflict-{MARK}.md": private(8, "visibility: public") + f"\n<<<<<<< a\n{MARK}\n=======\nb\n>>>>>>> c\n",
    f"notes/latin-{MARK}.md": private(9, "visibility: public").encode() + b"\xe9",
    f"notes/mark-{MARK}.md": b"\xef\xbb\xbf" + private(14).encode(),
    f"notes/case-{MARK}.md": private(15, "Visibility: Private"),
    f"notes/cases-{MARK}.md": private(16, "visibility: public\nVisibility: private"),
    f"notes/shout-{MARK}.md": private(17, "VISIBILITY: PRIVATE\nvisibility: [public]"),
    f"notes/caption-{MARK}.md": private(18) + f'\n![A plot](fig-{MARK}.png "{MARK}")\n\nSaid.[^1]\n\n[^1]: {MARK}\n',
    f"notes/fig-{MARK}.png": b"not a figure " + MARK.encode(),
    # would win over the visible ones, if it had a say
    "notes/2026/visible.md": private(10),
    "notes/2026/open2020paper.md": private(11),
    "site/pages/hidden.md": private(12),
    "site/pages/broken.md": private(13, "bad: Foo: bar"),
}


def leaks(root: Path) -> list[str]:
    """The files whose name or content holds the mark, compressed ones included."""
    found = []
    for path, content in tree(root).items():
        unpacked = gzip.decompress(content) if path.endswith(".gz") else content
        if MARK.lower() in path.lower() or MARK.lower().encode() in unpacked.lower():
            found.append(path)
    return found


def both(tmp_path: Path) -> tuple[KnowledgeBase, KnowledgeBase]:
    """A knowledge base, and a copy without its private files."""
    whole = knowledge_base(tmp_path / "one" / "kb", {**SHARED, **PRIVATE})
    without = knowledge_base(tmp_path / "two" / "kb", SHARED)
    return whole, without


@pytest.mark.parametrize("audience", [Visibility.LAB, Visibility.PUBLIC])
def test_no_name_and_no_byte_of_the_stage_holds_anything_private(tmp_path: Path, audience: Visibility) -> None:
    whole, without = both(tmp_path)
    stage(whole, audience, tmp_path / "stage")
    stage(without, audience, tmp_path / "other")
    assert leaks(tmp_path / "stage") == []
    assert tree(tmp_path / "stage") == tree(tmp_path / "other")


@pytest.mark.parametrize("audience", [Visibility.LAB, Visibility.PUBLIC])
def test_no_name_and_no_byte_of_the_site_holds_anything_private(tmp_path: Path, audience: Visibility) -> None:
    whole, _ = both(tmp_path)
    built = build_site(whole, audience)
    assert leaks(built.site_dir) == []
    assert (built.site_dir / "notes/visible.html").is_file() == (audience is Visibility.LAB)


def test_the_site_is_the_same_byte_for_byte_when_everything_private_is_deleted(tmp_path: Path) -> None:
    whole, _ = both(tmp_path)
    first = tree(build_site(whole, Visibility.LAB).site_dir)
    for path in PRIVATE:
        (whole.root / path).unlink()
    shutil.rmtree(whole.cache_dir)
    again = tree(build_site(KnowledgeBase.open(whole.root), Visibility.LAB).site_dir)
    assert sorted(first) == sorted(again)
    assert [path for path in first if first[path] != again[path]] == []


def test_a_site_that_was_built_for_the_lab_leaves_nothing_in_the_public_one(tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path / "kb", {**SHARED, "notes/lab.md": f"---\nvisibility: lab\n---\nOnly {MARK}\n"})
    build_site(kb, Visibility.LAB)
    assert leaks(build_site(kb, Visibility.PUBLIC).site_dir) == []
