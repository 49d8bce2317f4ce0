"""A web server on this machine that answers what a test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Reply:
    """One answer. `hang` keeps the connection open and silent; `cut` closes it after that many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: int | None = None


class _Quiet(ThreadingHTTPServer):
    """Clients that hang up are what these tests are about; the default reports each on stderr."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


class Source:
    """A server with a list of replies; the last one is given for ever. `requests` are the paths and headers it got."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        source = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                source.requests.append((self.path, dict(self.headers)))
                reply = source.replies.pop(0) if len(source.replies) > 1 else source.replies[0]
                if reply.hang:
                    source.closing.wait(30)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body[: reply.cut])
                self.close_connection = reply.cut is not None

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the default writes to stderr."""

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def answers(self, *replies: Reply) -> None:
        """Give these replies, in this order, to the requests to come."""
        self.replies = list(replies)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def source() -> Iterator[Source]:
    running = Source()
    yield running
    running.close()


@pytest.fixture
def reply() -> type[Reply]:
    return Reply
