"""What happens when a draft's expiry has passed, and when it can't be restored any more."""

from datetime import datetime

from sqlalchemy import CTE, case, delete, func, literal, select, update

from app import clock
from app.columns import UTCDateTime
from app.config import Settings
from app.drafts import farewells, rules
from app.drafts.batches import Position, by_index, chosen, next_providers
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
    by_index()
    providers = next_providers(due, most, position)
    if not providers:
        return None
    until = case((Service.has_content, literal(now + settings.draft_restore_for, UTCDateTime)), else_=literal(now, UTCDateTime))
    values = {"deleted_at": now, "deleted_by": "expiry", "purge_at": until, "revision": Service.revision + 1}
    theirs = select(Service.id).where(Service.provider_id.in_(providers)).order_by(Service.expires_at).limit(most)
    gone = update(Service).where(*chosen(theirs, due)).values(**values)
    gone = gone.returning(Service.id, Service.provider_id, Service.has_content)
    if db.engine.dialect.name == "postgresql":
        return _end_in_one(gone.cte("services"), now)
    rows = db.session.execute(gone, execution_options={"synchronize_session": False}).all()
    record_all("expired", [row.id for row in rows])
    if readers := {row.provider_id for row in rows if row.has_content}:
        db.session.execute(farewells.owing(readers, now))
    return len(rows)


def _end_in_one(services: CTE, now: datetime) -> int:
    """One statement for drafts, events and the mails that are owed, of which no row comes into this process."""
    row = services.c
    noted = recording("expired", row.id).cte("noted")
    owed = farewells.owing(select(row.provider_id).where(row.has_content), now).cte("owed")
    return db.session.scalar(select(func.count()).select_from(services).add_cte(noted, owed)) or 0


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
