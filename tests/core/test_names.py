"""Names: what may be a file's name everywhere, and when two names are one."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carrel.core.names import MAX_STEM_BYTES, attachment_names, fold, heading_slug, slugify, stays_private
from carrel.store.knowledge_base import KnowledgeBase


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Does SAE-7B beat the logit lens?", "does-sae-7b-beat-the-logit-lens"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\windows", "windows"),
        (" . leading and trailing . ", "leading-and-trailing"),
        ('a/b:c*d?e"f<g>h|i', "a-b-c-d-e-f-g-h-i"),
        ("Überblick — 概要 № 5", "überblick-概要-5"),
        ("Cafe\u0301", "café"),
        ("NUL", "nul-note"),
        ("con", "con-note"),
        ("Com1", "com1-note"),
        ("LPT²", "lpt²-note"),
        ("console", "console"),
        ("_private_", "private"),
        ("-rf", "rf"),
        ("a\nb\tc\0d\x1b[31m", "a-b-c-d-31m"),
        ("???", ""),
        ("", ""),
    ],
)
def test_a_title_becomes_a_name_that_is_legal_everywhere(title: str, stem: str) -> None:
    assert slugify(title) == stem


def test_a_long_title_is_cut_between_words() -> None:
    assert slugify("a considerable number of words " * 9) == (
        "a-considerable-number-of-words-a-considerable-number-of-words-a-considerable-number-of-words-a"
    )
    assert slugify("x" * 1000) == "x" * MAX_STEM_BYTES
    assert slugify("概" * 1000) == "概" * (MAX_STEM_BYTES // 3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Toy Models", "toy  models "),
        ("R\u00e9sum\u00e9", "re\u0301sume\u0301"),
        ("Stra\u00dfe", "STRASSE"),
        ("\u03b0", "\u03ab\u0301"),
        ("\u1e9e", "ss"),
        ("\u03b1\u0345\u0301", "\u03b1\u0301\u0345"),
        ("ΣΑΣ", "σας"),
        ("\ufb01ne", "FINE"),
    ],
)
def test_names_that_some_file_system_takes_for_one_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once_and_case_and_composition_do_not_count(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    assert fold(unicodedata.normalize("NFD", name)) == fold(name) == fold(unicodedata.normalize("NFC", name))


@given(st.text(max_size=60))
def test_an_anchor_is_one_word_and_never_empty(heading: str) -> None:
    slug = heading_slug(heading)
    assert slug
    assert not re.search(r"\s|[#\[\]|<>\"&]", slug)


WINDOWS_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"),
}
TITLES = st.text(max_size=60) | st.sampled_from(
    ["NUL", "nul.md", "a", "A", "á", "a\u0301", "Á", "ß", "SS", "ẞ", "../x", "..", ".", "/", "\\", "-", "K", "k",
     "\u212a", "İ", "i\u0307",
     "ﬁ", "fi", "untitled", "", "CON", "com¹", "a" * 300, "字" * 99, "😀", "\u202e", "a\0b", "a/../b", "~", "$HOME",
     "%00", "a-2", "a-3"]
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TITLES, min_size=50, max_size=50))
def test_two_thousand_titles_become_files_that_no_system_confuses(kb: KnowledgeBase, titles: list[str]) -> None:
    for title in titles:
        path = kb.free_path("notes", title)
        assert kb.create(path, title) == path
        place = kb.root / path
        assert place.resolve().parent == kb.root / "notes"
        stem, dot, ending = place.name.partition(".")
        assert (dot, ending) == (".", "md")
        assert stem.split(".")[0].casefold() not in WINDOWS_DEVICES
        assert not re.search(r"[\x00-\x1f<>:\"/\\|?*\x7f]|^[-.\s]|[-.\s]$", stem)
        assert len(place.name.encode()) <= 120
        assert unicodedata.is_normalized("NFC", stem)
    names = [place.name for place in (kb.root / "notes").iterdir()]
    assert len({fold(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("output.private.txt", "output-01234567.private.txt"),
        ("my.private.tar.gz", "my-tar-01234567.private.gz"),
        ("x.private..csv", "x-01234567.private.csv"),
        ("loss.Private.v2.png", "loss-v2-01234567.private.png"),
        (".private.txt", "file-01234567.private.txt"),
        ("x.private.", "x-01234567.private.bin"),
        ("x.private.概", "x-01234567.private.bin"),
        ("a.private.private.md", "a-01234567.private.md.txt"),
    ],
)
def test_an_attachment_that_is_private_by_its_name_is_stored_as_private(name: str, stored: str) -> None:
    assert next(attachment_names(name, "0123456789ab")) == stored


@given(st.text(max_size=40), st.sampled_from(["", ".private.", ".PRIVATE.a", ".private.private."]), st.text(max_size=9))
def test_no_name_loses_that_it_is_private(before: str, mark: str, after: str) -> None:
    name = f"{before}{mark}{after}"
    names = attachment_names(name, "0123456789ab")
    assert [stays_private(next(names)), stays_private(next(names))] == [stays_private(name)] * 2
    assert stays_private(next(attachment_names(name, "0123456789ab", private=True)))
