"""Multipart uploads into the folder: each part is a file of its own, and completing puts them together into one that appears at once.

An upload is there as long as its `about` is: that is written last when it begins, and removed first when it ends.
"""

import contextlib
import hashlib
import io
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from app import clock
from app.storage.envelope import Foreign
from app.storage.folder import Folder
from app.storage.permission import Permission, moment
from app.storage.protocol import MOST_PARTS, ChangedObject, ObjectInfo, OpenUpload, StorageError, StoredPart, UploadURL

UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


class Multipart(Folder):
    """The part of Storage that is about parts."""

    def begin(self, key: str, *, content_type: str) -> str:
        self._path(key)
        upload_id = secrets.token_hex(16)
        with self._receiving(0) as about:
            about.fill(io.BytesIO(key.encode()), None)
            about.place(self._parts / upload_id / "about", content_type, overwrite=False)
        return upload_id

    def presign_parts(self, key: str, upload_id: str, sizes: Mapping[int, int], *, lifetime: timedelta) -> dict[int, UploadURL]:
        expires_at = int((clock.now() + lifetime).timestamp())
        signed = {}
        for number, size in sizes.items():
            if not 1 <= number <= MOST_PARTS:
                raise ValueError(f"part {number}")
            permission = Permission("PUT", key, expires_at, size=size, upload_id=upload_id, part=number)
            signed[number] = UploadURL(f"/storage/{self.signer.sign(permission)}", {}, moment(expires_at))
        return signed

    def create_part(self, permission: Permission, stream: BinaryIO) -> StoredPart:
        """What a signed PUT of a part does. `ValueError` for another length, `ChangedObject` when the upload is over."""
        self._about(permission.key, permission.upload_id)
        with self._receiving(permission.size) as being_written:
            being_written.fill(stream, permission.size)
            being_written.expect(permission.size)
            with self._while_open(permission.key):
                being_written.place_within(self._parts / permission.upload_id / str(permission.part), "")
        return StoredPart(permission.part, permission.size, being_written.sha256[:32])

    def parts(self, key: str, upload_id: str) -> Sequence[StoredPart]:
        self._about(key, upload_id)
        with self._while_open(key):
            names = [path for path in (self._parts / upload_id).iterdir() if path.name.isdecimal()]
        return [self._part(path, key) for path in sorted(names, key=lambda path: int(path.name))]

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        wanted = sorted(parts, key=lambda part: part.number)
        # Whoever else completes it, now or before a crash, makes the same object: the one that is there in the end decides.
        with contextlib.suppress(FileExistsError, ChangedObject):
            self._assemble(key, upload_id, wanted)
        found = self.head(key)
        if found is None or (found.etag, found.size) != (_etag(wanted), sum(part.size for part in wanted)):
            raise ChangedObject(key)
        self.abort(key, upload_id)

    def abort(self, key: str, upload_id: str) -> None:
        if not UPLOAD_ID.fullmatch(upload_id):
            return
        folder = self._parts / upload_id
        try:
            (folder / "about").unlink(missing_ok=True)
            # A part that arrives meanwhile makes the removal fail; none can after the folder is gone.
            for _attempt in range(10):
                shutil.rmtree(folder, ignore_errors=True)
                if not folder.exists():
                    return
        except OSError as error:
            raise StorageError(str(error)) from error
        raise StorageError(f"the parts of {key} can't be removed")

    def uploads(self, prefix: str = "") -> Iterator[OpenUpload]:
        with contextlib.suppress(FileNotFoundError):
            for folder in self._parts.iterdir():
                with contextlib.suppress(ChangedObject, Foreign):
                    found = self._opened(folder)
                    if found.key.startswith(prefix):
                        yield found

    def _assemble(self, key: str, upload_id: str, wanted: Sequence[StoredPart]) -> None:
        if self._path(key).exists():
            raise FileExistsError(key)
        content_type = self._about(key, upload_id).content_type
        if not wanted:
            raise ChangedObject(key)
        with self._receiving(sum(part.size for part in wanted)) as whole:
            for part in wanted:
                # One open file: what is taken is what was compared, also when the part is sent again meanwhile.
                with self._open(self._parts / upload_id / str(part.number), key) as body:
                    if (body.info.size, body.info.etag) != (part.size, part.etag):
                        raise ChangedObject(key)
                    whole.append(body)
            whole.place(self._path(key), content_type, overwrite=False, etag=_etag(wanted))

    def _about(self, key: str, upload_id: str) -> ObjectInfo:
        """The upload's own file, or `ChangedObject`; its content type is the one of the object to be."""
        if not UPLOAD_ID.fullmatch(upload_id):
            raise ChangedObject(key)
        with self._open(self._parts / upload_id / "about", key) as about:
            if about.read(about.info.size) != key.encode():
                raise ChangedObject(key)
            return about.info

    def _opened(self, folder: Path) -> OpenUpload:
        with self._open(folder / "about", folder.name) as about:
            return OpenUpload(about.read(about.info.size).decode(), folder.name, about.info.modified_at)

    def _part(self, path: Path, key: str) -> StoredPart:
        with self._open(path, key) as body:
            return StoredPart(int(path.name), body.info.size, body.info.etag)

    @contextlib.contextmanager
    def _while_open(self, key: str) -> Iterator[None]:
        """A folder of parts that goes away meanwhile was completed or aborted."""
        try:
            yield
        except FileNotFoundError:
            raise ChangedObject(key) from None


def _etag(parts: Sequence[StoredPart]) -> str:
    """Made of the parts' own, as S3 does it: completing reads no byte twice."""
    digest = hashlib.sha256("".join(part.etag for part in parts).encode()).hexdigest()
    return f"{digest[:32]}-{len(parts)}"
