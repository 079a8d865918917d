"""Deleting for good: rows, files, and what the store still holds."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.config import Settings
from app.drafts import endings, operations, sweeps
from app.drafts.batches import Position
from app.errors import Conflict
from app.extensions import db
from app.insights.models import Event
from app.insights.pace import Pace
from app.insights.runs import Turn
from app.media import operations as media
from app.media.models import Media
from app.services.models import Service
from app.storage import store
from app.storage.deletion import known as known_keys
from app.storage.models import LedgerEntry
from tests import factories
from tests.strict import StrictClient

Travel = Callable[..., datetime]


def a_photo(service: Service, **given: Any) -> UUID:
    """The id of a photo of which two variants are in the store."""
    identity = uuid4()
    keys = [f"media/{identity}/1-640.jpg", f"media/{identity}/1-320.jpg"]
    for each in keys:
        store().write(each, io.BytesIO(b"photo"), size=5, content_type="image/jpeg")
    factories.media(service, **{"id": identity, "variants": [{"key": key} for key in keys], **given})
    return identity


def an_upload(service: Service) -> UUID:
    """The id of a file that arrived, and whose verification died halfway."""
    identity = a_photo(service, state="received", variants=None)
    key = f"incoming/{identity}/original"
    store().write(key, io.BytesIO(b"photo"), size=5, content_type="image/jpeg")
    db.session.get_one(Media, identity).incoming_key = key
    db.session.commit()
    return identity


def stored(photo: UUID) -> list[str]:
    """The objects of this photo that are in the store; other tests leave theirs."""
    return [each.key for each in store().list() if str(photo) in each.key]


def test_a_deleted_draft_keeps_its_files_while_it_can_be_restored(draft: Service, settings: Settings, travel: Travel) -> None:
    photo = a_photo(draft)
    operations.discard(draft, settings)
    db.session.commit()
    travel(days=6, hours=23)
    assert sweeps.purge(settings).drafts == 0
    assert len(stored(photo)) == 2


def test_after_that_row_files_and_objects_go(draft: Service, settings: Settings, travel: Travel) -> None:
    photo = a_photo(draft)
    operations.discard(draft, settings)
    db.session.commit()
    travel(days=7)
    assert sweeps.purge(settings).drafts == 1
    assert (db.session.query(Service).count(), db.session.query(Media).count(), stored(photo)) == (0, 0, [])


def test_what_was_verified_is_deleted_once_because_nobody_else_could_ever_write_it(
    draft: Service, settings: Settings, travel: Travel
) -> None:
    photo = a_photo(draft)
    operations.discard(draft, settings)
    db.session.commit()
    travel(days=7)
    sweeps.purge(settings)
    assert (stored(photo), db.session.query(LedgerEntry).count()) == ([], 0)


def test_what_was_sent_is_deleted_again_when_nothing_can_bring_it_back(
    draft: Service, settings: Settings, travel: Travel
) -> None:
    upload = an_upload(draft)
    operations.discard(draft, settings)
    db.session.commit()
    now = travel(days=7)
    sweeps.purge(settings)
    assert stored(upload) == []
    assert {each.settled_at for each in db.session.query(LedgerEntry)} == {now + timedelta(hours=6)}
    travel(hours=7)
    sweeps.purge(settings)
    assert db.session.query(LedgerEntry).count() == 0


def test_a_url_that_still_works_is_waited_for(draft: Service, settings: Settings, travel: Travel) -> None:
    operations.discard(draft, settings)
    now = travel(days=7)
    factories.media(draft, state="granted", urls_expire_at=now + timedelta(minutes=10))
    sweeps.purge(settings)
    assert {each.settled_at for each in db.session.query(LedgerEntry)} == {now + timedelta(hours=6, minutes=10)}


def test_the_keys_in_the_ledger_are_those_of_the_rows(ada: Any, draft: Service, settings: Settings, travel: Travel) -> None:
    travel()
    ready = factories.media(draft, variants=[{"key": "media/a/1.webp"}, {"key": "media/a/2.webp"}])
    document = factories.media(draft, variants=[{"key": "media/b/1.webp"}], original_key="media/b/1.pdf")
    bare = factories.media(draft)
    sent = factories.media(draft, state="granted", upload_id="parts")
    keys = [f"media/{row.id}/" for row in (ready, document, bare, sent)]
    keys += [bare.incoming_key, sent.incoming_key, sent.incoming_key]
    ids = ready.id, document.id
    assert media.delete_of("service", [draft.id]) == len([ready, document, bare, sent])
    found = db.session.query(LedgerEntry).all()
    assert sorted(each.key for each in found) == sorted(keys)
    known = {each.key: list(known_keys(each.keys)) for each in found if each.keys is not None}
    objects = ["media/a/1.webp", "media/a/2.webp"], ["media/b/1.pdf", "media/b/1.webp"]
    assert known == dict(zip([f"media/{each}/" for each in ids], objects, strict=True))
    assert [each.key for each in found if each.upload_id == "parts"] == [sent.incoming_key]
    assert {each.id.version for each in found} == {7}


def test_other_drafts_and_their_files_stay(ada: Any, draft: Service, settings: Settings, travel: Travel) -> None:
    other = factories.draft(ada, name="Beard trim", has_content=True)
    kept = a_photo(other)
    a_photo(draft)
    operations.discard(draft, settings)
    db.session.commit()
    travel(days=7)
    sweeps.purge(settings)
    assert db.session.query(Media).one().id == kept


def test_a_draft_that_was_restored_at_the_last_moment_stays(draft: Service, settings: Settings, travel: Travel) -> None:
    operations.discard(draft, settings)
    travel(days=6, hours=23)
    operations.restore(draft, settings)
    db.session.commit()
    travel(hours=2)
    assert sweeps.purge(settings).drafts == 0


def test_more_drafts_than_a_batch_all_go(app: Flask, ada: Any, settings: Settings, travel: Travel) -> None:
    now = travel()
    turn = Turn(pace=Pace(most=3, largest=3, seconds=1))
    for _each in range(8):
        db.session.add(Service(provider_id=ada.id, deleted_at=now, deleted_by="expiry", purge_at=now))
    db.session.commit()
    assert sweeps.purge(settings, turn).drafts == 8


def test_a_batch_that_is_not_committed_has_taken_nothing(draft: Service, settings: Settings, travel: Travel) -> None:
    photo = a_photo(draft)
    operations.discard(draft, settings)
    db.session.commit()
    travel(days=7)
    assert endings.purge_next(10, Position()) == 1
    db.session.rollback()
    assert db.session.query(Service).count() == 1
    assert (db.session.query(Media).one().id, db.session.query(LedgerEntry).count()) == (photo, 0)


def test_what_is_restored_has_its_files_and_its_text(draft: Service, settings: Settings, travel: Travel) -> None:
    photo = a_photo(draft)
    draft.answers = {"basics": {"typed": {"name": ["Haircut"]}, "version": 1, "complete": False, "saved_at": None}}
    operations.discard(draft, settings)
    db.session.commit()
    travel(days=6, hours=23)
    sweeps.purge(settings)
    operations.restore(draft, settings)
    db.session.commit()
    travel(days=1)
    sweeps.purge(settings)
    assert (len(stored(photo)), db.session.get_one(Service, draft.id).answers["basics"]["typed"]["name"]) == (2, ["Haircut"])  # type: ignore[index]


def test_deleting_for_good_lets_go_of_row_files_and_objects_at_once(draft: Service, settings: Settings) -> None:
    photo = a_photo(draft)
    operations.discard(draft, settings)
    operations.delete_for_good(draft)
    db.session.commit()
    assert (db.session.query(Service).count(), db.session.query(Media).count()) == (0, 0)
    sweeps.purge(settings)
    assert stored(photo) == []


def test_what_is_not_deleted_is_not_deleted_for_good(draft: Service, settings: Settings) -> None:
    with pytest.raises(Conflict):
        operations.delete_for_good(draft)


def test_a_published_service_is_not_deleted_for_good(ada: Any) -> None:
    with pytest.raises(Conflict):
        operations.delete_for_good(factories.published(ada))


def test_the_dashboard_deletes_for_good(draft: Service, settings: Settings, as_ada: StrictClient) -> None:
    operations.discard(draft, settings)
    db.session.commit()
    assert "Delete for good now" in as_ada.get("/drafts").page.words  # type: ignore[attr-defined]
    answer = as_ada.post(f"/drafts/{draft.id}/purge", follow_redirects=True)
    assert "“Haircut” is gone for good." in answer.page.words  # type: ignore[attr-defined]
    assert db.session.query(Service).count() == 0


def test_nobody_else_deletes_it_for_good(draft: Service, settings: Settings, as_boris: StrictClient) -> None:
    operations.discard(draft, settings)
    db.session.commit()
    assert as_boris.post(f"/drafts/{draft.id}/purge").status_code == 404
    assert db.session.query(Service).count() == 1


def test_what_happened_outlives_the_draft_and_names_nobody(draft: Service, settings: Settings) -> None:
    operations.discard(draft, settings)
    operations.delete_for_good(draft)
    db.session.commit()
    assert [(each.name, each.detail) for each in db.session.query(Event).order_by(Event.id)] == [
        ("started", None),
        ("discarded", "dashboard"),
    ]
    assert set(Event.__table__.columns.keys()) == {"id", "name", "service_id", "detail", "happened_at"}
