"""LaTeX of bibliographies as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.metadata.latex import plain_text

TEXTS = [
    ("plain words", "plain words"),
    (r"G{\"o}del, Schr\"odinger, Poincar\'{e}, \v{C}apek", "Gödel, Schrödinger, Poincaré, Čapek"),
    (
        r"{\AA}ngstr{\"{o}}m, {\O}ksendal, \L{}ukasz, Stra{\ss}e, na\"{\i}ve",
        "Ångström, Øksendal, Łukasz, Straße, naïve",
    ),
    (r"\c{C}a\u{g}lar, Erd\H{o}s, \k{a}, \r{u}, \d{s}, {\dj}", "Çağlar, Erdős, ą, ů, ṣ, đ"),
    (r"{BERT}: {P}re-training of {{Deep}} nets", "BERT: Pre-training of Deep nets"),
    (r"\emph{E. coli} and \textsc{Small} {\bf caps} \texttt{a_b} \mbox{x}", "E. coli and Small caps a_b x"),
    (r"R\&D at 50\% for \$5 \#1 a\_b", "R&D at 50% for $5 #1 a_b"),
    ("R&D at 50% # a_b ^2", "R&D at 50% # a_b ^2"),
    ("pages 1--10 --- ``quoted''", "pages 1–10 — “quoted”"),
    (r"Smith~et~al., but ~100", "Smith et al., but ~100"),
    (r"The $\ell_1$-norm and $O(n^2)$", r"The $\ell_1$-norm and $O(n^2)$"),
    (r"{Cu$_2$O} and \'{e}$x$", "Cu$_2$O and é$x$"),
    (r"\(a+b\), \[c\], $$d$$ and \ensuremath{\beta_{2}}", r"$a+b$, $c$, $d$ and $\beta_{2}$"),
    ("from $5 to $10 and $35,000 in all", "from $5 to $10 and $35,000 in all"),
    (r"\enquote{Toy} \href{https://a.b}{text} \url{https://c.d/e_f}", "“Toy” text https://c.d/e_f"),
    (r"\LaTeX{} \copyright{} \textgreater{} \textless{} \ldots{} \dots", "LaTeX © > < … …"),
    (r"{\noopsort{1973b}}1973", "1973"),
    (r"\unknowncommand{kept} \also{a}{b}", "kept ab"),
    (r"a\footnote{aside} b\cite{x}", "a b"),
    ("two\n  lines\tand  gaps", "two lines and gaps"),
    ("i.i.d.\\ samples, a\\-b", "i.i.d. samples, ab"),
    ("王小云 and Ünïcode", "王小云 and Ünïcode"),
    ("e\u0301", "é"),
    (r"\textit{never closed", "never closed"),
    ("closed} twice}", "closed twice"),
    (r"\begin{itemize} x", "x"),
    ("trailing \\", "trailing"),
    ("bell\x07 and escape\x1b[31m", "bell and escape[31m"),
    ("", ""),
]


@pytest.mark.parametrize(("latex", "text"), TEXTS, ids=[latex or "nothing" for latex, _ in TEXTS])
def test_latex_reads_as_text(latex: str, text: str) -> None:
    assert plain_text(latex) == text


@given(st.text(alphabet=st.sampled_from("ab {}\\$'\"^~`-&%_()[]\n123é")))
def test_no_latex_raises_and_the_result_is_one_line(latex: str) -> None:
    assert "\n" not in plain_text(latex)


@given(st.text())
def test_text_without_latex_keeps_its_letters(text: str) -> None:
    letters = "".join(c for c in text if c.isalnum() and c.isascii())
    assert "".join(c for c in plain_text(text.replace("\\", "")) if c.isalnum() and c.isascii()) == letters


@pytest.mark.parametrize(
    "piece", ["{", "}", "\\(", "$", "{\\", "\\'e ", "\\ensuremath{", "\\textbf{", "$a ", "\\begin{x}"]
)
def test_a_field_of_any_size_and_depth_is_survived(piece: str) -> None:
    plain_text(piece * (40_000 // len(piece)))
