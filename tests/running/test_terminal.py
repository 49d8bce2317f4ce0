"""A command that a person runs at a terminal has one: its size, its keys, its signals; and the terminal is left as it
was, whatever happens. Each test sits at a real pseudo-terminal.
"""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.core.run import Run, read_run
from carrel.store.knowledge_base import KnowledgeBase
from tests.running.person import CARREL, PATIENCE, Person

Sit = Callable[..., Person]


def script(text: str) -> list[str]:
    return [sys.executable, "-u", "-c", textwrap.dedent(text)]


def runs(kb: KnowledgeBase) -> list[Run]:
    found = [read_run(entry.fields) for note in kb.notes() for entry in note.entries]
    return [run for run in found if run is not None]


def entry_text(kb: KnowledgeBase) -> str:
    return next(entry.text for note in kb.notes() for entry in note.entries)


def test_a_command_at_a_terminal_has_one_of_that_size(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal(
        "run", "--", *script("import os, sys; print([os.isatty(n) for n in (0, 1, 2)], os.get_terminal_size())")
    )
    person.sees("[True, True, True] os.terminal_size(columns=80, lines=24)")
    assert person.waits() == 0
    assert "[True, True, True]" in entry_text(kb)


def test_what_is_typed_reaches_the_command_and_is_echoed_by_its_terminal(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal("run", "--", *script("print('said', repr(input('name? ')))"))
    person.sees("name? ")
    person.types("ada\n")
    person.sees("ada\r\n")
    person.sees("said 'ada'")
    assert person.waits() == 0


def test_a_password_that_is_asked_for_is_neither_shown_nor_kept(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal("run", "--", *script("import getpass; print(len(getpass.getpass('password: ')), 'letters')"))
    person.sees("password: ")
    person.types("open sesame\n")
    person.sees("11 letters")
    assert person.waits() == 0
    assert not any(b"sesame" in path.read_bytes() for path in kb.root.rglob("*") if path.is_file())


def test_what_a_terminal_made_of_line_breaks_is_not_kept(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal("run", "--", *script("for number in range(60): print('line', number)"))
    person.sees("line 59\r\n")
    assert person.waits() == 0
    [kept] = (kb.root / "notes/assets").rglob("output-*.private.txt")
    assert kept.read_bytes() == b"".join(b"line %d\n" % number for number in range(60))


def test_the_end_of_input_is_typed_as_ever(at_terminal: Sit) -> None:
    person = at_terminal("run", "--", "cat")
    person.types("x\n")
    person.sees("x\r\nx\r\n")
    person.types("\x04")
    assert person.waits() == 0


def test_a_window_drawn_larger_is_told_to_the_command(at_terminal: Sit) -> None:
    person = at_terminal(
        "run", "--", *script("""
            import os, signal, time
            told = []
            signal.signal(signal.SIGWINCH, lambda *_: told.append(1))
            print("ready")
            while not told: time.sleep(0.02)
            print(os.get_terminal_size())
        """),
    )  # fmt: skip
    person.sees("ready")
    person.resize(50, 132)
    person.sees("os.terminal_size(columns=132, lines=50)")
    assert person.waits() == 0


def test_ctrl_c_reaches_the_command_and_the_entry_is_written(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal("run", "-m", "Too slow", "--", *script("import time; print('ready'); time.sleep(600)"))
    person.sees("ready")
    person.types("\x03")
    person.sees("saved notes/")
    assert person.waits() == 130
    [run] = runs(kb)
    assert (run.exit, run.signal) == (130, "SIGINT")
    assert "KeyboardInterrupt" in entry_text(kb)


def test_a_command_that_makes_something_of_ctrl_c_goes_on(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal(
        "run", "--", *script("""
            import time
            try:
                print("ready"); time.sleep(600)
            except KeyboardInterrupt:
                print("saving"); time.sleep(0.2)
                print("saved it"); raise SystemExit(5)
        """),
    )  # fmt: skip
    person.sees("ready")
    person.types("\x03")
    person.sees("saved it")
    assert person.waits() == 5
    assert [(run.exit, run.signal) for run in runs(kb)] == [(5, "")]


def test_ctrl_backslash_quits_the_command_and_not_carrel(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal(
        "run",
        "--",
        *script(
            "import resource, time; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); print('ready'); time.sleep(600)"
        ),
    )
    person.sees("ready")
    person.types("\x1c")
    assert person.waits() == 131
    assert [run.signal for run in runs(kb)] == ["SIGQUIT"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1], ids=lambda n: n.name)
def test_a_signal_to_carrel_is_the_command_s_and_the_terminal_is_as_it_was(
    at_terminal: Sit, kb: KnowledgeBase, number: signal.Signals
) -> None:
    person = at_terminal("run", "--", *script("import time; print('ready'); time.sleep(600)"))
    before = person.settings()
    person.sees("ready")
    assert person.settings() != before, "the keys are handed on one by one"
    os.kill(person.pid, number)
    person.sees("saved notes/")
    assert person.waits() == 128 + number
    assert [run.signal for run in runs(kb)] == [number.name]
    assert person.settings() == before


def test_a_window_that_is_closed_ends_the_command_and_the_entry_is_written(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal("run", "--", *script("import time; print('ready'); time.sleep(600)"))
    person.sees("ready")
    person.leaves()
    os.waitpid(person.pid, 0)
    person.ended = 0
    assert [(run.exit, run.signal) for run in runs(kb)] == [(129, "SIGHUP")]


def test_what_is_left_running_lives_on_and_that_it_cannot_write_here_is_said(
    at_terminal: Sit, kb: KnowledgeBase
) -> None:
    mark = kb.root / "mark"
    person = at_terminal("run", "--", "sh", "-c", f"(sleep 0.6; echo ok > {mark}) & echo started")
    person.sees("started")
    person.sees("something that it started still runs, and cannot write here any more")
    assert person.waits() == 0
    assert not mark.exists()
    end = time.monotonic() + PATIENCE
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < end, "it was ended"
        time.sleep(0.02)


def test_what_is_left_running_without_the_terminal_is_no_matter(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal("run", "--", "sh", "-c", "sleep 0.5 < /dev/null > /dev/null 2>&1 & echo started")
    person.sees("started\r\nsaved ")
    assert person.waits() == 0


def test_a_window_that_is_closed_ends_what_the_command_has_in_the_background_too(
    at_terminal: Sit, kb: KnowledgeBase
) -> None:
    pids = kb.root / "pids"
    person = at_terminal("run", "--", "sh", "-c", f"sleep 600 & echo $! > {pids}; echo ready; sleep 600")
    person.sees("ready")
    person.leaves()
    os.waitpid(person.pid, 0)
    person.ended = 0
    assert ended(int(pids.read_text()))
    assert [run.signal for run in runs(kb)] == ["SIGHUP"]


def test_carrel_killed_outright_ends_the_command_as_a_window_that_is_closed(
    at_terminal: Sit, kb: KnowledgeBase
) -> None:
    pids = kb.root / "pids"
    person = at_terminal("run", "--", "sh", "-c", f"sleep 600 & echo $! $PPID $$ > {pids}; echo ready; sleep 600")
    person.sees("ready")
    os.kill(person.pid, signal.SIGKILL)
    os.waitpid(person.pid, 0)
    person.ended = -9
    assert all(ended(int(pid)) for pid in pids.read_text().split())


def test_a_command_that_stands_still_when_carrel_is_killed_ends_too(at_terminal: Sit, kb: KnowledgeBase) -> None:
    pids = kb.root / "pids"
    # No shell that is about to start something: between vfork and exec a child that is stopped holds its parent up.
    code = f"import os, time; open({str(pids)!r}, 'w').write(f'{{os.getppid()}} {{os.getpid()}}'); print('rea' 'dy')"
    command = [sys.executable, "-uc", f"{code}; time.sleep(600)"]
    shell = at_terminal(program=["bash", "--norc", "-i"])
    shell.types("PS1='$ '; " + " ".join(map(quoted, [*CARREL, "-q", "run", "--", *command])) + "\n")
    shell.sees("ready")
    shell.types("\x1a")
    shell.sees("Stopped")
    shell.types("kill -KILL %1\n")
    assert all(ended(int(pid)) for pid in pids.read_text().split())


def test_of_a_command_whose_leader_is_killed_the_end_is_not_known(at_terminal: Sit, kb: KnowledgeBase) -> None:
    command = script("""
        import os, signal, time
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        print("ready", os.getppid(), os.getpid(), "pids")
        time.sleep(600)
    """)
    person = at_terminal("run", "--", *command)
    person.sees("ready ")
    while b"pids" not in person.seen:
        person.reads()
    leader, pid = map(int, person.seen.split()[:2])
    try:
        os.kill(leader, signal.SIGKILL)
        person.sees("how it ended is not known")
        assert person.waits() == 137
        os.kill(pid, 0)  # it still runs
    finally:
        os.kill(pid, signal.SIGKILL)
    [run] = runs(kb)
    assert (run.exit, run.signal, run.seconds) == (None, "", None)
    assert "How it ended is not known." in entry_text(kb)


def test_a_window_that_is_closed_ends_a_command_whose_group_in_front_is_gone(
    at_terminal: Sit, kb: KnowledgeBase
) -> None:
    command = script("""
        import os, signal, time
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            os._exit(0)
        os.waitpid(child, 0)
        print("rea" + "dy", os.tcgetpgrp(0) == child)
        time.sleep(600)
    """)
    person = at_terminal("run", "--", *command)
    person.sees("ready True")
    os.kill(person.pid, signal.SIGHUP)
    assert person.waits() == 129
    assert [run.signal for run in runs(kb)] == ["SIGHUP"]


def test_a_command_that_ends_its_whole_group_is_told_by_its_signal(at_terminal: Sit, kb: KnowledgeBase) -> None:
    for name, number in (("TERM", 15), ("KILL", 9)):
        person = at_terminal("run", "--", "sh", "-c", f"sleep 600 & kill -{name} 0; sleep 600")
        assert person.waits() == 128 + number
    assert [run.signal for run in runs(kb)] == ["SIGTERM", "SIGKILL"]


def test_a_command_that_cannot_be_started_is_said(at_terminal: Sit, kb: KnowledgeBase) -> None:
    place = kb.root / "tool"
    place.write_text("#!/no/such/interpreter\n")
    place.chmod(0o755)
    person = at_terminal("run", "--", "./tool")
    person.sees("./tool: its interpreter is missing; nothing was run")
    assert person.waits() == 126
    place.write_text("echo as a shell would\n")
    person = at_terminal("run", "--", "./tool")
    person.sees("as a shell would")
    assert person.waits() == 0
    assert [run.exit for run in runs(kb)] == [0]


def ended(pid: int) -> bool:
    """Whether a process comes to its end."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_errors_that_go_to_a_file_stay_apart(at_terminal: Sit, kb: KnowledgeBase, tmp_path: Path) -> None:
    command = script("import os, sys; print([os.isatty(n) for n in (0, 1, 2)]); print('oops', file=sys.stderr)")
    errors = tmp_path / "errors"
    program = ["sh", "-c", f'exec "$@" 2>{errors}', "sh", *CARREL, "-q", "run", "--", *command]
    person = at_terminal(program=program)
    person.sees("[True, True, False]")
    assert person.waits() == 0
    assert errors.read_text() == "oops\n"
    assert "oops" in entry_text(kb)


def test_a_pipe_on_one_side_leaves_the_keys_to_the_command(at_terminal: Sit, kb: KnowledgeBase) -> None:
    command = script("import os; print([os.isatty(n) for n in (0, 1, 2)]); print(input().upper())")
    person = at_terminal(program=["sh", "-c", '"$@" | cat', "sh", *CARREL, "run", "--", *command])
    person.types("typed\n")
    person.sees("[True, False, True]")
    person.sees("TYPED")
    assert person.waits() == 0
    person = at_terminal(program=["sh", "-c", 'echo piped | "$@"', "sh", *CARREL, "run", "--", *command])
    person.sees("[False, True, True]\r\n")
    person.sees("PIPED")
    assert person.waits() == 0


def test_ctrl_c_in_a_pipeline_reaches_the_command_once(at_terminal: Sit, kb: KnowledgeBase) -> None:
    command = script("""
        import signal, time
        count = []
        signal.signal(signal.SIGINT, lambda *_: count.append(1))
        print("ready", flush=True)
        end = time.monotonic() + 600
        while not count and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.5)
        print("interrupts:", len(count))
    """)
    person = at_terminal(
        program=[
            "sh",
            "-c",
            'trap "" INT; "$@" | cat',
            "sh",
            "sh",
            "-c",
            'trap - INT; exec "$@"',
            "sh",
            *CARREL,
            "run",
            "--",
            *command,
        ]
    )
    person.sees("ready")
    person.types("\x03")
    person.sees("interrupts: 1\r\n")
    assert person.waits() == 0


def test_ctrl_z_stops_the_command_and_fg_goes_on(at_terminal: Sit, kb: KnowledgeBase) -> None:
    command = script("""
        import time
        for number in range(6000):
            print("tick", number, flush=True); time.sleep(0.1)
            if number == 40: break
        print(input("go? "))
    """)
    shell = at_terminal(program=["bash", "--norc", "-i"])
    shell.types("PS1='$ '; stty -a | grep -o '.icanon'\n")
    shell.sees(" icanon")
    shell.types(" ".join(map(quoted, [*CARREL, "-q", "run", "--", *command])) + "\n")
    shell.sees("tick 3")
    shell.types("\x1a")
    shell.sees("Stopped")
    shell.types("echo between; stty -a | grep -o '.icanon'\n")
    shell.sees("between\r\n icanon")
    shell.types("fg\n")
    shell.sees("tick 40")
    shell.sees("go? ")
    shell.types("yes\n")
    shell.sees("yes\r\n")
    shell.sees("yes\r\n")
    shell.sees("$ ")
    shell.types("echo code $?\n")
    shell.sees("code 0")
    shell.types("exit\n")
    assert shell.waits() == 0
    assert [run.exit for run in runs(kb)] == [0]


def test_a_command_that_stops_itself_is_stopped_as_it_would_be_alone(at_terminal: Sit, kb: KnowledgeBase) -> None:
    command = script("""
        import os, signal, tty
        tty.setraw(0)
        print("rea" + "dy", end="\\r\\n")
        while os.read(0, 1) != b"\\x1a": pass
        os.kill(0, signal.SIGTSTP)
        print("back again", end="\\r\\n")
    """)
    shell = at_terminal(program=["bash", "--norc", "-i"])
    shell.types("PS1='$ '; " + " ".join(map(quoted, [*CARREL, "-q", "run", "--", *command])) + "\n")
    shell.sees("ready")
    shell.types("\x1a")
    shell.sees("Stopped")
    shell.types("echo still $((40 + 2)); fg\n")
    shell.sees("still 42")
    shell.sees("back again")
    shell.sees("$ ")
    shell.types("exit\n")
    assert shell.waits() == 0
    assert [run.exit for run in runs(kb)] == [0]


def test_a_command_leads_its_group_in_front_of_its_terminal(at_terminal: Sit) -> None:
    person = at_terminal("run", "--", *script("import os; print(os.getpgrp() == os.getpid() == os.tcgetpgrp(0))"))
    person.sees("True")
    assert person.waits() == 0
    person = at_terminal("run", "--", "timeout", "600", *script("print('ready'); input()"))
    person.sees("ready")
    person.types("\x03")
    person.sees("KeyboardInterrupt")
    assert person.waits() in (1, 130)


def test_a_command_in_the_background_leaves_the_terminal_to_the_shell(at_terminal: Sit, kb: KnowledgeBase) -> None:
    command = script("import os, time; print('tty', os.isatty(1)); time.sleep(1); print('done' + 'ish')")
    shell = at_terminal(program=["bash", "--norc", "-i"])
    shell.types("PS1='$ '; " + " ".join(map(quoted, [*CARREL, "-q", "run", "--", *command])) + " &\n")
    shell.sees("tty True")
    shell.types("echo still $((40 + 2))\n")
    shell.sees("still 42")
    shell.sees("doneish")
    shell.types("wait; exit\n")
    assert shell.waits() == 0
    assert [run.exit for run in runs(kb)] == [0]


def test_a_run_within_a_run_is_two_entries(at_terminal: Sit, kb: KnowledgeBase) -> None:
    person = at_terminal(
        "run", "-m", "outer", "--", *CARREL, "run", "-m", "inner", "--", *script("import os; print(os.isatty(0))")
    )
    person.sees("True")
    assert person.waits() == 0
    assert [entry.title for note in kb.notes() for entry in note.entries] == ["inner", "outer"]


def test_much_pasted_text_arrives_whole(at_terminal: Sit) -> None:
    person = at_terminal(
        "run",
        "--",
        *script("""
        import sys, tty
        tty.setraw(0); print("ready\\r")
        size = 0
        while size < 200_000: size += len(sys.stdin.buffer.raw.read(3000))
        print("got", size, end="\\r\\n")
    """),
    )
    person.sees("ready")
    text = b"x" * 200_000
    os.set_blocking(person.terminal, False)
    end = time.monotonic() + PATIENCE
    while text and time.monotonic() < end:
        try:
            text = text[os.write(person.terminal, text) :]
        except BlockingIOError:
            person.reads()
    person.sees("got 200000")
    assert person.waits() == 0


def quoted(word: str) -> str:
    import shlex

    return (
        "$'" + word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
        if "\n" in word
        else shlex.quote(word)
    )
