"""Any reference in: what `carrel paper add` makes of files, identifiers and what goes wrong with them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.sources import Recorded, Reply
from tests.support import Carrel
from tests.zotero import Zotero, entry

TOY = "@misc{toy, title={Toy Models of Superposition}, author={Elhage, Nelson}, year={2022}, eprint={2209.10652}}\n"


def contents(kb: KnowledgeBase) -> dict[str, bytes]:
    """Every file among the papers."""
    folder = kb.root / "papers"
    return {place.relative_to(folder).as_posix(): place.read_bytes() for place in folder.rglob("*") if place.is_file()}


def library(data: Path) -> Path:
    """1,791 real items, as Zotero exports them."""
    return data / "02-notes-tai-safety-bib" / "files" / "data" / "raw" / "ai-alignment-papers.csv"


def adding(root: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """Add the whole library to the knowledge base at `root`."""
    command = [sys.executable, "-m", "carrel", "paper", "add", str(library(data))]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory, data: Path) -> tuple[KnowledgeBase, str, str]:
    """A knowledge base to which the library was added, and what was said: out, err. Tests leave it as it is."""
    root = tmp_path_factory.mktemp("library")
    for folder in (".carrel", "notes", "papers"):
        (root / folder).mkdir()
    done = adding(root, data)
    return KnowledgeBase.open(root), done.stdout, done.stderr


def test_a_library_of_1791_items_comes_in_whole_and_again_changes_no_byte(
    taken_in: tuple[KnowledgeBase, str, str], data: Path
) -> None:
    kb, out, err = taken_in
    added = out.splitlines()
    said = re.search(r"^(\d+) added, (\d+) here already, (\d+) could not be read$", err, re.MULTILINE)
    assert said, err[-2000:]
    assert sum(map(int, said.groups())) == 1791
    assert len(added) == int(said[1]) == len(contents(kb)) > 1500
    before = {path: (kb.root / path).stat() for path in added}
    again = adding(kb.root, data)
    assert again.stdout == ""
    assert f"0 added, {1791 - int(said[3])} here already" in again.stderr
    assert {path: (kb.root / path).stat() for path in added} == before


def test_an_import_that_was_killed_goes_on_to_the_same_result(
    taken_in: tuple[KnowledgeBase, str, str], kb: KnowledgeBase, data: Path
) -> None:
    command = [sys.executable, "-m", "carrel", "paper", "add", "-q", str(library(data))]
    for most in (100, 900):
        running = subprocess.Popen(command, cwd=kb.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while running.poll() is None and len(os.listdir(kb.root / "papers")) < most:
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL
    adding(kb.root, data)
    assert contents(kb) == contents(taken_in[0])


def test_ctrl_c_says_how_far_it_came(kb: KnowledgeBase, data: Path) -> None:
    command = [sys.executable, "-m", "carrel", "paper", "add", str(library(data))]
    running = subprocess.Popen(command, cwd=kb.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while running.poll() is None and len(os.listdir(kb.root / "papers")) < 20:
        time.sleep(0.005)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    said_so = r"^\d+ papers added before that; the same command goes on from there\n\ncarrel: stopped$"
    assert re.search(said_so, said, re.MULTILINE)


def test_one_bad_entry_is_named_and_the_others_go_on(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "library.bib").write_text("@book{half, title = {Never\n\n" + TOY)
    said = carrel("paper", "add", "library.bib", "missing.ris")
    assert said.out == "papers/toy.md\n"
    assert "library.bib:1: " in said.err
    assert "missing.ris: no such file or directory" in said.err
    assert said.err.endswith("1 added, 0 here already, 2 could not be read\n")
    assert said.code == 1


def test_references_may_come_one_a_line_on_standard_input(carrel: Carrel, kb: KnowledgeBase) -> None:
    assert carrel("paper", "add", "-", stdin=TOY.encode()).code == 0
    said = carrel("paper", "add", "-", stdin=b"2209.10652\narXiv:2209.10652v2\n")
    assert said.out == ""
    assert said.err.endswith("0 added, 2 here already, 0 could not be read\n")


def test_tags_of_a_library_and_of_the_command_line_become_tags_that_can_be_written(
    carrel: Carrel, kb: KnowledgeBase
) -> None:
    entry = TOY.replace("year=", "keywords={AI safety; sae, C++}, year=")
    assert carrel("paper", "add", "-", "-t", "to read", "-p", "probes", stdin=entry.encode()).code == 0
    text = (kb.root / "papers" / "toy.md").read_text()
    assert "tags: [AI-safety, sae, C, to-read]\n" in text
    assert "project: probes\n" in text


def test_a_dry_run_writes_nothing(carrel: Carrel, kb: KnowledgeBase) -> None:
    assert carrel("paper", "add", "-", "--dry-run", stdin=TOY.encode()).out == "papers/toy.md\n"
    assert contents(kb) == {}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("", "which paper?"),
        ("   ", "which paper?"),
        ("2209.1065", "'2209.1065' is no identifier, file or address that Carrel knows"),
        ("10.1000", "'10.1000' is no identifier, file or address that Carrel knows"),
        ("isbn:9780262035613", "'isbn:9780262035613' is no identifier, file or address that Carrel knows"),
        ("arXiv 2209", "'arXiv 2209' is no identifier, file or address that Carrel knows"),
        ("zotero", "'zotero' is no identifier, file or address that Carrel knows"),
        ("x" * 5000, f"'{'x' * 5000}' is no identifier, file or address that Carrel knows"),
        ("papers", "papers is a folder"),
        ("/", "/: is a directory"),
        ("../..", "../..: is a directory"),
        ("nowhere.pdf", "nowhere.pdf: no such file or directory"),
        ("https://[", "'https://[' is no identifier, file or address that Carrel knows"),
        ("https://example.org/x", "offline: https://example.org/x was not fetched"),
        ("2209.10652", "offline: no answer of export.arxiv.org is kept for "),
    ],
)
def test_what_names_no_paper_is_one_clear_line(carrel: Carrel, kb: KnowledgeBase, reference: str, said: str) -> None:
    answer = carrel("paper", "add", reference, "--offline", "-q")
    assert answer.code in (1, 2)
    assert answer.err.startswith(f"carrel: {said}")
    assert contents(kb) == {}


def test_a_word_that_was_meant_as_an_identifier_stops_no_other(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "library.bib").write_text(TOY)
    said = carrel("paper", "add", "library.bib", "2209.1065")
    assert said.out == "papers/toy.md\n"
    assert "carrel: '2209.1065' is no identifier, file or address that Carrel knows\n" in said.err


def test_identifiers_that_were_quoted_together_are_several(carrel: Carrel) -> None:
    said = carrel("paper", "add", "10.1000/1 2209.10652", "--offline")
    assert said.err.endswith("0 added, 0 here already, 2 could not be read\n")


def test_the_key_that_was_asked_for_is_the_key_or_an_error(carrel: Carrel, kb: KnowledgeBase) -> None:
    assert carrel("paper", "add", "-", "--key", "mine", stdin=TOY.encode()).out == "papers/mine.md\n"
    for key, said in (
        ("my key", "'my key' cannot be a file's name"),
        ("a/b", "'a/b' cannot"),
        ("MINE", ": MINE is the key"),
    ):
        answer = carrel("paper", "add", "Other things", "--year", "2020", "--key", key)
        assert answer.code == 2
        assert answer.err.startswith(f"carrel: --key {said}".replace("key :", "key:"))
    assert list(contents(kb)) == ["mine.md"]


def test_entries_without_a_title_are_filed_once_under_their_keys(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "library.bib").write_text("@misc{smith, author={Smith, J.}}\n@misc{jones, year=2020}\n")
    first = carrel("paper", "add", "library.bib")
    assert (first.code, first.out) == (0, "papers/smith.md\npapers/jones.md\n")
    assert "library.bib:1: the entry 'smith' has no title\n" in first.err
    before = contents(kb)
    again = carrel("paper", "add", "library.bib")
    assert (again.code, again.out) == (0, "")
    assert contents(kb) == before


def test_a_record_that_shares_an_identifier_under_another_title_is_named_first(
    carrel: Carrel, kb: KnowledgeBase
) -> None:
    chapter = TOY.replace("{toy,", "{chapter,").replace("Toy Models of Superposition", "Chapter 3")
    (kb.root / "library.bib").write_text(TOY + TOY.replace("{toy,", "{again,") + chapter)
    said = carrel("paper", "add", "library.bib")
    assert said.err.splitlines()[0] == (
        "skipped: 'Chapter 3' is here already: papers/toy.md, as 'Toy Models of Superposition' (arxiv:2209.10652)"
    )


def test_two_imports_at_once_add_each_paper_once(kb: KnowledgeBase) -> None:
    entry = "@article{{{key}{n}, title={{Paper number {n}}}, author={{Doe, Jane}}, year=2020, doi={{10.1000/{n}}}}}\n"
    commands = []
    for key in ("a", "b", "a"):
        library = kb.root / f"{key}.bib"
        library.write_text("".join(entry.format(key=key, n=n) for n in range(60)))
        commands.append([sys.executable, "-m", "carrel", "paper", "add", "-q", str(library)])
    running = [subprocess.Popen(one, cwd=kb.root, stdout=subprocess.PIPE, text=True) for one in commands]
    added = [path for one in running for path in one.communicate(timeout=120)[0].splitlines()]
    assert len(added) == len(contents(kb)) == 60
    titles = {re.findall(rb"^title: (.*)$", text, re.MULTILINE)[0] for text in contents(kb).values()}
    assert len(titles) == 60


def test_a_record_that_front_matter_cannot_hold_is_cut_to_what_it_can(carrel: Carrel, kb: KnowledgeBase) -> None:
    authors = " and ".join(f"Surname{n}, G. H." for n in range(5154))
    (kb.root / "lhc.bib").write_text(
        f"@article{{higgs, title={{Mass}}, author={{{authors}}}, year=2015}}\n"
        f"@article{{long, title={{{'word ' * 100_000}}}, year=2015}}\n{TOY}"
    )
    said = carrel("paper", "add", "lhc.bib")
    assert (said.code, said.out) == (0, "papers/higgs.md\npapers/long.md\npapers/toy.md\n")
    assert kb.read("papers/higgs.md").problems == ()
    assert kb.read("papers/higgs.md").authors[-1] == "others"
    assert carrel("paper", "add", "lhc.bib").out == ""
    assert carrel("paper", "update", "--from", "lhc.bib").out == ""


def test_different_papers_that_look_alike_are_added_each(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "library.bib").write_text(
        "@article{n1, title={Editorial}, author={Smith, J.}, year=2020, journal={Nature}, volume=1}\n"
        "@article{s9, title={Editorial}, author={Smith, J.}, year=2020, journal={Science}, volume=9}\n"
        "@misc{cpp, title={C++ considered}, author={Smith, J.}, year=2020}\n"
        "@misc{cs, title={C\\# considered}, author={Smith, J.}, year=2020}\n"
        "@misc{c, title={C considered}, author={Smith, J.}, year=2020}\n"
        "@incollection{c1, title={First things}, author={Doe, J.}, year=2020, doi={10.1007/978-3-1}}\n"
        "@incollection{c2, title={Gardening at night}, author={Roe, R.}, year=2020, doi={10.1007/978-3-1}}\n"
    )
    said = carrel("paper", "add", "library.bib")
    assert len(said.out.splitlines()) == 7
    assert "papers/c2.md, papers/c1.md: both have the same identifier, under other titles and authors" in said.err
    assert carrel("paper", "add", "library.bib").out == ""


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "papers"])
def test_what_is_no_file_is_not_read(carrel: Carrel, kb: KnowledgeBase, name: str) -> None:
    os.mkfifo(kb.root / "pipe")
    said = carrel("paper", "add", f"./{name}" if name == "pipe" else name)
    assert said.code in (1, 2)
    assert len(said.err.splitlines()) <= 2


def test_a_file_may_be_given_by_its_address(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "my library.bib").write_text(TOY)
    assert carrel("paper", "add", f"file://{kb.root}/my%20library.bib").out == "papers/toy.md\n"


# --- what is looked up and fetched ----------------------------------------------------------------------------------


def record(doi: str, title: str) -> Reply:
    """An answer of Crossref's, about a paper by Justus Bogner."""
    work = {
        "DOI": doi,
        "type": "journal-article",
        "title": [title],
        "author": [{"family": "Bogner", "given": "Justus"}],
        "container-title": ["Journal of Tests"],
        "issued": {"date-parts": [[2019]]},
    }
    return Reply(200, json.dumps({"status": "ok", "message": work}).encode())


def test_a_pdf_is_added_by_the_identifier_that_it_prints_and_kept(
    carrel: Carrel, kb: KnowledgeBase, sources: Recorded, data: Path
) -> None:
    pdf = data / "06-pdf-jabref-ccby" / "files" / "Bogner2019.pdf"
    sources.also["/works/10.7717/peerj-cs.213"] = record("10.7717/peerj-cs.213", "Comparability of tests")
    said = carrel("paper", "add", str(pdf))
    assert said.out == "papers/bogner2019comparability.md\n"
    assert "its PDF is kept as papers/files/bogner2019comparability.pdf" in said.err
    assert (kb.root / "papers" / "files" / "bogner2019comparability.pdf").read_bytes() == pdf.read_bytes()
    assert 'doi: "10.7717/peerj-cs.213"\n' in (kb.root / "papers" / "bogner2019comparability.md").read_text()


def test_the_pdf_of_a_paper_that_is_here_already_is_kept_beside_it(
    carrel: Carrel, kb: KnowledgeBase, data: Path
) -> None:
    pdf = data / "06-pdf-jabref-ccby" / "files" / "Bogner2019.pdf"
    entry = b"@article{mine, title={Comparability}, author={Bogner, Justus}, year=2019, doi={10.7717/peerj-cs.213}}"
    assert carrel("paper", "add", "-", stdin=entry).code == 0
    said = carrel("paper", "add", "--offline", str(pdf))
    assert (said.code, said.out) == (0, "")
    assert "papers/mine.md: its PDF is kept as papers/files/mine.pdf\n" in said.err
    assert carrel("paper", "add", "--offline", str(pdf)).code == 1


def test_a_pdf_that_no_source_knows_is_filed_under_what_it_says_of_itself(
    carrel: Carrel, kb: KnowledgeBase, sources: Recorded, data: Path
) -> None:
    pdf = data / "06-pdf-jabref-ccby" / "files" / "Bogner2019.pdf"
    said = carrel("paper", "add", str(pdf))
    assert said.code == 0
    assert "taken as it was found" in said.err
    assert 'doi: "10.7717/peerj-cs.213"\n' in (kb.root / said.out.strip()).read_text()


def test_a_file_that_is_no_pdf_within_is_one_clear_line(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / "broken.pdf").write_bytes(b"%PDF-1.7\nand no more")
    said = carrel("paper", "add", "broken.pdf")
    assert said.code == 1
    assert said.err.startswith("carrel: broken.pdf")
    assert contents(kb) == {}


def test_a_page_and_a_pdf_on_the_web_are_fetched_only_from_the_public_internet(
    carrel: Carrel, kb: KnowledgeBase, sources: Recorded, settings: Callable[[str], None], data: Path
) -> None:
    page = (
        b'<title>x</title><meta name="citation_title" content="On toys"><meta name="citation_author" content="Hume, T">'
    )
    sources.also["/post"] = Reply(200, page, {"Content-Type": "text/html"})
    pdf = (data / "06-pdf-jabref-ccby" / "files" / "Bogner2019.pdf").read_bytes()
    sources.also["/toy.pdf"] = Reply(200, pdf, {"Content-Type": "application/pdf"})
    said = carrel("paper", "add", f"{sources.url}/post")
    assert said.code == 1
    assert "https" in said.err
    settings(sources.config + "papers.private_addresses = true\n")
    assert carrel("paper", "add", f"{sources.url}/post").out == "papers/humetoys.md\n"
    text = (kb.root / "papers" / "humetoys.md").read_text()
    assert f'url: "{sources.url}/post"\n' in text
    assert "bibtype: online\n" in text
    said = carrel("paper", "add", f"{sources.url}/toy.pdf")
    assert said.code == 0
    name = Path(said.out.strip()).stem
    assert (kb.root / "papers" / "files" / f"{name}.pdf").read_bytes() == pdf


def test_identifiers_are_looked_up_and_those_that_are_none_are_named(
    carrel: Carrel, kb: KnowledgeBase, sources: Recorded
) -> None:
    sources.also["/works/10.1000/1"] = record("10.1000/1", "First things")
    said = carrel("paper", "add", "doi:10.1000/1", "10.1000/nothing", "2101.99999")
    assert said.out == "papers/bogner2019first.md\n"
    assert "carrel: no source knows the DOI 10.1000/nothing" in said.err or "10.1000/nothing" in said.err
    assert "arXiv has no paper 2101.99999" in said.err
    assert said.code == 1
    asked = len(sources.requests)
    assert "is here already" in carrel("paper", "add", "https://doi.org/10.1000/1").err
    assert len(sources.requests) == asked


def test_a_title_is_looked_up_and_what_no_source_has_is_filed_as_typed(
    carrel: Carrel, kb: KnowledgeBase, sources: Recorded
) -> None:
    title = "Comparability of five long tests"
    work = json.loads(record("10.1000/5", title).body)["message"]
    found = json.dumps({"status": "ok", "message": {"items": [work], "total-results": 1}}).encode()
    sources.also["/works.*query.bibliographic"] = Reply(200, found)
    sources.also["/works/10.1000/5"] = record("10.1000/5", title)
    said = carrel("paper", "add", "comparability of five long tests")
    assert said.out == "papers/bogner2019comparability.md\n"
    assert f"found {title!r}, Bogner 2019\n" in said.err
    del sources.also["/works.*query.bibliographic"]
    said = carrel("paper", "add", "A thing that nobody ever wrote")
    assert said.out == "papers/thing.md\n"
    assert "no source has just that title: authors and year are for you to fill in\n" in said.err


def test_the_pdf_of_a_paper_that_is_here_is_fetched_when_it_is_asked_for(
    carrel: Carrel, kb: KnowledgeBase, sources: Recorded, settings: Callable[[str], None], data: Path
) -> None:
    pdf = (data / "06-pdf-jabref-ccby" / "files" / "Bogner2019.pdf").read_bytes()
    sources.also["/toy.pdf"] = Reply(200, pdf)
    settings(sources.config + "papers.private_addresses = true\n")
    entry = TOY.replace("year=", f"url={{{sources.url}/toy.pdf}}, year=")
    assert carrel("paper", "add", "-", stdin=entry.encode()).code == 0
    said = carrel("paper", "add", "2209.10652", "--pdf")
    assert said.code == 0
    assert (kb.root / "papers" / "files" / "toy.pdf").read_bytes() == pdf
    assert carrel("paper", "add", "2209.10652", "--pdf").code == 1


def test_a_running_zotero_gives_its_papers_once_and_its_changes_field_by_field(
    carrel: Carrel, kb: KnowledgeBase, settings: Callable[[str], None]
) -> None:
    zotero = Zotero()
    try:
        settings(f'zotero.url = "{zotero.url}"\n')
        item: dict[str, Any] = {
            "itemType": "journalArticle",
            "title": "Toy moddels",
            "date": "2022",
            "publicationTitle": "J. Toys",
        }
        item |= {"creators": [{"creatorType": "author", "firstName": "Nelson", "lastName": "Elhage"}]}
        zotero.found = {"/items/top": [entry("AAAA0001", **item)], "/items": []}
        assert carrel("paper", "add", "zotero:").out == "papers/elhage2022toy.md\n"
        text = (kb.root / "papers" / "elhage2022toy.md").read_text()
        assert "zotero: AAAA0001\n" in text
        zotero.found["/items/top"] = [entry("AAAA0001", **item | {"title": "Toy models, explained"})]
        assert carrel("paper", "add", "zotero:").err.endswith("0 added, 1 here already, 0 could not be read\n")
        said = carrel("paper", "update", "--from", "zotero:")
        assert said.out == "papers/elhage2022toy.md\n  title: Toy moddels -> Toy models, explained\n"
        zotero.enabled = False
        said = carrel("paper", "add", "zotero:")
        assert said.code == 1
        assert "Settings" in said.err
    finally:
        zotero.close()


def test_without_a_network_a_title_is_taken_as_it_was_typed(
    carrel: Carrel, kb: KnowledgeBase, sources: Recorded
) -> None:
    sources.also[""] = Reply(400, b"no")
    said = carrel("paper", "add", "A thing that nobody ever wrote")
    assert said.out == "papers/thing.md\n"
    assert said.err.splitlines()[1].endswith(": taken as it was typed")


def test_a_file_that_is_too_large_is_refused_and_not_cut(
    carrel: Carrel, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, sources: Recorded, data: Path
) -> None:
    from carrel.cli.papers import finder

    monkeypatch.setattr(finder, "LARGEST_FILE", 1024 * 1024)
    said = carrel("paper", "add", str(data / "06-pdf-jabref-ccby" / "files" / "Bogner2019.pdf"))
    assert said.code == 1
    assert "Bogner2019.pdf has more than 1 MB" in said.err
    assert contents(kb) == {}
