"""Files of a service: who may attach them, what an arrival changes, and when visitors see them (see `app/media/entities.py`)."""

from uuid import UUID

from sqlalchemy import case, select, update

from app import clock, config
from app.errors import NotFound
from app.extensions import db
from app.media.entities import Entity
from app.services import expiry
from app.services.models import Service, Status

ENTITY = "service"


def may_attach(service_id: UUID, provider_id: UUID) -> None:
    """Its owner, while it is a draft or published; `NotFound` for everybody else."""
    statement = select(Service.id).where(
        Service.id == service_id,
        Service.provider_id == provider_id,
        Service.deleted_at.is_(None),
        Service.status != Status.ARCHIVED,
    )
    if db.session.scalar(statement) is None:
        raise NotFound()


def changed(service_id: UUID) -> None:
    """An upload is activity: it moves a draft's expiry as a save does, and the draft is not empty any more."""
    now = clock.now()
    later = expiry.moved_in_place(now, config.current().draft_delete_after)
    expires_at = case((Service.status == Status.DRAFT, later), else_=Service.expires_at)
    statement = update(Service).where(Service.id == service_id, Service.deleted_at.is_(None))
    values = {"edited_at": now, "has_content": True, "expires_at": expires_at}
    db.session.execute(statement.values(values).execution_options(synchronize_session=False))


def is_shown(service_id: UUID) -> bool:
    """Visitors see the files of a listing that they can open: published, and not paused."""
    statement = select(Service.id).where(Service.id == service_id, Service.status == Status.PUBLISHED, Service.is_active)
    return db.session.scalar(statement) is not None


FILES = Entity(may_attach, changed, is_shown)
