"""Pages of a PDF as text: words that a line's end divides are whole again, in linear time."""

from __future__ import annotations

import time

import pytest

from carrel.core.pdf import joined


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("arti\ufffefacts", "artifacts"),
        ("arti\ufffe\r\nfacts", "artifacts"),
        ("self\ufffeattention is self-attention", "self-attention is self-attention"),
        ("state\ufffeof-the-art, a state-of-the-art thing", "state-of-the-art, a state-of-the-art thing"),
        ("non\ufffeEuclidean", "non-Euclidean"),
        ("GPT\ufffe4", "GPT-4"),
        ("a\ufffeb\ufffec", "abc"),
        ("\ufffe", "-"),
        ("eﬃcient ﬁelds\x00\x07\u00ad", "efficient fields"),
    ],
)
def test_a_hyphen_goes_where_it_was_only_the_lines(text: str, whole: str) -> None:
    assert joined((text,)) == (whole,)


def test_what_other_pages_say_counts() -> None:
    assert joined(("service\ufffeoriented", "service-oriented", "")) == ("service-oriented", "service-oriented", "")


def test_a_page_without_blanks_takes_no_time() -> None:
    began = time.monotonic()
    joined(("a" * 500_000 + "\ufffe" + "b" * 500_000, "a\ufffe" * 200_000, "-a" * 200_000 + "\ufffe"))
    assert time.monotonic() - began < 5
