"""Deleting what is due: uploads first, then keys, a thousand in each request. No database here.

A store that is busy is left alone at once: what it was not asked for yet waits, and nothing is forgotten.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.storage.protocol import MOST_PER_DELETION, SLOW_DOWN, Busy, Storage, StorageError

NOT_ASKED = "The store was busy with others."


class Due(NamedTuple):
    """An entry of the ledger whose time has come."""

    id: UUID
    key: str
    upload_id: str | None
    settled_at: datetime
    attempts: int
    keys: str | None = None


class Step(NamedTuple):
    """One key to delete for an entry; without a key, that was the entry's last."""

    entry: Due
    key: str | None


def delete(folder: Storage, due: Sequence[Due]) -> tuple[Mapping[Due, str], bool]:
    """Delete what the entries stand for: why, for each of which something is still there, and whether the store asked to be left alone."""
    failures: dict[Due, str] = {}
    finished: set[Due] = set()
    try:
        for batch in _batches(_steps(folder, due, failures)):
            slowed = _remove(folder, batch, failures)
            finished.update(step.entry for step in batch if step.key is None)
            if slowed:
                raise Busy(SLOW_DOWN)
    except Busy:
        waiting = [entry for entry in due if entry not in finished]
        return dict.fromkeys(waiting, NOT_ASKED) | failures, True
    return failures, False


def _steps(folder: Storage, due: Sequence[Due], failures: dict[Due, str]) -> Iterator[Step]:
    # Uploads first: one that is completed at this moment makes an object, and that is deleted after.
    for entry in sorted(due, key=lambda entry: entry.upload_id is None):
        try:
            for key in _keys(folder, entry):
                yield Step(entry, key)
        except Busy:
            raise
        except StorageError as error:
            failures[entry] = _reason(error)
        yield Step(entry, None)


def _keys(folder: Storage, entry: Due) -> Iterator[str]:
    if entry.upload_id:
        folder.abort(entry.key, entry.upload_id)
    elif entry.keys is not None:
        yield from known(entry.keys)
    elif entry.key.endswith("/"):
        yield from (each.key for each in folder.list(entry.key))
    else:
        yield entry.key


def known(keys: str) -> Iterator[str]:
    """The keys that an entry tells of (`LedgerEntry.keys`)."""
    first, _line, others = keys.partition("\n")
    yield from (key for key in (first, *(each["key"] for each in json.loads(others or "[]"))) if key)


def _batches(steps: Iterator[Step]) -> Iterator[list[Step]]:
    batch: list[Step] = []
    keys = 0
    for step in steps:
        batch.append(step)
        keys += step.key is not None
        if keys == MOST_PER_DELETION:
            yield batch
            batch, keys = [], 0
    yield batch


def _remove(folder: Storage, batch: Sequence[Step], failures: dict[Due, str]) -> bool:
    """Delete the keys of a batch, and note what was refused; True when some were because there are too many requests."""
    entries: dict[str, list[Due]] = {}
    for step in batch:
        if step.key is not None:
            entries.setdefault(step.key, []).append(step.entry)
    if not entries:
        return False
    try:
        refused = folder.delete(list(entries))
    except Busy:
        raise
    except StorageError as error:
        refused = dict.fromkeys(entries, _reason(error))
    for key, reason in refused.items():
        for entry in entries[key]:
            failures[entry] = reason if entry.key == key else f"{key}: {reason}"
    return any(reason.startswith(SLOW_DOWN) for reason in refused.values())


def _reason(error: StorageError) -> str:
    return str(error) or type(error).__name__
