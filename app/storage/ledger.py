"""The deletion ledger: every object that must go is written down in the transaction that lets go of it, and deleted twice.

A key that ends in a slash stands for everything below it: a verify job may die after writing files that no row knows of. An entry with an
upload id stands for that multipart upload alone, not for the object of the same key.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, insert, select, update

from app import clock, config
from app.columns import new_id
from app.extensions import db
from app.storage import deletion, store
from app.storage.deletion import Claimed
from app.storage.models import LedgerEntry
from app.storage.protocol import MOST_PER_DELETION

log = structlog.get_logger()
LEASE = timedelta(minutes=15)  # longer than a batch takes; a purge that died is made up for after it
LONGEST_PAUSE = timedelta(hours=6)
BUSY_PAUSE = timedelta(minutes=10)
UNSYNCHRONISED = {"synchronize_session": False}


@dataclass(frozen=True)
class Purged:
    """What one batch did, in ledger entries: deleted for the first time, deleted for good, and to be tried again.

    `stopped`: the store is overloaded or does not answer; whoever works the ledger off should leave it alone for now.
    """

    deleted: int = 0
    settled: int = 0
    failed: int = 0
    stopped: bool = False

    @property
    def total(self) -> int:
        return self.deleted + self.settled + self.failed


def add(keys: Iterable[str], urls_expire_at: datetime | None = None) -> None:
    """Write down what must go. `urls_expire_at`: when the last URL that allows writing one of these keys expires.

    The first deletion is due at once; the second when nothing that was ever allowed can bring the object back.
    """
    _add([{"key": key} for key in keys], urls_expire_at)


def add_upload(key: str, upload_id: str, urls_expire_at: datetime | None = None) -> None:
    """Write down a multipart upload that must be aborted: at once, and again when no part can be under way any more."""
    _add([{"key": key, "upload_id": upload_id}], urls_expire_at)


def _add(rows: Sequence[Mapping[str, str]], urls_expire_at: datetime | None) -> None:
    now = clock.now()
    settled_at = max(urls_expire_at or now, now) + config.current().upload_longest
    each = {"due_at": now, "settled_at": settled_at, "attempts": 0, "created_at": now}
    if rows:
        db.session.execute(insert(LedgerEntry), [{"id": new_id(), **each, **row} for row in rows])


def purge(batch: int = MOST_PER_DELETION) -> Purged:
    """Work off up to `batch` entries that are due; the caller calls again while `total` is not 0 and it was not `stopped`.

    It is an edge and commits twice, so that no transaction is open while the store works: first that these entries are being worked on, then
    what came of it. One that dies in between leaves them due again after a while. Many may run at once, each on entries of its own.
    """
    claimed = _claim(batch)
    db.session.commit()
    if not claimed:
        return Purged()
    failures, stopped = deletion.delete(store(), claimed)
    done = _record(claimed, failures, stopped)
    db.session.commit()
    if stopped:
        log.warning("deleting waits for the store", entries=done.failed)
    return done


def _claim(batch: int) -> Sequence[Claimed]:
    now = clock.now()
    due = select(LedgerEntry.id).where(LedgerEntry.due_at <= now).order_by(LedgerEntry.due_at).limit(batch)
    taken = due.with_for_update(skip_locked=True).cte("taken")
    columns = (LedgerEntry.id, LedgerEntry.key, LedgerEntry.upload_id, LedgerEntry.settled_at, LedgerEntry.attempts)
    statement = update(LedgerEntry).where(LedgerEntry.id.in_(taken.select())).values(due_at=now + LEASE).returning(*columns)
    return [Claimed(*row) for row in db.session.execute(statement, execution_options=UNSYNCHRONISED)]


def _record(claimed: Sequence[Claimed], failures: Mapping[Claimed, str], stopped: bool) -> Purged:
    now = clock.now()
    done = [entry for entry in claimed if entry not in failures]
    settled = [entry.id for entry in done if entry.settled_at <= now]
    again = [entry.id for entry in done if entry.settled_at > now]
    for entry, reason in failures.items():
        _postpone(entry, reason, now)
    values = {"deleted_at": now, "due_at": LedgerEntry.settled_at, "attempts": 0, "error": None}
    mine = LedgerEntry.id.in_
    db.session.execute(update(LedgerEntry).where(mine(again)).values(values), execution_options=UNSYNCHRONISED)
    db.session.execute(delete(LedgerEntry).where(mine(settled)), execution_options=UNSYNCHRONISED)
    return Purged(len(again), len(settled), len(failures), stopped)


def _postpone(entry: Claimed, reason: str, now: datetime) -> None:
    """Later and later, and not all at the same moment: a store that is overloaded is not helped by insisting.

    What was never asked for, because the store was busy with others, does not count as an attempt.
    """
    asked = reason != deletion.NOT_ASKED
    attempts = entry.attempts + asked
    pause = min(timedelta(minutes=1) * 2 ** min(attempts, 12), LONGEST_PAUSE) if asked else BUSY_PAUSE
    values = {"attempts": attempts, "error": reason[:500], "due_at": now + pause * random.uniform(0.5, 1)}  # noqa: S311
    statement = update(LedgerEntry).where(LedgerEntry.id == entry.id).values(values)
    db.session.execute(statement, execution_options=UNSYNCHRONISED)
