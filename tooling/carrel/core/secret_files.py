"""Files that hold secrets, by their names: `.env`, `prod.env`, `db.password`, `api_keys.json`, `id_rsa`."""

from __future__ import annotations

import re

from carrel.core.masking import is_secret_name

# The end of the name of a program: it is about passwords rather than holds them, and what it holds is masked.
_PROGRAM = re.compile(
    r"\.(?:bash|c|cc|cpp|cu|go|h|hpp|ipynb|java|jl|js|lua|m|pl|py|qmd|r|rb|rmd|rs|sbatch|scala|sh|slurm|ts|zsh)$"
)
# A word anywhere in the name of a file with data.
_WORD = re.compile(r"(?<![a-z0-9])(?:pass(?:word|phrase)s?|passwd|secrets?|credentials?)(?![a-z0-9])")
# The end of one of the parts between dots.
_PART = re.compile(r"(?<![a-z0-9])(?:keys?|id_(?:rsa|ed25519|ecdsa|dsa)(?:_sk)?)$")


def is_secret_file(name: str) -> bool:
    """Whether a file of that name, without its folder, is one that holds a secret. A program is judged by its whole
    name, and a hidden file always is one.

    >>> names = (".env", "prod.env", "passwords.txt", "db.password", "tokens.json", "api_keys.json", "id_rsa")
    >>> [is_secret_file(name) for name in names]
    [True, True, True, True, True, True, True]
    >>> names = ("tokenizer.py", "password_probe.py", "keyboard.json", "added_tokens.json", "environment.yml")
    >>> [is_secret_file(name) for name in names]
    [False, False, False, False, False]
    """
    first, *others = name.split(".")
    if not first or is_secret_name(first):
        return True
    if _PROGRAM.search(name.lower()):
        return False
    return (
        "env" in map(str.lower, others)
        or _WORD.search(name.lower()) is not None
        or any(_is_secret_part(part.lower()) for part in (first, *others))
    )


def _is_secret_part(part: str) -> bool:
    return _PART.search(part) is not None or is_secret_name(part.removesuffix("s"))
