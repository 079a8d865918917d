"""A file for another entity without sending it again: its own row, its own keys, copied inside the store by the verify job.

The copy counts like any other file, and lives on when the first one goes.
"""

import secrets
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app import clock
from app.columns import new_id
from app.errors import TooMany
from app.extensions import db
from app.media import quota
from app.media.asking import ask_to_verify
from app.media.inspection import Rejected
from app.media.models import Media, State
from app.media.operations import folder
from app.providers.access import lock
from app.storage import store
from app.storage.protocol import StorageError

VERIFIED = ("content_type", "etag", "width", "height", "pages", "seconds", "frames")
WAITING = (State.RECEIVED, State.READY)


def begin(sources: list[Media], entity_type: str, entity_id: UUID) -> dict[UUID, Media]:
    """Rows for copies of these files, by the id of the first; their bytes follow the commit. What doesn't fit any more is left out, as is what
    never arrived or was rejected."""
    made: dict[UUID, Media] = {}
    for source in sources:
        if source.state not in WAITING:
            continue
        lock(source.provider_id)
        try:
            quota.check(source.provider_id, entity_type, entity_id, source.declared_bytes)
        except TooMany:
            break
        made[source.id] = _row(source, entity_type, entity_id)
        db.session.flush()
        ask_to_verify(made[source.id].id)
    return made


def _row(source: Media, entity_type: str, entity_id: UUID) -> Media:
    identity, now = new_id(), clock.now()
    row = Media(
        id=identity,
        provider_id=source.provider_id,
        entity_type=entity_type,
        entity_id=entity_id,
        state=State.RECEIVED,
        kind=source.kind,
        file_name=source.file_name,
        declared_type=source.declared_type,
        declared_bytes=source.declared_bytes,
        declared_sha256=source.declared_sha256,
        incoming_key=f"incoming/{identity}/{secrets.token_hex(16)}",  # nothing ever arrives there: no URL is issued
        urls_expire_at=now,
        received_at=now,
        copy_of=source.id,
    )
    db.session.add(row)
    return row


def made(row: Media) -> dict[str, Any]:
    """The columns of a copy whose objects are in their place. Raises `Rejected` when the first file is gone, `StorageError` to be asked later."""
    with Session(db.engine) as reading:
        source = reading.get(Media, row.copy_of)
    if source is None or source.state == State.REJECTED:
        raise Rejected("lost")
    if source.state != State.READY:
        raise StorageError("what is to be copied is not verified yet")
    variants = [each | {"key": _copy(each["key"], each["type"], row.id)} for each in source.variants or []]
    original = _copy(source.original_key, str(source.content_type), row.id) if source.original_key else None
    return {name: getattr(source, name) for name in VERIFIED} | {"variants": variants or None, "original_key": original}


def _copy(key: str, content_type: str, media_id: UUID) -> str:
    found = store().head(key)
    if found is None:
        raise Rejected("lost")
    target = f"{folder(media_id)}{key.rpartition('/')[2]}"
    store().copy(key, target, etag=found.etag, content_type=content_type)
    return target
