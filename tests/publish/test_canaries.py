"""Two thousand notes of real text, a tenth of them private with a canary in every field: none of it gets out."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.store.knowledge_base import KnowledgeBase
from tests.conftest import REPOSITORY

SIZE = 2000


def test_the_labs_site_holds_nothing_private_and_is_the_same_when_the_private_notes_are_gone(tmp_path: Path) -> None:
    real = Path(os.environ.get("CARREL_BENCH", REPOSITORY.parent / "shared" / "bench" / "make_kb.py"))
    maker = real if real.is_file() else REPOSITORY / "tooling" / "bench" / "generate.py"
    root = tmp_path / "kb"
    (root / ".carrel").mkdir(parents=True)
    subprocess.run([sys.executable, maker, root, str(SIZE)], check=True, capture_output=True)
    kb = KnowledgeBase.open(root)
    private = [note.path for note in kb.notes(head=True) if note.visibility is Visibility.PRIVATE]
    assert len(private) > SIZE / 20
    assert all(b"CANARY" in kb.read_bytes(path) for path in private)

    site = build_site(kb, Visibility.LAB).site_dir
    before = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    # A canary is CANARY with six digits, in lower case as a tag; real prose here speaks of canaries too.
    marks = {mark for path in private for mark in _marks(kb.read_bytes(path))}
    leaks = [name for name, text in before.items() if any(mark in name.encode() or mark in text for mark in marks)]
    assert leaks == []
    assert len(before) > SIZE / 2

    for path in private:
        (root / path).unlink()
    after = build_site(KnowledgeBase.open(root), Visibility.LAB).site_dir
    again = {path.relative_to(after).as_posix(): path.read_bytes() for path in after.rglob("*") if path.is_file()}
    assert _fingerprints(again) == _fingerprints(before)


def _marks(text: bytes) -> set[bytes]:
    words = {word.strip(b'".,[]#') for word in text.split()}
    return {form for word in words if word.startswith(b"CANARY") for form in (word, word.lower())}


def _fingerprints(files: dict[str, bytes]) -> dict[str, str]:
    return {name: sha256(text).hexdigest() for name, text in files.items()}
