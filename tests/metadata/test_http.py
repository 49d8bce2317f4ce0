"""The HTTP client against a server that behaves in every way that servers do."""

from __future__ import annotations

import gzip
import socket
from typing import TYPE_CHECKING

import pytest

from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata.http import Client

if TYPE_CHECKING:
    from .conftest import Reply, Source


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits: list[float]) -> Client:
    return Client(timeout=0.5, retries=3, sleep=waits.append)


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
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
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
    assert len(waits) == 3
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


def test_a_redirect_is_followed_and_a_circle_is_not(client: Client, source: Source, reply: type[Reply]) -> None:
    source.answers(reply(302, headers={"Location": "/there"}), reply(200, b"there"))
    answer = client.get(source.url)
    assert (answer.body, answer.url) == (b"there", f"{source.url}/there")
    source.answers(reply(302, headers={"Location": "/round"}))
    with pytest.raises(SourceUnreachable, match="too many redirects"):
        client.get(source.url)


def test_calls_to_one_source_keep_its_pace_and_other_sources_do_not_wait(client: Client, waits: list[float]) -> None:
    client.pace("arxiv", 3.0)
    client.pace("crossref", 3.0)
    assert waits == []
    client.pace("arxiv", 3.0)
    assert [round(wait, 1) for wait in waits] == [3.0]


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
