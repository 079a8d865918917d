"""What the dashboard reads. The same number of statements however many services there are, and never the text that nobody looks at."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, load_only, undefer
from sqlalchemy.sql.base import ExecutableOption as ORMOption

from app.drafts.summaries import Summary, summarise
from app.extensions import db
from app.services.cursors import Cursor
from app.services.models import Service, Status

SHOWN: tuple[InstrumentedAttribute[object], ...] = (
    *(Service.id, Service.provider_id, Service.name, Service.status, Service.is_active, Service.is_public, Service.slug),
    *(Service.gallery, Service.answers_schema, Service.has_content, Service.edited_at, Service.expires_at),
    *(Service.published_at, Service.changed_at, Service.deleted_at, Service.deleted_by, Service.purge_at),
)
#: As many stand on one page: each draft is read with its answers, for its progress.
MOST_DRAFTS, MOST_OTHERS = 50, 50


class Shelves(NamedTuple):
    """A page of the dashboard, each list last touched first; and where its older drafts and other services go on, if there are any."""

    drafts: list[Summary]
    published: list[Summary]
    deleted: list[Summary]
    older_drafts: Cursor | None = None
    older_published: Cursor | None = None


def of_provider(
    provider_id: UUID,
    now: datetime,
    *,
    drafts_after: Cursor | None = None,
    published_after: Cursor | None = None,
    first: UUID | None = None,
) -> Shelves:
    """A provider's open drafts, published services, and drafts that can still be brought back; drafts of both kinds share their pages. `first`
    is a draft to show before all others."""
    mine = Service.provider_id == provider_id
    is_restorable = and_(Service.purge_at > now, Service.has_content)
    shown = (mine, Service.status == Status.DRAFT, or_(Service.deleted_at.is_(None), is_restorable))
    drafts, older_drafts = _page(shown, drafts_after, MOST_DRAFTS, first, undefer(Service.answers))
    others, older_others = _page((mine, Service.status != Status.DRAFT), published_after, MOST_OTHERS)
    summaries = summarise([*drafts, *others])
    return Shelves(
        [each for each in summaries[: len(drafts)] if each.service.deleted_at is None],
        summaries[len(drafts) :],
        [each for each in summaries[: len(drafts)] if each.service.deleted_at is not None],
        older_drafts,
        older_others,
    )


def _page(
    conditions: Sequence[ColumnElement[bool]], after: Cursor | None, most: int, first: UUID | None = None, *options: ORMOption
) -> tuple[list[Service], Cursor | None]:
    statement = select(Service).where(*conditions).options(load_only(*SHOWN), *options)
    if after is not None:
        statement = statement.where(
            or_(Service.edited_at < after.moment, and_(Service.edited_at == after.moment, Service.id > after.id))
        )
    if first is not None:
        statement = statement.order_by((Service.id == first).desc())
    rows = list(db.session.scalars(statement.order_by(Service.edited_at.desc(), Service.id).limit(most + 1)))
    more = len(rows) > most
    return rows[:most], Cursor(rows[most - 1].edited_at, rows[most - 1].id) if more else None
