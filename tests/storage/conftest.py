"""The two stores, each behind a real HTTP server."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import pytest
import urllib3
from flask import Flask
from werkzeug.serving import make_server

from app import clock, config, create_app
from app.storage import store
from app.storage.protocol import ObjectInfo, Storage, StoredPart, UploadURL
from tests.servers import s3, tls
from tests.servers.s3 import Bucket
from tests.servers.start import Run

# The limiter is one for all applications of a process: the last one made decides whether it counts, in other tests too.
UNLIMITED = {"RATE_LIMITS": "no"}


@dataclass(frozen=True)
class Place:
    """A store, and how a browser reaches the addresses that it signs."""

    app: Flask
    store: Storage
    base_url: str
    http: urllib3.PoolManager

    def put(self, upload: UploadURL, body: bytes, headers: Mapping[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        sent = dict(upload.headers if headers is None else headers)
        return self.http.request("PUT", urljoin(self.base_url, upload.url), body=body, headers=sent, redirect=False)

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> ObjectInfo:
        """Make one object of these parts: what is there then."""
        self.store.complete(key, upload_id, parts)
        found = self.store.head(key)
        assert found is not None
        return found

    def get(self, url: str, **headers: str) -> urllib3.BaseHTTPResponse:
        return self.http.request("GET", urljoin(self.base_url, url), headers=headers, redirect=False)


@pytest.fixture(scope="session")
def disk_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    var = tmp_path_factory.mktemp("disk")
    app = create_app(
        config.load(
            {"VAR_DIR": str(var), "SECRET_KEY": "only-for-tests", **UNLIMITED, "DATABASE_URL": f"sqlite:///{var}/none.sqlite3"}
        )
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        found = store()
    yield Place(app, found, f"http://127.0.0.1:{server.server_port}", urllib3.PoolManager(retries=False))
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def s3_place(s3_settings: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Place:
    var = tmp_path_factory.mktemp("bucket")
    app = create_app(config.load({"VAR_DIR": str(var), "SECRET_KEY": "only-for-tests", **UNLIMITED, **s3_settings.environment}))
    with app.app_context():
        return Place(app, store(), s3_settings.endpoint, urllib3.PoolManager(retries=False))


@pytest.fixture(scope="session")
def tls_place(server_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The bucket over https, where botocore sends checksums and bodies in another way than over http."""
    folder = tmp_path_factory.mktemp("tls")
    trusted = server_run.notes / "certificate.pem"
    address = server_run.once("s3-tls", lambda run: s3.start(run, certificate=tls.certificate(trusted)))
    bucket = s3.new_bucket(address, f"shingle-tls-{server_run.number}", trusted)
    app = create_app(config.load({"VAR_DIR": str(folder), "SECRET_KEY": "only-for-tests", **UNLIMITED, **bucket.environment}))
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CA_BUNDLE", str(trusted))
        store().warm_up()
        return Place(app, store(), bucket.endpoint, urllib3.PoolManager(retries=False, ca_certs=str(trusted)))


@pytest.fixture(params=["disk", "s3", "tls"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each promise of the contract is tested on the folder, and on the bucket over http and over https."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture
def key() -> str:
    """A key that no other test uses."""
    return f"incoming/{uuid4()}/{uuid4().hex}"


def long_ago(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> Any:
    """Sign something an hour in the past: botocore has a clock of its own, which a real server compares with the real time."""
    past = clock.now() - timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "read", lambda: past)
        patch.setattr("botocore.auth.get_current_datetime", lambda *_: past.replace(tzinfo=None))
        return act()
