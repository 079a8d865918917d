"""The deletion ledger: every object that must go is written down in the transaction that lets go of it, and deleted twice.

A key that ends in a slash stands for everything below it: a verify job may die after writing files that no row knows of. An entry with an
upload id stands for that multipart upload alone, not for the object of the same key. Where it is known what lies below, the entry says it (`keys`).
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Insert, bindparam, case, delete, insert, literal, select, update

from app import clock, config
from app.columns import UTCDateTime, later, new_id
from app.extensions import db
from app.storage import deletion, store
from app.storage.deletion import Due
from app.storage.models import LedgerEntry
from app.storage.protocol import MOST_PER_DELETION

log = structlog.get_logger()
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


def adding(rows: Any) -> Insert:
    """The statement that writes down what a query finds: `id`, `key`, `upload_id`, `keys` (where it is known what lies below the key: nothing
    lists it then), and `urls_expire_at`, NULL where no URL that writes was ever issued: that is deleted once."""
    now, found = literal(clock.now(), UTCDateTime), rows.c
    settled_at = case(
        (found.urls_expire_at.is_(None), now),
        (found.urls_expire_at > now, later(found.urls_expire_at, config.current().upload_longest)),
        else_=later(now, config.current().upload_longest),
    )
    values = {
        "id": found.id,
        "key": found.key,
        "upload_id": found.upload_id,
        "keys": found["keys"],
        "due_at": now,
        "settled_at": settled_at,
    }
    values |= {"attempts": literal(0), "created_at": now}
    return insert(LedgerEntry).from_select(list(values), select(*values.values()))


def purge(batch: int = MOST_PER_DELETION) -> Purged:
    """Work off up to `batch` entries that are due; the caller calls again while `total` is not 0 and it was not `stopped`.

    It is an edge: it commits before the store is asked, so that no transaction is open and no row is held while the store works, and once more
    after. Nothing says who works on an entry: one that dies in between leaves all as it was for the next, and two at once do the same work twice,
    which does no harm.
    """
    now = clock.now()
    due = _due(batch, now)
    db.session.commit()
    if not due:
        return Purged()
    failures, stopped = deletion.delete(store(), due)
    done = _record(due, failures, stopped, now)
    db.session.commit()
    if stopped:
        log.warning("deleting waits for the store", entries=done.failed)
    return done


def _due(batch: int, now: datetime) -> Sequence[Due]:
    columns = [getattr(LedgerEntry, name) for name in Due._fields]
    query = select(*columns).where(LedgerEntry.due_at <= now).order_by(LedgerEntry.due_at).limit(batch)
    return [Due(*row) for row in db.session.execute(query)]


def _record(due: Sequence[Due], failures: Mapping[Due, str], stopped: bool, now: datetime) -> Purged:
    """`now`: from before the store was asked, because what was deleted a moment before its last term must be deleted again."""
    done = [entry for entry in due if entry not in failures]
    settled = [entry.id for entry in done if entry.settled_at <= now]
    again = [entry.id for entry in done if entry.settled_at > now]
    _postpone([(entry, failures[entry]) for entry in due if entry in failures], now)
    values = {"deleted_at": now, "due_at": LedgerEntry.settled_at, "attempts": 0, "error": None}
    mine = LedgerEntry.id.in_
    db.session.execute(update(LedgerEntry).where(mine(again)).values(values), execution_options=UNSYNCHRONISED)
    db.session.execute(delete(LedgerEntry).where(mine(settled)), execution_options=UNSYNCHRONISED)
    return Purged(len(again), len(settled), len(failures), stopped)


def _postpone(refused: Sequence[tuple[Due, str]], now: datetime) -> None:
    """Later and later, and not all at the same moment: a store that is overloaded is not helped by insisting.

    What was never asked for, because the store was busy with others, does not count as an attempt. All by one statement that the driver repeats: on
    SQLite nobody else writes meanwhile.
    """
    rows = []
    for entry, reason in sorted(refused, key=lambda each: each[0].id):  # in one order, or two purges would wait for each other
        asked = reason != deletion.NOT_ASKED
        attempts = entry.attempts + asked
        pause = min(timedelta(minutes=1) * 2 ** min(attempts, 12), LONGEST_PAUSE) if asked else BUSY_PAUSE
        due_at = now + pause * random.uniform(0.5, 1)  # noqa: S311
        rows.append({"entry": entry.id, "tried": attempts, "reason": reason[:500], "again_at": due_at})
    if rows:
        one = update(LedgerEntry).where(LedgerEntry.id == bindparam("entry"))
        one = one.values(attempts=bindparam("tried"), error=bindparam("reason"), due_at=bindparam("again_at"))
        db.session.connection().execute(one, rows)
