"""The gate: a site with a byte of a hidden note, or a key, in it does not leave; what is the writer's own does."""

from __future__ import annotations

import gzip
import io
import random
import string
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from carrel.core import digest_text
from carrel.core.digest import EndedExperiment, Issue
from carrel.core.digest_parts import rewritten
from carrel.core.note import Note, Visibility
from carrel.core.parse import parse_note
from carrel.errors import ConfigInvalid, SiteLeaks
from carrel.publish.build import build_site
from carrel.publish.gate import check as gate
from carrel.publish.gate.credentials import credentials
from carrel.publish.staging.staged import Staged, StagedPage
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.scaffold import skeleton
from tests.publish.support import SAMPLE, knowledge_base, png, tree

HIDDEN = "notes/Merger talks/zebra-acquisition.md"
NOTES = {
    "notes/open.md": "---\ntitle: Open questions\nvisibility: public\n---\nProbes work, see [[zebra-acquisition]].\n",
    HIDDEN: (
        "---\ntitle: Buying the Zebra company\naliases: [Project Stripes]\nvisibility: private\n"
        "reason: because they have eleven thousand cards and no idea\n---\n"
        "We will *offer* two hundred million for it, but only [when](x.md) the board agrees.\n\n"
        "- Ask Ada about the lawyers\n\n概要は来週の月曜日までに書く\n"
    ),
    "papers/smith2031zebra.md": "---\ntitle: Zebras\ncitekey: smith2031zebra\nkind: paper\n---\n## Opinion\n",
}
ALPHABET = string.ascii_letters + string.digits


def check(
    root: Path,
    files: Mapping[str, str | bytes],
    notes: Mapping[str, str | bytes] | None = None,
    shown: Sequence[str] = (),
    read: Mapping[str, Note] | None = None,
) -> list[str]:
    """What the gate says of a site that holds `files` beside the one page of notes/open.md.

    `shown` are other notes that the site shows, `read` those that staging hands over.
    """
    kb = knowledge_base(root / "kb", {**NOTES, **(notes or {})})
    site = root / "site"
    for name, content in {"notes/open.html": "<h1>Open questions</h1>", **files}.items():
        place = site / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    pages = {path: StagedPage("", path, "Open questions", {}, path, b"") for path in ("notes/open.md", *shown)}
    assets = tuple(name for name in files if name.startswith("assets/"))
    staged = Staged(root, pages, assets, (), (), read=dict(read or {}))
    try:
        with gate.Gate(kb, Visibility.PUBLIC, staged) as looking:
            mentions = looking.check(site, [])
    except SiteLeaks as leaks:
        return list(leaks.told)
    return [f"remark: {mention}" for mention in mentions]


def packed(**members: str) -> bytes:
    """A zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file.getvalue()


PHRASE = "we will offer two hundred million for it"


@pytest.mark.parametrize(
    ("file", "content", "rule"),
    [
        ("a.html", "<title>Buying the Zebra company - Lab</title>", "name"),
        ("a.html", "<p>Buying <em>the</em>\nZebra&#32;company</p>", "name"),
        ("a.html", '<a href="../buying-the-zebra-company.html">x</a>', "name"),
        ("a.html", '<meta name="description" content="On zebra-acquisition">', "name"),
        ("a.html", "<p>PROJECT STRIPES</p>", "name"),
        ("a.html", "<!-- Project Stripes -->", "name"),
        ("a.html", "<p>as in smith2031zebra</p>", "name"),
        ("a.html", "<a href='Merger%20talks/'>up</a>", "name"),
        ("sitemap.xml", "<loc>https://lab.org/notes/zebra-acquisition.html</loc>", "name"),
        ("sitemap.xml.gz", gzip.compress(b"<loc>https://lab.org/notes/zebra-acquisition.html</loc>", mtime=0), "name"),
        ("search/search_index.json", '{"docs":[{"text":"<p>x\\ny</p>","title":"Project\\u0020Stripes"}]}', "name"),
        ("graph.json", '{"nodes":["notes/zebra-acquisition"]}', "name"),
        ("a.html", f"<p>Yesterday {PHRASE}.</p>", "phrase"),
        ("a.html", "<ul><li>Ask Ada</li>\n<li>about the lawyers</li></ul>", "phrase"),
        ("a.html", "<p>million for it, but only when the board agrees</p>", "phrase"),
        ("a.html", "<p>because they have eleven thousand cards and no idea</p>", "phrase"),
        ("a.html", "<p>概要は来週の月曜日までに書く</p>", "phrase"),
        ("feed.xml", f"<content>&lt;p&gt;{PHRASE.replace(' ', '&amp;nbsp;')}&lt;/p&gt;</content>", "phrase"),
        ("assets/data.zip", packed(**{"deep/log.txt": PHRASE}), "phrase"),
        ("assets/data.zip", packed(**{"in.zip.txt": "x", "log.gz": "y", f"{PHRASE}.txt": ""}), "phrase"),
        ("assets/log.csv.gz", gzip.compress(PHRASE.encode(), mtime=0), "phrase"),
        ("assets/run.ipynb", '{"cells":[{"source":["we will offer\\n","two hundred million for it"]}]}', "phrase"),
        ("assets/fig.png", png((b"tEXt", b"Comment\0" + PHRASE.encode() + b" soon")), "phrase"),
        ("assets/fig.gif", b"GIF89a\0\0" + PHRASE.encode("utf-16-le") + b"\0\0\xff\xfe", "phrase"),
    ],
)  # fmt: skip
def test_what_is_a_hidden_notes_is_found_in_every_kind_of_file(
    tmp_path: Path, file: str, content: str | bytes, rule: str
) -> None:
    said = check(tmp_path, {file: content})
    assert len(said) == 1
    assert said[0].startswith(f"{file}:")
    assert f": {rule}: " in said[0]


def test_the_report_names_the_line_and_for_the_writer_alone_the_words_and_the_note(tmp_path: Path) -> None:
    assert check(tmp_path, {"a.html": "<p>\n\nProject Stripes</p>"}) == [
        f"a.html:3: name: 'project stripes' of {HIDDEN}; to allow it: name-{gate._key('project stripes')}"
    ]


def test_a_file_whose_name_leaks_is_not_named_in_what_anyone_may_read(tmp_path: Path) -> None:
    said = check(tmp_path, {"tags/project-stripes.html": f"<p>{PHRASE}</p>"})
    assert len(said) == 2
    assert all(one.startswith("the name of a file: ") for one in said)


def test_what_a_shared_note_says_in_its_own_words_passes_and_a_telling_name_there_is_a_remark(tmp_path: Path) -> None:
    own = (
        "---\ntitle: Open questions\nvisibility: public\n---\n"
        f"Ask about Project Stripes.\n\nBetter than \\cite{{smith2031zebra}}. {PHRASE.title()}.\n"
    )
    page = f"<p>Project Stripes, smith2031zebra. {PHRASE}</p>"
    assert check(tmp_path, {"a.html": page}, {"notes/open.md": own}) == [
        "remark: notes/open.md:7: says 'smith2031zebra', which names papers/smith2031zebra.md"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[[Project Stripes]]",
        "[a](../Project%20Stripes.md)",
        "<!-- Project Stripes -->",
        "%%Project Stripes%%",
        "project:: Project Stripes",
        "<a href='Project Stripes.md'>x</a>",
    ],
)
def test_a_pointer_or_a_comment_is_no_word_of_the_note(tmp_path: Path, text: str) -> None:
    note = f"---\ntitle: Open questions\nvisibility: public\nproject: Project Stripes\n---\n{text}\n"
    assert len(check(tmp_path, {"a.html": "<p>Project Stripes</p>"}, {"notes/open.md": note})) == 1


@pytest.mark.parametrize("title", ["Search", "Papers", "Tuesday", "2026-11-20", "42", "abc", "Latest entries"])
def test_a_hidden_title_that_the_theme_or_the_calendar_says_too_stops_nothing(tmp_path: Path, title: str) -> None:
    page = f"<nav>{title}</nav>"
    assert check(tmp_path, {"a.html": page}, {"notes/x.md": f"---\ntitle: {title}\n---\n"}) == []


def test_words_that_only_meet_on_the_page_are_no_leak(tmp_path: Path) -> None:
    """A label before the words of a shared note makes a row of eight that a hidden one has by chance."""
    own = "---\ntitle: Open\nvisibility: public\n---\nThe loss spikes at step four thousand again.\n"
    page = "<dt>Note</dt><dd>The loss spikes at step four thousand again</dd>"
    hidden = {"notes/x.md": "Note: the loss spikes at step four thousand\n", "notes/open.md": own}
    assert check(tmp_path, {"a.html": page}, hidden) == []


def test_a_hidden_name_of_a_word_and_a_year_is_found_only_where_no_shared_note_says_the_word(tmp_path: Path) -> None:
    page = "<li>Wrens <small>2020</small></li><li>note 2026</li>"
    wrens = {"papers/wrens-2020.md": "---\nkind: paper\ntitle: What wrens sing\n---\n"}
    (told,) = check(tmp_path / "a", {"papers.html": page}, wrens)
    assert "'wrens 2020' of papers/wrens-2020.md" in told
    open_note = {"notes/open.md": f"{NOTES['notes/open.md']}\nAs Wrens and others found.\n"}
    assert check(tmp_path / "b", {"papers.html": page}, {**wrens, **open_note}) == []


DAY = "notes/2026/2026-10-12-ada-lovelace.md"
LAB_DAY = "---\ntitle: '2026-10-12'\ndate: 2026-10-12\nkind: log\nauthors: [Ada Lovelace]\nvisibility: lab\n---\n"
#: A shared note of the same day and writer.
BY_ADA = "---\ntitle: Open\ndate: 2026-10-12\nauthors: [Ada Lovelace]\nvisibility: public\n---\nText.\n"


@pytest.mark.parametrize(
    ("page", "note", "leaks"),
    [
        ('[["Open","2026-10-12","Ada Lovelace"]]', BY_ADA, False),
        ('[["Open","2026-10-12","Ada Lovelace"]]', BY_ADA.replace("12", "13"), True),
        ('[["Open","2026-10-12","Ada Lovelace"]]', BY_ADA.replace("Lovelace", "L."), True),
        ('["notes/2026/2026-10-12-ada-lovelace"]', BY_ADA, True),
        ('["../2026/2026-10-12-ada-lovelace/"]', BY_ADA, True),
        ("<a href='2026-10-12-ada-lovelace.html'>Next day</a>", BY_ADA, True),
    ],
)
def test_a_day_and_its_writer_beside_each_other_are_no_name_of_the_days_log_where_both_are_shown_and_its_address_is(
    tmp_path: Path, page: str, note: str, leaks: bool
) -> None:
    said = check(tmp_path, {"search/units/0-1.js": page}, {DAY: LAB_DAY, "notes/open.md": note})
    assert [one.rpartition(" of ")[2].partition(";")[0] for one in said] == [DAY] * leaks


@pytest.mark.parametrize("name", ["acme-merger", "firing-ben-next-month"])
def test_a_hidden_name_of_a_day_and_words_that_are_no_writers_is_found_also_where_shared_notes_say_both(
    tmp_path: Path, name: str
) -> None:
    words = f"2026-11-20 {name.replace('-', ' ')}"
    shared = "---\ntitle: Open\ndate: 2026-11-20\nauthors: [Ada Lovelace]\nvisibility: public\n---\nAn {} it was.\n"
    notes = {
        f"notes/{words.replace(' ', '-')}.md": f"---\ntitle: {words}\nvisibility: private\n---\n",
        "notes/open.md": shared.format(words.partition(" ")[2]),
    }
    (told,) = check(tmp_path, {"a.html": f"<p>{words}</p>"}, notes)
    assert f" of notes/{words.replace(' ', '-')}.md;" in told


def test_a_numbered_line_is_found_also_without_its_number(tmp_path: Path) -> None:
    notes = {"notes/x.md": "Plan\n\n1. fire ben on friday\n"}
    assert len(check(tmp_path, {"a.html": "<ol><li>fire ben on friday</li></ol>"}, notes)) == 1


def test_a_log_that_is_hidden_under_the_name_of_a_shared_one_stops_no_link_to_that(tmp_path: Path) -> None:
    notes = {DAY.replace("notes", "notes/old"): LAB_DAY, DAY: BY_ADA}
    assert check(tmp_path, {"a.html": f"<a href='../{DAY[:-3]}.html'>Open</a>"}, notes, shown=[DAY]) == []


PROBE = "notes/experiments/probe-on-a-larger-model.md"
REFUTED = (
    "---\ntitle: Probe on a larger model\nkind: experiment\nvisibility: {}\nstate: done\nverdict: refuted\n---\n"
    "## Hypothesis\n\nIt is linear.\n\n## Prediction\n\n<!-- What you expect. -->\n\n"
    "## Result\n\n<!-- What came out. -->\n\nAll within 0.4 points.\n\n"
    "## Next\n\nOf the large model nothing is known, as [@elhage2022toy] would have it for sparse features.\n"
)
#: The same on a page, as a theme might set it.
REFUTED_PAGE = (
    "<li>Experiment <a>Probe on a larger model</a>: refuted</li><p>Probe on a larger model <b>done</b></p>"
    "<h2>Hypothesis</h2><p>It is linear.</p><h2>Result</h2><p>All within 0.4 points.</p><h2>Next</h2><p>Of the large "
    "model nothing is known, as (<a>Elhage et al., 2022</a>) would have it for sparse features.</p>"
)


def digest(hand: str = "", verdict: str = "refuted") -> str:
    """The lab's digest of a week in which the probe was given up, with a line that somebody wrote into its part."""
    cited = "([Elhage et al., 2022](../../papers/elhage2022toy.md))"
    why = f"Of the large model nothing is known, as {cited} would have it for sparse features."
    ended = EndedExperiment(
        PROBE, "../experiments/probe-on-a-larger-model.md", "Probe on a larger model", date(2026, 11, 10), verdict,
        hypothesis="It is linear.", result="All within 0.4 points.", reason=why,
    )  # fmt: skip
    pieces = digest_text.parts(Issue(date(2026, 11, 9), experiments=(ended,)))
    text = rewritten("---\ntitle: Our week\nkind: digest\nvisibility: lab\n---\n", pieces).text
    return text.replace("**Result:**", f"{hand}\n\n**Result:**")


def test_what_a_hidden_digest_repeats_of_a_shared_note_is_that_notes_and_what_a_person_wrote_into_it_is_not(
    tmp_path: Path,
) -> None:
    toy = "---\ntitle: Toy models\nkind: paper\ncitekey: elhage2022toy\nvisibility: public\n---\n"
    notes = {PROBE: REFUTED.format("public"), "papers/elhage2022toy.md": toy, "notes/digests/week.md": digest()}
    shown = (PROBE, "papers/elhage2022toy.md")
    assert check(tmp_path / "a", {"a.html": REFUTED_PAGE}, notes, shown) == []
    for number, hand in enumerate(["The board wants us to stop by Christmas", "They do want it dropped"]):
        own = {**notes, "notes/digests/week.md": digest(hand)}
        (said,) = check(tmp_path / f"b{number}", {"a.html": f"{REFUTED_PAGE}<p>{hand}</p>"}, own, shown)
        assert said.startswith("a.html:1: phrase: ")
        assert " of notes/digests/week.md;" in said


@pytest.mark.parametrize(
    ("link", "leaks"),
    [
        ("[Stripes Plan 7](x.md)", True),
        ("[Stripes Plan 7](../papers/x.md)", True),
        ("[Elhage et al., 2022](x.md)", True),
        ("[[papers/x|Elhage 2022]]", True),
        ("[Elhage et al., 2022](../papers/x.md)", False),
        ("[7](../papers/x.md)", False),
    ],
)
def test_what_carrel_wrote_into_a_hidden_digest_is_broken_only_at_citations_which_lead_to_papers(
    tmp_path: Path, link: str, leaks: bool
) -> None:
    hand = f"we will buy {link} before the end"
    said = link.partition("](")[0].rpartition("|")[2].removeprefix("[")
    notes = {"notes/week.md": f"<!-- carrel:digest log e7b33424 -->\n\n{hand}\n\n<!-- /carrel:digest -->\n"}
    page = f"<p>{hand.replace(link, said)}</p>"
    assert bool(check(tmp_path, {"a.html": page}, notes)) is leaks


def test_what_a_hidden_digest_repeats_of_a_hidden_note_is_found(tmp_path: Path) -> None:
    notes = {PROBE: REFUTED.format("lab"), "notes/digests/week.md": digest()}
    said = check(tmp_path, {"a.html": REFUTED_PAGE}, notes)
    assert {PROBE, "notes/digests/week.md"} == {one.rpartition(" of ")[2].partition(";")[0] for one in said}
    (alone,) = check(tmp_path / "alone", {"a.html": "<p>of the large model nothing is known, as</p>"}, {
        "notes/digests/week.md": digest()
    })  # fmt: skip
    assert "of notes/digests/week.md" in alone  # also where the note that it quotes has changed since, or is gone


@pytest.mark.parametrize(
    "line",
    [
        "experiment:: [[probe-on-a-larger-model]]",
        "- Probe on a larger model: refuted",
        "| Probe on a larger model | done |",
        "4. Result: all within 0.4",
        "- [ ] Done: Elhage et al., 2022",
        "It is linear.\n\n## Result\n\nAll within 0.4 points.",
    ],
)
def test_a_hidden_line_that_only_names_what_is_shared_stops_no_list_that_names_it_too(
    tmp_path: Path, line: str
) -> None:
    shown = {PROBE: REFUTED.format("public"), "notes/x.md": f"Plan\n\n{line}\n"}
    page = f"{REFUTED_PAGE}<li>Done Elhage et al. 2022</li><li>4 Result: all within 0.4</li>"
    assert check(tmp_path, {"a.html": page}, shown, [PROBE]) == []


@pytest.mark.parametrize(
    "line",
    [
        "project:: the zebra merger of May",
        "Dropped: Probe on a larger model",
        "Ask Elhage et al., 2022, for a job",
        "Smith and Lee 2020 said fire ben",
        "1. fire ben on friday",
    ],
)
def test_a_hidden_line_that_says_more_of_what_is_shared_is_found(tmp_path: Path, line: str) -> None:
    shown = {PROBE: REFUTED.format("public"), "notes/x.md": f"Plan\n\n{line}\n"}
    assert len(check(tmp_path, {"a.html": f"<p>{line}</p>"}, shown, [PROBE])) == 1


def test_an_entry_of_a_shared_project_says_its_project_and_one_of_a_hidden_project_does_not(tmp_path: Path) -> None:
    entry = "## 09:30 Standup of us all\n\nproject:: {}\n#standup\n"
    day = "---\nkind: log\nvisibility: {}\n---\n" + entry
    page = "<h2>Standup of us all</h2><p>project {} standup</p>"
    for project, leaks in (("probe-on-a-larger-model", False), ("zebra-acquisition", True)):
        notes = {PROBE: REFUTED.format("public"), "notes/a.md": day.format("public", project)}
        notes["notes/b.md"] = day.format("lab", project)
        shown = [PROBE, "notes/a.md"]
        assert bool(check(tmp_path / project, {"a.html": page.format(project)}, notes, shown)) is leaks


def test_the_address_of_a_shared_heading_is_its_notes_own_whoever_links_to_it(tmp_path: Path) -> None:
    slug = "0929-the-editor-doesnt-format-code-by-default"
    day = f"{NOTES['notes/open.md']}\n## 09:29 The editor doesn't format code by default\n"
    private = {"notes/dash.md": f"My dashboard: [x](open.md#{slug})\n", "notes/open.md": day}
    assert check(tmp_path, {"notes/open.html": f'<h2 id="{slug}">09:29 The editor</h2>'}, private) == []


def test_a_note_that_does_not_say_that_it_is_shared_stops_the_site_that_shows_it(tmp_path: Path) -> None:
    said = check(tmp_path, {}, {"notes/open.md": "---\ntitle: Open questions\nvisibility: lab\n---\nx\n"})
    assert len(said) == 1
    assert "not-shared: notes/open.md" in said[0]


def made_up(length: int, alphabet: str = ALPHABET) -> str:
    """A random text: nothing that looks like a key is written down in this file."""
    return "".join(random.Random(length).choices(alphabet, k=length))


KEYS = {
    "private-key": lambda: "-----BEGIN " + "OPENSSH PRIVATE KEY-----\n" + made_up(64),
    "aws-key": lambda: "AKIA" + made_up(16, "ABCDEFGHJKLMNPQRSTUVWXYZ234567"),
    "hugging-face-token": lambda: "hf" + "_" + made_up(34, string.ascii_letters),
    "wandb-key": lambda: "wandb login " + made_up(40, "0123456789abcdef"),
    "openai-key": lambda: "sk-" + "proj-" + made_up(60),
    "anthropic-key": lambda: "sk-" + "ant-api03-" + made_up(95),
    "google-key": lambda: "AI" + "za" + made_up(35),
    "github-token": lambda: "gh" + "p_" + made_up(36),
    "gitlab-token": lambda: "gl" + "pat-" + made_up(20),
    "slack-token": lambda: "xo" + "xb-907314268517-" + made_up(24),
    "password-in-address": lambda: "postgres://ada:" + made_up(14) + "@db.example.org/runs",
    "password-by-its-name": lambda: "password: k7" + made_up(12),
    "key-by-its-name": lambda: "COMET_API_KEY=" + made_up(25),
    "bearer-token": lambda: "Authorization: Bearer " + made_up(40),
}


@pytest.mark.parametrize("rule", KEYS)
def test_a_key_is_found_by_its_form_or_by_the_name_before_it(rule: str) -> None:
    assert rule in {found.rule for found in credentials(f"We ran it with\n\n{KEYS[rule]()}\n\nand it worked.")}


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE is the key of the manual",
        "hf_" + "x" * 34,
        "set OPENAI_API_KEY=your-key-here-and-run",
        "the next token: 3.41 bits, password: as before",
        "commit 2f1d8c4be9a07356d1f0c2b3a4958677e6d5c4b3",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "![](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ)",
        "git@github.com:lab/repo.git and https://lab.org:8443/a@b",
        "the key = attention weights of layer_12.attn.hook_pattern",
    ],
)
def test_examples_hashes_and_prose_are_no_keys(text: str) -> None:
    assert list(credentials(text)) == []


def test_a_key_stops_the_site_also_where_a_highlighter_cut_it_up_and_in_a_file_that_a_note_shares(
    tmp_path: Path,
) -> None:
    key = KEYS["anthropic-key"]()
    said = check(tmp_path, {
        "notes/open.html": f"<code>\n<span>{key[:5]}</span><span>{key[5:]}</span></code>",
        "assets/run.ipynb": f'{{"source":["k = 1\\n","{KEYS["github-token"]()}"]}}',
    })  # fmt: skip
    assert [one.partition("…")[0] for one in said] == [
        "assets/run.ipynb:1: github-token: ghp_",
        "notes/open.html:1: anthropic-key: sk-a",
    ]
    assert key not in "".join(said)


def test_what_is_allowed_with_a_reason_passes_and_a_reason_is_wanted(tmp_path: Path) -> None:
    page = {"a.html": f"<p>Project Stripes {KEYS['aws-key']()}</p>"}
    keys = [one.rpartition(" ")[2] for one in check(tmp_path, page)]
    assert len(keys) == 2
    allow = "[publish.allow]\n" + "".join(f'{key} = "made up for a test"\n' for key in keys)
    assert check(tmp_path, page, {".carrel/config.toml": allow}) == []
    with pytest.raises(ConfigInvalid, match=r"publish\.allow"):
        check(tmp_path, page, {".carrel/config.toml": allow.replace("made up for a test", "")})


def test_a_file_that_passed_is_not_looked_through_again_until_a_hidden_note_changes(tmp_path: Path) -> None:
    page = {"a.html": "<p>The board of directors met on the moon</p>"}
    assert check(tmp_path, page) == []
    assert check(tmp_path, page) == []
    said = check(tmp_path, page, {"notes/moon.md": "The board of directors met on the moon, in secret.\n"})
    assert [one.partition(":")[0] for one in said] == ["a.html"]


@pytest.mark.parametrize(
    ("path", "other"), [("notes/open.md", f"{NOTES['notes/open.md']}\n{PHRASE}.\n"), (HIDDEN, "Nothing.\n")]
)
def test_a_note_that_staging_has_read_is_taken_from_it_only_where_the_file_has_the_very_bytes(
    tmp_path: Path, path: str, other: str
) -> None:
    said = check(tmp_path, {"a.html": f"<p>{PHRASE}</p>"}, read={path: parse_note(path, other.encode())})
    assert [one.partition(":")[0] for one in said] == ["a.html"]


@pytest.fixture
def leaking(tmp_path: Path) -> KnowledgeBase:
    """A knowledge base whose site has the words of a hidden note on its home page, by a hook of mkdocs.yml."""
    hook = f"def on_post_page(output, page, config):\n    return output + {PHRASE!r} if page.is_homepage else output\n"
    files = {**SAMPLE, **NOTES, "hook.py": hook, "mkdocs.yml": skeleton("mkdocs.yml")}
    return knowledge_base(tmp_path / "kb", files)


def test_a_leak_stops_the_build_and_leaves_the_old_site(leaking: KnowledgeBase) -> None:
    site = build_site(leaking, Visibility.PUBLIC).site_dir
    before = tree(site)
    with (leaking.root / "mkdocs.yml").open("a") as config:
        config.write("hooks: [hook.py]\n")
    with pytest.raises(SiteLeaks) as stopped:
        build_site(leaking, Visibility.PUBLIC)
    assert tree(site) == before
    assert all(place.startswith("index.html:") and place.endswith(": phrase") for place in stopped.value.places)
    assert HIDDEN in stopped.value.told[0]
    assert "zebra" not in f"{stopped.value.message}{stopped.value.hint}{stopped.value.places}"
    assert build_site(leaking, Visibility.PRIVATE).pages  # is its writer's own


def test_plain_mkdocs_ends_with_an_error_and_leaves_no_page_that_leaks(leaking: KnowledgeBase) -> None:
    with (leaking.root / "mkdocs.yml").open("a") as config:
        config.write("hooks: [hook.py]\nextra: {}\n")
    (leaking.root / ".carrel/config.toml").write_text('[site]\naudience = "public"\n')
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"], cwd=leaking.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "index.html:" in done.stderr
    assert "offer" not in done.stderr  # a log may be read by others
    assert not list((leaking.root / "site/public").rglob("*.html"))


def test_the_words_are_for_a_terminal_alone() -> None:
    assert gate.is_private(True, {})
    assert not gate.is_private(True, {"CI": "true"})
    assert not gate.is_private(False, {})
