"""LaTeX of bibliographies as plain text."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from carrel.metadata.latex import plain_text
from carrel.metadata.latex_writer import latex_text

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
    (r"Espa\~na, jalape{\~n}o, \~{a}", "España, jalapeño, ã"),
    (r"Franc{\ocirc{u}}, \polhk{a}, \ElsevierGlyph{2014}, \textbar", "Franců, ą, —, |"),
    (r"Q&amp;A, {\&}amp; \&amp; &lt;br&gt; &#8211; AT&T; &nosuch;", "Q&A, & & <br> – AT&T; &nosuch;"),
    ("<i>In vivo</i> H<sub>2</sub>O <jats:p>a</jats:p>, if a < b > c", "In vivo H2O a, if a < b > c"),
    ("a {-}{-} b, {--}", "a -- b, –"),
    ("$a &lt; b$ &lt; $<i>$", "$a &lt; b$ < $<i>$"),
    ("bell\x07 and escape\x1b[31m", "bell and escape[31m"),
    ("", ""),
]


@pytest.mark.parametrize(("latex", "text"), TEXTS, ids=[latex or "nothing" for latex, _ in TEXTS])
def test_latex_reads_as_text(latex: str, text: str) -> None:
    assert plain_text(latex) == text


@given(st.text(alphabet=st.sampled_from("ab {}\\$'\"^~`-&%_()[]\n123é")))
def test_no_latex_raises_and_the_result_is_one_line(latex: str) -> None:
    assert "\n" not in plain_text(latex)


@given(st.text(st.characters(exclude_characters="\\&")))  # what begins a command, or an entity of HTML
def test_text_without_latex_keeps_its_letters(text: str) -> None:
    letters = "".join(c for c in text if c.isalnum() and c.isascii())
    assert "".join(c for c in plain_text(text) if c.isalnum() and c.isascii()) == letters


@pytest.mark.parametrize(
    "piece", ["{", "}", "\\(", "$", "{\\", "\\'e ", "\\ensuremath{", "\\textbf{", "$a ", "\\begin{x}"]
)
def test_a_field_of_any_size_and_depth_is_survived(piece: str) -> None:
    plain_text(piece * (40_000 // len(piece)))


def test_the_library_behind_prints_nothing_of_its_own() -> None:
    code = r"from carrel.metadata.latex import plain_text; plain_text(r'\relax{} \textfrac{1} \frac'); print('done')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("done\n", "")


PIECES = r"""\'e \"{o} {\"u} \v{Z} {\v{s}} \c{c} \H{o} \'{\i} \'\i {\l} \L{} \ss \aa \o{} \& \% \_ \$ \# \{ \} \- -- ---
    `` '' {A} word and x, \emph{y} \textbf {z} \ldots \textendash{} \LaTeX{} \textless a
    \textbar{} \textbackslash{} $x$ 1"""
pieces = st.lists(st.sampled_from([*PIECES.split(), r"\ ", " "]), max_size=8)


@given(pieces, st.sampled_from(["", " "]))
def test_common_commands_read_alike_whether_the_library_is_asked_or_not(some: list[str], between: str) -> None:
    latex = between.join(some)
    assert plain_text(rf"{{{latex}}}") == plain_text(rf"\relax{{}}{{{latex}}}")


texts = st.text(
    st.one_of(
        st.sampled_from("ab AB {}\\\\$'\"^~`-&%_()[]<>#;|,.:?!19é–“&amp;$x$/"),
        st.characters(exclude_categories=("Cs", "Cc", "Co", "Zl", "Zp")),
    ),
    max_size=30,
).map(lambda text: unicodedata.normalize("NFC", " ".join(re.sub("[\xad\u200b\u2060\ufeff]", "", text).split())))


@given(texts, st.booleans(), st.booleans())
@example("$a{--b$, $c}$ and ''$d{$", False, False)
@example("?`!` --- ```", True, True)
def test_text_written_as_latex_reads_back_as_itself(text: str, title: bool, ascii_only: bool) -> None:
    assert plain_text(latex_text(text, title=title, ascii_only=ascii_only)) == text


@given(texts)
def test_latex_that_is_written_closes_every_brace(text: str) -> None:
    written = latex_text(text, title=True)
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", written.replace("\\\\", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0


LATIN = [chr(code) for code in range(0xC0, 0x180) if chr(code).isalpha() and chr(code) not in "ŉſ"]


def test_every_latin_letter_has_a_command_but_a_few() -> None:
    kept = [letter for letter in LATIN if latex_text(letter, ascii_only=True) == letter]
    assert "".join(kept) == "ĦħĸĿŀŦŧŰű"


@pytest.mark.parametrize("piece", ["{", "}", "$", "&", "&amp;", "<", "<i ", "\\", "'", "-", "a$b", "&#", "$a "])
def test_writing_and_reading_take_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    begin = time.process_time()
    latex_text(text, title=True)
    plain_text(text)
    assert time.process_time() - begin < 3
