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
from carrel.publish.staging.stage import stage
from tests.publish import canaries, rivals
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


@pytest.mark.parametrize("form", canaries.FORMS)
def test_what_is_hidden_wins_no_name_place_order_or_number_from_what_is_shared(tmp_path: Path, form: str) -> None:
    hidden = rivals.hidden(canaries.FORMS[form])
    if form == "no word on it":  # such a page is meant for the site
        hidden = {path: content for path, content in hidden.items() if not path.startswith("site/")}
    without = stage(knowledge_base(tmp_path / "kb", rivals.shared()), Visibility.PUBLIC, tmp_path / "without")
    kb = knowledge_base(tmp_path / "kb", hidden)
    with_them = stage(kb, Visibility.PUBLIC, tmp_path / "with")
    one, other = tree(tmp_path / "without"), tree(tmp_path / "with")
    assert [path for path in {**one, **other} if one.get(path) != other.get(path)] == []
    assert (with_them.nav, with_them.assets, with_them.files) == (without.nav, without.assets, without.files)
    assert [page.digest for page in with_them.found] == [page.digest for page in without.found]


def test_a_note_that_is_shared_and_hidden_again_leaves_nothing_behind(tmp_path: Path) -> None:
    hidden = rivals.hidden(canaries.FORMS["well-formed"])
    kb = knowledge_base(tmp_path / "kb", {**rivals.shared(), **hidden})
    before = {audience: tree(build_site(kb, audience).site_dir) for audience in (Visibility.PUBLIC, Visibility.LAB)}
    for audience in before:
        knowledge_base(kb.root, {path: text.replace(b"private", audience.encode()) for path, text in hidden.items()})
        assert "papers/smith2022a.html" in tree(build_site(kb, audience).site_dir)
    knowledge_base(kb.root, hidden)
    for audience, site in before.items():
        after = tree(build_site(kb, audience).site_dir)
        assert [path for path in {**site, **after} if site.get(path) != after.get(path)] == []
