"""What happens to files: removing them and bringing them back, and which of them visitors see."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, update

from app import clock
from app.extensions import db
from app.media.models import Media
from app.providers.access import owned


def remove(media_id: UUID, provider_id: UUID) -> Media:
    """Take a file away; for a while it can be restored, then a sweep deletes it."""
    row = owned(Media, media_id, provider_id)
    row.removed_at = row.removed_at or clock.now()
    return row


def restore(media_id: UUID, provider_id: UUID) -> Media:
    """Bring a removed file back; `NotFound` once the sweep was there."""
    row = owned(Media, media_id, provider_id)
    row.removed_at = None
    return row


def make_live(entity_type: str, entity_id: UUID, ids: Collection[UUID]) -> None:
    """These files are what visitors see of an entity from now on; its other files go."""
    _update(_of(entity_type, entity_id), Media.id.in_(ids), is_live=True, removed_at=None)
    _update(_of(entity_type, entity_id), Media.id.not_in(ids), is_live=False)
    _update(_of(entity_type, entity_id), Media.id.not_in(ids), Media.removed_at.is_(None), removed_at=clock.now())


def keep_live(entity_type: str, entity_id: UUID) -> None:
    """Changes were discarded: what visitors see stays, what was added since goes."""
    _update(_of(entity_type, entity_id), Media.is_live.is_(True), removed_at=None)
    _update(_of(entity_type, entity_id), Media.is_live.is_(False), Media.removed_at.is_(None), removed_at=clock.now())


def _of(entity_type: str, entity_id: UUID) -> ColumnElement[bool]:
    return (Media.entity_type == entity_type) & (Media.entity_id == entity_id)


def _update(*conditions: ColumnElement[bool], **values: object) -> None:
    db.session.execute(update(Media).where(*conditions).values(**values))
