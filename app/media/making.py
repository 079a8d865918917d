"""What is made of a file that arrived: its variants, and for a PDF or a video the file that is served instead of what came.

Nothing that visitors get holds a byte that a decoder has not read: pictures are encoded anew, a video's streams are copied into a new container,
a PDF is written again without what acts and what tells who made it. The file is fetched once, in pieces, onto the disk of `var/`.
"""

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from app import config
from app.media import inspection, workplace
from app.media.inspection import Limits, Rejected
from app.media.kinds import TYPES
from app.media.models import Media
from app.media.operations import folder
from app.storage import store
from app.storage.protocol import ChangedObject, ObjectInfo, StorageError

PIECE = 256 * 1024


def make(row: Media, found: ObjectInfo, content_type: str) -> dict[str, Any]:
    """The columns that tell what was made, whose objects are in their place. Raises `Rejected`, `ChangedObject` or `StorageError`."""
    with workplace.take(found.size) as place:
        source, target = place / "source", place / "made"
        target.mkdir()
        digest = _fetch(found, source)
        if row.declared_sha256 and digest != row.declared_sha256:
            raise Rejected("differs")
        looked = inspection.look(source, target, content_type, Limits.of(config.current()))
        source.unlink()
        variants = [_variant(row.id, digest, target, each) for each in looked.variants]
        original = _original(row.id, digest, target, looked.original, content_type)
    sizes = {"width": looked.width, "height": looked.height, "pages": looked.pages}
    return sizes | {"seconds": looked.seconds, "frames": looked.frames, "variants": variants, "original_key": original}


def _variant(media_id: UUID, digest: str, target: Path, made: dict[str, Any]) -> dict[str, Any]:
    key = f"{folder(media_id)}{digest[:16]}-{made['file']}"
    size = _store(key, target / made["file"], made["type"])
    kept: dict[str, Any] = {name: made[name] for name in ("width", "height", "type", "frames") if name in made}
    return {"key": key, "bytes": size, **kept}


def _original(media_id: UUID, digest: str, target: Path, name: str | None, content_type: str) -> str | None:
    if name is None:
        return None
    key = f"{folder(media_id)}{digest[:16]}.{TYPES[content_type].ending}"
    _store(key, target / name, content_type)
    return key


def _store(key: str, file: Path, content_type: str) -> int:
    size = file.stat().st_size
    with file.open("rb") as stream:
        store().write(key, stream, size=size, content_type=content_type)
    return size


def _fetch(found: ObjectInfo, target: Path) -> str:
    """Fetch an object into a file; its SHA-256 in hex. Never more than its announced size, however long the store goes on."""
    digest, left = hashlib.sha256(), found.size
    with store().read(found.key) as stream, target.open("wb") as file:
        while left and (piece := stream.read(min(PIECE, left))):
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
    if left:
        raise StorageError("the file ended early")
    after = store().head(found.key)
    if after is None or after.etag != found.etag:
        raise ChangedObject(found.key)
    return digest.hexdigest()
