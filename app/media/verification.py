"""The verify job: what arrived is looked at, and only what was looked at is ever shown.

Variants are made from the bytes that were read; a PDF or video is copied on the condition that it still is what was read. Both go to
`media/<id>/`, for which no URL that writes is ever issued: sending other bytes to the incoming key afterwards changes nothing that anyone sees.
"""

import hashlib
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import clock, config
from app.extensions import db
from app.media import copies, inspection
from app.media.inspection import HEAD, Rejected
from app.media.kinds import TYPES
from app.media.models import Kind, Media, State
from app.media.operations import folder
from app.storage import ledger, store
from app.storage.protocol import ChangedObject, ObjectInfo, StorageError

log = structlog.get_logger()
PIECE = 256 * 1024
TAIL = 4096  # a PDF ends with a mark that readers look for in its last kilobytes (ISO 32000-1, 7.5.5)


def verify(media_id: UUID) -> None:
    """Verify a received file: it becomes ready, or rejected with a reason. Anything else is left as it is, so doing it twice does no harm.

    A store that does not answer changes nothing; the sweep asks again.
    """
    with Session(db.engine) as reading:
        # Read on its own and let go: looking at a file takes seconds, and no transaction may wait for them (it would keep PostgreSQL from
        # cleaning up behind it). `_settle` checks anew.
        row = reading.get(Media, media_id)
    if row is None or row.state != State.RECEIVED:
        return
    try:
        outcome = {"state": State.READY, "reason": None} | (copies.made(row) if row.copy_of else _verified(row))
    except Rejected as rejected:
        outcome = {"state": State.REJECTED, "reason": rejected.reason}
    except StorageError as error:
        log.warning("not verified", media=str(media_id), error=str(error))
        return
    _settle(row, outcome)


def _settle(row: Media, outcome: dict[str, Any]) -> None:
    """Write the outcome if the row is still there and still waiting. What arrived has done its service, and goes either way.

    Two jobs may look at one file. The second, which perhaps found that what arrived is gone by now, must not take away what the first made.
    """
    identity, incoming, urls_expire_at = row.id, row.incoming_key, row.urls_expire_at
    statement = update(Media).where(Media.id == identity, Media.state == State.RECEIVED)
    result: Any = db.session.execute(
        statement.values(verified_at=clock.now(), **outcome).execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    keys = [incoming]
    is_ours = result.rowcount == 1
    if outcome["state"] == State.REJECTED if is_ours else db.session.get(Media, identity) is None:
        keys.append(folder(identity))
    ledger.add(keys, urls_expire_at)


def _verified(row: Media) -> dict[str, Any]:
    """The columns of a good file, whose objects are in their place; raises `Rejected` or `StorageError`."""
    found = store().head(row.incoming_key)
    if found is None:
        raise Rejected("lost")
    if found.size != row.declared_bytes:
        raise Rejected("differs")
    try:
        content_type = inspection.expect(inspection.sniff(_read(found, 0, HEAD)), row.kind)
        made = _picture(row, found, content_type) if row.kind == Kind.IMAGE else _original(row, found, content_type)
    except ChangedObject as error:
        raise Rejected("differs") from error
    return {"content_type": content_type, "etag": found.etag} | made


def _picture(row: Media, found: ObjectInfo, content_type: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="shingle-verify-") as name:
        place = Path(name)
        source, target = place / "source", place / "variants"
        target.mkdir()
        digest = _fetch(found, source)
        if row.declared_sha256 and digest != row.declared_sha256:
            raise Rejected("differs")
        decoded = inspection.decode(source, target, content_type, config.current().image_max_pixels)
        variants = [_store(row.id, digest, target, each) for each in decoded.variants]
    return {"width": decoded.width, "height": decoded.height, "variants": variants}


def _store(media_id: UUID, digest: str, target: Path, made: dict[str, Any]) -> dict[str, Any]:
    file = target / made["file"]
    key = f"{folder(media_id)}{digest[:16]}-{made['file']}"
    size = file.stat().st_size
    with file.open("rb") as stream:
        store().write(key, stream, size=size, content_type=made["type"])
    return {"key": key, "width": made["width"], "height": made["height"], "type": made["type"], "bytes": size}


def _original(row: Media, found: ObjectInfo, content_type: str) -> dict[str, Any]:
    """Served as it is, so it must stay what was looked at: the copy is bound to its ETag."""
    if content_type == "application/pdf" and b"%%EOF" not in _read(found, max(0, found.size - TAIL), TAIL):
        raise Rejected("damaged")
    name = hashlib.sha256(found.etag.encode()).hexdigest()[:16]
    key = f"{folder(row.id)}{name}.{TYPES[content_type].ending}"
    store().copy(row.incoming_key, key, etag=found.etag, content_type=content_type)
    return {"original_key": key}


def _read(found: ObjectInfo, start: int, length: int) -> bytes:
    with store().read(found.key, start=start, length=min(length, found.size - start)) as stream:
        return stream.read()


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
    return digest.hexdigest()
