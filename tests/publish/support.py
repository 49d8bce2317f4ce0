"""Small knowledge bases for the publisher's tests, and what a test wants to know of them."""

from __future__ import annotations

import time
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.note import Note, Visibility
from carrel.core.parse import parse_note
from carrel.metadata.style import Style
from carrel.publish.edition.compose import compose
from carrel.publish.edition.edition import Edition
from carrel.publish.pages.layout import LaidPage, note_tasks, other_tasks
from carrel.publish.staging.reading import Reading
from carrel.publish.staging.reads import Reads
from carrel.publish.text.passage import Findings, Passage
from carrel.publish.text.rewrite import Rewriter
from carrel.store.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from playwright.sync_api import Page


def note(path: str, text: str, visibility: str = "public") -> Note:
    """A note of `text`, which gets a `visibility` line when it has no front matter of its own."""
    if not text.startswith("---"):
        text = f"---\nvisibility: {visibility}\n---\n{text}"
    return parse_note(path, text.encode())


def edition(
    notes: Mapping[str, str],
    files: Collection[str] = (),
    audience: Visibility = Visibility.PUBLIC,
    style: Style | None = None,
) -> Edition:
    """What `audience` may see of these notes."""
    pages = [note(path, text) for path, text in notes.items() if path.startswith("site/pages/")]
    others = [note(path, text) for path, text in notes.items() if not path.startswith("site/pages/")]
    return compose(others, pages, files, audience, style=style)


def rewritten(
    body: str,
    others: Mapping[str, str] | None = None,
    files: Collection[str] = (),
    audience: str = "public",
    style: Style | None = None,
) -> tuple[str, list[str]]:
    """The body of notes/here.md on its page, and its links that lead nowhere."""
    made = edition({"notes/here.md": body, **(others or {})}, files, Visibility(audience), style)
    findings = Findings()
    text = Rewriter(Passage(made, made.by_path["notes/here.md"], "notes/here.md", findings)).text()
    return text, [str(one) for one in findings.unresolved]


def lay_out(edition: Edition) -> tuple[dict[str, LaidPage], Findings]:
    """Every page of an edition, by its path in the stage, and what was found on the way."""
    findings = Findings()
    reads = Reads()
    reads.ask_again(edition)
    reading = Reading(edition, reads)
    tasks = (*note_tasks(edition), *other_tasks(edition))
    return {task.path: task.lay(reading, findings) for task in tasks}, findings


def pages(notes: Mapping[str, str], audience: str = "public", style: Style | None = None) -> dict[str, LaidPage]:
    """Every page of an edition, by its path in the stage."""
    return lay_out(edition(notes, audience=Visibility(audience), style=style))[0]


def knowledge_base(root: Path, files: Mapping[str, str | bytes]) -> KnowledgeBase:
    """A knowledge base on disk that holds `files`."""
    for path, content in {".carrel/.keep": "", "notes/.keep": "", "papers/.keep": "", **files}.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return KnowledgeBase.open(root)


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def png(*extra: tuple[bytes, bytes]) -> bytes:
    """A picture of one black pixel, with `extra` chunks in it."""
    header, pixel = b"\0\0\0\1\0\0\0\1\x08\0\0\0\0", zlib.compress(b"\0\0")
    chunks = ((b"IHDR", header), *extra, (b"IDAT", pixel), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in chunks)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below `root`, by its path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


#: A small knowledge base with one of everything that a site shows.
SAMPLE: dict[str, str] = {
    "notes/2026/2026-11-19.md": (
        "---\ntitle: 2026-11-19\nkind: log\ndate: 2026-11-19\nvisibility: public\ntags: [probing]\n---\n"
        "## 09:05 Probes on the held-out set\n\nBetter than the lens, see [[refusal-probes]]. #probing\n"
    ),
    "notes/2026/2026-11-20.md": (
        "---\ntitle: 2026-11-20\nkind: log\ndate: 2026-11-20\nvisibility: public\ntags: [sae]\nproject: probes\n---\n"
        "## 14:32 Loss spikes again\n\nAs in [@elhage2022toy, p. 3], superposition. #sae\n\n"
        "```python\nloss.backward()\n```\n\n"
        "## 16:10 Zebrafish detour\n\nNothing to do with [[secret-plan]] or [[secret-plan|the plan]].\n"
    ),
    "notes/experiments/refusal-probes.md": (
        "---\ntitle: Refusal probes beat the logit lens\nkind: experiment\ndate: 2026-11-18\nvisibility: public\n"
        "state: running\ntags: [probing, sae]\n---\n"
        "## Hypothesis\n\nLinear probes find refusal earlier than [@elhage2022toy] would say.\n\n"
        "| layer | accuracy |\n|------:|----------|\n| 12 | 0.91 |\n\n"
        "- first\n  - nested\n- second\n\n![[curve.png]]\n"
    ),
    "papers/elhage2022toy.md": (
        "---\ntitle: Toy Models of Superposition\nkind: paper\ncitekey: elhage2022toy\nvisibility: public\n"
        'authors: [Nelson Elhage, Tristan Hume, Catherine Olsson]\nyear: 2022\narxiv: "2209.10652"\n'
        "date: 2026-11-17\nreading: summarised\nrating: 5\ntags: [superposition, sae]\n---\n"
        "## TL;DR\n\nFeatures share neurons when they are sparse.\n\n## Opinion\n\nThe clearest toy there is.\n"
    ),
    "notes/secret-plan.md": (
        "---\ntitle: The secret plan\nvisibility: private\ntags: [hush]\n---\nLinks to [[refusal-probes]].\n"
    ),
    "site/pages/index.md": "# Our lab\n\nWelcome. Read [how it works](about/this.md) first.\n",
    "site/pages/about/this.md": "# How it works\n\nPlain notes. See [[elhage2022toy]].\n",
}


def wait_until(page: Page, expression: str, argument: object = None) -> None:
    """Wait until a JavaScript expression holds, 20 s at most.

    Playwright's own `wait_for_function` has the page evaluate a text, which the site's policy forbids.
    """
    end = time.monotonic() + 20
    while not page.evaluate(expression, argument):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)
