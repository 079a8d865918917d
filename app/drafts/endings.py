"""What happens when a draft's expiry has passed, and what its provider is told afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_mailman import EmailMultiAlternatives
from sqlalchemy import case, delete, literal, select, update
from sqlalchemy.orm import undefer

from app import clock
from app.columns import UTCDateTime
from app.config import Settings
from app.drafts import rules
from app.drafts.batches import Position, chosen, next_providers
from app.drafts.summaries import name_of
from app.extensions import db
from app.insights.operations import record_all
from app.media.operations import delete_of
from app.providers.models import Provider
from app.reminders import emails
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
    providers = next_providers(due, most, position)
    if not providers:
        return None
    until = case((Service.has_content, literal(now + settings.draft_restore_for, UTCDateTime)), else_=literal(now, UTCDateTime))
    values = {"deleted_at": now, "deleted_by": "expiry", "purge_at": until, "revision": Service.revision + 1}
    theirs = select(Service.id).where(Service.provider_id.in_(providers), *due).order_by(Service.expires_at).limit(MOST * most)
    statement = update(Service).where(Service.id.in_(theirs), *due).values(**values)
    returned = statement.returning(Service.id, Service.provider_id, Service.has_content)
    rows = db.session.execute(returned, execution_options={"synchronize_session": False})
    ended = [Ended(row.id, row.provider_id, row.has_content) for row in rows]
    record_all("expired", [each.service_id for each in ended])
    return ended


def purge_next(most: int, position: Position) -> int:
    """Delete up to `most` drafts for good: the rows first, so that what was brought back a moment ago is not among them; then, in the same
    transaction, what they held. The caller commits."""
    due = rules.due_for_purge(clock.now())
    batch = select(Service.id).where(*due).order_by(Service.purge_at).limit(most)
    if position.reached is not None:
        batch = batch.where(Service.purge_at >= position.reached)
    gone = delete(Service).where(Service.id.in_(chosen(batch)), *due).returning(Service.id, Service.purge_at)
    rows = db.session.execute(gone, execution_options={"synchronize_session": False}).all()
    if rows:
        position.reached = max(row.purge_at for row in rows)
        delete_of(ENTITY, [row.id for row in rows])
    return len(rows)


def farewells(ended: Sequence[Ended]) -> list[EmailMultiAlternatives]:
    """One short mail to each reachable provider whose drafts went: what, and until when it can be brought back. Empty drafts are not mentioned."""
    gone: dict[UUID, list[UUID]] = {}
    for each in ended:
        if each.has_content:
            gone.setdefault(each.provider_id, []).append(each.service_id)
    readers = select(Provider).where(Provider.id.in_(gone), rules.IS_REACHABLE)
    return [emails.deleted(reader, _lines(gone[reader.id])) for reader in db.session.scalars(readers)] if gone else []


def _lines(ids: Sequence[UUID]) -> list[emails.DeletedLine]:
    """What the mail says of each, the last edited first."""
    named = select(Service).where(Service.id.in_(ids)).options(undefer(Service.answers)).order_by(Service.edited_at.desc())
    rows = db.session.scalars(named.execution_options(populate_existing=True))
    return [emails.DeletedLine(name_of(each), each.purge_at) for each in rows if each.purge_at]
