"""Multipart uploads into a bucket ("Uploading and copying objects using multipart upload" in the S3 user guide)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError

from app import clock
from app.storage.protocol import MOST_PARTS, ChangedObject, OpenUpload, StorageError, StoredPart, UploadURL
from app.storage.s3.bucket import Bucket, bare, code, errors
from app.storage.s3.wire import text

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
PAGE = {"PageSize": 1000}  # the most that S3 lists in one answer


class Multipart(Bucket):
    """The part of Storage that is about parts."""

    def begin(self, key: str, *, content_type: str) -> str:
        with errors(key):
            _headers, answer = self._wire.ask("POST", key, query={"uploads": ""}, headers={"content-type": content_type})
        if not (upload_id := text(answer, "UploadId")):
            raise StorageError(f"{key}: the store named no upload.")
        return upload_id

    def presign_parts(self, key: str, upload_id: str, sizes: Mapping[int, int], *, lifetime: timedelta) -> dict[int, UploadURL]:
        if not all(1 <= number <= MOST_PARTS for number in sizes):
            raise ValueError("no such part")
        expires_at = clock.now().replace(microsecond=0) + lifetime

        def signed(number: int, size: int) -> str:
            asked = {"uploadId": upload_id, "partNumber": str(number)}
            return self._address("PUT", key, lifetime, headers={"content-length": str(size)}, query=asked)

        return {number: UploadURL(signed(number, size), {}, expires_at) for number, size in sizes.items()}

    def parts(self, key: str, upload_id: str) -> Sequence[StoredPart]:
        # Swift goes on listing the parts of an upload that was completed.
        if self.head(key) is not None:
            raise ChangedObject(key)
        return self._listed(key, upload_id)

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        wanted = sorted(parts, key=lambda part: part.number)
        try:
            if not wanted:
                raise ChangedObject(key)
            with errors(key):
                self._finish(key, upload_id, wanted, {"if-none-match": "*"})
        except ChangedObject:
            # Somebody else may have completed it meanwhile, or an earlier attempt did whose answer was lost.
            found = self.head(key)
            if found is None or found.size != sum(part.size for part in wanted):
                raise

    def abort(self, key: str, upload_id: str) -> None:
        try:
            with errors(key):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except ChangedObject:
            return

    def uploads(self, prefix: str = "") -> Iterator[OpenUpload]:
        with errors():
            pages = self._client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix, PaginationConfig=PAGE):
                for each in page.get("Uploads", []):
                    yield OpenUpload(each["Key"], each["UploadId"], each["Initiated"].astimezone(UTC))

    def _listed(self, key: str, upload_id: str) -> Sequence[StoredPart]:
        with errors(key):
            asked = {"Bucket": self._bucket, "Key": key, "UploadId": upload_id}
            pages = self._client.get_paginator("list_parts").paginate(**asked, PaginationConfig=PAGE)
            return [
                StoredPart(each["PartNumber"], each["Size"], bare(each["ETag"]))
                for page in pages
                for each in page.get("Parts", [])
            ]

    def _finish(
        self, key: str, upload_id: str, parts: Sequence[StoredPart], condition: Mapping[str, str] | None = None
    ) -> None:
        """The store compares the ETags. Where it does not know the condition, somebody has to look."""
        listed = "".join(
            f"<Part><PartNumber>{part.number}</PartNumber><ETag>&quot;{escape(part.etag)}&quot;</ETag></Part>" for part in parts
        )
        body = f'<CompleteMultipartUpload xmlns="{XMLNS}">{listed}</CompleteMultipartUpload>'.encode()
        asked: dict[str, Any] = {"query": {"uploadId": upload_id}, "body": body}
        try:
            self._wire.ask("POST", key, headers=condition, **asked)
        except ClientError as error:
            if not condition or code(error) != "NotImplemented":
                raise
            if self.head(key) is not None:
                raise ChangedObject(key) from error
            self._wire.ask("POST", key, **asked)
