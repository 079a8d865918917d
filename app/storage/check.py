"""`flask storage check`: does the configured store keep what Shingle builds on? Every promise is tried out, over real HTTP, and cleaned up after.

What is written lies under `incoming/<id>/` and `media/<id>/` of ids that no row has: should the check be killed, reconciling removes it.
"""

import http.client
import io
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app.columns import new_id
from app.config import Settings
from app.storage.protocol import Storage, StorageError, UploadURL

PATIENCE = 60  # seconds for one answer
MINUTES = timedelta(minutes=5)


class Failed(Exception):
    """A promise that the store does not keep; the message says what to change."""


@dataclass(frozen=True)
class Line:
    """What came of one check. `advice` is empty when it is kept."""

    promise: str
    advice: str = ""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "").strip('"')


@dataclass
class Trial:
    """The store under trial, and how its addresses are reached: the folder's are paths of `site`."""

    store: Storage
    settings: Settings
    site: str
    id: str = field(default_factory=lambda: str(new_id()))
    keys: list[str] = field(default_factory=list)
    uploads: list[tuple[str, str]] = field(default_factory=list)

    def key(self, name: str, room: str = "incoming") -> str:
        """A key that is deleted in the end."""
        self.keys.append(f"{room}/{self.id}/{name}")
        return self.keys[-1]

    def write(self, name: str, body: bytes = b"body", room: str = "incoming") -> str:
        key = self.key(name, room)
        self.store.write(key, io.BytesIO(body), size=len(body), content_type="image/jpeg")
        return key

    def begin(self, key: str) -> str:
        self.uploads.append((key, self.store.begin(key, content_type="video/mp4")))
        return self.uploads[-1][1]

    def sign(self, key: str, size: int, lifetime: timedelta = MINUTES, sha256: str | None = None) -> UploadURL:
        return self.store.presign_put(key, size=size, content_type="image/jpeg", sha256=sha256, lifetime=lifetime)

    def put(self, upload: UploadURL, body: bytes, **headers: str) -> Answer:
        return self.send("PUT", upload.url, body, {**upload.headers, **headers})

    def send(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One request as a browser would send it; redirects are not followed."""
        parts = urlsplit(urljoin(self.site, url))
        target = parts.path + ("?" + parts.query) * bool(parts.query)
        try:
            with closing(_connect(parts.scheme, parts.netloc)) as connection:
                connection.request(method, target, body or None, dict(headers or {}))
                answer = connection.getresponse()
                return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"{parts.scheme}://{parts.netloc} does not answer: {error}") from error

    def read(self, key: str) -> bytes:
        with self.store.read(key) as stream:
            return stream.read()

    def clean(self) -> None:
        """Remove what was tried out; what can't be removed is left for reconciling."""
        for key, upload_id in self.uploads:
            with suppress(StorageError):
                self.store.abort(key, upload_id)
        with suppress(StorageError):
            self.store.delete(dict.fromkeys(self.keys))


def _connect(scheme: str, netloc: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(netloc, timeout=PATIENCE, context=ssl.create_default_context())
    return http.client.HTTPConnection(netloc, timeout=PATIENCE)


Check = Callable[[Trial], None]


def run(trial: Trial, checks: Mapping[str, Check]) -> Iterator[Line]:
    """Try every promise. The first is that the store can be used at all; without it there is nothing to try."""
    try:
        for position, (promise, check) in enumerate(checks.items()):
            line = _tried(trial, promise, check)
            yield line
            if line.advice and position == 0:
                return
    finally:
        trial.clean()


def _tried(trial: Trial, promise: str, check: Check) -> Line:
    try:
        check(trial)
    except Failed as failed:
        return Line(promise, str(failed))
    except StorageError as error:
        return Line(promise, f"The store says: {error or type(error).__name__}")
    return Line(promise)


def expect(kept: object, advice: str) -> None:
    """Give the advice unless it is kept."""
    if not kept:
        raise Failed(advice)


def said(answer: Answer) -> str:
    """What the store answered, in short."""
    return f"{answer.status} {answer.body[:200].decode(errors='replace')}".strip()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """The check says itself what it did."""


@contextmanager
def site(app: Flask) -> Iterator[str]:
    """An address at which this application answers, for the folder's own URLs: the web server need not run."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
