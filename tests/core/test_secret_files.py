"""Files that hold secrets are known by their names, and scripts and data about such things are not taken for them."""

from __future__ import annotations

import pytest

from carrel.core.secret_files import is_secret_file


@pytest.mark.parametrize(
    "name",
    [
        ".env", "prod.env", "prod.env.bak", "Prod.ENV", "passwords.txt", "db.password", "password_probe.csv",
        "tokens.json", "hf_token", "hub.tokens", "api_keys.json", "openai_key.txt", "server.key", "id_rsa",
        "client_secret_1.json", "prod-secrets.yaml", "credentials", "id_ed25519_sk", "lab_id_ecdsa.pub", "secrets.toml",
        "api_key.py", "passwords.sql",
    ],
)  # fmt: skip
def test_a_file_with_a_secret(name: str) -> None:
    assert is_secret_file(name)


@pytest.mark.parametrize(
    "name",
    [
        "tokenizer.py", "train_tokens.py", "keyboard.py", "key_value_cache.py", "password_probe.py", "rotate_keys.sh",
        "passwords.ipynb", "keys.R", "keyboard.json", "tokenizer.json", "added_tokens.json", "max_tokens.yaml",
        "environment.yml", "env.yaml", "monkeys.txt", "train.py", "Makefile", "id_map.csv", "passage.txt", "keynote.md",
    ],
)  # fmt: skip
def test_a_file_without_one(name: str) -> None:
    assert not is_secret_file(name)
