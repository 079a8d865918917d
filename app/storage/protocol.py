"""What Shingle asks of a place where objects live. `s3/` and `disk.py` keep it; one contract suite holds both to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

MOST_PER_DELETION = 1000  # S3's DeleteObjects takes no more keys in one request
SLOW_DOWN = "SlowDown"  # with this the reason begins for a key that S3 did not delete because of too many requests
# "Amazon S3 multipart upload limits"; R2 also wants all parts but the last equal.
MOST_PARTS = 10_000
SMALLEST_PART = 5 * 2**20  # of all parts but the last, in bytes; the folder takes smaller ones


@dataclass(frozen=True)
class ObjectInfo:
    """What a store says about an object. `etag` comes without quotes and is opaque: compare it, never compute it."""

    key: str
    size: int
    etag: str
    content_type: str
    modified_at: datetime


@dataclass(frozen=True)
class UploadURL:
    """A presigned PUT: send exactly these headers and exactly the declared number of bytes before `expires_at`.

    The folder's URLs are paths of the site itself, because only the browser knows under which name it reached it.
    """

    url: str
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True)
class StoredPart:
    """A part of a multipart upload that the store has. `number`: 1 to 10,000; `etag` without quotes, opaque."""

    number: int
    size: int
    etag: str


@dataclass(frozen=True)
class OpenUpload:
    """A multipart upload that was neither completed nor aborted; its parts take room that no listing of objects shows."""

    key: str
    upload_id: str
    started_at: datetime


class StorageError(Exception):
    """The store refused or did not answer; trying again later may help."""


class ChangedObject(StorageError):
    """The object is not the one that was meant: its ETag differs, or it is gone."""


class Busy(StorageError):
    """The store asks for fewer requests (429, 503 SlowDown), or can't be reached: whoever has more to ask should stop for a while."""


class NoRoom(StorageError):
    """The folder's disk is too full to take more."""


class Storage(Protocol):
    """A bucket. Keys are ASCII, made by Shingle, never by a person. Every method may raise `StorageError`."""

    def presign_put(self, key: str, *, size: int, content_type: str, sha256: str | None, lifetime: timedelta) -> UploadURL:
        """A URL that creates `key` once: length, type and `If-None-Match: *` are signed, and SHA-256 (64 hex digits) if given.

        It may be used again once the object was deleted, until it expires: that is why the ledger deletes twice.
        """

    def presign_get(self, key: str, *, lifetime: timedelta, file_name: str | None = None) -> str:
        """A URL that reads `key` for a while and is not cached; with `file_name` it downloads under that name (RFC 6266)."""

    def head(self, key: str) -> ObjectInfo | None:
        """What is there, or None."""

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of the bytes from `start`; the caller closes it. `ChangedObject` when there is no such object."""

    def write(self, key: str, stream: BinaryIO, *, size: int | None, content_type: str, limit: int | None = None) -> ObjectInfo:
        """Store a stream in pieces, never whole in memory, over what is there. Over `limit` bytes, or another length than `size`:
        nothing is kept, `ValueError`."""

    def copy(self, source: str, target: str, *, etag: str, content_type: str) -> ObjectInfo:
        """Copy if `source` still has this ETag, and check again after, because some stores ignore the condition; else `ChangedObject`."""

    def delete(self, keys: Iterable[str]) -> dict[str, str]:
        """Delete up to 1,000 keys in one request; what could not be deleted, with the store's reason, its code first.

        A key that isn't there is a success.
        """

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Every object under a prefix, in key order, fetched page by page."""

    def begin(self, key: str, *, content_type: str) -> str:
        """Open a multipart upload that will become `key`: its id. The parts are kept until `complete` or `abort`."""

    def presign_parts(self, key: str, upload_id: str, sizes: Mapping[int, int], *, lifetime: timedelta) -> dict[int, UploadURL]:
        """A URL for each part number, which takes exactly so many bytes. A part may be sent again, and the last one counts."""

    def parts(self, key: str, upload_id: str) -> Sequence[StoredPart]:
        """The parts that arrived, in order. `ChangedObject` when there is no such upload any more: completed, or aborted."""

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """Make the object of exactly these parts, over nothing that is there. Doing it again finds the object that it made, and does nothing.

        The store compares the ETags, and with them what the parts contain; their lengths were signed. `ChangedObject` when one of them is another
        (the upload stays open), or when there is neither upload nor object.
        """

    def abort(self, key: str, upload_id: str) -> None:
        """Drop the upload and its parts; one that isn't there is a success.

        A part that was under way may arrive afterwards and stay ("AbortMultipartUpload" in the S3 reference): abort again later.
        """

    def uploads(self, prefix: str = "") -> Iterator[OpenUpload]:
        """Every open upload under a prefix, fetched page by page. MinIO lists none unless the prefix is a whole key, and expires them itself."""

    def warm_up(self) -> None:
        """Make at once what the first use of some methods would wait for."""

    def public_url(self, key: str) -> str:
        """Where anybody can read a `media/` object that may be shown."""
