"""A note's text becomes plain Markdown in which every link leads somewhere on the site, or is text."""

from __future__ import annotations

import time

import pytest

from tests.publish.support import rewritten

TOY = (
    "---\ntitle: Toy Models\nkind: paper\ncitekey: elhage2022toy\nvisibility: public\n"
    "authors: [Nelson Elhage, A. Hume, C. Olah]\nyear: 2022\n---\n"
)
OTHERS = {
    "notes/a b.md": (
        "---\ntitle: Alpha\naliases: [first]\nvisibility: public\n---\n## Part one\n\nFirst.\n\n## Two\n\nx ^here\n"
    ),
    "papers/elhage2022toy.md": TOY + "Body",
    "notes/hidden.md": "---\ntitle: Hidden title\nvisibility: private\n---\nSecret",
    "papers/hidden2020paper.md": "---\ntitle: H\nkind: paper\ncitekey: hidden2020paper\nvisibility: lab\n---\n",
}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("See [[a b]].", "See [Alpha](a%20b.md)."),
        ("See [[a b|the note]].", "See [the note](a%20b.md)."),
        ("See [[first]].", "See [first](a%20b.md)."),
        ("See [[a b#Part one]].", "See [Alpha › Part one](a%20b.md#part-one)."),
        ("See [[a b#^here]].", "See [Alpha](a%20b.md#^here)."),
        ("See [it](<a b.md#two>).", "See [it](a%20b.md#two)."),
        ("See [*it*](a%20b.md).", "See [*it*](a%20b.md)."),
        ("See [it][1].\n\n[1]: <a b.md>", "See [it][1].\n\n[1]: a%20b.md"),
        ("See [[#Later]].\n\n## Later", "See [Later](here.md#later).\n\n## Later {: #later }"),
        ("`[[a b]]` and\n\n    [[a b]]\n\n$[[a b]]$", "`[[a b]]` and\n\n    [[a b]]\n\n$[[a b]]$"),
    ],
)
def test_a_link_to_a_note_of_the_site_becomes_a_relative_link_to_its_page(written: str, shown: str) -> None:
    assert rewritten(written, OTHERS) == (shown, [])


@pytest.mark.parametrize(
    ("written", "shown", "target"),
    [
        ("See [[hidden]].", "See unshared note.", "hidden"),
        ("See [[no such note]].", "See unshared note.", "no such note"),
        ("See [[Hidden title#Part]].", "See unshared note.", "Hidden title#Part"),
        ("See [[hidden|the *other* one]].", "See the &#42;other&#42; one.", "hidden"),
        ("See [the other](hidden.md).", "See the other.", "hidden.md"),
        ("See [the other][1].\n\n[1]: hidden.md", "See [the other][1].\n\n", "hidden.md"),
        ("![[hidden]]", "unshared note", "hidden"),
        ("![[hidden.png|300]]", "unshared note", "hidden.png"),
        ("![a curve](../figures/hidden.png)", "a curve", "../figures/hidden.png"),
        ("As in [@hidden2020paper, p. 2].", "As in (unshared paper, p. 2).", "@hidden2020paper"),
        ("As @hidden2020paper says.", "As unshared paper says.", "@hidden2020paper"),
    ],
)
def test_a_link_that_leads_nowhere_on_the_site_keeps_its_label_and_loses_its_target(
    written: str, shown: str, target: str
) -> None:
    text, unresolved = rewritten(written, OTHERS)
    assert text == shown
    assert [one.split(": ", 1)[1] for one in unresolved] == [f"{target} leads nowhere"]


def test_whether_the_target_is_hidden_or_was_never_written_makes_no_difference() -> None:
    body = "[[hidden]] [[hidden|x]] [y](hidden.md) ![[hidden]] [@hidden2020paper] @hidden2020paper\n\n## On [[hidden]]"
    assert rewritten(body, OTHERS) == rewritten(body, {"papers/elhage2022toy.md": TOY})


def test_in_the_authors_own_edition_a_link_that_leads_nowhere_stays_as_it_is_written() -> None:
    text, _ = rewritten("[[Not yet written]] [@nobody2020]", audience="private")
    assert text == "Not yet written (&#64;nobody2020)"


def test_comments_are_gone_and_what_looks_like_one_in_code_stays() -> None:
    body = "a<!-- one\ntwo -->b %%three%%c `<!-- four -->`\n\n```\n%% five %%\n```\n\n## Head <!-- six -->\n"
    text, _ = rewritten(body)
    assert text == "ab c `<!-- four -->`\n\n```\n%% five %%\n```\n\n## Head  {: #section-1 }\n"


def test_headings_carry_the_anchor_by_which_links_name_them() -> None:
    body = "## 14:32 Loss *spikes* ##\n\nUnderlined\n----------\n\n  ### In\n\n## 14:32 Loss *spikes*\n"
    text, _ = rewritten(body)
    assert text == (
        "## 14:32 Loss *spikes* {: #1432-loss-spikes }\n\n\n## Underlined {: #underlined }\n\n### In {: #in }\n\n"
        "## 14:32 Loss *spikes* {: #1432-loss-spikes-1 }\n"
    )


def test_the_anchor_of_a_heading_does_not_spell_the_name_of_a_hidden_note() -> None:
    text, _ = rewritten("## Reading [[hidden]]\n\n[[#Reading hidden]]", OTHERS)
    assert "hidden" not in text
    assert text.startswith("## Reading unshared note {: #section-1 }")


def test_a_field_in_the_text_reads_as_a_label_and_its_value() -> None:
    body = "project:: first\n#sae\n\n- Loss:: 0.3\n\n`a:: b` std::vector\n\n```\nproject:: not\n```\n"
    assert rewritten(body, OTHERS)[0] == (
        '<span class="carrel-field"><span>project</span> first</span>\n[&#35;sae](../tags/sae.md)\n\n'
        '- <span class="carrel-field"><span>Loss</span> 0.3</span>\n\n`a:: b` std::vector\n\n'
        "```\nproject:: not\n```\n"
    )


@pytest.mark.parametrize("name", ["hidden", "Hidden title", "HIDDEN2020paper", "@hidden2020paper", "never written"])
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Text\nproject:: {}\nmore", "Text\nmore"),
        ("Text\n\nproject:: {}", "Text\n\n"),
        ("- Project ::\t{}  #sae ^here", '-  [&#35;sae](../tags/sae.md) <span id="^here"></span>'),
    ],
)
def test_a_project_that_is_not_on_the_site_is_left_out_hidden_or_not(written: str, shown: str, name: str) -> None:
    body = written.format(name)
    assert rewritten(body, OTHERS)[0] == rewritten(body)[0] == shown
    assert ">project" in rewritten(body, OTHERS, audience="private")[0].lower()


@pytest.mark.parametrize("name", ["Alpha", "a b", "FIRST", "#sae", "[[first|mine]]", "[[hidden|mine]]"])
def test_a_project_that_is_on_the_site_is_named_as_it_is_written(name: str) -> None:
    shown = {"#sae": "&#35;sae", "[[first|mine]]": "[mine](a%20b.md)", "[[hidden|mine]]": "mine"}.get(name, name)
    text, _ = rewritten(f"project:: {name}", OTHERS)
    assert f'<span class="carrel-field"><span>project</span> {shown}'.replace(" &", " [&") in text


def test_a_block_id_becomes_an_anchor() -> None:
    assert rewritten("A claim. ^p-3f2a\n")[0] == 'A claim. <span id="^p-3f2a"></span>\n'


def test_tags_lead_to_their_pages_except_inside_the_label_of_a_link() -> None:
    text, _ = rewritten("On #sae and [see #sae](<a b.md>) and `#sae`", OTHERS)
    assert text == "On [&#35;sae](../tags/sae.md) and [see #sae](a%20b.md) and `#sae`"


def test_an_embedded_image_is_shown_in_its_size() -> None:
    files = ("notes/assets/fig 1.png", "notes/assets/data.csv", "notes/assets/run.html")
    body = "![[fig 1.png]] ![[fig 1.png|300x200]] ![alt](<assets/fig 1.png>) ![[data.csv]] [[run.html]]"
    text, unresolved = rewritten(body, files=files)
    assert text == (
        "![fig 1.png](../assets/fig-1.png) "
        '<img src="../assets/fig-1.png" alt="fig 1.png" width="300" height="200"> '
        "![alt](../assets/fig-1.png) [data.csv](../assets/data.csv) unshared note"
    )
    assert unresolved == ["notes/here.md:4: run.html leads nowhere"]


def test_an_address_in_html_is_resolved_like_a_link_and_what_leads_nowhere_is_listed() -> None:
    files = ("notes/assets/pic.png",)
    body = (
        "<img src=\"assets/pic.png\"> <a class=x href='a%20b.md#two'>t</a> <a href=nowhere.md>t</a>\n"
        "<a href='https://example.org/a.md'>t</a> `<a href='no.md'>` <!-- <a href='no.md'> -->\n\n"
        '[v](/etc/passwd) `[v](/no)`\n\n## On <a href="hidden.md">it</a>\n'
    )
    text, unresolved = rewritten(body, OTHERS, files)
    assert text == (
        '<img src="../assets/pic.png"> <a class=x href="a%20b.md#two">t</a> <a href="">t</a>\n'
        "<a href='https://example.org/a.md'>t</a> `<a href='no.md'>` \n\n"
        '[v](/etc/passwd) `[v](/no)`\n\n## On <a href="">it</a> {: #section-1 }\n'
    )
    assert sorted(unresolved) == [
        "notes/here.md:4: nowhere.md leads nowhere",
        "notes/here.md:7: /etc/passwd leads nowhere",
        "notes/here.md:9: hidden.md leads nowhere",
    ]


@pytest.mark.parametrize(
    ("written", "public", "own"),
    [
        ("[[2026-11-21.private]]", "", "[2026-11-21.private](2026-11-21.private.md)"),
        ("[x](2026-11-21.private.md)", "", "[x](2026-11-21.private.md)"),
        ("![x](pic.private.png) <!-- sha -->", " ", " "),
        ("See [[2026-11-21.private]].", "See unshared note.", "See [2026-11-21.private](2026-11-21.private.md)."),
        ("![[plot.png]]", "", ""),
        ('<img src="pic.private.png">', '<img src="">', '<img src="">'),
        ("[x](<a b.md>)", "[x](a%20b.md)", "[x](a%20b.md)"),
    ],
)
def test_of_what_is_private_by_its_name_nothing_is_shown_but_a_note_to_its_writer(
    written: str, public: str, own: str
) -> None:
    others = {**OTHERS, "notes/2026-11-21.private.md": "Secret"}
    files = ("notes/pic.private.png", "notes/figs.private.d/plot.png")
    assert [rewritten(written, others, files, audience)[0] for audience in ("public", "private")] == [public, own]


def test_a_note_that_is_private_by_its_name_leads_somewhere_for_its_writer() -> None:
    others = {"notes/2026-11-21.private.md": "Secret"}
    assert rewritten("[x](2026-11-21.private.md)", others, audience="private")[1] == []


def test_an_embedded_section_is_quoted_and_what_it_embeds_itself_is_linked() -> None:
    others = {
        "notes/x.md": "Intro\n\n## Part\n\nSee [[here]].\n\n![[x]]\n\n## Other\n\nNo.\n",
        "notes/hidden.md": "---\nvisibility: private\n---\nSecret",
    }
    text, _ = rewritten("Before\n\n![[x#Part]]\n\nAfter ![[x]] it", others)
    assert text == (
        "Before\n\n\n\n> **[x](x.md#part)**\n>\n> **Part**\n>\n> See [here](here.md).\n>\n> [x](x.md)\n\n\n\n"
        "After [x](x.md) it"
    )


def test_a_note_that_embeds_itself_comes_to_an_end() -> None:
    text, _ = rewritten("![[here]]\n")
    assert text.count("here.md") == 2


@pytest.mark.parametrize(
    "bomb", ["[[a b]] " * 20_000, "[x](a%20b.md) " * 20_000, "#sae " * 50_000, "[@elhage2022toy] " * 9000]
)
def test_a_note_full_of_links_is_rewritten_in_time_linear_in_its_text(bomb: str) -> None:
    started = time.process_time()
    rewritten(bomb, OTHERS)
    assert time.process_time() - started < 10  # a square would take minutes


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('![a](<fig 1.png> "Of run 12")', '![a](../assets/fig-1.png "Of run 12")'),
        ("![a](<fig 1.png> 'Of \"run\" 12')", '![a](../assets/fig-1.png "Of &quot;run&quot; 12")'),
        ('![a](<fig 1.png> "See [[hidden]]")', "![a](../assets/fig-1.png)"),
        ('![a](<fig 1.png> "x <!-- y -->")', "![a](../assets/fig-1.png)"),
    ],
)
def test_the_title_of_a_picture_stays_unless_something_in_it_could_be_hidden(written: str, shown: str) -> None:
    text, _ = rewritten(written, OTHERS, files=["notes/fig 1.png"])
    assert text == shown


BLOCKS = """---
visibility: public
---
## Head
Two
lines. ^lines

| a |
|---|
| 1 |

^table

- first
- second ^item
  - below

  and more
- third
"""


@pytest.mark.parametrize(
    ("block", "quoted"),
    [
        ("lines", ["Two", "lines."]),
        ("table", ["| a |", "|---|", "| 1 |"]),
        ("item", ["- second", "  - below"]),
    ],
)
def test_an_embedded_block_is_the_whole_paragraph_table_or_item(block: str, quoted: list[str]) -> None:
    text, _ = rewritten(f"![[blocks#^{block}]]", {"notes/blocks.md": BLOCKS})
    assert [line.removeprefix("> ") for line in text.strip().split("\n")][2:] == quoted
