"""A run: a command that `carrel run` ran, as a value, as the entry of the log that tells of it, and read back.

## 14:32 Longer warm-up

![loss](../assets/2026/loss-1a2b3c4d.png) <!-- sha256:9f86d081… -->

```text
step 900 loss 0.31
```

run:: r-3f2ab
command:: `python train.py --lr 3e-4`
exit:: 0
duration:: 12.3 s
…
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from carrel.core.console import code, uncoded

if TYPE_CHECKING:
    from carrel.core.log import LogEntry

#: Characters of a command that an entry holds, and that a heading made of it holds.
LONGEST, HEADING = 4000, 72

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_ID = re.compile(rf"r-[{_LETTERS}]{{5}}")
# How a run's fields say that it ended. What else stands there was written by hand, and may be anything.
_EXIT = re.compile(r"-?[0-9]{1,3}")
_SIGNAL = re.compile(r"SIG[A-Z0-9]{1,12}|signal [0-9]{1,3}")
_DURATION = re.compile(r"[0-9]{1,9}\.[0-9] s")
# What a line of a note does not keep as it is: controls, blanks other than one space, bytes that are no text.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]|[^\S ]|(?<= ) ")
_SPECIAL = {"\n": r"\n", "\t": r"\t", "\r": r"\r", " ": r"\x20"}
_ADDRESS = re.compile(r"https?://[^\s<>`]{1,2000}")
_DIRTY = re.compile(r"no|yes(?: \((changes, and )?([^()]{1,60}) unknown to git\))?")
_NUMBER = re.compile(r"(-?\d{1,9}(?:\.\d{1,6})?)(?: s)?")


@dataclass(frozen=True, slots=True)
class Run:
    """A command that was run, and around what.

    `command` is as a shell would read it, without secrets. `exit` is what its shell would have been told, None where
    nobody saw the end; `signal` is the name of what ended it, or "". `seconds` is its wall time. `repository` is
    what its folder is a clone of, as github.com/lab/probes. `dirty` says whether tracked files differed from `commit`,
    None without git, and `unknown` how much git did not know, as "2 files".
    `experiment` is the name of a note, `predictions` the places of lines, as wikilinks say them; `linked` are addresses
    and ids of the same run elsewhere.
    """

    id: str
    command: str
    exit: int | None = None
    signal: str = ""
    seconds: float | None = None
    directory: str = ""
    host: str = ""
    gpu: str = ""
    commit: str = ""
    branch: str = ""
    dirty: bool | None = None
    unknown: str = ""
    environment: str = ""
    experiment: str = ""
    predictions: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    repository: str = ""

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than well, or nobody knows."""
        return self.exit != 0


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a run beside its facts: when it began, why, and where its entry belongs."""

    at: datetime
    why: str = ""
    tags: tuple[str, ...] = ()
    project: str = ""
    author: str = ""
    private: bool = False


def new_id(random: bytes) -> str:
    """An id from five random bytes.

    >>> new_id(bytes([0, 1, 31, 32, 255]))
    'r-ab7a7'
    """
    return "r-" + "".join(_LETTERS[byte % 32] for byte in random)


def shell_form(words: Iterable[str], home: str = "") -> str:
    """A command as one would type it into a shell, on one line; what is in the home folder begins with `~`.

    >>> shell_form(["python", "/home/ada/a b.py", "--name", "it's", "x\\ny"], "/home/ada")
    'python ~/\\'a b.py\\' --name \\'it\\'"\\'"\\'s\\' $\\'x\\\\ny\\''
    """
    return " ".join(_quoted(word, home.rstrip("/")) for word in words)


def _quoted(word: str, home: str) -> str:
    if _UNPRINTABLE.search(word):
        word = word.replace("\\", "\\\\").replace("'", "\\'")
        return "$'" + _UNPRINTABLE.sub(lambda found: _escaped(found[0]), word) + "'"
    if home and word.startswith(f"{home}/"):
        return f"~/{shlex.quote(rest)}" if (rest := word[len(home) + 1 :]) else "~/"
    return shlex.quote(word)


def _escaped(character: str) -> str:
    """A character within $'…' of a shell."""
    if character in _SPECIAL:
        return _SPECIAL[character]
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that is no UTF-8, as Python keeps it
        return f"\\x{number - 0xDC00:02x}"
    return f"\\x{number:02x}" if number < 128 else f"\\u{number:04x}"


def fields(run: Run) -> tuple[tuple[str, str], ...]:
    """The `key:: value` lines of a run's entry."""
    command = run.command
    if len(command) > LONGEST:
        command = f"{command[:LONGEST]}… ({len(command) - LONGEST} more characters)"
    known = {
        "run": run.id,
        "command": code(command),
        "exit": "" if run.exit is None else str(run.exit),
        "signal": run.signal,
        "duration": "" if run.seconds is None else f"{run.seconds:.1f} s",
        "directory": _as_code(run.directory),
        "host": _as_code(run.host),
        "gpu": _as_code(run.gpu),
        "repository": _as_code(run.repository),
        "commit": run.commit,
        "branch": _as_code(run.branch),
        "dirty": "" if run.dirty is None else _dirty(run.dirty, run.unknown),
        "environment": _as_code(run.environment),
        "experiment": f"[[{run.experiment}]]" if run.experiment else "",
        "prediction": ", ".join(f"[[{place}]]" for place in run.predictions),
        "linked": ", ".join(f"<{one}>" if _ADDRESS.fullmatch(one) else code(one) for one in run.linked),
    }
    return tuple((key, value) for key, value in known.items() if value)


def _dirty(changed: bool, unknown: str) -> str:
    """Whether the commit alone is not what ran; `dirty:yes` finds each that begins with "yes".

    >>> _dirty(False, ""), _dirty(True, ""), _dirty(False, "1 file"), _dirty(True, "2 files")
    ('no', 'yes', 'yes (1 file unknown to git)', 'yes (changes, and 2 files unknown to git)')
    """
    if not unknown:
        return "yes" if changed else "no"
    return f"yes ({'changes, and ' if changed else ''}{unknown} unknown to git)"


def _as_code(text: str) -> str:
    return code(text) if text else ""


def read_run(said: Mapping[str, str]) -> Run | None:
    """The run that the fields of an entry tell of; None when they tell of none.

    >>> run = Run("r-3f2ab", "python train.py", 0, seconds=12.3, dirty=True, linked=("https://wandb.ai/a/b", "x1"))
    >>> read_run(dict(fields(run))) == run
    True
    """
    if not said.get("run") or not said.get("command"):
        return None
    dirty = _DIRTY.fullmatch(said.get("dirty", ""))
    return Run(
        said["run"],
        uncoded(said["command"]),
        _whole(said.get("exit", "")),
        said.get("signal", ""),
        _number(said.get("duration", "")),
        uncoded(said.get("directory", "")),
        uncoded(said.get("host", "")),
        uncoded(said.get("gpu", "")),
        said.get("commit", ""),
        uncoded(said.get("branch", "")),
        None if dirty is None else dirty[0] == "yes" or bool(dirty[1]),
        (dirty and dirty[2]) or "",
        uncoded(said.get("environment", "")),
        _target(said.get("experiment", "")),
        tuple(_target(link) for link in said.get("prediction", "").split(", ") if link),
        tuple(_linked(said.get("linked", ""))),
        uncoded(said.get("repository", "")),
    )


def is_run(said: Mapping[str, str]) -> bool:
    """Whether the fields of an entry are those of a run: `run:: 3` may be anything.

    >>> is_run({"run": "r-3f2ab"}), is_run({"run": "3", "loss": "0.31"})
    (True, False)
    """
    return _ID.fullmatch(said.get("run", "")) is not None


def how_it_went(said: Mapping[str, str]) -> tuple[str, ...]:
    """How the run that the fields of an entry tell of ended, and how long it took; nothing where they tell of none.

    Only what a run itself writes is repeated, for nobody knows what a remark beside it holds.

    >>> how_it_went({"run": "r-3f2ab", "exit": "0", "duration": "12.3 s"}), how_it_went({"run": "r-3f2ab"})
    (('exit 0', '12.3 s'), ('no end seen',))
    >>> how_it_went({"run": "r-3f2ab", "exit": "1, as [[hq]] said", "duration": "12.3 s"})
    ()
    """
    if not is_run(said):
        return ()
    if _EXIT.fullmatch(said.get("exit", "")):
        ended = f"exit {said['exit']}"
    elif _SIGNAL.fullmatch(said.get("signal", "")):
        ended = said["signal"]
    elif said.get("exit") or said.get("signal"):
        return ()
    else:
        ended = "no end seen"
    return (ended, said["duration"]) if _DURATION.fullmatch(said.get("duration", "")) else (ended,)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _number(text: str) -> float | None:
    found = _NUMBER.fullmatch(text)
    return float(found[1]) if found else None


def _target(link: str) -> str:
    return link.removeprefix("[[").removesuffix("]]")


def _linked(text: str) -> Iterator[str]:
    for one in text.split(", ") if text else ():
        yield one[1:-1] if one.startswith("<") and one.endswith(">") else uncoded(one)


def title(about: About, command: str) -> str:
    """What a run is called: why it was made, or else its command."""
    return about.why.strip() or f"Ran {_short(command)}"


def _short(command: str) -> str:
    return code(command if len(command) <= HEADING else f"{command[:HEADING]}…")


def run_entry(run: Run, about: About, parts: Sequence[str] = ()) -> LogEntry:
    """The entry of a run: why, some `parts` of Markdown, and its facts."""
    from carrel.core.attachment import below
    from carrel.core.log import LogEntry

    text = below(title(about, run.command), parts)
    return LogEntry(about.at, text, about.tags, about.project, about.author, about.private, fields(run))


def expectation_entry(about: About, command: str, lines: str, experiment: str = "") -> LogEntry:
    """What was expected of a run, as an entry that is written before it begins."""
    from carrel.core.log import LogEntry

    text = f"Before: {about.why.strip().split(chr(10), 1)[0] or _short(command)}"
    marks = (("experiment", f"[[{experiment}]]"),) if experiment else ()
    return LogEntry(about.at, f"{text}\n\n{lines}", about.tags, about.project, about.author, about.private, marks)
