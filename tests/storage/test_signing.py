"""What is signed here is what botocore would have signed, character for character."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from app.storage.s3 import signing
from app.storage.s3.wire import Wire

KEY, UPLOAD = "incoming/0192/a b+c", "2~x/y+z=="
MOMENT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LIFETIME = timedelta(minutes=15)
ENDPOINTS = ["http://127.0.0.1:9000", "https://store.example:443", "https://x.r2.example/below", "https://[::1]:9000", None]
ADDRESSES: Mapping[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "a file": (
        "put_object",
        "PUT",
        {"ContentLength": 5, "ContentType": "image/jpeg", "IfNoneMatch": "*", "ChecksumSHA256": "YWJj+/=="},
        {
            "headers": {
                "content-length": "5",
                "content-type": "image/jpeg",
                "if-none-match": "*",
                "x-amz-checksum-sha256": "YWJj+/==",
            }
        },
    ),
    "a part": (
        "upload_part",
        "PUT",
        {"UploadId": UPLOAD, "PartNumber": 10_000, "ContentLength": 17},
        {"headers": {"content-length": "17"}, "query": {"uploadId": UPLOAD, "partNumber": "10000"}},
    ),
    "reading": (
        "get_object",
        "GET",
        {"ResponseCacheControl": "private, no-store", "ResponseContentDisposition": "attachment; filename*=UTF-8''%D0%9F"},
        {
            "query": {
                "response-cache-control": "private, no-store",
                "response-content-disposition": "attachment; filename*=UTF-8''%D0%9F",
            }
        },
    ),
}


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "get_current_datetime", lambda *_args: MOMENT)


@pytest.fixture(params=ENDPOINTS, ids=str)
def bucket(request: pytest.FixtureRequest, token: str | None) -> tuple[Any, Wire]:
    """botocore's client of a bucket, and ours."""
    session = boto3.session.Session("access/key", "secret", token, "eu-central-1")
    client = session.client("s3", endpoint_url=request.param, config=Config(signature_version="s3v4"))
    return client, Wire(session, lambda: client, "bucket")


@pytest.fixture(params=[None, "session/token+=="])
def token(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize("what", ADDRESSES)
def test_an_address_is_the_one_that_botocore_signs(bucket: tuple[Any, Wire], what: str) -> None:
    client, wire = bucket
    operation, method, asked, signed = ADDRESSES[what]
    theirs = client.generate_presigned_url(operation, {"Bucket": "bucket", "Key": KEY, **asked}, 900)
    assert _apart(wire.address(method, KEY, LIFETIME, **signed)) == _apart(theirs)


def _apart(url: str) -> tuple[str, list[str]]:
    """The order of a query means nothing, and the signature is over the sorted one."""
    root, _mark, query = url.partition("?")
    return root, sorted(query.split("&"))


@pytest.mark.parametrize(
    ("method", "query", "headers", "body"),
    [
        ("HEAD", {}, {}, b""),
        ("POST", {"uploads": ""}, {"content-type": "video/mp4"}, b""),
        ("POST", {"uploadId": UPLOAD}, {"if-none-match": "*"}, b"<Complete/>"),
    ],
    ids=["looking", "beginning", "completing"],
)
def test_a_request_is_signed_as_botocore_signs_it(
    token: str | None, method: str, query: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    place, keys = signing.Place.of("http://127.0.0.1:9000/bucket", "eu-central-1"), signing.Keys("access/key", "secret", token)
    url, sent = signing.authorized(place, keys, MOMENT, method, KEY, body, headers, query)
    request = AWSRequest(method, url, headers, body)
    auth.S3SigV4Auth(Credentials("access/key", "secret", token), "s3", "eu-central-1").add_auth(request)
    assert sent == {"host": "127.0.0.1:9000"} | {name.lower(): value for name, value in request.headers.items()}
