"""Files of a service: who may attach them, what an arrival changes, and when visitors see them (see `app/media/entities.py`)."""

from uuid import UUID

from sqlalchemy import bindparam, case, select, update

from app import clock, config
from app.columns import UTCDateTime
from app.errors import NotFound
from app.extensions import db, table
from app.media.entities import Entity
from app.services import expiry
from app.services.models import Service, Status

ENTITY = "service"
ROWS = table(Service)
# Both are built once: that costs more than sending them.
MAY_ATTACH = select(ROWS.c.id).where(
    ROWS.c.id == bindparam("service"),
    ROWS.c.provider_id == bindparam("provider"),
    ROWS.c.deleted_at.is_(None),
    ROWS.c.status != Status.ARCHIVED,
)
CHANGED = (
    update(ROWS)
    .where(ROWS.c.id == bindparam("service"), ROWS.c.deleted_at.is_(None))
    .values(
        edited_at=bindparam("now"),
        has_content=True,
        expires_at=case(
            (ROWS.c.status == Status.DRAFT, expiry.moved_to(bindparam("until", type_=UTCDateTime()))), else_=ROWS.c.expires_at
        ),
    )
)


def may_attach(service_id: UUID, provider_id: UUID) -> None:
    """Its owner, while it is a draft or published; `NotFound` for everybody else."""
    if db.session.scalar(MAY_ATTACH, {"service": service_id, "provider": provider_id}) is None:
        raise NotFound()


def changed(service_id: UUID) -> None:
    """An upload is activity: it moves a draft's expiry as a save does, and the draft is not empty any more."""
    now = clock.now()
    until = now + config.current().draft_delete_after
    db.session.execute(CHANGED, {"service": service_id, "now": now, "until": until})


def is_shown(service_id: UUID) -> bool:
    """Visitors see the files of a listing that they can open: published, and not paused."""
    statement = select(Service.id).where(Service.id == service_id, Service.status == Status.PUBLISHED, Service.is_active)
    return db.session.scalar(statement) is not None


FILES = Entity(may_attach, changed, is_shown)
