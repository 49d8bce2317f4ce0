"""The scanner that others keep: what it finds stops a site, and a scanner that fails does not let one through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.errors import BuildFailed
from carrel.publish.gate import scanner
from carrel.publish.gate.credentials import credentials
from carrel.publish.gate.scanner import Scanner
from tests.publish.test_gate import KEYS, check, made_up

#: What Kingfisher 2.14 says of a key in line 5, as far as it is read.
SAYS = '{{"rule":{{"id":"betterleaks.acme-api-key"}},"finding":{{"snippet":"{key}","line":5}}}}'


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """A program in Kingfisher's place, which runs a line of shell."""

    def make(line: str) -> Path:
        place = tmp_path / "kingfisher"
        place.write_text(f"#!/bin/sh\n{line}\n")
        place.chmod(0o700)
        return place

    return make


def test_what_it_finds_is_told_of_the_right_file(tmp_path: Path, program: Callable[[str], Path]) -> None:
    told = SAYS.format(key="acme" + "1234")
    place = program(f"echo \"$@\" >{tmp_path}/asked; cat \"$8\" >{tmp_path}/read; echo '{told}'; echo '{{}}'; exit 200")
    with Scanner(place, tmp_path / "cache") as scan:
        scan.add("a.html", "one\ntwo\nthree")
        scan.add("b.html", "four\nfive")
        scan.add("c.html", "six")
        assert list(scan.found()) == [("b.html", ("acme-api-key", "acme" + "1234"))]
    assert (tmp_path / "read").read_text() == "one\ntwo\nthree\nfour\nfive\nsix\n"
    assert "--no-validate --no-update-check" in (tmp_path / "asked").read_text()
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("line", ["exit 3", "echo oh no >&2; exit 1", "kill $$"])
def test_one_that_fails_stops_the_build(tmp_path: Path, program: Callable[[str], Path], line: str) -> None:
    with Scanner(program(line), tmp_path) as scan:
        scan.add("a.html", "x")
        with pytest.raises(BuildFailed, match="Kingfisher"):
            list(scan.found())


def test_it_is_not_run_where_nothing_is_new(tmp_path: Path, program: Callable[[str], Path]) -> None:
    with Scanner(program("exit 3"), tmp_path) as scan:
        assert list(scan.found()) == []


def test_a_key_that_it_alone_knows_stops_the_site_each_time(
    tmp_path: Path, program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "acme" + made_up(20)
    assert list(credentials(key)) == []
    told = '{"rule":{"id":"x.acme"},"finding":{"line":\\1,"snippet":"\\2"}}'
    place = program(f"grep -n ^acme \"$8\" | sed 's/\\(.*\\):\\(.*\\)/{told}/'")
    monkeypatch.setattr(scanner, "installed", lambda: place)
    for _ in range(2):
        (said,) = check(tmp_path, {"a.html": "<p>x</p>", "b.html": f"<pre>\n<b>acme</b>{key[4:]}\n</pre>"})
        assert said.startswith("b.html:1: acme: acme…")
    allow = f'[publish.allow]\n{said.rpartition(" ")[2]} = "made up for a test"\n'
    assert check(tmp_path, {}, {".carrel/config.toml": allow}) == []
    (tmp_path / "kb/.carrel/config.toml").unlink()
    assert len(check(tmp_path, {})) == 1


@pytest.mark.skipif(scanner.installed() is None, reason="carrel[scanner] is not installed")
def test_kingfisher_itself_finds_a_key_in_the_text_of_a_page(tmp_path: Path) -> None:
    program = scanner.installed()
    assert program is not None
    with Scanner(program, tmp_path) as scan:
        scan.add("a.html", "nothing")
        scan.add("b.html", f"x\n{KEYS['github-token']()}\n")
        assert [(name, door.rule) for name, door in scan.found()] == [("b.html", "github-pat")]
