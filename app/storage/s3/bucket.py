"""The client of a bucket, its errors in the words of the protocol, and what the rest of this folder stands on."""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from app.config import Settings
from app.storage.protocol import Busy, ChangedObject, ObjectInfo, StorageError
from app.storage.s3.wire import Wire

GONE = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}
# 409: "a conflicting operation occurs during the upload"; what is there in the end decides.
CHANGED = GONE | {"409", "412", "ConditionalRequestConflict", "InvalidPart", "InvalidPartOrder", "PreconditionFailed"}
LIMITS: dict[str, Any] = {"timeout": (5, 60), "max_pool_connections": 20}  # seconds to connect, and to wait for an answer
BUSY = {408, 429, 500, 502, 503, 504}  # a refusal has another status, and asking for something else may succeed


class Bucket:
    """One bucket. Its client is made when it is needed for the first time, and once per process (`store`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bucket = cast(str, settings.s3_bucket)
        # The keys of the settings; without them the AWS chain's, which may change from hour to hour.
        keys = {"aws_access_key_id": settings.s3_access_key_id, "aws_secret_access_key": settings.s3_secret_access_key}
        self._session = boto3.session.Session(**keys)
        where = (settings.s3_endpoint_url, settings.s3_region)
        self._wire = Wire(self._session, lambda: self._client, self._bucket, *where, **LIMITS)

    @cached_property
    def _client(self) -> Any:
        return _client(self._session, self._settings)

    def warm_up(self) -> None:
        """botocore's client takes 0.8 s and 15 MiB: who forks makes it before."""
        _made = self._client

    def head(self, key: str) -> ObjectInfo | None:
        try:
            return self._known(key)
        except ChangedObject:
            return None

    def _known(self, key: str) -> ObjectInfo:
        with errors(key):
            found, _nothing = self._wire.ask("HEAD", key)
        modified = parsedate_to_datetime(found["last-modified"])
        return ObjectInfo(key, int(found["content-length"]), bare(found["etag"]), found.get("content-type", ""), modified)

    def _address(self, method: str, key: str, lifetime: timedelta, **signed: Mapping[str, str]) -> str:
        with errors():
            return self._wire.address(method, key, lifetime, **signed)


def bare(etag: str) -> str:
    """Without the quotes that HTTP puts around it."""
    return etag.strip('"')


def code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


@contextlib.contextmanager
def errors(key: str = "") -> Iterator[None]:
    """botocore's errors in the words of the protocol."""
    try:
        yield
    except ClientError as error:
        if code(error) in CHANGED:
            raise ChangedObject(key) from error
        is_busy = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in BUSY
        raise (Busy if is_busy else StorageError)(str(error)) from error
    except (ConnectionError, HTTPClientError) as error:
        raise Busy(str(error)) from error
    except BotoCoreError as error:
        raise StorageError(str(error)) from error


def _client(session: Any, settings: Settings) -> Any:
    """Explicit where botocore's defaults differ by region or break other stores: SigV2 presigning, and checksums that R2 refuses (https only)."""
    return session.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        region_name=None if settings.s3_region == "auto" and not settings.s3_endpoint_url else settings.s3_region,
        config=Config(
            signature_version="s3v4",
            user_agent="Shingle",  # botocore's own is put together from thirty pieces for every request
            s3={"addressing_style": "path" if settings.s3_endpoint_url else "virtual"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "standard", "max_attempts": 3},
            connect_timeout=LIMITS["timeout"][0],
            read_timeout=LIMITS["timeout"][1],
            max_pool_connections=LIMITS["max_pool_connections"],
        ),
    )
