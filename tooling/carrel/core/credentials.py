"""Keys, tokens and passwords in a text: what opens a door and must stand on no site.

Each rule is the form that its issuer gives its keys, with a literal that is looked for first; what a form cannot tell
(a password, a key of plain hexadecimal digits) is told by the name before it and by how random it looks.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple


class Credential(NamedTuple):
    """What looks like a credential: by which rule, and the text itself."""

    rule: str
    text: str


_SET = r"""["']?\s{0,4}(?:[:=]|=>|:=)\s{0,4}["']?"""
#: rule, literals of which one must be there (in lower case), pattern.
_FORMS: tuple[tuple[str, str, str], ...] = (
    ("private-key", "-----begin", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\w+/=:\s,\\-]{40,64}"),
    ("aws-key", "akia asia abia acca", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    ("aws-secret", "secretaccesskey secret_access_key aws_secret", rf"(?i)aws.{{0,20}}?key{_SET}([a-z0-9/+]{{40}})\b"),
    ("google-key", "aiza", r"\bAIza[\w-]{35}(?![\w-])"),
    ("google-oauth", "gocspx ya29.", r"\b(?:GOCSPX-[\w-]{28}|ya29\.[\w-]{30,})"),
    ("azure-key", "accountkey sharedaccesskey", r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}"),
    ("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", r"\bdo[por]_v1_[0-9a-f]{64}\b"),
    ("hugging-face-token", "hf_ api_org_", r"\b(?:hf|api_org)_[A-Za-z]{34,40}\b"),
    ("wandb-key", "wandb_v1_", r"\bwandb_v1_\w{40,}"),
    ("wandb-key", "wandb", r"(?i)\b(?:wandb|weights.?and.?biases)\b.{0,30}?[\s:=\"']([0-9a-f]{40})\b"),
    ("wandb-key", "wandb_api_key", rf"(?i)WANDB_API_KEY{_SET}([0-9a-f]{{40}})\b"),
    ("openai-key", "t3blbkfj", r"\bsk-[\w-]{10,}T3BlbkFJ[\w-]{20,}"),
    ("openai-key", "sk-proj- sk-svcacct- sk-admin-", r"\bsk-(?:proj|svcacct|admin)-[\w-]{40,}"),
    ("anthropic-key", "sk-ant-", r"\bsk-ant-[a-z0-9]{2,12}-[\w-]{40,}"),
    ("openrouter-key", "sk-or-v1-", r"\bsk-or-v1-[0-9a-f]{64}\b"),
    ("groq-key", "gsk_", r"\bgsk_[A-Za-z0-9]{48,}\b"),
    ("xai-key", "xai-", r"\bxai-[A-Za-z0-9]{60,}\b"),
    ("perplexity-key", "pplx-", r"\bpplx-[A-Za-z0-9]{40,}\b"),
    ("replicate-token", "r8_", r"\br8_[A-Za-z0-9]{37}\b"),
    ("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    ("github-token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
    ("gitlab-token", "glpat- gldt- glrt-", r"\bgl(?:pat|dt|rt)-[\w-]{20,}"),
    ("pypi-token", "pypi-ageichlwas5vcmc", r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}"),
    ("npm-token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("docker-token", "dckr_pat_", r"\bdckr_pat_[\w-]{27,}"),
    ("slack-token", "xox", r"\bxox[abeoprs]-(?:\d+-)?[A-Za-z0-9-]{20,}"),
    ("slack-webhook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/[\w/+]{40,}"),
    ("discord-webhook", "/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}"),
    ("telegram-token", ":aa", r"\b\d{8,10}:AA[\w-]{33}(?![\w-])"),
    ("sendgrid-key", "sg.", r"\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
    ("stripe-key", "_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,}\b"),
    ("vault-token", "hvs. hvb.", r"\bhv[sb]\.[\w-]{60,}"),
    ("doppler-token", "dp.", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9.]{40,}"),
    ("age-key", "age-secret-key-", r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b"),
    ("json-web-token", "eyj", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"),
    ("password-in-address", "://", r"://[^\s/:@<>\"']{1,64}:([^\s/:@<>\"'${}]{6,64})@[\w.-]+"),
    ("bearer-token", "bearer", r"(?i)\bbearer\s+((?-i:[A-Za-z0-9_.~+/-]{24,}=*))"),
)  # fmt: skip
#: What is set to something, and a name before it that says what it is.
_VALUE = re.compile(r"""[:=]>? {0,4}["']?([A-Za-z0-9_+/=.-]{20,})""")
_VALUE_BEHIND = re.compile(rf"""[: "']{{0,8}}{_VALUE.pattern}""")
_NAME = re.compile(
    r'(?i)(?:(?:api|access|secret|private|auth)[_-]?key|(?<!citation)[_-]key|[_-]token|apitoken|secret|["\s{]key)$'
)
_PASSWORD = re.compile(rf"(?i)(?<![a-z])\w{{0,30}}(?:password|passwd|passphrase){_SET}([^\s\"'<>,;`]{{8,64}})")
_RULES = tuple((rule, tuple(literals.split(" ")), form) for rule, literals, form in _FORMS)
#: Every literal: a text without any of them holds no credential that has a form.
LITERALS = tuple(literal for _, some, _ in _RULES for literal in some)
#: Letters before and behind a literal that are looked through.
_BEFORE, _BEHIND = 200, 4000
_MADE_UP = re.compile(
    r"(?i)example|xxx|123456|abcdef|your[_-]|placeholder|changeme|redacted|\*\*\*|\.\.\.|…|<|\$\{|\{\{"
)
#: Changes with every rule.
RULES = repr((_FORMS, *(pattern.pattern for pattern in (_VALUE, _NAME, _PASSWORD, _MADE_UP))))


def credentials(text: str, likely: Collection[str] | None = None) -> Iterator[Credential]:
    """What in a text looks like a credential and not like an example of one.

    `likely` are those of `LITERALS` that may be in the text in lower case, for who knows a quicker way to tell.
    """
    low = text.lower()
    if likely is None:
        likely = {literal for literal in LITERALS if literal in low}
    for rule, literals, form in _RULES:
        present = [literal for literal in literals if literal in likely]
        for part in _around(text, low, present) if present else ():
            pattern = _compiled(form)
            for found in pattern.finditer(part):
                value = found[pattern.groups and 1]
                if _is_random(value, 2.5 if pattern.groups else 3.0):
                    yield Credential(rule, value)
    for name, value in _values(text, low):
        if _NAME.search(name) and _has_both(value) and _is_random(value, 3.3):
            yield Credential("key-by-its-name", value)
    for part in _around(text, low, ("passw", "passphrase")):
        for password in _PASSWORD.finditer(part):
            if _has_both(password[1]) and _is_random(password[1], 2.5) and "(" not in password[1]:
                yield Credential("password-by-its-name", password[1])


@cache
def _compiled(form: str) -> re.Pattern[str]:
    """The pattern of a rule; compiling all of them takes longer than most texts."""
    return re.compile(form)


def _around(text: str, low: str, literals: Sequence[str]) -> Iterator[str]:
    """The parts of a text around the places where a literal is, or all of it where these are many."""
    few = len(text) // (4 * _BEHIND)
    places = [place for literal in literals for place in islice(_places(low, literal), few + 1)]
    if len(places) > few or len(low) != len(text):
        if places:
            yield text
        return
    end = 0
    for place in sorted(places):
        if place + _BEHIND // 2 > end:  # else the part before has it
            yield text[max(0, place - _BEFORE) : (end := place + _BEHIND)]


def _places(low: str, literal: str) -> Iterator[int]:
    place = low.find(literal)
    while place >= 0:
        yield place
        place = low.find(literal, place + 1)


def _values(text: str, low: str) -> Iterator[tuple[str, str]]:
    """(name, value): what is set to something long, and the end of the name before it."""
    if len(low) != len(text):  # a letter has become two
        for found in _VALUE.finditer(text):
            yield text[max(0, found.start() - 24) : found.start()].rstrip(": \"'"), found[1]
        return
    for word in ("key", "token", "secret"):
        end = low.find(word) + len(word)
        while end >= len(word):
            if behind := _VALUE_BEHIND.match(text, end):
                yield text[max(0, end - 24) : end], behind[1]
            end = low.find(word, end) + len(word)


def _is_random(text: str, bits: float) -> bool:
    """Whether a text has at least so many bits of entropy a character, and no word that examples have."""
    if _MADE_UP.search(text):
        return False
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts) >= bits


def _has_both(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))
