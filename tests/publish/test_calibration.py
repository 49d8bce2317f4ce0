"""The page of predictions says how they came out: as a curve, as a table, and not at all while there are too few."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from carrel.core.note import Visibility
from carrel.core.secret import Secret
from carrel.publish.build import build_site
from carrel.publish.edition.edition import Edition
from carrel.publish.pages.calibration import CALIBRATION, calibration, calibration_curve
from carrel.publish.pages.every_file import made_files
from carrel.publish.pages.predictions import predictions_page
from tests.publish.support import edition, knowledge_base
from tests.publish.test_home import words

_SVG = "{http://www.w3.org/2000/svg}"
#: At 90 % six of eight came true, at 20 % one of four.
RESOLVED = "".join(
    f"- [x] p={p}: claim {n} → {'yes' if n < true else 'no'}\n"
    for p, true, count in ((0.9, 6, 8), (0.2, 1, 4))
    for n in range(count)
)
HIDDEN = {"notes/hidden.md": "---\nvisibility: private\n---\n" + "- [x] p=0.5: hidden → no\n" * 30}


def shown(notes: dict[str, str]) -> tuple[Edition, str, list[str]]:
    """An edition, the part of its page that tells of calibration, and the files that are made for it."""
    made = edition(notes)
    return made, words("\n\n".join(calibration(made))), [file.path for file in made_files(made)]


def test_scores_a_curve_and_a_table_stand_on_the_page() -> None:
    made, text, files = shown({"notes/a.md": RESOLVED})
    assert text == (
        "## Calibration Of 12 predictions 58 % came true; 67 % was said on average. "
        "Brier score 0.203, log score 0.626. Lower is better: always one half makes 0.250 and 0.693. "
        "Dots on the dashed line came true as often as was said; the bars are 95 % intervals. "
        "Said Predictions Came true 95 % interval 20 % 4 25 % 5 % to 70 % 90 % 8 75 % 41 % to 93 %"
    )
    assert CALIBRATION in files
    page = predictions_page(made)
    assert f'<img src="{CALIBRATION}" alt="Calibration curve: ' in page
    assert page.index("## Calibration") < page.index("## Resolved")


def test_the_curve_is_a_drawing_that_says_in_words_what_it_shows_and_has_no_colour_of_its_own() -> None:
    text = calibration_curve(edition({"notes/a.md": RESOLVED}))
    root = ElementTree.fromstring(text)  # our own
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title desc")
    assert root.findtext(f"{_SVG}title") == "Calibration of predictions"
    said = root.findtext(f"{_SVG}desc") or ""
    assert said.endswith(": of 4 at 20 %, 25 % came true; of 8 at 90 %, 75 % came true.")
    assert {element.get("stroke") for element in root.iter()} <= {None, "currentColor"}
    assert [(dot.get("cx"), dot.get("cy")) for dot in root.iter(f"{_SVG}circle")] == [
        ("134.0", "254.0"),
        ("358.0", "94.0"),
    ]
    [line] = root.iter(f"{_SVG}polyline")
    assert line.get("points") == "134.0,254.0 358.0,94.0"
    intervals = [path.get("d") for path in root.iter(f"{_SVG}path") if path.get("opacity") == "0.55"]
    assert intervals == ["M134.0 319.4V110.2", "M358.0 203.0V36.9"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- [ ] p=0.5: open\n- [x] p=0.5: void → void\n", ""),
        (
            "- [x] p=0.5: a → yes\n" * 9,
            "## Calibration Resolved predictions, so far: 9. Scores and a curve are shown from 10 on.",
        ),
    ],
)
def test_while_there_are_too_few_there_is_no_curve(text: str, said: str) -> None:
    _, told, files = shown({"notes/a.md": text})
    assert told == said
    assert CALIBRATION not in files


def test_what_is_hidden_counts_for_nothing() -> None:
    open_text = {"notes/a.md": RESOLVED}
    one, other = edition(open_text), edition({**open_text, **HIDDEN})
    assert predictions_page(one) == predictions_page(other)
    assert calibration_curve(one) == calibration_curve(other)


def test_a_secret_is_short_while_it_is_one_and_is_shown_when_it_is_told() -> None:
    secret = Secret("It is the <b>optimizer</b>", "000102030405060708090a0b0c0d0e0f")
    page = predictions_page(
        edition({
            "notes/a.md": f"- [ ] p=0.7: {secret.sealed} ^p-1\n",
            "notes/b.md": f"- [x] p=0.7: {secret.sealed} ^p-2 → yes 2026-11-20: by far; {secret.told}\n",
            "notes/c.md": f"- [x] p=0.7: {secret.sealed} ^p-3 → no 2026-11-19: {secret.told.replace('opt', 'min')}\n",
        })
    )  # fmt: skip
    assert f"{secret.sealed[:26]}… 70 % ##" in words(page)
    assert "It is the optimizer 70 % · yes · 20 November 2026 · a secret, verified by far" in words(page)
    assert "It is the minimizer 70 % · no · 19 November 2026 · a secret that does not agree with its hash" in words(
        page
    )
    assert secret.sealed not in page
    assert "<b>" not in page


def test_the_built_site_shows_the_curve(tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path, {"notes/a.md": f"---\nvisibility: public\n---\n{RESOLVED}", **HIDDEN})
    build_site(kb, Visibility.PUBLIC)
    site = kb.root / "site" / "public"
    page = (site / "predictions.html").read_text()
    assert f'src="{CALIBRATION}"' in page
    assert (site / CALIBRATION).read_text() == calibration_curve(edition({"notes/a.md": RESOLVED}))
