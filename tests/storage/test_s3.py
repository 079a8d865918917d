"""What only the bucket must do: stores differ, and streams have any length."""

import io
import tracemalloc
from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from app.storage.protocol import Busy, ChangedObject, StorageError
from app.storage.s3.bucket import errors
from app.storage.s3.storage import S3Storage
from app.storage.s3.writing import PART
from tests.storage.conftest import Place


@pytest.fixture
def bucket(s3_place: Place) -> S3Storage:
    return cast(S3Storage, s3_place.store)


class Endless(io.RawIOBase):
    """A stream of so many bytes that can be read once, such as a request's."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        length = min(len(buffer), self._left)
        buffer[:length] = b"x" * length
        self._left -= length
        return length


def stream(size: int) -> Any:
    return Endless(size)


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART], ids=str)
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
def test_a_stream_that_is_read_once_is_stored_whole(bucket: S3Storage, key: str, size: int, is_known: bool) -> None:
    done = bucket.write(key, stream(size), size=size if is_known else None, content_type="video/mp4", limit=size)
    assert (done.size, done.content_type) == (size, "video/mp4")
    with bucket.read(key) as found:
        assert found.read() == b"x" * size


@pytest.mark.parametrize("announced", [{"size": None, "limit": PART}, {"size": PART}, {"size": PART + 2}], ids=str)
def test_a_long_stream_of_another_length_leaves_nothing(bucket: S3Storage, key: str, announced: Any) -> None:
    with pytest.raises(ValueError, match="bytes"):
        bucket.write(key, stream(PART + 1), content_type="video/mp4", **announced)
    assert bucket.head(key) is None
    assert list(bucket.uploads(key)) == []


def test_a_stream_that_breaks_off_leaves_nothing(bucket: S3Storage, key: str) -> None:
    class Broken(Endless):
        def readinto(self, buffer: Any) -> int:
            if self._left < PART:
                raise ConnectionResetError
            return super().readinto(buffer)

    with pytest.raises(ConnectionResetError):
        bucket.write(key, cast(Any, Broken(2 * PART)), size=2 * PART, content_type="video/mp4")
    assert bucket.head(key) is None
    assert list(bucket.uploads(key)) == []


def test_writing_in_parts_replaces_as_writing_at_once_does(bucket: S3Storage, key: str) -> None:
    bucket.write(key, io.BytesIO(b"before"), size=6, content_type="image/png")
    assert bucket.write(key, stream(PART + 1), size=None, content_type="video/mp4").size == PART + 1


def test_a_long_stream_is_never_held_whole(bucket: S3Storage, key: str) -> None:
    bucket.write(key, stream(PART + 1), size=None, content_type="video/mp4")
    tracemalloc.start()
    try:
        bucket.write(key, stream(8 * PART), size=None, content_type="video/mp4")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * PART


def test_a_stream_that_stands_in_its_middle_is_stored_from_there(bucket: S3Storage, key: str) -> None:
    body = io.BytesIO(b"before and after")
    body.seek(7)
    bucket.write(key, body, size=9, content_type="image/jpeg")
    with bucket.read(key) as found:
        assert found.read() == b"and after"


def refuse(error: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": error}, "ResponseMetadata": cast(Any, {"HTTPStatusCode": status})}, "Anything")


def test_a_store_without_conditional_completion_completes_all_the_same(
    bucket: S3Storage, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = bucket._wire.ask

    def without(method: str, key: str, **asked: Any) -> Any:
        """A store that does not know the header, and says so (Backblaze B2 does)."""
        if "if-none-match" in (asked.get("headers") or {}):
            raise refuse("NotImplemented", 501)
        return ask(method, key, **asked)

    upload_id = bucket.begin(key, content_type="video/mp4")
    sent = bucket._send(key, upload_id, 1, bytearray(b"body"))
    monkeypatch.setattr(bucket._wire, "ask", without)
    bucket.complete(key, upload_id, [sent])
    found = bucket.head(key)
    assert found is not None
    assert found.size == 4


def test_a_store_that_copies_a_list_of_parts_is_made_up_for(
    bucket: S3Storage, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = bucket.write(key, io.BytesIO(b"the whole body"), size=14, content_type="video/mp4")

    def copy_object(Bucket: str, Key: str, **_rest: Any) -> None:
        bucket._client.put_object(Bucket=Bucket, Key=Key, Body=b"[a list]")

    monkeypatch.setattr(bucket._client, "copy_object", copy_object)
    copied = bucket.copy(key, f"{key}-copy", etag=done.etag, content_type="application/pdf")
    assert (copied.size, copied.content_type) == (14, "application/pdf")
    with bucket.read(f"{key}-copy") as found:
        assert found.read() == b"the whole body"


def test_a_store_that_ignores_the_condition_of_a_copy_is_found_out(
    bucket: S3Storage, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.write(key, io.BytesIO(b"other"), size=5, content_type="video/mp4")
    copy = bucket._client.copy_object

    def copy_object(CopySourceIfMatch: str, **rest: Any) -> Any:
        return copy(**rest)

    monkeypatch.setattr(bucket._client, "copy_object", copy_object)
    with pytest.raises(ChangedObject):
        bucket.copy(key, f"{key}-copy", etag="0" * 32, content_type="video/mp4")
    assert bucket.head(f"{key}-copy") is None


def raised(error: Exception) -> type[BaseException]:
    with pytest.raises(StorageError) as found, errors():
        raise error
    return found.type


@pytest.mark.parametrize(
    "error",
    [
        refuse("SlowDown", 503),
        refuse("TooManyRequests", 429),
        refuse("InternalError", 500),
        ReadTimeoutError(endpoint_url="http://store"),
        EndpointConnectionError(endpoint_url="http://store"),
    ],
    ids=["slow down", "too many", "broken", "silent", "away"],
)
def test_a_store_that_can_not_now_is_busy(error: Exception) -> None:
    assert raised(error) is Busy


@pytest.mark.parametrize("error", [refuse("AccessDenied", 403), NoCredentialsError()], ids=["denied", "no key"])
def test_a_store_that_refuses_is_not_busy(error: Exception) -> None:
    assert raised(error) is StorageError


@pytest.mark.parametrize(
    "code", ["NoSuchKey", "NoSuchUpload", "PreconditionFailed", "InvalidPart", "ConditionalRequestConflict"]
)
def test_what_is_not_there_as_it_was_meant_is_changed(code: str) -> None:
    assert raised(refuse(code, 404)) is ChangedObject


class NotSent(Exception):
    """The request as it would have gone out."""

    def __init__(self, request: Any, **_rest: Any) -> None:
        self.headers = {name.lower(): value for name, value in request.headers.items()}


def would_send(tls_place: Place, act: Callable[[S3Storage], Any]) -> dict[str, Any]:
    store = cast(S3Storage, tls_place.store)

    def stop(**given: Any) -> None:
        raise NotSent(**given)

    store._client.meta.events.register("before-send.s3", stop, unique_id="stop")
    try:
        with pytest.raises(NotSent) as found:
            act(store)
    finally:
        store._client.meta.events.unregister("before-send.s3", unique_id="stop")
    return found.value.headers


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store._put("a", io.BytesIO(b"body"), 4, "image/jpeg"),
        lambda store: store._send("a", "some-id", 1, bytearray(b"body")),
    ],
    ids=["object", "part"],
)
def test_over_tls_bytes_go_as_they_are_and_not_in_chunks_with_a_checksum_behind(tls_place: Place, act: Any) -> None:
    """What botocore does by default; R2 answers it with 501. Swift takes both, so it is looked at here."""
    sent = would_send(tls_place, act)
    assert sent["content-length"] == b"4"
    assert not {"content-encoding", "transfer-encoding", "x-amz-trailer", "x-amz-sdk-checksum-algorithm"} & set(sent)
