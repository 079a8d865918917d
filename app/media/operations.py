"""What happens to files: removing them and bringing them back, which of them visitors see, and deleting them for good."""

from collections.abc import Collection, Iterable
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select, update

from app import clock, config
from app.errors import TooMany
from app.extensions import db
from app.media.letting_go import let_go
from app.media.models import Media, State
from app.providers.access import lock, owned


def remove(media_id: UUID, provider_id: UUID) -> Media:
    """Take a file away; for a while it can be restored, then a sweep deletes it. One that never arrived goes at once, and its quota with it."""
    row = owned(Media, media_id, provider_id)
    row.removed_at = row.removed_at or clock.now()
    if row.state == State.GRANTED:
        delete([row])
    return row


def restore(media_id: UUID, provider_id: UUID) -> Media:
    """Bring a removed file back; `NotFound` once the sweep was there, `TooMany` when others have taken its place."""
    row = owned(Media, media_id, provider_id)
    if row.removed_at is not None:
        lock(provider_id)
        _check_place(row)
        row.removed_at = None
    return row


def _check_place(row: Media) -> None:
    here = (Media.entity_type == row.entity_type, Media.entity_id == row.entity_id, Media.state != State.REJECTED)
    most = config.current().media_per_service
    if (db.session.scalar(select(func.count(Media.id)).where(*here, Media.removed_at.is_(None))) or 0) >= most:
        raise TooMany(_("There are %(most)s files already. Remove one to add another.", most=most))


def make_live(entity_type: str, entity_id: UUID, ids: Collection[UUID]) -> None:
    """These files are what visitors see of an entity from now on; its other files go."""
    _update(_of(entity_type, entity_id), Media.id.in_(ids), is_live=True, removed_at=None)
    _update(_of(entity_type, entity_id), Media.id.not_in(ids), is_live=False)
    _update(_of(entity_type, entity_id), Media.id.not_in(ids), Media.removed_at.is_(None), removed_at=clock.now())


def keep_live(entity_type: str, entity_id: UUID) -> None:
    """Changes were discarded: what visitors see stays, what was added since goes."""
    _update(_of(entity_type, entity_id), Media.is_live.is_(True), removed_at=None)
    _update(_of(entity_type, entity_id), Media.is_live.is_(False), Media.removed_at.is_(None), removed_at=clock.now())


def delete(rows: Iterable[Media]) -> int:
    """Let go of files: the rows are gone, and their keys are in the ledger, in one transaction."""
    return delete_where(Media.id.in_([row.id for row in rows]))


def delete_of(entity_type: str, entity_ids: Collection[UUID]) -> int:
    """Let go of every file that is attached to one of these entities."""
    return delete_where(Media.entity_type == entity_type, Media.entity_id.in_(entity_ids))


def delete_of_provider(provider_id: UUID) -> int:
    """Let go of every file of an account. Before the account goes: the database would drop the rows, and nobody would know the keys."""
    return delete_where(Media.provider_id == provider_id)


def delete_where(*conditions: ColumnElement[bool]) -> int:
    """Let go of the files that meet these conditions, judged anew where another transaction was faster."""
    return let_go(*conditions)


def folder(media_id: UUID) -> str:
    """Everything that was made of a file: the ledger deletes below it, so a verify job that died halfway leaves nothing behind."""
    return f"media/{media_id}/"


def _of(entity_type: str, entity_id: UUID) -> ColumnElement[bool]:
    return (Media.entity_type == entity_type) & (Media.entity_id == entity_id)


def _update(*conditions: ColumnElement[bool], **values: object) -> None:
    db.session.execute(update(Media).where(*conditions).values(**values))
