"""Discarding, restoring, keeping, and copying."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.drafts import operations
from app.drafts.duplicates import duplicate
from app.errors import Conflict, Gone, Refused
from app.extensions import db
from app.insights.models import Event
from app.providers.models import Provider
from app.services.models import Service
from app.wizard import publishing
from app.wizard.context import Context
from tests import factories

Travel = Callable[..., datetime]


def names(service: Service) -> list[str]:
    return [event.name for event in db.session.query(Event).filter_by(service_id=service.id).order_by(Event.id)]


def test_a_discarded_draft_can_be_restored_for_seven_days(draft: Service, settings: Settings, travel: Travel) -> None:
    now = travel()
    operations.discard(draft, settings)
    assert (draft.deleted_at, draft.deleted_by, draft.purge_at) == (now, "provider", now + timedelta(days=7))
    travel(days=6, hours=23)
    operations.restore(draft, settings)
    assert draft.deleted_at is None
    assert names(draft) == ["started", "discarded", "restored"]


def test_after_that_it_can_not(draft: Service, settings: Settings, travel: Travel) -> None:
    operations.discard(draft, settings)
    travel(days=7)
    with pytest.raises(Gone):
        operations.restore(draft, settings)


def test_discarding_twice_discards_once(draft: Service, settings: Settings, travel: Travel) -> None:
    now = travel()
    operations.discard(draft, settings)
    travel(hours=1)
    operations.discard(draft, settings)
    assert draft.deleted_at == now
    assert names(draft).count("discarded") == 1


def test_restoring_what_is_not_deleted_changes_nothing(draft: Service, settings: Settings, travel: Travel) -> None:
    before = draft.expires_at
    travel(hours=1)
    operations.restore(draft, settings)
    assert draft.expires_at == before


def test_a_published_service_can_not_be_discarded(ada: Any, settings: Settings) -> None:
    with pytest.raises(Refused):
        operations.discard(factories.published(ada), settings)


def test_keeping_gives_the_whole_window_from_now(draft: Service, settings: Settings, travel: Travel) -> None:
    now = travel(hours=30)
    operations.keep(draft, settings)
    assert draft.expires_at == now + timedelta(hours=48)
    assert names(draft) == ["started", "kept"]


def test_keeping_never_shortens_what_was_promised(draft: Service, settings: Settings, travel: Travel) -> None:
    later = travel() + timedelta(days=9)
    draft.expires_at = later
    db.session.flush()
    operations.keep(draft, settings)
    assert draft.expires_at == later


def test_restoring_never_shortens_what_was_promised(draft: Service, settings: Settings, travel: Travel) -> None:
    draft.expires_at = later = travel() + timedelta(days=9)
    operations.discard(draft, settings)
    operations.restore(draft, settings)
    assert draft.expires_at == later


def test_a_deleted_draft_can_not_be_kept(draft: Service, settings: Settings) -> None:
    operations.discard(draft, settings)
    with pytest.raises(Gone):
        operations.keep(draft, settings)


def test_a_published_service_need_not_be_kept(ada: Any, settings: Settings) -> None:
    with pytest.raises(Refused):
        operations.keep(factories.published(ada), settings)


def test_a_draft_that_was_discarded_in_between_is_not_published(ada: Any, draft: Service, settings: Settings) -> None:
    context = Context.of(ada, draft)
    stale = draft.revision
    operations.discard(draft, settings)
    draft.revision = stale  # what a request had read that began before
    db.session.expunge(draft)
    with pytest.raises(Conflict):
        publishing._claim(context.service)


def test_a_copy_begins_with_everything(ada: Any, settings: Settings) -> None:
    source = factories.published(ada, name="Haircut", gallery=[{"id": "x", "alt": ""}])
    copy, _left_out = duplicate(source, ada, settings)
    assert (copy.is_draft, copy.name, copy.price_minor, copy.gallery, copy.has_content) == (True, "Haircut", 4500, None, True)
    done = [stop.key for stop in publishing.journey(Context.of(ada, copy)).stops if stop.mark == "done"]
    assert {"basics", "details", "price"} <= set(done)


def test_a_copy_does_not_reuse_an_untouched_draft(ada: Any, draft: Service, settings: Settings) -> None:
    untouched = factories.draft(ada)
    assert duplicate(draft, ada, settings)[0].id != untouched.id


def test_two_clicks_at_once_make_one_row(app: Flask, ada: Any, settings: Settings) -> None:
    identity, made = ada.id, []

    def click() -> None:
        with app.app_context():
            made.append(operations.start(db.session.get_one(Provider, identity), settings).id)
            db.session.commit()
            db.session.remove()

    first = operations.start(ada, settings).id
    second = Thread(target=click)
    second.start()
    second.join(timeout=0.5)  # it waits for the first, or has made a row of its own by now
    db.session.commit()
    second.join()
    assert made == [first]
