"""From `carrel predict` to `carrel calibration`: what is written, found, resolved, scored, and changed afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from carrel.core.prediction import made
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]
DAY, PRIVATE = "notes/2026/2026-11-20.md", "notes/2026/2026-11-20.private.md"
LAB = 'visibility = "lab"\n'


def body(kb: KnowledgeBase, path: str = DAY) -> str:
    return kb.read(path).body.strip()


def rows(carrel: Carrel, *arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(carrel("predictions", *arguments, "--json").out)
    return found


def claims(carrel: Carrel, *arguments: str) -> list[object]:
    return [row["claim"] for row in rows(carrel, *arguments)]


# --- predict ----------------------------------------------------------------------------------------------------


def test_a_prediction_is_an_entry_of_the_day_and_its_id_is_printed(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write("notes/experiments/seed-sweep.md", "---\nkind: experiment\n---\n")
    said = carrel(
        "predict", "Probes beat", "the lens #sae", "-p", "70%", "--by", "in two weeks", "-t", "interp",
        "--project", "toy", "--exp", "seed-sweep",
    )  # fmt: skip
    identity = said.out.strip()
    assert re.fullmatch(r"p-[a-z2-7]{5}", identity)
    assert (said.code, said.err) == (0, f"saved {DAY}: 70 % by 2026-12-04\n")
    assert body(kb) == (
        "## 14:32 Predicted: Probes beat the lens #sae\n\n"
        f"- [ ] p=0.7 by 2026-12-04: Probes beat the lens #sae ^{identity}\n\n"
        "project:: toy\nexperiment:: [[seed-sweep]]\n#interp"
    )
    [row] = rows(carrel)
    assert row == {
        "id": identity, "p": 0.7, "by": "2026-12-04", "state": "open", "claim": "Probes beat the lens #sae",
        "outcome": "", "resolved": None, "remark": "", "secret": "", "path": DAY, "line": 10,
        "title": "Predicted: Probes beat the lens #sae",
        "date": "2026-11-20", "authors": [], "project": "toy", "tags": ["sae", "interp"],
        "fields": {"project": "toy", "experiment": "[[seed-sweep]]"},
    }  # fmt: skip


def test_a_prediction_may_be_private_made_at_another_time_and_without_a_day(carrel: Carrel, kb: KnowledgeBase) -> None:
    said = carrel("predict", "x", "-p", ".5", "--private", "--at", "9:30")
    assert said.err == f"saved {PRIVATE}: 50 %; with --by it would come up when it is due\n"
    assert body(kb, PRIVATE) == f"## 09:30 Predicted: x\n\n- [ ] p=0.5: x ^{said.out.strip()}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x"], "a probability is wanted, and there is no terminal to ask on"),
        (["x", "-p", "70"], "a probability of 70 is more than 1"),
        (["x", "-p", "1"], "a probability of 1 leaves no room for doubt"),
        (["x", "-p", "0.5", "--by", "yesterday"], "'yesterday' is 2026-11-19, which is past"),
        (["x", "-p", "0.5", "--by", "some day"], "not a date: 'some day'"),
        (["", "-p", "0.5"], "what do you expect? nothing was written"),
        (["x", "-p", "0.5", "--secret", "--private"], "a private prediction is not shown to anyone"),
        (["x", "-p", "0.5", "--exp", "plain"], "notes/plain.md is of kind note, no experiment"),
        (["x", "-p", "0.5", "-t", "1"], "'1' is no tag"),
    ],
)
def test_what_is_no_prediction_is_refused_and_nothing_is_written(
    carrel: Carrel, kb: KnowledgeBase, write: Write, words: list[str], message: str
) -> None:
    write("notes/plain.md", "Text")
    said = carrel("predict", *words)
    assert said.code == 2
    assert said.err.startswith(f"carrel: {message}")
    assert list(kb.stamps()) == ["notes/plain.md"]


# --- predictions ------------------------------------------------------------------------------------------------


@pytest.fixture
def several(write: Write) -> None:
    """Five predictions, two of them resolved, in three notes."""
    write(
        DAY,
        "---\nauthors: [Ada]\n---\n## 9:00 One\n\n- [ ] p=0.7 by 2026-12-01: later ^p-later\n\n"
        "project:: toy\n#sae/probes\n\n"
        "## 10:00 Two\n\n- [ ] p=0.2 by 2026-11-20: due today\n",
    )
    write("notes/2026/2026-10-01.md", "- [ ] p=70% by 2026-11-01: overdue ^p-over\n- [ ] p=0.5: some day ^p-some\n")
    write(
        "notes/b.md",
        "---\ndate: 2026-09-01\ntags: [sae]\n---\n"
        "- [x] p=0.9 by 2026-10-01: it worked ^p-won → yes 2026-10-02: by far\n"
        "```\n- [ ] p=0.1: an example ^p-over\n```\n",
    )


@pytest.mark.usefixtures("several")
def test_predictions_are_listed_by_their_day_and_say_where_they_stand(carrel: Carrel) -> None:
    assert carrel("predictions").out == (
        "p-won    90 %  2026-10-01  yes   it worked  notes/b.md:5\n"
        "p-over   70 %  2026-11-01  due   overdue    notes/2026/2026-10-01.md:1\n"
        "-        20 %  2026-11-20  due   due today  notes/2026/2026-11-20.md:13\n"
        "p-later  70 %  2026-12-01  open  later      notes/2026/2026-11-20.md:6\n"
        "p-some   50 %              open  some day   notes/2026/2026-10-01.md:2\n"
    )


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--due"], ["overdue", "due today"]),
        (["--open"], ["overdue", "due today", "later", "some day"]),
        (["--resolved"], ["it worked"]),
        (["-t", "sae"], ["it worked", "later"]),
        (["--project", "Toy"], ["later"]),
        (["-a", "ada"], ["due today", "later"]),
        (["--since", "2026-10", "--until", "october"], ["overdue", "some day"]),
        (["-n", "1"], ["it worked"]),
        (["later"], ["later"]),
        (["kind:note"], ["it worked"]),
    ],
)
def test_options_and_queries_narrow_the_list(carrel: Carrel, options: list[str], found: list[str]) -> None:
    assert claims(carrel, *options) == found


def test_a_prediction_in_the_note_of_a_paper_is_that_of_who_summarises_it(carrel: Carrel, write: Write) -> None:
    front = "---\nkind: paper\nauthors: [Nelson Elhage]\nsummariser: Ada\n---\n"
    write("papers/elhage2022toy.md", f"{front}- [x] p=0.8: it replicates ^p-toy → yes 2026-11-01\n")
    assert carrel("predictions", "-a", "Elhage").out == ""
    assert [one["authors"] for one in json.loads(carrel("predictions", "-a", "Ada", "--json").out)] == [["Ada"]]
    groups = json.loads(carrel("calibration", "--by", "author", "--json").out)["groups"]
    assert [group["name"] for group in groups] == ["Ada"]


def test_where_there_is_nothing_the_list_says_so(carrel: Carrel) -> None:
    assert carrel("predictions").err == 'there is no prediction yet: carrel predict "…" -p 0.7\n'
    assert carrel("predictions", "--due").err == "nothing is due\n"
    assert carrel("predictions", "-t", "sae").err == "no prediction fits\n"
    assert carrel("predictions", "--json").out == "[]\n"


# --- resolve ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("name", ["p-later", "^p-later", "p-la", "later", "la", f"{DAY}:6", "2026-11-20:6"])
def test_a_prediction_is_resolved_by_its_id_the_beginning_of_it_or_its_place(
    carrel: Carrel, kb: KnowledgeBase, name: str
) -> None:
    before = kb.read_bytes(DAY)
    said = carrel("resolve", name, "yes", "margin", "0.06")
    assert (said.code, said.err) == (0, f"saved {DAY}:6: p-later → yes 2026-11-20\n")
    assert kb.read_bytes(DAY) == before.replace(
        b"- [ ] p=0.7 by 2026-12-01: later ^p-later",
        "- [x] p=0.7 by 2026-12-01: later ^p-later → yes 2026-11-20: margin 0.06".encode(),
    )


def test_bytes_that_an_editor_left_stay_as_they_are(carrel: Carrel, kb: KnowledgeBase) -> None:
    place = kb.root / "notes/odd.md"
    place.write_bytes(
        b"\xef\xbb\xbf---\r\nvisibility: lab # so\r\n---\r\n\tx\r\n\t- [ ] p=.5:  odd  ^p-odd \t\r\n- [ ] p=0.1: b"
    )
    before = place.read_bytes()
    assert carrel("resolve", "p-odd", "void", "--date", "yesterday").code == 0
    assert place.read_bytes() == before.replace(b"[ ] p=.5", b"[x] p=.5").replace(
        b"^p-odd \t", "^p-odd → void 2026-11-19 \t".encode()
    )


@pytest.mark.usefixtures("several")
def test_what_is_resolved_stays_so_unless_one_says_again(carrel: Carrel, kb: KnowledgeBase) -> None:
    said = carrel("resolve", "p-won", "no")
    assert (said.code, said.err) == (
        1,
        "carrel: p-won is resolved already: yes 2026-10-02\n        --again changes the outcome\n",
    )
    assert carrel("resolve", "p-won", "No", "--again").code == 0
    assert "- [x] p=0.9 by 2026-10-01: it worked ^p-won → no 2026-11-20\n" in kb.read("notes/b.md").body


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["p-nothing", "yes"], 1, "there is no such prediction: p-nothing"),
        (["p-", "yes"], 2, "p- is the beginning of several"),
        (["notes/b.md:1", "yes"], 1, "notes/b.md:1 is no prediction"),
        (["p-later", "yes", "--date", "tomorrow"], 2, "2026-11-21 is still to come"),
        (["p-later", "yes", "--date", "2026-11-19"], 2, f"2026-11-19 is before 2026-11-20, the day of {DAY}"),
        (["p-later"], 2, "an outcome is wanted, and there is no terminal to ask on"),
        ([], 2, "a prediction is wanted, and there is no terminal to ask on"),
        (["p-later", "maybe"], 2, "Invalid value for '[yes|no|void]'"),
    ],
)
def test_what_cannot_be_resolved_is_said_and_nothing_is_written(
    carrel: Carrel, kb: KnowledgeBase, words: list[str], code: int, message: str
) -> None:
    before = {path: kb.read_bytes(path) for path in kb.stamps()}
    said = carrel("resolve", *words)
    assert said.code == code
    assert said.err.startswith(f"carrel: {message}")
    assert {path: kb.read_bytes(path) for path in kb.stamps()} == before


def test_notes_that_cannot_be_changed_without_guessing_are_left_alone(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "notes/latin.md").write_bytes(b"caf\xe9\n\n- [ ] p=0.5: x ^p-one\n")
    (kb.root / "notes/twice.md").write_bytes(b"- [ ] p=0.5: x ^p-two\n- [ ] p=0.6: y ^p-two\n")
    said = carrel("resolve", "p-one", "yes")
    assert (said.code, said.err.splitlines()[0]) == (
        1,
        "carrel: notes/latin.md: holds bytes that are not UTF-8; nothing was written",
    )
    said = carrel("resolve", "notes/twice.md:2", "yes")
    assert said.err.splitlines()[0] == "carrel: notes/twice.md: ^p-two stands there twice; nothing was written"


def test_both_sides_of_a_conflict_count_nowhere_and_are_not_written_into(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    both = "<<<<<<< HEAD\n- [ ] p=0.7: a ^p-r\n=======\n- [x] p=0.7: a ^p-r → yes\n>>>>>>> theirs\n"
    write("notes/c.md", both)
    write("notes/quiet.md", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> theirs\n")
    left_out = "notes/c.md is left out: it holds both sides of a conflict\n"
    said = carrel("predictions")
    assert (said.out, said.err) == ("", f'{left_out}there is no prediction yet: carrel predict "…" -p 0.7\n')
    assert json.loads(carrel("calibration", "--json").out)["resolved"] == 0
    for name in ("p-r", "r", "notes/c.md:2", "c:4"):
        said = carrel("resolve", name, "no")
        assert (said.code, said.err.splitlines()[0]) == (
            1,
            "carrel: notes/c.md: it holds both sides of a conflict; keep one and delete the marks; nothing was written",
        )
    assert kb.read("notes/c.md").body == both


def test_an_outcome_that_cannot_be_read_is_replaced_only_if_one_says_so(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write("notes/a.md", "- [x] p = 70 %:a ^p-one → true\n")
    said = carrel("resolve", "p-one", "yes")
    assert (said.code, said.err.splitlines()[0]) == (1, "carrel: p-one has an outcome that cannot be read: → true")
    assert carrel("resolve", "p-one", "yes", "--again").code == 0
    assert kb.read("notes/a.md").body == "- [x] p = 70 %:a ^p-one → yes 2026-11-20\n"


def test_an_id_that_a_copied_note_has_too_is_no_name(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    for path in ("notes/a.md", "notes/a copy.md"):
        write(path, "- [ ] p=0.5: x ^p-one\n")
    write("notes/b.md", "- [ ] p=0.5: x ^p-one-more\n- [ ] p=0.5: y ^one-too\n")
    for name, said in (
        ("p-one", "p-one is the id of several"),
        ("one", "p-one is the id of several"),
        ("on", "on is the beginning of several"),
    ):
        answer = carrel("resolve", name, "yes")
        assert (answer.code, answer.err.splitlines()[0]) == (2, f"carrel: {said}")
        assert "p-one (notes/a copy.md:1), p-one (notes/a.md:1)" in answer.err
    assert carrel("resolve", "p-one-", "yes").code == 0
    assert carrel("resolve", "notes/a.md:1", "yes").code == 0
    assert "→ yes" in kb.read("notes/a.md").body
    assert "→ yes" not in kb.read("notes/a copy.md").body


def typed(kb: KnowledgeBase, keys: bytes, *words: str) -> None:
    """Run a command on a terminal at which a person types `keys`."""
    ours, theirs = os.openpty()
    environment = {**os.environ, "PATH": "/nowhere", "TERM": "dumb", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "carrel", *words]
    with subprocess.Popen(command, cwd=kb.root, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        os.write(ours, keys)
        assert process.wait(60) == 0
    os.close(ours)


def test_on_a_terminal_one_is_picked_of_those_that_are_due_and_asked_about(kb: KnowledgeBase, write: Write) -> None:
    write("notes/a.md", "- [ ] p=0.7 by 2000-01-01: it works\n- [ ] p=0.2 by 2999-01-01: later\n")
    typed(kb, b"1\nno\nit broke\n", "resolve")
    assert re.fullmatch(
        r"- \[x\] p=0.7 by 2000-01-01: it works \^p-[a-z2-7]{5} → no \d{4}-\d\d-\d\d: it broke\n"
        r"- \[ \] p=0.2 by 2999-01-01: later\n",
        kb.read("notes/a.md").body,
    )


def test_on_a_terminal_the_probability_is_asked_for_until_it_is_one(kb: KnowledgeBase) -> None:
    typed(kb, b"70\n70%\n", "predict", "x")
    [path] = kb.stamps()
    assert "- [ ] p=0.7: x ^p-" in kb.read(path).body


def test_a_note_that_cannot_be_read_is_named_where_it_may_hold_what_is_sought(
    carrel: Carrel, kb: KnowledgeBase, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write("notes/a.md", "- [ ] p=0.5: x ^p-one\n")
    opened = os.open

    def refused(path: str, flags: int, *rest: int, **more: int) -> int:
        if os.fspath(path) == str(place):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", refused)
    assert carrel("resolve", "p-one", "yes").err == (
        "notes/a.md was passed over: permission denied\n"
        "carrel: there is no such prediction: p-one\n        `carrel predictions --open` lists them\n"
    )
    assert carrel("predictions").err.startswith("notes/a.md was passed over: permission denied\n")


# --- secret -----------------------------------------------------------------------------------------------------


def test_a_secret_claim_is_shared_as_a_hash_and_revealed_with_its_outcome(carrel: Carrel, kb: KnowledgeBase) -> None:
    kb.config_path.write_text(LAB)
    claim = "It is the optimizer; really"
    said = carrel("predict", "--secret", claim, "-p", "0.7", "--by", "friday")
    identity = said.out.strip()
    assert said.err.splitlines() == [
        f"its claim waits in {PRIVATE}; keep that file, and out of a repository that others read",
        f"saved {DAY}: 70 % by 2026-11-27",
    ]
    shared, private = kb.read(DAY), kb.read(PRIVATE)
    assert (shared.visibility, private.visibility) == ("lab", "private")
    assert "optimizer" not in shared.body
    [entry] = private.entries
    assert entry.fields["secret"] == identity
    digest = sha256(f"{entry.fields['salt']} {claim}".encode()).hexdigest()
    assert [each.claim for each in made([shared, private])] == [f"secret sha256:{digest}"]
    assert [row["secret"] for row in rows(carrel)] == ["sealed"]

    assert carrel("resolve", identity, "yes", "margin 0.06").code == 0
    assert f"→ yes 2026-11-20: margin 0.06; revealed with salt {entry.fields['salt']}: {claim}\n" in kb.read(DAY).body
    [row] = rows(carrel)
    assert (row["claim"], row["remark"], row["secret"]) == (claim, "margin 0.06", "verified")
    assert f"{claim} (a secret; verified)" in carrel("predictions").out

    kb.absolute(PRIVATE).unlink()
    assert carrel("resolve", identity, "no", "--again").code == 0  # what was revealed stays so
    assert [row["secret"] for row in rows(carrel)] == ["verified"]
    kb.rewrite(DAY, lambda text: text.replace("the optimizer; really", "the data; really"))
    assert [row["secret"] for row in rows(carrel)] == ["not verified"]


def test_a_secret_is_found_wherever_its_file_was_moved(carrel: Carrel, kb: KnowledgeBase) -> None:
    identity = carrel("predict", "--secret", "a claim", "-p", "0.7").out.strip()
    kb.absolute(PRIVATE).rename(kb.root / "notes/old.private.md")
    assert carrel("resolve", identity, "yes").code == 0
    assert [(row["claim"], row["secret"]) for row in rows(carrel)] == [("a claim", "verified")]


def test_a_secret_that_is_lost_or_changed_is_not_revealed(carrel: Carrel, kb: KnowledgeBase) -> None:
    identity = carrel("predict", "--secret", "a claim", "-p", "0.7").out.strip()
    kb.rewrite(PRIVATE, lambda text: text.replace("a claim", "another claim"))
    said = carrel("resolve", identity, "yes")
    assert said.err.startswith(f"carrel: {PRIVATE}: what it says of {identity} no longer agrees with the hash; nothing")
    kb.absolute(PRIVATE).unlink()
    said = carrel("resolve", identity, "yes")
    assert (said.code, said.err.splitlines()[0]) == (1, f"carrel: the claim of {identity} is secret, and is not here")
    assert carrel("resolve", identity, "void", "lost").code == 0


# --- what git remembers -----------------------------------------------------------------------------------------


@pytest.fixture
def commit(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Commit all notes on a day."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=kb.root, check=True, capture_output=True)

    def at(day: str) -> None:
        if not (kb.root / ".git").exists():
            git("init", "-q")
        for name in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{name}_DATE", f"{day}T12:00:00+00:00")
        git("add", "-A")
        git("commit", "-q", "-m", day)

    return at


def test_what_was_changed_after_it_was_predicted_is_told(
    carrel: Carrel, kb: KnowledgeBase, write: Write, commit: Callable[[str], None]
) -> None:
    write("notes/a.md", "- [ ] p=0.7 by 2026-11-01: it works ^p-one\n- [ ] p=0.5: honest ^p-two\r\n")
    commit("2026-10-01")
    write("notes/a.md", "- [ ] p=0.9 by 2026-11-01: it works ^p-one\n- [ ] p=0.5: honest ^p-two\r\n")
    commit("2026-10-05")
    (kb.root / "notes/a.md").rename(kb.root / "notes/moved.md")
    commit("2026-10-06")
    write("notes/late.md", "- [x] p=0.95: known already ^p-late → yes 2026-10-06\n")
    commit("2026-10-07")
    assert carrel("resolve", "p-two", "no").code == 0
    assert carrel("resolve", "p-late", "no", "--again").code == 0
    write("notes/new.md", "- [ ] p=0.4: fresh ^p-new\n")
    kb.rewrite("notes/moved.md", lambda text: text.replace("by 2026-11-01: it works", "by 2026-12-01: it works a bit"))
    said = carrel("predictions", "--edited")
    assert re.sub(r"\b[0-9a-f]{7}\b", "COMMIT", said.out) == (
        "p-one   p         0.7 → 0.9                                        2026-10-05 COMMIT  notes/a.md\n"
        "p-one   by        2026-11-01 → 2026-12-01                          not committed       notes/moved.md\n"
        "p-one   claim     it works → it works a bit                        not committed       notes/moved.md\n"
        "p-late  outcome   yes → no                                         not committed       notes/late.md\n"
        "p-late  unproven  resolved 2026-10-06, first committed 2026-10-07  2026-10-07 COMMIT  notes/late.md\n"
    )
    assert said.err == (
        "1 was resolved before git first saw it: nothing shows that it was made in time\n"
        "not committed yet, so git cannot date them: p-new\n"
    )
    assert [one["id"] for one in json.loads(carrel("predictions", "known", "--edited", "--json").out)] == ["p-late"] * 2
    changed = json.loads(carrel("predictions", "--edited", "--json").out)
    assert {key: changed[0][key] for key in ("id", "what", "before", "after", "path")} == {
        "id": "p-one", "what": "p", "before": "0.7", "after": "0.9", "path": "notes/a.md",
    }  # fmt: skip


def test_a_prediction_without_an_id_is_followed_by_its_claim_also_once_it_was_given_one(
    carrel: Carrel, kb: KnowledgeBase, write: Write, commit: Callable[[str], None]
) -> None:
    write("notes/a.md", "- [ ] p=0.8: no id\n- [ ] p=0.3: twice\n- [ ] p=0.4: twice\n")
    commit("2026-10-01")
    write("notes/a.md", "- [ ] p=0.2: no id\n- [ ] p=0.3: twice\n- [ ] p=0.5: twice\n")
    commit("2026-10-05")
    write("notes/b.md", "- [ ] p=0.5: no id\n")
    said = carrel("predictions", "--edited")
    assert re.sub(r"\b[0-9a-f]{7}\b", "COMMIT", said.out) == "-  p  0.8 → 0.2: no id  2026-10-05 COMMIT  notes/a.md\n"
    changed = "p=0.2, and it was 0.8 when it was first committed, on 2026-10-01"
    assert [one["message"] for one in json.loads(carrel("check", "--json").out)] == [changed]
    assert carrel("resolve", "notes/a.md:1", "no").code == 0
    [row] = [row for row in rows(carrel) if row["line"] == 1 and row["path"] == "notes/a.md"]
    assert re.fullmatch(r"p-[a-z2-7]{5}", str(row["id"]))
    [edit] = json.loads(carrel("predictions", "--edited", "--json").out)
    assert (edit["id"], edit["what"], edit["before"], edit["after"]) == (row["id"], "p", "0.8", "0.2")
    assert [one["message"] for one in json.loads(carrel("check", "--json").out)] == [changed]


def test_a_prediction_that_was_committed_and_stands_nowhere_any_more_is_told(
    carrel: Carrel, kb: KnowledgeBase, write: Write, commit: Callable[[str], None]
) -> None:
    write("notes/a.md", "- [ ] p=0.9: it works ^p-one\n- [ ] p=0.5: moved ^p-two\n- [ ] p=0.5: example ^p-three\n")
    write("notes/gone.md", "- [ ] p=0.1: deleted ^p-four\n")
    write("notes/slip.md", "- [ ] p=0.1: a slip ^p-five\n")
    commit("2026-10-01")
    (kb.root / "notes/slip.md").unlink()
    commit("2026-10-01")
    (kb.root / "notes/gone.md").unlink()
    commit("2026-10-04")
    write("notes/a.md", "```\n- [ ] p=0.5: example ^p-three\n```\n")
    write("notes/b.md", "- [ ] p=0.5: moved ^p-two\n")
    said = carrel("predictions", "--edited")
    assert re.sub(r"\b[0-9a-f]{7}\b", "COMMIT", said.out) == (
        "p-one   removed  p=0.9: it works  not committed       notes/a.md\n"
        "p-four  removed  p=0.1: deleted   2026-10-04 COMMIT  notes/gone.md\n"
        "p-five  removed  p=0.1: a slip    2026-10-01 COMMIT  notes/slip.md\n"
    )
    assert carrel("predictions", "moved", "--edited").out == ""
    told = json.loads(carrel("check", "--json").out)
    message = "^p-four was committed on 2026-10-01 with p=0.1, and stands nowhere now"
    assert {one["code"] for one in told} == {"removed-prediction"}
    assert [(one["path"], one["message"]) for one in told][1] == ("notes/gone.md", message)
    assert len(told) == 2  # what was taken back on its first day was a slip
    assert carrel("check").code == 0


def test_check_warns_of_a_p_that_is_not_what_it_was_on_the_day_of_its_first_commit(
    carrel: Carrel, write: Write, commit: Callable[[str], None]
) -> None:
    first = "- [ ] p=0.7: it works ^p-one\n- [ ] p=0.5: honest ^p-two\n- [ ] p=60%: mended ^p-three\n"
    write("notes/a.md", first)
    commit("2026-10-01")
    write("notes/a.md", first.replace("0.5", "0.4"))
    commit("2026-10-01")
    write("notes/a.md", first.replace("0.5", "0.4").replace("60%", "0.9").replace("0.7", ".8"))
    commit("2026-10-03")
    front = "---\ntitle: So\n---\n"
    write("notes/a.md", front + first.replace("0.5", "0.4").replace("60%", "0.6").replace("0.7", "0.95"))
    [one] = json.loads(carrel("check", "--json").out)
    assert one == {
        "path": "notes/a.md", "line": 4, "code": "edited-prediction",
        "message": "p=0.95, and it was 0.7 when it was first committed, on 2026-10-01",
    }  # fmt: skip
    said = carrel("check")
    assert (said.code, said.err) == (0, "1 note, 0 findings; 1 warning: 1 edited-prediction\n")
    assert carrel("check", "--strict").code == 2


def test_a_prediction_of_today_may_still_be_mended_and_a_note_may_move(
    carrel: Carrel, kb: KnowledgeBase, write: Write, commit: Callable[[str], None]
) -> None:
    write("notes/a.md", "- [ ] p=0.7: it works ^p-one\n")
    commit("2026-11-20")
    write("notes/a.md", "- [ ] p=0.8: it works ^p-one\n")
    assert carrel("check", "--strict").code == 0
    (kb.root / "notes/a.md").rename(kb.root / "notes/moved.md")
    commit("2026-11-20")
    assert carrel("check", "--strict").code == 0


def test_a_line_that_another_note_shows_as_an_example_is_no_change(
    carrel: Carrel, write: Write, commit: Callable[[str], None]
) -> None:
    write("notes/a.md", "- [ ] p=0.7: it works ^p-one\n- [ ] p=0.7: it moves ^p-two\n")
    commit("2026-10-01")
    write("notes/how.md", "```\n- [ ] p=0.9: it works ^p-one\n```\n")
    commit("2026-10-02")
    write("notes/a.md", "- [ ] p=0.7: it works ^p-one\n\n```\n- [ ] p=0.7: it moves ^p-two\n```\n")
    write("notes/b.md", "- [ ] p=0.8: it moves ^p-two\n")
    commit("2026-10-03")
    changed = json.loads(carrel("predictions", "--edited", "--json").out)
    assert [(one["id"], one["before"], one["after"], one["path"]) for one in changed] == [
        ("p-two", "0.7", "0.8", "notes/b.md")
    ]


def test_without_git_there_is_no_history_and_that_is_said(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", "- [ ] p=0.7: it works ^p-one\n")
    said = carrel("predictions", "--edited")
    assert said.code == 1
    assert "git has no history of" in said.err


# --- calibration ------------------------------------------------------------------------------------------------


@pytest.fixture
def forecaster(write: Write) -> None:
    """Twenty predictions at 90 % of which fifteen came true, twenty at 20 % of which four did, and some others."""
    lines = [f"- [x] p=0.9: high {n} ^p-h{n} → {'yes' if n < 15 else 'no'} 2026-11-01" for n in range(20)]
    lines += [f"- [x] p=0.2: low {n} ^p-l{n} → {'yes' if n < 4 else 'no'} 2026-11-01" for n in range(20)]
    lines += ["- [x] p=0.5: void ^p-v → void", "- [ ] p=0.5: open ^p-o"]
    write("notes/a.md", "---\ndate: 2026-10-01\ntags: [sae]\n---\n" + "\n".join(lines) + "\n")
    write("notes/b.md", "---\ndate: 2025-10-01\n---\n- [x] p=0.5: other → yes\n")


@pytest.mark.usefixtures("forecaster")
def test_calibration_shows_scores_and_where_the_true_rates_lie(carrel: Carrel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = carrel("calibration", "-t", "sae")
    assert said.out.splitlines() == [
        "40 resolved: you said 55 % on average, and 48 % came true",
        "Brier score 0.185, log score 0.578 (one half always: 0.250, 0.693)",
        "",
        "  said  came true            0 %        25 %       50 %       75 %       100 %",
        "  20 %  4 of 20        20 %      -----#---------",
        "  90 %  15 of 20       75 %                         ----------o------|",
        "",
        "| said   o came true   # both   --- where the true rate lies (95 %, Wilson)",
    ]
    assert max(map(len, said.out.splitlines())) <= 80
    assert said.err == (
        "42 predictions: 1 open and 1 void are left out\n"
        "`carrel predictions --edited` says whether any was changed after it was made\n"
    )


@pytest.mark.usefixtures("forecaster")
def test_calibration_tells_programs_the_same(carrel: Carrel) -> None:
    told = json.loads(carrel("calibration", "--json", "--since", "2026", "--by", "year").out)
    assert {key: told[key] for key in ("resolved", "open", "void", "enough")} == {
        "resolved": 40, "open": 1, "void": 1, "enough": True,
    }  # fmt: skip
    assert told["scores"]["brier"] == pytest.approx((15 * 0.01 + 5 * 0.81 + 4 * 0.64 + 16 * 0.04) / 40)
    assert [(one["low"], one["count"], one["happened"]) for one in told["buckets"]] == [(0.2, 20, 4), (0.8, 20, 15)]
    assert [(one["name"], one["resolved"]) for one in told["groups"]] == [("2026", 40)]


@pytest.mark.usefixtures("forecaster")
def test_groups_with_too_few_predictions_have_no_score(carrel: Carrel) -> None:
    assert carrel("calibration", "--by", "tag").out.splitlines()[-3:] == [
        "        resolved  said     came true  Brier  log",
        "sae     40        55 %     48 %       0.185  0.578",
        "(none)  1         too few",
    ]


def test_with_too_few_predictions_there_is_neither_score_nor_curve(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", "- [x] p=0.5: a → yes\n" * 9)
    said = carrel("calibration")
    assert said.out == ""
    assert said.err.splitlines()[0] == (
        "9 predictions are resolved, too few to judge by: scores and a curve are shown from 10 on"
    )
    assert json.loads(carrel("calibration", "--json").out) == {"resolved": 9, "open": 0, "void": 0, "enough": False}


def test_to_have_been_certain_and_wrong_is_said_and_is_no_number(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", "- [x] p=100%: a → no\n" * 10)
    said = carrel("calibration").out.splitlines()[1]
    assert said == "Brier score 1.000, log score infinite: 10 predictions said 100 % and were wrong"
    assert json.loads(carrel("calibration", "--json").out)["scores"]["log"] is None
    write("notes/a.md", "- [x] p=0.5: a → no\n" * 9 + "- [x] p=0: a → yes\n")
    lines = carrel("calibration", "--by", "project").out.splitlines()
    assert lines[1] == "Brier score 0.325, log score infinite: 1 prediction said 0 % and was wrong (without it 0.693)"
    assert lines[-1] == "(none)  10        45 %  10 %       0.325  inf"
    told = json.loads(carrel("calibration", "--json").out)["scores"]
    assert (told["log"], told["certain_and_wrong"]) == (None, 1)
    assert told["log_without_them"] == pytest.approx(0.6931, abs=1e-4)


@pytest.mark.usefixtures("forecaster")
def test_a_query_narrows_what_is_scored(carrel: Carrel) -> None:
    assert json.loads(carrel("calibration", "high", "kind:note", "--json").out)["resolved"] == 40
    assert json.loads(carrel("calibration", "kind:experiment", "--json").out)["resolved"] == 0


@pytest.mark.parametrize("claim", ["`", "``", "```", "$$", "the `seed matters"])
def test_a_prediction_with_half_of_a_code_is_found_again(carrel: Carrel, claim: str) -> None:
    carrel("log", "a `stray one")
    identity = carrel("predict", claim, "-p", "0.5").out.strip()
    carrel("log", "another `stray one")
    assert [(row["id"], row["claim"]) for row in rows(carrel)] == [(identity, claim)]
