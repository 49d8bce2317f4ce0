"""One request over one connection: through the proxy, or to an address that was looked at before."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit, urlunsplit

from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata.http_guard import public_addresses

if TYPE_CHECKING:
    import urllib3

_LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))


class Transport:
    """Opens answers, one at a time. `timeout` is in seconds, for connecting and for each read."""

    def __init__(self, timeout: float) -> None:
        self._seconds = timeout
        self._pools: dict[str, urllib3.PoolManager] = {}

    def open(self, parts: SplitResult, headers: dict[str, str], *, public: bool) -> urllib3.BaseHTTPResponse:
        """The answer to one request, its body unread; redirects are answers. `public`: from the public internet only.

        Behind a proxy it is the proxy that looks up names and connects, so only what this machine itself knows of
        the host can be checked. Raises SourceInvalid for a host that is not public, and urllib3's HTTPError.
        """
        proxy = _proxy(parts)
        if public and not proxy:
            return self._open_checked(parts, headers)
        if public:
            _check_behind_proxy(parts)
        return self._pool(proxy).request(
            "GET", urlunsplit(parts), headers=headers, redirect=False, preload_content=False
        )

    def _open_checked(self, parts: SplitResult, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        import urllib3
        from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

        host, port = parts.hostname or "", _port(parts)
        timeout = urllib3.Timeout(connect=self._seconds, read=self._seconds)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        headers = {**headers, "Host": parts.netloc.rpartition("@")[2]}
        addresses = public_addresses(host, port)
        for address in addresses:
            # The certificate must be the host's; the connection goes to the very address that was looked at.
            pool = (
                urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=host)
                if parts.scheme == "https"
                else urllib3.HTTPConnectionPool(address, port, timeout=timeout)
            )
            try:
                return pool.request(
                    "GET", target, headers=headers, redirect=False, retries=False, preload_content=False
                )
            except (NewConnectionError, ConnectTimeoutError):
                if address == addresses[-1]:
                    raise
        raise SourceUnreachable(f"{host} cannot be reached: its name has no address", "check the address")

    def _pool(self, proxy: str) -> urllib3.PoolManager:
        import urllib3

        if proxy not in self._pools:
            timeout = urllib3.Timeout(connect=self._seconds, read=self._seconds)
            self._pools[proxy] = (
                urllib3.ProxyManager(proxy, timeout=timeout, retries=False)
                if proxy
                else urllib3.PoolManager(timeout=timeout, retries=False)
            )
        return self._pools[proxy]


def split_address(url: str) -> SplitResult:
    """A web address in its parts. Raises SourceInvalid for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise not_an_address(url) from error
    strange = any(letter <= " " or letter == "\x7f" for letter in parts.netloc)
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or strange:
        raise not_an_address(url)
    return parts


def not_an_address(url: str) -> SourceInvalid:
    """The error for what is no web address."""
    return SourceInvalid(f"not a web address: {url!r}", "an address begins with https://")


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _proxy(parts: SplitResult) -> str:
    """The proxy that the environment names for this address, or "". This machine itself is reached directly."""
    from urllib.request import getproxies, proxy_bypass

    host = parts.hostname or ""
    return "" if host in _LOCAL or proxy_bypass(host) else getproxies().get(parts.scheme, "")


def _check_behind_proxy(parts: SplitResult) -> None:
    """Refuse what this machine knows to be private. A name that it does not know is left to the proxy."""
    try:
        public_addresses(parts.hostname or "", _port(parts))
    except SourceUnreachable:
        if "." not in (parts.hostname or ""):
            raise
