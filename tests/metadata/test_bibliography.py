"""Papers in the words of a CSL style, whatever is wrong with the paper; a style that cannot be used is told so."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import ConfigInvalid
from carrel.metadata.bibliography import Bibliography
from carrel.metadata.formatter import as_html, as_text
from carrel.metadata.style import parse_style
from tests.metadata.styles import NUMBERED, style


def people(*names: str) -> tuple[Name, ...]:
    return tuple(map(Name.parse, names))


def bracket(papers: Bibliography, *keys: str) -> str:
    """The papers cited in one bracket, as a page shows it."""
    cited = (str(papers.cited(key, number)) for number, key in enumerate(keys, 1))
    return as_text(papers.style.opening + papers.style.delimiter.join(cited) + papers.style.closing)


TOY = Paper(
    "Toy Models & <b>Superposition</b>",
    people("Nelson Elhage", "van der Berg, Chris", "{Redwood Research}"),
    "2022",
    "Transformer Circuits Thread",
    volume="3",
    number="4",
    pages="33-35",
    doi="10.1234/toy",
    bibtype="article",
)
PAPERS = {
    "toy": TOY,
    "zoom": Paper("Zoom In", people("Olah, Chris", "Čapek, Karel"), "2020", "Proc. of X", bibtype="inproceedings",
                  editors=people("A. One", "B. Two"), pages="1-9", publisher="ACM"),
    "preprint": Paper("A Preprint", people("Ann Lee"), "2021", "arXiv", "2101.00001"),
    "book": Paper("A Book", people("Bo Lee"), "1999", publisher="Press", bibtype="book"),
    "nobody": Paper("Anonymous Words"),
    "soon": Paper("Coming", people("Cy Lee"), "in press", url="https://example.org/soon"),
    "edited": Paper("A Collection", (), "2001", editors=people("Ed Itor"), bibtype="collection"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "cited", "narrative", "entry"),
    [
        (
            "toy",
            "(Elhage et al., 2022)",
            "Elhage et al. (2022)",
            (
                "Elhage, N., van der Berg, C. and Redwood Research (2022). "
                "Toy Models &amp; &lt;b&gt;Superposition&lt;/b&gt;. <i>Transformer Circuits Thread</i>, 3(4), 33–35. https://doi.org/10.1234/toy"
            ),
        ),
        (
            "zoom",
            "(Olah and Čapek, 2020)",
            "Olah and Čapek (2020)",
            "Olah, C. and Čapek, K. (2020). Zoom In. In <i>Proc. of X</i>, A. One and B. Two (eds), pp. 1–9. ACM.",
        ),
        ("preprint", "(Lee, 2021)", "Lee (2021)", "Lee, A. (2021). <i>A Preprint</i>. arXiv:2101.00001."),
        ("book", "(Lee, 1999)", "Lee (1999)", "Lee, B. (1999). <i>A Book</i>. Press."),
        ("nobody", "(Anonymous Words, n.d.)", "Anonymous Words (n.d.)", "<i>Anonymous Words</i> (n.d.)."),
        ("soon", "(Lee, in press)", "Lee (in press)", "Lee, C. (in press). <i>Coming</i>. https://example.org/soon"),
        ("edited", "(Itor, 2001)", "Itor (2001)", "E. Itor (ed.) (2001). <i>A Collection</i>."),
    ],
)
def test_a_paper_is_cited_and_listed_by_author_and_year(key: str, cited: str, narrative: str, entry: str) -> None:
    papers = Bibliography(PAPERS)
    assert (bracket(papers, key), str(papers.narrative(key)), as_html(papers.entry(key))) == (
        cited,
        narrative,
        entry,
    )


def test_several_papers_share_a_bracket_and_the_list_is_in_the_order_of_authors_without_accents() -> None:
    papers = Bibliography(PAPERS | {"cap": Paper("X", people("Karel Čapek"), "1920")})
    assert bracket(papers, "toy", "zoom") == "(Elhage et al., 2022; Olah and Čapek, 2020)"
    assert papers.ordered(["zoom", "toy", "cap", "nobody"]) == ["nobody", "cap", "toy", "zoom"]


def test_papers_that_would_be_cited_alike_have_letters_in_the_order_of_the_list() -> None:
    alike = {str(number): Paper(f"T{9 - number}", people("Jane Doe"), "2021") for number in range(3)}
    papers = Bibliography(alike)
    assert [bracket(papers, key) for key in alike] == ["(Doe, 2021c)", "(Doe, 2021b)", "(Doe, 2021a)"]
    assert as_text(papers.entry("0")) == "Doe, J. (2021c). T9."
    assert str(Bibliography(alike, cited=["0", "1"]).narrative("0")) == "Doe (2021b)"
    assert bracket(Bibliography(alike, cited=["0"]), "0") == "(Doe, 2021)"


def test_a_style_that_does_not_place_the_letter_has_it_after_the_year() -> None:
    own = parse_style(style("<layout prefix='('><date variable='issued'><date-part name='year'/></date></layout>"), "x")
    alike = {key: Paper(key, people("Jane Doe"), "2021") for key in "ab"}
    assert bracket(Bibliography(alike, own), "a", "b") == "(2021a; 2021b"
    undated = {key: Paper(key, people("Jane Doe"), bibtype="article", pages="93-93") for key in "ab"}
    numbered = Bibliography(undated, parse_style(NUMBERED, "numbered.csl"))
    assert as_text(numbered.entry("b", 2)) == "[2] J. Doe, b."
    assert as_text(Bibliography(undated).entry("b")) == "Doe, J. (n.d.b). b. 93."


def test_a_style_of_numbers_is_given_the_numbers_of_the_page() -> None:
    papers = Bibliography(PAPERS, parse_style(NUMBERED, "numbered.csl"))
    assert bracket(papers, "zoom", "toy") == "[1], [2]"
    assert str(papers.narrative("toy", 7)) == "Elhage et al. [7]"
    assert papers.cited("toy", 7).opening == "["
    assert as_html(papers.entry("zoom", 12)) == "[12] C. Olah and K. Čapek, <b>Zoom In</b>."
    assert papers.ordered(["zoom", "toy"]) == ["zoom", "toy"]


def test_a_style_of_footnotes_cites_by_author_and_year_in_the_text() -> None:
    notes = style("<layout suffix='.'><text variable='title'/></layout>").replace(b"in-text", b"note")
    papers = Bibliography(PAPERS, parse_style(notes, "notes.csl"))
    assert bracket(papers, "toy") == "(Elhage et al., 2022)"
    assert str(papers.narrative("toy")) == "Elhage et al. (2022)"


def test_a_style_without_a_list_has_plain_entries() -> None:
    bare = parse_style(style("<layout><text variable='title'/></layout>", ""), "bare.csl")
    assert as_text(Bibliography(PAPERS, bare).entry("toy")) == (
        "Nelson Elhage, Chris van der Berg, Redwood Research (2022). Toy Models & <b>Superposition</b>. "
        "Transformer Circuits Thread. https://doi.org/10.1234/toy"
    )


def test_what_the_formatter_breaks_on_is_written_plainly() -> None:
    broken = "<names variable='author'><name et-al-min='many'/></names>"  # which has to be a number
    breaking = style(f"<layout prefix='(' suffix=')'>{broken}</layout>", f"<layout>{broken}</layout>")
    papers = Bibliography(PAPERS, parse_style(breaking, "breaking.csl"))
    assert bracket(papers, "zoom") == "(Olah and Čapek, 2020)"
    assert as_text(papers.entry("zoom")) == "Chris Olah, Karel Čapek (2020). Zoom In. Proc. of X. ACM."
    assert as_text(papers.entry("nobody")) == "Anonymous Words (n.d.)."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "x.csl cannot be read as a CSL style: no element found: line 1, column 0"),
        (b"<style", "x.csl cannot be read as a CSL style: unclosed token: line 1, column 0"),
        (b"\x00\xff", "x.csl cannot be read as a CSL style: "),
        (b"<html/>", "x.csl is no CSL style: it begins with <html>"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><style>&b;</style>", "x.csl cannot be read as a CSL style: DTDForbidden"),
        (b"<?xml version='1.0' encoding='no-such'?><style/>", "x.csl cannot be read as a CSL style: unknown encoding"),
        (style(""), "x.csl does not say how to cite: it holds no citation layout"),
        (
            (
                b"<style xmlns='http://purl.org/net/xbiblio/csl'><info>"
                b"<link rel='independent-parent' href='http://example.org/ieee'/></info></style>"
            ),
            "x.csl only names the style that it is a variant of: http://example.org/ieee",
        ),
        (style("<layout><text macro='gone'/></layout>"), "x.csl calls a macro that it does not hold: gone"),
        (
            style("<layout><text macro='a'/></layout>", more="<macro name='a'><text macro='a'/></macro>"),
            "x.csl: the macro a calls itself",
        ),
        (
            style(
                "<layout><text macro='m0'/></layout>",
                more="".join(f"<macro name='m{n}'>" + 9 * f"<text macro='m{n + 1}'/>" + "</macro>" for n in range(9))
                + "<macro name='m9'/>",
            ),
            "x.csl is nested too deeply to be a CSL style",
        ),
        (style("<layout>" + "<group>" * 5000 + "</group>" * 5000 + "</layout>"), "x.csl is nested too deeply"),
        (b" " * (1 << 21), "x.csl is larger than 1 MiB: that is no CSL style"),
    ],
)
def test_a_style_that_cannot_be_used_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        Bibliography(PAPERS, parse_style(data, "x.csl"))
    assert refused.value.message.startswith(said)
    assert refused.value.hint


def test_a_bracket_in_a_style_or_a_mark_in_a_title_forges_no_markup() -> None:
    forged = Paper("A \ue000b\ue001 \ue00c <script>", people("X \ue002 Y"), "2020")
    papers = Bibliography({"x": forged})
    assert as_html(papers.entry("x", 5)) == "Y, X. (2020). <i>A b &lt;script&gt;</i>."


@pytest.mark.parametrize(
    "paper",
    [
        Paper("word and " * 100_000, bibtype="article", pages="1-2," * 100_000, volume="&" * 400_000, venue="V"),
        Paper("T", tuple(Name(f"Family{number}", f"Given {number}") for number in range(20_000)), "2020"),
        Paper("T", (Name("a-" * 200_000, "B. " * 200_000),), "2020" * 100_000),
    ],
    ids=["long texts", "many authors", "long names"],
)
def test_a_paper_of_any_length_is_formatted_in_seconds(paper: Paper) -> None:
    started = time.process_time()
    for chosen in (None, parse_style(NUMBERED, "numbered.csl")):
        papers = Bibliography({"x": paper}, chosen)
        assert bracket(papers, "x")
        assert papers.entry("x", 1)
    assert time.process_time() - started < 5


_TEXTS = st.text(max_size=30)
_PAPERS = st.builds(
    Paper,
    title=_TEXTS,
    authors=st.lists(st.builds(Name, *[_TEXTS] * 5), max_size=4).map(tuple),
    year=_TEXTS | st.sampled_from(["2022", "0", "99999"]),
    venue=_TEXTS,
    doi=_TEXTS,
    bibtype=st.sampled_from(["article", "book", "inproceedings", "misc", "phdthesis", "x"]),
    citekey=st.just("key"),
    editors=st.lists(st.builds(Name, _TEXTS, _TEXTS), max_size=3).map(tuple),
    volume=_TEXTS,
    number=_TEXTS,
    pages=_TEXTS,
    publisher=_TEXTS,
)


@given(_PAPERS)
def test_any_paper_can_be_cited_and_listed_and_its_texts_are_never_markup(paper: Paper) -> None:
    for chosen in (None, parse_style(NUMBERED, "numbered.csl")):
        papers = Bibliography({"x": paper}, chosen)
        shown = (bracket(papers, "x"), str(papers.narrative("x")), as_text(papers.entry("x", 1)))
        assert all(shown)
        html = as_html(papers.entry("x", 1))
        for tag in ("<i>", "</i>", "<b>", "</b>"):
            html = html.replace(tag, "")
        assert "<" not in html
