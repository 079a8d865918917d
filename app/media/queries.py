"""Reading media."""

from uuid import UUID

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.media.models import UNDO, Media


def attached(entity_type: str, entity_id: UUID) -> list[Media]:
    """The files of one entity in the order of their arrival, without the removed ones."""
    statement = select(Media).where(Media.entity_type == entity_type, Media.entity_id == entity_id, Media.removed_at.is_(None))
    return list(db.session.scalars(statement.order_by(Media.created_at, Media.id)))


def recently_removed(entity_type: str, entity_id: UUID) -> list[Media]:
    """The files of one entity that were taken away and can be put back."""
    statement = select(Media).where(
        Media.entity_type == entity_type, Media.entity_id == entity_id, Media.removed_at > clock.now() - UNDO
    )
    return list(db.session.scalars(statement.order_by(Media.removed_at.desc())))
