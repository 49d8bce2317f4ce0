"""The site while one writes: served to this machine alone, and shown anew when it changed."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.errors import BuildFailed, UsageError
from carrel.publish.build import build_site
from carrel.publish.serving.live_site import LiveSite
from carrel.publish.serving.server import Server
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.scaffold import skeleton
from tests.publish.support import SAMPLE, knowledge_base, tree

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PUBLIC = Visibility.PUBLIC
PAGE = b"<!doctype html><html><head><title>x</title></head><body><h1>One</h1></body></html>"


# --- the server ---------------------------------------------------------------------------------------------------


@pytest.fixture
def address() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "above" / "site"
    for path, data in {
        "index.html": PAGE,
        "404.html": b"<body>Nothing here</body>",
        "notes/a b.html": PAGE.replace(b"One", b"Two"),
        "notes/index.html": PAGE,
        "script.js": b"1",
        ".carrel-site": b"x",
        "../secret.txt": b"mine",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "way-out.txt").symlink_to(tmp_path / "above" / "secret.txt")
    return folder


@pytest.fixture
def server(site: Path, address: str) -> Iterator[Server]:
    with Server(address, site) as running:
        running.start()
        yield running


def ask(address: str, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(address, timeout=30)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def test_a_page_is_served_with_the_script_that_loads_it_again(server: Server, address: str) -> None:
    answer, data = ask(address, "/notes/a%20b.html")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    script = re.search(rb'<script defer src="(/[^"]+)" data-since="[^"]+"></script></body></html>$', data)
    assert script is not None
    assert data.replace(script[0], b"</body></html>") == PAGE.replace(b"One", b"Two")
    answer, data = ask(address, script[1].decode())
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")


def test_a_folder_is_its_index_and_what_is_not_there_is_said_so(server: Server, address: str) -> None:
    assert b"One" in ask(address, "/")[1]
    assert b"One" in ask(address, "/notes/?x=1")[1]
    assert ask(address, "/notes")[0].headers["Location"] == "/notes/"
    answer, data = ask(address, "/nowhere.html")
    assert (answer.status, b"Nothing here" in data) == (404, True)
    assert ask(address, "/", "HEAD")[1] == b""
    assert ask(address, "/", "POST")[0].status == 501


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/notes/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//../secret.txt",
        "/notes/..%5c..%5csecret.txt", "/way-out.txt", "/.carrel-site", "/notes/%00", "/etc/passwd", "//etc/passwd",
        "http://127.0.0.1/../secret.txt", "*", "notes", "/" + "a" * 5000, "/%ff",
    ],
)  # fmt: skip
def test_nothing_but_the_site_is_served(server: Server, address: str, path: str) -> None:
    answer, data = ask(address, path)
    assert answer.status == 404
    assert b"mine" not in data


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("localhost:8000", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("x.localhost", 200),
        (socket.gethostname(), 200), ("evil.example", 421), ("localhost.evil.example", 421), ("", 421),
        ("127.0.0.1.evil.example", 421), ("evil.example@localhost", 200), ("[::1", 421), ("a b", 421),
    ],
)  # fmt: skip
def test_only_names_of_this_machine_are_answered(server: Server, address: str, host: str, status: int) -> None:
    answer, data = ask(address, "/", Host=host)
    assert (answer.status, b"One" in data) == (status, status == 200)


def test_another_site_cannot_load_its_files(server: Server, address: str) -> None:
    answer, _ = ask(address, "/script.js")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_a_file_that_is_the_same_is_not_sent_again(server: Server, address: str, site: Path) -> None:
    first, _ = ask(address, "/script.js")
    tag = first.headers["ETag"]
    assert ask(address, "/script.js", If_None_Match=tag)[0].status == 304
    (site / "script.js").write_bytes(b"2")
    assert ask(address, "/script.js", If_None_Match=tag)[1] == b"2"
    assert ask(address, "/")[0].headers["Cache-Control"] == "no-store"


def test_a_page_hears_of_its_own_changes_alone(server: Server, address: str) -> None:
    since = re.findall(rb'data-since="([^"]+)"', ask(address, "/")[1])[0].decode()
    answers: dict[str, int] = {}

    def wait(page: str) -> None:
        answers[page] = ask(address, f"/.carrel/changes?page={page}&since={since}")[0].status

    threads = [threading.Thread(target=wait, args=(page,), daemon=True) for page in ("/", "/notes/a%20b.html")]
    for thread in threads:
        thread.start()
    server.tell(["other.html", "notes/a b.html"])
    threads[1].join(10)
    assert answers == {"/notes/a%20b.html": 200}
    server.tell(None)
    threads[0].join(10)
    assert answers == {"/": 200, "/notes/a%20b.html": 200}


def test_it_is_known_which_pages_somebody_looks_at(server: Server, address: str) -> None:
    since = re.findall(rb'data-since="([^"]+)"', ask(address, "/")[1])[0].decode()
    assert server.watched() == set()
    question = f"/.carrel/changes?page=/notes/a%20b.html&since={since}"
    thread = threading.Thread(target=ask, args=(address, question), daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while server.watched() != {"notes/a b.html"} and time.monotonic() < end:
        time.sleep(0.01)
    assert server.watched() == {"notes/a b.html"}
    server.tell(None)
    thread.join(30)
    assert server.watched() == set()


def test_a_file_is_read_when_the_wait_for_it_is_over(site: Path, address: str) -> None:
    asked: list[str] = []

    def wait(place: str) -> None:
        asked.append(place)
        (site / "index.html").write_bytes(PAGE.replace(b"One", b"New"))
        running.tell(["index.html"])

    with Server(address, site, wait) as running:
        running.start()
        _, data = ask(address, "/")
        since = re.findall(rb'data-since="([^"]+)"', data)[0].decode()
        assert (asked, b"New" in data, since.endswith("-1")) == (["index.html"], True, True)


def test_a_page_of_another_run_of_the_server_is_loaded_again(server: Server, address: str) -> None:
    for since in ("", "17f-0", "x", "-1"):
        assert ask(address, f"/.carrel/changes?page=/&since={since}")[0].status == 200


def test_what_is_no_address_and_what_is_taken_is_said_at_once(site: Path) -> None:
    for wrong in ("banana", "127.0.0.1:banana", ":8000", "127.0.0.1:99999"):
        with pytest.raises(UsageError, match=f"{wrong}: no address"):
            Server(wrong, site)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        taken = f"127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(BuildFailed, match=f"{taken}: Address already in use"):
            Server(taken, site)


@pytest.mark.browser
def test_a_browser_shows_a_page_anew_when_it_changed(chromium: Browser, server: Server, site: Path) -> None:
    policy = "default-src 'none'; script-src 'self'; connect-src 'self'"
    changed = PAGE.replace(
        b"<title>", f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>'.encode()
    )
    (site / "index.html").write_bytes(changed)
    page = chromium.new_page()
    page.goto(server.url)
    (site / "index.html").write_bytes(changed.replace(b"One", b"Three"))
    server.tell(["notes/index.html"])
    server.tell(["index.html"])
    page.locator("h1", has_text="Three").wait_for(timeout=20_000)
    page.close()


# --- the site that it serves --------------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path: Path) -> KnowledgeBase:
    return knowledge_base(tmp_path / "kb", {**SAMPLE, "mkdocs.yml": skeleton("mkdocs.yml")})


def edited(library: KnowledgeBase, path: str, old: str, new: str) -> None:
    place = library.root / path
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new))


def test_the_live_site_is_always_the_one_that_a_build_would_give(library: KnowledgeBase) -> None:
    live = LiveSite(library, PUBLIC, date.today)
    live.update()
    edits: list[Callable[[], object]] = [
        lambda: edited(library, "notes/2026/2026-11-20.md", "Zebrafish", "Axolotl"),
        lambda: edited(library, "papers/elhage2022toy.md", "Toy Models", "New Models"),
        lambda: edited(library, "notes/2026/2026-11-19.md", "visibility: public", "visibility: private"),
        lambda: (library.root / "notes/experiments/refusal-probes.md").unlink(),
        lambda: edited(library, "mkdocs.yml", "site_name: ", "site_name: New "),
        lambda: edited(library, "mkdocs.yml", "plugins:", "hooks: [hook.py]\nplugins:"),
        lambda: edited(library, "mkdocs.yml", "hooks: [hook.py]\n", ""),
    ]
    (library.root / "hook.py").write_text("def on_page_content(html, **_):\n    return html + 'hooked'\n")
    for number, edit in enumerate(edits):
        edit()
        live.update()
        served, site = tree(live.folder), tree(build_site(library, PUBLIC).site_dir)
        assert [path for path in served | site if served.get(path) != site.get(path)] == [], number
    assert live.update().changed == 0


@pytest.mark.parametrize("first", ["notes/2026/2026-11-20.html", "index.html", "notes/index.html"])
def test_of_the_pages_that_changed_those_are_shown_first_that_somebody_looks_at(
    library: KnowledgeBase, first: str
) -> None:
    live = LiveSite(library, PUBLIC, date.today)
    live.update()
    live.watched = lambda: [first, "no-such-page.html"]
    shown: list[str] = []

    def show(changed: Iterable[str] | None) -> None:
        for page in changed or ():
            shown.append(page)
            if page.endswith(".html"):
                assert "Not to do" in (live.folder / page).read_text()

    live.show = show
    edited(library, "notes/2026/2026-11-20.md", "Nothing to do", "Not to do")
    update = live.update()
    pages = [page for page in shown if page.endswith(".html")]
    assert {"notes/2026/2026-11-20.html", "index.html"} <= set(pages)
    assert first not in pages or first == pages[0]
    assert update.changed == len(pages) == len(set(pages))


def test_whoever_asks_for_a_page_that_is_being_made_waits_for_it(library: KnowledgeBase) -> None:
    live = LiveSite(library, PUBLIC, date.today)
    live.update()
    gone = "notes/experiments/refusal-probes.html"
    read: dict[str, str] = {}
    threads: list[threading.Thread] = []

    def ask_for(place: str) -> None:
        live.wait(place)
        file = live.folder / place
        read[place] = file.read_text() if file.exists() else "gone"

    def show(changed: Iterable[str] | None) -> None:
        if not threads and changed:
            threads.extend(threading.Thread(target=ask_for, args=(one,), daemon=True) for one in ("index.html", gone))
            for thread in threads:
                thread.start()
                thread.join(0.1)
            assert read == {}

    live.show = show
    edited(library, "notes/2026/2026-11-20.md", "Nothing to do", "Not to do")
    (library.root / "notes/experiments/refusal-probes.md").unlink()
    live.update()
    for thread in threads:
        thread.join(30)
    assert len(threads) == len(read) == 2
    assert "Not to do" in read["index.html"]
    assert read[gone] == "gone"


def test_after_an_update_that_failed_nobody_waits(library: KnowledgeBase) -> None:
    live = LiveSite(library, PUBLIC, date.today)
    live.update()

    def fail(_: Iterable[str] | None) -> None:
        raise BuildFailed("no more space")

    live.show = fail
    edited(library, "notes/2026/2026-11-20.md", "Nothing to do", "Not to do")
    with pytest.raises(BuildFailed, match="no more space"):
        live.update()
    live.wait("notes/2026/2026-11-20.html")
    live.wait("index.html")
    live.show = lambda _: None
    live.update()
    served, site = tree(live.folder), tree(build_site(library, PUBLIC).site_dir)
    assert [path for path in served | site if served.get(path) != site.get(path)] == []


def test_what_is_new_of_what_leads_nowhere_is_said_once(library: KnowledgeBase) -> None:
    live = LiveSite(library, PUBLIC, date.today)
    assert "secret-plan" in [one.target for one in live.update().unresolved]
    edited(library, "notes/2026/2026-11-19.md", "[[refusal-probes]]", "[[no-such-note]]")
    assert [one.target for one in live.update().unresolved] == ["no-such-note"]
    assert live.update().unresolved == ()


def test_a_configuration_that_is_broken_for_a_while_leaves_the_site_as_it_is(library: KnowledgeBase) -> None:
    live = LiveSite(library, PUBLIC, date.today)
    live.update()
    before = tree(live.folder)
    good = (library.root / "mkdocs.yml").read_text()
    (library.root / "mkdocs.yml").write_text("site_name: [")
    with pytest.raises(BuildFailed, match="parsing the configuration"):
        live.update()
    assert tree(live.folder) == before
    (library.root / "mkdocs.yml").write_text(good)
    live.update()
    assert tree(live.folder) == before


def test_carrel_serve_says_little_goes_on_after_errors_and_ends_at_once(
    library: KnowledgeBase, address: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "carrel", "serve", "--audience", "public", "--address", address]
    said = tmp_path / "said"
    with said.open("w") as output:
        process = subprocess.Popen(command, cwd=library.root, stdout=output, stderr=output)
    day = library.root / "notes/2026/2026-11-20.md"
    good = (library.root / "mkdocs.yml").read_text()

    def until(text: str) -> None:
        end = time.monotonic() + 60
        while text not in said.read_text():
            assert time.monotonic() < end, said.read_text()
            time.sleep(0.02)

    until("serving")
    day.write_text(day.read_text().replace("Zebrafish", "[[Axolotl]]"))
    until(" new in ")
    (library.root / "mkdocs.yml").write_text("site_name: [")
    until("parsing the configuration")
    (library.root / "mkdocs.yml").write_text(good)
    day.write_text(day.read_text().replace("[[Axolotl]]", "[[Zebra]]"))
    until("Zebra leads nowhere")
    since = re.findall(rb'data-since="([^"]+)"', ask(address, "/404.html")[1])[0].decode()
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as waiting:
        waiting.sendall(f"GET /.carrel/changes?page=/x&since={since} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        time.sleep(0.2)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert time.monotonic() - began < 15  # the page that waits would wait for twenty
    lines = said.read_text().splitlines()
    assert re.fullmatch(r"\d+ pages in [\d.]+ s; 1 link to nowhere, which `carrel build` lists", lines[0])
    assert lines[1] == f"serving http://{address}/; Ctrl-C ends it"
    assert lines[2] == "notes/2026/2026-11-20.md:17: Axolotl leads nowhere"
    assert re.fullmatch(r"\d+ pages? new in [\d.]+ s", lines[3])
    assert lines[4].startswith("carrel: ")
