"""The manual's reference says what the program says."""

from __future__ import annotations

import runpy

import pytest

from tests.conftest import REPOSITORY

REFERENCE = runpy.run_path(str(REPOSITORY / "tooling" / "reference.py"))


@pytest.mark.parametrize(("page", "made"), [("commands", "commands_page"), ("configuration", "settings_page")])
def test_the_page_is_what_the_program_says_of_itself(page: str, made: str) -> None:
    text = (REPOSITORY / "site" / "pages" / f"{page}.md").read_text("utf-8")
    assert text == REFERENCE[made](), "`make reference` writes it anew"


def test_every_setting_is_explained_in_a_line() -> None:
    rows = [line for line in REFERENCE["settings_page"]().splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.rsplit("|", 2)[1].strip() in ("", "*Yours.*")] == []
