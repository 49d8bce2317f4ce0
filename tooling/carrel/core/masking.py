"""Taking secrets out of what a run leaves: its command, its output, and what was not committed.

A secret is known by its form (`core.credentials`), by the name of the option or variable that holds it, by how a
program is given it (`core.command_secrets`), or because the environment holds it under such a name. What is masked on
the command line is masked wherever else it appears.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from carrel.core.command_secrets import VALUE, Programs, secrets_in
from carrel.core.credentials import credentials

#: What stands in the place of a secret.
MASK = "***"
#: Shorter values are not looked for elsewhere: `--password abc` must not take every abc out of the output.
SHORTEST = 8

# The end of a name that holds a secret.
_NAME = re.compile(
    r"(?:.{0,200}[^a-z0-9])?(?:(?:api|access|account|auth|private|secret|signing|encryption)[_-]?key|(?:client[_-]?)?secrets?"
    r"|(?:pg|ssh)?pass(?:word|wd|phrase)|sshpass|pwd|credentials?|authorization|x-api-key)",
)
# `pad_token` and `max_token` are none: of a token, what stands before counts too, but for variables in capitals.
_TOKEN = re.compile(
    r"(?:.{0,200}[./\[?&])?(?:(?:api|access|auth|bearer|id|refresh|session|secret|private|hf|hub"
    r"|hugging[_-]?face[a-z_-]{0,20}|wandb|github|gh|gitlab|slack|personal[a-z_-]{0,20})[_-]?)?token"
    r"|[A-Z0-9_]{1,100}_(?:TOKEN|PASS)"
)
_HEADER = re.compile(r"([A-Za-z-]{1,60}+): *+(.++)", re.DOTALL)
# What is set within a word, as in `bash -c 'API_KEY=… train'` or an address: a name, and its value.
_WITHIN = re.compile(rf"(?<![\w.-])(?:([A-Za-z_][\w.-]{{0,99}}+)=|(-{{1,2}}[A-Za-z][\w-]{{0,99}}+)[= ]){VALUE}")
_HEADER_WITHIN = re.compile(rf"(?<![\w-])([A-Za-z-]{{1,60}}+): ?(?:[A-Za-z]{{1,20}}+ )?{VALUE}")
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
    expected, programs = False, Programs()
    for word in words:
        place = programs.secret_at(word)
        name, equals, value = word.partition("=")
        header = _HEADER.fullmatch(word)
        if expected and not word.startswith("--"):
            found.add(word)
            shown.append(MASK)
        elif equals and is_secret_name(name) and " " not in name:
            found.add(value)
            shown.append(f"{name}={MASK}" if value else word)
        elif header and _is_secret_header(header[1]):
            found.update((header[2], header[2].rpartition(" ")[2]))
            shown.append(f"{header[1]}: {MASK}")
        elif place < len(word):
            found.add(word[place:])
            shown.append(f"{word[:place]}{MASK}")
        else:
            shown.append(_masked_within(word, found))
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
    text = _without(text, secrets_in(text))
    return _without_private_keys(text) if "PRIVATE KEY" in text else text


def _is_secret_header(name: str) -> bool:
    return is_secret_name(name) or name.lower() == "cookie" or name.lower().endswith("-token")


def _masked_within(word: str, found: set[str]) -> str:
    """A word of which a part is secret, as the words of a shell are: without it, and that is `found`."""

    def without(part: re.Match[str]) -> str:
        found.add(part[part.re.groups].strip("\"'"))
        start, end = (place - part.start() for place in part.span(part.re.groups))
        return f"{part[0][:start]}{MASK}{part[0][end:]}"

    found.update(word[start:end].strip("\"'") for start, end in secrets_in(word))
    word = _without(word, secrets_in(word))
    word = _IN_ADDRESS.sub(without, word)
    word = _WITHIN.sub(lambda part: without(part) if is_secret_name(part[1] or part[2]) else part[0], word)
    return _HEADER_WITHIN.sub(lambda part: without(part) if _is_secret_header(part[1]) else part[0], word)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with a mask in the place of each span, which are in their order."""
    pieces, position = [], 0
    for start, end in spans:
        pieces += [text[position:start], MASK]
        position = end
    return "".join([*pieces, text[position:]])


def _without_private_keys(text: str) -> str:
    """`text` without what stands between BEGIN and END of a key; to its end, where that is cut off."""
    pieces, position = [], 0
    while (begin := _BEGIN.search(text, position)) is not None:
        pieces += [text[position : begin.end()], MASK]
        position = text.find(_END, begin.end())
        if position < 0:
            return "".join(pieces)
    return "".join([*pieces, text[position:]])
