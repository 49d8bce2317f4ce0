"""Feeds: valid Atom that says what is new, the same from every build, and nothing of what is hidden."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import etree  # type: ignore[import-untyped]  # it brings no types

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.pages.address import Address, address_of
from carrel.publish.pages.every_file import made_files
from carrel.publish.pages.feeds import LATEST
from tests.publish.payloads import PAYLOADS
from tests.publish.support import SAMPLE, edition, knowledge_base

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
ATOM = "{http://www.w3.org/2005/Atom}"
LAB = Address("Our lab", "https://lab.example.org/site/")
ODD = "<b>&amp; ]]> </script> \u202egnp.exe \u2066x {{ y }} “é” \U0001f9ea"
TEAM = {
    "notes/2026/2026-11-20-ada.md": (
        "---\nkind: log\ndate: 2026-11-20\nauthors: [Ada Lovelace]\nvisibility: public\n---\n"
        "## 09:00 First\n\nOne. #sae\n\n## 09:00 Second in that minute\n\nTwo.\n\n## 23:59 Last\n\nThree.\n"
    ),
    "notes/2026/2026-11-19-bo.md": (
        "---\nkind: log\ndate: 2026-11-19\nauthors: ['Šimůnek, Bo']\nvisibility: public\n---\n## 08:00 Hello\n\nText.\n"
    ),
    "papers/p.md": (
        f"---\ntitle: '{ODD}'\nkind: paper\nauthors: [Pat Writer, Quin Other]\nyear: 2022\ndate: 2026-11-18\n"
        "summariser: Ada Lovelace\nvisibility: public\n---\n## TL;DR\n\nIt holds.\n"
    ),
    "papers/undated.md": "---\ntitle: Undated\nkind: paper\nvisibility: public\n---\n",
    "notes/hidden.md": "---\ntitle: Hidden plan\ndate: 2026-11-21\ntags: [hush]\nvisibility: private\n---\nSecret.\n",
}


def feeds(notes: dict[str, str], address: Address = LAB) -> dict[str, str]:
    """Every feed of an edition, by its place."""
    made = edition(notes)
    return {
        one.path: one.content(made) for one in made_files(made, address, frozenset()) if one.path.startswith("feeds/")
    }


def read(text: str) -> etree._Element:
    return etree.fromstring(text.encode("utf-8"))


def titles(text: str) -> list[str]:
    return [title.text or "" for title in read(text).iterfind(f"{ATOM}entry/{ATOM}title")]


def wrong(text: str) -> list[str]:
    """What is wrong with a feed by the RFC's schema and by what it says in words."""
    feed = read(text)
    if not SCHEMA.validate(feed):
        return [str(SCHEMA.error_log.last_error)]
    entries = feed.findall(f"{ATOM}entry")
    found = []
    ids = [one.findtext(f"{ATOM}id") or "" for one in (feed, *entries)]
    if len(set(ids)) < len(ids):
        found.append("an identifier twice")
    found += [f"{one} is no absolute IRI" for one in ids if not urlsplit(one).scheme]
    found += [f"{one.text} has no time zone" for one in feed.iter(f"{ATOM}updated") if not str(one.text).endswith("Z")]
    if feed.find(f"{ATOM}author") is None:
        found.append("nobody wrote it")
    for entry in (feed, *entries):
        alternates = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
        if len(alternates) != 1:
            found.append(f"{len(alternates)} pages show {entry.findtext(f'{ATOM}title')}")
    if (newest := feed.findtext(f"{ATOM}updated")) != max(
        (str(entry.findtext(f"{ATOM}updated")) for entry in entries), default="1970-01-01T00:00:00Z"
    ):
        found.append(f"it was not updated at {newest}")
    return found


@pytest.mark.parametrize("address", [LAB, Address("Our lab"), Address("<&>\x01", "https://ümlaut.example.org/")])
@pytest.mark.parametrize("notes", [TEAM, SAMPLE, {}], ids=["team", "sample", "nothing"])
def test_every_feed_is_valid_atom(notes: dict[str, str], address: Address) -> None:
    found = feeds(notes, address)
    assert {path: wrong(text) for path, text in found.items() if wrong(text)} == {}
    assert "feeds/all.xml" in found


def test_payloads_in_titles_tags_and_names_leave_feeds_valid() -> None:
    notes = {
        f"notes/n{number}.md": "---\n"
        + "".join(f"{key}: {json.dumps(text)}\n" for key, text in (("title", payload), ("authors", payload)))
        + f"tags: [{json.dumps(payload)}]\ndate: 2026-11-20\nvisibility: public\n---\n{payload}\n"
        for number, payload in enumerate(PAYLOADS)
    }
    assert {path: wrong(text) for path, text in feeds(notes).items() if wrong(text)} == {}


def test_the_schema_finds_mistakes() -> None:
    text = feeds(TEAM)["feeds/log.xml"]
    assert wrong(text) == []
    assert wrong(re.sub("<updated>.*?</updated>", "", text, count=1))
    assert wrong(text.replace("09:00:00Z", "", 1))
    assert wrong(text.replace("<summary>", "<summary/><summary>", 1))
    assert wrong(re.sub("<id>.*?</id>", "<id>urn:x</id>", text))


def test_there_is_a_feed_of_everything_the_log_papers_each_writer_and_each_tag() -> None:
    paper = "<b>&amp; ]]> </script> gnp.exe x {{ y }} “é” \U0001f9ea (Writer and Other 2022)"
    assert {path: titles(text) for path, text in feeds(TEAM).items()} == {
        "feeds/all.xml": ["Last", "First", "Second in that minute", "Hello", paper],
        "feeds/log.xml": ["Last", "First", "Second in that minute", "Hello"],
        "feeds/papers.xml": [paper],
        "feeds/people/ada-lovelace.xml": ["Last", "First", "Second in that minute", paper],
        "feeds/people/bo-šimůnek.xml": ["Hello"],
        "feeds/tags/sae.xml": ["First"],
    }


def test_an_item_says_what_is_new_when_by_whom_and_where_its_page_is() -> None:
    found = re.sub("urn:uuid:[0-9a-f-]{36}<", "ID<", feeds(TEAM)["feeds/people/bo-šimůnek.xml"])
    assert found == (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "<title>Our lab: Bo Šimůnek</title>\n<id>ID</id>\n<updated>2026-11-19T08:00:00Z</updated>\n"
        '<link rel="self" href="https://lab.example.org/site/feeds/people/bo-%C5%A1im%C5%AFnek.xml"/>\n'
        '<link href="https://lab.example.org/site/people/bo-%C5%A1im%C5%AFnek.html"/>\n'
        "<author><name>Our lab</name></author>\n<generator>Carrel</generator>\n"
        "<entry>\n<title>Hello</title>\n<id>ID</id>\n"
        '<link href="https://lab.example.org/site/notes/2026/2026-11-19-bo.html#0800-hello"/>\n'
        "<updated>2026-11-19T08:00:00Z</updated>\n<author><name>Bo Šimůnek</name></author>\n"
        "<summary>Text.</summary>\n</entry>\n</feed>\n"
    )


def test_of_a_paper_whoever_summarised_it_is_the_items_author() -> None:
    entry = read(feeds(TEAM)["feeds/papers.xml"]).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ada Lovelace"
    assert entry.findtext(f"{ATOM}summary") == "It holds."


def identifiers(notes: dict[str, str], address: Address = LAB) -> list[str]:
    feed = read(feeds(notes, address)["feeds/log.xml"])
    return sorted(str(one.text) for one in feed.iterfind(f"{ATOM}entry/{ATOM}id"))


def test_an_item_stays_the_same_when_its_title_is_mended_or_others_come_or_the_site_moves_to_https() -> None:
    path = "notes/2026/2026-11-20-ada.md"
    mended = {**TEAM, path: TEAM[path].replace("09:00 First", "09:00 First, mended")}
    assert identifiers(mended) == identifiers(TEAM)
    more = {**TEAM, path: TEAM[path] + "\n## 08:00 Remembered later\n\nX.\n"}
    assert set(identifiers(TEAM)) < set(identifiers(more))
    assert identifiers(TEAM, LAB._replace(url=LAB.url.replace("https", "http"))) == identifiers(TEAM)
    assert not set(identifiers(TEAM, Address("Other", "https://other.example.org/"))) & set(identifiers(TEAM))


def test_a_feed_holds_the_latest_items_only() -> None:
    days = {
        f"notes/2026/2026-{month:02d}-01.md": (
            f"---\nkind: log\ndate: 2026-{month:02d}-01\nvisibility: public\n---\n"
            + "".join(f"## {hour:02d}:00 E{month}.{hour}\n\nx\n\n" for hour in range(8))
        )
        for month in range(1, 13)
    }
    found = titles(feeds(days)["feeds/all.xml"])
    assert len(found) == LATEST
    assert (found[0], found[-1]) == ("E12.7", "E9.2")


def test_nothing_hidden_is_in_a_feed_or_moves_its_date() -> None:
    hidden = dict(TEAM)
    hidden["notes/2026/2026-11-20-ada.md"] += "\n## 23:58 See [[hidden]]\n\nAs [[hidden]] says.\n"
    with_it = feeds(hidden)
    del hidden["notes/hidden.md"]
    assert feeds(hidden) == with_it
    assert "Secret" not in "".join(with_it.values())
    assert "idden plan" not in "".join(with_it.values())


@pytest.mark.parametrize(
    ("settings", "config", "found"),
    [
        (None, "", Address("kb")),
        ("site_name: Our lab\nsite_url: https://lab.org/a\n", "", Address("Our lab", "https://lab.org/a/")),
        ("site_name: Our lab\nsite_url: https://lab.org\n", '[site]\ntitle = "T"\n', Address("T", "https://lab.org/")),
        ("site_name: 1\nsite_url: 'javascript:alert(1)'\n", "", Address("kb")),
        ("site_url: https://user:word@lab.org/\n", "", Address("kb")),
        ("site_url: !ENV [X, 'https://lab.org/']\n", "", Address("kb")),
        ("site_url: 'https://[lab.org/'\n", "", Address("kb")),
        ("site_url: [\n", "", Address("kb")),
        ("- a list\n", "", Address("kb")),
    ],
)
def test_the_site_is_where_mkdocs_yml_says(tmp_path: Path, settings: str | None, config: str, found: Address) -> None:
    files: dict[str, str | bytes] = {".carrel/config.toml": config}
    if settings is not None:
        files["mkdocs.yml"] = settings
    assert address_of(knowledge_base(tmp_path / "kb", files)) == found


def test_pages_name_the_feed_and_every_link_of_a_feed_leads_to_a_page(tmp_path: Path) -> None:
    site = build_site(knowledge_base(tmp_path / "kb", SAMPLE), Visibility.PUBLIC).site_dir
    named = '<link rel="alternate feed" type="application/atom+xml" title="What is new" href="{}feeds/all.xml">'
    for path in ("index.html", "papers.html", "notes/2026/2026-11-20.html"):
        assert named.format("../" * path.count("/")) in (site / path).read_text("utf-8")
    links = 0
    for place in (site / "feeds").rglob("*.xml"):
        for link in read(place.read_text("utf-8")).iter(f"{ATOM}link"):
            target, _, fragment = urljoin(place.as_uri(), link.get("href")).removeprefix("file://").partition("#")
            assert f'id="{fragment}"' in Path(target).read_text("utf-8") if fragment else Path(target).is_file()
            links += 1
    assert links > 10
