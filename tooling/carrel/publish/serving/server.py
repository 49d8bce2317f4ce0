"""A site on its writer's own machine: a small server whose pages load themselves again when they changed.

It is for one reader. It answers to names of this machine alone, so that no page of another site can read notes
through the reader's browser by giving its own name this machine's address; and it lets no other site load its files.
"""

from __future__ import annotations

import ipaddress
import mimetypes
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from urllib.parse import parse_qs, quote, unquote, urlsplit

from carrel.errors import BuildFailed, UsageError

#: Hidden names are no part of a site, so they are free for us.
_SCRIPT, _CHANGES = "/.carrel/reload.js", "/.carrel/changes"
#: How long a question whether a page changed waits for the answer, in seconds.
_PATIENCE = 20.0
#: How long a connection without a request is kept, in seconds.
_IDLE = 30.0
#: How often the server looks whether it is to end, in seconds.
_ENDING = 0.2
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_TYPES |= {".html": "text/html", ".woff2": "font/woff2", ".json": "application/json", ".bib": "text/plain"}
_RELOAD = Path(__file__).with_name("reload.js")


class Server:
    """Serves the folder `site` at `address` (host:port) from `start` on. A context: it ends at once with the block.

    Before it reads a file it calls `wait` with its path on the site.
    Raises `UsageError` for what is no address, and `BuildFailed` when it is taken.
    """

    def __init__(self, address: str, site: Path, wait: Callable[[str], None] = lambda _: None) -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise UsageError(f"{address}: no address to serve at", "say host:port, as in 127.0.0.1:8000")
        host = host.strip("[]")
        try:
            family, _, _, _, place = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
            self._listener = _Listener(family, place, site, wait, _names(host))
        except OSError as error:
            raise BuildFailed(f"{address}: {error.strerror}", "choose another address") from error
        self.url = f"http://{address}/"
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
        self._listener.server_close()

    def start(self) -> None:
        """Answer requests from now on, in other threads."""
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(_ENDING,), name="server", daemon=True
        )
        self._thread.start()

    def tell(self, changed: Iterable[str] | None) -> None:
        """Let those pages load themselves again that are open, by path on the site; None: all of them."""
        self._listener.news.tell(changed)

    def watched(self) -> frozenset[str]:
        """The pages that somebody looks at, by path on the site."""
        return self._listener.news.asked()


class _News:
    """Which pages changed when. Numbers are those of this process: other ones mean that the server is another."""

    def __init__(self) -> None:
        self._start = f"{time.time_ns():x}-"
        self._number = self._all = 0
        self._pages: dict[str, int] = {}
        self._asked: list[str] = []
        self._told = threading.Condition()

    def now(self) -> str:
        return f"{self._start}{self._number}"

    def tell(self, changed: Iterable[str] | None) -> None:
        with self._told:
            self._number += 1
            if changed is None:
                self._all = self._number
            else:
                self._pages.update(dict.fromkeys(changed, self._number))
            self._told.notify_all()

    def wait(self, page: str, since: str) -> bool:
        """Whether the page changed after `since`, or does within a while."""
        number = since.removeprefix(self._start)
        if number == since or not (number.isascii() and number.isdigit()):
            return True
        with self._told:
            self._asked.append(page)
            try:
                return self._told.wait_for(lambda: max(self._all, self._pages.get(page, 0)) > int(number), _PATIENCE)
            finally:
                self._asked.remove(page)

    def asked(self) -> frozenset[str]:
        """The pages that somebody waits for."""
        with self._told:
            return frozenset(self._asked)


class _Listener(ThreadingMixIn, TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(
        self, family: int, place: tuple[object, ...], site: Path, wait: Callable[[str], None], names: frozenset[str]
    ) -> None:
        self.address_family, self.site, self.wait, self.names, self.news = family, site, wait, names, _News()
        super().__init__(place, _Handler)  # type: ignore[arg-type]  # an IPv6 address has four parts

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no one's business; anything else is said, and the server goes on."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            print(f"carrel: a request was not answered: {type(error).__name__}: {error}", file=sys.stderr)


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"
    timeout = _IDLE

    def do_GET(self) -> None:
        if not self._is_for_us():
            self._answer(HTTPStatus.MISDIRECTED_REQUEST, b"This server goes by another name.\n", "text/plain")
            return
        address = urlsplit(self.path)
        if address.path == _SCRIPT:
            self._answer(HTTPStatus.OK, _RELOAD.read_bytes(), "text/javascript")
        elif address.path == _CHANGES:
            asked = parse_qs(address.query)
            page, since = (asked.get(name, [""])[0] for name in ("page", "since"))
            changed = self.server.news.wait(_place(quote(page)) or "", since)
            self._answer(HTTPStatus.OK if changed else HTTPStatus.NO_CONTENT, b"", "text/plain")
        else:
            self._file(address.path)

    do_HEAD = do_GET  # noqa: N815

    def _is_for_us(self) -> bool:
        """Whether the browser asks for this machine by a name of its own, or by a number."""
        try:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
            if host not in self.server.names and not host.endswith(".localhost"):
                ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    def _file(self, path: str) -> None:
        place = _place(path)
        self.server.wait(place or "")
        now = self.server.news.now()  # before it is read: what changes meanwhile is asked for again
        file = None if place is None else _within(self.server.site, place)
        if file is not None and os.path.isdir(file):  # noqa: PTH112 - a name may be too long for a file
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", f"/{quote(place or '')}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        status = HTTPStatus.OK
        data, tag = _read(file)
        if data is None:
            status, place = HTTPStatus.NOT_FOUND, "404.html"
            data = _read(self.server.site / place)[0] or b"<!doctype html><title>Not found</title>Not found.\n"
        name = place or ""
        kind = _TYPES.get(os.path.splitext(name)[1].lower()) or mimetypes.guess_type(name)[0]  # noqa: PTH122
        if kind == "text/html":
            script = f'<script defer src="{_SCRIPT}" data-since="{now}"></script>'
            head, end, tail = data.rpartition(b"</body>")
            data, tag = (head + script.encode() + end + tail if end else tail + script.encode()), ""
        elif tag and self.headers.get("If-None-Match") == tag:
            self._answer(HTTPStatus.NOT_MODIFIED, b"", "", tag)
            return
        self._answer(status, data, kind or "application/octet-stream", tag)

    def _answer(self, status: HTTPStatus, data: bytes, kind: str, tag: str = "") -> None:
        self.send_response_only(status)
        self.send_header("Date", formatdate(usegmt=True))
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache" if tag else "no-store")
        if tag:
            self.send_header("ETag", tag)
        if kind:
            self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        if status not in (HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT):
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not said: the terminal is for what goes wrong with the notes."""


def _names(host: str) -> frozenset[str]:
    """The names that this machine is asked for by."""
    own = socket.gethostname().lower()
    return frozenset({host.lower(), "localhost", own, f"{own}.local"})


def _place(path: str) -> str | None:
    """The path on the site that an address asks for; None for what no site has."""
    start, *parts = unquote(path, errors="surrogateescape").split("/")
    if parts and not parts[-1]:
        parts[-1] = "index.html"
    if start or not parts or any(not part or part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    return "/".join(parts)


def _within(site: Path, place: str) -> Path | None:
    """The file, links followed, if that does not lead out of the site."""
    real = Path(os.path.realpath(site / place))
    return real if real.is_relative_to(os.path.realpath(site)) else None


def _read(file: Path | None) -> tuple[bytes | None, str]:
    """The bytes of a file and what stands for them, or None if there is no such file."""
    if file is None:
        return None, ""
    try:
        with file.open("rb") as opened:
            found = os.fstat(opened.fileno())
            return opened.read(), f'"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"'
    except OSError:
        return None, ""
