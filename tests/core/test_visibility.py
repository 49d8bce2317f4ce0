"""What is not exactly marked stays private: mutations of a public note's front matter, and what each one is."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.log import MAX_BYTES
from carrel.core.note import Visibility
from carrel.core.parse import parse_note

PUBLIC_TEXTS = {
    "as Carrel writes it": "visibility: public",
    "quoted": 'visibility: "public"',
    "in single quotes": "visibility: 'public'",
    "with blanks at the end": "visibility: public  ",
    "with a tab at the end": "visibility: public\t",
    "with more blanks before": "visibility:    public",
    "with a blank before the colon": "visibility : public",
    "with a comment": "visibility: public # since the talk",
    "with a quoted key": '"visibility": public',
    "in another order": "visibility: public\ntitle: T",
    "with CRLF": "title: T\r\nvisibility: public\r",
    "on the next line": "visibility:\n  public",
    "as a folded text": "visibility: >-\n  public",
    "as an explicit key": "? visibility\n: public",
    "as a flow mapping": "{visibility: public, title: T}",
    "with an escape": 'visibility: "\\x70ublic"',
    "with a string's tag": "visibility: !!str public",
    "beside a comment that denies it": "visibility: public\n# visibility: private",
}

PRIVATE_TEXTS = {
    "beside another key that looks like it": "Visibility: private\nvisibility: public",
    "no line at all": "title: T",
    "empty": "visibility:",
    "a tilde": "visibility: ~",
    "private": "visibility: private",
    "true": "visibility: true",
    "yes": "visibility: yes",
    "another word": "visibility: everyone",
    "two words": "visibility: public please",
    "two values": "visibility: lab public",
    "a typo": "visibility: pubic",
    "a capital": "visibility: Public",
    "capitals": "visibility: PUBLIC",
    "a capital in the key": "Visibility: public",
    "capitals in the key": "VISIBILITY: public",
    "a typo in the key": "visiblity: public",
    "no blank after the colon": "visibility:public",
    "an equals sign": "visibility = public",
    "another key": "public: true",
    "a list": "visibility: [public]",
    "a block list": "visibility:\n  - public",
    "a mapping": "visibility: {public: true}",
    "a nested key": "site:\n  visibility: public",
    "a merge key": "<<: {visibility: public}",
    "a comment": "# visibility: public",
    "a value behind a comment": "visibility: # public",
    "a hash without a blank": "visibility: public#",
    "a block scalar with its newline": "visibility: |\n  public",
    "a quoted blank": 'visibility: " public"',
    "a quoted newline": 'visibility: "public\\n"',
    "a quoted NUL": 'visibility: "public\\0"',
    "a second, private line": "visibility: public\nvisibility: private",
    "a second, public line": "visibility: private\nvisibility: public",
    "the same line twice": "visibility: public\nvisibility: public",
    "another key twice": "visibility: public\na: 1\na: 2",
    "broken YAML before": "title: Foo: bar\nvisibility: public",
    "broken YAML behind": "visibility: public\nauthor: @ada",
    "an unclosed bracket": "visibility: public\ntags: [sae",
    "an unclosed quote": 'visibility: public\ntitle: "Toy models',
    "a tab as indentation": "visibility: public\nauthors:\n\t- ada",
    "an anchor": "visibility: &v public",
    "an alias": "v: &v public\nvisibility: *v",
    "an anchor elsewhere": "visibility: public\na: &x 1",
    "a day that is not": "visibility: public\ndate: 2026-02-30",
    "a list for a date": "visibility: public\ndate: [2026-02-20]",
    "a mapping for a title": "visibility: public\ntitle: {a: b}",
    "a mapping for tags": "visibility: public\ntags: {a: b}",
    "a list for a kind": "visibility: public\nkind: [note]",
    "conflict marks around it": "<<<<<<< HEAD\nvisibility: public\n=======\nvisibility: private\n>>>>>>> theirs",
    "conflict marks elsewhere": "visibility: public\n<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> theirs",
    "a BOM before the key": "\ufeffvisibility: public",
    "a BOM in the word": "visibility: pub\ufefflic",
    "a zero-width blank": "visibility: public\u200b",
    "a soft hyphen": "visibility: pub\u00adlic",
    "a no-break blank behind": "visibility: public\u00a0",
    "a no-break blank before": "visibility:\u00a0public",
    "an ideographic blank": "visibility: public\u3000",
    "a Cyrillic letter": "visibility: рublic",
    "a full-width word": "visibility: ｐｕｂｌｉｃ",
    "a dotless i": "visibility: publıc",
    "a homoglyph in the key": "vіsibility: public",
    "a line separator before it": "title: T\u2028visibility: public",
    "a next-line character before it": "title: T\x85visibility: public",
    "a bare carriage return before it": "title: T\rvisibility: public",
    "a control character": "visibility: public\x07",
    "a NUL": "visibility: public\0",
    "a NUL elsewhere": "visibility: public\ntitle: a\0b",
    "indented alone": "title: T\n  visibility: public",
    "a second document": "title: T\n--- !!map\nvisibility: public",
    "too deep elsewhere": "visibility: public\na: " + "[" * 40 + "]" * 40,
    "too large": "visibility: public\na: " + "x" * 70_000,
}  # fmt: skip


def visibility(front: str, body: str = "Body\n") -> Visibility:
    return parse_note("notes/a.md", f"---\n{front}\n---\n{body}".encode()).visibility


@pytest.mark.parametrize("front", PUBLIC_TEXTS.values(), ids=PUBLIC_TEXTS)
def test_the_exact_word_is_public_however_yaml_writes_it(front: str) -> None:
    assert visibility(front) is Visibility.PUBLIC


@pytest.mark.parametrize("front", PRIVATE_TEXTS.values(), ids=PRIVATE_TEXTS)
def test_anything_else_is_private(front: str) -> None:
    assert visibility(front) is Visibility.PRIVATE


@pytest.mark.parametrize(
    "data",
    [
        b"---\nvisibility: public\n---\ncaf\xe9\n",
        b"---\nvisibility: public\ntitle: caf\xe9\n---\n",
        b"---\nvisibility: public\n---\na\0b\n",
        b"---\nvisibility: public\n---\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> theirs\n",
        b"---\r\nvisibility: public\r\n---\r\n<<<<<<< HEAD\r\na\r\n=======\r\nb\r\n>>>>>>> theirs\r\n",
        b"---\nvisibility: public\n\nnever closed\n",
        b"---\rvisibility: public\r---\rBody\r",
        b"\n---\nvisibility: public\n---\n",
        b" ---\nvisibility: public\n---\n",
        b"\xef\xbb\xbf\xef\xbb\xbf---\nvisibility: public\n---\n",
        b"\xff\xfe-\0-\0-\0\n\0",
        b"visibility: public\n\nBody",
        b"# Title\n\n---\nvisibility: public\n---\n",
        b"+++\nvisibility = 'public'\nvisibility = 'public'\n+++\n",
        b"+++\nvisibility = ['public']\n+++\n",
        b"+++\nvisibility = 'public'\n---\n",
        b'{\n"visibility": "private", "visibility": "public"\n}\n',
        b'{\nvisibility: public\n}\n',
        b"---\nvisibility: public\n---\n" + b"x" * (MAX_BYTES + 1),
    ],
)  # fmt: skip
def test_a_problem_anywhere_in_the_file_makes_it_private(data: bytes) -> None:
    assert parse_note("notes/a.md", data).visibility is Visibility.PRIVATE


def test_a_conflict_copy_is_private_by_its_name() -> None:
    data = b"---\nvisibility: public\n---\n"
    assert parse_note("notes/a.md", data).visibility is Visibility.PUBLIC
    for name in ("a.sync-conflict-20261120-101010-ABC", "a (Ada's conflicted copy 2026-11-20)", "a.conflict-20261120"):
        assert parse_note(f"notes/{name}.md", data).visibility is Visibility.PRIVATE


def test_other_formats_say_it_in_their_own_way() -> None:
    for data in (
        b"+++\nvisibility = 'public'\n+++\n",
        b'{\n"visibility": "public"\n}\n',
        b"\xef\xbb\xbf---\nvisibility: public\n---\n",
    ):
        assert parse_note("notes/a.md", data).visibility is Visibility.PUBLIC


def test_each_audience_reads_its_own_level_and_the_wider_ones() -> None:
    private, lab, public = Visibility
    readable = [(v.value, a.value) for v in (private, lab, public) for a in (private, lab, public) if v.visible_to(a)]
    assert readable == [
        ("private", "private"), ("lab", "private"), ("lab", "lab"),
        ("public", "private"), ("public", "lab"), ("public", "public"),
    ]  # fmt: skip


CHARACTERS = st.sampled_from(
    list("public: \t\n\r#\"'[]{}&*!|>%@-?,~P\0\x85\u00a0\u200b\u2028\ufeffрі")
) | st.characters(codec="utf-8")
VALID = "---\ntitle: T\nvisibility: public\ntags: [a, b]\n---\nBody\n"


@settings(max_examples=1500)
@given(st.lists(st.tuples(st.integers(0, 50), CHARACTERS, st.booleans()), min_size=1, max_size=3))
def test_whatever_is_mistyped_public_means_that_another_reader_reads_public_too(
    edits: list[tuple[int, str, bool]],
) -> None:
    text = VALID
    for place, character, insert in edits:
        text = text[:place] + character + text[place + (not insert) :]
    note = parse_note("notes/a.md", text.encode())
    if note.visibility is Visibility.PUBLIC:
        assert note.problems == ()
        block = text.removeprefix("\ufeff").split("\n---")[0].split("\n", 1)[1]
        assert yaml.load(block, Loader=yaml.CBaseLoader)["visibility"] == "public"
        assert len([line for line in block.split("\n") if "visibility" in line]) == 1
