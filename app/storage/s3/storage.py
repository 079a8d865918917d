"""A bucket as a Storage: single objects. What is about parts is in `parts.py`, how streams become objects in `writing.py`."""

import base64
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta
from typing import Any, BinaryIO, cast
from xml.sax.saxutils import escape

from app import clock
from app.storage.protocol import ChangedObject, ObjectInfo, UploadURL
from app.storage.s3.bucket import GONE, bare, errors
from app.storage.s3.wire import text
from app.storage.s3.writing import Writing
from app.storage.serving import download

PIECE = 256 * 1024
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class S3Storage(Writing):
    """The Storage of a bucket."""

    def presign_put(self, key: str, *, size: int, content_type: str, sha256: str | None, lifetime: timedelta) -> UploadURL:
        headers = {"Content-Type": content_type, "If-None-Match": "*"}
        if sha256:
            headers["x-amz-checksum-sha256"] = base64.b64encode(bytes.fromhex(sha256)).decode()
        signed = {"content-length": str(size)} | {name.lower(): value for name, value in headers.items()}
        url = self._address("PUT", key, lifetime, headers=signed)
        return UploadURL(url, headers, clock.now().replace(microsecond=0) + lifetime)

    def presign_get(self, key: str, *, lifetime: timedelta, file_name: str | None = None) -> str:
        shown = download(file_name) if file_name else "inline"
        asked = {"response-cache-control": "private, no-store", "response-content-disposition": shown}
        return self._address("GET", key, lifetime, query=asked)

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        end = "" if length is None else str(start + length - 1)
        return self._read(key, **({"Range": f"bytes={start}-{end}"} if start or end else {}))

    def copy(self, source: str, target: str, *, etag: str, content_type: str) -> ObjectInfo:
        with errors(source):
            self._client.copy_object(
                Bucket=self._bucket,
                Key=target,
                CopySource={"Bucket": self._bucket, "Key": source},
                CopySourceIfMatch=etag,
                MetadataDirective="REPLACE",
                ContentType=content_type,
            )
        before = self.head(source)
        if before is None or before.etag != etag:
            self.delete([target])
            raise ChangedObject(source)
        copied = self._known(target)
        return copied if copied.size == before.size else self._copy_through(before, target, content_type)

    def delete(self, keys: Iterable[str]) -> dict[str, str]:
        named = "".join(f"<Object><Key>{escape(key)}</Key></Object>" for key in keys)
        if not named:
            return {}
        body = f'<Delete xmlns="{NAMESPACE}">{named}<Quiet>true</Quiet></Delete>'.encode()
        # Many stores, MinIO before 2025 among them, refuse a deletion without an MD5 of what is asked for (s3fs issue 931).
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        headers = {"content-md5": digest, "content-type": "application/xml"}
        with errors():
            _headers, answer = self._wire.ask("POST", "", query={"delete": ""}, headers=headers, body=body)
        refused = [each for each in answer if each.tag.rpartition("}")[2] == "Error" and text(each, "Code") not in GONE]
        return {text(each, "Key"): f"{text(each, 'Code')}: {text(each, 'Message')}" for each in refused}

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        with errors():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for each in page.get("Contents", []):
                    modified = each["LastModified"].astimezone(UTC)
                    yield ObjectInfo(each["Key"], each["Size"], bare(each["ETag"]), "", modified)

    def public_url(self, key: str) -> str:
        """The CDN's or public bucket's address; without one, the app answers with a redirect to a signed URL."""
        base = self._settings.media_base_url
        return f"{base}/{key}" if base else f"/media/files/{key}"

    def _read(self, key: str, **asked: str) -> BinaryIO:
        with errors(key):
            body = self._client.get_object(Bucket=self._bucket, Key=key, **asked)["Body"]
        return cast(BinaryIO, io.BufferedReader(_Received(body), PIECE))

    def _copy_through(self, source: ObjectInfo, target: str, content_type: str) -> ObjectInfo:
        """Some Swift stores copy the list of parts instead of an object that came in parts: then its bytes take the long way."""
        try:
            with self._read(source.key, IfMatch=source.etag) as stream:
                return self.write(target, stream, size=source.size, content_type=content_type)
        except BaseException:
            self.delete([target])
            raise


class _Received(io.RawIOBase):
    """A body on its way: what breaks on that way is an error of the store."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with errors():
            piece = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._body.close()
        super().close()
