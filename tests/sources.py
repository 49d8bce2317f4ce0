"""Web servers on this machine: one that answers what a test tells it to, and one that plays recorded answers."""

from __future__ import annotations

import gzip
import json
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml


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

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.replies: list[Reply] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        source = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                source.requests.append((self.path, dict(self.headers)))
                reply = source.reply(self.path, dict(self.headers))
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
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def answers(self, *replies: Reply) -> None:
        """Give these replies, in this order, to the requests to come."""
        self.replies = list(replies)

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        """What this request is answered with."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Recorded(Source):
    """arXiv, Crossref, OpenAlex, Semantic Scholar and doi.org under one roof, with the answers that were recorded.

    `config` is what the user's configuration file must say to have them asked. `also` are more answers, by a regular
    expression that the request's decoded path must match: they win over recorded ones. What is not known is answered
    as the real source does.
    """

    def __init__(self, data: Path) -> None:
        super().__init__()
        self.data = data
        self.also: dict[str, Reply] = {}
        names = ("arxiv", "crossref", "openalex", "semanticscholar", "doi")
        self.config = "\n".join(f'{name}.url = "{self.url}/{name}"' for name in names) + "\n"

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        decoded = unquote(path)
        for pattern, reply in self.also.items():
            if re.search(pattern, decoded):
                return reply
        source, _, rest = path.removeprefix("/").partition("/")
        parts = urlsplit("/" + rest)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        name = unquote(parts.path)
        play = {
            "arxiv": self._arxiv,
            "crossref": self._crossref,
            "openalex": self._openalex,
            "semanticscholar": self._semanticscholar,
            "doi": self._doi,
        }.get(source)
        body = play(name, query) if play else None
        if body is None:
            return Reply(404, b"Resource not found.")
        return Reply(200, body, {"Content-Type": "application/atom+xml" if source == "arxiv" else "application/json"})

    def _arxiv(self, path: str, query: Mapping[str, str]) -> bytes:
        feeds = arxiv_answers(self.data)
        asked = query.get("id_list", "")
        same = (body for ids, body in feeds.items() if ids.partition("v")[0] == asked.partition("v")[0])
        return next(same, EMPTY_FEED)

    def _crossref(self, path: str, query: Mapping[str, str]) -> bytes | None:
        works = crossref_works(self.data)
        if path == "/works":
            asked = _letters(query.get("query.bibliographic", ""))
            found = [work for work in works.values() if _letters(_title(work)) and _letters(_title(work)) in asked]
            return json.dumps({"status": "ok", "message": {"items": found, "total-results": len(found)}}).encode()
        work = works.get(path.removeprefix("/works/").lower())
        return json.dumps({"status": "ok", "message-type": "work", "message": work}).encode() if work else None

    def _openalex(self, path: str, query: Mapping[str, str]) -> bytes | None:
        works = openalex_works(self.data)
        if path == "/works":
            asked = _letters(query.get("filter", "").partition("title.search:")[2])
            ids = query.get("filter", "").removeprefix("openalex:").split("|")
            found = [
                work
                for work in works
                if (asked and _letters(work["title"]) == asked) or work["id"].rpartition("/")[2] in ids
            ]
            return json.dumps({"results": found}).encode()
        named = path.removeprefix("/works/").removeprefix("doi:").lower()
        for work in works:
            if named in (work["id"].rpartition("/")[2].lower(), work["doi"].removeprefix("https://doi.org/").lower()):
                return json.dumps(work).encode()
        return None

    def _semanticscholar(self, path: str, query: Mapping[str, str]) -> bytes | None:
        papers = semanticscholar_papers(self.data)
        named = path.removeprefix("/graph/v1/paper/")
        if named == "search/match":
            asked = _letters(query.get("query", ""))
            found = [paper for paper in papers if _letters(paper.get("title", "")) == asked]
            return json.dumps({"data": found}).encode() if found else None
        for paper in papers:
            if named.lower() in _semanticscholar_names(paper):
                return json.dumps(paper).encode()
        return None

    def _doi(self, path: str, query: Mapping[str, str]) -> bytes | None:
        return citeproc_answers(self.data).get(path.removeprefix("/").lower())


EMPTY_FEED = b'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>'


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _title(work: Mapping[str, Any]) -> str:
    return str((work.get("title") or [""])[0])


def _semanticscholar_names(paper: Mapping[str, Any]) -> set[str]:
    ids = paper.get("externalIds") or {}
    named = {f"{scheme}:{value}" for scheme, value in ids.items()} | {paper.get("paperId") or ""}
    return {name.lower() for name in named}


@dataclass(frozen=True)
class Exchange:
    """A recorded request and its answer."""

    cassette: str
    method: str
    url: str
    accept: str
    status: int
    body: bytes


@cache
def exchanges(data: Path) -> tuple[Exchange, ...]:
    """Every request in the recordings of Crossref, doi.org, OpenAlex and Semantic Scholar."""
    return tuple(_exchanges(data))


def _exchanges(data: Path) -> Iterator[Exchange]:
    for file in sorted(data.glob("05-api-*/files/**/*.yaml")):
        for one in yaml.load(file.read_text(), Loader=yaml.CSafeLoader)["interactions"]:
            request, response = one["request"], one["response"]
            body = response.get("body", response.get("content"))
            body = body.get("string") if isinstance(body, dict) else body
            raw = body.encode() if isinstance(body, str) else body or b""
            if raw[:2] == b"\x1f\x8b":
                raw = gzip.decompress(raw)
            status = response.get("status_code") or response["status"]["code"]
            accept = (request["headers"].get("Accept") or request["headers"].get("accept") or [""])[0]
            yield Exchange(file.stem, request["method"], request["uri"], accept, status, raw)


@cache
def arxiv_answers(data: Path) -> dict[str, bytes]:
    """arXiv's feeds by the `id_list` that was asked for; those of searches are under the words and the start."""
    found = {}
    for file in sorted((data / "05-api-arxiv" / "files").glob("*.json")):
        recorded = json.loads(file.read_text())
        query = {key: values[0] for key, values in parse_qs(urlsplit(recorded["url"]).query).items()}
        name = query.get("id_list") or f"{query.get('search_query')} {query.get('start')}"
        # The recorder took the bytes for Latin-1; so they come back.
        found[name] = recorded["body"].encode("latin-1")
    return found


@cache
def crossref_works(data: Path) -> dict[str, dict[str, Any]]:
    """Crossref's whole records by their DOIs, from answers about one work and from lists."""
    found: dict[str, dict[str, Any]] = {}
    for one in exchanges(data):
        if one.status != 200 or "api.crossref.org" not in one.url or "/transform" in one.url:
            continue
        message = json.loads(one.body).get("message")
        for work in message.get("items", [message]) if isinstance(message, dict) else ():
            # Where fields were selected, the answer is no record.
            if "DOI" in work and "type" in work:
                found.setdefault(work["DOI"].lower(), work)
    return found


@cache
def openalex_works(data: Path) -> tuple[dict[str, Any], ...]:
    """OpenAlex's whole records."""
    found = []
    for one in exchanges(data):
        if one.status == 200 and "api.openalex.org" in one.url:
            answer = json.loads(one.body)
            found += [work for work in answer.get("results", [answer]) if "authorships" in work]
    return tuple(found)


@cache
def semanticscholar_papers(data: Path) -> tuple[dict[str, Any], ...]:
    """Semantic Scholar's whole records, the fullest ones first."""
    found: list[dict[str, Any]] = []
    for one in exchanges(data):
        if one.status == 200 and "api.semanticscholar.org" in one.url:
            answer = json.loads(one.body)
            listed = answer if isinstance(answer, list) else answer.get("data", [answer])
            found += [one for one in listed if isinstance(one, dict) and "externalIds" in one and "title" in one]
    for name in ("Citation", "Reference"):
        record = json.loads((data / "05-api-semanticscholar" / "files" / f"{name}.json").read_text())
        found += [record[key] for key in ("citingPaper", "citedPaper") if key in record]
    return tuple(sorted(found, key=lambda paper: -len(paper)))


@cache
def citeproc_answers(data: Path) -> dict[str, bytes]:
    """What content negotiation answered in CSL-JSON, by DOI."""
    found = {}
    for one in exchanges(data):
        if one.status == 200 and "citationstyles" in one.url:
            found[json.loads(one.body)["DOI"].lower()] = one.body
    return found


@cache
def bibtex_answers(data: Path) -> dict[str, str]:
    """What content negotiation answered in BibTeX, by DOI."""
    found = {}
    for one in exchanges(data):
        text = one.body.decode(errors="replace")
        doi = re.search(r"(?i)doi\s*=\s*\{([^}]+)\}", text)
        if one.status == 200 and text.lstrip().startswith("@") and doi:
            found[doi[1].lower()] = text
    return found
