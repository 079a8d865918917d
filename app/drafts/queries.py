"""What the dashboard reads. The same number of statements however many services there are, and never the text that nobody looks at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, load_only, undefer

from app.drafts.summaries import Summary, summarise
from app.extensions import db
from app.services.models import Service, Status

SHOWN: tuple[InstrumentedAttribute[object], ...] = (
    *(Service.id, Service.provider_id, Service.name, Service.status, Service.is_active, Service.is_public, Service.slug),
    *(Service.gallery, Service.answers_schema, Service.has_content, Service.edited_at, Service.expires_at),
    *(Service.published_at, Service.changed_at, Service.deleted_at, Service.deleted_by, Service.purge_at),
)
#: More drafts than this are on no page at once: each is read with its answers, for its progress.
MOST_DRAFTS, MOST_OTHERS = 100, 200


def of_provider(provider_id: UUID, now: datetime) -> tuple[list[Summary], list[Summary], list[Summary]]:
    """A provider's open drafts, published services, and drafts that can still be brought back; each last touched first."""
    mine = Service.provider_id == provider_id
    is_restorable = and_(Service.purge_at > now, Service.has_content)
    shown = (Service.status == Status.DRAFT, or_(Service.deleted_at.is_(None), is_restorable))
    drafts = _read(mine, *shown, most=MOST_DRAFTS, with_answers=True)
    others = _read(mine, Service.status != Status.DRAFT, most=MOST_OTHERS)
    summaries = summarise([*drafts, *others])
    return (
        [each for each in summaries[: len(drafts)] if each.service.deleted_at is None],
        summaries[len(drafts) :],
        [each for each in summaries[: len(drafts)] if each.service.deleted_at is not None],
    )


def _read(*conditions: ColumnElement[bool], most: int, with_answers: bool = False) -> list[Service]:
    statement = select(Service).where(*conditions).options(load_only(*SHOWN))
    if with_answers:
        statement = statement.options(undefer(Service.answers))
    return list(db.session.scalars(statement.order_by(Service.edited_at.desc(), Service.id).limit(most)))
