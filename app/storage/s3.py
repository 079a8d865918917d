"""A bucket of S3, R2, MinIO or another store with that protocol. The only module that knows boto3."""

import base64
import contextlib
import io
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta
from typing import Any, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app import clock
from app.config import Settings
from app.storage.protocol import ChangedObject, ObjectInfo, StorageError, UploadURL
from app.storage.serving import download

PIECE = 256 * 1024
HELD = 2**20  # a stream shorter than this is not worth a temporary file
GONE = {"404", "NoSuchKey", "NotFound"}
CHANGED = GONE | {"412", "PreconditionFailed"}


class S3Storage:
    """The Storage of a bucket. Making its client takes 0.8 s: once per process (`store`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bucket = cast(str, settings.s3_bucket)
        self._client = _client(settings)

    def presign_put(self, key: str, *, size: int, content_type: str, sha256: str | None, lifetime: timedelta) -> UploadURL:
        signed = {"ContentLength": size, "ContentType": content_type, "IfNoneMatch": "*"}
        headers = {"Content-Type": content_type, "If-None-Match": "*"}
        if sha256:
            headers["x-amz-checksum-sha256"] = signed["ChecksumSHA256"] = base64.b64encode(bytes.fromhex(sha256)).decode()
        url = self._presign("put_object", key, lifetime, **signed)
        return UploadURL(url, headers, clock.now().replace(microsecond=0) + lifetime)

    def presign_get(self, key: str, *, lifetime: timedelta, file_name: str | None = None) -> str:
        shown = download(file_name) if file_name else "inline"
        return self._presign(
            "get_object", key, lifetime, ResponseCacheControl="private, no-store", ResponseContentDisposition=shown
        )

    def head(self, key: str) -> ObjectInfo | None:
        try:
            return _info(key, self._client.head_object(Bucket=self._bucket, Key=key))
        except ClientError as error:
            if _code(error) in GONE:
                return None
            raise StorageError(_code(error)) from error
        except BotoCoreError as error:
            raise StorageError(str(error)) from error

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        end = "" if length is None else str(start + length - 1)
        asked = {"Range": f"bytes={start}-{end}"} if start or end else {}
        with _errors(key):
            body = self._client.get_object(Bucket=self._bucket, Key=key, **asked)["Body"]
        return cast(BinaryIO, io.BufferedReader(_Received(body), PIECE))

    def write(self, key: str, stream: BinaryIO, *, size: int | None, content_type: str, limit: int | None = None) -> ObjectInfo:
        with tempfile.SpooledTemporaryFile(HELD) as held, _errors(key):
            length = _hold(stream, cast(BinaryIO, held), limit if size is None else size)
            if size is not None and length != size:
                raise ValueError(f"{length} bytes, not {size}")
            held.seek(0)
            self._client.put_object(Bucket=self._bucket, Key=key, Body=held, ContentLength=length, ContentType=content_type)
        return self._known(key)

    def copy(self, source: str, target: str, *, etag: str, content_type: str) -> ObjectInfo:
        with _errors(source):
            self._client.copy_object(
                Bucket=self._bucket,
                Key=target,
                CopySource={"Bucket": self._bucket, "Key": source},
                CopySourceIfMatch=etag,
                MetadataDirective="REPLACE",
                ContentType=content_type,
            )
        before = self.head(source)
        copied = self._known(target)
        if before is None or before.etag != etag or before.size != copied.size:
            self.delete([target])
            raise ChangedObject(source)
        return copied

    def delete(self, keys: Iterable[str]) -> dict[str, str]:
        wanted = [{"Key": key} for key in keys]
        if not wanted:
            return {}
        with _errors():
            answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": wanted, "Quiet": True})
        errors = [each for each in answer.get("Errors", []) if each.get("Code") not in GONE]
        return {each["Key"]: f"{each.get('Code')}: {each.get('Message')}" for each in errors}

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        with _errors():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for each in page.get("Contents", []):
                    modified = each["LastModified"].astimezone(UTC)
                    yield ObjectInfo(each["Key"], each["Size"], each["ETag"].strip('"'), "", modified)

    def public_url(self, key: str) -> str:
        """The CDN's or public bucket's address; without one, the app answers with a redirect to a signed URL."""
        base = self._settings.media_base_url
        return f"{base}/{key}" if base else f"/media/files/{key}"

    def _presign(self, method: str, key: str, lifetime: timedelta, **values: Any) -> str:
        with _errors():
            params = {"Bucket": self._bucket, "Key": key} | values
            return str(self._client.generate_presigned_url(method, params, int(lifetime.total_seconds())))

    def _known(self, key: str) -> ObjectInfo:
        found = self.head(key)
        if found is None:
            raise ChangedObject(key)
        return found


class _Received(io.RawIOBase):
    """A body on its way: what breaks on that way is an error of the store."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _errors():
            piece = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._body.close()
        super().close()


def _client(settings: Settings) -> Any:
    """Explicit where botocore's defaults differ by region or break other stores: SigV2 presigning, and checksums that R2 refuses (https only)."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        region_name=None if settings.s3_region == "auto" and not settings.s3_endpoint_url else settings.s3_region,
        aws_access_key_id=settings.s3_access_key_id,
        aws_secret_access_key=settings.s3_secret_access_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if settings.s3_endpoint_url else "virtual"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "standard", "max_attempts": 3},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=20,
        ),
    )


def _info(key: str, answer: dict[str, Any]) -> ObjectInfo:
    modified = answer["LastModified"].astimezone(UTC)
    return ObjectInfo(key, answer["ContentLength"], answer["ETag"].strip('"'), answer.get("ContentType", ""), modified)


def _hold(stream: BinaryIO, held: BinaryIO, limit: int | None) -> int:
    """Keep the stream until its length is known: a PUT must announce it, and over http botocore signs the bytes."""
    length = 0
    while piece := stream.read(PIECE):
        length += len(piece)
        if limit is not None and length > limit:
            raise ValueError(f"more than {limit} bytes")
        held.write(piece)
    return length


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


@contextlib.contextmanager
def _errors(key: str = "") -> Iterator[None]:
    """botocore's errors in the words of the protocol."""
    try:
        yield
    except ClientError as error:
        if _code(error) in CHANGED:
            raise ChangedObject(key) from error
        raise StorageError(str(error)) from error
    except BotoCoreError as error:
        raise StorageError(str(error)) from error
