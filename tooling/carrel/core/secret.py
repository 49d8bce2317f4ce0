"""Secret predictions: a salted hash stands where the claim would, and the claim is told when it is resolved.

What is hashed is the salt, a blank and the claim, in UTF-8: `printf '%s' 'SALT CLAIM' | sha256sum` says the same.
The claim and the salt wait in a private entry of the log, as `secret::`, `claim::` and `salt::` lines.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.inline_fields import inline_fields
from carrel.core.predicting import one_line

if TYPE_CHECKING:
    from carrel.core.note import Note

_SEALED = re.compile(r"secret sha256:([0-9a-f]{64})")
_REVEALED = re.compile(r"(?:^|; )revealed with salt ([0-9a-f]{32}): (.++)$")


class Secret(NamedTuple):
    """What a secret prediction claims, and the 32 hexadecimal digits that keep the claim from being guessed."""

    claim: str
    salt: str

    @property
    def sealed(self) -> str:
        """What stands in the prediction's line in place of the claim.

        >>> Secret("It works", "0" * 32).sealed
        'secret sha256:b4038dc57f9e69a1d45ba6619959ee3d8b2e39736ba7b601ca7677de6e92c6c6'
        """
        return f"secret sha256:{sha256(f'{self.salt} {self.claim}'.encode()).hexdigest()}"

    @property
    def told(self) -> str:
        """How the outcome's remark ends that reveals it."""
        return f"revealed with salt {self.salt}: {self.claim}"

    def fields(self, identity: str) -> tuple[tuple[str, str], ...]:
        """The `key:: value` lines in which it waits."""
        return ("secret", identity), ("claim", self.claim), ("salt", self.salt)


def make_secret(claim: str, random: bytes) -> Secret:
    """A claim with a salt of sixteen random bytes."""
    return Secret(one_line(claim), random.hex())


def is_sealed(claim: str) -> bool:
    """Whether a prediction's claim is a secret's hash."""
    return _SEALED.fullmatch(claim) is not None


def revealed(remark: str) -> Secret | None:
    """The secret that the remark of an outcome tells, if it tells one."""
    found = _REVEALED.search(remark)
    return Secret(found[2], found[1]) if found else None


def without_secret(remark: str) -> str:
    """What a remark says besides.

    >>> without_secret("margin 0.06; " + Secret("It works", "0" * 32).told)
    'margin 0.06'
    """
    found = _REVEALED.search(remark)
    return remark[: found.start()] if found else remark


def waiting(note: Note, identity: str) -> Secret | None:
    """The secret of that prediction, if it waits in this note."""
    for text in [entry.text for entry in note.entries] or [note.body]:
        fields = inline_fields(text)
        if fields.get("secret") == identity and "claim" in fields:
            return Secret(fields["claim"], fields.get("salt", ""))
    return None
