"""What happens when a draft's expiry has passed, and when it can't be restored any more."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CTE, case, delete, func, literal, select, update

from app import clock
from app.columns import UTCDateTime
from app.config import Settings
from app.drafts import farewells, rules
from app.drafts.batches import Position, by_index, chosen, next_providers
from app.extensions import db
from app.insights.operations import recorded
from app.media.letting_go import going
from app.media.models import Media
from app.media.operations import delete_of
from app.services.models import Service
from app.wizard.context import ENTITY

MOST = 4  # times the drafts that were asked for


@dataclass(frozen=True)
class Ended:
    """A draft that was just deleted; one that held nothing can't be brought back."""

    service_id: UUID
    provider_id: UUID
    has_content: bool


def end_next(settings: Settings, most: int, position: Position) -> list[Ended] | None:
    """Delete what is due of the next providers, by one statement that asks once more whether it is; None when nobody is next. The caller commits.

    Of a provider with very many drafts, some are left for the next batch.
    """
    now = clock.now()
    due = rules.due_for_deletion(now, settings.notice)
    by_index()
    providers = next_providers(due, most, position)
    if not providers:
        return None
    until = case((Service.has_content, literal(now + settings.draft_restore_for, UTCDateTime)), else_=literal(now, UTCDateTime))
    values = {"deleted_at": now, "deleted_by": "expiry", "purge_at": until, "revision": Service.revision + 1}
    theirs = select(Service.id).where(Service.provider_id.in_(providers)).order_by(Service.expires_at).limit(MOST * most)
    statement = update(Service).where(*chosen(theirs, due)).values(**values)
    rows = recorded("expired", statement, Service.id, Service.provider_id, Service.has_content)
    ended = [Ended(row.id, row.provider_id, row.has_content) for row in rows]
    farewells.owe({each.provider_id for each in ended if each.has_content}, now)
    return ended


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
