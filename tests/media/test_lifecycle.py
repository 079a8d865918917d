"""A file from its grant to its end, in both stores and both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from app.errors import Conflict, Gone, NotFound, Refused, TooMany
from app.extensions import db
from app.media import operations, uploads, verification
from app.media.inspection import sniff
from app.media.models import Media, State
from app.services.models import Service
from app.storage import ledger
from app.storage.protocol import Busy, StorageError
from tests import factories, queues
from tests.media import files
from tests.media.conftest import Grant, Upload, ledger_keys, stored, variant, verify
from tests.storage.conftest import Place


def test_a_grant_is_a_row_and_an_url_for_its_incoming_key_alone(place: Place, grant: Grant) -> None:
    row, url = grant(size=5)
    assert row.state == State.GRANTED
    assert place.put(url, b"bytes").status == 200
    assert stored(place, row) == [row.incoming_key]
    assert row.incoming_key.startswith(f"incoming/{row.id}/")


def test_a_file_that_did_not_arrive_is_not_received(place: Place, grant: Grant, ada: Any) -> None:
    row, _url = grant()
    with pytest.raises(Gone):
        uploads.receive(row.id, ada.id)
    assert row.state == State.GRANTED


def test_a_file_that_arrived_waits_for_its_verification(place: Place, grant: Grant, ada: Any, app: Flask) -> None:
    row, url = grant(size=5)
    place.put(url, b"bytes")
    uploads.receive(row.id, ada.id)
    db.session.commit()
    [job] = queues.waiting(app)
    assert (row.state, job.func_name, job.args) == (State.RECEIVED, "jobs.media.verify", (str(row.id),))


def test_saying_twice_that_a_file_arrived_asks_once_for_its_verification(
    folder: Place, grant: Grant, ada: Any, app: Flask
) -> None:
    row, url = grant(size=5)
    folder.put(url, b"bytes")
    for _ in range(2):
        uploads.receive(row.id, ada.id)
        db.session.commit()
    assert len(queues.waiting(app)) == 1


def test_a_verified_photo_has_variants_and_its_size(place: Place, upload: Upload) -> None:
    row = upload(place, files.jpeg(1400, 1050))
    assert (row.state, row.reason, row.content_type, row.width, row.height) == (State.READY, None, "image/jpeg", 1400, 1050)
    made = sorted((each["width"], each["type"]) for each in row.variants or [])
    assert made == [(width, f"image/{kind}") for width in (320, 640, 1280, 1400) for kind in ("jpeg", "webp")]


def test_every_variant_is_in_the_store_and_is_what_the_row_says(place: Place, upload: Upload) -> None:
    row = upload(place, files.jpeg())
    for each in row.variants or []:
        found = place.store.head(each["key"])
        assert found is not None
        assert found.size == each["bytes"]
        with place.store.read(each["key"]) as stream:
            image = files.decoded(stream.read())
        assert (image.width, image.height) == (each["width"], each["height"])


def test_what_arrived_goes_once_it_is_verified(place: Place, upload: Upload) -> None:
    row = upload(place, files.jpeg())
    assert ledger_keys() == [row.incoming_key]
    ledger.purge()
    db.session.commit()
    assert row.incoming_key not in stored(place, row)


@pytest.mark.parametrize(
    ("make", "name", "content_type"),
    [(files.pdf, "prices.pdf", "application/pdf"), (files.mp4, "a.mp4", "video/mp4"), (files.webm, "a.webm", "video/webm")],
)
def test_a_pdf_or_video_is_served_and_shows_a_picture_of_itself(
    place: Place, upload: Upload, make: Any, name: str, content_type: str
) -> None:
    row = upload(place, make(), name, content_type)
    assert (row.state, row.content_type) == (State.READY, content_type)
    with place.store.read(str(row.original_key)) as stream:
        assert sniff(stream.read()) == content_type
    assert {each["type"] for each in row.variants or []} == {"image/webp", "image/jpeg"}
    assert (row.pages, row.seconds) == ((1, None) if name == "prices.pdf" else (None, 1))


def test_bytes_sent_after_the_verification_change_nothing_that_is_seen(place: Place, grant: Grant, ada: Any) -> None:
    body = files.pdf()
    row, url = grant("prices.pdf", "application/pdf", len(body))
    place.put(url, body)
    uploads.receive(row.id, ada.id)
    db.session.commit()
    verify(row.id)
    with place.store.read(str(row.original_key)) as stream:
        shown = stream.read()
    place.store.delete([row.incoming_key])
    assert place.put(url, body[::-1]).status == 200
    verify(row.id)
    with place.store.read(str(row.original_key)) as stream:
        assert stream.read() == shown


def test_verifying_twice_changes_nothing(place: Place, upload: Upload) -> None:
    row = upload(place, files.jpeg())
    variants, verified_at = row.variants, row.verified_at
    verify(row.id)
    assert (row.state, row.variants, row.verified_at) == (State.READY, variants, verified_at)


def test_verifying_a_file_that_is_gone_does_nothing(app: Flask, upload: Upload, folder: Place) -> None:
    row = upload(folder, files.jpeg())
    identity = row.id
    operations.delete([row])
    db.session.commit()
    verify(identity)
    assert db.session.get(Media, identity) is None


def test_a_row_that_goes_during_its_verification_takes_the_variants_with_it(
    place: Place, arrive: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = arrive(place, files.jpeg()).id
    _delete_while_decoding(monkeypatch, identity)
    verify(identity)
    ledger.purge()
    db.session.commit()
    assert list(place.store.list(f"media/{identity}/")) == []


def _delete_while_decoding(monkeypatch: pytest.MonkeyPatch, identity: Any) -> None:
    from app.media import inspection

    look = inspection.look

    def slow(*args: Any) -> Any:
        found = look(*args)
        operations.delete([db.session.get_one(Media, identity)])
        db.session.commit()
        ledger.purge()
        db.session.commit()
        return found

    monkeypatch.setattr(inspection, "look", slow)


@pytest.fixture
def waiting(folder: Place, arrive: Upload) -> Media:
    """A file that has arrived in the folder and is not verified."""
    return arrive(folder, b"bytes")


def fails(monkeypatch: Any, place: Place, error: Exception) -> None:
    def fail(_key: str) -> None:
        raise error

    monkeypatch.setattr(place.store, "head", fail)


def test_a_store_that_fails_leaves_the_file_waiting(folder: Place, waiting: Media, monkeypatch: Any) -> None:
    fails(monkeypatch, folder, StorageError("no answer"))
    verify(waiting.id)
    assert waiting.state == State.RECEIVED


def test_a_store_that_is_down_for_days_loses_no_file(
    folder: Place, waiting: Media, monkeypatch: Any, travel: Callable[..., Any]
) -> None:
    fails(monkeypatch, folder, Busy("unreachable"))
    travel(days=9)
    verify(waiting.id)
    assert waiting.state == State.RECEIVED


def test_a_file_that_a_store_does_not_give_out_for_a_day_is_lost(
    folder: Place, waiting: Media, monkeypatch: Any, travel: Callable[..., Any]
) -> None:
    fails(monkeypatch, folder, StorageError("broken"))
    travel(to=waiting.received_at + timedelta(hours=25))  # type: ignore[operator]
    verify(waiting.id)
    assert (waiting.state, waiting.reason) == (State.REJECTED, "lost")


def test_deleting_leaves_no_object_and_no_row(place: Place, upload: Upload) -> None:
    row = upload(place, files.jpeg())
    identity = row.id
    operations.delete([row])
    db.session.commit()
    ledger.purge()
    db.session.commit()
    assert db.session.get(Media, identity) is None
    assert list(place.store.list(f"media/{identity}/")) == list(place.store.list(f"incoming/{identity}/")) == []


def test_deleting_is_undone_with_its_transaction(folder: Place, upload: Upload) -> None:
    row = upload(folder, files.jpeg())
    before = ledger_keys()
    operations.delete([row])
    db.session.rollback()
    assert ledger_keys() == before
    assert db.session.get(Media, row.id) is not None


def test_deleting_the_files_of_an_entity_leaves_those_of_others(folder: Place, grant: Grant, ada: Any, draft: Service) -> None:
    grant()
    other = factories.draft(ada)
    kept, _url = uploads.grant(ada.id, "service", other.id, "b.jpg", "image/jpeg", 5)
    db.session.commit()
    assert operations.delete_of("service", [draft.id]) == 1
    db.session.commit()
    assert db.session.get(Media, kept.id) is not None


def test_deleting_an_account_writes_all_its_keys_down_first(folder: Place, grant: Grant, ada: Any) -> None:
    row, _url = grant()
    key = row.incoming_key
    assert operations.delete_of_provider(ada.id) == 1
    assert key in ledger_keys()


def test_a_fresh_url_is_for_the_same_key(place: Place, grant: Grant, ada: Any) -> None:
    row, _old = grant(size=5)
    url = uploads.resign(row.id, ada.id)
    assert place.put(url, b"bytes").status == 200
    assert stored(place, row) == [row.incoming_key]


def test_what_arrived_gets_no_fresh_url(folder: Place, upload: Upload, ada: Any) -> None:
    row = upload(folder, files.jpeg())
    with pytest.raises(Conflict):
        uploads.resign(row.id, ada.id)


def test_an_arrival_moves_the_expiry_of_the_draft(folder: Place, grant: Grant, ada: Any, draft: Service, travel: Any) -> None:
    travel(to=draft.created_at)  # an expiry never moves back, so not to a moment before
    row, url = grant(size=5)
    later = travel(minutes=10)
    folder.put(url, b"bytes")
    uploads.receive(row.id, ada.id)
    db.session.commit()
    db.session.refresh(draft)
    assert (draft.expires_at, draft.edited_at, draft.has_content) == (later + timedelta(hours=48), later, True)


@pytest.mark.parametrize("operation", [uploads.receive, uploads.resign, operations.remove, operations.restore])
def test_another_providers_file_does_not_exist(folder: Place, grant: Grant, boris: Any, operation: Any) -> None:
    row, _url = grant()
    with pytest.raises(NotFound):
        operation(row.id, boris.id)


def test_nobody_uploads_to_another_providers_draft(folder: Place, draft: Service, boris: Any) -> None:
    with pytest.raises(NotFound):
        uploads.grant(boris.id, "service", draft.id, "a.jpg", "image/jpeg", 5)


def test_nothing_is_attached_to_what_nobody_knows(folder: Place, draft: Service, ada: Any) -> None:
    with pytest.raises(NotFound):
        uploads.grant(ada.id, "spaceship", draft.id, "a.jpg", "image/jpeg", 5)


def test_a_service_takes_so_many_files_and_no_more(folder: Place, grant: Grant) -> None:
    for _ in range(24):
        grant()
    with pytest.raises(TooMany, match="24 files"):
        grant()


def test_of_many_grants_at_the_same_moment_no_more_fit_than_may(
    app: Flask, folder: Place, ada: Any, draft: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], media_per_service=3))
    provider_id, draft_id = ada.id, draft.id
    db.session.commit()
    together = Barrier(6)

    def ask(_number: int) -> bool:
        with app.app_context():
            together.wait()
            try:
                uploads.grant(provider_id, "service", draft_id, "a.jpg", "image/jpeg", 5)
                db.session.commit()
            except TooMany:
                return False
            return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(ask, range(6))) == 3


def test_a_removed_file_makes_room_for_another(folder: Place, grant: Grant, ada: Any) -> None:
    rows = [grant()[0] for _ in range(24)]
    operations.remove(rows[0].id, ada.id)
    grant()


def test_a_cancelled_upload_gives_its_quota_back_at_once(folder: Place, grant: Grant, ada: Any) -> None:
    row, _url = grant("a.mp4", "video/mp4", 500 * 2**20)
    identity, key = row.id, row.incoming_key
    operations.remove(identity, ada.id)
    db.session.commit()
    assert db.session.get(Media, identity) is None
    assert key in ledger_keys()


def test_granted_bytes_count_before_they_arrive(folder: Place, grant: Grant) -> None:
    for _ in range(4):
        grant("a.mp4", "video/mp4", 500 * 2**20)
    with pytest.raises(TooMany, match="full"):
        grant("a.mp4", "video/mp4", 500 * 2**20)


def test_a_deleted_file_gives_its_quota_back(folder: Place, grant: Grant) -> None:
    rows = [grant("a.mp4", "video/mp4", 500 * 2**20)[0] for _ in range(4)]
    operations.delete(rows[:1])
    grant("a.mp4", "video/mp4", 500 * 2**20)


@pytest.mark.parametrize("name", ["logo.svg", "page.html", "feed.xml", "program.exe"])
@pytest.mark.parametrize("content_type", ["image/svg+xml", "text/html", "application/xml", "application/octet-stream", ""])
def test_what_a_browser_would_run_is_refused_before_it_is_sent(
    folder: Place, grant: Grant, name: str, content_type: str
) -> None:
    with pytest.raises(Refused, match="can't be uploaded"):
        grant(name, content_type)


def test_an_empty_file_is_refused(folder: Place, grant: Grant) -> None:
    with pytest.raises(Refused, match="empty"):
        grant(size=0)


@pytest.mark.parametrize(
    ("name", "content_type", "mib"),
    [("a.jpg", "image/jpeg", 25), ("a.mp4", "video/mp4", 500), ("a.pdf", "application/pdf", 20)],
)
def test_each_kind_has_its_limit(folder: Place, grant: Grant, name: str, content_type: str, mib: int) -> None:
    grant(name, content_type, mib * 2**20)
    with pytest.raises(Refused, match=f"larger than {mib} MB"):
        grant(name, content_type, mib * 2**20 + 1)


def test_a_photo_from_an_iphone_is_shown_in_formats_that_every_browser_has(folder: Place, upload: Upload) -> None:
    row = upload(folder, files.heic(), "IMG_0001.HEIC", "")
    assert (row.state, row.declared_type, row.width) == (State.READY, "image/heic", 400)
    assert {each["type"] for each in row.variants or []} == {"image/webp", "image/jpeg"}


def test_the_ending_tells_the_type_that_a_browser_does_not_know(folder: Place, grant: Grant) -> None:
    row, _url = grant("photo.AVIF", "application/octet-stream")
    assert row.declared_type == "image/avif"


def test_a_variant_shows_the_picture(folder: Place, upload: Upload) -> None:
    row = upload(folder, files.jpeg())
    image = files.decoded(variant(folder, row, "320.webp"))
    right, left = image(310, 120), image(10, 120)
    assert right[0] - left[0] > 200


def test_saying_late_that_a_file_arrived_does_not_undo_its_verification(
    folder: Place, grant: Grant, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = files.jpeg()
    row, url = grant(size=len(body))
    folder.put(url, body)
    head = folder.store.head

    def overtaken(key: str) -> Any:
        monkeypatch.undo()
        found = head(key)
        uploads.receive(row.id, ada.id)
        db.session.commit()
        verify(row.id)
        return found

    monkeypatch.setattr(folder.store, "head", overtaken)
    assert uploads.receive(row.id, ada.id).state == State.READY
    db.session.commit()
    assert row.state == State.READY


def test_a_file_that_is_deleted_while_the_store_is_asked_is_not_found(
    folder: Place, grant: Grant, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, url = grant(size=5)
    folder.put(url, b"bytes")
    head = folder.store.head

    def overtaken(key: str) -> Any:
        monkeypatch.undo()
        operations.delete([row])
        return head(key)

    monkeypatch.setattr(folder.store, "head", overtaken)
    with pytest.raises(NotFound):
        uploads.receive(row.id, ada.id)


def test_a_removed_file_whose_place_was_taken_is_not_brought_back(
    app: Flask, grant: Grant, ada: Any, folder: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, _url = grant()
    row.state = State.READY
    operations.remove(row.id, ada.id)
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], media_per_service=1))
    grant()
    with pytest.raises(TooMany):
        operations.restore(row.id, ada.id)


def test_no_transaction_waits_while_a_file_is_looked_at(folder: Place, arrive: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = arrive(folder, files.jpeg()).id
    db.session.commit()  # reading the id began a transaction
    read, held = folder.store.read, []

    def note(*args: Any, **more: Any) -> Any:
        held.append((db.session().in_transaction(), db.engine.pool.checkedout()))  # type: ignore[attr-defined]
        return read(*args, **more)

    monkeypatch.setattr(folder.store, "read", note)
    verification.verify(identity)
    db.session.commit()
    assert set(held) == {(False, 0)}
    assert db.session.get_one(Media, identity).state == State.READY
