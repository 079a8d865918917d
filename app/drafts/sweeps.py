"""The sweeps: warn, expire, purge. Who is due is written in `rules.py`.

A sweep is an edge: it commits after every mail or batch, so it may be killed at any moment and holds no lock for long. Several may run at once, and
running one again does nothing that was done. What it can't finish in its time is left to the next run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask_mailman import EmailMultiAlternatives
from sqlalchemy import delete, select

from app import clock
from app.config import Settings
from app.drafts import endings, rules, warnings
from app.extensions import db
from app.media.operations import delete_of
from app.reminders.delivery import NoServer, NotNow, Undeliverable, deliver
from app.services.models import Service
from app.storage import ledger
from app.wizard.context import ENTITY

log = structlog.get_logger()
BATCH = 200
LONGEST = timedelta(minutes=10)
UNSYNCHRONISED = {"synchronize_session": False}


@dataclass
class Count:
    """What a sweep did, in drafts, mails and stored objects; printed by the command, logged by the job."""

    drafts: int = 0
    mails: int = 0
    failed: int = 0
    objects: int = 0


def warn(settings: Settings) -> Count:
    """Send every warning that is due: first those that were not taken before, then new ones, one mail to a provider.

    While no server answers, nothing new is claimed: drafts wait, and nothing is promised that nobody was told.
    """
    count = Count()
    try:
        for message_id in _mails(settings):
            _send(message_id, count)
    except NoServer as error:
        log.warning("warnings wait for the mail server", error=str(error))
    return _done("warn", count)


def _mails(settings: Settings) -> Iterator[str]:
    started = clock.now()
    for message_id in warnings.unsent(started):
        if warnings.reclaim(message_id, settings):
            db.session.commit()
            yield message_id
        db.session.commit()
    while clock.now() < started + LONGEST and (claimed := warnings.claim(settings)):
        db.session.commit()
        yield claimed
    db.session.commit()


def _send(message_id: str, count: Count) -> None:
    message = warnings.compose(message_id)
    if message is None:
        return
    # Not while a server thinks about a mail: the transaction would hold what others wait for.
    db.session.commit()
    try:
        deliver(message)
    except Undeliverable as error:
        count.failed += 1
        log.warning("address refused for good", message_id=message_id, code=str(error))
        warnings.record_undeliverable(message_id)
    except NotNow as error:
        count.failed += 1
        log.warning("warning not sent", message_id=message_id, error=str(error))
        if isinstance(error, NoServer):
            raise
    else:
        count.mails += 1
        count.drafts += warnings.record_sent(message_id)
    db.session.commit()


def expire(settings: Settings) -> Count:
    """Delete every draft that is due; it can be brought back until its `purge_at`. An empty one goes for good with the next purge."""
    count, started = Count(), clock.now()
    while clock.now() < started + LONGEST:
        gone = endings.end_next(settings, BATCH)
        mails = endings.farewells(gone)
        db.session.commit()
        if not gone:
            break
        count.drafts += len(gone)
        for message in mails:
            _tell(message, count)
    return _done("expire", count)


def _tell(message: EmailMultiAlternatives, count: Count) -> None:
    """The promise was kept by the warning; this mail is a courtesy, and a draft does not come back because it failed."""
    try:
        deliver(message)
        count.mails += 1
    except (NotNow, Undeliverable) as error:
        count.failed += 1
        log.warning("deletion not announced", error=str(error))


def purge(settings: Settings) -> Count:
    """Delete for good what can't be brought back any more, its files by way of the ledger, and work the ledger off."""
    count, started = Count(), clock.now()
    while clock.now() < started + LONGEST and (rows := _purge_rows()):
        db.session.commit()
        count.drafts += rows
    while clock.now() < started + LONGEST:
        purged = ledger.purge()
        count.objects += purged.deleted + purged.settled
        count.failed += purged.failed
        if purged.stopped or not purged.total:
            break
    return _done("purge", count)


def _purge_rows() -> int:
    """One batch: the rows first, so that what was brought back a moment ago is not among them; then, in the same transaction, what they held."""
    due = rules.due_for_purge(clock.now())
    batch = select(Service.id).where(*due).order_by(Service.purge_at).limit(BATCH).with_for_update(skip_locked=True)
    ids = db.session.scalars(
        delete(Service).where(Service.id.in_(batch.cte("batch").select()), *due).returning(Service.id),
        execution_options=UNSYNCHRONISED,
    ).all()
    delete_of(ENTITY, ids)
    return len(ids)


def _done(sweep: str, count: Count) -> Count:
    log.info("sweep", sweep=sweep, drafts=count.drafts, mails=count.mails, objects=count.objects, failed=count.failed)
    return count
