"""What an upload costs the app, whatever its size: `python -m bench.uploads [MB ...]` (5, 100 and 500 unless said).

CPU of the app's web process (production server, kernel included) and the most memory it took beyond what it had before, for uploads by presigned
URLs to a bucket, by presigned URLs to the folder (where the app itself is the store), and directly through the app to both; beside them, in the same
run, a bare PUT of the same bytes to the same bucket. Then what a grant and a signature cost. The bucket is the signature-verifying server of the
tests, on this machine: seconds compare within a run, and say nothing of a real store. Linux only.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app import config, create_app
from app.extensions import db, hang_up
from app.ops.schema import bring_up_to_date
from app.storage import store
from bench.cast import begin
from bench.serving import Server, granian
from tests.servers import redis, s3
from tests.servers.start import Run

MB = 2**20
PIECE = os.urandom(MB)  # nothing on the way can make it smaller
IN_FLIGHT = 4
GRANTS = 200
BOUNDARY = "a-boundary-that-is-nowhere-in-the-bytes"


class Browser:
    """A signed-in provider with a draft, who sends files as `static/js/upload.js` does."""

    def __init__(self, environment: dict[str, str], drafts: int = 1) -> None:
        app = create_app(config.load(environment))
        bring_up_to_date(app)
        with app.app_context():
            client, started = begin(app, drafts)
            page = client.get(f"/drafts/{started[0]}/details").text
            db.session.remove()
            hang_up()
        cookie = client.get_cookie("session")
        assert cookie is not None
        self.drafts = [str(each) for each in started]
        self.token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        self.cookie = {"Cookie": f"session={cookie.value}"}
        self._lines: dict[int, HTTPConnection] = {}

    def post(self, server: Server, path: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
        """On a connection that stays open, as a browser's does."""
        headers = self.cookie | {"X-CSRFToken": self.token, "Content-Type": "application/json", "Accept": "application/json"}
        line = self._lines.setdefault(server.port, HTTPConnection("127.0.0.1", server.port, timeout=300))
        asked = ("POST", path, json.dumps(values or {}).encode(), headers)
        try:
            _etag, body = _answer(line, *asked)
        except RemoteDisconnected:  # it was idle for too long
            line.close()
            _etag, body = _answer(line, *asked)
        answer: dict[str, Any] = json.loads(body)
        return answer

    def grant(self, server: Server, size: int) -> dict[str, Any]:
        asked = {"entity_type": "service", "entity_id": self.drafts[0], "file_name": "film.mp4", "content_type": "video/mp4"}
        return self.post(server, "/media", asked | {"size": size})

    def presigned(self, server: Server, size: int) -> None:
        granted = self.grant(server, size)
        path = f"/media/{granted['id']}"
        etags: dict[str, str] = {}
        if "url" in granted:
            _put(server, granted, size)
        else:
            etags = self._parts(server, path, size, granted)
        self.post(server, f"{path}/received", {"etags": etags})

    def _parts(self, server: Server, path: str, size: int, granted: dict[str, Any]) -> dict[str, str]:
        etags: dict[str, str] = {}
        each, count = granted["part_bytes"], granted["parts"]
        for first in range(1, count + 1, 16):
            numbers = list(range(first, min(count, first + 15) + 1))
            signed = granted["urls"] if first == 1 else self.post(server, f"{path}/parts", {"numbers": numbers})["parts"]
            sends = [partial(_put, server, signed[str(number)], min(each, size - each * (number - 1))) for number in numbers]
            with ThreadPoolExecutor(IN_FLIGHT) as pool:
                etags |= zip(map(str, numbers), pool.map(lambda send: send(), sends), strict=True)
        return etags

    def direct(self, server: Server, size: int) -> None:
        fields = {"csrf_token": self.token, "entity_type": "service", "entity_id": self.drafts[0]}
        head = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="film.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
        tail = f"\r\n--{BOUNDARY}--\r\n"
        headers = self.cookie | {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + size + len(tail)),
        }
        body = _chain(head.encode(), _bytes(size), tail.encode())
        _ask("POST", f"{server.address}/media/direct", body, headers)


def main() -> None:
    sizes = [int(given) for given in sys.argv[1:]] or [5, 100, 500]
    with tempfile.TemporaryDirectory() as name, ExitStack() as open_servers:
        folder = Path(name)
        run = Run(owner=os.getpid(), notes=folder, number=0)
        bucket = s3.new_bucket(s3.start(run), "bench")
        environment = {"SECRET_KEY": "bench", "RATE_LIMITS": "no", "REDIS_URL": redis.start(run), "PROVIDER_MAX_BYTES": "100G"}
        environment |= {"LOG_LEVEL": "WARNING", "MEDIA_PER_SERVICE": "100000", "PROVIDER_MAX_FILES": "100000"}
        places = {"bucket": bucket.environment, "folder": {}}
        shops: dict[str, tuple[Server, Browser]] = {}
        for place, more in places.items():
            given = environment | more | {"VAR_DIR": str(folder / place)}
            (folder / place).mkdir()
            shops[place] = open_servers.enter_context(granian("wsgi:app", given)), Browser(given)
            shops[place][1].presigned(shops[place][0], MB)  # the client of a bucket takes its time, once
        for size in sizes:
            times = max(1, 100 // size)
            print(f"{size} MB, mean of {times}")
            _say("a bare PUT to the bucket", _timed(partial(_bare, bucket, size * MB), times))
            for way in ("presigned", "direct"):
                for place, (server, browser) in shops.items():
                    _say(f"{way}, to the {place}", *_measured(server, partial(getattr(browser, way), server, size * MB), times))
        _grants(*shops["bucket"])
        _signatures(environment | bucket.environment | {"VAR_DIR": str(folder / "bucket")})


def _measured(server: Server, act: Callable[[], object], times: int) -> tuple[float, str]:
    before = server.memory()
    server.forget_peak()
    cpu = server.cpu()
    seconds = _timed(act, times)
    return (
        seconds,
        f"   app: CPU {(server.cpu() - cpu) / times:7.1f} ms, memory + {max(0, server.peak() - before) / 1024:5.1f} MiB",
    )


def _timed(act: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _each in range(times):
        act()
    return (time.perf_counter() - began) / times


def _say(what: str, seconds: float, app: str = "") -> None:
    print(f"  {what:26} {seconds:7.2f} s{app}", flush=True)


def _grants(server: Server, browser: Browser) -> None:
    before = server.cpu()
    for _each in range(GRANTS):
        browser.grant(server, 5 * MB)
    print(
        f"a grant: {(server.cpu() - before) / GRANTS:.2f} ms of the app's CPU (mean of {GRANTS}, the bucket's URL and the tile included)"
    )


def _signatures(environment: dict[str, str]) -> None:
    with create_app(config.load(environment)).app_context():
        place, lifetime, times = store(), timedelta(minutes=15), []
        for number in range(300):
            began = time.process_time()
            place.presign_put(
                f"incoming/bench/{number}", size=5 * MB, content_type="image/jpeg", sha256=None, lifetime=lifetime
            )
            times.append((time.process_time() - began) * 1000)
    times = sorted(times[20:])
    print(f"a signature: median {statistics.median(times):.2f} ms ({times[0]:.2f} to {times[-1]:.2f}, {len(times)} runs)")


def _bare(bucket: s3.Bucket, size: int) -> None:
    client = s3.client(bucket.endpoint)
    url = client.generate_presigned_url("put_object", {"Bucket": bucket.bucket, "Key": f"bare/{size}", "ContentLength": size})
    _ask("PUT", url, _bytes(size), {"Content-Length": str(size)})


def _put(server: Server, to: dict[str, Any], size: int) -> str:
    """The ETag of what was sent."""
    url = to["url"] if "://" in to["url"] else server.address + to["url"]
    etag, _body = _ask("PUT", url, _bytes(size), to["headers"] | {"Content-Length": str(size)})
    return etag.strip('"')


def _ask(method: str, url: str, body: Any, headers: dict[str, str]) -> tuple[str, bytes]:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=300)
    try:
        return _answer(connection, method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers)
    finally:
        connection.close()


def _answer(connection: HTTPConnection, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[str, bytes]:
    """The ETag of an answer, and what it says."""
    connection.request(method, path, body, headers)
    response: HTTPResponse = connection.getresponse()
    answer = response.read()
    assert response.status < 400, f"{method} {path}: {response.status} {answer[:300]!r}"
    return response.headers.get("ETag", ""), answer


def _bytes(size: int) -> Iterator[bytes]:
    for _each in range(size // MB):
        yield PIECE
    if size % MB:
        yield PIECE[: size % MB]


def _chain(*parts: bytes | Iterator[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield from [part] if isinstance(part, bytes) else part


if __name__ == "__main__":
    main()
