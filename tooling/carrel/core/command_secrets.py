"""Secrets that a program is given in a way of its own, and that no name tells: `mysql -p…`, `sshpass -p …`, `curl -u`;
and some of which a form or quotes tell where they end.

In the words of a command they are known by the program that the word is for, in a text by what stands before them.
"""

from __future__ import annotations

import re

#: What is set to something, in a shell; what stands for a value, as $API_KEY, is none.
VALUE = r"""("(?!\$)[^"]{1,500}+"|'(?!\$)[^']{1,500}+'|[^\s"'`$&;|<>()-][^\s"'`&;|<>()]{0,500}+)"""

_LOGIN = re.compile(r"-[A-Za-z]{0,9}u|--user|--proxy-user")
_LOGIN_IN_WORD = re.compile(r"-u|--user=|--proxy-user=")
_PROGRAM = re.compile(r"(curl)|(sshpass)|(?:mysql|mariadb)[\w-]{0,40}+")
_PORTS = re.compile(r"[\d.]{1,40}+:[\d:]{1,40}+")  # docker run --name mysql -p3306:3306
# Where a word begins; in a patch, behind the hyphen of a line that is gone.
_WORD = r"(?<!\w)(?<![\w-]-)"
_BLANK = r"[^\S\n]"
_MYSQL = rf"{_WORD}(?:mysql|mariadb)[\w-]{{0,40}}+(?={_BLANK})[^\n;|&]{{0,300}}?{_BLANK}-p(?![\d.]{{1,40}}+:\d){VALUE}"
_SSHPASS = rf"{_WORD}sshpass{_BLANK}{{1,9}}+(?:-[vVh]{{1,3}}+{_BLANK}{{1,9}}+)?-p{_BLANK}{{0,9}}+{VALUE}"
_CURL = (
    rf"{_WORD}curl(?={_BLANK})[^\n;|&]{{0,300}}?{_BLANK}(?:-[A-Za-z]{{0,9}}?u|--user|--proxy-user)"
    rf"""(?:=|{_BLANK}{{0,9}}+)["']?[^\s:"'-][^\s:"']{{0,200}}+:(?!\$)([^\s"']{{1,200}}+)"""
)
_AUTHORIZATION = (
    rf"(?i){_WORD}(?:proxy-)?authorization[\"']?: {{0,4}}+[\"']?(?:basic|bearer|token|apikey) {{1,4}}+"
    r"([\w.~+/=:-]{8,500}+)"
)
# A token where the name of a user stands: it says what it is, or it is long and has digits.
_TOKEN_AS_USER = (
    r"https?://((?:gh[a-z]_|github_pat_|glpat-|hf_)[\w-]{1,200}+|[^\s/:@$]{1,200}+(?=:x-oauth-basic@)"
    r"|(?=[A-Za-z_-]{0,200}+\d)(?=[\d_-]{0,200}+[A-Za-z])[\w-]{20,200}+)(?=(?::[^\s/@]{0,200}+)?@)"
)
# A password of several words, which only its quotes hold together.
_OF_WORDS = (
    r"(?i)(?:password|passwd|passphrase)\\{0,3}+[\"']?[ \t]{0,4}+(?:=>|[:=])[ \t]{0,4}+\\{0,3}+"
    r"(?:\"(?=[^\"\n]{8})(?=[^\" \n]{1,99}+ )|'(?=[^'\n]{8})(?=[^' \n]{1,99}+ ))(?![$<{])"
    r"((?<=\")(?:[^\"\\\n]|\\(?!\\{0,3}+\")){1,200}+(?=\\{0,3}+\")|(?<=')(?:[^'\\\n]|\\(?!\\{0,3}+')){1,200}+(?=\\{0,3}+'))"
)
# Tokens that their first letters tell, in forms that are too common for a site to be kept back for.
_BY_PREFIX = r"(?<![\w-])((?:sk-|hf_)(?=[A-Za-z]{0,99}+\d)(?=\d{0,99}+[A-Za-z])[A-Za-z0-9]{30,100}+)(?![\w-])"
#: By words of which one must be there: patterns whose only group is the secret.
_FORMS = (
    (("mysql", "mariadb"), _MYSQL),
    (("sshpass",), _SSHPASS),
    (("curl",), _CURL),
    (("uthorization", "UTHORIZATION"), _AUTHORIZATION),
    (("http",), _TOKEN_AS_USER),
    (("assword", "asswd", "assphrase", "PASS"), _OF_WORDS),
    (("sk-", "hf_"), _BY_PREFIX),
)


class Programs:
    """Reads the words of a command in their order."""

    def __init__(self) -> None:
        self._program = self._before = ""

    def secret_at(self, word: str) -> int:
        """Where in the next word a secret begins; its length, if in none."""
        before, self._before = self._before, word
        place = len(word)
        if self._program == "curl":
            if _LOGIN.fullmatch(before) or _LOGIN_IN_WORD.match(word):
                place = word.find(":") + 1 or place
        elif self._program == "sshpass" and before == "-p":
            place = 0
        elif self._program and word[:2] == "-p" and not _PORTS.fullmatch(word[2:]):
            place = 2
        if self._program == "sshpass" and (place < len(word) or word[:1] != "-"):
            self._program = ""  # the words that follow are another program's
        if found := _PROGRAM.fullmatch(word.rpartition("/")[2]):
            self._program = found[1] or found[2] or "mysql"
        return place


def secrets_in(text: str) -> list[tuple[int, int]]:
    """Where in a text such secrets are, in their order; none lies within another."""
    patterns = (pattern for words, pattern in _FORMS if any(word in text for word in words))
    found = sorted(secret.span(1) for pattern in patterns for secret in re.finditer(pattern, text))
    return [span for number, span in enumerate(found) if not number or span[0] >= found[number - 1][1]]
