"""Seven hundred notes of real text, a tenth of them private with a canary in every field: none of it gets out.

Nor does a mark of any place, whoever builds the site.
"""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.builders.builder_process import BUILDERS
from carrel.store.knowledge_base import KnowledgeBase
from tests.conftest import REPOSITORY
from tests.publish import canaries
from tests.publish.conftest import missing
from tests.publish.support import knowledge_base, tree
from tests.publish.test_places import found

SIZE = 700


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


@pytest.mark.parametrize("builder", sorted(BUILDERS))
def test_no_other_builder_is_shown_a_private_note_and_its_site_is_the_same_without_them(
    builder: str, tmp_path: Path
) -> None:
    if find_spec(builder) is None:
        missing(f"{builder} is not installed: `make setup`")
    hidden = canaries.hidden_files()
    kb = knowledge_base(tmp_path / "kb", {**canaries.visible_files(), **hidden})
    with_them = tree(build_site(kb, Visibility.PUBLIC, builder=builder).site_dir)
    assert found(with_them) == set()
    shown = tree(kb.cache_dir / f"{builder}-public/docs")
    for path in hidden:
        (kb.root / path).unlink()
    without = tree(build_site(knowledge_base(kb.root, {}), Visibility.PUBLIC, builder=builder).site_dir)
    assert [path for path in {**with_them, **without} if with_them.get(path) != without.get(path)] == []
    assert shown == tree(kb.cache_dir / f"{builder}-public/docs")


def _marks(text: bytes) -> set[bytes]:
    words = {word.strip(b'".,[]#') for word in text.split()}
    return {form for word in words if word.startswith(b"CANARY") for form in (word, word.lower())}


def _fingerprints(files: dict[str, bytes]) -> dict[str, str]:
    return {name: sha256(text).hexdigest() for name, text in files.items()}
