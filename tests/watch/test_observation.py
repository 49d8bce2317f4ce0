"""What counts as a change, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from carrel.store.knowledge_base import KnowledgeBase
from carrel.watch.observation import Hint, Observation
from carrel.watch.places import places
from tests.watch.support import until


def test_swap_files_temporary_names_attachments_and_git_are_no_changes(
    kb: KnowledgeBase, write: Callable[[str, str], Path]
) -> None:
    write("notes/a.md", "a probe\n")
    write("notes/.git/HEAD.md", "")
    hints: list[Hint] = []
    observation = Observation(places(kb), kb.cache_dir / "watch", hints.append)
    try:
        names = (
            ".a.md.swp",
            "4913",
            "a.md~",
            ".#a.md",
            "#a.md#",
            ".carrel-0f.tmp",
            "fig.png",
            ".git/x.md",
            ".git/y/z.md",
        )
        for name in names:
            write(f"notes/{name}", "noise").unlink()
        write("notes/.git/HEAD.md", "changed")
        (kb.root / "notes" / "a.md").read_text()
        (kb.root / "notes" / "last").mkdir()  # its notice comes after theirs
        until(lambda: hints)
        assert hints == [Hint.CHANGE]
    finally:
        observation.close()


def test_a_save_through_a_temporary_file_is_a_change(kb: KnowledgeBase, write: Callable[[str, str], Path]) -> None:
    temporary = write("notes/.a.md.tmp", "a probe\n")
    hints: list[Hint] = []
    observation = Observation(places(kb), kb.cache_dir / "watch", hints.append)
    try:
        temporary.rename(kb.root / "notes" / "a.md")
        until(lambda: hints)
        assert set(hints) == {Hint.CHANGE}
    finally:
        observation.close()


def test_a_heartbeat_is_heard_and_is_no_change(kb: KnowledgeBase) -> None:
    hints: list[Hint] = []
    observation = Observation(places(kb), kb.cache_dir / "watch", hints.append)
    try:
        observation.beat()
        until(lambda: hints)
        observation.hear()
        assert set(hints) == {Hint.BEAT}
        assert observation.heard
        assert observation.trouble(0.0) == ""
    finally:
        observation.close()
