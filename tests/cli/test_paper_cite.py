"""`carrel paper cite` and `export`: papers as bibliographies and texts want them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.core.frontmatter_edit import yaml_value
from carrel.metadata.bibtex import parse
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

ELHAGE = """\
@misc{elhage2022toy,
  title = {Toy Models of Superposition},
  author = {Elhage, Nelson and Olah, Chris},
  year = {2022},
  eprint = {2209.10652},
  archiveprefix = {arXiv},
}
"""
SHANNON = """\
@article{shannon1948mathematical,
  title = {A mathematical theory of communication in {Bell}'s time},
  author = {Shannon, Claude E.},
  year = {1948},
  journal = {Bell System Technical Journal},
  volume = {27},
  number = {3},
  pages = {379--423},
  doi = {10.1002/j.1538-7305.1948.tb01338.x},
}
"""


@pytest.fixture
def papers(carrel: Carrel, write: Callable[[str, str], Path]) -> Carrel:
    """Two papers on the shelf, one of them of a project; and a note beside them."""
    write("notes/refusal.md", "# Refusal\n")
    assert carrel("paper", "add", "-", "--project", "SAE probes", stdin=ELHAGE.encode()).code == 0
    assert carrel("paper", "add", "-", stdin=SHANNON.encode()).code == 0
    return carrel


def alias(write: Callable[[str, str], Path], kb: KnowledgeBase, path: str, *names: str) -> None:
    kb.set_keys(path, {"aliases": list(names)})
    assert yaml_value(names[0]) in (kb.root / path).read_text()


def test_a_paper_is_printed_as_the_entry_that_it_came_from(papers: Carrel) -> None:
    said = papers("paper", "cite", "elhage2022toy", "shannon1948mathematical")
    assert (said.code, said.out, said.err) == (0, f"{ELHAGE}\n{SHANNON}", "")


def test_a_paper_is_named_by_key_citation_path_or_title(papers: Carrel) -> None:
    for name in ("@elhage2022toy", "papers/elhage2022toy.md", "Toy Models of Superposition"):
        assert papers("paper", "cite", name).out == ELHAGE
    assert papers("paper", "cite", "elhage2022toy", "elhage2022toy").out == ELHAGE


def test_a_name_that_is_nothing_gets_the_nearest_and_a_note_is_no_paper(papers: Carrel) -> None:
    said = papers("paper", "cite", "elhage2022tou")
    assert (said.code, said.out) == (1, "")
    assert said.err == "carrel: no note called 'elhage2022tou'\n        did you mean elhage2022toy?\n"
    said = papers("paper", "cite", "refusal")
    assert (said.code, said.err.splitlines()[0]) == (2, "carrel: notes/refusal.md is no paper")


def test_biblatex_has_its_own_words(papers: Carrel) -> None:
    out = papers("paper", "cite", "shannon1948mathematical", "--format", "biblatex").out
    assert "  date = {1948},\n  journaltitle = {Bell System Technical Journal},\n" in out


def test_csl_is_json(papers: Carrel) -> None:
    (item,) = json.loads(papers("paper", "cite", "shannon1948mathematical", "--format", "csl").out)
    assert (item["id"], item["type"], item["page"]) == ("shannon1948mathematical", "article-journal", "379-423")
    assert item["author"] == [{"family": "Shannon", "given": "Claude E."}]


def test_markdown_is_a_citation_to_paste(papers: Carrel) -> None:
    said = papers("paper", "cite", "elhage2022toy", "shannon1948mathematical", "--format", "markdown")
    assert said.out == "[@elhage2022toy; @shannon1948mathematical]\n"


def test_text_is_a_formatted_reference(papers: Carrel) -> None:
    said = papers("paper", "cite", "shannon1948mathematical", "--format", "text")
    assert said.out.startswith("Shannon, C")
    assert "(1948)" in said.out
    assert "Bell System Technical Journal" in said.out


def test_options_that_do_not_fit_together_are_refused(papers: Carrel) -> None:
    for options in (["--style", "x.csl"], ["--format", "csl", "--ascii"]):
        assert papers("paper", "cite", "elhage2022toy", *options).code == 2
    said = papers("paper", "cite", "elhage2022toy", "--format", "text", "--style", "missing.csl")
    assert (said.code, said.err) == (1, "carrel: missing.csl: no such file or directory\n")


def test_everything_is_exported_by_key(papers: Carrel) -> None:
    said = papers("paper", "export")
    assert (said.code, said.out, said.err) == (0, f"{ELHAGE}\n{SHANNON}", "")


def test_a_project_is_exported_whatever_its_case(papers: Carrel) -> None:
    assert papers("paper", "export", "--project", "sae probes").out == ELHAGE
    said = papers("paper", "export", "--project", "nothing")
    assert (said.code, said.err.splitlines()[0]) == (2, "carrel: no paper belongs to the project 'nothing'")


def test_what_a_document_cites_is_exported_and_what_is_not_here_is_listed(papers: Carrel, tmp_path: Path) -> None:
    source = tmp_path / "paper.tex"
    source.write_text("Hello\n\\citep[p.~3]{elhage2022toy, nowhere2020}\n\\cite{Shannon1948mathematical}\n")
    said = papers("paper", "export", "--cited-in", str(source))
    assert (said.code, said.out) == (1, ELHAGE)
    assert said.err == (
        f"{source}:2: nowhere2020 is cited and not here\n"
        f"{source}:3: Shannon1948mathematical is cited and not here; did you mean shannon1948mathematical?\n"
    )
    source.write_text("\\nocite{*}")
    assert papers("paper", "export", "--cited-in", str(source)).out == f"{ELHAGE}\n{SHANNON}"


def test_a_document_is_read_with_the_files_that_it_includes(papers: Carrel, tmp_path: Path) -> None:
    main = tmp_path / "paper.tex"
    (tmp_path / "sections").mkdir()
    main.write_text("\\input{sections/intro} \\input{paper} \\input{not-there}")
    (tmp_path / "sections" / "intro.tex").write_text("\\cite{elhage2022toy}\n\\cite{gone}\\input{sections/more.tex}")
    (tmp_path / "sections" / "more.tex").write_text("\\cite{shannon1948mathematical}")
    said = papers("paper", "export", "--cited-in", str(main))
    assert (said.code, said.out) == (1, f"{ELHAGE}\n{SHANNON}")
    assert said.err == f"{tmp_path}/sections/intro.tex:2: gone is cited and not here\n"


def test_a_bare_mention_in_markdown_is_a_citation_only_of_a_paper_that_is_here(papers: Carrel, tmp_path: Path) -> None:
    draft = tmp_path / "draft.md"
    draft.write_text("As @elhage2022toy shows. Thanks, @ada! `@shannon1948mathematical`\n")
    said = papers("paper", "export", "--cited-in", str(draft))
    assert (said.code, said.out, said.err) == (0, ELHAGE, "")


def test_a_paper_is_exported_under_the_key_that_the_document_cites(
    papers: Carrel, kb: KnowledgeBase, write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    alias(write, kb, "papers/elhage2022toy.md", "DBLP:journals/corr/abs-2209-10652")
    source = tmp_path / "paper.aux"
    source.write_text("\\citation{DBLP:journals/corr/abs-2209-10652}\n")
    said = papers("paper", "export", "--cited-in", str(source))
    assert (said.code, said.out) == (0, ELHAGE.replace("{elhage2022toy,", "{DBLP:journals/corr/abs-2209-10652,"))


def test_a_file_is_written_once_and_replaced_only_if_carrel_wrote_it(papers: Carrel, tmp_path: Path) -> None:
    place = tmp_path / "refs.bib"
    said = papers("paper", "export", "-o", str(place))
    assert (said.code, said.out, said.err) == (0, "", f"2 papers in {place}\n")
    assert place.read_text() == (
        "% Written by `carrel paper export`, which replaces it: change the papers' notes instead.\n\n"
        f"{ELHAGE}\n{SHANNON}"
    )
    stamp = place.stat()
    assert papers("paper", "export", "-o", str(place)).err == f"2 papers already in {place}\n"
    assert place.stat() == stamp
    assert papers("paper", "export", "-o", str(place), "--project", "SAE probes").code == 0
    assert parse(place.read_text())[0][0].citekey == "elhage2022toy"
    place.write_text("@misc{mine, title = {Mine}}\n")
    said = papers("paper", "export", "-o", str(place))
    assert (said.code, said.err) == (
        1,
        f"carrel: {place} was not written by `carrel paper export`\n        --force replaces it\n",
    )
    assert place.read_text() == "@misc{mine, title = {Mine}}\n"
    assert papers("paper", "export", "-o", str(place), "--force").code == 0


def test_csl_json_is_written_by_the_files_name_and_replaced_only_if_carrel_wrote_it(
    papers: Carrel, tmp_path: Path
) -> None:
    place = tmp_path / "refs.json"
    assert papers("paper", "export", "-o", str(place), "--project", "SAE probes").code == 0
    assert [item["id"] for item in json.loads(place.read_text())] == ["elhage2022toy"]
    assert papers("paper", "export", "-o", str(place)).err == f"2 papers in {place}\n"
    assert papers("paper", "export", "-o", str(place)).err == f"2 papers already in {place}\n"
    assert json.loads(place.read_text())[0]["custom"] == {"written-by": "carrel paper export"}
    mine = json.dumps([{"id": "mine", "title": "Mine", "custom": {"rating": 5}}])
    place.write_text(mine)
    assert papers("paper", "export", "-o", str(place)).code == 1
    assert place.read_text() == mine


def test_a_place_that_cannot_be_written_is_told(papers: Carrel, tmp_path: Path) -> None:
    said = papers("paper", "export", "-o", str(tmp_path / "no" / "refs.bib"))
    assert (said.code, said.err.splitlines()[0]) == (2, f"carrel: there is no folder {tmp_path / 'no'}")
    assert papers("paper", "export", "-o", str(tmp_path)).code == 1
    said = papers("paper", "export", "--cited-in", str(tmp_path / "paper.tex"))
    assert (said.code, said.err) == (1, f"carrel: {tmp_path / 'paper.tex'}: no such file or directory\n")


def test_an_empty_shelf_exports_nothing(carrel: Carrel) -> None:
    said = carrel("paper", "export")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_what_is_exported_is_known_when_it_is_added_again(papers: Carrel) -> None:
    exported = papers("paper", "export").out
    said = papers("paper", "add", "-", stdin=exported.encode())
    assert (said.code, said.out) == (0, "")


def test_of_two_papers_under_one_key_the_second_is_named(carrel: Carrel, write: Callable[[str, str], Path]) -> None:
    for name in ("a", "b"):
        write(f"papers/{name}.md", f"---\ntitle: Title {name}\nkind: paper\ncitekey: same\n---\n")
    said = carrel("paper", "export")
    assert said.code == 1
    assert said.out.count("@") == 1
    assert said.err == "papers/b.md: left out, because another paper has its key same\n"
