"""The mail after a deletion: what went, and until when it can be brought back. It is owed from the transaction in which the drafts went.

A `Farewell` is what is owed, and it is gone once a server took the mail: a worker that is killed in between, or a server that does not answer, only
delays it. One that was taken and not crossed out is sent twice under the same Message-ID; that gap is SMTP's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_mailman import EmailMultiAlternatives
from sqlalchemy import Insert, delete, insert, literal, select, update
from sqlalchemy.orm import undefer

from app import clock
from app.columns import UTCDateTime, fresh_id
from app.drafts import rules
from app.drafts.models import Farewell
from app.drafts.summaries import name_of
from app.drafts.tries import may_be_tried
from app.extensions import db
from app.mail import message_id
from app.providers.models import Provider
from app.reminders import emails
from app.services.models import Service

MOST = 1000  # read at once
UNSYNCHRONISED = {"synchronize_session": False}


def owing(provider_ids: Any, deleted_at: datetime) -> Insert:
    """The statement that writes down that these providers (ids, or a query of them) lost drafts at this moment, and are to be told if a mail can and
    may reach them."""
    moment = literal(deleted_at, UTCDateTime)
    readers = select(fresh_id(), Provider.id, moment, moment, literal(0)).where(
        Provider.id.in_(provider_ids), rules.IS_REACHABLE
    )
    return insert(Farewell).from_select(["id", "provider_id", "deleted_at", "claimed_at", "attempts"], readers)


def owed(now: datetime) -> Sequence[UUID]:
    """The mails that may be tried now, oldest first."""
    due = select(Farewell.id).where(may_be_tried(Farewell, now))
    return db.session.scalars(due.order_by(Farewell.deleted_at, Farewell.id).limit(MOST)).all()


def claim(farewell_id: UUID) -> bool:
    """Take one for a try: False if another sweep has it, or told of it with another. The caller commits before it sends."""
    now = clock.now()
    mine = update(Farewell).where(Farewell.id == farewell_id, may_be_tried(Farewell, now))
    mine = mine.values(claimed_at=now, attempts=Farewell.attempts + 1)
    mine = mine.returning(Farewell.provider_id, Farewell.deleted_at, Farewell.attempts)
    found = db.session.execute(mine, execution_options=UNSYNCHRONISED).first()
    if found is None:
        return False
    if found.attempts == 1:
        _take_along(found.provider_id, found.deleted_at)
    return True


def _take_along(provider_id: UUID, deleted_at: datetime) -> None:
    """Whoever lost drafts in several batches or sweeps since the last mail is told in one. What was tried already may have arrived, and stays the
    same mail."""
    waiting = select(Farewell.id).where(Farewell.provider_id == provider_id, Farewell.attempts == 0)
    others = delete(Farewell).where(Farewell.id.in_(waiting.with_for_update(skip_locked=True))).returning(Farewell.deleted_at)
    moments = db.session.scalars(others, execution_options=UNSYNCHRONISED).all()
    if moments:
        went = (Service.provider_id == provider_id, Service.deleted_by == "expiry", Service.deleted_at.in_(moments))
        joined = update(Service).where(*went).values(deleted_at=deleted_at)
        db.session.execute(joined, execution_options=UNSYNCHRONISED)


def compose(farewell_id: UUID) -> EmailMultiAlternatives | None:
    """The mail; None when nobody can be told any more, or everything was brought back or is gone for good."""
    reads = select(Farewell.deleted_at, Provider).join(Provider, Farewell.provider_id == Provider.id)
    found = db.session.execute(reads.where(Farewell.id == farewell_id, rules.IS_REACHABLE)).first()
    if found is None:
        return None
    deleted_at, provider = found
    drafts = _drafts(provider.id, deleted_at)
    lines = [emails.DeletedLine(name_of(each), each.purge_at) for each in drafts if each.purge_at is not None]
    return emails.deleted(provider, lines, message_id(f"gone.{farewell_id.hex}")) if lines else None


def settle(farewell_id: UUID) -> None:
    """Nothing is owed any more."""
    db.session.execute(delete(Farewell).where(Farewell.id == farewell_id), execution_options=UNSYNCHRONISED)


def _drafts(provider_id: UUID, deleted_at: datetime) -> Sequence[Service]:
    """What went with that deletion and can still be brought back, the last edited first."""
    statement = select(Service).where(
        Service.provider_id == provider_id,
        Service.deleted_at == deleted_at,
        Service.deleted_by == "expiry",
        Service.has_content,
        Service.purge_at > clock.now(),
    )
    statement = statement.options(undefer(Service.answers)).order_by(Service.edited_at.desc(), Service.id)
    return db.session.scalars(statement.execution_options(populate_existing=True)).all()
