"""Sessions at the terminal, compared to the letter: what is typed after `$`, what comes on stdout as it is, what comes
on stderr after `2>`, and the exit code, if it is not 0, as `1$`. `pytest --update` rewrites them; read the difference.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

SESSIONS = Path(__file__).parent / "sessions"


@pytest.mark.parametrize("name", sorted(path.stem for path in SESSIONS.glob("*.txt")))
def test_a_session_prints_what_is_written_down(
    name: str, carrel: Carrel, kb: KnowledgeBase, pytestconfig: pytest.Config
) -> None:
    written = (SESSIONS / f"{name}.txt").read_text("utf-8")
    happened = "".join(_replay(block, carrel, kb.root) for block in _blocks(written))
    if pytestconfig.getoption("--update"):
        (SESSIONS / f"{name}.txt").write_text(happened, "utf-8")
    assert happened == written


def _blocks(written: str) -> list[str]:
    """What stands before the first command, then each command with what follows it."""
    blocks: list[str] = [""]
    for text in written.splitlines(keepends=True):
        if text.startswith("$ "):
            blocks.append("")
        blocks[-1] += text
    return blocks


def _replay(block: str, carrel: Carrel, root: Path) -> str:
    """The block with what its command prints now."""
    if not block.startswith("$ "):
        return block
    typed, _, rest = block.partition("\n")
    blank = "\n" if rest.endswith("\n\n") or rest == "\n" else ""
    piped, _, command = typed[2:].rpartition(" | ")
    words = shlex.split(command)
    if words[0] == "cat":
        return f"{typed}\n{(root / words[1]).read_text('utf-8')}{blank}"
    if words[0] == "write":  # `printf 'text' | write PATH`: as an editor would
        place = root / words[1]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_piped(piped))
        return f"{typed}\n{blank}"
    assert words[0] == "carrel", typed
    said = carrel(*words[1:], stdin=_piped(piped))
    out = said.out.replace(str(root), "ROOT")
    err = "".join(f"2> {line}\n" for line in said.err.replace(str(root), "ROOT").splitlines())
    code = f"{said.code}$\n" if said.code else ""
    return f"{typed}\n{out}{err}{code}{blank}"


def _piped(command: str) -> bytes:
    return shlex.split(command)[1].encode().decode("unicode_escape").encode("latin-1") if command else b""
