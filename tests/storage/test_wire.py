"""What happens on the way of a lean request: a store of a few lines answers as it is told to, over real HTTP."""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest

from app import config
from app.storage.protocol import Busy, ChangedObject, StorageError, StoredPart
from app.storage.s3.storage import S3Storage

FOUND = (200, "", {"ETag": '"abc"', "Last-Modified": "Sun, 22 Nov 2026 09:30:00 GMT", "Content-Type": "video/mp4"})
OVERLOADED = (503, "<Error><Code>SlowDown</Code></Error>", {})
BROKEN_LATER = (200, " \n<Error><Code>InternalError</Code></Error>", {})
DONE = (200, '<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>', {})
NO_UPLOAD = (404, "<Error><Code>NoSuchUpload</Code></Error>", {})
NOTHING = (404, "", {})
HANGING_UP = (0, "", {})

Script = Callable[..., tuple[S3Storage, list[str]]]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A bucket whose store gives these answers in turn, and what it was asked for."""
    servers: list[Any] = []
    monkeypatch.setattr("app.storage.s3.wire.delay", lambda _tries: 0)

    def start(*answers: tuple[int, str, dict[str, str]]) -> tuple[S3Storage, list[str]]:
        asked: list[str] = []
        left = iter(answers)

        class Store(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked.append(f"{self.command} {self.path}")
                status, body, headers = next(left)
                if not status:
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            do_POST = do_HEAD

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return _bucket(server.server_port), asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _bucket(port: int) -> S3Storage:
    keys = {"S3_ACCESS_KEY_ID": "a", "S3_SECRET_ACCESS_KEY": "b"}
    place = {"S3_ENDPOINT_URL": f"http://127.0.0.1:{port}", "S3_BUCKET": "bucket", "S3_REGION": "us-east-1"}
    return S3Storage(config.load({"SECRET_KEY": "only-for-tests", **place, **keys}))


@pytest.mark.parametrize("mishap", [OVERLOADED, HANGING_UP], ids=["overloaded", "hanging up"])
def test_a_mishap_is_tried_again(script: Script, mishap: Any) -> None:
    bucket, asked = script(mishap, mishap, FOUND)
    found = bucket.head("a b")
    assert found is not None
    assert (found.etag, found.content_type, asked) == ("abc", "video/mp4", ["HEAD /bucket/a%20b"] * 3)


@pytest.mark.parametrize("mishap", [OVERLOADED, HANGING_UP], ids=["overloaded", "hanging up"])
def test_a_store_that_goes_on_so_is_busy(script: Script, mishap: Any) -> None:
    bucket, asked = script(*[mishap] * 4)
    with pytest.raises(Busy):
        bucket.head("a")
    assert len(asked) == 3


def test_a_refusal_is_not_tried_again(script: Script) -> None:
    bucket, asked = script((403, "", {}), FOUND)
    with pytest.raises(StorageError):
        bucket.head("a")
    assert len(asked) == 1


def test_a_completion_that_fails_after_its_200_is_tried_again(script: Script) -> None:
    bucket, asked = script(BROKEN_LATER, DONE)
    bucket.complete("a", "id/+", [StoredPart(1, 5, "abc")])
    assert asked == ["POST /bucket/a?uploadId=id%2F%2B"] * 2


def test_a_completion_whose_answer_was_lost_is_found_by_its_object(script: Script) -> None:
    bucket, asked = script(HANGING_UP, NO_UPLOAD, FOUND)
    bucket.complete("a", "id", [StoredPart(1, 0, "abc")])
    assert asked[-1] == "HEAD /bucket/a"


def test_a_completion_that_nobody_knows_of_is_refused(script: Script) -> None:
    bucket, _asked = script(NO_UPLOAD, NOTHING)
    with pytest.raises(ChangedObject):
        bucket.complete("a", "id", [StoredPart(1, 5, "abc")])


def test_an_answer_without_an_upload_id_begins_nothing(script: Script) -> None:
    bucket, _asked = script((200, "<html>a page of somebody else</html>", {}))
    with pytest.raises(StorageError):
        bucket.begin("a", content_type="video/mp4")


def test_without_keys_the_store_is_said_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3.session.Session, "get_credentials", lambda _self: None)
    with pytest.raises(StorageError, match="credentials"):
        _bucket(1).head("a")


REFUSED = """<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Error><Key>a</Key><Code>AccessDenied</Code><Message>No</Message></Error>
<Error><Key>b</Key><Code>NoSuchKey</Code></Error></DeleteResult>"""


def test_what_could_not_be_deleted_is_told_and_what_was_not_there_is_not(script: Script) -> None:
    bucket, asked = script((200, REFUSED, {}))
    assert bucket.delete(["a", "b"]) == {"a": "AccessDenied: No"}
    assert asked == ["POST /bucket/?delete="]


def test_a_deletion_announces_its_md5(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket, _asked = script((200, "<DeleteResult/>", {}))
    sent: dict[str, Any] = {}
    ask = bucket._wire.ask
    monkeypatch.setattr(bucket._wire, "ask", lambda *words, **given: sent.update(given) or ask(*words, **given))
    bucket.delete(["a&b"])
    assert b"<Key>a&amp;b</Key>" in sent["body"]
    assert base64.b64decode(sent["headers"]["content-md5"]) == hashlib.md5(sent["body"], usedforsecurity=False).digest()
