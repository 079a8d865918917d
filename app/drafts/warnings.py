"""Warning one provider: claim the drafts that are due, send one mail about them, record that it went out. The caller commits between the three.

A crash after the claim leaves it unsent, and it is tried again. A crash after the server took the mail and before that was recorded sends it twice,
under the same Message-ID: SMTP leaves that gap, and nothing can close it. What the drafts were promised holds in every case, because a draft is
deleted only after a *recorded* warning.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask_mailman import EmailMultiAlternatives
from sqlalchemy import ColumnElement, and_, case, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import undefer

from app import clock
from app.columns import UTCDateTime, new_id
from app.config import Settings
from app.drafts import rules
from app.drafts.batches import Position, next_providers
from app.drafts.models import ExpiryWarning
from app.drafts.summaries import Summary, summarise
from app.drafts.tries import may_be_tried
from app.extensions import db
from app.insights.operations import record_all
from app.providers.models import Provider
from app.reminders import emails
from app.services.models import Service

UNSYNCHRONISED = {"synchronize_session": False}
PATIENCE = 70  # tries: with the pauses of `tries.py`, two weeks


def claim(settings: Settings, position: Position | None = None) -> str | None:
    """Claim every due draft of the next provider; the Message-ID of the mail to send, or None when nobody is due.

    The mail gives a moment, and the full notice runs until then: a sweep that comes late moves the expiry, in the statement that claims.
    """
    now, notice = clock.now(), settings.notice
    due = rules.due_for_warning(now, notice)
    providers = next_providers(due, 1, position or Position())
    if not providers:
        return None
    moment = _at_least(now + notice)
    statement = update(Service).where(Service.provider_id.in_(providers), *due).values(expires_at=moment, announced_for=moment)
    claimed = db.session.execute(
        statement.returning(Service.id, Service.expires_at).execution_options(synchronize_session=False)
    ).all()
    message_id = _message_id(settings, [(each.id, each.expires_at) for each in claimed])
    shared = {"provider_id": providers[0], "message_id": message_id, "claimed_at": now, "attempts": 1}
    rows = [{"id": new_id(), "service_id": each.id, "expires_at": each.expires_at} | shared for each in claimed]
    if rows:
        _insert(rows)
    return message_id


def unsent(now: datetime) -> Sequence[str]:
    """The mails that were claimed, not recorded as sent, and have waited long enough to be tried again, oldest first."""
    statement = select(ExpiryWarning.message_id).where(*_may_be_tried(now)).group_by(ExpiryWarning.message_id)
    return db.session.scalars(statement.order_by(func.min(ExpiryWarning.claimed_at))).all()


def reclaim(message_id: str, settings: Settings) -> bool:
    """Claim an unsent mail for another try: False if another sweep has it, or nothing it would say is true any more.

    Drafts that were edited, kept, published or deleted since are dropped from it, and all of
    them if the provider can't be reached any more. The others get the full notice again.
    """
    now = clock.now()
    mine = update(ExpiryWarning).where(ExpiryWarning.message_id == message_id, *_may_be_tried(now))
    values = {"claimed_at": now, "attempts": ExpiryWarning.attempts + 1}
    taken = db.session.scalars(mine.values(**values).returning(ExpiryWarning.id), execution_options=UNSYNCHRONISED).all()
    if not taken:
        return False
    _drop_untrue(message_id)
    _renew(message_id, now + settings.notice)
    return bool(_drafts(message_id))


def compose(message_id: str) -> EmailMultiAlternatives | None:
    """The mail about the drafts that were claimed under this Message-ID; None when there are none, or nobody to write to."""
    drafts = _drafts(message_id)
    if not drafts:
        return None
    provider = db.session.get_one(Provider, drafts[0].provider_id)
    return emails.expiry_warning(provider, [_line(summary) for summary in summarise(drafts)], message_id)


def record_sent(message_id: str, settings: Settings) -> int:
    """The server has accepted the mail: from now on the notice runs. How many drafts it announced."""
    now = clock.now()
    waiting = (ExpiryWarning.message_id == message_id, ExpiryWarning.sent_at.is_(None))
    statement = update(ExpiryWarning).where(*waiting).values(sent_at=now, notice_ends_at=now + settings.notice)
    ids = db.session.scalars(statement.returning(ExpiryWarning.service_id), execution_options=UNSYNCHRONISED).all()
    record_all("warned", ids)
    return len(ids)


def record_undeliverable(message_id: str, address: str) -> None:
    """The address takes no mail, for good: its provider counts as unreachable until another address is confirmed."""
    waiting = (ExpiryWarning.message_id == message_id, ExpiryWarning.sent_at.is_(None))
    mark_unreachable(address)
    db.session.execute(delete(ExpiryWarning).where(*waiting), execution_options=UNSYNCHRONISED)


def record_refused(message_id: str, address: str) -> None:
    """Not now, said the server once more. After two weeks of that it counts as for good, or a draft would wait for ever; but only while other
    providers get their warnings: a server that takes none from anybody says nothing about an address."""
    tried = select(ExpiryWarning.provider_id).where(ExpiryWarning.message_id == message_id, ExpiryWarning.attempts >= PATIENCE)
    provider_id = db.session.scalar(tried.limit(1))
    recent = (ExpiryWarning.sent_at > clock.now() - timedelta(days=1), ExpiryWarning.provider_id != provider_id)
    if provider_id is not None and db.session.scalar(select(ExpiryWarning.id).where(*recent).limit(1)) is not None:
        record_undeliverable(message_id, address)


def mark_unreachable(address: str) -> None:
    """Nobody writes to this address any more; a provider who has another one by now is none of its business."""
    statement = update(Provider).where(Provider.email == address).values(undeliverable_at=clock.now())
    db.session.execute(statement, execution_options=UNSYNCHRONISED)


def _drafts(message_id: str) -> Sequence[Service]:
    """The drafts of which what this unsent mail says is true."""
    statement = (
        select(Service).join(ExpiryWarning, _speaks_of()).where(ExpiryWarning.message_id == message_id, *rules.MAY_BE_TOLD)
    )
    statement = statement.where(ExpiryWarning.sent_at.is_(None)).options(undefer(Service.answers))
    return db.session.scalars(statement.execution_options(populate_existing=True)).all()


def _speaks_of() -> ColumnElement[bool]:
    return and_(ExpiryWarning.service_id == Service.id, ExpiryWarning.expires_at == Service.expires_at)


def _drop_untrue(message_id: str) -> None:
    true = select(Service.id).where(_speaks_of(), *rules.MAY_BE_TOLD).correlate(ExpiryWarning).exists()
    statement = delete(ExpiryWarning).where(ExpiryWarning.message_id == message_id, ~true)
    db.session.execute(statement, execution_options=UNSYNCHRONISED)


def _renew(message_id: str, until: datetime) -> None:
    """Move expiries that are nearer than `until`, in the draft and in its warning alike. Nobody was told of the old ones.

    A draft that was saved a moment ago expires later than that already, and keeps what it was promised.
    """
    late = (ExpiryWarning.message_id == message_id, ExpiryWarning.expires_at < until)
    drafts = select(ExpiryWarning.service_id).where(*late)
    moment = literal(until, UTCDateTime)
    for statement in (
        update(Service)
        .where(Service.id.in_(drafts), Service.expires_at < moment, rules.IS_OPEN)
        .values(expires_at=moment, announced_for=moment),
        update(ExpiryWarning).where(*late).values(expires_at=moment),
    ):
        db.session.execute(statement, execution_options=UNSYNCHRONISED)


def _at_least(moment: datetime) -> ColumnElement[datetime]:
    return case((Service.expires_at < moment, literal(moment, UTCDateTime)), else_=Service.expires_at)


def _may_be_tried(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (ExpiryWarning.sent_at.is_(None), may_be_tried(ExpiryWarning, now))


def _message_id(settings: Settings, drafts: Sequence[tuple[UUID, datetime]]) -> str:
    """Made from what the mail says, and nothing else: the same claim always has the same one (RFC 5322 section 3.6.4)."""
    said = "".join(f"{service_id.hex}{expires_at.isoformat()}" for service_id, expires_at in sorted(drafts))
    domain = settings.mail_from.rpartition("@")[2].strip("> ")
    return f"<expiry.{sha256(said.encode()).hexdigest()[:40]}@{domain}>"


def _insert(rows: list[dict[str, Any]]) -> None:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(insert(ExpiryWarning).on_conflict_do_nothing(), rows)


def _line(summary: Summary) -> emails.DraftLine:
    journey, service = summary.journey, summary.service
    assert service.expires_at is not None  # an open draft always has one
    return emails.DraftLine(
        service.id,
        summary.name,
        journey.done,
        journey.total,
        len(summary.photos),
        [stop.title for stop in journey.missing],
        service.expires_at,
    )
