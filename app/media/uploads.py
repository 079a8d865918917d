"""How a file arrives: granted, sent straight to the store (or through the app), received. The row is there before the URL is."""

import contextlib
import secrets
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any, BinaryIO
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import bindparam, select, update

from app import clock, config
from app.columns import new_id
from app.errors import Conflict, Gone, NotFound, Unavailable
from app.extensions import db, table
from app.media import entities, kinds, names, parts, quota
from app.media.asking import ask_to_verify
from app.media.models import Media, State, known
from app.providers.access import lock, owned
from app.storage import store
from app.storage.protocol import StorageError, UploadURL

ROWS = table(Media)
# Built once: that costs more than sending it.
RECEIVED = (
    update(ROWS)
    .where(ROWS.c.id == bindparam("identity"), ROWS.c.state == State.GRANTED)
    .values(state=State.RECEIVED, received_at=bindparam("now"), upload_id=None)
)
FRESH = timedelta(minutes=10)  # a browser asks for so long for an upload whose grant was not answered


def grant(
    provider_id: UUID,
    entity_type: str,
    entity_id: UUID,
    file_name: str,
    content_type: str,
    size: int,
    sha256: str | None = None,
    fingerprint: str | None = None,
    again: bool = False,
) -> tuple[Media, UploadURL | None]:
    """Allow one file: its row, and the URL that takes exactly `size` bytes of this type (and of this SHA-256, 64 hex digits).

    A larger one than `UPLOAD_PARTS_ABOVE` gets no URL here, because it travels in parts (`sign`). `fingerprint` is what its sender knows the file
    again by, when it is chosen a second time. `again`: it was asked for before, and no answer came; if the row is there, it is this one.

    Raises `NotFound` for an entity that is not this provider's, `Refused` for a file that can't be taken, `TooMany` over a quota.
    """
    found = kinds.find(content_type, file_name)
    kinds.check_size(found, size, config.current())
    entities.find(entity_type).may_attach(entity_id, provider_id)
    lock(provider_id)
    if again and fingerprint and (row := _asked_before(provider_id, entity_id, fingerprint, size)):
        return row, None if row.part_bytes else _url(row)
    quota.check(provider_id, entity_type, entity_id, size)
    place = {"provider_id": provider_id, "entity_type": entity_type, "entity_id": entity_id}
    row = _row(found, names.clean(file_name), size, **place, declared_sha256=sha256, fingerprint=fingerprint)
    upload = None if row.part_bytes else _url(row)
    db.session.add(row)
    db.session.flush()
    return row, upload


def _row(found: kinds.FileType, file_name: str, size: int, **known: Any) -> Media:
    """A file that may be sent, under a key of its own that says nothing about it: in parts where it is large."""
    settings, identity = config.current(), new_id()
    return Media(
        id=identity,
        state=State.GRANTED,
        kind=found.kind,
        file_name=file_name,
        declared_type=found.content_type,
        declared_bytes=size,
        incoming_key=f"incoming/{identity}/{secrets.token_hex(16)}",
        urls_expire_at=clock.now() + settings.upload_url_lifetime,
        part_bytes=parts.size_for(size) if size > settings.upload_parts_above else None,
        **known,
    )


def _asked_before(provider_id: UUID, entity_id: UUID, fingerprint: str, size: int) -> Media | None:
    same = (Media.provider_id == provider_id, Media.entity_id == entity_id, Media.declared_bytes == size)
    fresh = (Media.state == State.GRANTED, Media.created_at > clock.now() - FRESH)
    statement = select(Media).where(*same, *fresh, Media.fingerprint == fingerprint)
    return db.session.scalar(statement.order_by(Media.created_at.desc()).limit(1))


def resign(media_id: UUID, provider_id: UUID) -> UploadURL:
    """A fresh URL for a file that has not arrived. `Conflict` when it has, or when it travels in parts."""
    row = owned(Media, media_id, provider_id)
    if row.state != State.GRANTED or row.part_bytes is not None:
        raise Conflict()
    return _url(row)


def sign(row: Media, numbers: Collection[int]) -> parts.Signed:
    """Addresses for some parts of a large file, and which parts are there already (`parts.sign`)."""
    with _asking():
        return parts.sign(row, numbers)


def sign_first(row: Media) -> parts.Signed | None:
    """Addresses for as many parts as one request signs, with the grant, whose row must be committed: the first call begins the upload.

    None when the store does not answer, or somebody else is faster: its sender asks for them (`sign`).
    """
    with contextlib.suppress(Unavailable, Conflict):
        return sign(row, range(1, min(parts.count(row), parts.AT_ONCE) + 1))
    return None


def standing(media_id: UUID, provider_id: UUID) -> tuple[Media, list[int]]:
    """A file, and the numbers of its parts that have arrived: what is left to send by someone who was interrupted."""
    row = owned(Media, media_id, provider_id)
    with _asking():
        return row, parts.done(row) if row.state == State.GRANTED else list(parts.sizes(row))


def receive(media_id: UUID, provider_id: UUID, etags: Mapping[int, str] | None = None) -> Media:
    """Look whether the file is in the store, or all of its parts; then it is received and will be verified. Asking again changes nothing.

    Raises `Gone` when the file is not there (`missing`: the parts to send, or send again), `Unavailable` when the store does not answer.
    """
    row = owned(Media, media_id, provider_id)
    if row.state != State.GRANTED:
        return row
    with _asking():
        missing = parts.missing(row, etags or {})
    if missing:
        raise Gone(_("The file has not arrived yet. Send it again."), missing=missing)
    _received(row)
    entities.find(row.entity_type).changed(_entity(row))
    return row


def arrived(row: Media) -> bool:
    """Whether the file is in the store though nobody said so; if it is, it is received."""
    with _asking():
        missing = parts.missing(row, {})
    if not missing:
        _received(row)
    return not missing


def _received(row: Media) -> None:
    """The row says from now on that the object is there, and its verification follows the commit.

    While the store was asked, another request may have said the same, and the file may be verified by now: then nothing changes.
    """
    identity, now = row.id, clock.now()
    result: Any = db.session.execute(RECEIVED, {"identity": identity, "now": now})
    if result.rowcount == 1:
        known(row, state=State.RECEIVED, received_at=now, upload_id=None)
        ask_to_verify(identity)
    elif db.session.get(Media, identity, populate_existing=True) is None:
        raise NotFound()


def send(row: Media, stream: BinaryIO) -> None:
    """Direct upload: put the bytes of a granted file into the store, for someone whose browser can't. The caller receives it after."""
    with _asking():
        store().write(row.incoming_key, stream, size=row.declared_bytes, content_type=row.declared_type)


@contextlib.contextmanager
def _asking() -> Iterator[None]:
    """What the store can't do now is said in words for people."""
    try:
        yield
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
    row.urls_expire_at = max(row.urls_expire_at, upload.expires_at)
    return upload


def _entity(row: Media) -> UUID:
    if row.entity_id is None:
        raise Gone()
    return row.entity_id
