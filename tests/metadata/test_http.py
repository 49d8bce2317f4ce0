"""The HTTP client against a server that behaves in every way that servers do."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import ssl
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata.http import Client
from tests.sources import Reply, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

PDF = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n" + b"x" * 3000


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment of whoever runs the tests says about proxies is not what they are about."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits: list[float]) -> Client:
    return Client(timeout=10, retries=3, sleep=waits.append)


def test_an_answer_comes_with_its_status_type_and_bytes(client: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, "é".encode(), {"Content-Type": "text/plain"}))
    answer = client.get(f"{source.url}/api", {"id_list": "hep-th/9901001", "q": "a b&c"})
    assert (answer.status, answer.content_type, answer.body) == (200, "text/plain", "é".encode())
    path, headers = source.requests[0]
    assert path == "/api?id_list=hep-th%2F9901001&q=a+b%26c"
    assert headers["User-Agent"].startswith("carrel")


def test_the_mail_address_is_told_only_when_configured(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200))
    Client().get(source.url)
    Client(mail="me@example.org").get(source.url)
    agents = [headers["User-Agent"] for _, headers in source.requests]
    assert ["mailto:me@example.org" in agent for agent in agents] == [False, True]


def test_a_compressed_answer_is_unpacked(client: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, gzip.compress(b"x" * 1000), {"Content-Encoding": "gzip"}))
    assert client.get(source.url).body == b"x" * 1000


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_source_is_asked_again_after_longer_and_longer_waits(
    client: Client, source: Source, reply: type[Reply], waits: list[float], status: int
) -> None:
    source.answers(reply(status), reply(status), reply(200, b"there"))
    assert client.get(source.url).body == b"there"
    assert waits == [1.0, 2.0]


def test_a_source_that_stays_busy_is_given_up_with_its_last_answer_named(
    client: Client, source: Source, reply: type[Reply], waits: list[float]
) -> None:
    source.answers(reply(503))
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1 is busy: it answered 503 after 4 tries") as failure:
        client.get(source.url)
    assert failure.value.hint == "check the network, or try again later"
    assert len(source.requests) == 4
    assert waits == [1.0, 2.0, 4.0]


def test_a_wait_that_the_source_asks_for_is_kept_up_to_half_a_minute(
    client: Client, source: Source, reply: type[Reply], waits: list[float]
) -> None:
    source.answers(reply(429, headers={"Retry-After": "7"}), reply(429, headers={"Retry-After": "86400"}), reply(200))
    client.get(source.url)
    assert waits == [7.0, 30.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_final_and_names_address_and_status(
    client: Client, source: Source, reply: type[Reply], waits: list[float], status: int
) -> None:
    source.answers(reply(status, b"<html>"))
    with pytest.raises(SourceInvalid, match=rf"127\.0\.0\.1 answered {status} to {source.url}/x"):
        client.get(f"{source.url}/x")
    assert waits == []
    assert len(source.requests) == 1


def test_a_status_that_the_caller_understands_is_an_answer(client: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(404, b"no such work"))
    assert client.get(source.url, statuses=(200, 404)).body == b"no such work"


def test_a_silent_source_is_given_up_after_the_timeout(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(hang=True))
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1 cannot be reached: .*timed out"):
        Client(timeout=0.05, retries=0).get(source.url)


def test_a_truncated_answer_is_never_taken_for_a_whole_one(
    client: Client, source: Source, reply: type[Reply], waits: list[float]
) -> None:
    source.answers(reply(200, b"x" * 100, cut=40), reply(200, b"whole"))
    assert client.get(source.url).body == b"whole"
    source.answers(reply(200, b"x" * 100, cut=40))
    with pytest.raises(SourceUnreachable, match=r"cannot be reached: its answer breaks off$"):
        client.get(source.url)


def test_an_answer_without_end_is_cut_off(client: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, b"x" * 5000))
    with pytest.raises(SourceInvalid, match="more than 1,000 bytes"):
        client.get(source.url, max_bytes=1000)


def test_a_bomb_is_measured_unpacked(client: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, gzip.compress(b"\0" * 10_000_000), {"Content-Encoding": "gzip"}))
    with pytest.raises(SourceInvalid, match="more than 100,000 bytes"):
        client.get(source.url, max_bytes=100_000)


def test_a_closed_port_and_an_unknown_host_are_one_clear_line(client: Client, waits: list[float]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceUnreachable, match=r"^127\.0\.0\.1 cannot be reached: [^<>\n]*refused") as failure:
        client.get(f"http://127.0.0.1:{port}/")
    assert "\n" not in failure.value.message
    assert waits == [1.0]  # without a network more tries only keep a person waiting
    with pytest.raises(SourceUnreachable, match=r"^nowhere\.invalid cannot be reached: [^<>\n]+$"):
        client.get("http://nowhere.invalid/")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://example.org/x",
        "example.org",
        "http://",
        "http://[",
        "http://a b/",
        "http://a:b/",
        "",
    ],
)
def test_what_is_no_web_address_is_refused_before_any_request(client: Client, address: str) -> None:
    with pytest.raises(SourceInvalid, match="not a web address"):
        client.get(address)


def test_a_redirect_is_followed_and_a_circle_is_not(
    client: Client, source: Source, reply: type[Reply], waits: list[float]
) -> None:
    source.answers(reply(302, headers={"Location": "/there"}), reply(200, b"there"))
    answer = client.get(source.url)
    assert (answer.body, answer.url) == (b"there", f"{source.url}/there")
    source.requests.clear()
    source.answers(reply(302, headers={"Location": "/round"}))
    with pytest.raises(SourceInvalid, match="too many redirects"):
        client.get(source.url)
    assert len(source.requests) == 4
    assert waits == []


@pytest.mark.parametrize("target", ["http://[::1]/x", "http://localhost/x", "http://169.254.169.254/latest/meta-data/"])
def test_a_source_cannot_send_us_to_another_host_that_is_private(
    client: Client, source: Source, reply: type[Reply], target: str
) -> None:
    source.answers(reply(302, headers={"Location": target}))
    with pytest.raises(SourceInvalid, match="is not on the public internet; nothing was fetched"):
        client.get(source.url)
    assert len(source.requests) == 1


def test_calls_to_one_source_keep_its_pace(
    client: Client, source: Source, reply: type[Reply], waits: list[float]
) -> None:
    source.answers(reply(200))
    client.get(source.url, every=3.0)
    client.get(source.url)
    assert waits == []
    client.get(source.url, every=3.0)
    assert [round(wait, 1) for wait in waits] == [3.0]


def test_two_processes_keep_one_pace(
    source: Source, reply: type[Reply], tmp_path: Path, waits: list[float], client: Client
) -> None:
    """A client of its own, with the same folder, is as good as a process of its own."""
    source.answers(reply(200))
    for number in range(3):
        Client(cache=tmp_path / "http", sleep=waits.append).get(f"{source.url}/{number}", every=3.0)
    assert [round(wait) for wait in waits] == [3, 3]


def test_those_who_ask_at_the_same_moment_are_let_through_one_by_one(tmp_path: Path) -> None:
    moments: list[float] = []

    class Clock(Source):
        def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
            moments.append(time.monotonic())
            return Reply(200)

    running = Clock()
    try:
        with ThreadPoolExecutor() as pool:  # a lock on a file holds between threads as it does between processes
            for number in range(4):
                pool.submit(Client(cache=tmp_path).get, f"{running.url}/{number}", every=0.2)
    finally:
        running.close()
    gaps = [later - earlier for earlier, later in pairwise(sorted(moments))]
    assert len(gaps) == 3
    assert min(gaps) > 0.15


def test_a_kept_answer_waits_for_nobody(source: Source, reply: type[Reply], tmp_path: Path, waits: list[float]) -> None:
    source.answers(reply(200, b"kept"))
    client = Client(cache=tmp_path, sleep=waits.append)
    for _ in range(3):
        assert client.get(source.url, every=3.0).body == b"kept"
    assert waits == []
    assert len(source.requests) == 1


def test_this_machine_is_reached_directly_even_behind_a_proxy(
    client: Client, source: Source, reply: type[Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    source.answers(reply(200, b"direct"))
    assert client.get(source.url).body == b"direct"


def test_the_outside_world_is_reached_through_the_configured_proxy(
    client: Client, source: Source, reply: type[Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", source.url)
    monkeypatch.delenv("no_proxy", raising=False)
    source.answers(reply(200, b"through"))
    assert client.get("http://export.arxiv.invalid/api").body == b"through"
    assert source.requests[0][0] == "http://export.arxiv.invalid/api"


# --- the cache ----------------------------------------------------------------------------------------------------


def test_an_answer_is_asked_for_once_a_week(source: Source, reply: type[Reply], tmp_path: Path) -> None:
    source.answers(reply(200, b"one", {"Content-Type": "text/plain"}), reply(200, b"two"))
    first = Client(cache=tmp_path / "a" / "http").get(source.url, {"q": "x"}, accept="text/plain")
    again = Client(cache=tmp_path / "a" / "http").get(source.url, {"q": "x"}, accept="text/plain")
    assert first == again
    assert again.content_type == "text/plain"
    assert Client(cache=tmp_path / "a" / "http").get(source.url, {"q": "x"}).body == b"two", "another Accept"
    assert len(source.requests) == 2


def test_an_old_answer_is_asked_for_anew_but_serves_offline(source: Source, reply: type[Reply], tmp_path: Path) -> None:
    source.answers(reply(200, b"old"), reply(200, b"new"))
    Client(cache=tmp_path).get(source.url)
    (file,) = tmp_path.iterdir()
    head, _, body = file.read_bytes().partition(b"\n")
    kept = json.loads(head)
    kept["time"] -= 8 * 86_400
    file.write_bytes(json.dumps(kept).encode() + b"\n" + body)
    assert Client(cache=tmp_path, offline=True).get(source.url).body == b"old"
    assert Client(cache=tmp_path).get(source.url).body == b"new"


def test_refresh_asks_and_keeps_what_is_new(source: Source, reply: type[Reply], tmp_path: Path) -> None:
    source.answers(reply(200, b"old"), reply(200, b"new"))
    Client(cache=tmp_path).get(source.url)
    assert Client(cache=tmp_path, refresh=True).get(source.url).body == b"new"
    assert Client(cache=tmp_path).get(source.url).body == b"new"


def test_offline_asks_nobody(source: Source, reply: type[Reply], tmp_path: Path) -> None:
    source.answers(reply(200, b"there"))
    client = Client(cache=tmp_path, offline=True, refresh=True)
    with pytest.raises(SourceUnreachable, match=r"^offline: no answer of 127\.0\.0\.1 is kept for http") as failure:
        client.get(source.url)
    assert failure.value.hint == "ask again without --offline"
    with pytest.raises(SourceUnreachable, match=r"^offline: "):
        client.download("https://example.org/a.pdf")
    assert source.requests == []


@pytest.mark.parametrize("status", [404, 301, 500])
def test_only_good_answers_are_kept(source: Source, reply: type[Reply], tmp_path: Path, status: int) -> None:
    source.answers(reply(status, b"no"), reply(200, b"yes"))
    client = Client(cache=tmp_path, retries=0)
    assert client.get(source.url, statuses=(200, status)).body == b"no"
    assert client.get(source.url, statuses=(200, status)).body == b"yes"


def test_a_huge_answer_is_not_kept(source: Source, reply: type[Reply], tmp_path: Path) -> None:
    source.answers(reply(200, b"x" * 3_000_000))
    assert len(Client(cache=tmp_path).get(source.url).body) == 3_000_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: b"",
        lambda whole: whole[:-1],
        lambda whole: whole[:20],
        lambda whole: whole.replace(b"whole", b"wh0le"),
        lambda whole: b"[" * 100_000 + b"\n",
        lambda whole: b"null\n" + whole,
        lambda whole: b"\xff\xfe" + whole,
        lambda whole: whole.replace(b'"status": 200', b'"status": []'),
    ],
)
def test_a_damaged_answer_counts_as_none(
    source: Source, reply: type[Reply], tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    source.answers(reply(200, b"whole"))
    Client(cache=tmp_path).get(source.url)
    (file,) = tmp_path.iterdir()
    file.write_bytes(spoil(file.read_bytes()))
    assert Client(cache=tmp_path).get(source.url).body == b"whole"
    assert len(source.requests) == 2
    assert Client(cache=tmp_path).get(source.url).body == b"whole"
    assert len(source.requests) == 2


def test_nobody_else_can_read_the_cache(source: Source, reply: type[Reply], tmp_path: Path) -> None:
    source.answers(reply(200, b"mine"))
    place = tmp_path / "http"
    place.mkdir(mode=0o755)
    Client(cache=place).get(source.url)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in place.iterdir()] == [0o600]


def test_a_folder_that_cannot_be_written_is_no_cache_and_no_error(
    source: Source, reply: type[Reply], tmp_path: Path, waits: list[float]
) -> None:
    (tmp_path / "file").write_text("in the way")
    source.answers(reply(200, b"there"))
    client = Client(cache=tmp_path / "file" / "http", sleep=waits.append)
    for _ in range(2):
        assert client.get(source.url, every=3.0).body == b"there"
    assert [round(wait) for wait in waits] == [3]


def test_what_is_too_old_or_too_much_is_thrown_away(source: Source, reply: type[Reply], tmp_path: Path) -> None:
    past = time.time() - 100 * 86_400
    for name in ("old", "young"):
        (tmp_path / name).write_bytes(b"x")
    os.utime(tmp_path / "old", (past, past))
    for number in range(3):
        with (tmp_path / f"large{number}").open("wb") as file:
            file.truncate(40 * 1024 * 1024)
        os.utime(tmp_path / f"large{number}", (time.time() - 100 + number,) * 2)
    source.answers(reply(200, b"new"))
    Client(cache=tmp_path).get(source.url)
    left = {file.name for file in tmp_path.iterdir()}
    assert {"old", "large0"} & left == set()
    assert {"young", "large1", "large2"} <= left


# --- documents ----------------------------------------------------------------------------------------------------


@pytest.fixture
def trusting(waits: list[float]) -> Client:
    """A client that may fetch from this machine, as the user can configure it."""
    return Client(timeout=10, retries=1, sleep=waits.append, private_addresses=True)


def test_a_pdf_is_fetched_where_private_addresses_are_allowed(
    trusting: Client, source: Source, reply: type[Reply]
) -> None:
    source.answers(reply(302, headers={"Location": "/there.pdf"}), reply(200, PDF))
    answer = trusting.download(f"{source.url}/here.pdf")
    assert (answer.body, answer.url) == (PDF, f"{source.url}/there.pdf")


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("https://127.0.0.1/a.pdf", r"127\.0\.0\.1 is not on the public internet"),
        ("https://127.1/a.pdf", r"127\.1 is 127\.0\.0\.1, which is not on"),
        ("https://2130706433/a.pdf", r"2130706433 is 127\.0\.0\.1, which"),
        ("https://0x7f.1/a.pdf", r"127\.0\.0\.1, which"),
        ("https://localhost/a.pdf", "localhost is .*, which is not on"),
        ("https://[::1]/a.pdf", "::1 is not on the public internet"),
        ("https://[::ffff:10.0.0.1]/a.pdf", "is not on the public internet"),
        ("https://[64:ff9b::7f00:1]/a.pdf", "is not on the public internet"),
        ("https://[2002:7f00:1::]/a.pdf", "is not on the public internet"),
        ("https://169.254.169.254/latest/meta-data/", "is not on the public internet"),
        ("https://192.168.1.1/a.pdf", "is not on the public internet"),
        ("https://100.64.0.1/a.pdf", "is not on the public internet"),
        ("https://224.0.0.1/a.pdf", "is not on the public internet"),
        ("https://0.0.0.0/a.pdf", "is not on the public internet"),
        ("http://example.org/a.pdf", "is not an https address; nothing was fetched"),
        ("ftp://example.org/a.pdf", "not a web address"),
        ("file:///etc/passwd", "not a web address"),
    ],
)
def test_a_document_comes_over_https_from_the_public_internet_only(
    client: Client, waits: list[float], address: str, complaint: str
) -> None:
    for fetch in (client.download, client.visit):
        with pytest.raises(SourceInvalid, match=complaint):
            fetch(address)
    assert waits == []


def test_a_host_with_one_private_address_among_others_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (address, port)) for address in ("93.184.215.14", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(SourceInvalid, match=r"paper\.example is 10\.0\.0\.7, which is not on the public internet"):
        client.download("https://paper.example/a.pdf")


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when asked first and this machine when asked again gets nowhere."""
    asked: list[str] = []
    connected: list[object] = []

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        if host == "93.184.215.14":  # a literal address, on its way to the connection
            return [(2, 1, 6, "", (host, port))]
        return [(2, 1, 6, "", ("93.184.215.14" if asked.count(host) == 1 else "127.0.0.1", port))]

    def connect(self: socket.socket, address: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(SourceUnreachable, match=r"rebind\.example cannot be reached"):
        Client(retries=0).download("https://rebind.example/a.pdf")
    assert asked.count("rebind.example") == 1
    assert connected == [("93.184.215.14", 443)]


def test_behind_a_proxy_what_is_known_to_be_private_is_refused_too(
    client: Client, source: Source, reply: type[Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", source.url)
    source.answers(reply(502))
    for address in ("https://169.254.169.254/a.pdf", "https://10.1.2.3/a.pdf"):
        with pytest.raises(SourceInvalid, match="is not on the public internet"):
            client.download(address)
    assert source.requests == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<!DOCTYPE html><html><body>Sign in to read</body></html>", "an HTML page"),
        (b"", "something else"),
        (b"x" * 2000 + b"%PDF-1.4", "something else"),
        (b"PK\x03\x04", "something else"),
    ],
)
def test_what_is_no_pdf_is_said(trusting: Client, source: Source, reply: type[Reply], body: bytes, what: str) -> None:
    source.answers(reply(200, body, {"Content-Type": "application/pdf"}))
    with pytest.raises(SourceInvalid, match=f"sent {what} where a PDF was due") as failure:
        trusting.download(f"{source.url}/a.pdf")
    assert failure.value.hint == "open the address in a browser, save the PDF, and add the file"
    assert trusting.visit(f"{source.url}/a.pdf").body == body


def test_a_pdf_may_have_something_before_its_header(trusting: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, b"\r\n" * 100 + PDF))
    assert trusting.download(source.url).body.endswith(PDF)
    source.answers(reply(200, b"%PDF-1.0"))
    assert trusting.download(source.url).body == b"%PDF-1.0"


def test_a_pdf_of_more_than_fifty_megabytes_is_refused(trusting: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, b"%PDF-1.4\n" + bytes(50 * 1024 * 1024)))
    with pytest.raises(SourceInvalid, match=r"sent more than 52,428,800 bytes for http"):
        trusting.download(source.url)


def test_a_page_has_less_room_than_a_pdf(trusting: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, b"<html>" + b"x" * 5000))
    with pytest.raises(SourceInvalid, match="sent more than 4,000 bytes"):
        trusting.visit(source.url, page_bytes=4000)
    source.answers(reply(200, PDF + b"x" * 5000))
    assert len(trusting.visit(source.url, page_bytes=4000).body) > 5000


def test_a_document_that_redirects_too_often_or_to_another_scheme_is_refused(
    trusting: Client, source: Source, reply: type[Reply]
) -> None:
    source.answers(reply(302, headers={"Location": "/round"}))
    with pytest.raises(SourceInvalid, match="too many redirects"):
        trusting.download(source.url)
    source.answers(reply(302, headers={"Location": "file:///etc/passwd"}))
    with pytest.raises(SourceInvalid, match="not a web address: 'file:///etc/passwd'"):
        trusting.download(source.url)


def test_the_mail_address_is_not_told_to_whoever_has_a_pdf(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, PDF))
    Client(mail="me@example.org", private_addresses=True).download(source.url)
    assert "me@example.org" not in str(source.requests)


# --- over TLS -----------------------------------------------------------------------------------------------------

PUBLIC = "93.184.215.14"


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """A server that is paper.example by its certificate. Names lead to a public address, and that leads here."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=paper.example", "-addext", "subjectAltName=DNS:paper.example"]
    make = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    running = Source(context)
    connect = socket.socket.connect

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (PUBLIC, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(
        socket.socket,
        "connect",
        lambda self, address: connect(self, (address[0].replace(PUBLIC, "127.0.0.1"), address[1])),
    )
    yield running
    running.close()


def test_a_pdf_comes_over_tls_from_the_host_that_was_named(client: Client, tls: Source, reply: type[Reply]) -> None:
    tls.answers(reply(302, headers={"Location": "/b c.pdf?x=é"}), reply(200, PDF))
    answer = client.download(f"https://paper.example:{tls.port}/a.pdf")
    assert answer.body == PDF
    assert [headers["Host"] for _, headers in tls.requests] == [f"paper.example:{tls.port}"] * 2
    assert [path for path, _ in tls.requests] == ["/a.pdf", "/b%20c.pdf?x=%C3%A9"]


def test_a_certificate_of_another_host_is_no_good(tls: Source, reply: type[Reply]) -> None:
    tls.answers(reply(200, PDF))
    with pytest.raises(SourceUnreachable, match=r"other\.example cannot be reached: .*certificate") as failure:
        Client(retries=0).download(f"https://other.example:{tls.port}/a.pdf")
    assert "\n" not in failure.value.message
    assert tls.requests == []


def test_a_redirect_from_https_to_http_is_not_followed(client: Client, tls: Source, reply: type[Reply]) -> None:
    tls.answers(reply(302, headers={"Location": f"http://paper.example:{tls.port}/a.pdf"}))
    for fetch in (client.download, client.get):
        with pytest.raises(SourceInvalid, match=r"paper\.example redirects from https to http://.*was not followed"):
            fetch(f"https://paper.example:{tls.port}/a.pdf")
