"""The only code that talks to the network. It knows HTTP and patience; what an answer means is for its caller."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

from carrel.errors import SourceInvalid, SourceUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import urllib3

USER_AGENT = "carrel (research log and reading notes)"
#: Seconds. A source may ask for a longer wait (Retry-After); a person at a terminal is not kept longer than this.
MAX_WAIT = 30.0
_OFFLINE = "check the network, or try again later"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered. `url` is where the answer came from, after redirects."""

    url: str
    status: int
    content_type: str
    body: bytes


class Client:
    """One polite HTTP client, for all sources of one command.

    `timeout` is in seconds, for connecting and for each read; a whole answer may take three times as long.
    Connection errors, 429 and 5xx are tried `retries` more times, after 1, 2, 4 … seconds or what Retry-After says.
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
    ) -> None:
        self._user_agent = f"{user_agent} mailto:{mail}" if mail else user_agent
        self._timeout = timeout
        self._retries = retries
        self._sleep = sleep
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._last: dict[str, float] = {}

    def get(
        self,
        url: str,
        query: Mapping[str, str] | None = None,
        *,
        accept: str = "*/*",
        statuses: Collection[int] = (200,),
        max_bytes: int = 5 * 1024 * 1024,
    ) -> Answer:
        """Fetch `url` and return its answer if its status is one of `statuses`.

        Raises SourceUnreachable when there is no answer, or only a busy one, after all retries, and
        SourceInvalid for any other status, an answer of more than `max_bytes`, or an address that is none.
        """
        host = _host(url)
        full = f"{url}?{urlencode(query)}" if query else url
        for attempt in range(self._retries + 1):
            wait = float(2**attempt)
            try:
                answer, retry_after = self._once(full, accept, max_bytes)
            except SourceUnreachable:
                if attempt == self._retries:
                    raise
                self._sleep(wait)
                continue
            if answer.status in statuses:
                return answer
            busy = answer.status == 429 or answer.status >= 500
            if not busy:
                raise SourceInvalid(f"{host} answered {answer.status} to {full}", "check what you asked for")
            if attempt < self._retries:
                self._sleep(min(wait if retry_after is None else retry_after, MAX_WAIT))
        tries = f"{self._retries + 1} tries" if self._retries else "one try"
        raise SourceUnreachable(f"{host} is busy: it answered {answer.status} after {tries}", _OFFLINE)

    def pace(self, source: str, seconds: float) -> None:
        """Wait until `seconds` have passed since the last call with this `source`: the pace that it asks for."""
        last = self._last.get(source)
        if last is not None and (left := last + seconds - time.monotonic()) > 0:
            self._sleep(left)
        self._last[source] = time.monotonic()

    def _once(self, url: str, accept: str, max_bytes: int) -> tuple[Answer, float | None]:
        from urllib3.exceptions import HTTPError, LocationParseError

        host = _host(url)
        deadline = time.monotonic() + 3 * self._timeout
        try:
            response = self._pool(url).request(
                "GET",
                url,
                headers={"User-Agent": self._user_agent, "Accept": accept, "Accept-Encoding": "gzip"},
                preload_content=False,
            )
            try:
                chunks, size = [], 0
                while chunk := response.read1(64 * 1024, decode_content=True):
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > max_bytes:
                        raise SourceInvalid(f"{host} sent more than {max_bytes:,} bytes for {url}")
                    if time.monotonic() > deadline:
                        slow = f"{host} is too slow: no full answer in {3 * self._timeout:g} s"
                        raise SourceUnreachable(slow, _OFFLINE)
            finally:
                # Not back to the pool: what was not read of an answer must not be the beginning of the next one.
                response.close()
        except LocationParseError as error:
            raise _not_an_address(url) from error
        except HTTPError as error:
            raise SourceUnreachable(f"{host} cannot be reached: {_reason(error)}", _OFFLINE) from error
        address, kind = urljoin(url, response.geturl() or ""), response.headers.get("Content-Type", "")
        wait = _seconds(response.headers.get("Retry-After", ""))
        return Answer(address, response.status, kind, b"".join(chunks)), wait

    def _pool(self, url: str) -> urllib3.PoolManager:
        from urllib.request import getproxies, proxy_bypass

        import urllib3

        host = _host(url)
        direct = host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host)
        proxy = "" if direct else getproxies().get(urlsplit(url).scheme, "")
        if proxy not in self._pools:
            timeout = urllib3.Timeout(connect=self._timeout, read=self._timeout)
            # Retries are ours; only redirects are left to the library.
            retries = urllib3.Retry(total=None, connect=0, read=0, status=0, other=0, redirect=3, raise_on_status=False)
            self._pools[proxy] = (
                urllib3.ProxyManager(proxy, timeout=timeout, retries=retries)
                if proxy
                else urllib3.PoolManager(timeout=timeout, retries=retries)
            )
        return self._pools[proxy]


def _host(url: str) -> str:
    """The host of a web address. Raises SourceInvalid for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _not_an_address(url) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _not_an_address(url)
    return parts.hostname


def _not_an_address(url: str) -> SourceInvalid:
    return SourceInvalid(f"not a web address: {url!r}", "an address begins with https://")


def _seconds(retry_after: str) -> float | None:
    """What a Retry-After header asks for: seconds, or the time until an HTTP date (RFC 9110, section 10.2.3).

    >>> _seconds("120"), _seconds("Fri, 31 Dec 1999 23:59:59 GMT"), _seconds("soon"), _seconds("")
    (120.0, 0.0, None, None)
    """
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _reason(error: Exception) -> str:
    """The library's message without the object it names first, on one line."""
    reason = getattr(error, "reason", None) or error
    text = " ".join(str(reason).split())
    return text.partition(": ")[2] if text.startswith("<") else text.rpartition(": ")[2] or type(error).__name__
