"""Reconciling: what nobody wants goes, what is missing is told, and what is young or not ours is left alone."""

import gc
import io
import os
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.columns import new_id
from app.extensions import db
from app.insights.runs import Turn
from app.media import operations, reconcile, wanted
from app.media.models import Media, State
from app.media.reconcile import Found
from app.storage import ledger, store
from app.storage.disk import DiskStorage
from app.storage.models import LedgerEntry
from app.storage.protocol import Busy, ObjectInfo, StorageError
from jobs import media as jobs
from tests import queues
from tests.storage.conftest import Place

# A file system has a clock of its own, and so has a bucket.
pytestmark = pytest.mark.usefixtures("present")

Grant = Callable[..., Any]
LATER = timedelta(hours=6, minutes=16)  # UPLOAD_LONGEST and UPLOAD_URL_LIFETIME are over


@pytest.fixture
def empty(place: Place) -> Place:
    """The store of the test with nothing in it."""
    keys = [each.key for each in place.store.list()]
    while keys:
        place.store.delete(keys[:1000])
        keys = keys[1000:]
    for each in list(place.store.uploads()):
        place.store.abort(each.key, each.upload_id)
    return place


@pytest.fixture
def later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is written now is old enough to be judged. The bucket keeps the time of the real world, so the run is what moves."""
    monkeypatch.setattr(reconcile, "_youngest", lambda: -timedelta(minutes=1))


def put(key: str, body: bytes = b"body") -> None:
    store().write(key, io.BytesIO(body), size=len(body), content_type="image/jpeg")


def ready(row: Media, *names: str) -> list[str]:
    """As after a verification a while ago."""
    keys = [f"media/{row.id}/{name}" for name in names]
    row.state, row.verified_at = State.READY, clock.now() - timedelta(minutes=5)
    row.variants = [{"key": key, "width": 1, "height": 1, "type": "image/webp", "bytes": 4} for key in keys]
    db.session.commit()
    return keys


def ledgered() -> set[tuple[str, str | None]]:
    return {tuple(row) for row in db.session.execute(select(LedgerEntry.key, LedgerEntry.upload_id))}


def test_an_object_without_a_row_is_written_into_the_ledger_and_goes(empty: Place, later: None) -> None:
    keys = [f"incoming/{uuid4()}/a", f"media/{uuid4()}/b.webp"]
    for key in keys:
        put(key)
    assert reconcile.run(act=True) == Found(objects=2, orphans=2, finished=True)
    assert ledgered() == {(key, None) for key in keys}
    ledger.purge()
    assert list(store().list()) == []


def test_a_dry_run_writes_nothing(empty: Place, later: None) -> None:
    put(f"incoming/{uuid4()}/a")
    begun = f"incoming/{uuid4()}/b"
    store().begin(begun, content_type="video/mp4")
    assert reconcile.run(act=False) == Found(objects=1, uploads=1, orphans=1, orphan_uploads=1, finished=True)
    assert ledgered() == set()


def test_what_rows_want_is_left_alone(empty: Place, later: None, grant: Grant) -> None:
    granted, _ = grant()
    received, _ = grant()
    received.state, received.received_at = State.RECEIVED, clock.now() - timedelta(minutes=5)
    finished, _ = grant()
    for key in (granted.incoming_key, received.incoming_key, *ready(finished, "320.webp", "640.webp")):
        put(key)
    assert reconcile.run(act=True) == Found(objects=4, finished=True)
    assert ledgered() == set()


def test_what_a_row_wants_no_more_goes_and_what_it_shows_stays(empty: Place, later: None, grant: Grant) -> None:
    row, _ = grant()
    [kept] = ready(row, "320.webp")
    for key in (row.incoming_key, kept, f"media/{row.id}/old.webp", f"incoming/{row.id}/other"):
        put(key)
    assert reconcile.run(act=True).orphans == 3
    assert ledgered() == {(row.incoming_key, None), (f"media/{row.id}/old.webp", None), (f"incoming/{row.id}/other", None)}


def test_a_verification_that_may_be_writing_is_not_disturbed(empty: Place, later: None, grant: Grant) -> None:
    row, _ = grant()
    row.state, row.received_at = State.RECEIVED, clock.now() - timedelta(minutes=5)
    db.session.commit()
    put(row.incoming_key)
    put(f"media/{row.id}/320.webp")
    assert reconcile.run(act=True).orphans == 0


def test_a_ready_file_whose_object_is_gone_is_told_and_kept(empty: Place, later: None, grant: Grant) -> None:
    row, _ = grant()
    kept, _gone = ready(row, "320.webp", "640.webp")
    put(kept)
    assert reconcile.run(act=True) == Found(objects=1, missing=1, finished=True)
    assert db.session.get(Media, row.id) is not None
    assert ledgered() == set()


def test_a_received_file_that_is_not_there_is_told(empty: Place, later: None, grant: Grant) -> None:
    row, _ = grant()
    row.state, row.received_at = State.RECEIVED, clock.now() - timedelta(minutes=5)
    db.session.commit()
    assert reconcile.run(act=True).missing == 1


def test_a_granted_file_that_has_not_arrived_is_not_missing(empty: Place, later: None, grant: Grant) -> None:
    grant()
    assert reconcile.run(act=True) == Found(finished=True)


def test_what_is_verified_only_now_is_not_missed_yet(empty: Place, grant: Grant) -> None:
    ready(grant()[0], "320.webp")
    assert reconcile.run(act=True) == Found(finished=True)


def test_nothing_younger_than_the_longest_transfer_is_touched(empty: Place) -> None:
    put(f"incoming/{uuid4()}/a")
    store().begin(f"incoming/{uuid4()}/b", content_type="video/mp4")
    assert reconcile.run(act=True) == Found(objects=1, uploads=1, finished=True)
    assert ledgered() == set()


def test_the_longest_transfer_begins_when_the_url_ends(
    app: Flask, folder: Place, travel: Callable[..., datetime], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = DiskStorage(tmp_path, "only-for-tests", 0)
    monkeypatch.setitem(app.extensions, "storage", own)
    now = travel()
    key = f"incoming/{uuid4()}/a"
    put(key)
    os.utime(own._path(key), (now.timestamp(), now.timestamp()))
    travel(to=now + LATER - timedelta(minutes=2))
    assert reconcile.run(act=False).orphans == 0
    travel(to=now + LATER)
    assert reconcile.run(act=False).orphans == 1


def test_what_the_ledger_knows_is_no_orphan(empty: Place, later: None, grant: Grant) -> None:
    row, _ = grant()
    key, other = row.incoming_key, f"media/{row.id}/320.webp"
    operations.delete([row])
    db.session.commit()
    put(key)
    put(other)
    before = ledgered()
    assert reconcile.run(act=True) == Found(objects=2, finished=True)
    assert ledgered() == before


def test_names_that_shingle_did_not_make_are_counted_and_left_alone(empty: Place, later: None) -> None:
    for key in ("incoming/readme", f"media/{str(uuid4()).upper()}/a", f"media/{uuid4()}/{'x' * 180}", "backup/dump"):
        put(key)
    assert reconcile.run(act=True) == Found(objects=3, foreign=3, finished=True)
    assert ledgered() == set()


def test_an_upload_without_a_row_is_aborted_by_way_of_the_ledger(empty: Place, later: None) -> None:
    key = f"incoming/{uuid4()}/a"
    upload_id = store().begin(key, content_type="video/mp4")
    assert reconcile.run(act=True) == Found(uploads=1, orphan_uploads=1, finished=True)
    assert ledgered() == {(key, upload_id)}
    ledger.purge()
    assert list(store().uploads()) == []


def test_an_upload_that_a_row_has_is_left_alone(empty: Place, later: None, grant: Grant) -> None:
    row, _ = grant()
    row.upload_id = store().begin(row.incoming_key, content_type="video/mp4")
    db.session.commit()
    assert reconcile.run(act=True) == Found(uploads=1, finished=True)


def test_another_upload_of_a_rows_key_is_aborted_and_its_object_stays(empty: Place, later: None, grant: Grant) -> None:
    row, _ = grant()
    put(row.incoming_key)
    store().begin(row.incoming_key, content_type="video/mp4")
    assert reconcile.run(act=True) == Found(objects=1, uploads=1, orphan_uploads=1, finished=True)
    ledger.purge()
    assert store().head(row.incoming_key) is not None


def test_an_upload_that_the_ledger_knows_is_no_orphan(empty: Place, later: None) -> None:
    key = f"incoming/{uuid4()}/a"
    ledger.add_upload(key, store().begin(key, content_type="video/mp4"))
    assert reconcile.run(act=True) == Found(uploads=1, finished=True)


def test_an_upload_whose_key_alone_is_in_the_ledger_is_an_orphan(empty: Place, later: None) -> None:
    key = f"incoming/{uuid4()}/a"
    store().begin(key, content_type="video/mp4")
    ledger.add([key])
    assert reconcile.run(act=True).orphan_uploads == 1


def test_rows_and_objects_meet_over_many_pages(
    folder: Place, later: None, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL and SQLite alike ids come in the order of the keys, whatever the collation."""
    monkeypatch.setattr(wanted, "PAGE", 3)
    monkeypatch.setattr(reconcile, "BATCH", 2)
    before = reconcile.run(act=False)
    ids = [UUID(bytes=os.urandom(16)) for _ in range(20)]
    for identity in ids:
        row, _ = grant()
        row.id, row.incoming_key = identity, f"incoming/{identity}/a"
        [key] = ready(row, "a.webp")
        row.variants = [{**cast(Any, row.variants)[0], "key": key}]
        put(key)
    strays = [f"media/{UUID(bytes=os.urandom(16))}/a.webp" for _ in range(20)]
    for key in strays:
        put(key)
    after = reconcile.run(act=True)
    assert (after.orphans - before.orphans, after.missing) == (20, 0)
    assert {key for key, _ in ledgered()} >= set(strays)
    store().delete([*strays, *(f"media/{identity}/a.webp" for identity in ids)])


def test_a_store_that_lists_in_another_order_concludes_nothing(
    app: Flask, folder: Place, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = clock.now() - timedelta(days=9)
    listing = [ObjectInfo(f"incoming/{uuid4()}/a", 1, "", "", old) for _ in range(3)]
    listing.sort(key=lambda each: each.key, reverse=True)
    monkeypatch.setattr(folder.store, "list", lambda _room: iter(listing))
    assert not reconcile.run(act=True).finished
    assert ledgered() == set()


def test_a_store_that_fails_midway_ends_the_run_with_what_was_found(
    folder: Place, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_room: str) -> Iterator[ObjectInfo]:
        yield ObjectInfo(f"incoming/{uuid4()}/a", 1, "", "", clock.now() - timedelta(days=9))
        raise Busy("503 SlowDown")

    monkeypatch.setattr(folder.store, "list", broken)
    found = reconcile.run(act=True)
    assert (found.objects, found.finished) == (1, False)
    assert reconcile.last()["finished"] is False


def test_the_nightly_run_acts(empty: Place, later: None) -> None:
    put(f"incoming/{uuid4()}/a")
    jobs.reconcile()
    assert len(ledgered()) == 1


def test_the_nightly_run_leaves_a_store_alone_of_which_most_is_nobodys(
    empty: Place, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "MANY", 2)
    for _ in range(3):
        put(f"incoming/{uuid4()}/a")
    jobs.reconcile()
    assert ledgered() == set()


def test_the_nightly_run_does_not_act_on_half_a_look(folder: Place, later: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_room: str) -> Iterator[ObjectInfo]:
        for _ in range(reconcile.BATCH):
            yield ObjectInfo(f"media/{new_id()}/a", 1, "", "", clock.now() - timedelta(days=9))
        raise Busy("503 SlowDown")

    monkeypatch.setattr(folder.store, "list", broken)
    reconcile.nightly()
    assert ledgered() == set()


def test_a_run_whose_time_is_up_concludes_nothing_and_begins_no_other(
    app: Flask, empty: Place, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(f"incoming/{uuid4()}/a")
    monkeypatch.setattr(reconcile, "LONGEST", 0)
    jobs.reconcile()
    assert (ledgered(), queues.waiting(app), reconcile.last()["finished"]) == (set(), [], False)


def test_a_long_run_says_now_and_then_that_it_is_still_there(
    folder: Place, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = [ObjectInfo(f"media/{new_id()}/a", 1, "", "", clock.now()) for _ in range(2 * reconcile.BATCH)]
    monkeypatch.setattr(folder.store, "list", lambda room: iter(listing if room == "media/" else []))
    turn, asked = Turn(), []
    monkeypatch.setattr(turn, "goes_on", lambda: asked.append(1) or True)
    assert reconcile.run(act=False, turn=turn).finished
    assert len(asked) == 2


def test_the_numbers_are_metrics(empty: Place, later: None, make_app: Callable[..., Flask]) -> None:
    put(f"incoming/{uuid4()}/a")
    reconcile.run(act=False)
    shown = make_app(METRICS_TOKEN="secret").test_client().get("/metrics", headers={"Authorization": "Bearer secret"}).text
    assert 'shingle_reconcile_found{what="orphans"} 1.0' in shown
    assert "shingle_reconcile_finished 1.0" in shown


def test_the_command_looks_first_and_acts_when_told_to(app: Flask, empty: Place, later: None) -> None:
    put(f"incoming/{uuid4()}/a")
    looked = app.test_cli_runner().invoke(args=["storage", "reconcile", "--dry-run"])
    assert "1 objects without a row" in looked.output
    assert ledgered() == set()
    assert app.test_cli_runner().invoke(args=["storage", "reconcile"]).exit_code == 0
    assert len(ledgered()) == 1


def test_the_command_fails_when_the_store_does(app: Flask, folder: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_room: str) -> Iterator[ObjectInfo]:
        raise StorageError("away")

    monkeypatch.setattr(folder.store, "list", broken)
    assert app.test_cli_runner().invoke(args=["storage", "reconcile"]).exit_code == 1


def test_every_column_that_holds_a_key_is_known(app: Flask) -> None:
    """A key in a column that reconciling does not read would be taken for nobody's."""
    assert {column.name for column in Media.__table__.columns if column.name.endswith("_key")} == {
        "incoming_key",
        "original_key",
    }


def test_memory_does_not_grow_with_the_store(
    app: Flask, folder: Place, ada: Any, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = _peak(folder, ada.id, monkeypatch, objects=2000, rows=1000)
    many = _peak(folder, ada.id, monkeypatch, objects=20_000, rows=4000)
    assert many < few + 5 * 2**20, (few, many)  # all of it at once would take 17 MiB more


def _peak(place: Place, provider_id: UUID, monkeypatch: pytest.MonkeyPatch, objects: int, rows: int) -> int:
    """Memory that a run needs beside a store that lists so many objects without a row, and a database of so many rows."""
    about = {"provider_id": provider_id, "state": "ready", "kind": "image", "file_name": "a", "declared_type": "image/jpeg"}
    about |= {"declared_bytes": 1, "urls_expire_at": clock.now(), "is_live": False, "created_at": clock.now()}
    db.session.execute(
        Media.__table__.insert(),  # type: ignore[attr-defined]
        [{**about, "id": (identity := new_id()), "incoming_key": f"incoming/{identity}/a"} for _ in range(rows)],
    )
    db.session.commit()

    def listing(room: str) -> Iterator[ObjectInfo]:
        for number in range(objects if room == "media/" else 0):
            yield ObjectInfo(f"media/{UUID(int=number * 2**100)}/a", 1, "etag", "image/webp", clock.now())

    monkeypatch.setattr(place.store, "list", listing)
    gc.collect()
    gc.freeze()  # what the other tests hold would keep the collector from looking at the circles that a query leaves
    tracemalloc.start()
    found = reconcile.run(act=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    gc.unfreeze()
    assert found.orphans == objects
    return peak
