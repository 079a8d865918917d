"""What happens when a draft's expiry has passed, and when it can't be restored any more."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, case, delete, func, literal, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from app import clock
from app.columns import UTCDateTime
from app.config import Settings
from app.drafts import farewells, rules
from app.drafts.batches import Position, by_index, chosen, holding_providers, next_providers
from app.extensions import db
from app.insights.operations import record_all, recording
from app.media.letting_go import going
from app.media.models import Media
from app.media.operations import delete_of
from app.services.models import Service
from app.wizard.context import ENTITY


def end_next(settings: Settings, most: int, position: Position) -> int | None:
    """Delete what is due of the next providers, by one statement that asks once more whether it is; how many drafts, and None when nobody is next.
    One that held nothing can't be brought back. The caller commits.

    Of a provider with many drafts, some are left for the next batch; the mail about them is one all the same (`farewells.py`).
    """
    now = clock.now()
    due = rules.due_for_deletion(now, settings.notice)
    until = case((Service.has_content, literal(now + settings.draft_restore_for, UTCDateTime)), else_=literal(now, UTCDateTime))
    values = {"deleted_at": now, "deleted_by": "expiry", "purge_at": until, "revision": Service.revision + 1}

    def ending(providers: Any) -> ReturningUpdate[UUID, UUID, bool]:
        theirs = select(Service.id).where(Service.provider_id.in_(providers)).order_by(Service.expires_at).limit(most)
        gone = update(Service).where(*chosen(theirs, due)).values(**values)
        return gone.returning(Service.id, Service.provider_id, Service.has_content)

    by_index()
    if db.engine.dialect.name == "postgresql":
        held = holding_providers(due, most, position).cte("held")
        return _end_in_one(held, ending(select(held.c.id)).cte("services"), now, position)
    providers = next_providers(due, most, position)
    return _end_one_by_one(ending(providers), now) if providers else None


def _end_in_one(held: CTE, services: CTE, now: datetime, position: Position) -> int | None:
    """One statement for providers, drafts, events and the mails that are owed, of which no row comes into this process."""
    row = services.c
    noted = recording("expired", row.id).cte("noted")
    owed = farewells.owing(select(row.provider_id).where(row.has_content), now).cte("owed")
    last = select(func.max(held.c.expires_at)).scalar_subquery()
    number, reached = db.session.execute(select(func.count(), last).select_from(services).add_cte(noted, owed)).one()
    position.reached = reached or position.reached
    return number if reached else None


def _end_one_by_one(ending: ReturningUpdate[UUID, UUID, bool], now: datetime) -> int:
    """SQLite can't insert what an UPDATE returns."""
    rows = db.session.execute(ending, execution_options={"synchronize_session": False}).all()
    record_all("expired", [row.id for row in rows])
    if readers := {row.provider_id for row in rows if row.has_content}:
        db.session.execute(farewells.owing(readers, now))
    return len(rows)


def purge_next(most: int, position: Position) -> int:
    """Delete up to `most` drafts for good: the rows first, so that what was brought back a moment ago is not among them; then, in the same
    transaction, what they held. The caller commits."""
    due = rules.due_for_purge(clock.now())
    by_index()
    batch = select(Service.id).order_by(Service.purge_at).limit(most)
    if position.reached is not None:
        batch = batch.where(Service.purge_at >= position.reached)
    gone = delete(Service).where(*chosen(batch, due)).returning(Service.id, Service.purge_at)
    if db.engine.dialect.name == "postgresql":
        number, reached = _purge_in_one(gone.cte("services"))
    else:
        rows = db.session.execute(gone, execution_options={"synchronize_session": False}).all()
        if rows:
            delete_of(ENTITY, [row.id for row in rows])
        number, reached = len(rows), max((row.purge_at for row in rows), default=None)
    position.reached = reached or position.reached
    return number


def _purge_in_one(services: CTE) -> tuple[int, datetime | None]:
    """One statement for drafts, files and ledger. A file that was granted at this very moment belongs to nothing then, and goes at night."""
    its_draft = Media.entity_id.in_(select(services.c.id))
    _files, noted = going(Media.entity_type == ENTITY, its_draft)
    row = db.session.execute(select(func.count(), func.max(services.c.purge_at)).select_from(services).add_cte(noted)).one()
    return row[0], row[1]
