"""What opens a door stays out of what a run leaves. No secret stands in this file: they are put together."""

from __future__ import annotations

import pytest

from carrel.core.masking import masked, masked_words, secrets_of

LETTERS = "aZ3kQ9xW7bT5mN1rL8vY2cF6hJ4dG0sP"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--api-key", "abc"], ["--api-key", "***"]),
        (["--api_key=abc"], ["--api_key=***"]),
        (["-e", "WANDB_API_KEY=abc"], ["-e", "WANDB_API_KEY=***"]),
        (["env", "HF_TOKEN=abc", "train"], ["env", "HF_TOKEN=***", "train"]),
        (["wandb.api_key=abc"], ["wandb.api_key=***"]),
        (["-H", "Authorization: Bearer abc"], ["-H", "Authorization: ***"]),
        (["bash", "-c", "cd x && API_KEY=abc LR=3 train"], ["bash", "-c", "cd x && API_KEY=*** LR=3 train"]),
        (["bash", "-c", "export API_KEY=abc; train"], ["bash", "-c", "export API_KEY=***; train"]),
        (["bash", "-c", "train --api-key 'a b' --lr 3"], ["bash", "-c", "train --api-key *** --lr 3"]),
        (["bash", "-c", "train --api-key $KEY --token"], ["bash", "-c", "train --api-key $KEY --token"]),
        (["sh", "-c", 'curl -H "Authorization: Bearer abc" x'], ["sh", "-c", 'curl -H "Authorization: Bearer ***" x']),
        (["https://host/?a=1&token=abc&b=2"], ["https://host/?a=1&token=***&b=2"]),
        (["curl", "-H", "X-Auth-Token: abc"], ["curl", "-H", "X-Auth-Token: ***"]),
        (["/usr/bin/curl", "-u", "ada:pw", "host"], ["/usr/bin/curl", "-u", "ada:***", "host"]),
        (["curl", "--user=ada:pw", "host"], ["curl", "--user=ada:***", "host"]),
        (["sh", "-c", "curl -s -u ada:pw host"], ["sh", "-c", "curl -s -u ada:*** host"]),
        (["docker", "run", "-u", "ada:staff"], ["docker", "run", "-u", "ada:staff"]),
        (["psql", "postgres://ada:pw@host/db"], ["psql", "postgres://ada:***@host/db"]),
        (["--password", "--verbose"], ["--password", "--verbose"]),
        (["--password="], ["--password="]),
        (["--pad-token", "<pad>", "--max-tokens=512"], ["--pad-token", "<pad>", "--max-tokens=512"]),
        (["--key", "loss", "monkey=3"], ["--key", "loss", "monkey=3"]),
        ([f"hf_{LETTERS.translate({ord(c): 'q' for c in '0123456789'})}Xy"], ["***"]),
    ],
)
def test_a_secret_on_the_command_line_is_masked_by_its_name_or_its_form(words: list[str], shown: list[str]) -> None:
    assert list(masked_words(words).words) == shown


def test_a_secret_of_the_command_line_is_masked_wherever_it_is_repeated_there_and_elsewhere() -> None:
    found = masked_words(["curl", f"--token={LETTERS}", f"https://host/?t={LETTERS}"])
    assert found.words == ("curl", "--token=***", "https://host/?t=***")
    assert masked(f"sent {LETTERS}.", found.secrets) == "sent ***."


def test_short_secrets_are_masked_where_they_stand_only() -> None:
    assert masked_words(["--password", "abc", "abcdef"]) == (("--password", "***", "abcdef"), frozenset())


def test_what_the_environment_keeps_under_a_telling_name_is_a_secret() -> None:
    environment = {
        "WANDB_API_KEY": LETTERS, "DB_PASSWORD": "correct horse", "TOKENIZERS_PARALLELISM": "false-false",
        "MAX_TOKEN": "12345678", "SSH_TOKEN": "/run/user/1000/x", "HOME": "/home/ada", "MY_SECRET": "short",
        "SMTP_PASS": "battery staple",
    }  # fmt: skip
    assert secrets_of(environment) == {LETTERS, "correct horse", "battery staple"}


def test_a_private_key_is_masked_whole_also_when_its_end_is_missing() -> None:
    begin, end = "-----BEGIN " + "PRIVATE KEY-----", "-----END " + "PRIVATE KEY-----"
    key = f"{begin}\n{LETTERS}\n{LETTERS[::-1]}\n{end}"
    assert masked(f"a\n{key}\nb\n{key}\nc") == f"a\n{begin}***{end}\nb\n{begin}***{end}\nc"
    assert masked(f"a\n{begin}\n{LETTERS}") == f"a\n{begin}***"


def test_text_without_secrets_stays_as_it_is() -> None:
    text = "step 900 loss 0.31 key: value token_count=12 sha256:" + "0f" * 32
    assert masked(text) == text
