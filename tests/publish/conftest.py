"""A real browser, and the sample's site on a server and on disk."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOW = "install one with `apt-get install chromium`, or name one with CHROMIUM"


def missing(why: str) -> NoReturn:
    """What browser tests need is not here: they are skipped, and fail under CI."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium as Debian packages it."""
    try:
        from playwright import sync_api
    except ImportError:
        missing("browser tests need playwright: `make setup`")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing(f"no Chromium here; {HOW}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_window(chromium: Browser) -> Iterator[Page]:
    """The window of `window`."""
    context = chromium.new_context(color_scheme="light")
    yield context.new_page()
    context.close()


@pytest.fixture
def window(shared_window: Page) -> Iterator[Page]:
    """A window at a desk, in the light scheme, with nothing kept. Opening a new one for each test costs a second."""
    from tests.publish.test_browser import DESKTOP

    shared_window.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a TypedDict
    shared_window.emulate_media(media="null", color_scheme="light")
    yield shared_window
    shared_window.evaluate("location.protocol === 'about:' || (localStorage.clear(), sessionStorage.clear())")
    shared_window.mouse.move(0, 0)
    shared_window.goto("about:blank")
    shared_window.context.clear_permissions()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def serve() -> Iterator[object]:
    """Serve a folder under a sub-path, as project pages are: `serve(folder)` gives the address of its root."""
    servers = []

    def start(folder: Path) -> str:
        above = folder.parent
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(above)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/{folder.name}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
