"""Deleting for good: rows, files, and what the store still holds."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Flask

from app.config import Settings
from app.drafts import operations, sweeps
from app.extensions import db
from app.insights.pace import Pace
from app.insights.runs import Turn
from app.media.models import Media
from app.services.models import Service
from app.storage import store
from app.storage.models import LedgerEntry
from tests import factories

Travel = Callable[..., datetime]


def a_photo(service: Service) -> UUID:
    """The id of a photo that is in the store, with one variant."""
    identity = uuid4()
    key = f"incoming/{identity}/original"
    for each in (key, f"media/{identity}/1-640.jpg"):
        store().write(each, io.BytesIO(b"photo"), size=5, content_type="image/jpeg")
    factories.media(service, id=identity, incoming_key=key)
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


def test_the_ledger_is_empty_when_nothing_can_bring_an_object_back(draft: Service, settings: Settings, travel: Travel) -> None:
    a_photo(draft)
    operations.discard(draft, settings)
    db.session.commit()
    travel(days=7)
    sweeps.purge(settings)
    assert db.session.query(LedgerEntry).count() == 2
    travel(hours=7)
    sweeps.purge(settings)
    assert db.session.query(LedgerEntry).count() == 0


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
