"""A small Zotero, for there is none where the tests run.

It answers as Zotero's documentation and its source say (https://www.zotero.org/support/dev/web_api/v3/local_api), with
its paging, its headers and its refusals.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


def entry(key: str, **data: Any) -> dict[str, Any]:
    """An object as the API gives it."""
    links = data.pop("links", {})
    return {"key": key, "version": data.pop("version", 1), "links": links, "data": {"key": key, **data}}


class Zotero:
    """A small Zotero: `found` maps paths under /api/users/0 to all their objects."""

    def __init__(self) -> None:
        self.enabled = True
        self.found: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []
        mine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                mine.asked.append(self.path)
                status, kind, body, headers = mine.answer(self.path)
                self.send_response(status)
                headers |= {"Zotero-API-Version": "3", "Content-Type": kind, "Content-Length": str(len(body))}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/api"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def answer(self, path: str) -> tuple[int, str, bytes, dict[str, str]]:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if not self.enabled:
            return 403, "text/plain", b"Local API is not enabled", {}
        if query.get("v", "3") != "3":
            return 501, "text/plain", b"API version not implemented", {}
        place = parts.path.removeprefix("/api/users/0")
        if place not in self.found:
            return 404, "text/plain", b"Not found", {}
        objects = self.found[place]
        if "itemType" in query:
            objects = [one for one in objects if one["data"]["itemType"] == query["itemType"]]
        elif place.endswith("/children"):
            objects = [one for one in objects if one["data"]["itemType"] != "annotation"]
        if int(query.get("since", "0")):
            objects = [one for one in objects if one["version"] > int(query["since"])]
        start = int(query.get("start", "0"))
        page = objects[start : start + int(query.get("limit", str(len(objects))))]
        headers = {"Total-Results": str(len(objects)), "Last-Modified-Version": "7"}
        return 200, "application/json", json.dumps(page, indent=4).encode(), headers

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
