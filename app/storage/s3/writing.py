"""How a stream becomes an object: in one PUT where it can be sent again after a failure, else in parts that are held one at a time.

A PUT must announce its length, over http botocore signs the bytes before it sends them, and a retry begins from the start: all three want a
stream that can be rewound. Any other is cut into parts, so no length of it needs more memory or disk than one part.
"""

import contextlib
import io
from typing import Any, BinaryIO

from app.storage.protocol import ObjectInfo, StorageError, StoredPart
from app.storage.s3.bucket import bare, errors
from app.storage.s3.parts import Multipart

PART = 8 * 2**20  # all but the last must be equal (R2) and at least 5 MiB (S3); 10,000 of them are 78 GiB
MOST_AT_ONCE = 5 * 2**30  # S3's limit for one PUT


class Writing(Multipart):
    """The part of Storage that writes, over what is there."""

    def write(self, key: str, stream: BinaryIO, *, size: int | None, content_type: str, limit: int | None = None) -> ObjectInfo:
        length = _rewindable(stream)
        if length is None or length > MOST_AT_ONCE:
            self._write_pieces(key, _Counted(stream, size, limit), content_type)
        else:
            _check(length, size, limit)
            self._put(key, stream, length, content_type)
        return self._known(key)

    def _put(self, key: str, body: Any, length: int, content_type: str) -> None:
        with errors(key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentLength=length, ContentType=content_type)

    def _write_pieces(self, key: str, stream: "_Counted", content_type: str) -> None:
        first = stream.take(PART)
        if len(first) < PART:
            self._put(key, first, len(first), content_type)
            return
        upload_id = self.begin(key, content_type=content_type)
        try:
            sent = [self._send(key, upload_id, 1, first)]
            del first  # or two parts would be held at a time
            while piece := stream.take(PART):
                sent.append(self._send(key, upload_id, len(sent) + 1, piece))
                del piece
            with errors(key):
                self._finish(key, upload_id, sent)
        except BaseException:
            with contextlib.suppress(StorageError):  # what is left of it, reconciling finds
                self.abort(key, upload_id)
            raise

    def _send(self, key: str, upload_id: str, number: int, piece: bytearray) -> StoredPart:
        with errors(key):
            asked = {"Bucket": self._bucket, "Key": key, "UploadId": upload_id, "PartNumber": number}
            answer = self._client.upload_part(**asked, Body=piece, ContentLength=len(piece))
        return StoredPart(number, len(piece), bare(answer["ETag"]))


class _Counted:
    """A stream that is read once. `ValueError` as soon as it is longer than it may be, and at its end when it is shorter than announced."""

    def __init__(self, stream: BinaryIO, size: int | None, limit: int | None) -> None:
        self._stream, self._size = stream, size
        self._limit = limit if size is None else size
        self._length = 0

    def take(self, length: int) -> bytearray:
        """As many bytes as were asked for; fewer only at the end."""
        piece = bytearray()
        while len(piece) < length and (more := self._stream.read(min(length - len(piece), 2**18))):
            piece += more
        self._length += len(piece)
        at_end = len(piece) < length
        _check(self._length, self._size if at_end else None, self._limit)
        return piece


def _check(length: int, size: int | None, limit: int | None) -> None:
    if limit is not None and length > limit:
        raise ValueError(f"more than {limit} bytes")
    if size is not None and length != size:
        raise ValueError(f"{length} bytes, not {size}")


def _rewindable(stream: BinaryIO) -> int | None:
    """The length of a stream that stands at its beginning and can return there, else None: botocore always rewinds to 0."""
    try:
        if not stream.seekable() or stream.tell() != 0:
            return None
        length = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        return length
    except (AttributeError, OSError):
        return None
