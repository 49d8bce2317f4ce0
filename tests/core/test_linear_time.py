"""Reading takes time linear in the text, whatever the text is: work is counted, and no regular expression explodes.

Three kinds of work hide in three places, and each has its test: Python's own steps are counted; the C loops under
`str.find` and the like are given megabytes on one line, where a quadratic one takes minutes; and every regular
expression of the package is run on texts made from its own characters.
"""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

import pytest

import carrel
from carrel.core.frontmatter import read
from carrel.core.inline_fields import inline_fields
from carrel.core.log import LogEntry, entry_text, split_title
from carrel.core.markdown import scan
from carrel.core.names import heading_slug, slugify
from carrel.core.parse import parse_note

#: Texts that repeat, and each what comes before and behind the repetition.
REPEATED = [
    "[", "[[", "![", "![[", "]", "](", "[a](b.md) ", "[a]:", "[a]: b\n", "[a](b", "[a](<b", '[a](b "c ', "[a](b(c)",
    "[@a ", "[@a; ", "@", " @a", "@{", "`a ", "``a`", "```\n", "~~~\n", "~~~ a ", "\n```a`", "> ```\n", "$a ", "$$ ",
    "$$\n\n", " $", "<!--", "<!-- a -->", "%% ", "%%%", "#", "# ", "# a\n", "#a ", "#a/", "^a", " ^a\n", "a\n=\n",
    "a\n---\n", "# x-1\n# x\n", "    \n", "\n    a\n\nb\n", "\n    a\n\n", "- a\n\n    b\n", "\n", " ", "\t", "\n ",
    ">", "> ", "- ", "1. ", "\\", "[`$", "a", "é", "## 10:00 a #b\n", "<<<<<<< ", "[[a#", "[[a|", "a:: b\n", "a. ",
    "---\n", "a: b\n", "- a\n", "+++\n", "a = 1\n", "{\n", "\r\n", "\r", "\0", "\x85",
]  # fmt: skip
SHAPES: dict[str, Callable[[int], str]] = {
    "nested links": lambda n: "[a" * n + "](x)" * n,
    "nested images": lambda n: "![a" * n + "](x)" * n,
    "nested links on lines": lambda n: "[a\n" * n + "](x)" * n,
    "nested citations": lambda n: "[@a " * n + "]" * n,
    "one group of citations": lambda n: "[" + "@a; " * n + "]",
    "rising runs of backticks": lambda n: " ".join("`" * k for k in range(1, int((2 * n) ** 0.5))),
    "falling fences": lambda n: "\n".join("~" * k for k in range(int((2 * n) ** 0.5), 2, -1)),
    "backticks within a fence": lambda n: "```\n" + "```x " * n,
    "escaped dollars": lambda n: "$" + "\\$" * n,
    "a heading with many hashes": lambda n: "# " + "#a " * n + "#",
    "a heading with many stars": lambda n: "# " + "**a" * n,
    "a heading with many links": lambda n: "# " + "[a](" * n,
    "blank lines with blanks": lambda n: "a\n\n    b\n" + "    \n" * n,
    "a long underline": lambda n: "a\n" + "=" * n + " " * n + "x",
    "blanks before the end": lambda n: "a:: " + " " * n + "x",
    "an unclosed front matter": lambda n: "---\n" + "a: b\n" * n,
    "a dotted key": lambda n: "+++\n" + "a." * n + "a = 1\n+++\n",
    "entries of a day": lambda n: "---\nkind: log\n---\n" + "## 10:00 a #b\nc:: d\n" * n,
    **{repr(piece): lambda n, piece=piece: piece * n for piece in REPEATED},  # type: ignore[misc]  # bound now
}


def steps(function: Callable[[str], object], text: str) -> int:
    """How many instructions Python executes for `function(text)`."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal count
        count += 1
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return trace

    sys.settrace(trace)  # type: ignore[arg-type]  # a trace function that returns itself
    try:
        function(text)
    finally:
        sys.settrace(None)
    return count


def read_note(text: str) -> object:
    return parse_note("notes/a.md", text.encode())


def write_entry(text: str) -> object:
    return entry_text(LogEntry(datetime(2026, 11, 20, 14, 32), text))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_four_times_the_text_takes_four_times_the_steps(shape: Callable[[int], str]) -> None:
    for function in (scan, read_note, write_entry, slugify, heading_slug, split_title, inline_fields, read):
        function(shape(10))  # imports and caches are paid for
        one, four = steps(function, shape(150)), steps(function, shape(600))
        assert four < 5 * one + 2000, f"{function.__name__}: {one} steps, and {four} for four times the text"


def test_megabytes_on_one_line_take_seconds() -> None:
    """The limit is far above what linear time needs here and far below what a search per token would take."""
    script = """
        import resource
        from carrel.core.markdown import scan
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        size = 3_000_000
        scan("a ~~~ " * (size // 3))
        scan("```\\n" + "```x " * (size // 5))
        scan("[a\\n" * (size // 6) + "](x)" * (size // 6))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert done.returncode == 0, "killed for taking more than 20 seconds"


# --- every regular expression of the package -------------------------------------------------------------------------

LENGTH = 40_000
SECONDS = 0.5  # of this process's own time; a linear one takes milliseconds, a quadratic one seconds
ANCHORED = {"match", "fullmatch"}


@dataclass(frozen=True)
class Found:
    """A regular expression in the source: where, and with which methods it is used."""

    place: str
    pattern: re.Pattern[str]
    methods: frozenset[str]


def expressions() -> Iterator[Found]:
    for file in sorted(Path(carrel.__file__).parent.rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        used: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                used.setdefault(node.value.id, set()).add(node.attr)
        named = {
            id(node.value): node.targets[0].id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
                continue
            written = call.args[0]
            if ast.unparse(call.func.value) != "re" or not isinstance(written, ast.Constant):
                continue
            if not isinstance(written.value, str):
                continue
            flags = [word for word in ("MULTILINE", "DOTALL", "IGNORECASE", "VERBOSE") if word in ast.unparse(call)]
            methods = used.get(named.get(id(call), ""), set()) if call.func.attr == "compile" else {call.func.attr}
            methods &= {"search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split"}
            pattern = re.compile(written.value, sum(getattr(re, flag) for flag in flags))
            yield Found(f"{file.name}:{call.lineno}", pattern, frozenset(methods) or frozenset({"search"}))


def adversaries(pattern: str) -> Iterator[str]:
    """Texts that repeat what the pattern itself is made of."""
    literals = re.sub(r"\\[wWsSdDbBAZ]|\(\?[:=!<P]*|[()?*+{}^$]|\[\^?", "", pattern)
    characters = sorted({*literals.replace("\\", ""), "a", " ", "\n"})[:24]
    for character in characters:
        yield character * LENGTH
        yield character * LENGTH + "\x01"
    for pair in itertools.islice(itertools.permutations(characters, 2), 30):
        yield "".join(pair) * (LENGTH // 2)
    literal = re.match(r"(?:[^\\()\[\]?*+{}.^$|]|\\[^\w])+", pattern)
    if literal:
        yield literal[0].replace("\\", "") * (LENGTH // len(literal[0]))


def test_no_regular_expression_takes_more_than_linear_time() -> None:
    import signal

    class TooLong(Exception):
        pass

    def stop(*_: object) -> None:
        raise TooLong

    found = list(expressions())
    assert len(found) > 60, "the search for them works"
    slow = []
    old = signal.signal(signal.SIGVTALRM, stop)
    try:
        for one in found:
            method = one.pattern.match if one.methods <= ANCHORED else one.pattern.search
            try:
                for text in adversaries(one.pattern.pattern):
                    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
                    method(text)
            except TooLong:
                slow.append((one.place, one.pattern.pattern))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)
    assert slow == [], "\n".join(map(str, slow))
