"""What the folder's objects and its multipart uploads stand on: names made into paths, bytes received whole or not at all.

`objects/` holds what is there, `temporary/` what is being written, `parts/<upload id>/` the parts of an upload and its `about`.
"""

import contextlib
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from app import clock
from app.storage.envelope import Body, Draft, draft
from app.storage.permission import Signer
from app.storage.protocol import ChangedObject, NoRoom, ObjectInfo, StorageError

# No segment may be empty or begin with a dot, so no key leaves the folder.
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
LEFT_BEHIND = timedelta(days=2)  # longer than any transfer: only a crash leaves a temporary file this old
SWEEP_EVERY = timedelta(days=1)


class Folder:
    """One folder. `free_floor`: bytes that must stay free on the disk, or it takes nothing more."""

    def __init__(self, root: Path, secret: str, free_floor: int) -> None:
        self._objects = root / "objects"
        self._temporary = root / "temporary"
        self._parts = root / "parts"
        self._free_floor = free_floor
        self._swept_at: datetime | None = None
        self.signer = Signer(secret)

    def head(self, key: str) -> ObjectInfo | None:
        try:
            return self._known(key)
        except ChangedObject:
            return None

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise StorageError("not a key")
        return self._objects / key

    def _open(self, path: Path, key: str) -> Body:
        try:
            return Body(path, key)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise ChangedObject(key) from None
        except OSError as error:
            raise StorageError(str(error)) from error

    def _known(self, key: str) -> ObjectInfo:
        with self._open(self._path(key), key) as body:
            return body.info

    @contextlib.contextmanager
    def _receiving(self, size: int) -> Iterator[Draft]:
        """A temporary file for so many bytes; `NoRoom` when they would leave too little."""
        self._sweep()
        self._temporary.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._temporary).free - size < self._free_floor:
            raise NoRoom("the disk is almost full")
        try:
            with draft(self._temporary) as being_written:
                yield being_written
        except FileExistsError:
            raise
        except OSError as error:
            raise StorageError(str(error)) from error

    def _sweep(self) -> None:
        """Remove what a crash left behind; every process looks once a day."""
        now = clock.now()
        if self._swept_at is not None and now < self._swept_at + SWEEP_EVERY:
            return
        self._swept_at = now
        for left in self._remains():
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < (now - LEFT_BEHIND).timestamp():
                    shutil.rmtree(left) if left.is_dir() else left.unlink()

    def _remains(self) -> Iterator[Path]:
        """Files that are still being written, and parts of uploads that were let go of, or never quite begun."""
        with contextlib.suppress(FileNotFoundError):
            yield from self._temporary.iterdir()
        with contextlib.suppress(FileNotFoundError):
            yield from (folder for folder in self._parts.iterdir() if not (folder / "about").exists())
