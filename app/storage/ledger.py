"""The deletion ledger at work: every object that must go is written down in the transaction that lets go of it, and deleted twice.

A key that ends in a slash stands for everything below it: a verify job may die after writing files that no row knows of.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from app import clock, config
from app.columns import new_id
from app.extensions import db
from app.storage import store
from app.storage.models import LedgerEntry
from app.storage.protocol import MOST_PER_DELETION, Storage, StorageError

LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class Purged:
    """What one batch did, in ledger entries: deleted for the first time, deleted for good, and to be tried again."""

    deleted: int = 0
    settled: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.deleted + self.settled + self.failed


def add(keys: Iterable[str], urls_expire_at: datetime | None = None) -> None:
    """Write down what must go. `urls_expire_at`: when the last URL that allows writing one of these keys expires.

    The first deletion is due at once; the second when nothing that was ever allowed can bring the object back.
    """
    now = clock.now()
    settled_at = max(urls_expire_at or now, now) + config.current().upload_longest
    each = {"due_at": now, "settled_at": settled_at, "attempts": 0, "created_at": now}
    rows = [{"id": new_id(), "key": key} | each for key in keys]
    if rows:
        db.session.execute(insert(LedgerEntry), rows)


def purge(batch: int = MOST_PER_DELETION) -> Purged:
    """Work off up to `batch` entries that are due; the caller commits, and calls again while `total` is not 0.

    Many may run at once: PostgreSQL gives each its own rows, and on SQLite a deletion that is done twice does no harm.
    """
    now = clock.now()
    due = select(LedgerEntry).where(LedgerEntry.due_at <= now).order_by(LedgerEntry.due_at).limit(batch)
    entries = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    failures = _delete(entries) if entries else {}
    failed = [entry for entry in entries if entry.key in failures]
    done = [entry for entry in entries if entry.key not in failures]
    settled = [entry.id for entry in done if entry.settled_at <= now]
    again = [entry.id for entry in done if entry.settled_at > now]
    for entry in failed:
        _postpone(entry, failures[entry.key], now)
    # By id, and not through the rows: another purge on SQLite may have removed some of them already.
    values = {"deleted_at": now, "due_at": LedgerEntry.settled_at, "attempts": 0, "error": None}
    db.session.execute(update(LedgerEntry).where(LedgerEntry.id.in_(again)).values(values))
    db.session.execute(delete(LedgerEntry).where(LedgerEntry.id.in_(settled)))
    return Purged(len(again), len(settled), len(failed))


def _delete(entries: Sequence[LedgerEntry]) -> dict[str, str]:
    """Delete the objects; why, for each ledger key of which something is still there."""
    failures: dict[str, str] = {}
    folder = store()
    plain = [entry.key for entry in entries if not entry.key.endswith("/")]
    for keys in _chunks(iter(plain)):
        failures |= _attempt(folder, keys)
    for prefix in {entry.key for entry in entries if entry.key.endswith("/")}:
        failures |= _below(folder, prefix)
    return failures


def _below(folder: Storage, prefix: str) -> dict[str, str]:
    try:
        for keys in _chunks(each.key for each in folder.list(prefix)):
            for key, reason in _attempt(folder, keys).items():
                return {prefix: f"{key}: {reason}"}
    except StorageError as error:
        return {prefix: str(error)}
    return {}


def _attempt(folder: Storage, keys: list[str]) -> dict[str, str]:
    try:
        return folder.delete(keys)
    except StorageError as error:
        return dict.fromkeys(keys, str(error) or type(error).__name__)


def _postpone(entry: LedgerEntry, reason: str, now: datetime) -> None:
    """Later and later, and not all at the same moment: a store that is overloaded is not helped by insisting."""
    attempts = entry.attempts + 1
    pause = min(timedelta(minutes=1) * 2 ** min(attempts, 12), LONGEST_PAUSE) * random.uniform(0.5, 1)  # noqa: S311
    values = {"attempts": attempts, "error": reason[:500], "due_at": now + pause}
    db.session.execute(update(LedgerEntry).where(LedgerEntry.id == entry.id).values(values))


def _chunks(keys: Iterator[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for key in keys:
        chunk.append(key)
        if len(chunk) == MOST_PER_DELETION:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
