"""What goes at night, and what stays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app import clock
from app.config import Settings
from app.drafts import tidying
from app.drafts.models import ExpiryWarning
from app.drafts.tidying import Count, tidy
from app.extensions import db
from app.insights.models import Event
from app.media.models import Media
from app.services.models import Service
from tests import factories

Travel = Callable[..., datetime]


def edited(ada: Any, ago: timedelta) -> Service:
    typed = {"basics": {"typed": {"name": ["Other"]}, "version": 1}}
    return factories.published(ada, answers=typed, answers_schema="x", edited_at=clock.now() - ago)


def test_edits_that_nobody_came_back_for_are_dropped_and_the_listing_stays(ada: Any, settings: Settings) -> None:
    service = edited(ada, timedelta(days=181))
    live = factories.media(service, is_live=True)
    added = factories.media(service)
    assert tidy(settings).edits == 1
    db.session.expire_all()
    assert (service.answers, service.answers_schema, service.name, service.status) == (None, None, "Haircut", "published")
    assert (live.removed_at is None, added.removed_at is None) == (True, False)


def test_edits_that_are_being_made_stay(ada: Any, settings: Settings) -> None:
    edited(ada, timedelta(days=179))
    assert tidy(settings).edits == 0


def test_a_draft_that_was_never_published_is_not_an_edit(ada: Any, settings: Settings) -> None:
    factories.draft(ada, answers_schema="x", edited_at=clock.now() - timedelta(days=400))
    assert tidy(settings) == Count()


def test_a_file_of_a_service_that_is_gone_goes_with_its_objects_after_a_day(app: Flask, ada: Any, settings: Settings) -> None:
    now = clock.now()
    old = factories.media(ada, entity_type="service", entity_id=uuid4(), created_at=now - timedelta(hours=25))
    young = factories.media(ada, entity_type="service", entity_id=uuid4(), created_at=now - timedelta(hours=23))
    assert old is not young
    assert tidy(settings).files == 1
    assert db.session.query(Media).one().id == young.id


def test_files_are_looked_at_to_the_last_one_a_window_at_a_time(
    ada: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "WINDOW", 2)
    for _each in range(5):
        factories.media(ada, created_at=clock.now() - timedelta(hours=25))
        factories.media(factories.draft(ada))
    assert tidy(settings).files == 5


def test_a_file_that_was_never_attached_goes_after_a_day(ada: Any, settings: Settings) -> None:
    factories.media(ada, created_at=clock.now() - timedelta(hours=25))
    assert tidy(settings).files == 1


def test_a_file_of_a_service_stays(ada: Any, settings: Settings) -> None:
    factories.media(factories.draft(ada), created_at=clock.now() - timedelta(days=400))
    assert tidy(settings).files == 0


def warning(draft: Service, expires_at: datetime) -> None:
    row = ExpiryWarning(
        service_id=draft.id,
        provider_id=draft.provider_id,
        message_id="<1@example.com>",
        claimed_at=expires_at,
        expires_at=expires_at,
    )
    db.session.add(row)
    db.session.commit()


def test_a_warning_of_an_expiry_long_past_goes(ada: Any, settings: Settings) -> None:
    warning(factories.draft(ada), clock.now() - timedelta(days=31))
    assert tidy(settings).warnings == 1


def test_a_warning_that_the_deletion_needs_stays_however_old(ada: Any, settings: Settings) -> None:
    draft = factories.draft(ada, expires_at=clock.now() - timedelta(days=60))
    warning(draft, draft.expires_at)  # type: ignore[arg-type]
    assert tidy(settings).warnings == 0


def test_events_are_remembered_for_their_time(app: Flask, settings: Settings) -> None:
    for days in (399, 401):
        db.session.add(Event(name="started", service_id=uuid4(), happened_at=clock.now() - timedelta(days=days)))
    db.session.commit()
    assert tidy(settings).events == 1
    assert db.session.query(Event).count() == 1
