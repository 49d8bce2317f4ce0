"""`carrel log` at its edges: what is given by flags, attached, composed in an editor, or too much."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.cli.editor import compose, editor_command
from carrel.core.log import MAX_BYTES
from carrel.errors import CarrelError, UsageError
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]
DAY = "notes/2026/2026-11-20.md"


def body(kb: KnowledgeBase) -> str:
    return kb.read(DAY).body


def test_tags_are_written_so_that_they_are_read_back(carrel: Carrel, kb: KnowledgeBase) -> None:
    assert carrel("log", "one", "-t", "a#b", "-t", "<x>, #sae").code == 0
    assert kb.read(DAY).tags == ("a-b", "x", "sae")
    said = carrel("log", "two", "-t", "123")
    assert (said.code, said.err.splitlines()[0]) == (2, "carrel: '123' is no tag; nothing was written")
    assert "two" not in body(kb)


def test_an_entry_has_values_and_an_experiment_as_from_python(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    write("notes/experiments/warm-up.md", "---\nkind: experiment\ntitle: A longer warm-up\n---\n")
    assert (
        carrel("log", "It helps", "--exp", "A longer warm-up", "--value", "Train/acc=0.83", "--value", "a=b=c").code
        == 0
    )
    assert carrel("log", "--value", "acc=0.83", "--value", "loss=0.4").err == f"saved {DAY}: 14:32 acc 0.83, loss 0.4\n"
    first, second = kb.read(DAY).entries
    assert first.fields == {"experiment": "[[warm-up]]", "train-acc": "0.83", "a": "b=c"}
    assert second.fields == {"acc": "0.83", "loss": "0.4"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--value", "acc"], "--value acc: it has no value; nothing was written"),
        (["--value", "=1"], "values: '': '1' could not be read back; nothing was written"),
        (["--value", "a=1", "--value", "A=2"], "values: 'A' stands there twice; nothing was written"),
        (["--value", "experiment=x"], "values: 'experiment' is said by itself, and is no value; nothing was written"),
        (
            ["--value", "run=r-aaaaa"],
            "values: 'run': 'r-aaaaa' is an id as `carrel run` gives them; nothing was written",
        ),
        (["--exp", "nothing"], "no note called 'nothing'; nothing was written"),
        (["--exp", "plan"], "notes/plan.md is of kind note, no experiment; nothing was written"),
    ],
)  # fmt: skip
def test_values_and_experiments_that_are_none_are_refused(
    carrel: Carrel, kb: KnowledgeBase, write: Write, words: list[str], message: str
) -> None:
    write("notes/plan.md", "# Plan\n")
    said = carrel("log", "x", *words)
    assert (said.code, said.err.splitlines()[0]) == (2, f"carrel: {message}")
    assert list(kb.stamps()) == ["notes/plan.md"]


def test_bytes_that_are_no_text_become_escapes(carrel: Carrel, kb: KnowledgeBase) -> None:
    word = os.fsdecode(b"caf\xe9")
    assert carrel("log", word, "-t", word, "-p", word).code == 0
    assert body(kb).strip() == "## 14:32 caf\\xe9\n\nproject:: caf\\xe9\n#caf-xe9"


@pytest.mark.parametrize("name", ["a](b) *c*.png", "n\n# heading.png", "<b>.png", "[[x]].png"])
def test_an_attachment_s_name_is_text_and_never_markup(
    carrel: Carrel, kb: KnowledgeBase, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"png")
    assert carrel("log", "Figure", "--attach", str(tmp_path / name)).code == 0
    note = kb.read(DAY)
    assert [heading.text for heading in note.markup.headings] == ["14:32 Figure"]
    [link] = note.markup.links
    assert kb.absolute(f"notes/{link.target.removeprefix('../')}").read_bytes() == b"png"


def test_what_cannot_be_attached_is_one_line_and_no_entry(carrel: Carrel, kb: KnowledgeBase, tmp_path: Path) -> None:
    for place, reason in ((tmp_path, "is a directory"), (tmp_path / "none.png", "no such file or directory")):
        said = carrel("log", "x", "--attach", str(place))
        assert (said.code, said.err) == (1, f"carrel: {place}: {reason}\n")
    assert kb.stamps() == {}


def test_too_much_is_refused_with_the_way_out_and_nothing_is_attached(carrel: Carrel, kb: KnowledgeBase) -> None:
    place = kb.root / "fig.png"
    place.write_bytes(b"png")
    said = carrel("log", "x" * (MAX_BYTES + 1), "--attach", str(place))
    assert said.code == 1
    assert said.err == (
        "carrel: a day's log may hold 4 MiB, and this entry would go beyond; nothing was written\n"
        "        keep the text in a file and attach it: carrel log --attach FILE\n"
    )
    assert (kb.stamps(), kb.files()) == ({}, [])


def test_a_time_with_its_zone_is_told_in_that_of_the_knowledge_base(carrel: Carrel, kb: KnowledgeBase) -> None:
    kb.config_path.write_text('timezone = "Asia/Tokyo"\n')
    assert carrel("log", "x", "--at", "2026-11-20T10:00:00Z").err == f"saved {DAY}: 19:00 x\n"


def test_closing_what_was_left_open_is_said(carrel: Carrel, write: Write) -> None:
    write(DAY, "```\ncode\n")
    assert carrel("log", "x").err == (f"{DAY}:1 opened code that never closed; closed it\nsaved {DAY}: 14:32 x\n")


@pytest.fixture
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "drafts"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_lone_comment_mark_never_hides_a_later_entry(carrel: Carrel, kb: KnowledgeBase) -> None:
    for text in ("100%% sure", "again %% x", "%% for me %% said", "`%%` in code", "at last %%"):
        assert carrel("log", text).err.startswith("saved ")
    day = kb.read(DAY)
    titles = [r"100\%% sure", r"again \%% x", "%% for me %% said", "%% in code", r"at last \%%"]
    assert [entry.title for entry in day.entries] == titles
    assert [day.body[start:end] for start, end in day.markup.comments] == ["%% for me %%"]


def test_a_lone_comment_mark_that_an_editor_left_is_told_where_an_entry_would_pair_with_it(
    carrel: Carrel, write: Write
) -> None:
    write(DAY, "## 09:00 100%% sure\n")
    assert carrel("log", "one").err == f"saved {DAY}: 14:32 one\n"
    said = carrel("log", "two %% hidden %%").err.splitlines()
    assert said[0] == rf"{DAY}:1 holds a %% without a second one, and may hide what follows it: write \%% there"


def test_an_editor_that_fails_after_writing_leaves_the_draft_and_says_where(drafts: Path) -> None:
    with pytest.raises(CarrelError) as told:
        compose(["sh", "-c", 'echo "long thoughts" > "$0"; exit 3'], "")
    [draft] = drafts.iterdir()
    assert f"what you wrote is in {draft}" in told.value.hint
    assert draft.read_text() == "long thoughts\n"


def test_an_editor_that_fails_without_writing_leaves_nothing(drafts: Path) -> None:
    with pytest.raises(CarrelError):
        compose(["false"], "")
    assert list(drafts.iterdir()) == []


def test_an_editor_that_nobody_set_is_not_started_without_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nano").write_text("#!/bin/sh\n")
    (tmp_path / "nano").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert editor_command({}, terminal=True) == ["nano"]
    assert editor_command({"EDITOR": "nano"}, terminal=False) == ["nano"]
    with pytest.raises(UsageError, match="no terminal"):
        editor_command({}, terminal=False)


def test_init_says_what_it_found_around_it(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    write("notes/inner/.carrel/config.toml", "")
    write("mkdocs.yml", "site_name: mine\n")
    said = carrel("init", ".")
    assert "notes/inner is a knowledge base of its own" in said.err
    assert "add: plugins: [carrel]" in said.err
    said = carrel("init", "notes/new")
    assert said.code == 0
    assert f"lies in the knowledge base {kb.root}" in said.err
