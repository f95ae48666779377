"""A local server that answers like the Hugging Face hub for one repository, and fails in chosen ways.

    with HubStandIn(files) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)

`hub.requests` lists what was asked, with the Range header. Weights are large files (sha256), the rest git blobs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from support.local_server import LocalServer

REPOSITORY = "someone/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Faults:
    """What goes wrong; every entry is by file name."""

    break_once_after: dict[str, int] = field(default_factory=dict)  # bytes sent before the connection is cut, once
    break_always_after: dict[str, int] = field(default_factory=dict)
    serve_instead: dict[str, bytes] = field(default_factory=dict)  # another content than the one that is stated
    state_size: dict[str, int] = field(default_factory=dict)
    hide: set[str] = field(default_factory=set)  # 404 although it is listed
    api_status: int = 200
    api_body: bytes | None = None


class HubStandIn(LocalServer):
    """Serves `files` (name → content) as the repository `someone/tiny` at one commit."""

    def __init__(self, files: dict[str, bytes], licence: str = "apache-2.0") -> None:
        self.files = files
        self.licence = licence
        self.faults = Faults()
        self.requests: list[tuple[str, str, str | None]] = []
        stand_in = self

        class Handler(_Handler):
            hub = stand_in

        super().__init__(Handler)

    def ranges(self, name: str) -> list[str | None]:
        """The Range headers with which the content of a file was asked for."""
        return [asked for verb, path, asked in self.requests if verb == "GET" and path.endswith(f"/{name}")]

    def description(self) -> dict[str, Any]:
        return {
            "_id": "0",
            "id": REPOSITORY,
            "modelId": REPOSITORY,
            "sha": COMMIT,
            "tags": [f"license:{self.licence}"],
            "siblings": [self._sibling(name, content) for name, content in self.files.items()],
            "cardData": {"license": self.licence},
        }

    def _sibling(self, name: str, content: bytes) -> dict[str, Any]:
        size = self.faults.state_size.get(name, len(content))
        entry = {"rfilename": name, "size": size, "blobId": git_hash(content)}
        if is_large(name):
            entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": size, "pointerSize": 134}
        return entry


def is_large(name: str) -> bool:
    return name.endswith((".safetensors", ".bin"))


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: HubStandIn
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        self.hub.requests.append((self.command, path, self.headers.get("Range")))
        if path.startswith("/api/models/"):
            self._describe(path)
        elif f"/resolve/{COMMIT}/" in path and path.startswith(f"/{REPOSITORY}/"):
            self._file(path.rpartition("/")[2], with_body)
        else:
            self._send(200, b"", {})

    def _describe(self, path: str) -> None:
        known = (f"/api/models/{REPOSITORY}", f"/api/models/{REPOSITORY}/revision/main")
        if self.hub.faults.api_status != 200:
            code = {401: "GatedRepo", 403: "GatedRepo"}.get(self.hub.faults.api_status, "")
            self._send(self.hub.faults.api_status, b"{}", {"X-Error-Code": code} if code else {})
        elif path not in known:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        else:
            body = self.hub.faults.api_body
            self._send(200, json.dumps(self.hub.description()).encode() if body is None else body, {})

    def _file(self, name: str, with_body: bool) -> None:
        faults = self.hub.faults
        if name not in self.hub.files or name in faults.hide:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        stated = self.hub.files[name]
        content = faults.serve_instead.get(name, stated)
        etag = hashlib.sha256(stated).hexdigest() if is_large(name) else git_hash(stated)
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if not with_body:
            self._send(200, b"", {**headers, "X-Linked-Size": str(len(stated)), "X-Linked-Etag": f'"{etag}"'})
            return
        start = int((self.headers.get("Range") or "bytes=0-")[len("bytes=") :].split("-")[0])
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if start else 200, content[start:], headers, cut_after=self._cut(name))

    def _cut(self, name: str) -> int | None:
        faults = self.hub.faults
        return faults.break_once_after.pop(name, None) or faults.break_always_after.get(name)

    def _send(self, status: int, body: bytes, headers: dict[str, str], cut_after: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut_after is None else body[:cut_after])
        if cut_after is not None:
            self.close_connection = True
            self.wfile.flush()
            self.connection.close()
