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
        (["curl", "-uada:pw", "-su", "ada:pw", "h"], ["curl", "-uada:***", "-su", "ada:***", "h"]),
        (["mysql", "-u", "root", "-pPw1", "db"], ["mysql", "-u", "root", "-p***", "db"]),
        (["/usr/bin/mysqldump", "-pPw1", "db"], ["/usr/bin/mysqldump", "-p***", "db"]),
        (["docker", "exec", "db", "mysql", "-uroot", "-pPw1"], ["docker", "exec", "db", "mysql", "-uroot", "-p***"]),
        (["sh", "-c", "mysqldump db -pPw1 > x.sql"], ["sh", "-c", "mysqldump db -p*** > x.sql"]),
        (["sh", "-c", "mysql -p'a b' db; mkdir -p x"], ["sh", "-c", "mysql -p*** db; mkdir -p x"]),
        (["sshpass", "-p", "Pw1", "ssh", "-p", "22", "h"], ["sshpass", "-p", "***", "ssh", "-p", "22", "h"]),
        (["sshpass", "-v", "-pPw1", "ssh", "-p22", "h"], ["sshpass", "-v", "-p***", "ssh", "-p22", "h"]),
        (["sh", "-c", "sshpass -p Pw1 ssh -p 22 h"], ["sh", "-c", "sshpass -p *** ssh -p 22 h"]),
        (["git", "clone", "https://ghp_xxx@host/r"], ["git", "clone", "https://***@host/r"]),
        (["https://abc:x-oauth-basic@host/r"], ["https://***:***@host/r"]),
        ([f"https://{LETTERS}@host/r"], ["https://***@host/r"]),
        (["env", "PGPASSWORD=abc", "SSHPASS=abc", "psql"], ["env", "PGPASSWORD=***", "SSHPASS=***", "psql"]),
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


@pytest.mark.parametrize(
    "words",
    [
        ["mkdir", "-p", "path"],
        ["mkdir", "-ppath"],
        ["python", "-p"],
        ["carrel", "predict", "-p", "0.7"],
        ["ssh", "-p", "22", "host"],
        ["sshpass", "-e", "ssh", "-p", "22", "host"],
        ["mysql", "-p", "db"],
        ["mysql", "-P", "3306", "--protocol=tcp"],
        ["docker", "run", "--name", "mysql", "-p3306:3306", "mysql:8"],
        ["sh", "-c", "docker run --name mysql -p3306:3306 mysql; mkdir -p x; ssh -p 22 h"],
        ["sh", "-c", "mysql -p db; sshpass -p $PW ssh h; curl -u $LOGIN h; curl -H 'Accept: a' -u ada h"],
        ["python", "mysql_table.py", "-p5"],
        ["curl", "-o", "x", "-p", "https://host:8080/a@b"],
        ["git", "clone", "ssh://git@host:22/r", "https://ada@host/r", "https://a-rather-long-user-name@host/r"],
    ],
)
def test_what_only_looks_like_a_secret_stays(words: list[str]) -> None:
    assert masked_words(words) == (tuple(words), frozenset())
    assert masked(" ".join(words)) == " ".join(words)


def test_what_a_program_was_given_is_masked_in_output_and_patches_too() -> None:
    text = (
        "+ mysql -uroot -pPw1 db\n+ mkdir -p Pw1\n+sshpass -p Pw2 ssh -p 22 h\n-curl -s -u 'ada:Pw3' h\n"
        "> Authorization: Basic YWRhOlB3Mw\nurl = https://glpat-xx@host/r\n'Authorization': 'token Pw4567890'\n"
    )
    assert masked(text) == (
        "+ mysql -uroot -p*** db\n+ mkdir -p Pw1\n+sshpass -p *** ssh -p 22 h\n-curl -s -u 'ada:***' h\n"
        "> Authorization: Basic ***\nurl = https://***@host/r\n'Authorization': 'token ***'\n"
    )
    assert masked(masked(text)) == masked(text)


def test_a_secret_of_the_command_line_is_masked_wherever_it_is_repeated_there_and_elsewhere() -> None:
    found = masked_words(["curl", f"--token={LETTERS}", f"https://host/?t={LETTERS}"])
    assert found.words == ("curl", "--token=***", "https://host/?t=***")
    assert masked(f"sent {LETTERS}.", found.secrets) == "sent ***."


def test_passwords_of_several_words_and_tokens_that_no_name_tells_are_masked() -> None:
    words = "correct horse" + " battery"
    for text in (f'password: "{words}"', f"DB_PASSWORD='{words}'", f'{{"passphrase": "{words}", "lr": "3"}}'):
        assert masked(text) == text.replace(words, "***")
    assert masked(f'+Passwd = "it\'s {words}"') == '+Passwd = "***"'
    inner = f'echo {{\\"password\\": \\"{words}\\"}}'
    assert masked(inner) == inner.replace(words, "***")
    found = masked_words(["sh", "-c", f'echo password: \\"{words}\\"', words])
    assert words not in " ".join(found.words)
    assert found.secrets == {words}
    for token in ("sk-" + LETTERS + "1234", "hf_" + LETTERS + "ab"):
        assert masked(f'k = "{token}"; print({token})') == 'k = "***"; print(***)'
    for text in ('password: "short"', 'password = "${DB PASSWORD}"', "risk-averse sk-learn task-" + "a1" * 20):
        assert masked(text) == text


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
