"""Wherever a hidden note can say something, and however it came to be hidden: no byte of it is on a site."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from tests.publish import canaries
from tests.publish.support import knowledge_base, tree

_MARK = re.compile(rb"zq\d{4}qz", re.IGNORECASE)


def found(site: dict[str, bytes]) -> set[str]:
    """The marks on a site, in names and contents, packed ones included."""
    seen: set[bytes] = set()
    for name, content in site.items():
        parts = [name.encode(), content]
        if name.endswith(".gz"):
            parts.append(gzip.decompress(content))
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts += [part for one in archive.namelist() for part in (one.encode(), archive.read(one))]
        seen.update(mark for part in parts for mark in _MARK.findall(part))
    return {mark.decode().lower() for mark in seen}


def test_there_are_forty_places_and_more_and_the_notes_hold_a_mark_in_each() -> None:
    assert len(canaries.PLACES) >= 40
    assert found(canaries.hidden_files()) == set(canaries.marks())


@pytest.mark.parametrize("audience", [Visibility.LAB, Visibility.PUBLIC])
def test_no_mark_is_on_the_site_and_the_site_is_the_same_without_the_hidden_files(
    tmp_path: Path, audience: Visibility
) -> None:
    visible, hidden = canaries.visible_files(), canaries.hidden_files()
    kb = knowledge_base(tmp_path / "kb", {**visible, **hidden})
    with_them = tree(build_site(kb, audience).site_dir)
    assert found(with_them) == set()
    assert "notes/visible.html" in with_them
    for path in hidden:
        (kb.root / path).unlink()
    without = tree(build_site(knowledge_base(kb.root, {}), audience).site_dir)
    assert [path for path in {**with_them, **without} if with_them.get(path) != without.get(path)] == []


def test_its_writer_sees_all_of_it(tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path / "kb", {**canaries.visible_files(), **canaries.hidden_files()})
    shown = found(tree(build_site(kb, Visibility.PRIVATE).site_dir))
    assert len(shown) > len(canaries.marks()) / 2
