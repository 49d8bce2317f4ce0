"""The door to the network. It knows HTTP and patience; what an answer means is for its caller.

`http_transport` connects, `http_guard` says to where, `http_cache` keeps answers; nothing else uses them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlencode, urljoin, urlunsplit

from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata.http_cache import Answer, Cache
from carrel.metadata.http_transport import Transport, not_an_address, split_address

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    import urllib3

USER_AGENT = "carrel (research log and reading notes)"
#: Seconds. A source may ask for a longer wait (Retry-After); a person at a terminal is not kept longer than this.
MAX_WAIT = 30.0
#: Seconds for which an answer is as good as a new one.
FRESH = 7 * 86_400.0
#: Bytes of a PDF and of a web page, and the seconds that either may take.
MAX_PDF = 50 * 1024 * 1024
MAX_PAGE = 5 * 1024 * 1024
PDF_SECONDS = 300.0
MAX_REDIRECTS = 3
_LATER = "check the network, or try again later"
_MOVED = frozenset((301, 302, 303, 307, 308))
# Readers of PDF find the header anywhere in the first 1024 bytes (Adobe's implementation notes to PDF 1.7, H.3).
_PDF_HEAD = 1024


@dataclass(frozen=True, slots=True)
class _Terms:
    """Under which terms something is fetched.

    `seconds` is for one whole answer. `public`: only from the public internet. `pdf`: `max_bytes` is for a PDF, and
    anything else may have `page_bytes`, or is refused if that is 0.
    """

    accept: str
    max_bytes: int
    seconds: float
    agent: str
    every: float = 0.0
    public: bool = False
    pdf: bool = False
    page_bytes: int = 0


class Client:
    """One polite HTTP client, for all sources of one command.

    `timeout` is in seconds, for connecting and for each read; a whole answer may take three times as long.
    Connection errors, 429 and 5xx are tried `retries` more times, after 1, 2, 4 … seconds or what Retry-After says.
    Redirects are followed up to three times, never from https to http, and to another host only if that is on the
    public internet. `mail` is told to the host that was asked, and to no other.

    With a folder as `cache`, answers are kept there for a week; `refresh` asks anyway, and `offline` never asks: then
    the answer may be older. `private_addresses` lets documents come from this machine and its network, and over http.

    Proxies are taken from the environment, as curl does; this machine itself is always reached directly.
    """

    def __init__(
        self,
        *,
        user_agent: str = USER_AGENT,
        mail: str = "",
        timeout: float = 10.0,
        retries: int = 3,
        sleep: Callable[[float], None] = time.sleep,
        cache: Path | None = None,
        offline: bool = False,
        refresh: bool = False,
        private_addresses: bool = False,
    ) -> None:
        self._user_agent = user_agent
        self._mail = mail
        self._timeout = timeout
        self._retries = retries
        self._sleep = sleep
        self._cache = None if cache is None else Cache(cache)
        self._offline = offline
        self._refresh = refresh and not offline
        self._private = private_addresses
        self._transport = Transport(timeout)
        self._last: dict[str, float] = {}

    def get(
        self,
        url: str,
        query: Mapping[str, str] | None = None,
        *,
        accept: str = "*/*",
        statuses: Collection[int] = (200,),
        max_bytes: int = 5 * 1024 * 1024,
        every: float = 0.0,
        check: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Fetch `url` and return its answer if its status is one of `statuses`.

        `check` raises SourceInvalid for a body that is not what was asked for, such as the page of a hotel's network:
        that is not kept.

        Its host is asked at most once in `every` seconds, by all of this user's processes together.
        Raises SourceUnreachable when there is no answer, or only a busy one, after all retries, and
        SourceInvalid for any other status, an answer of more than `max_bytes`, or an address that is none.
        """
        full = f"{url}?{urlencode(query)}" if query else url
        host = split_address(full).hostname
        if self._cache and not self._refresh:
            kept = self._cache.find(full, accept, float("inf") if self._offline else FRESH)
            if kept and len(kept.body) <= max_bytes:
                return kept
        if self._offline:
            raise SourceUnreachable(f"offline: no answer of {host} is kept for {full}", "ask again without --offline")
        agent = f"{self._user_agent} mailto:{self._mail}" if self._mail else self._user_agent
        answer = self._asked(full, _Terms(accept, max_bytes, 3 * self._timeout, agent, every), statuses)
        if check and answer.status == 200:
            check(answer.body)
        if self._cache and answer.status == 200:
            self._cache.keep(full, accept, answer)
        return answer

    def download(self, url: str, *, max_bytes: int = MAX_PDF) -> Answer:
        """Fetch a PDF: over https, from the public internet, at most three redirects away, and nothing but a PDF.

        Raises SourceInvalid, which says what of this is not so, and SourceUnreachable when there is no answer.
        """
        return self._visited(url, "application/pdf,*/*;q=0.5", max_bytes, 0)

    def visit(self, url: str, *, max_bytes: int = MAX_PDF, page_bytes: int = MAX_PAGE) -> Answer:
        """Fetch a PDF or a web page that somebody named, as carefully as `download` does. Raises as it does."""
        return self._visited(url, "application/pdf,text/html;q=0.9,*/*;q=0.5", max_bytes, page_bytes)

    def _visited(self, url: str, accept: str, max_bytes: int, page_bytes: int) -> Answer:
        split_address(url)
        if self._offline:
            raise SourceUnreachable(f"offline: {url} was not fetched", "ask again without --offline")
        terms = _Terms(
            accept,
            max_bytes,
            PDF_SECONDS,
            self._user_agent,
            public=not self._private,
            pdf=True,
            page_bytes=page_bytes,
        )
        return self._asked(url, terms, (200,))

    def _asked(self, url: str, terms: _Terms, statuses: Collection[int]) -> Answer:
        for attempt in range(self._retries + 1):
            wait = float(2**attempt)
            try:
                answer, retry_after = self._followed(url, terms)
            except SourceUnreachable as error:
                # Without a network each try fails at once, and a person waits for the tries alone: two are enough.
                if attempt == self._retries or (attempt and _no_connection(error)):
                    raise
                self._sleep(wait)
                continue
            if answer.status in statuses:
                return answer
            host = split_address(answer.url).hostname
            if answer.status != 429 and answer.status < 500:
                raise SourceInvalid(f"{host} answered {answer.status} to {answer.url}", "check what you asked for")
            if attempt < self._retries:
                self._sleep(min(wait if retry_after is None else retry_after, MAX_WAIT))
        tries = f"{self._retries + 1} tries" if self._retries else "one try"
        raise SourceUnreachable(f"{host} is busy: it answered {answer.status} after {tries}", _LATER)

    def _followed(self, url: str, terms: _Terms) -> tuple[Answer, float | None]:
        """The answer at the end of the redirects, and the seconds that it asks to wait, if it does."""
        first = split_address(url)
        for _ in range(MAX_REDIRECTS + 1):
            parts = split_address(url)
            if terms.public and parts.scheme != "https":
                raise SourceInvalid(f"{url} is not an https address; nothing was fetched", "look for one with https://")
            here = terms
            if parts.hostname != first.hostname:
                here = replace(terms, public=not self._private, agent=self._user_agent)
            self._pace(parts.hostname or "", terms.every)
            answer, headers = self._once(parts, here, time.monotonic() + terms.seconds)
            target = headers.get("location", "")
            if answer.status not in _MOVED or not target:
                return answer, _seconds(headers.get("retry-after", ""))
            url = urljoin(url, target)
            if parts.scheme == "https" and split_address(url).scheme != "https":
                raise SourceInvalid(f"{parts.hostname} redirects from https to {url}; that was not followed")
        raise SourceInvalid(f"{first.hostname}: too many redirects, the last one to {url}")

    def _once(self, parts: SplitResult, terms: _Terms, deadline: float) -> tuple[Answer, dict[str, str]]:
        from urllib3.exceptions import HTTPError, LocationParseError

        host, url = parts.hostname, urlunsplit(parts)
        headers = {"User-Agent": terms.agent, "Accept": terms.accept, "Accept-Encoding": "gzip"}
        try:
            response = self._transport.open(parts, headers, public=terms.public)
            try:
                body = _body(response, url, terms, deadline)
            finally:
                # Not back to the pool: what was not read of an answer must not be the beginning of the next one.
                response.close()
        except LocationParseError as error:
            raise not_an_address(url) from error
        except HTTPError as error:
            raise SourceUnreachable(f"{host} cannot be reached: {_reason(error)}", _LATER) from error
        said = {name.lower(): value for name, value in response.headers.items()}
        return Answer(url, response.status, said.get("content-type", ""), body), said

    def _pace(self, host: str, every: float) -> None:
        """Wait until `every` seconds have passed since `host` was last asked, by this process or another one."""
        if not every:
            return
        if self._cache:
            try:
                with self._cache.turn(host) as left:
                    if wait := left(every):
                        self._sleep(wait)
                return
            except OSError:
                pass  # a folder that cannot be written: then this process keeps the pace for itself
        last = self._last.get(host)
        if last is not None and (rest := last + every - time.monotonic()) > 0:
            self._sleep(rest)
        self._last[host] = time.monotonic()


def _body(response: urllib3.BaseHTTPResponse, url: str, terms: _Terms, deadline: float) -> bytes:
    """All of an answer's body, as long as the terms are kept."""
    host = split_address(url).hostname
    body = bytearray()
    limit = terms.max_bytes
    looked = not terms.pdf or response.status != 200
    more = True
    while more:
        chunk = response.read1(64 * 1024, decode_content=True)
        more = bool(chunk)
        body += chunk
        if not looked and (len(body) >= _PDF_HEAD or not more):
            looked = True
            limit = limit if b"%PDF-" in body[:_PDF_HEAD] else terms.page_bytes
            if not limit:
                raise _no_pdf(bytes(body[:_PDF_HEAD]), url)
        if len(body) > limit:
            raise SourceInvalid(f"{host} sent more than {limit:,} bytes for {url}")
        if more and time.monotonic() > deadline:
            raise SourceUnreachable(f"{host} is too slow: no full answer in {terms.seconds:g} s", _LATER)
    return bytes(body)


def _no_pdf(head: bytes, url: str) -> SourceInvalid:
    what = "an HTML page" if b"<html" in head.lower() or b"<!doctype html" in head.lower() else "something else"
    hint = "open the address in a browser, save the PDF, and add the file"
    return SourceInvalid(f"{split_address(url).hostname} sent {what} where a PDF was due: {url}", hint)


def _no_connection(error: SourceUnreachable) -> bool:
    """Whether not even a connection was made: the name is not known, or nobody answers there."""
    from urllib3.exceptions import NewConnectionError

    return isinstance(error.__cause__, NewConnectionError)


def _seconds(retry_after: str) -> float | None:
    """What a Retry-After header asks for: seconds, or the time until an HTTP date (RFC 9110, section 10.2.3).

    >>> _seconds("120"), _seconds("Fri, 31 Dec 1999 23:59:59 GMT"), _seconds("soon"), _seconds("")
    (120.0, 0.0, None, None)
    """
    if not retry_after or retry_after.strip().isdecimal():
        return float(retry_after) if retry_after else None
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _reason(error: Exception) -> str:
    """The library's message without the object it names first, on one line."""
    if "IncompleteRead" in str(error):
        return "its answer breaks off"
    reason = getattr(error, "reason", None) or error
    text = " ".join(str(reason).split())
    return text.partition(": ")[2] if text.startswith("<") else text.rpartition(": ")[2] or type(error).__name__
