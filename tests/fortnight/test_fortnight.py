"""Two researchers' fortnight, from a question to a published site: story.md is what they type and see. site.txt is what
the pages of their site then say; and nothing that they kept to themselves is on any.

`pytest --update` writes what is printed now into the story; read the difference.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.fortnight.telling import Fortnight

STORY, SITE = (Path(__file__).parent / name for name in ("story.md", "site.txt"))
#: By page, the lines that follow one another in what one reads there.
SHOWN = {
    lines[0]: [line.strip() for line in lines[1:]]
    for lines in (page.splitlines() for page in SITE.read_text("utf-8").split("\n\n")[1:])
}
#: What nobody else is to read: entries and notes that are private, a claim that is sealed, what was masked, and what a
#: run keeps for its owner.
UNSHARED = ("Charles", "raise", "Zanzibar", "tokenizer", "open-sesame", "not committed\n", "batch = 512", "sample 979")


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The story as it happened, and the folder in which it did."""
    folder = tmp_path_factory.mktemp("fortnight")
    with pytest.MonkeyPatch.context() as patch:
        yield Fortnight(folder, patch).retold(STORY.read_text("utf-8")), folder


@pytest.fixture
def site(happened: tuple[str, Path]) -> Path:
    """The folder to which they published."""
    return happened[1] / "www"


def words(page: str) -> str:
    """What one reads on a page."""
    article = re.search("<article.*?</article>", re.sub("<(script|svg).*?</\\1>", "", page, flags=re.DOTALL), re.DOTALL)
    assert article, "a page without an article"
    return " ".join(unescape(re.sub("<[^>]*>", " ", article[0])).replace("¶", " ").split())


def test_a_fortnight_goes_as_it_is_written_down(happened: tuple[str, Path], pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update"):
        STORY.write_text(happened[0], "utf-8")
    assert STORY.read_text("utf-8") == happened[0], "`pytest tests/fortnight --update` writes what happened"


def test_every_page_is_one_that_is_looked_at_here(site: Path) -> None:
    assert sorted(SHOWN) == sorted(page.relative_to(site).as_posix() for page in site.rglob("*.html"))


@pytest.mark.parametrize("page", SHOWN)
def test_a_page_shows_what_it_is_for(site: Path, page: str) -> None:
    text, place = words((site / page).read_text("utf-8")), 0
    for said in SHOWN[page]:
        found = text.find(said, place)
        assert found >= 0, f"{said!r} does not follow in {text[place:]!r}"
        place = found + len(said)


def test_the_figure_of_the_run_is_the_one_that_the_program_drew(site: Path, happened: tuple[str, Path]) -> None:
    day = (site / "notes/2026/2026-11-05-ada-lovelace.html").read_text("utf-8")
    [shown] = re.findall(r'<img[^>]* src="\.\./\.\./(assets/loss-[^"]*)"', day)
    assert (site / shown).read_bytes() == (happened[1] / "ada/plots/loss.png").read_bytes()


def test_feeds_tell_each_reader_what_is_new(site: Path) -> None:
    def titles(feed: str) -> list[str]:
        return re.findall("<entry>\n<title>(.*?)</title>", (site / "feeds" / feed).read_text("utf-8"))

    assert titles("digests.xml") == ["Digest of week 46, 2026 (9 to 15 November)"]
    assert titles("papers.xml")[1:] == ["Toy Models of Superposition (Elhage and Hume 2022)"]
    assert titles("people/ben-okafor.xml")[0] == "@ada no sweep; reading instead"
    assert titles("tags/probing.xml")[0] == "Ask where in the large model it went"
    assert titles("log.xml")[:2] == ["The digest is out", "(Elhage and Hume, 2022) explains the 3 points"]
    assert {"Probe, 200 steps", "Before lunch: unshared note", "Digest of week 46, 2026 (9 to 15 November)"} <= set(
        titles("all.xml")
    )


def test_the_graph_joins_the_experiment_to_its_question_and_to_its_runs(site: Path) -> None:
    graph = json.loads((site / "graph-data.js").read_text("utf-8").partition("= ")[2].rstrip(";\n"))
    names = [note[1] for note in graph["notes"]]
    links = {frozenset((names[one], names[other])) for one, several in enumerate(graph["links"]) for other in several}
    experiment = "probe-on-a-larger-model"
    for other in ("do-refusal-probes-transfer", "2026-11-05-ada-lovelace", "2026-11-03-ada-lovelace", "2026-w46"):
        assert frozenset((experiment, other)) in links


def test_the_search_knows_what_was_found_out(site: Path) -> None:
    units = "".join(file.read_text("utf-8") for file in (site / "search/units").iterdir())
    for said in ("By 3 points, where we hoped for 20", "What the draw holds", "the cluster was sold", "no sweep"):
        assert said in units, said


def test_nothing_that_they_kept_to_themselves_is_anywhere_on_the_site(site: Path, happened: tuple[str, Path]) -> None:
    ada = b"".join(
        file.read_bytes() for file in (happened[1] / "ada").rglob("*") if file.suffix in (".md", ".txt", ".patch")
    )
    assert [said for said in UNSHARED if said.encode() not in ada] == ["open-sesame"], "masked, the others kept"
    ours = [file for file in site.rglob("*") if file.is_file() and not {"vendor", "javascripts"} & set(file.parts)]
    for file in ours:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        found = [said for said in UNSHARED if said.lower().encode() in data.lower() + file.name.lower().encode()]
        assert not found, f"{file}: {found}"
    assert not [file for file in ours if ".private." in file.name]
