"""The one writer of front matter: a key's bytes change and no other, or nothing does and it says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
import yaml
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from carrel.core.frontmatter import read
from carrel.core.frontmatter_edit import (
    CannotEdit,
    Scalar,
    Writable,
    append_item,
    quote,
    remove_key,
    set_key,
    yaml_value,
)
from carrel.errors import NotEditable
from carrel.store.knowledge_base import KnowledgeBase


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("a: 1\nrating: 3  # of 5\nb: 2\n", "rating", 4, "a: 1\nrating: 4  # of 5\nb: 2\n"),
        ('title: "Old: one"\n', "title", "New: two", 'title: "New: two"\n'),
        ("title: 'Old'   \n", "title", "New", "title: New   \n"),
        ("rating:\n", "rating", 4, "rating: 4\n"),
        ("rating:   # none yet\nb: 1\n", "rating", 4, "rating: 4   # none yet\nb: 1\n"),
        ("tags: [sae, probes] # two\n", "tags", ["x", "2310.06820"], 'tags: [x, "2310.06820"] # two\n'),
        ("tags: [sae,\n  probes]\nb: 1\n", "tags", ["x"], "tags: [x]\nb: 1\n"),
        ("tags:\n- sae\n- probes\n\n# own\nb: 1\n", "tags", ["x", "u", "z"], "tags:\n- x\n- u\n- z\n\n# own\nb: 1\n"),
        ("tags:\n    - sae\nb: 1\n", "tags", ["x", "u"], "tags:\n    - x\n    - u\nb: 1\n"),
        ("tags:\n  - sae\nb: 1\n", "tags", [], "tags: []\nb: 1\n"),
        ("tags:\n  - sae\nb: 1\n", "tags", "one", "tags: one\nb: 1\n"),
        ("abstract: |\n  a\n\n   b\n\nb: 1\n", "abstract", "short", "abstract: short\n\nb: 1\n"),
        ("abstract: a\n  b\n  c\nb: 1\n", "abstract", "short", "abstract: short\nb: 1\n"),
        ("nested:\n  a: 1\nb: 1\n", "nested", "flat", "nested: flat\nb: 1\n"),
        ("a: 1\n# last words\n", "new", date(2026, 11, 20), "a: 1\n# last words\nnew: 2026-11-20\n"),
        ("", "new", "x", "new: x\n"),
        ("# only a comment\n", "new", "x", "# only a comment\nnew: x\n"),
        ("{a: 1, b: 2}\n", "b", 3, "{a: 1, b: 3}\n"),
        ('"a b": 1\n', "a b", 2, '"a b": 2\n'),
        ("a: |+\n  x\n\n\n", "new", "u", "a: |+\n  x\n\n\nnew: u\n"),
    ],
)
def test_one_key_is_set_and_everything_else_stays(before: str, key: str, value: Writable, after: str) -> None:
    for body in ("", "Body\r\nwith --- all\n---\nkinds", "\n\n"):
        assert set_key(f"---\n{before}---\n{body}", key, value) == f"---\n{after}---\n{body}"
    dos = f"---\n{before}---\nBody".replace("\n", "\r\n")
    assert set_key(dos, key, value) == f"---\n{after}---\nBody".replace("\n", "\r\n")


@pytest.mark.parametrize("close", ["---", "...", "-----", "---  "])
@pytest.mark.parametrize("open_", ["---", "----", "---\t"])
def test_odd_fences_stay_as_they_are(open_: str, close: str) -> None:
    assert set_key(f"{open_}\na: 1\n{close}", "a", 2) == f"{open_}\na: 2\n{close}"


def test_a_note_without_front_matter_gets_one_and_keeps_its_text() -> None:
    assert set_key("# T\r\n\r\ntext", "a", 1) == "---\r\na: 1\r\n---\r\n\r\n# T\r\n\r\ntext"
    assert set_key("", "a", 1) == "---\na: 1\n---\n\n"
    assert set_key("---\n\nA rule above", "a", 1) == "---\na: 1\n---\n\n---\n\nA rule above"


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("a: 1\na: 2\n", "the key 'a' is there twice"),
        ("a: &x 1\n", "anchors and aliases are not used in front matter"),
        ("title: Foo: bar\n", "the YAML cannot be read: mapping values are not allowed in this context"),
        ("{a: 1}\n", "the front matter is one {…} mapping"),
        ("  b: 1\n", "the front matter is written in a way that cannot be changed safely"),
        ("new:  #c why\n  - a\n", "a comment stands within the value of new"),
        ("new:\n  - a  # the main one\n  - b\n", "a comment stands within the value of new"),
        ("new: [a,  # the main one\n  b]\n", "a comment stands within the value of new"),
    ],
)
def test_what_cannot_be_changed_without_guessing_is_refused(block: str, reason: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        set_key(f"---\n{block}---\nBody", "new", "x")
    assert str(refused.value) == reason


@pytest.mark.parametrize("text", ["+++\na = 1\n+++\n", '{\n"a": 1\n}\n'])
def test_other_formats_are_read_and_not_written(text: str) -> None:
    with pytest.raises(CannotEdit, match="which Carrel reads but does not change"):
        set_key(text, "a", 2)


def test_removing_a_key_removes_its_lines() -> None:
    text = "---\na: 1\ntags:\n  - x\n  - y\n# kept\nb: 2\n---\nBody"
    assert remove_key(text, "tags") == "---\na: 1\n# kept\nb: 2\n---\nBody"
    assert remove_key(text, "a") == text.replace("a: 1\n", "")
    assert remove_key(text, "none") == text


@settings(max_examples=300)
@given(st.text(max_size=80))
def test_any_text_reads_back_after_quoting(text: str) -> None:
    written = quote(text)
    assert "\n" not in written
    for block in (f"k: {written}", f"k: [{written}, x]", f"k:\n  - {written}", f"{written}: k", f"k: {written} # c"):
        front = read(f"---\n{block}\n---\n")
        assert front.complaints == ()
        assert front.metadata in ({"k": text}, {"k": (text, "x")}, {"k": (text,)}, {text: "k"})
    assert yaml.safe_load(f"k: {written}") == {"k": text}, "other readers take it for the same string"


@pytest.mark.parametrize(
    "text",
    ["yes", "No", "on", "null", "~", "", "3", "3.10", "1e3", "0x1f", "12:30", "2026-11-20", ".inf", "NaN", "=", "<<",
     "- a", "a: b", "a #b", " a", "a ", "*a", "&a", "!a", "%a", "@a", "`a", "{a", "[a", "'a'", '"a"', "a,b", "\ufeffa",
     "a\u2028b", "a\x85b", "---", "...", "y", "a\nb", "true"],
)  # fmt: skip
def test_texts_that_yaml_takes_for_something_else_are_quoted(text: str) -> None:
    assert read(f"---\nk: {quote(text)}\nl: [{quote(text)}]\n---\n").metadata == {"k": text, "l": (text,)}
    assert yaml.safe_load(f"k: {quote(text)}") == {"k": text}


def test_values_are_written_as_people_write_them() -> None:
    values: list[Writable] = ["Toy models", 4, date(2026, 11, 20), ["sae", 3, "3"], [], "2310.06820"]
    written = [yaml_value(value) for value in values]
    assert written == ["Toy models", "4", "2026-11-20", '[sae, 3, "3"]', "[]", '"2310.06820"']


# --- lists that grow ------------------------------------------------------------------------------------------------

SESSION: dict[str, Scalar] = {"date": date(2026, 11, 21), "level": "read", "minutes": 40}
FLOW = "{date: 2026-11-21, level: read, minutes: 40}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n", f"a: 1\ns:\n  - {FLOW}\n"),
        ("s:\na: 1\n", f"s:\n  - {FLOW}\na: 1\n"),
        ("s: ~\na: 1\n", f"s:\n  - {FLOW}\na: 1\n"),
        ("s:   # none yet\na: 1\n", f"s: [{FLOW}]   # none yet\na: 1\n"),
        ("s: []  # none yet\na: 1\n", f"s: [{FLOW}]  # none yet\na: 1\n"),
        ("s: [{date: x}]\n", f"s: [{{date: x}}, {FLOW}]\n"),
        ("s: [ {date: x}, ] # two\n", f"s: [ {{date: x}}, {FLOW} ] # two\n"),
        ("s: [{date: x},\n    {date: y}\n   ]\na: 1\n", f"s: [{{date: x}},\n    {{date: y}}, {FLOW}\n   ]\na: 1\n"),
        ("s: [{date: x}, # one\n  ]\n", f"s: [{{date: x}}, # one\n  {FLOW}]\n"),
        ("s: [{date: x} # one\n  ]\n", f"s: [{{date: x}} # one\n  , {FLOW}]\n"),
        ("s:\n  - {date: x} # one\n\n# a\na: 1\n", f"s:\n  - {{date: x}} # one\n  - {FLOW}\n\n# a\na: 1\n"),
        ("s:\n- {date: x}\na: 1\n", f"s:\n- {{date: x}}\n- {FLOW}\na: 1\n"),
        ("s:\n-   words\n", f"s:\n-   words\n-   {FLOW}\n"),
        (
            "s:\n  - date: 1 # c\n    level: skim\na: 1\n",
            "s:\n  - date: 1 # c\n    level: skim\n  - date: 2026-11-21\n    level: read\n    minutes: 40\na: 1\n",
        ),
        (
            "s:\n-  date: x\n   notes:\n   - a\n   - b\n",
            "s:\n-  date: x\n   notes:\n   - a\n   - b\n-  date: 2026-11-21\n   level: read\n   minutes: 40\n",
        ),
        ("s:\n  - |\n    a\n    b\n\na: 1\n", f"s:\n  - |\n    a\n    b\n  - {FLOW}\n\na: 1\n"),
    ],
)
def test_a_list_grows_as_it_is_written(before: str, after: str) -> None:
    for body in ("", "Body\r\nwith --- all\n---\nkinds"):
        assert append_item(f"---\n{before}---\n{body}", "s", SESSION) == f"---\n{after}---\n{body}"
    dos = append_item(f"---\n{before}---\nBody".replace("\n", "\r\n"), "s", SESSION)
    assert dos == f"---\n{after}---\nBody".replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("s: words\n", "s is no list"),
        ("s: {date: x}\n", "s is no list"),
        ("s:\n  date: x\n", "s is no list"),
        ("s: [a]\ns: [b]\n", "the key 's' is there twice"),
    ],
)
def test_what_is_no_list_does_not_grow(block: str, reason: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        append_item(f"---\n{block}---\nBody", "s", SESSION)
    assert str(refused.value) == reason


def test_a_note_without_front_matter_gets_its_first_list() -> None:
    assert append_item("text", "s", SESSION) == f"---\ns:\n  - {FLOW}\n---\n\ntext"
    assert append_item("{a: 1}", "s", "x") == "---\ns:\n  - x\n---\n\n{a: 1}"


# --- any note, with any formatting ----------------------------------------------------------------------------------

KEYS = ("title", "tags", "rating", "my key", "ключ", "abstract", "sessions")
PLAIN = st.sampled_from(["x", "Toy models", "2310.06820", "a b-c", "Ünï", "http://x.y/#z", "a#b", "1"])


@dataclass(frozen=True)
class Chunk:
    """The lines of one key, of a comment or of nothing; `#n#` marks stand for comments."""

    key: str
    text: str


def one_value() -> st.SearchStrategy[str]:
    blanks = st.sampled_from(["", " ", "   ", "\t"])
    note = st.sampled_from(["", " #c note", "   #c: x", "\t#c [a"])
    end = st.tuples(blanks, note).map("".join)
    items = st.lists(PLAIN, min_size=1, max_size=3)
    scalar = st.one_of(
        PLAIN, PLAIN.map("'{}'".format), PLAIN.map('"{} # no comment"'.format), st.just(""), st.just("~")
    )
    return st.one_of(
        st.builds(" {}{}\n".format, scalar, end),
        st.builds("   {}{}\n".format, scalar, end),
        st.builds(" [{}]{}\n".format, items.map(", ".join), end),
        st.builds(" [{}]{}\n".format, items.map(",\n   ".join), end),
        st.builds("{}\n- {}\n".format, end, items.map("\n- ".join)),
        st.builds("{}\n  - {}{}\n".format, end, items.map("\n  - ".join), end),
        st.builds("\n  - {}\n".format, items.map(" #c why\n\n  - ".join)),
        st.builds(" {}\n   {}\n\n    more\n".format, st.sampled_from(["|", "|-", ">", ">-", "| #c block"]), PLAIN),
        st.builds(" {}\n  and so on{}\n".format, PLAIN, end),
        st.builds("{}\n  level: {}\n  other: {{a: [1]}}\n".format, end, PLAIN),
        st.builds("{}\n  - {{date: 2026-11-20, level: {}}}\n  - date: 1\n    level: 2\n".format, end, PLAIN),
    )


@st.composite
def blocks(draw: st.DrawFn) -> list[Chunk]:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=4))
    chunks = []
    for key in keys:
        chunks += [
            Chunk("", between)
            for between in draw(st.lists(st.sampled_from(["\n", "# a comment\n", "   \n"]), max_size=2))
        ]
        written = draw(st.sampled_from([key, f'"{key}"', f"{key} "]))
        chunks.append(Chunk(key, f"{written}:{draw(one_value())}"))
    chunks += [Chunk("", after) for after in draw(st.lists(st.sampled_from(["\n", "# the end\n"]), max_size=2))]
    return chunks


VALUES: st.SearchStrategy[Writable] = st.one_of(
    st.text(max_size=20),
    st.integers(-5, 99),
    st.dates(),
    st.lists(st.one_of(st.text(max_size=8), st.integers(0, 9)), max_size=3),
)
FENCES = st.tuples(
    st.sampled_from(["---\n", "----\n", "---  \n"]), st.sampled_from(["---\n", "...\n", "--- \n", "---"])
)
BODIES = st.sampled_from(["", "Body", "\nBody\n", "# T\n---\nkey: 1\n---\n", "a\r\nb\n", "\n\n\n"]) | st.text(
    max_size=20
)


@settings(max_examples=250)
@given(blocks(), FENCES, BODIES, st.sampled_from(KEYS), VALUES, st.booleans())
def test_setting_a_key_changes_its_lines_only_or_nothing(
    chunks: list[Chunk], fences: tuple[str, str], body: str, key: str, value: Writable, dos: bool
) -> None:
    def written(part: str) -> str:
        return part.replace("\n", "\r\n") if dos else part

    at = next((number for number, chunk in enumerate(chunks) if chunk.key == key), len(chunks))
    before = written(fences[0] + "".join(chunk.text for chunk in chunks[:at]))
    own = written("".join(chunk.text for chunk in chunks[at : at + 1]))
    after = written("".join(chunk.text for chunk in chunks[at + 1 :]) + fences[1]) + (
        body if fences[1] != "---" else ""
    )
    text = before + own + after
    old = read(text)
    try:
        new = set_key(text, key, value)
    except CannotEdit as refusal:
        event(f"refused: {refusal}"[:60])
        return
    event("changed")
    assert new.startswith(before)
    assert new.endswith(after)
    changed = new[len(before) : len(new) - len(after)]
    assert changed.count("#c") >= own.count("#c"), "comments beside the value stay"
    assert ("\r\n" in changed) == dos
    assert changed.replace("\r\n", "").count("\r") == 0
    wanted = [str(item) for item in value] if isinstance(value, list) else str(value)
    again = read(new)
    assert again.complaints == ()
    assert again.metadata == {**old.metadata, key: tuple(wanted) if isinstance(wanted, list) else wanted}
    assert list(again.metadata)[: len(old.metadata)] == list(old.metadata)


@settings(max_examples=250)
@given(blocks(), BODIES, st.sampled_from(KEYS), st.booleans())
def test_a_growing_list_adds_lines_or_an_item_and_nothing_else(
    chunks: list[Chunk], body: str, key: str, dos: bool
) -> None:
    text = "---\n" + "".join(chunk.text for chunk in chunks) + "---\n"
    text = (text.replace("\n", "\r\n") if dos else text) + body
    old = read(text)
    try:
        new = append_item(text, key, SESSION)
    except CannotEdit as refusal:
        event(f"refused: {refusal}"[:60])
        return
    grown = old.metadata.get(key) or ()
    item = {"date": "2026-11-21", "level": "read", "minutes": "40"}
    assert read(new).metadata == {**old.metadata, key: ((*grown, item) if isinstance(grown, tuple) else (item,))}
    assert new.endswith(text[old.end :])
    if isinstance(grown, tuple) and grown:
        begin = next(place for place, pair in enumerate(zip(text, new, strict=False)) if pair[0] != pair[1])
        end = begin + len(new) - len(text)
        assert any(new[: begin - back] + new[end - back :] == text for back in range(60)), (
            "what was there is there still, in one piece before and one after"
        )


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks(), BODIES, st.sampled_from(KEYS), VALUES, st.booleans(), st.booleans())
def test_a_file_keeps_its_bom_its_line_ends_and_its_body(
    kb: KnowledgeBase, chunks: list[Chunk], body: str, key: str, value: Writable, bom: bool, dos: bool
) -> None:
    text = "---\n" + "".join(chunk.text for chunk in chunks) + "---\n"
    data = ("\ufeff" if bom else "").encode() + (text.replace("\n", "\r\n") if dos else text).encode() + body.encode()
    place = kb.root / "notes/a.md"
    place.write_bytes(data)
    old = kb.read("notes/a.md")
    try:
        kb.set_keys("notes/a.md", {key: value})
    except NotEditable:
        assert place.read_bytes() == data
        return
    now = place.read_bytes()
    assert now.startswith(b"\xef\xbb\xbf---") == bom
    assert now.endswith(b"---" + (b"\r\n" if dos else b"\n") + body.encode())
    assert kb.read("notes/a.md").body == old.body
