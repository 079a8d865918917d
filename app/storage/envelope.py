"""How the folder keeps an object: its bytes and, behind them in the same file, what a store must remember about them.

One file, because a file is created, replaced and deleted whole: an object never lacks its type, at whatever moment the power fails. Extended
attributes would do the same, but not every file system has them.
"""

import contextlib
import hashlib
import io
import json
import os
import secrets
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from app.storage.protocol import ObjectInfo, StorageError

MAGIC = b"SHGL"
TAIL = struct.Struct(">I4s")  # length of the JSON before it, and the magic
PIECE = 256 * 1024


class Foreign(StorageError):
    """A file in the folder that is no object."""


class Body(io.RawIOBase):
    """The bytes of an object, or a window of them, without what is kept behind them."""

    def __init__(self, path: Path, key: str) -> None:
        self._file = path.open("rb", buffering=0)
        try:
            self.info = self._read_info(key)
        except (struct.error, ValueError, KeyError):
            raise Foreign(f"{key} was not written by Shingle") from None
        finally:
            if not hasattr(self, "info"):
                self.close()
        self._end = self.info.size

    def _read_info(self, key: str) -> ObjectInfo:
        status = os.fstat(self._file.fileno())
        self._file.seek(max(0, status.st_size - TAIL.size))
        about, magic = TAIL.unpack(self._file.read(TAIL.size))
        size = status.st_size - TAIL.size - about
        if magic != MAGIC or size < 0:
            raise ValueError(magic)
        self._file.seek(size)
        info = _info(key, size, json.loads(self._file.read(about)), status.st_mtime)
        self._file.seek(0)
        return info

    def window(self, start: int, length: int | None) -> None:
        """Read on from `start`, and no further than `length` bytes."""
        self.seek(start)
        self._end = self.info.size if length is None else min(start + length, self.info.size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._file.readinto(memoryview(buffer)[: max(0, self._end - self._file.tell())]) or 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._file.tell(), io.SEEK_END: self._end}[whence]
        return self._file.seek(max(0, base + offset))

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()
        super().close()


def _info(key: str, size: int, about: dict[str, str], modified: float) -> ObjectInfo:
    return ObjectInfo(key, size, about["etag"], about["type"], datetime.fromtimestamp(modified, UTC))


class Draft:
    """An object being written to a temporary file; `place_*` gives it its name, and only then is it there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("xb")
        self._digest = hashlib.sha256()
        self.size = 0

    def fill(self, stream: BinaryIO, limit: int | None) -> None:
        """Take what the stream has, in pieces; `ValueError` as soon as it is more than `limit`."""
        while piece := stream.read(PIECE):
            self.size += len(piece)
            if limit is not None and self.size > limit:
                raise ValueError(f"more than {limit} bytes")
            self._digest.update(piece)
            self._file.write(piece)

    def expect(self, size: int) -> None:
        """`ValueError` when it is not so many bytes."""
        if self.size != size:
            raise ValueError(f"{self.size} bytes, not {size}")

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def append(self, body: Body) -> None:
        """Take a whole stored body, without reading it into this process where the system can do that; its SHA-256 is not known then."""
        self._file.flush()
        _copy(body, self._file)
        self.size += body.info.size

    def place(self, path: Path, content_type: str, *, overwrite: bool, etag: str = "") -> None:
        """Make it durable, then visible in one step. `FileExistsError` when something is there and must not be replaced."""
        self._seal(content_type, etag)
        # A deletion next door may remove the folder between these two lines when it was the last thing in it.
        for _attempt in range(10):
            with contextlib.suppress(FileNotFoundError):
                _make_folder(path.parent)
                (os.replace if overwrite else os.link)(self._path, path)
                break
        _sync(path.parent)

    def place_within(self, path: Path, content_type: str) -> None:
        """The same in a folder that must be there already, over what has this name; else `FileNotFoundError`."""
        self._seal(content_type, "")
        os.replace(self._path, path)
        _sync(path.parent)

    def _seal(self, content_type: str, etag: str) -> None:
        about = json.dumps({"type": content_type, "etag": etag or self.sha256[:32]}).encode()
        self._file.write(about + TAIL.pack(len(about), MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def _copy(body: Body, target: BinaryIO) -> None:
    """Bytes from file to file inside the kernel (Linux; on some file systems without copying at all), elsewhere in pieces."""
    left = body.info.size
    while left and hasattr(os, "copy_file_range"):
        try:
            moved = os.copy_file_range(body.fileno(), target.fileno(), left)
        except OSError:
            break  # not between these file systems: the rest goes the other way
        if not moved:
            break
        left -= moved
    while piece := body.read(PIECE):
        target.write(piece)
    target.flush()


def _make_folder(folder: Path) -> None:
    """Like `mkdir -p`, and as durable as the file that will be in it: a new folder's name is kept by the one above it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def draft(folder: Path) -> Iterator[Draft]:
    """A temporary file that is gone afterwards, whatever happens."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / secrets.token_hex(16)
    being_written = Draft(path)
    try:
        yield being_written
    finally:
        # On a full disk closing fails too: it tries once more to write what is still in its buffer.
        with contextlib.suppress(OSError):
            being_written._file.close()
        path.unlink(missing_ok=True)
