"""Objects that must go are deleted twice, and never forgotten."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock, config
from app.drafts import sweeps
from app.extensions import db
from app.storage import deletion, ledger
from app.storage.models import LedgerEntry
from app.storage.protocol import Busy, ObjectInfo, Storage, StorageError
from tests.storage.conftest import Place

Travel = Callable[..., datetime]


@pytest.fixture(params=["disk", "s3"])
def folder(app: Flask, request: pytest.FixtureRequest) -> Iterator[Storage]:
    """Either store, as the store of the application under test."""
    place: Place = request.getfixturevalue(f"{request.param}_place")
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
    """A store with refusals at will; `asked` is what it was asked to delete or abort."""

    def __init__(self, refuse: dict[str, str] | None = None, fail: StorageError | None = None) -> None:
        self._refuse, self.fail = refuse or {}, fail
        self.asked: list[str] = []

    def delete(self, keys: list[str]) -> dict[str, str]:
        self._ask(*keys)
        return {key: self._refuse[key] for key in keys if key in self._refuse}

    def abort(self, key: str, upload_id: str) -> None:
        self._ask(f"{key}?{upload_id}")

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        self._ask(prefix)
        return iter([ObjectInfo(f"{prefix}{number}", 1, "", "", clock.now()) for number in range(2)])

    def _ask(self, *what: str) -> None:
        self.asked += what
        if self.fail:
            raise self.fail


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Broken]:
    def make(refuse: dict[str, str] | None = None, fail: StorageError | None = None) -> Broken:
        made = Broken(refuse, fail)
        monkeypatch.setitem(app.extensions, "storage", made)
        return made

    return make


def test_a_key_that_the_store_refused_stays_and_the_others_go_on(broken: Callable[..., Broken]) -> None:
    broken({"incoming/a": "InternalError: try again"})
    ledger.add(["incoming/a", "incoming/b"])
    assert purge() == ledger.Purged(deleted=1, failed=1)
    assert [(entry.key, entry.attempts, entry.error) for entry in entries() if entry.error] == [
        ("incoming/a", 1, "InternalError: try again")
    ]


def test_what_was_refused_below_a_folder_keeps_the_folder(broken: Callable[..., Broken]) -> None:
    broken({"media/a/1": "AccessDenied: no"})
    ledger.add(["media/a/", "media/b/"])
    assert purge() == ledger.Purged(deleted=1, failed=1)
    assert {entry.key: entry.error for entry in entries()} == {"media/a/": "media/a/1: AccessDenied: no", "media/b/": None}


def test_a_store_that_refuses_is_asked_later_and_later(travel: Travel, broken: Callable[..., Broken]) -> None:
    broken(fail=StorageError("403 AccessDenied"))
    travel()
    ledger.add(["incoming/a"])
    pauses = []
    for _ in range(4):
        now = travel(to=entries()[0].due_at)
        assert purge() == ledger.Purged(failed=1)
        pauses.append(entries()[0].due_at - now)
    for pause, base in zip(pauses, (2, 4, 8, 16), strict=True):
        assert timedelta(minutes=base) / 2 <= pause <= timedelta(minutes=base)


def test_a_busy_store_is_asked_once_and_then_left_alone(travel: Travel, broken: Callable[..., Broken]) -> None:
    busy = broken(fail=Busy("503 SlowDown"))
    now = travel()
    ledger.add([f"media/{number}/" for number in range(5)])
    assert purge() == ledger.Purged(failed=5, stopped=True)
    assert len(busy.asked) == 1
    assert all(now < entry.due_at <= now + timedelta(minutes=10) and entry.attempts == 0 for entry in entries())


def test_after_it_was_busy_everything_is_deleted(travel: Travel, broken: Callable[..., Broken]) -> None:
    store = broken(fail=Busy("429"))
    travel()
    ledger.add([f"incoming/{number}" for number in range(5)])
    purge()
    store.fail = None
    travel(minutes=10)
    assert purge() == ledger.Purged(deleted=5)


def test_one_key_refused_for_too_many_requests_stops_the_batch(broken: Callable[..., Broken], monkeypatch: Any) -> None:
    monkeypatch.setattr(deletion, "MOST_PER_DELETION", 2)
    slow = broken({"incoming/1": "SlowDown: Please reduce your request rate."})
    ledger.add([f"incoming/{number}" for number in range(6)])
    done = purge()
    assert done.stopped
    assert "incoming/1" in slow.asked[-2:]
    assert done.deleted == len(slow.asked) - 1


def test_the_sweep_leaves_a_busy_store_alone(broken: Callable[..., Broken]) -> None:
    busy = broken(fail=Busy("503 SlowDown"))
    ledger.add([f"incoming/{number}" for number in range(1500)])
    assert sweeps.purge(config.current()).failed == 1000
    assert len(busy.asked) == 1000
    assert len(entries()) == 1500


def test_a_purge_that_died_is_made_up_for_by_the_next(app: Flask, broken: Callable[..., Broken]) -> None:
    ledger.add(["incoming/a"])
    store = broken(fail=cast(Any, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        ledger.purge()
    db.session.rollback()
    store.fail = None
    assert purge() == ledger.Purged(deleted=1)


def test_no_transaction_is_open_while_the_store_works(app: Flask, broken: Callable[..., Broken], monkeypatch: Any) -> None:
    store = broken()
    seen: list[bool] = []
    monkeypatch.setattr(store, "delete", lambda keys: seen.append(db.session().in_transaction()) or {})
    ledger.add(["incoming/a"])
    purge()
    assert seen == [False]


def test_what_was_deleted_just_before_its_last_term_is_deleted_again(
    app: Flask, broken: Callable[..., Broken], travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    travel()
    store = broken()
    ledger.add(["incoming/a"])
    travel(hours=5, minutes=59)
    monkeypatch.setattr(store, "delete", lambda keys: travel(minutes=2) and {})
    assert purge() == ledger.Purged(deleted=1)
    assert purge() == ledger.Purged(settled=1)


@pytest.mark.parametrize("is_settled", [False, True])
def test_two_purges_at_once_do_no_harm(
    app: Flask, broken: Callable[..., Broken], travel: Travel, monkeypatch: pytest.MonkeyPatch, is_settled: bool
) -> None:
    travel()
    store = broken()
    ledger.add(["incoming/a", "incoming/b"])
    travel(hours=7 * is_settled)

    def meanwhile(keys: list[str]) -> dict[str, str]:
        monkeypatch.setattr(store, "delete", lambda keys: {})
        ledger.purge()
        return {}

    monkeypatch.setattr(store, "delete", meanwhile)
    purge()
    assert [entry.due_at == entry.settled_at for entry in entries()] == [True, True][: 2 * (not is_settled)]
    assert purge().total == 0


def test_an_upload_is_aborted_and_aborted_again(folder: Storage, key: str) -> None:
    upload_id = folder.begin(key, content_type="video/mp4")
    ledger.add_upload(key, upload_id)
    assert purge() == ledger.Purged(deleted=1)
    assert list(folder.uploads(key)) == []
    _settle(key)
    assert purge() == ledger.Purged(settled=1)
    assert entries() == []


def test_an_entry_of_an_upload_leaves_the_object_of_its_key(folder: Storage, key: str) -> None:
    upload_id = folder.begin(key, content_type="video/mp4")
    write(folder, key)
    ledger.add_upload(key, upload_id)
    purge()
    assert folder.head(key) is not None


def test_uploads_are_aborted_before_objects_are_deleted(broken: Callable[..., Broken], monkeypatch: Any) -> None:
    monkeypatch.setattr(deletion, "MOST_PER_DELETION", 1)
    store = broken()
    ledger.add([f"incoming/{number}" for number in range(5)])
    for number in range(5):
        ledger.add_upload(f"incoming/{number}", "some-id")
    purge()
    assert {asked.partition("?")[2] for asked in store.asked[:5]} == {"some-id"}
    assert sorted(store.asked[5:]) == [f"incoming/{number}" for number in range(5)]


def test_an_upload_waits_for_its_last_url_as_an_object_does(app: Flask, travel: Travel) -> None:
    now = travel()
    ledger.add_upload("incoming/a", "some-id", urls_expire_at=now + timedelta(minutes=15))
    assert entries()[0].settled_at == now + timedelta(minutes=15) + timedelta(hours=6)


def test_a_rollback_forgets_the_entries_with_the_change(app: Flask) -> None:
    ledger.add(["incoming/a"])
    db.session.rollback()
    assert entries() == []
