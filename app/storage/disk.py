"""A folder that keeps a bucket's contract: signed URLs, exact length, nothing overwritten by a URL, conditional copies.

An object is written to a temporary file, made durable, then linked under its name: after a crash it is there whole, or not at all.
"""

import io
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

from app import clock
from app.storage.disk_parts import Multipart
from app.storage.envelope import Foreign
from app.storage.folder import KEY
from app.storage.permission import Permission, moment
from app.storage.protocol import ChangedObject, ObjectInfo, StorageError, UploadURL


class DiskStorage(Multipart):
    """The Storage of one machine."""

    def presign_put(self, key: str, *, size: int, content_type: str, sha256: str | None, lifetime: timedelta) -> UploadURL:
        expires_at = int((clock.now() + lifetime).timestamp())
        permission = Permission("PUT", key, expires_at, size=size, content_type=content_type, sha256=sha256 or "")
        headers = {"Content-Type": content_type, "If-None-Match": "*"}
        return UploadURL(f"/storage/{self.signer.sign(permission)}", headers, moment(expires_at))

    def presign_get(self, key: str, *, lifetime: timedelta, file_name: str | None = None) -> str:
        permission = Permission("GET", key, int((clock.now() + lifetime).timestamp()), file_name=file_name or "")
        return f"/storage/{self.signer.sign(permission)}"

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        body = self._open(self._path(key), key)
        body.window(start, length)
        return cast(BinaryIO, io.BufferedReader(body))

    def write(self, key: str, stream: BinaryIO, *, size: int | None, content_type: str, limit: int | None = None) -> ObjectInfo:
        with self._receiving(size or 0) as being_written:
            being_written.fill(stream, limit if size is None else size)
            if size is not None:
                being_written.expect(size)
            being_written.place(self._path(key), content_type, overwrite=True)
        return self._known(key)

    def create(self, permission: Permission, stream: BinaryIO) -> ObjectInfo:
        """What a signed PUT does. `ValueError` for other bytes than were signed, `FileExistsError` when the key is taken."""
        if self._path(permission.key).exists():
            raise FileExistsError(permission.key)
        with self._receiving(permission.size) as being_written:
            being_written.fill(stream, permission.size)
            being_written.expect(permission.size)
            if permission.sha256 and being_written.sha256 != permission.sha256:
                raise ValueError("These are not the bytes that were announced.")
            being_written.place(self._path(permission.key), permission.content_type, overwrite=False)
        return self._known(permission.key)

    def copy(self, source: str, target: str, *, etag: str, content_type: str) -> ObjectInfo:
        # One open file: what is copied is what was compared.
        with self._open(self._path(source), source) as body:
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
            if key.startswith(prefix) and (found := self._listed(key)):
                yield found

    def warm_up(self) -> None:
        """Nothing takes long here."""

    def public_url(self, key: str) -> str:
        return f"/media/files/{key}"

    def _listed(self, key: str) -> ObjectInfo | None:
        """None for what somebody else put there: it must not keep the rest from being seen."""
        try:
            return self.head(key) if KEY.fullmatch(key) else None
        except Foreign:
            return None

    def _prune(self, folder: Path) -> None:
        """Remove folders that the last deletion emptied, also an earlier one that died; the first one that isn't empty ends it."""
        while folder != self._objects:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                return
            folder = folder.parent

    def _keys(self, folder: Path, before: str) -> Iterator[str]:
        # A folder sorts as its name with a slash, or the order would not be that of the keys.
        try:
            names = sorted(entry.name + "/" * entry.is_dir(follow_symlinks=False) for entry in os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            if name.endswith("/"):
                yield from self._keys(folder / name, before + name)
            else:
                yield before + name
