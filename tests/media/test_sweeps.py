"""What is left to do when a job, a browser or a person did not come back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app import clock
from app.extensions import db
from app.media import operations, sweeps, uploads
from app.media.models import Media, State
from tests import queues
from tests.media import files
from tests.media.conftest import Grant, Upload, ledger_keys
from tests.storage.conftest import Place


def age(row: Media, **moments: timedelta) -> None:
    """As if these moments of a file were so long ago."""
    for name, ago in moments.items():
        setattr(row, name, clock.now() - ago)
    db.session.commit()


def sweep(app: Flask, which: Any) -> int:
    queues.empty(app)
    done: int = which()
    db.session.commit()
    return done


def verifications(app: Flask) -> list[str]:
    return [job.args[0] for job in queues.waiting(app)]


@pytest.fixture
def received(folder: Place, grant: Grant, ada: Any) -> Media:
    row, url = grant(size=5)
    folder.put(url, b"bytes")
    uploads.receive(row.id, ada.id)
    db.session.commit()
    return row


def test_a_lost_verification_is_asked_for_again(app: Flask, received: Media) -> None:
    age(received, received_at=timedelta(minutes=3))
    assert sweep(app, sweeps.pickup) == 1
    assert verifications(app) == [str(received.id)]


def test_a_verification_that_may_be_under_way_is_left_alone(app: Flask, received: Media) -> None:
    age(received, received_at=timedelta(minutes=1))
    assert sweep(app, sweeps.pickup) == 0


def test_a_verified_file_is_not_verified_again(app: Flask, folder: Place, upload: Upload) -> None:
    age(upload(folder, files.jpeg()), received_at=timedelta(days=1))
    assert sweep(app, sweeps.pickup) == 0


def test_a_file_that_arrived_unannounced_is_received(app: Flask, folder: Place, grant: Grant) -> None:
    row, url = grant(size=5)
    folder.put(url, b"bytes")
    age(row, urls_expire_at=timedelta(hours=2))
    assert sweep(app, sweeps.abandoned) == 1
    assert (row.state, verifications(app)) == (State.RECEIVED, [str(row.id)])


def test_a_file_that_never_came_goes_and_its_key_is_deleted_all_the_same(app: Flask, folder: Place, grant: Grant) -> None:
    row, _url = grant()
    key = row.incoming_key
    age(row, urls_expire_at=timedelta(hours=2))
    assert sweep(app, sweeps.abandoned) == 1
    assert db.session.scalars(select(Media)).all() == []
    assert key in ledger_keys()


def test_a_transfer_that_may_be_under_way_is_waited_for(app: Flask, folder: Place, grant: Grant) -> None:
    row, _url = grant()
    age(row, urls_expire_at=timedelta(minutes=50))
    assert sweep(app, sweeps.abandoned) == 0


def test_a_store_that_does_not_answer_costs_no_file(app: Flask, folder: Place, grant: Grant, monkeypatch: Any) -> None:
    from app.storage.protocol import StorageError

    row, _url = grant()
    age(row, urls_expire_at=timedelta(hours=2))

    def silent(_key: str) -> None:
        raise StorageError("no answer")

    monkeypatch.setattr(folder.store, "head", silent)
    assert sweep(app, sweeps.abandoned) == 0
    assert row.state == State.GRANTED


def test_a_file_removed_an_hour_ago_goes(app: Flask, folder: Place, upload: Upload) -> None:
    row = upload(folder, files.jpeg())
    identity = row.id
    age(row, removed_at=timedelta(minutes=61))
    assert sweep(app, sweeps.removed) == 1
    assert db.session.get(Media, identity) is None
    assert operations.folder(identity) in ledger_keys()


def test_a_file_just_removed_can_still_be_wanted_back(app: Flask, folder: Place, grant: Grant) -> None:
    row, _url = grant()
    age(row, removed_at=timedelta(minutes=59))
    assert sweep(app, sweeps.removed) == 0


def test_a_removed_file_that_visitors_still_see_stays(app: Flask, folder: Place, grant: Grant) -> None:
    row, _url = grant()
    row.is_live = True
    age(row, removed_at=timedelta(days=3))
    assert sweep(app, sweeps.removed) == 0


def test_a_run_goes_on_until_nothing_is_left(app: Flask, folder: Place, grant: Grant) -> None:
    for _ in range(5):
        age(grant()[0], urls_expire_at=timedelta(hours=2))
    sweeps.run(batch=2)
    assert db.session.scalars(select(Media)).all() == []


def while_asked(folder: Place, monkeypatch: Any, do: Callable[[], None]) -> None:
    """Something happens while the store is asked for a file."""
    head = folder.store.head

    def asked(key: str) -> Any:
        do()
        return head(key)

    monkeypatch.setattr(folder.store, "head", asked)


def test_nothing_is_locked_while_the_store_is_asked(app: Flask, folder: Place, grant: Grant, monkeypatch: Any) -> None:
    for body in (b"bytes", None, b"bytes"):
        row, url = grant(size=5)
        if body:
            folder.put(url, body)
        age(row, urls_expire_at=timedelta(hours=2))
    changed: list[int] = []

    def change() -> None:
        with db.engine.begin() as other:
            if other.dialect.name == "postgresql":
                other.execute(text("SET LOCAL lock_timeout = '200ms'"))
            changed.append(other.execute(update(Media).values(file_name="changed")).rowcount)

    while_asked(folder, monkeypatch, change)
    assert sweep(app, sweeps.abandoned) == 3
    assert changed == [3, 3, 3]


def test_a_file_that_gets_a_new_url_while_the_store_is_asked_stays(
    app: Flask, folder: Place, grant: Grant, monkeypatch: Any
) -> None:
    row, _url = grant(size=5)
    age(row, urls_expire_at=timedelta(hours=2))

    def resign() -> None:
        with db.engine.begin() as other:
            other.execute(update(Media).values(urls_expire_at=clock.now() + timedelta(minutes=15)))

    while_asked(folder, monkeypatch, resign)
    assert sweep(app, sweeps.abandoned) == 0
    assert db.session.get(Media, row.id, populate_existing=True) is not None
