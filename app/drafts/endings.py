"""What happens when a draft's expiry has passed, and what its provider is told afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_mailman import EmailMultiAlternatives
from sqlalchemy import case, literal, select, update

from app import clock
from app.columns import UTCDateTime
from app.config import Settings
from app.drafts import rules
from app.drafts.batches import next_providers
from app.extensions import db
from app.insights.operations import record_all
from app.providers.models import Provider
from app.reminders import emails
from app.services.models import Service


@dataclass(frozen=True)
class Ended:
    """A draft that was just deleted; one that held nothing can't be brought back."""

    service_id: UUID
    provider_id: UUID
    name: str | None
    has_content: bool
    purge_at: datetime


def end_next(settings: Settings, most: int) -> list[Ended]:
    """Delete what is due of the next providers, by one statement that asks once more whether it is. The caller commits."""
    now = clock.now()
    due = rules.due_for_deletion(now, settings.notice)
    providers = next_providers(due, most)
    if not providers:
        return []
    until = case((Service.has_content, literal(now + settings.draft_restore_for, UTCDateTime)), else_=literal(now, UTCDateTime))
    values = {"deleted_at": now, "deleted_by": "expiry", "purge_at": until, "revision": Service.revision + 1}
    statement = update(Service).where(Service.provider_id.in_(providers), *due).values(**values)
    columns = (Service.id, Service.provider_id, Service.name, Service.has_content, Service.purge_at)
    rows = db.session.execute(statement.returning(*columns), execution_options={"synchronize_session": False})
    ended = [Ended(row.id, row.provider_id, row.name, row.has_content, row.purge_at) for row in rows]
    record_all("expired", [each.service_id for each in ended])
    return ended


def farewells(ended: Sequence[Ended]) -> list[EmailMultiAlternatives]:
    """One short mail to each reachable provider whose drafts went: what, and until when it can be brought back. Empty drafts are not mentioned."""
    drafts: dict[UUID, list[emails.DeletedLine]] = {}
    for each in ended:
        if each.has_content:
            drafts.setdefault(each.provider_id, []).append(emails.DeletedLine(each.name, each.purge_at))
    readers = select(Provider).where(Provider.id.in_(drafts), rules.IS_REACHABLE)
    return [emails.deleted(provider, drafts[provider.id]) for provider in db.session.scalars(readers)] if drafts else []
