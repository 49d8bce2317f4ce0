"""What the browser's index holds: what the pages show, as a function of the pages alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.gate.rows import words
from carrel.publish.search.index import search_index, write_index
from carrel.publish.search.pages import found_page
from carrel.publish.search.units import Page, units
from tests.publish.support import SAMPLE, edition, knowledge_base, lay_out, tree

DAY = Page(
    "notes/2026/2026-11-20.html",
    "2026-11-20",
    "log",
    "2026-11-20",
    "A word before.\n\n"
    "## 09:10 Sweep of `top_k` {: #0910-sweep-of-top_k }\n\nLoss **0.0317** with SAE-7B, see [Elhage](../x.md).\n\n"
    "### Details {: #details }\n\nMore of it.\n\n"
    "## 10:30 検索 {: #1030 }\n\n全文検索する。\n",
    {"kind": ("log",), "year": ("2026",), "project": ("probes",)},
    ("0910-sweep-of-top_k", "1030"),
    {"1030": {"tag": ("cjk",)}},
)
PAPER = Page(
    "papers/ngo2023.html", "On lemmas", "paper", "2023-10-10", "Optimizers, happily.", {"person": ("Ngô Bảo Châu",)},
    also="Ngô Bảo Châu 2310.06820",
)  # fmt: skip


def written(pages: list[Page], cache: Path) -> dict[str, bytes]:
    cache.mkdir(exist_ok=True)
    files = search_index(pages, cache)
    return {name: file.read_bytes() if isinstance(file, Path) else file.encode() for name, file in files.items()}


def data(file: bytes) -> object:
    found = re.fullmatch(r'carrelSearch\.got\("[^"]*",(.*)\)\n', file.decode(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def terms_of(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    texts = [str(data(file)) for name, file in files.items() if name.startswith("terms/")]
    return {line.split("\t")[0]: line.split("\t")[1:] for text in texts for line in text.split("\n")}


def many(count: int) -> list[Page]:
    return [replace(PAPER, address=f"papers/p{n}.html", markdown=f"shared words own{n}") for n in range(count)]


def found(notes: Mapping[str, str], audience: Visibility = Visibility.PUBLIC) -> dict[str, Page]:
    """The pages that are found of these notes, by their addresses."""
    made = edition(notes, audience=audience)
    pages = (found_page(made, laid) for laid in lay_out(made)[0].values())
    return {page.address: page for page in pages if page is not None}


def test_each_entry_of_a_day_is_found_by_itself_with_its_anchor_and_the_day_with_the_rest() -> None:
    assert [(unit.title, [section[:2] for section in unit.sections]) for unit in units(DAY)] == [
        ("2026-11-20", [("", "")]),
        ("09:10 Sweep of top_k", [("0910-sweep-of-top_k", ""), ("details", "Details")]),
        ("10:30 検索", [("1030", "")]),
    ]


def test_a_snippet_has_the_words_of_the_page_without_its_marks() -> None:
    day, sweep, _ = units(DAY)
    assert sweep.sections[0].text == "Loss 0.0317 with SAE-7B, see Elhage."
    assert [section.text for section in day.sections] == ["A word before."]


def test_a_long_page_is_several_units_that_hold_all_of_its_words() -> None:
    words = [f"word{number}" for number in range(3000)]
    parts = list(units(replace(PAPER, markdown=" ".join(words))))
    assert len(parts) > 3
    assert " ".join(text for part in parts for _, _, text in part.sections).split() == words


def test_compounds_numbers_people_and_pairs_of_characters_are_terms(tmp_path: Path) -> None:
    terms = terms_of(written([DAY, PAPER], tmp_path))
    for term in ("topk", "top", "sae7b", "00317", "0317", "231006820", "chau", "person:chau", "検索", "tag:cjk", "*sw"):
        assert term in terms, term


def test_a_term_knows_the_words_that_it_stands_for(tmp_path: Path) -> None:
    terms = terms_of(written([PAPER], tmp_path))
    assert terms["optim"][0] == "izers"
    assert terms["happili"][0] == "1y"


def test_a_filters_count_makes_no_name_of_a_hidden_note_with_its_value(tmp_path: Path) -> None:
    facets = written([DAY, PAPER], tmp_path)["facets.js"]
    assert data(facets) == {
        "kind": [["log", "3units"]],
        "tag": [["cjk", "1units"]],
        "project": [["probes", "3units"]],
        "person": [["Ngô Bảo Châu", "1units"]],
        "year": [["2026", "3units"]],
    }
    assert words('["log","3units"]') == ["log", "3units"]  # so `log-3`, a note that is not shown, is not found there


def test_a_rebuilt_index_is_that_of_a_clean_build_byte_for_byte(tmp_path: Path) -> None:
    before, after = many(300), [*reversed(many(290)[1:]), DAY]
    written(before, tmp_path / "kept")
    assert written(after, tmp_path / "kept") == written(after, tmp_path / "clean")


def test_a_changed_page_makes_one_block_anew(tmp_path: Path) -> None:
    pages = many(300)
    written(pages, tmp_path)
    blocks = set(tmp_path.glob("*/units"))
    written([replace(pages[0], markdown="other"), *pages[1:]], tmp_path)
    assert len(set(tmp_path.glob("*/units")) - blocks) == 1


def test_after_any_changes_the_index_is_that_of_a_clean_build(tmp_path: Path) -> None:
    random, pages = Random(1), {page.address: page for page in many(150)}
    for step in range(12):
        for _ in range(random.randrange(1, 6) if step % 5 else 60):
            number = random.randrange(300)
            address, words = f"papers/p{number}.html", " ".join(f"word{random.randrange(40)}" for _ in range(9))
            if address in pages and number % 3 == 0:
                del pages[address]
            else:
                text = "".join(f"## {words} {{: #a{part} }}\n\nshared {words}\n\n" for part in range(number % 11))
                anchors = tuple(f"a{part}" for part in range(number % 11))
                person = (f"Ada {words[-1]}",)
                pages[address] = replace(
                    PAPER, address=address, markdown=text or words, entries=anchors, facets={"person": person}
                )
        kept = written(list(pages.values()), tmp_path / "kept")
        assert kept == written(list(pages.values()), tmp_path / f"clean{step}")


def test_a_new_entry_changes_no_number_of_the_pages_behind_it(tmp_path: Path) -> None:
    other = replace(PAPER, address="papers/z.html")
    before = terms_of(written([DAY, other], tmp_path))["happili"]
    more = replace(DAY, markdown=DAY.markdown + "\n## 11:00 More {: #1100 }\n", entries=(*DAY.entries, "1100"))
    assert terms_of(written([more, other], tmp_path))["happili"] == before


@pytest.mark.parametrize("damage", ["cut", "one bit", "gone", "not ours"])
def test_a_damaged_state_is_none(tmp_path: Path, damage: str) -> None:
    written([*many(300), DAY], tmp_path / "kept")
    state = tmp_path / "kept" / "state"
    data = state.read_bytes()
    damaged = {
        "cut": data[:-9],
        "one bit": data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        "gone": b"",
        "not ours": b"00000000\n",
    }
    state.write_bytes(damaged[damage])
    assert written(many(299), tmp_path / "kept") == written(many(299), tmp_path / "clean")


def test_a_site_that_was_there_keeps_its_files_and_what_was_changed_in_it_is_not_taken_over(tmp_path: Path) -> None:
    old, new, clean = tmp_path / "old", tmp_path / "new", tmp_path / "clean"
    write_index([*many(20), DAY], old, tmp_path / "cache")
    before = tree(old)
    write_index(many(20), new, tmp_path / "cache")
    assert tree(old) == before
    for place in [place for place in new.rglob("*.js") if place.stat().st_nlink > 1]:
        place.write_text("changed by hand")  # and with it the cache's, which is the same file
    write_index(many(20), tmp_path / "again", tmp_path / "cache")
    write_index(many(20), clean, tmp_path / "other")
    assert tree(tmp_path / "again") == tree(clean)


def test_nothing_of_a_page_that_went_stays_in_the_index_or_in_the_cache(tmp_path: Path) -> None:
    written([*many(20), DAY], tmp_path)
    files = written(many(20), tmp_path)
    kept = [place.read_bytes() for place in tmp_path.rglob("*") if place.is_file()]
    assert not [text for text in (*files.values(), *kept) if b"0317" in text or "検索".encode() in text]


def test_notes_and_own_pages_are_found_and_lists_made_from_notes_are_not() -> None:
    pages = found(SAMPLE)
    assert {address: page.kind for address, page in pages.items()} == {
        "about/this.html": "page",
        "index.html": "page",
        "notes/2026/2026-11-19.html": "log",
        "notes/2026/2026-11-20.html": "log",
        "notes/experiments/refusal-probes.html": "experiment",
        "papers/elhage2022toy.html": "paper",
    }
    assert pages["index.html"].markdown == "Welcome. Read [how it works](about/this.md) first."


def test_a_note_is_filtered_by_what_its_page_says_of_it() -> None:
    assert found(SAMPLE)["papers/elhage2022toy.html"].facets == {
        "kind": ("paper",),
        "tag": ("superposition", "sae"),
        "project": (),
        "person": ("Nelson Elhage", "Tristan Hume", "Catherine Olsson"),
        "year": ("2022",),
    }


def test_a_project_is_a_filter_only_where_its_note_is_shown() -> None:
    day = "---\nkind: log\ndate: 2026-11-20\nvisibility: public\nproject: probes\n---\n## 10:00 A\n\nproject:: other\n"
    hidden = {"notes/2026/2026-11-20.md": day}
    shown = {**hidden, "notes/probes.md": "Probes.", "notes/other.md": "Other."}
    address = "notes/2026/2026-11-20.html"
    facets = [(page.facets["project"], page.entry_facets) for page in (found(hidden)[address], found(shown)[address])]
    assert facets == [
        ((), {"1000-a": {"tag": (), "project": ()}}),
        (("probes",), {"1000-a": {"tag": (), "project": ("other",)}}),
    ]


def test_the_index_knows_no_hidden_note_and_is_the_same_without_it(tmp_path: Path) -> None:
    shared = {path: text for path, text in SAMPLE.items() if path != "notes/secret-plan.md"}
    files = written(list(found(SAMPLE).values()), tmp_path / "one")
    assert files == written(list(found(shared).values()), tmp_path / "other")
    assert not [name for name, file in files.items() if b"secret" in file or b"hush" in file]
    private = written(list(found(SAMPLE, Visibility.PRIVATE).values()), tmp_path / "private")
    assert [name for name, file in private.items() if b"secret" in file]


OLD = "site_name: x\ndocs_dir: site/pages\nsite_dir: site/public\ntheme:\n  name: material\nplugins:\n{}  - carrel\n"


@pytest.mark.parametrize("theme", ["material", "mkdocs"])
def test_a_mkdocs_yml_that_still_lists_mkdocs_own_search_makes_the_same_site(tmp_path: Path, theme: str) -> None:
    text = OLD.replace("material", theme)
    sites = []
    for plugins in ("", "  - search:\n      lang: en\n"):
        kb = knowledge_base(tmp_path / "kb", {**SAMPLE, "mkdocs.yml": text.format(plugins)})
        sites.append(tree(build_site(kb, Visibility.PUBLIC, strict=True).site_dir))
        sites[-1]["index.html"] = sites[-1]["index.html"].partition(b"Build Date UTC")[0]  # of MkDocs' own theme
    assert sites[0] == sites[1]
    assert "search/index.js" in sites[1]
    assert "search/search_index.json" not in sites[1]


def test_pages_in_a_folder_of_the_same_name_stay_beside_the_index(tmp_path: Path) -> None:
    pages = {"site/pages/search/how.md": "# How\n", "search/note.md": "---\nvisibility: public\n---\nA note.\n"}
    kb = knowledge_base(tmp_path / "kb", {**pages, ".carrel/config.toml": 'folders = ["."]\n'})
    site = build_site(kb, Visibility.PUBLIC).site_dir / "search"
    assert {"how.html", "note.html", "index.js", "facets.js"} <= {place.name for place in site.iterdir()}


def test_what_is_kept_of_an_audience_is_for_its_owner_alone_and_of_no_other(tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path / "kb", SAMPLE)
    build_site(kb, Visibility.PRIVATE)
    build_site(kb, Visibility.PUBLIC)
    kept = {name: kb.cache_dir / f"site-search-{name}" for name in ("private", "public")}
    assert [place.stat().st_mode & 0o777 for place in kept.values()] == [0o700, 0o700]
    secret = {name: any(b"secret" in text for text in tree(place).values()) for name, place in kept.items()}
    assert secret == {"private": True, "public": False}
