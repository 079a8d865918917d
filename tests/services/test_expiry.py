"""Moving an expiry: always ahead, and never to the moment that it had."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.providers.models import Provider
from app.services import expiry
from app.services.models import Service
from tests import factories

PRESENT = datetime(2026, 11, 24, 23, 59, 59, 123456, tzinfo=UTC)
CASES = [
    (timedelta(hours=1), timedelta(hours=1)),
    (timedelta(0), timedelta(seconds=1)),
    (timedelta(hours=-1), timedelta(seconds=1)),
]


@pytest.mark.parametrize(("ahead", "moved"), CASES)
def test_a_later_moment_is_taken_and_any_other_is_a_second_after_the_present_one(ahead: timedelta, moved: timedelta) -> None:
    assert expiry.moved(PRESENT, PRESENT + ahead) == PRESENT + moved


@pytest.mark.parametrize(("ahead", "moved"), CASES)
def test_the_database_does_the_same(app: Flask, ada: Provider, ahead: timedelta, moved: timedelta) -> None:
    draft = factories.draft(ada, expires_at=PRESENT)
    db.session.execute(update(Service).values(expires_at=expiry.moved_in_place(PRESENT + ahead)))
    db.session.refresh(draft)
    assert draft.expires_at == PRESENT + moved


def test_what_had_no_expiry_gets_one(app: Flask, ada: Provider) -> None:
    draft = factories.draft(ada, expires_at=None)
    db.session.execute(update(Service).values(expires_at=expiry.moved_in_place(PRESENT)))
    db.session.refresh(draft)
    assert draft.expires_at == expiry.moved(None, PRESENT) == PRESENT
