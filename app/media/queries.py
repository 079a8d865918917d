"""Reading media."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.media.models import UNDO, Media, State


def attached_to(entity_type: str, entity_ids: Collection[UUID]) -> dict[UUID, list[Media]]:
    """The files of many entities at once, by entity; one without files is not there."""
    found: dict[UUID, list[Media]] = {}
    if not entity_ids:
        return found
    statement = select(Media).where(
        Media.entity_type == entity_type, Media.entity_id.in_(entity_ids), Media.removed_at.is_(None)
    )
    for media in db.session.scalars(statement.order_by(Media.created_at, Media.id)):
        if media.entity_id is not None:
            found.setdefault(media.entity_id, []).append(media)
    return found


def attached(entity_type: str, entity_id: UUID) -> list[Media]:
    """The files of one entity in the order of their arrival, without the removed ones."""
    statement = select(Media).where(Media.entity_type == entity_type, Media.entity_id == entity_id, Media.removed_at.is_(None))
    return list(db.session.scalars(statement.order_by(Media.created_at, Media.id)))


def recently_removed(entity_type: str, entity_id: UUID) -> list[Media]:
    """The files of one entity that arrived, were taken away and can be put back."""
    statement = select(Media).where(
        Media.entity_type == entity_type,
        Media.entity_id == entity_id,
        Media.removed_at > clock.now() - UNDO,
        Media.state.in_([State.RECEIVED, State.READY]),
    )
    return list(db.session.scalars(statement.order_by(Media.removed_at.desc())))
