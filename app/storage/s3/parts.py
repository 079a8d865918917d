"""Multipart uploads into a bucket ("Uploading and copying objects using multipart upload" in the S3 user guide)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from botocore.exceptions import ClientError

from app import clock
from app.storage.protocol import MOST_PARTS, ChangedObject, OpenUpload, StoredPart, UploadURL
from app.storage.s3 import part_urls
from app.storage.s3.bucket import Bucket, bare, code, errors

PAGE = {"PageSize": 1000}  # the most that S3 lists in one answer


class Multipart(Bucket):
    """The part of Storage that is about parts."""

    def begin(self, key: str, *, content_type: str) -> str:
        with errors(key):
            answer = self._client.create_multipart_upload(Bucket=self._bucket, Key=key, ContentType=content_type)
        return str(answer["UploadId"])

    def presign_parts(self, key: str, upload_id: str, sizes: Mapping[int, int], *, lifetime: timedelta) -> dict[int, UploadURL]:
        if not all(1 <= number <= MOST_PARTS for number in sizes):
            raise ValueError("no such part")
        if not sizes:
            return {}
        expires_at = clock.now().replace(microsecond=0) + lifetime
        number, size = next(iter(sizes.items()))
        url = self._presign("upload_part", key, lifetime, UploadId=upload_id, PartNumber=number, ContentLength=size)
        urls = part_urls.alike(url, self._session.get_credentials().get_frozen_credentials().secret_key, sizes)
        return {number: UploadURL(each, {}, expires_at) for number, each in urls.items()}

    def parts(self, key: str, upload_id: str) -> Sequence[StoredPart]:
        # Swift goes on listing the parts of an upload that was completed.
        if self.head(key) is not None:
            raise ChangedObject(key)
        return self._listed(key, upload_id)

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        wanted = sorted(parts, key=lambda part: part.number)
        try:
            stored = {part.number: part for part in self._listed(key, upload_id)}
            if not wanted or any(stored.get(part.number) != part for part in wanted):
                raise ChangedObject(key)
            with errors(key):
                self._finish(key, upload_id, wanted, IfNoneMatch="*")
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

    def _finish(self, key: str, upload_id: str, parts: Sequence[StoredPart], **condition: str) -> None:
        """Where the store does not know the condition, somebody has to look."""
        listed = [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]
        asked: dict[str, Any] = {"Bucket": self._bucket, "Key": key, "UploadId": upload_id}
        asked["MultipartUpload"] = {"Parts": listed}
        try:
            self._client.complete_multipart_upload(**asked, **condition)
        except ClientError as error:
            if not condition or code(error) != "NotImplemented":
                raise
            if self.head(key) is not None:
                raise ChangedObject(key) from error
            self._client.complete_multipart_upload(**asked)
