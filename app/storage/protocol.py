"""What Shingle asks of a place where objects live. `s3.py` and `disk.py` keep it; one contract suite holds both to it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

MOST_PER_DELETION = 1000  # S3's DeleteObjects takes no more keys in one request


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


class StorageError(Exception):
    """The store refused or did not answer; trying again later may help."""


class ChangedObject(StorageError):
    """The object is not the one that was meant: its ETag differs, or it is gone."""


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
        """Delete up to 1,000 keys in one request; what could not be deleted, with the store's reason. A key that isn't there is a success."""

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Every object under a prefix, in key order, fetched page by page."""

    def public_url(self, key: str) -> str:
        """Where anybody can read a `media/` object that may be shown."""
