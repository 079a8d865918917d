"""Objects that must go are deleted twice, and never forgotten."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.storage import ledger
from app.storage.models import LedgerEntry
from app.storage.protocol import Storage, StorageError
from tests.storage.conftest import Place

Travel = Callable[..., datetime]


@pytest.fixture
def folder(app: Flask, place: Place) -> Iterator[Storage]:
    """Either store, as the store of the application under test."""
    before = app.extensions.pop("storage", None)
    app.extensions["storage"] = place.store
    yield place.store
    app.extensions["storage"] = before


def write(folder: Storage, key: str) -> None:
    folder.write(key, io.BytesIO(b"body"), size=4, content_type="image/jpeg")


def entries() -> list[LedgerEntry]:
    db.session.expire_all()
    return list(db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def purge(batch: int = 1000) -> ledger.Purged:
    done = ledger.purge(batch)
    db.session.commit()
    return done


def test_the_first_purge_deletes_and_remembers(folder: Storage, key: str) -> None:
    write(folder, key)
    ledger.add([key])
    assert purge() == ledger.Purged(deleted=1)
    assert folder.head(key) is None
    assert [entry.key for entry in entries()] == [key]


def test_an_object_that_came_back_is_deleted_again(folder: Storage, key: str) -> None:
    ledger.add([key])
    purge()
    write(folder, key)
    _settle(key)
    assert purge() == ledger.Purged(settled=1)
    assert folder.head(key) is None
    assert entries() == []


def _settle(key: str) -> None:
    """As if the time of the second deletion had come; S3 compares the time of a request with its own clock."""
    [entry] = [entry for entry in entries() if entry.key == key]
    entry.due_at = entry.settled_at = clock.now()
    db.session.commit()


def test_the_second_deletion_waits_for_the_last_url_and_the_longest_transfer(app: Flask, travel: Travel) -> None:
    now = travel()
    ledger.add(["incoming/a"], urls_expire_at=now + timedelta(minutes=15))
    purge()
    [entry] = entries()
    assert entry.due_at == entry.settled_at == now + timedelta(minutes=15) + timedelta(hours=6)


def test_a_url_that_expired_long_ago_does_not_shorten_the_wait(app: Flask, travel: Travel) -> None:
    now = travel()
    ledger.add(["incoming/a"], urls_expire_at=now - timedelta(days=3))
    assert entries()[0].settled_at == now + timedelta(hours=6)


def test_nothing_is_due_between_the_two_deletions(app: Flask, travel: Travel) -> None:
    travel()
    ledger.add(["incoming/a"])
    purge()
    travel(hours=5)
    assert purge().total == 0


def test_a_late_sweep_deletes_once_for_good(app: Flask, travel: Travel) -> None:
    travel()
    ledger.add(["incoming/a"])
    travel(hours=7)
    assert purge() == ledger.Purged(settled=1)
    assert entries() == []


def test_a_folder_goes_with_everything_in_it(folder: Storage, key: str) -> None:
    for name in ("1.webp", "2.jpg"):
        write(folder, f"{key}/{name}")
    ledger.add([f"{key}/"])
    assert purge() == ledger.Purged(deleted=1)
    assert list(folder.list(f"{key}/")) == []


def test_a_batch_is_bounded(app: Flask) -> None:
    ledger.add([f"incoming/{number}" for number in range(5)])
    assert purge(batch=2).total == 2
    assert purge(batch=2).total == 2
    assert purge(batch=2).total == 1
    assert purge(batch=2).total == 0


class Broken:
    """A store between the ledger and a real one, with refusals at will."""

    def __init__(self, refuse: set[str], fail: bool = False) -> None:
        self._refuse, self._fail = refuse, fail

    def delete(self, keys: list[str]) -> dict[str, str]:
        if self._fail:
            raise StorageError("503 SlowDown")
        return {key: "InternalError: try again" for key in keys if key in self._refuse}


def test_a_key_that_the_store_refused_stays_and_the_others_go_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "storage", Broken({"incoming/a"}))
    ledger.add(["incoming/a", "incoming/b"])
    assert purge() == ledger.Purged(deleted=1, failed=1)
    assert [(entry.key, entry.attempts, entry.error) for entry in entries() if entry.error] == [
        ("incoming/a", 1, "InternalError: try again")
    ]


def test_a_store_that_fails_is_asked_later_and_later(app: Flask, travel: Travel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "storage", Broken(set(), fail=True))
    travel()
    ledger.add(["incoming/a"])
    pauses = []
    for _ in range(4):
        now = travel(to=entries()[0].due_at)
        assert purge() == ledger.Purged(failed=1)
        pauses.append(entries()[0].due_at - now)
    for pause, base in zip(pauses, (2, 4, 8, 16), strict=True):
        assert timedelta(minutes=base) / 2 <= pause <= timedelta(minutes=base)


def test_a_rollback_forgets_the_entries_with_the_change(app: Flask) -> None:
    ledger.add(["incoming/a"])
    db.session.rollback()
    assert entries() == []
