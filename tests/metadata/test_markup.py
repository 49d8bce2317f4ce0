"""Fragments of HTML, JATS and MathML as publishers deposit them, and the text that a person reads."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.metadata.markup import plain

MATH = 'xmlns:mml="http://www.w3.org/1998/Math/MathML"'


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("Plain  text\n as it is", "Plain text as it is"),
        ("<i>p</i>-Bromostyrene in <b>SO<sub>2</sub></b>", "p-Bromostyrene in SO₂"),
        ("<i>c</i><sub><i>p</i></sub> – <i>C</i><sub><i>v</i></sub>", "cp – Cv"),
        ("Ca<sup>2+</sup> and <sup>13</sup>C, 10<sup>−3</sup>", "Ca²⁺ and ¹³C, 10⁻³"),
        (
            "O(<i>n</i><sup>log n</sup>), the 21<sup>st</sup>, Carrel<sup>TM</sup>, a<sup>∗</sup>b",
            "O(n^log n), the 21st, CarrelTM, a∗b",
        ),
        ("Seminars in Cell &amp; Developmental Biology", "Seminars in Cell & Developmental Biology"),
        ("Cell &amp;amp; Biology, p &amp;lt; 0.05", "Cell & Biology, p < 0.05"),
        ("&lt;i&gt;Homo&lt;/i&gt; &amp;lt;i&amp;gt;sapiens&amp;lt;/i&amp;gt;", "Homo sapiens"),
        ("if a<b and c>d, i<j, x <y> z", "if a<b and c>d, i<j, x <y> z"),
        ("AT&T, R&D; Q&A &nosuchentity; &#0; &", "AT&T, R&D; Q&A &nosuchentity; � &"),
        ("<jats:title>Abstract</jats:title><jats:p>We show.</jats:p>", "We show."),
        ("<jats:title>ABSTRACT:</jats:title><jats:p>One.</jats:p><jats:p>Two.</jats:p>", "One. Two."),
        (
            (
                "<jats:sec><jats:title>Background</jats:title><jats:p>One.</jats:p></jats:sec>"
                "<jats:sec><jats:title>Why?</jats:title><jats:p>Two.</jats:p></jats:sec>"
            ),
            "Background: One. Why? Two.",
        ),
        (
            "<jats:p>\n  unit (\n  <jats:italic>PIK</jats:italic>\n  ) is <jats:bold>one</jats:bold> .</jats:p>",
            "unit (PIK) is one.",
        ),
        ("Étude : résultats ; oui ?", "Étude : résultats ; oui ?"),
        (
            "the <jats:inline-formula><jats:tex-math>$$x^2$$</jats:tex-math></jats:inline-formula> norm",
            "the $x^2$ norm",
        ),
        (
            (
                r"<jats:inline-formula><jats:alternatives><jats:tex-math>\documentclass{a}\begin{document}$$\ell _1$$"
                rf"\end{{document}}</jats:tex-math><mml:math {MATH}><mml:mi>ℓ</mml:mi></mml:math></jats:alternatives>"
                "</jats:inline-formula>-norm"
            ),
            r"$\ell _1$-norm",
        ),
        ("maths of one's own: $\\alpha < \\beta$ costs $5", "maths of one's own: $\\alpha < \\beta$ costs $5"),
        (f"<mml:math {MATH}><mml:mi>β</mml:mi></mml:math>-VAE", "β-VAE"),
        (f"(<mml:math {MATH}><mml:mtext>22</mml:mtext><mml:mo>.</mml:mo><mml:mn>2</mml:mn></mml:math>)", "(22.2)"),
        (
            (
                f"<mml:math {MATH}><mml:msup><mml:mrow><mml:mi>B</mml:mi></mml:mrow><mml:mn>0</mml:mn></mml:msup>"
                "<mml:mo>→</mml:mo><mml:msubsup><mml:mi>K</mml:mi><mml:mi>S</mml:mi><mml:mn>10</mml:mn></mml:msubsup></mml:math>"
            ),
            "$B^0→K_S^{10}$",
        ),
        (
            (
                "<math><mfrac><mn>1</mn><mi>n</mi></mfrac><msqrt><mi>x</mi><mi>y</mi></msqrt>"
                "<mroot><mi>x</mi><mn>3</mn></mroot></math>"
            ),
            r"$\frac{1}{n}\sqrt{xy}\sqrt[3]{x}$",
        ),
        (
            "<math><msub><mi>p</mi><mi>max</mi></msub></math>, <math><mi>x</mi><mo>&lt;</mo><mi>y</mi></math>",
            r"$p_{\mathrm{max}}$, x<y",
        ),
        ('<span title="a > b">inside</span> <math alttext="x>0"><mi>x</mi></math>', "inside $x>0$"),
        ('<math alttext="\\sqrt{s}=13"><msqrt><mi>s</mi></msqrt></math> TeV', r"$\sqrt{s}=13$ TeV"),
        (
            (
                '<math><semantics><msub><mi>a</mi><mi>b</mi></msub><annotation encoding="application/x-tex">a_{b}'
                "</annotation></semantics></math>"
            ),
            "$a_{b}$",
        ),
        (
            'See <a href="https://example.org/?a=1&amp;b=2">it</a><br/><ext-link xlink:href="x">here</ext-link>',
            "See it here",
        ),
        ("a<!-- not <b>this</b> -->b<![CDATA[c]]>", "abc"),
        ("<script>alert(1)</script>safe<style>p {}</style>", "safe"),
        ("</i>ends of nothing <b>and <i>begins without end", "ends of nothing and begins without end"),
        ("a\xa0b\xadc\u200bd\x00e\x1b[31m", "a bcd e [31m"),
        ("e\u0301", "é"),
        ("<sub></sub><sup> </sup><math></math>", ""),
    ],
)
def test_a_fragment_is_read_as_a_person_would(fragment: str, text: str) -> None:
    assert plain(fragment) == text


@given(st.text(alphabet=st.sampled_from("<>/&;=\"' abimnpsu:12\x00$\\^_é"), max_size=200))
def test_any_text_becomes_one_line(text: str) -> None:
    shown = plain(text)
    assert "\n" not in shown
    assert "\x00" not in shown
    assert shown == " ".join(shown.split())


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<i",
        "<i ",
        "<i a",
        "<i a=",
        '<i a="',
        "<i>",
        "</i>",
        "<!--",
        "&",
        "&amp;",
        "&amp;amp;",
        "<math>",
        "<sub>1",
        "(",
        " .",
    ],
)
def test_hostile_fragments_cost_linear_time(piece: str) -> None:
    begun = time.process_time()
    plain(piece * (200_000 // len(piece)))
    assert time.process_time() - begun < 3
