"""Taking secrets out of what a run leaves: its command, its output, and what was not committed.

A secret is known by its form (`core.credentials`), by the name of the option or variable that holds it, or because the
environment holds it under such a name. What is masked on the command line is masked wherever else it appears.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from carrel.core.credentials import credentials

#: What stands in the place of a secret.
MASK = "***"
#: Shorter values are not looked for elsewhere: `--password abc` must not take every abc out of the output.
SHORTEST = 8

# The end of a name that holds a secret.
_NAME = re.compile(
    r"(?:.{0,200}[^a-z0-9])?(?:(?:api|access|account|auth|private|secret|signing|encryption)[_-]?key|(?:client[_-]?)?secret"
    r"|password|passwd|passphrase|pwd|credentials?|authorization|x-api-key)",
)
# `pad_token` and `max_token` are none: of a token, what stands before counts too, but for variables in capitals.
_TOKEN = re.compile(
    r"(?:.{0,200}[./\[?&])?(?:(?:api|access|auth|bearer|id|refresh|session|secret|hf|hub|hugging[_-]?face[a-z_-]{0,20}"
    r"|wandb|github|gh|gitlab|slack|personal[a-z_-]{0,20})[_-]?)?token|[A-Z0-9_]{1,100}_TOKEN"
)
_HEADER = re.compile(r"([A-Za-z-]{1,60}+): *+(.++)", re.DOTALL)
_IN_ADDRESS = re.compile(r"://[^\s/:@]{0,200}+:([^\s/@]{1,200}+)@")
_BEGIN, _END = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----"), "-----END"


class Masked(NamedTuple):
    """The words of a command without its secrets, and the secrets."""

    words: tuple[str, ...]
    secrets: frozenset[str]


def is_secret_name(name: str) -> bool:
    """Whether an option, a variable or a key of that name holds a secret.

    >>> [is_secret_name(name) for name in ("--api-key", "MY_TOKEN", "token", "db.password", "aws_secret_access_key")]
    [True, True, True, True, True]
    >>> [is_secret_name(name) for name in ("--pad-token", "max_tokens", "TOKENIZERS_PARALLELISM", "--key", "monkey")]
    [False, False, False, False, False]
    """
    name = name[-200:].lstrip("-")
    return bool(_NAME.fullmatch(name.lower()) or _TOKEN.fullmatch(name) or _TOKEN.fullmatch(name.lower()))


def masked_words(words: Sequence[str]) -> Masked:
    """A command's words with what is secret in them masked.

    >>> masked_words(["train", "--api-key", "x1", "--lr=3", "TOKEN=abc", "-H", "Authorization: Bearer q"]).words
    ('train', '--api-key', '***', '--lr=3', 'TOKEN=***', '-H', 'Authorization: ***')
    """
    found: set[str] = set()
    shown: list[str] = []
    expected = False
    for word in words:
        name, equals, value = word.partition("=")
        header = _HEADER.fullmatch(word)
        if expected and not word.startswith("--"):
            found.add(word)
            shown.append(MASK)
        elif equals and is_secret_name(name):
            found.add(value)
            shown.append(f"{name}={MASK}" if value else word)
        elif header and is_secret_name(header[1]):
            found.update((header[2], header[2].rpartition(" ")[2]))
            shown.append(f"{header[1]}: {MASK}")
        else:
            inside = {address[1] for address in _IN_ADDRESS.finditer(word)}
            found |= inside
            shown.append(_IN_ADDRESS.sub(_without_password, word) if inside else word)
        expected = not equals and word.startswith("-") and is_secret_name(word)
    secrets = frozenset(secret for secret in found if len(secret) >= SHORTEST)
    return Masked(tuple(masked(word, secrets) for word in shown), secrets)


def secrets_of(environment: Mapping[str, str]) -> frozenset[str]:
    """The secrets that an environment holds, for the names they have; a path or a number is none."""
    return frozenset(
        value
        for name, value in environment.items()
        if len(value) >= SHORTEST and not value.isdigit() and "/" not in value[:2] and is_secret_name(name)
    )


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets` and without what has the form of a credential."""
    found = {*secrets, *(one.text for one in credentials(text) if one.rule != "private-key")}
    for secret in sorted(found, key=len, reverse=True):  # one may hold another
        text = text.replace(secret, MASK)
    return _without_private_keys(text) if "PRIVATE KEY" in text else text


def _without_password(address: re.Match[str]) -> str:
    return address[0].replace(f":{address[1]}@", f":{MASK}@")


def _without_private_keys(text: str) -> str:
    """`text` without what stands between BEGIN and END of a key; to its end, where that is cut off."""
    pieces, position = [], 0
    while (begin := _BEGIN.search(text, position)) is not None:
        pieces += [text[position : begin.end()], MASK]
        position = text.find(_END, begin.end())
        if position < 0:
            return "".join(pieces)
    return "".join([*pieces, text[position:]])
