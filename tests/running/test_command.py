"""A command in a pipe, a script or a job is run as it is: its streams, its exit code, its signals, its last words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from carrel.core.run import Run, read_run
from carrel.running.command import NotStarted, check_startable
from carrel.store.knowledge_base import KnowledgeBase
from tests.running.person import CARREL


def run(kb: KnowledgeBase, *words: str, stdin: bytes = b"", **options: object) -> subprocess.CompletedProcess[bytes]:
    settings: dict[str, object] = {"cwd": kb.root, "input": stdin, "capture_output": True, "timeout": 60, **options}
    return subprocess.run([*CARREL, "-q", "run", "--", *words], check=False, **settings)  # type: ignore[call-overload,no-any-return]  # options are run()'s own


def started(kb: KnowledgeBase, *words: str, **options: object) -> subprocess.Popen[bytes]:
    settings: dict[str, object] = {"cwd": kb.root, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([*CARREL, "-q", "run", "--", *words], **settings)  # type: ignore[call-overload,no-any-return]  # options are Popen's own


def script(text: str) -> list[str]:
    return [sys.executable, "-u", "-c", textwrap.dedent(text)]


def runs(kb: KnowledgeBase) -> list[Run]:
    found = [read_run(entry.fields) for note in kb.notes() for entry in note.entries]
    return [run for run in found if run is not None]


def text_of(kb: KnowledgeBase) -> str:
    return "\n".join(entry.text for note in kb.notes() for entry in note.entries)


def test_output_and_errors_stay_apart_and_no_terminal_is_made_up(kb: KnowledgeBase) -> None:
    said = run(kb, *script("""
        import os, sys
        print([os.isatty(n) for n in (0, 1, 2)]); print("oops", file=sys.stderr)
    """))  # fmt: skip
    assert (said.stdout, said.stderr, said.returncode) == (b"[False, False, False]\n", b"oops\n", 0)
    assert "[False, False, False]" in text_of(kb)
    assert "oops" in text_of(kb)


def test_bytes_pass_through_as_they_are(kb: KnowledgeBase) -> None:
    everything = bytes(range(256)) * 300
    assert run(kb, "cat", stdin=everything).stdout == everything


def test_words_reach_the_command_as_they_are_and_no_shell_reads_them(kb: KnowledgeBase) -> None:
    words = ["$HOME", "*", "a b", "", "'", "; rm -rf x", "\n", "é", "--help", "-m", "--"]
    said = run(kb, *script("import sys; print(sys.argv[1:])"), *words)
    assert said.stdout.decode() == f"{words}\n"
    said = run(kb, *script("import os, sys; print(os.fsencode(sys.argv[1]))"), os.fsdecode(b"caf\xe9"))
    assert said.stdout == b"b'caf\\xe9'\n"


def test_options_of_the_command_are_its_own_without_two_hyphens_too(kb: KnowledgeBase) -> None:
    done = subprocess.run(
        [*CARREL, "run", "-q", "echo", "-m", "x", "-q"], cwd=kb.root, capture_output=True, check=False
    )
    assert (done.stdout, done.stderr) == (b"-m x -q\n", b"")


@pytest.mark.parametrize("code", [0, 1, 3, 126, 255])
def test_the_exit_code_is_the_command_s(kb: KnowledgeBase, code: int) -> None:
    assert run(kb, "sh", "-c", f"exit {code}").returncode == code
    assert [run.exit for run in runs(kb)] == [code]


def test_a_command_that_is_killed_is_told_as_a_shell_tells_it(kb: KnowledgeBase) -> None:
    assert run(kb, "sh", "-c", "echo so far; kill -KILL $$").returncode == 137
    [one] = runs(kb)
    assert (one.exit, one.signal) == (137, "SIGKILL")
    assert "so far" in text_of(kb)


def test_what_cannot_be_started_is_an_error_with_a_shell_s_exit_code_and_no_entry(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    plain, broken = tmp_path / "plain", tmp_path / "broken"
    plain.write_text("echo x")
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    expected = {
        "no-such-command": (127, "carrel: no-such-command: no such command; nothing was run"),
        str(plain): (126, f"carrel: {plain}: permission denied; nothing was run"),
        str(tmp_path): (126, f"carrel: {tmp_path}: is a directory; nothing was run"),
        "": (127, "carrel: '': no such command; nothing was run"),
        str(broken): (126, f"carrel: {broken}: its interpreter is missing; nothing was run"),
    }
    for word, (code, message) in expected.items():
        said = run(kb, word)
        assert (said.returncode, said.stderr.decode().splitlines()[0]) == (code, message)
    assert kb.stamps() == {}
    with pytest.raises(NotStarted, match="no such command"):
        check_startable("cd")


def test_a_pattern_that_the_shell_replaced_by_names_of_files_is_to_be_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("p1.png", "p2.png"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(NotStarted, match="no such command") as told:
        check_startable("p2.png")  # what `carrel run --figure p*.png -- true` is told to run
    assert told.value.hint == "it is a file here: put a pattern in quotes, --figure '*.png', or say what runs it"
    assert told.value.exit_code == 127


def test_a_script_without_an_interpreter_line_is_run_by_sh_as_everywhere(kb: KnowledgeBase, tmp_path: Path) -> None:
    place = tmp_path / "train.sh"
    place.write_text('echo "lr $1"')
    place.chmod(0o755)
    assert run(kb, str(place), "3e-4").stdout == b"lr 3e-4\n"


def test_what_still_runs_afterwards_is_not_waited_for_and_that_is_said(kb: KnowledgeBase) -> None:
    words = [*CARREL, "run", "--", "sh", "-c", "sleep 9 & echo $!"]
    done = subprocess.run(words, cwd=kb.root, capture_output=True, check=False, timeout=8)
    os.kill(int(done.stdout), signal.SIGKILL)
    assert done.stderr.decode().splitlines()[0] == (
        "something that it started still runs, and cannot write here any more: give that a file for its output"
    )
    assert done.returncode == 0


def test_a_reader_that_has_had_enough_ends_the_command_as_it_would_have(kb: KnowledgeBase) -> None:
    line = f'{" ".join(CARREL)} -q run -- yes | head -1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", line], cwd=kb.root, capture_output=True, check=False, timeout=60)
    assert done.stdout == b"y\n141\n"
    assert [run.signal for run in runs(kb)] == ["SIGPIPE"]


def test_a_disk_that_takes_no_output_is_an_error_and_the_entry_has_the_output(kb: KnowledgeBase) -> None:
    line = f"{' '.join(CARREL)} run -- echo result > /dev/full"
    done = subprocess.run(["bash", "-c", line], cwd=kb.root, capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert b"some of its output could not be handed on: no space left on device" in done.stderr
    assert "result" in text_of(kb)


def test_what_a_command_leaves_running_is_not_waited_for(kb: KnowledgeBase) -> None:
    begun = time.monotonic()
    said = run(kb, "sh", "-c", "sleep 30 & echo $!")
    assert time.monotonic() - begun < 20
    os.kill(int(said.stdout), signal.SIGKILL)


def test_a_command_that_closes_its_output_is_waited_for(kb: KnowledgeBase) -> None:
    assert run(kb, "sh", "-c", "exec >&- 2>&-; sleep 0.4; exit 7").returncode == 7
    [one] = runs(kb)
    assert one.seconds is not None
    assert one.seconds >= 0.4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT], ids=lambda n: n.name)
def test_a_signal_to_carrel_in_a_job_is_passed_on_once(kb: KnowledgeBase, number: signal.Signals) -> None:
    process = started(
        kb, *script(f"""
            import signal, time
            got = []
            signal.signal({int(number)}, lambda *_: got.append(1))
            print("ready")
            while not got: time.sleep(0.02)
            time.sleep(0.3); print("got", len(got)); raise SystemExit(9)
        """), start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert (out, process.returncode) == (b"got 1\n", 9)
    assert [run.exit for run in runs(kb)] == [9]


def test_a_signal_that_comes_when_the_command_is_over_does_not_keep_the_entry_from_being_written(
    kb: KnowledgeBase,
) -> None:
    for number in ("TERM", "HUP", "INT"):
        run(kb, "sh", "-c", f"trap '' {number}; kill -{number} $PPID; sleep 0.05; kill -{number} $PPID", stdin=b"")
    assert [one.exit for one in runs(kb)] == [0, 0, 0]


def test_nohup_means_what_it_did(kb: KnowledgeBase) -> None:
    process = subprocess.Popen(
        ["nohup", *CARREL, "-q", "run", "--", *script("""
            import signal, sys
            print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, flush=True); sys.stdin.read(); print("done")
        """)], cwd=kb.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"True\n"
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=60)[0] == b"done\n"
    assert process.returncode == 0


def test_carrel_killed_outright_leaves_what_the_next_run_writes_down(kb: KnowledgeBase) -> None:
    process = subprocess.Popen(
        [*CARREL, "run", "-m", "Long training", "--", *script("print('ready'); input()")],
        cwd=kb.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    other = run(kb, "true")
    assert [entry.title for note in kb.notes() for entry in note.entries] == ["Ran true"], "the first still runs"
    process.kill()
    process.communicate(timeout=60)
    for _ in range(2):
        other = subprocess.run([*CARREL, "run", "--", "true"], cwd=kb.root, capture_output=True, check=False)
        assert other.returncode == 0
    entries = [entry for note in kb.notes() for entry in note.entries]
    assert [entry.title for entry in entries] == ["Ran true", "Long training", "Ran true", "Ran true"]
    assert "Carrel was killed while this ran. How it ended is not known." in entries[1].text
    killed = read_run(entries[1].fields)
    assert killed is not None
    assert (killed.exit, killed.seconds, killed.failed) == (None, None, True)


def test_two_runs_at_once_are_two_whole_entries(kb: KnowledgeBase) -> None:
    both = [
        started(kb, *script(f"import time; print('a {name}'); time.sleep(0.3); print('b {name}')")) for name in "xy"
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    texts = [entry.text for note in kb.notes() for entry in note.entries]
    assert sorted("\n".join(line for line in text.splitlines() if line[:2] in ("a ", "b ")) for text in texts) == [
        "a x\nb x",
        "a y\nb y",
    ]
