"""`flask storage check`: every promise is kept by both stores, and a store that breaks one is found out."""

import dataclasses
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock, config, create_app
from app.storage import checks, documents, promises, store
from app.storage.check import Trial, run, site
from app.storage.disk import DiskStorage
from app.storage.permission import Permission, Signer
from tests.servers import s3
from tests.servers.start import Run
from tests.storage.conftest import Place

# A file system has a clock of its own, and so has a bucket.
pytestmark = pytest.mark.usefixtures("present")

Patch = pytest.MonkeyPatch


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


def tried(app: Flask, *names: str, **settings: Any) -> dict[str, str]:
    """The advice for each promise, all if none is named."""
    wanted = {promise: promises.CHECKS[promise] for promise in names or promises.CHECKS}
    with app.app_context(), site(app) as address:
        given = dataclasses.replace(app.extensions["settings"], **settings)
        return {line.promise: line.advice for line in run(Trial(store(), given, address), wanted)}


def test_both_stores_keep_every_promise(place: Place) -> None:
    assert tried(place.app) == dict.fromkeys(promises.CHECKS, "")


def test_nothing_that_was_tried_is_left(place: Place) -> None:
    before = {each.key for each in place.store.list()}, {each.upload_id for each in place.store.uploads()}
    tried(place.app)
    assert ({each.key for each in place.store.list()}, {each.upload_id for each in place.store.uploads()}) == before


def test_the_command_says_a_line_for_each_promise(disk_place: Place) -> None:
    done = disk_place.app.test_cli_runner().invoke(args=["storage", "check"])
    assert done.exit_code == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("ok")] == [f"ok   {each}" for each in promises.CHECKS]


def test_the_command_shows_a_bucket_the_documents_to_apply(s3_place: Place, monkeypatch: Patch) -> None:
    monkeypatch.setattr(promises, "CHECKS", {"objects can be written, read and deleted": checks.usable})
    shown = s3_place.app.test_cli_runner().invoke(args=["storage", "check"]).stdout
    assert json.dumps(documents.cors(s3_place.app.extensions["settings"]), indent=2) in shown
    assert json.dumps(documents.lifecycle(), indent=2) in shown


def test_the_lifecycle_document_deletes_no_object() -> None:
    [rule] = documents.lifecycle()["Rules"]
    assert set(rule) == {"ID", "Status", "Filter", "AbortIncompleteMultipartUpload"}


def test_the_command_fails_with_what_to_change(disk_place: Place, monkeypatch: Patch) -> None:
    monkeypatch.setattr(DiskStorage, "create", overwrite)
    monkeypatch.setattr(promises, "CHECKS", {"nothing is overwritten": checks.overwriting})
    done = disk_place.app.test_cli_runner().invoke(args=["storage", "check"])
    assert done.exit_code == 1
    assert "FAIL nothing is overwritten. This store can't keep" in done.stdout


def overwrite(self: DiskStorage, permission: Permission, stream: Any) -> Any:
    """As a store that ignores If-None-Match."""
    return self.write(permission.key, stream, size=permission.size, content_type=permission.content_type)


def ignoring_conditions(monkeypatch: Patch) -> None:
    monkeypatch.setattr(DiskStorage, "create", overwrite)


def ignoring_headers(monkeypatch: Patch) -> None:
    monkeypatch.setattr("app.storage.views._as_signed", lambda _permission: None)
    write = DiskStorage.write
    monkeypatch.setattr(
        DiskStorage, "create", lambda self, given, stream: write(self, given.key, stream, size=None, content_type="a/b")
    )


def ignoring_checksums(monkeypatch: Patch) -> None:
    create = DiskStorage.create
    monkeypatch.setattr(
        DiskStorage, "create", lambda self, given, body: create(self, dataclasses.replace(given, sha256=""), body)
    )


def ignoring_time(monkeypatch: Patch) -> None:
    read = Signer.read

    def forever(self: Signer, token: str, method: str) -> Permission:
        with monkeypatch.context() as patch:
            patch.setattr(clock, "read", lambda: clock.datetime(2026, 1, 1, tzinfo=clock.UTC))
            return read(self, token, method)

    monkeypatch.setattr(Signer, "read", forever)


def copying_anything(monkeypatch: Patch) -> None:
    copy = DiskStorage.copy

    def anything(self: DiskStorage, source: str, target: str, *, etag: str, content_type: str) -> Any:
        found = self.head(source)
        assert found is not None
        return copy(self, source, target, etag=found.etag, content_type=content_type)

    monkeypatch.setattr(DiskStorage, "copy", anything)


def keeping_uploads(monkeypatch: Patch) -> None:
    monkeypatch.setattr(DiskStorage, "abort", lambda *_: None)


def listing_backwards(monkeypatch: Patch) -> None:
    listed = DiskStorage.list
    monkeypatch.setattr(DiskStorage, "list", lambda self, prefix: iter(list(listed(self, prefix))[::-1]))


def forgetting_parts(monkeypatch: Patch) -> None:
    monkeypatch.setattr(DiskStorage, "parts", lambda *_: [])


def completing_anything(monkeypatch: Patch) -> None:
    complete = DiskStorage.complete

    def anything(self: DiskStorage, key: str, upload_id: str, _parts: Any) -> None:
        complete(self, key, upload_id, self.parts(key, upload_id))

    monkeypatch.setattr(DiskStorage, "complete", anything)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        (ignoring_conditions, "nothing is overwritten"),
        (ignoring_headers, "another length is refused"),
        (ignoring_headers, "another type is refused"),
        (ignoring_checksums, "other bytes than the announced SHA-256 are refused"),
        (ignoring_time, "an expired URL is refused"),
        (copying_anything, "only what was verified is copied"),
        (keeping_uploads, "an upload in parts can be aborted"),
        (forgetting_parts, "an upload in parts is put together, once"),
        (completing_anything, "an upload in parts is put together, once"),
        (listing_backwards, "objects are listed in the order of their keys"),
    ],
)
def test_a_store_that_breaks_a_promise_is_found_out(
    disk_place: Place, monkeypatch: Patch, fault: Callable[[Patch], None], promise: str
) -> None:
    fault(monkeypatch)
    assert tried(disk_place.app, promise)[promise]


def test_a_clock_that_is_wrong_is_found_out(disk_place: Place, monkeypatch: Patch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "read", lambda: now + timedelta(minutes=3))
    assert re.search(r"differ by 1[78]\d s", tried(disk_place.app, "the clocks agree")["the clocks agree"])


def test_a_bucket_whose_incoming_room_is_public_is_found_out(disk_place: Place) -> None:
    public = Flask("public")

    @public.get("/<path:key>")
    def read_anything(key: str) -> bytes:
        with disk_place.store.read(key) as stream:
            return stream.read()

    with site(public) as address:
        advice = tried(disk_place.app, "incoming/ is private", media_base_url=address)
    assert "make only media/ public" in advice["incoming/ is private"]


def test_a_public_address_that_does_not_lead_to_the_bucket_is_found_out(s3_place: Place) -> None:
    promise = "media/ is public where MEDIA_BASE_URL says so"
    assert "Let it read media/" in tried(s3_place.app, promise, media_base_url=s3_place.base_url)[promise]


@pytest.fixture(scope="module")
def strangers_bucket(server_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A bucket that lets in the pages of another site."""
    address = server_run.once("s3-elsewhere", lambda run: s3.start(run, origin="https://elsewhere.example"))
    bucket = s3.new_bucket(address, f"shingle-{server_run.number}")
    var = str(tmp_path_factory.mktemp("cors"))
    return create_app(config.load({"VAR_DIR": var, "SECRET_KEY": "only-for-tests", **bucket.environment}))


@pytest.mark.parametrize("promise", ["pages may upload (CORS)", "pages may read the ETag (CORS)"])
def test_a_bucket_for_other_pages_is_found_out(strangers_bucket: Flask, promise: str) -> None:
    assert tried(strangers_bucket, promise)[promise]


def test_a_bucket_that_is_not_there_ends_the_check_at_once(s3_place: Place, monkeypatch: Patch) -> None:
    monkeypatch.setattr(s3_place.store, "_bucket", "no-such-bucket")
    found = tried(s3_place.app)
    assert "NoSuchBucket" in found["objects can be written, read and deleted"]
    assert "a signed PUT is taken" not in found
