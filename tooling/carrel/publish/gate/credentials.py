"""Keys, tokens and passwords in a text of a site: the rules of `core.credentials`, asked quickly of very many texts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from carrel.core import credentials as rules
from carrel.core.credentials import RULES, Credential

__all__ = ["RULES", "Credential", "credentials"]

#: The literals by their first four letters, or three, read as a number; and a table that tells most letters from those.
_CODES = [(int.from_bytes(literal[:4].encode(), "little"), literal) for literal in rules.LITERALS]
_LITERALS = {code: [literal for own, literal in _CODES if own == code] for code, _ in _CODES}
_ODD, _SHIFT = np.uint32(0x9E3779B1), np.uint32(16)
_BEGINS = np.zeros(1 << 16, np.bool_)
_BEGINS[np.array([code & 0xFFFFFF for code in _LITERALS], np.uint32) * _ODD >> _SHIFT] = True


def credentials(text: str) -> Iterator[Credential]:
    """What in a text looks like a credential and not like an example of one."""
    return rules.credentials(text, _likely(text.lower().encode("utf-8", "replace")))


def _likely(low: bytes) -> set[str]:
    """Of the literals those whose first four letters are there: one look at a text for all of them."""
    letters = np.frombuffer(low + b"\0", np.uint8)
    codes = letters[:-3].astype(np.uint32)  # of three letters each
    codes |= np.left_shift(letters[1:-2], 8, dtype=np.uint32)
    codes |= np.left_shift(letters[2:-1], 16, dtype=np.uint32)
    places = np.flatnonzero(_BEGINS.take(codes * _ODD >> _SHIFT, mode="wrap"))
    begins = codes[places]
    there = {
        *np.unique(begins).tolist(),
        *np.unique(begins | np.left_shift(letters[places + 3], 24, dtype=np.uint32)).tolist(),
    }
    return {literal for code in there for literal in _LITERALS.get(code, ())}
