"""A folder that keeps a bucket's contract: signed URLs, exact length, nothing overwritten by a URL, conditional copies.

An object is written to a temporary file, made durable, then linked under its name: after a crash it is there whole, or not at all.
"""

import contextlib
import io
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast

from app import clock
from app.storage.envelope import Body, Draft, draft
from app.storage.permission import Permission, Signer, moment
from app.storage.protocol import ChangedObject, NoRoom, ObjectInfo, StorageError, UploadURL

# No segment may be empty or begin with a dot, so no key leaves the folder.
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
LEFT_BEHIND = timedelta(days=2)  # longer than any transfer: only a crash leaves a temporary file this old


class DiskStorage:
    """The Storage of one machine. `free_floor`: bytes that must stay free on the disk, or it takes nothing more."""

    def __init__(self, root: Path, secret: str, free_floor: int) -> None:
        self._objects = root / "objects"
        self._temporary = root / "temporary"
        self._free_floor = free_floor
        self.signer = Signer(secret)

    def presign_put(self, key: str, *, size: int, content_type: str, sha256: str | None, lifetime: timedelta) -> UploadURL:
        expires_at = int((clock.now() + lifetime).timestamp())
        permission = Permission("PUT", key, expires_at, size=size, content_type=content_type, sha256=sha256 or "")
        headers = {"Content-Type": content_type, "If-None-Match": "*"}
        return UploadURL(f"/storage/{self.signer.sign(permission)}", headers, moment(expires_at))

    def presign_get(self, key: str, *, lifetime: timedelta, file_name: str | None = None) -> str:
        permission = Permission("GET", key, int((clock.now() + lifetime).timestamp()), file_name=file_name or "")
        return f"/storage/{self.signer.sign(permission)}"

    def head(self, key: str) -> ObjectInfo | None:
        try:
            with self._open(key) as body:
                return body.info
        except ChangedObject:
            return None

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        body = self._open(key)
        body.window(start, length)
        return cast(BinaryIO, io.BufferedReader(body))

    def write(self, key: str, stream: BinaryIO, *, size: int | None, content_type: str, limit: int | None = None) -> ObjectInfo:
        with self._receiving(size or 0) as being_written:
            being_written.fill(stream, limit if size is None else size)
            if size is not None and being_written.size != size:
                raise ValueError(f"{being_written.size} bytes, not {size}")
            self._place(being_written, key, content_type, overwrite=True)
        return self._known(key)

    def create(self, permission: Permission, stream: BinaryIO) -> ObjectInfo:
        """What a signed PUT does. `ValueError` for other bytes than were signed, `FileExistsError` when the key is taken."""
        if self._path(permission.key).exists():
            raise FileExistsError(permission.key)
        with self._receiving(permission.size) as being_written:
            being_written.fill(stream, permission.size)
            if being_written.size != permission.size:
                raise ValueError("This is not the length that was announced.")
            if permission.sha256 and being_written.sha256 != permission.sha256:
                raise ValueError("These are not the bytes that were announced.")
            self._place(being_written, permission.key, permission.content_type, overwrite=False)
        return self._known(permission.key)

    def copy(self, source: str, target: str, *, etag: str, content_type: str) -> ObjectInfo:
        # One open file: what is copied is what was compared.
        with self._open(source) as body:
            if body.info.etag != etag:
                raise ChangedObject(source)
            return self.write(target, cast(BinaryIO, body), size=body.info.size, content_type=content_type)

    def delete(self, keys: Iterable[str]) -> dict[str, str]:
        failed = {}
        for key in keys:
            try:
                path = self._path(key)
                path.unlink(missing_ok=True)
            except (OSError, StorageError) as error:
                failed[key] = str(error)
            else:
                self._prune(path.parent)
        return failed

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        within = prefix.rpartition("/")[0]
        folder = self._path(within) if within else self._objects
        for key in self._keys(folder, within and within + "/"):
            if key.startswith(prefix) and (found := self.head(key)):
                yield found

    def public_url(self, key: str) -> str:
        return f"/media/files/{key}"

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise StorageError("not a key")
        return self._objects / key

    def _open(self, key: str) -> Body:
        try:
            return Body(self._path(key), key)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise ChangedObject(key) from None
        except OSError as error:
            raise StorageError(str(error)) from error

    def _known(self, key: str) -> ObjectInfo:
        with self._open(key) as body:
            return body.info

    @contextlib.contextmanager
    def _receiving(self, size: int) -> Iterator[Draft]:
        self._swept  # noqa: B018  (once per process)
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

    def _place(self, being_written: Draft, key: str, content_type: str, *, overwrite: bool) -> None:
        being_written.place(self._path(key), content_type, overwrite=overwrite)

    @cached_property
    def _swept(self) -> bool:
        """Remove what a crash left behind."""
        with contextlib.suppress(FileNotFoundError):
            for left in self._temporary.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if left.stat().st_mtime < (clock.now() - LEFT_BEHIND).timestamp():
                        left.unlink()
        return True

    def _prune(self, folder: Path) -> None:
        """Remove folders that the last deletion emptied; the first one that isn't empty ends it."""
        with contextlib.suppress(OSError):
            while folder != self._objects:
                folder.rmdir()
                folder = folder.parent

    def _keys(self, folder: Path, before: str) -> Iterator[str]:
        # A folder sorts as its name with a slash, or the order would not be that of the keys.
        try:
            entries = sorted(
                (entry.name + "/" * entry.is_dir(follow_symlinks=False), entry.path) for entry in os.scandir(folder)
            )
        except FileNotFoundError:
            return
        for name, path in entries:
            if name.endswith("/"):
                yield from self._keys(Path(path), before + name)
            else:
                yield before + name
