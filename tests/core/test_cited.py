"""Which keys documents cite: LaTeX, what LaTeX made of it, Markdown."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.cited import cited_keys, included_files, mentioned_keys

LATEX = [
    (r"\cite{a}", ["a"]),
    (r"\cite{a, b,c}", ["a", "b", "c"]),
    (r"\citep[see][p.~3]{a} \citet*{b} \Citeauthor{c} \citeyearpar{d}", ["a", "b", "c", "d"]),
    (r"\autocite{a} \parencite*{b} \footcite[3]{c} \textcite{d} \fullcite{e} \supercite{f}", list("abcdef")),
    (r"\autocites(see)(and more)[1]{a}[2][3]{b}{c,d}", list("abcd")),
    (r"\textcites{a}[p. 3]{b} and {not this}", ["a", "b"]),
    (r"\volcite{2}[p. 3]{a} \pvolcite{1}{b}", ["a", "b"]),
    (r"\nocite{a} \nocite{*}", ["a", "*"]),
    ("\\citep[\n  see][]{\n  a,\n  b}", ["a", "b"]),
    (r"\cite{a}\% \cite{b} % \cite{c}" + "\n" + r"\\% \cite{d}" + "\n" + r"\cite{e}", ["a", "b", "e"]),
    (r"\begin{verbatim}\cite{a}\end{verbatim} \cite{b}", ["b"]),
    ("\\begin{verbatim}\n% \\end{verbatim} \\cite{a}", ["a"]),
    ("\\begin{verbatim*}\n\\end{verbatim}\\cite{a}\\end{verbatim*} \\cite{b}", ["b"]),
    ("\\begin{lstlisting}[language=TeX]\n\\cite{a} % \\cite{b}\n\\end{lstlisting}\n\\cite{c}", ["c"]),
    ("\\begin{Verbatim}[frame=single]\n\\cite{a}\n\\end{Verbatim}\\begin{minted}{tex}\\cite{b}\\end{minted}", []),
    (r"% \begin{verbatim}" + "\n" + r"\cite{a}", ["a"]),
    (r"\verb|\cite{no}| \cite{a} \verb*+\cite{no}+\Verb!\cite{no}! \verb=%= \cite{b}", ["a", "b"]),
    (r"\lstinline{\cite} \lstinline[language=TeX]|\cite{no}| \cite{a}", ["a"]),
    (r"\url{http://x.org/a%20b} \cite{a} \href{x%20y}{as in \cite{b}} \urlstyle{tt} % \cite{c}", ["a", "b"]),
    (r"\verb|\cite{no} \cite{no}|\cite{a}", ["a"]),
    (r"\\verb|\cite{a}| \verbatiminput{x} \cite{b}", ["a", "b"]),
    (
        r"\citestyle{round} \setcitestyle{a} \citetext{x} \DeclareCiteCommand{\foo}{a} \newcommand{\x}[1]{\cite{#1}}",
        [],
    ),
    (r"\cite{DBLP:conf/nips/Va17} \cite{smith+2001_x-y.z}", ["DBLP:conf/nips/Va17", "smith+2001_x-y.z"]),
    (r"\citefield{a}{year} \hypercite{b} \citeurl{c}", ["a", "b", "c"]),
    (r"\cites", []),
    (r"no citation, user@example.org", []),
]


@pytest.mark.parametrize(("text", "keys"), LATEX, ids=[text for text, _ in LATEX])
def test_latex_cites_with_every_command_of_its_packages(text: str, keys: list[str]) -> None:
    assert list(cited_keys(text, "paper.tex")) == keys


def test_what_latex_tells_bibtex_and_biber_is_read() -> None:
    aux = "\\relax\n\\citation{a,b}\n\\abx@aux@cite{0}{c}\n\\bibcite{z}{1}\n\\citation{*}\n\\bibdata{refs}\n"
    assert cited_keys(aux, "paper.aux") == {"a": 2, "b": 2, "c": 3, "*": 5}
    bcf = '<bcf:section>\n<bcf:citekey order="1">a</bcf:citekey>\n<bcf:citekey order="2">AT&amp;T</bcf:citekey>'
    assert cited_keys(bcf, "paper.bcf") == {"a": 2, "AT&T": 3}


def test_markdown_cites_in_brackets_and_mentions_in_sentences() -> None:
    text = "---\nnocite: |\n  @extra, @more\n---\n\nSee [@a, p. 3; -@b] and @c.\n\n`[@code]` @d [p. 3], a@mail.org\n"
    assert cited_keys(text, "paper.md") == {"extra": 1, "more": 1, "a": 6, "b": 6, "d": 8}
    assert mentioned_keys(text) == {"c": 6}
    assert cited_keys('---\nnocite: "@*"\n---\n', "paper.qmd") == {"*": 1}


def test_included_files_are_named_as_latex_finds_them() -> None:
    text = (
        "\\verb|\\input{no}|\\input{intro}\n\\include{sections/methods} \\subfile{a.b/c.tex}"
        "\\import{appendix/}{proofs} % \\input{old}"
    )
    found = ("intro.tex", "sections/methods.tex", "a.b/c.tex", "appendix/proofs.tex")
    assert included_files(text, "paper.tex") == found
    assert included_files("\\@input{methods.aux}", "paper.aux") == ("methods.aux",)
    assert included_files(text, "paper.md") == ()


def test_without_a_name_the_text_says_what_it_is() -> None:
    assert list(cited_keys(r"\documentclass{article} \cite{a}")) == ["a"]
    assert list(cited_keys("[@a]")) == ["a"]


@given(st.text(), st.sampled_from(["tex", "aux", "bcf", "md", "txt"]))
def test_no_text_is_too_odd(text: str, suffix: str) -> None:
    cited_keys(text, f"x.{suffix}")
    mentioned_keys(text)


@pytest.mark.parametrize("suffix", ["tex", "aux", "bcf"])
@pytest.mark.parametrize(
    "piece",
    [r"\cite", r"\cite[", r"\cite{", "%", "\\\\%", "\\", "cite", r"\cites{a}", "{", "[", "(", r"\cite (",
     "<bcf:citekey ", r"\begin{verbatim}", r"\citation{", " ", r"\verb", r"\verb|", r"\verb!\verb+\verb-", r"\verb{",
     r"\lstinline[", r"\begin {", r"\begin{verbatim*}\end{verbatim}", r"\end{"],
)  # fmt: skip
def test_the_time_is_linear(piece: str, suffix: str) -> None:
    text = "\\" + piece * (400_000 // len(piece))
    begin = time.process_time()
    cited_keys(text, f"x.{suffix}")
    assert time.process_time() - begin < 2
