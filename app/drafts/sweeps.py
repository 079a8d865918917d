"""The sweeps: warn, expire, purge. Who is due is written in `rules.py`.

A sweep is an edge: it commits after every mail or batch, so it may be killed at any moment and holds no lock for long. Several may run at once, and
running one again does nothing that was done. What it can't finish in its time (`Turn`) is left to a follow-up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import structlog

from app import clock
from app.config import Settings
from app.delivery import NoServer, NotNow, Undeliverable, deliver
from app.drafts import endings, farewells, warnings
from app.drafts.batches import Position
from app.extensions import db
from app.insights.runs import Turn
from app.storage import ledger

log = structlog.get_logger()


@dataclass
class Count:
    """What a sweep did, in drafts, mails and entries of the ledger; printed by the command, logged and kept by the run."""

    drafts: int = 0
    mails: int = 0
    failed: int = 0
    objects: int = 0


def warn(settings: Settings, turn: Turn | None = None) -> Count:
    """Send every warning that is due: first those that were not taken before, then new ones, one mail to a provider.

    While no server answers, nothing new is claimed: drafts wait, and nothing is promised that nobody was told.
    """
    count = Count()
    try:
        for message_id in _mails(settings, turn or Turn()):
            _send(message_id, settings, count)
    except NoServer as error:
        log.warning("warnings wait for the mail server", error=str(error))
    return count


def _mails(settings: Settings, turn: Turn) -> Iterator[str]:
    for message_id in warnings.unsent(clock.now()):
        if not turn.goes_on():
            break
        if warnings.reclaim(message_id, settings):
            db.session.commit()
            yield message_id
        db.session.commit()
    position = Position()
    while turn.goes_on() and (claimed := warnings.claim(settings, position)):
        db.session.commit()
        yield claimed
    db.session.commit()


def _send(message_id: str, settings: Settings, count: Count) -> None:
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
        warnings.record_undeliverable(message_id, message.to[0])
    except NotNow as error:
        count.failed += 1
        log.warning("warning not sent", message_id=message_id, error=str(error))
        if isinstance(error, NoServer):
            raise
        warnings.record_refused(message_id, message.to[0])
    else:
        count.mails += 1
        count.drafts += warnings.record_sent(message_id, settings)
    db.session.commit()


def expire(settings: Settings, turn: Turn | None = None) -> Count:
    """Delete every draft that is due, then tell their providers; one that had something in it can be brought back until its `purge_at`."""
    count, turn, position = Count(), turn or Turn(), Position()
    while turn.goes_on():
        with turn.pace.batch() as most:
            gone = endings.end_next(settings, most, position)
        db.session.commit()
        if gone is None:
            break
        count.drafts += gone
    try:
        for owed in _owed(turn):
            if farewells.claim(owed):
                db.session.commit()
                _tell(owed, count)
            db.session.commit()
    except NoServer as error:
        log.warning("farewells wait for the mail server", error=str(error))
    return count


def _owed(turn: Turn) -> Iterator[UUID]:
    """All that may be told now. One that was tried, here or by another sweep, is not among the next that are read."""
    while found := farewells.owed(clock.now()):
        for each in found:
            if not turn.goes_on():
                return
            yield each


def _tell(farewell_id: UUID, count: Count) -> None:
    """Once it is claimed: send it, and cross it out unless a later try may help."""
    message = farewells.compose(farewell_id)
    # Not while a server thinks about a mail: the transaction would hold what others wait for.
    db.session.commit()
    try:
        if message is not None:
            deliver(message)
            count.mails += 1
    except Undeliverable as error:
        count.failed += 1
        log.warning("address refused for good", farewell=str(farewell_id), code=str(error))
        warnings.mark_unreachable(message.to[0])  # type: ignore[union-attr]
    except NotNow as error:
        count.failed += 1
        log.warning("deletion not told", farewell=str(farewell_id), error=str(error))
        if isinstance(error, NoServer):
            raise
        return
    farewells.settle(farewell_id)
    db.session.commit()


def purge(settings: Settings, turn: Turn | None = None) -> Count:
    """Delete for good what can't be brought back any more, its files by way of the ledger, and work the ledger off."""
    turn = turn or Turn()
    rows = forget(turn)
    objects = clear(turn)
    return Count(rows.drafts, 0, objects.failed, objects.objects)


def forget(turn: Turn) -> Count:
    """Delete the rows that can't be brought back any more; what they held goes into the ledger."""
    count, position = Count(), Position()
    while turn.goes_on():
        with turn.pace.batch() as most:
            rows = endings.purge_next(most, position)
        db.session.commit()
        if not rows:
            break
        count.drafts += rows
    return count


def clear(turn: Turn) -> Count:
    """Work the ledger off."""
    count = Count()
    while turn.goes_on():
        purged = ledger.purge()
        count.objects += purged.deleted + purged.settled
        count.failed += purged.failed
        if purged.stopped or not purged.total:
            break
    return count
