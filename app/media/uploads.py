"""How a file arrives: granted, sent straight to the store (or through the app), received. The row is there before the URL is."""

import secrets
from typing import Any, BinaryIO
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import case, func, select, update

from app import clock, config
from app.columns import new_id
from app.errors import Conflict, Gone, NotFound, TooMany, Unavailable
from app.extensions import db
from app.media import entities, kinds, names
from app.media.models import Media, State
from app.providers.access import lock, owned
from app.queue import enqueue
from app.storage import store
from app.storage.protocol import StorageError, UploadURL
from app.transaction import after_commit


def grant(
    provider_id: UUID,
    entity_type: str,
    entity_id: UUID,
    file_name: str,
    content_type: str,
    size: int,
    sha256: str | None = None,
) -> tuple[Media, UploadURL]:
    """Allow one file: its row, and the URL that takes exactly `size` bytes of this type (and of this SHA-256, 64 hex digits).

    Raises `NotFound` for an entity that is not this provider's, `Refused` for a file that can't be taken, `TooMany` over a quota.
    """
    settings = config.current()
    found = kinds.find(content_type, file_name)
    kinds.check_size(found, size, settings)
    entities.find(entity_type).may_attach(entity_id, provider_id)
    lock(provider_id)
    _check_quota(provider_id, entity_type, entity_id, size)
    identity = new_id()
    row = Media(
        id=identity,
        provider_id=provider_id,
        entity_type=entity_type,
        entity_id=entity_id,
        state=State.GRANTED,
        kind=found.kind,
        file_name=names.clean(file_name),
        declared_type=found.content_type,
        declared_bytes=size,
        declared_sha256=sha256,
        incoming_key=f"incoming/{identity}/{secrets.token_hex(16)}",
    )
    upload = _url(row)
    db.session.add(row)
    db.session.flush()
    return row, upload


def resign(media_id: UUID, provider_id: UUID) -> UploadURL:
    """A fresh URL for a file that has not arrived. `Conflict` when it has."""
    row = owned(Media, media_id, provider_id)
    if row.state != State.GRANTED:
        raise Conflict()
    return _url(row)


def receive(media_id: UUID, provider_id: UUID) -> Media:
    """Look whether the file is in the store; if so it is received and will be verified. Asking again changes nothing.

    Raises `Gone` when the file is not there (send it, or send it again), `Unavailable` when the store does not answer.
    """
    row = owned(Media, media_id, provider_id)
    if row.state != State.GRANTED:
        return row
    if not arrived(row):
        raise Gone(_("The file has not arrived yet. Send it again."))
    entities.find(row.entity_type).changed(_entity(row))
    return row


def arrived(row: Media) -> bool:
    """If the object is there, the row says so from now on, and its verification follows the commit.

    While the store was asked, another request may have said the same, and the file may be verified by now: then nothing changes.
    """
    try:
        found = store().head(row.incoming_key)
    except StorageError as error:
        raise Unavailable(_("The file store does not answer. Try again in a minute.")) from error
    if found is None:
        return False
    identity = row.id
    statement = update(Media).where(Media.id == identity, Media.state == State.GRANTED)
    result: Any = db.session.execute(
        statement.values(state=State.RECEIVED, received_at=clock.now()).execution_options(synchronize_session=False)
    )
    if db.session.get(Media, identity, populate_existing=True) is None:
        raise NotFound()
    if result.rowcount == 1:
        after_commit(enqueue, "media.verify", identity)
    return True


def send(row: Media, stream: BinaryIO) -> None:
    """Direct upload: put the bytes of a granted file into the store, for someone whose browser can't. The caller receives it after."""
    try:
        store().write(row.incoming_key, stream, size=row.declared_bytes, content_type=row.declared_type)
    except StorageError as error:
        raise Unavailable(_("The file store does not answer. Try again in a minute.")) from error


def _url(row: Media) -> UploadURL:
    upload = store().presign_put(
        row.incoming_key,
        size=row.declared_bytes,
        content_type=row.declared_type,
        sha256=row.declared_sha256,
        lifetime=config.current().upload_url_lifetime,
    )
    row.urls_expire_at = max(row.urls_expire_at or upload.expires_at, upload.expires_at)
    return upload


def _entity(row: Media) -> UUID:
    if row.entity_id is None:
        raise Gone()
    return row.entity_id


def _check_quota(provider_id: UUID, entity_type: str, entity_id: UUID, size: int) -> None:
    """Granted bytes count, so unfinished uploads can't fill the store; what was rejected is not kept and does not count."""
    settings = config.current()
    here = (Media.entity_type == entity_type) & (Media.entity_id == entity_id) & Media.removed_at.is_(None)
    counts = select(
        func.count(), func.coalesce(func.sum(Media.declared_bytes), 0), func.coalesce(func.sum(case((here, 1), else_=0)), 0)
    )
    files, used, attached = db.session.execute(
        counts.where(Media.provider_id == provider_id, Media.state != State.REJECTED)
    ).one()
    if attached >= settings.media_per_service:
        raise TooMany(_("There are %(most)s files already. Remove one to add another.", most=settings.media_per_service))
    if files >= settings.provider_max_files:
        raise TooMany(_("Your account holds as many files as it can. Remove some that you don't need."))
    if used + size > settings.provider_max_bytes:
        shown = kinds.size_in_words(settings.provider_max_bytes)
        raise TooMany(_("Your account is full: it holds up to %(most)s. Remove files that you don't need.", most=shown))
