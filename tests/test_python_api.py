"""`carrel.log`: an entry from a program, with its figures and values, from threads, processes and forked children."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

import carrel
from carrel.core.attachment import records
from carrel.core.log import LogEntry, entry_text
from carrel.core.parse import parse_note
from carrel.errors import UsageError
from carrel.python import background
from carrel.python.values import fields
from carrel.store.knowledge_base import KnowledgeBase

AT = datetime(2026, 11, 20, 14, 32)
DAY = "notes/2026/2026-11-20.md"
matplotlib.use("agg")


@pytest.fixture(autouse=True)
def here(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(kb.root)
    monkeypatch.setattr(background._work, "warned", False)


def body(kb: KnowledgeBase) -> str:
    return kb.read(DAY).body.strip()


def stored(kb: KnowledgeBase) -> list[bytes]:
    """The bytes of what the day shows, in its order; each is what its record says."""
    found = []
    for record in records(kb.read(DAY)):
        assert record.link is not None
        found.append(kb.read_bytes(f"notes/{record.link.target.removeprefix('../')}"))
        assert sha256(found[-1]).hexdigest() == record.sha256
    return found


def png(figure: Figure) -> bytes:
    written = io.BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def python(code: str, *arguments: str, **options: object) -> subprocess.Popen[str]:
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *arguments], **settings)  # type: ignore[call-overload,no-any-return]  # options are Popen's own


def experiment(kb: KnowledgeBase, name: str = "seed-sweep") -> None:
    kb.create(f"notes/experiments/{name}.md", "---\nkind: experiment\ntitle: A sweep over seeds\n---\n")


def test_an_entry_is_written_as_the_command_line_writes_it(kb: KnowledgeBase) -> None:
    experiment(kb)
    saved = carrel.log(
        "Loss spikes\n\nat the end of warm-up",
        tags=["sae", "probes lens"],
        values={"train/loss": 2.31, "Step": 900},
        project="toy models",
        experiment="seed-sweep",
        at=AT,
    )
    assert saved == (kb.root / DAY, "14:32 Loss spikes")
    assert body(kb) == (
        "## 14:32 Loss spikes\n\nat the end of warm-up\n\n"
        "project:: toy models\nexperiment:: [[seed-sweep]]\ntrain-loss:: 2.31\nstep:: 900\n#sae #probes #lens"
    )
    [entry] = kb.read(DAY).entries
    assert entry.fields["train-loss"] == "2.31"
    assert [link.target for link in kb.read(DAY).markup.links] == ["seed-sweep"]


def test_an_experiment_that_is_not_there_is_an_error_and_nothing_is_written(kb: KnowledgeBase) -> None:
    experiment(kb)
    kb.create("notes/plan.md", "# Plan\n")
    with pytest.raises(carrel.CarrelError) as raised:
        carrel.log("x", figure=b"GIF89a", experiment="sed-sweep")
    assert raised.value.message == "experiment: no note called 'sed-sweep'; nothing was written"
    assert raised.value.__notes__ == ["did you mean seed-sweep?"]
    with pytest.raises(carrel.CarrelError, match=r"notes/plan.md is of kind note; nothing was written"):
        carrel.log("x", experiment="plan")
    assert (sorted(kb.paths()), kb.files()) == (["notes/experiments/seed-sweep.md", "notes/plan.md"], [])


def test_no_training_ends_for_an_experiment_that_is_not_there(
    kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment(kb)
    for step in range(3):
        carrel.log(f"step {step}", experiment="sed-sweep", at=AT, wait=False).result()
    assert [entry.fields["experiment"] for entry in kb.read(DAY).entries] == ["[[sed-sweep]]"] * 3
    assert capsys.readouterr().err == (
        "carrel: experiment: no note called 'sed-sweep'; entries link it all the same\n"
        "        did you mean seed-sweep?\n"
    )


def test_what_was_linked_without_waiting_is_an_error_for_who_waits(
    kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment(kb)
    for name in ("sed-sweep", "later"):
        carrel.log("a", experiment=name, at=AT, wait=False).result()
    with pytest.raises(UsageError, match="no note called 'sed-sweep'; nothing was written"):
        carrel.log("b", experiment="sed-sweep", at=AT)
    experiment(kb, "later")
    carrel.log("c", experiment="later", at=AT)
    assert [entry.title for entry in kb.read(DAY).entries] == ["a", "a", "c"]
    with pytest.raises(UsageError):
        carrel.log("d", experiment="nope", at=AT)
    capsys.readouterr()
    carrel.log("d", experiment="nope", at=AT, wait=False).result()
    assert "no note called 'nope'; entries link it all the same" in capsys.readouterr().err


def test_an_experiment_goes_by_its_title_too_and_need_not_stay_while_a_program_runs(kb: KnowledgeBase) -> None:
    experiment(kb)
    carrel.log("x", experiment="A sweep over seeds", at=AT)
    kb.absolute("notes/experiments/seed-sweep.md").unlink()
    carrel.log("y", experiment="A sweep over seeds", at=AT)
    assert [entry.fields["experiment"] for entry in kb.read(DAY).entries] == ["[[seed-sweep]]"] * 2


def test_importing_carrel_loads_nothing_and_logging_neither_click_nor_anything_heavy() -> None:
    code = """
        import sys
        before = set(sys.modules)
        import carrel
        print(*sorted(set(sys.modules) - before - {"__future__"}))
        carrel.log("x")
        print(*(name for name in ("click", "yaml", "whoosh", "numpy", "matplotlib", "PIL") if name in sys.modules))
    """
    out, err = python(code).communicate()
    assert (out, err) == ("carrel\n\n", "")


def test_what_is_public_is_there_and_nothing_else_is() -> None:
    assert all(hasattr(carrel, name) and name in dir(carrel) for name in carrel.__all__)
    assert carrel.log.__doc__
    with pytest.raises(AttributeError, match="no attribute 'lok'"):
        getattr(carrel, "lok")  # noqa: B009  # a type checker would refuse the other writing


# --- figures ---------------------------------------------------------------------------------------------------------


def test_figures_of_every_kind_are_stored_as_they_look_now(kb: KnowledgeBase, tmp_path: Path) -> None:
    figure, axes = plt.subplots(num="loss curve")
    axes.plot([3, 1, 2])
    image = Image.new("RGB", (3, 2), "red")
    (tmp_path / "out.log").write_text("nan\n")
    written = io.BytesIO()
    image.save(written, "PNG")
    carrel.log("x", figure=[figure, axes, image, tmp_path / "out.log", b"%PDF-1.7\n", plt], at=AT)
    drawn = png(figure)
    assert stored(kb) == [drawn, drawn, written.getvalue(), b"nan\n", b"%PDF-1.7\n", drawn]
    names = [Path(link.target).name.rpartition("-")[0] for link in kb.read(DAY).markup.links]
    assert names == ["loss-curve", "loss-curve", "figure", "out", "figure", "figure"]
    assert [link.embed for link in kb.read(DAY).markup.links] == [True, True, True, False, False, True]
    plt.close(figure)


def test_images_that_no_png_holds_are_converted_and_a_picture_in_memory_is_its_bytes(kb: KnowledgeBase) -> None:
    written = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(written, "JPEG")
    carrel.log("x", figure=[Image.new("CMYK", (3, 2), (0, 255, 255, 0)), written], at=AT)
    printed, photograph = stored(kb)
    assert Image.open(io.BytesIO(printed)).getpixel((0, 0)) == (255, 0, 0)
    assert photograph == written.getvalue()


def test_captions_belong_to_figures_in_order(kb: KnowledgeBase) -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    carrel.log(figure=svg, caption="A drawing", at=AT)
    carrel.log("x", figure=(svg, svg), caption=["One"], at=AT)
    assert [link.label for link in kb.read(DAY).markup.links] == ["A drawing", "One", "figure"]
    assert [entry.title for entry in kb.read(DAY).entries] == ["A drawing", "x"]
    with pytest.raises(carrel.CarrelError, match="'Two' is a caption of nothing"):
        carrel.log("y", figure=[svg], caption=["One", "Two"])


def test_a_figure_that_is_handed_over_is_stored_as_it_was_then(kb: KnowledgeBase, tmp_path: Path) -> None:
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    place = tmp_path / "loss.png"
    before = png(figure)
    place.write_bytes(before)
    pending = carrel.log("x", figure=[figure, place], at=AT, wait=False)
    axes.plot([2, 1])
    place.write_bytes(b"")
    assert pending.result().heading == "14:32 x"
    assert pending.done()
    assert stored(kb) == [before, before]
    plt.close(figure)


class Broken:
    """A figure whose drawing fails, as one with LaTeX where there is none."""

    def savefig(self, file: io.BytesIO, *, format: str) -> None:
        raise RuntimeError("latex could not be found")


@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (3, "figure: a int is none"),
        (np.zeros((2, 2)), "figure: a ndarray is none"),
        (b"\0\1\2", "these bytes are no picture"),
        ("none.png", "none.png: no such file"),
        (Broken(), "could not be drawn: latex could not be found"),
        (Image.new("F", (2, 2)), "could not be drawn: cannot write mode F as PNG"),
        (io.BytesIO(b"text"), "these bytes are no picture"),
        ("a\0b", "is no path; nothing was written"),
        ("\ud800", "is no path; nothing was written"),
    ],
)
def test_what_is_no_figure_is_an_error_and_nothing_is_written(kb: KnowledgeBase, figure: object, reason: str) -> None:
    with pytest.raises(carrel.CarrelError, match=reason):
        carrel.log("x", figure=[b"GIF89a", figure])
    assert (kb.stamps(), kb.files()) == ({}, [])


# --- values ----------------------------------------------------------------------------------------------------------


class Tensor:
    """A number as PyTorch keeps it: 32 bits, and `item` makes a Python number of it."""

    def __init__(self, number: float) -> None:
        self.number = float(np.float32(number))

    def item(self) -> float:
        return self.number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-5, "1e-05"),
        (float("nan"), "nan"),
        (np.float64(0.83), "0.83"),
        (np.float32(0.83), "0.83"),
        (np.array(0.83), "0.83"),
        (Tensor(0.83), "0.83"),
        (Tensor(1e38), "1e+38"),
        (Tensor(float("nan")), "nan"),
        (np.int64(3), "3"),
        (np.bool_(True), "true"),
        (False, "false"),
        (None, "none"),
        (datetime(2026, 11, 20, tzinfo=UTC).date(), "2026-11-20"),
        ("two\n  lines", "two lines"),
        ([1, 2], "[1, 2]"),
        ([np.float32(0.1), 2], "[0.1, 2]"),
        (["a", "b"], "['a', 'b']"),
        (np.array([0.1, 2]), "[0.1, 2.0]"),
        (np.array([[1, 2], [3, 4]], np.uint8), "[[1, 2], [3, 4]]"),
        (np.array([[0.83]], np.float32), "0.83"),
        (np.zeros(0), "[]"),
        (np.zeros((2, 30)), "ndarray of 2 × 30"),
        ("a\ud800", "a\\ud800"),
    ],
)
def test_values_are_read_back_as_they_are_meant(kb: KnowledgeBase, value: object, text: str) -> None:
    carrel.log("x", values={"v": value}, at=AT)
    [entry] = kb.read(DAY).entries
    assert entry.fields == {"v": text}


@pytest.mark.parametrize(
    "values",
    [
        {"": 1}, {"!?": 1}, {"x" * 42: 1}, {"Acc": 1, "acc": 2}, {"project": "x"}, {3: 1},
        {"acc": "<!-- gone"}, {"a": 10**5000}, {"a": [10**5000]}, {"run": "r-aaaaa"}, {"Run": " r-aaaaa"},
    ],
)  # fmt: skip
def test_values_that_could_not_be_read_back_are_an_error(kb: KnowledgeBase, values: dict[str, object]) -> None:
    with pytest.raises(carrel.CarrelError, match="nothing was written"):
        carrel.log("x", values=values)
    assert kb.stamps() == {}


PIECES = st.lists(
    st.sampled_from([*"ab C9_-./:#|`$~<>!\n\t\u2028é", "::", "```", "<!--", "-->", "%%", "[[", "]]", "$$", "## "])
).map("".join)


@given(st.dictionaries(PIECES | st.text(), PIECES | st.text() | st.floats(allow_nan=False) | st.integers(), max_size=3))
def test_whatever_the_values_are_they_are_read_back_or_refused(values: dict[str, object]) -> None:
    try:
        lines = fields(values)
    except carrel.CarrelError:
        return
    text = "".join(entry_text(LogEntry(AT, title, ("t",), fields=lines)) + "\n" for title in ("One", "Two"))
    note = parse_note(DAY, f"---\nkind: log\n---\n\n{text}".encode("utf-8", "backslashreplace"))
    assert [(entry.title, entry.fields) for entry in note.entries] == [("One", dict(lines)), ("Two", dict(lines))]


def test_a_run_that_is_no_id_of_carrel_s_may_be_said(kb: KnowledgeBase) -> None:
    carrel.log("x", values={"run": 3}, at=AT)
    carrel.log("y", values={"run": "r-aaaaa again"}, at=AT)
    assert [entry.fields for entry in kb.read(DAY).entries] == [{"run": "3"}, {"run": "r-aaaaa again"}]


def test_an_entry_of_values_alone_is_called_by_them(kb: KnowledgeBase) -> None:
    assert carrel.log(values={"acc": 0.83, "loss": 0.4}, at=AT).heading == "14:32 acc 0.83, loss 0.4"
    with pytest.raises(carrel.CarrelError, match="the entry is empty"):
        carrel.log()


# --- where and when --------------------------------------------------------------------------------------------------


def test_without_a_knowledge_base_it_raises_what_a_program_can_catch(
    tmp_path: Path, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(carrel.CarrelError, match="no knowledge base in") as told:
        carrel.log("x")
    assert told.value.__notes__ == ["run `carrel init` here, or name one with --dir or CARREL_DIR"]
    assert carrel.log("x", dir=kb.root / "notes", at=AT).path == kb.root / DAY
    monkeypatch.setenv("CARREL_DIR", str(kb.root))
    assert carrel.log("y", at=AT).path == kb.root / DAY


def test_a_moment_is_local_time_of_the_knowledge_base(kb: KnowledgeBase) -> None:
    kb.config_path.write_text('timezone = "Asia/Tokyo"\n')
    assert carrel.log("x", at=datetime(2026, 11, 20, 20, tzinfo=UTC)).path.name == "2026-11-21.md"
    assert carrel.log("x", at=AT).heading == "14:32 x"
    assert carrel.log("x", at="2026-11-20 9:05").heading == "09:05 x"
    assert carrel.log("x", at=AT.date()).path == kb.root / DAY
    with pytest.raises(carrel.CarrelError, match="not a date"):
        carrel.log("x", at="whenever")


def test_what_is_no_text_or_has_no_names_is_said(kb: KnowledgeBase) -> None:
    number, names = cast("str", 0.31), cast("dict[str, object]", [0.31])
    with pytest.raises(carrel.CarrelError, match=r"'0\.31' is no text; nothing was written"):
        carrel.log(number)
    with pytest.raises(carrel.CarrelError, match=r"values: '\[0.31\]' has no names; nothing was written"):
        carrel.log("x", values=names)
    assert kb.stamps() == {}


def test_a_private_entry_goes_into_the_private_day(kb: KnowledgeBase) -> None:
    assert carrel.log("x", private=True, at=AT).path.name == "2026-11-20.private.md"


# --- while the program goes on ---------------------------------------------------------------------------------------


def test_entries_that_are_handed_over_are_written_in_order_and_before_python_exits(kb: KnowledgeBase) -> None:
    code = """
        import carrel
        for number in range(50):
            carrel.log(f"step {number}", at="2026-11-20 14:32", wait=False)
        raise SystemExit("the program failed")
    """
    process = python(code)
    assert process.communicate()[1] == "the program failed\n"
    assert [entry.title for entry in kb.read(DAY).entries] == [f"step {number}" for number in range(50)]


def test_an_error_behind_the_program_s_back_is_said_once_and_raised_when_asked_for(
    kb: KnowledgeBase, write: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    write(DAY, "").write_bytes("## 9:00 x".encode("utf-16"))
    pending = [carrel.log(f"step {number}", at=AT, wait=False) for number in range(3)]
    for one in pending:
        with pytest.raises(carrel.CarrelError, match="is UTF-16") as told:
            one.result()
        assert told.value.__notes__ == ["save it as UTF-8"]
    assert capsys.readouterr().err.count("carrel: an entry was not saved: ") == 1


def test_no_training_ends_for_what_is_not_on_the_disk_or_not_said(
    kb: KnowledgeBase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pending = [
        carrel.log("x", figure=tmp_path / "none.png", wait=False),
        carrel.log("x", figure=Broken(), wait=False),
        carrel.log("x", dir=tmp_path / "gone", wait=False),
        carrel.log("", wait=False),
    ]
    reasons = ["no such file", "latex could not be found", "there is no folder", "the entry is empty"]
    for one, reason in zip(pending, reasons, strict=True):
        assert one.done()
        with pytest.raises(carrel.CarrelError, match=reason):
            one.result()
    assert capsys.readouterr().err.count("carrel: an entry was not saved: ") == 1
    assert kb.stamps() == {}


class Mute(Exception):
    """What has no words, and fails with an error that has none either."""

    def __str__(self) -> str:
        raise Mute

    __repr__ = __str__


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"values": {"a": 10**5000}}, "values: 'a': this int cannot be written; nothing was written"),
        ({"values": {"a": Mute()}}, "values: 'a': this Mute cannot be written; nothing was written"),
        ({"values": {1: 2}}, "values: 1 is no name; nothing was written"),
        ({"values": {Mute(): 2}}, "what was handed over could not be read: Mute; nothing was written"),
        ({"values": {"project": "x"}}, "values: 'project' is said by itself, and is no value; nothing was written"),
        ({"text": Mute()}, "what was handed over could not be read: Mute; nothing was written"),
        ({"tags": [Mute()]}, "tags: a Mute is none; nothing was written"),
        ({"tags": "123"}, "'123' is no tag; nothing was written"),
        ({"figure": "a\0b"}, "figure: 'a\\x00b' is no path; nothing was written"),
        ({"figure": "\ud800"}, "figure: '\\ud800' is no path; nothing was written"),
        ({"experiment": "[x"}, "experiment: '[x' is no name of a note; nothing was written"),
        (
            {"caption": 3},
            "what was handed over could not be read: TypeError: 'int' object is not iterable; nothing was written",
        ),
    ],
)  # fmt: skip
def test_whatever_is_handed_over_ends_no_training_and_is_an_error_with_a_hint_for_who_waits(
    kb: KnowledgeBase, capsys: pytest.CaptureFixture[str], wrong: dict[str, Any], reason: str
) -> None:
    call = {"text": "x", "at": AT, **wrong}
    pending = [carrel.log(**call, wait=False) for _ in range(2)]
    assert capsys.readouterr().err.count(f"carrel: an entry was not saved: {reason}\n        ") == 1
    for attempt in (pending[0].result, pending[1].result, lambda: carrel.log(**call)):
        with pytest.raises(carrel.CarrelError) as told:
            attempt()
        assert told.value.message == reason
        assert told.value.hint
        assert told.value.__notes__ == [told.value.hint]
    assert kb.stamps() == {}


def test_an_argument_that_log_does_not_have_is_python_s_own_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'vaules'"):
        carrel.log("x", vaules={}, wait=False)  # type: ignore[call-overload]


def test_asking_for_a_result_can_end(kb: KnowledgeBase) -> None:
    with kb.exclusive():
        pending = carrel.log("x", at=AT, wait=False)
        with pytest.raises(TimeoutError):
            pending.result(0.01)
        assert not pending.done()
    assert pending.result().path == kb.root / DAY


def test_who_hands_over_more_than_can_wait_waits_too(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MOST_WAITING", 1000)
    figure = b"GIF89a" + bytes(600)
    second = threading.Thread(target=carrel.log, args=("two",), kwargs={"figure": figure, "at": AT, "wait": False})
    with kb.exclusive():
        carrel.log("one", figure=figure, at=AT, wait=False)
        second.start()
        second.join(0.2)
        assert second.is_alive()
    second.join()
    assert carrel.log("three", at=AT, wait=False).result().path == kb.root / DAY
    assert [entry.title for entry in kb.read(DAY).entries] == ["one", "two", "three"]


def test_children_that_are_forked_while_it_writes_write_their_own(kb: KnowledgeBase) -> None:
    """As the workers of a DataLoader: no lock, no thread and no entry of the parent's goes with them."""
    code = """
        import multiprocessing, threading, carrel

        def log(text):
            return carrel.log(text, at="2026-11-20 14:32", wait=False)

        def work(number, inherited):
            try:
                inherited.result(5)
            except carrel.CarrelError as error:
                assert "handed over in the parent" in str(error)
            log(f"child {number}").result(20)
            log(f"child {number}, last words")

        fork = multiprocessing.get_context("fork")
        children = []
        for number in range(12):
            pending = [log(f"parent {number}.{step}") for step in range(5)]
            children.append(fork.Process(target=work, args=(number, pending[-1])))
            children[-1].start()
        for child in children:
            child.join()
        print([child.exitcode for child in children])
    """
    out, err = python(code).communicate(timeout=100)
    assert (out, err) == (f"{[0] * 12}\n", "")
    wanted = [f"parent {number}.{step}" for number in range(12) for step in range(5)]
    wanted += [f"child {number}{end}" for number in range(12) for end in ("", ", last words")]
    assert Counter(entry.title for entry in kb.read(DAY).entries) == Counter(wanted)


def test_the_handler_of_a_signal_may_hand_over_and_is_told_so_if_it_waits(kb: KnowledgeBase) -> None:
    code = """
        import signal, carrel
        from carrel.store import files

        at = "2026-11-20 14:32"
        def stopping(*_):
            carrel.log("stopped", at=at, wait=False)
            try:
                carrel.log("stopped again", at=at)
            except carrel.CarrelError as error:
                print(error, *error.__notes__)

        signal.signal(signal.SIGTERM, stopping)
        create = files.create
        def interrupted(*arguments):
            signal.raise_signal(signal.SIGTERM)
            create(*arguments)
        files.create = interrupted
        carrel.log("first", at=at)
    """
    out, err = python(code).communicate(timeout=60)
    assert (out, err) == ("an entry is being written in this very thread in a signal's handler: wait=False\n", "")
    assert [entry.title for entry in kb.read(DAY).entries] == ["first", "stopped"]


def test_eight_processes_that_are_killed_while_they_log_lose_no_entry_they_were_told_is_saved(
    kb: KnowledgeBase,
) -> None:
    code = """
        import itertools, sys, carrel
        at, figure = "2026-11-20 14:32", b"\\x89PNG\\r\\n\\x1a\\n" + sys.argv[1].encode()
        waiting = []
        for number in itertools.count():
            name = f"{sys.argv[1]}-{number}"
            pending = carrel.log(f"step {name}", figure=figure, values={"step": name}, at=at, wait=False)
            waiting.append((name, pending))
            if number % 3 == 0:
                carrel.log(f"step {name}, waited", figure=figure, values={"step": name}, at=at)
                print(f"step {name}, waited", flush=True)
            while len(waiting) > 20 or (waiting and waiting[0][1].done()):
                name, pending = waiting.pop(0)
                pending.result()
                print(f"step {name}", flush=True)
    """
    running = [python(code, name, start_new_session=True) for name in "abcdefgh"]
    for process in running:  # all of them are at it
        assert process.stdout is not None
        assert process.stdout.readline().startswith("step ")
    time.sleep(0.5)
    for process in running:
        os.kill(process.pid, signal.SIGKILL)
    told = [process.communicate()[0] for process in running]
    acknowledged = {line for out in told for line in out.splitlines() if line}
    assert len(acknowledged) > 8
    for process in running:  # nothing of its group is left
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    note = kb.read(DAY)
    titles = Counter(entry.title for entry in note.entries)
    assert acknowledged - set(titles) == set()
    assert set(titles.values()) == {1}
    assert all(entry.title.startswith(f"step {entry.fields['step']}") for entry in note.entries)
    assert len(records(note)) == len(note.entries)
    assert set(stored(kb)) <= {b"\x89PNG\r\n\x1a\n" + name.encode() for name in "abcdefgh"}
    carrel.log("after", figure=b"GIF89a", at=AT)
    assert list(kb.root.rglob("*.tmp")) == []
