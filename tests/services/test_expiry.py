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
WINDOW = timedelta(hours=48)
CASES = [
    (timedelta(hours=1), True, timedelta(hours=1)),
    (timedelta(0), True, timedelta(seconds=1)),
    (timedelta(0), False, timedelta(0)),
    (timedelta(hours=-1), True, timedelta(seconds=1)),
    (timedelta(hours=-1), False, timedelta(0)),
]


@pytest.mark.parametrize(("ahead", "is_announced", "moved"), CASES)
def test_a_later_moment_is_taken_and_one_that_a_mail_named_becomes_another(
    app: Flask, ada: Provider, ahead: timedelta, is_announced: bool, moved: timedelta
) -> None:
    now = PRESENT + ahead - WINDOW
    draft = factories.draft(ada, expires_at=PRESENT, announced_for=PRESENT if is_announced else None)
    assert expiry.moved(draft, now, WINDOW) == PRESENT + moved
    db.session.execute(update(Service).values(expires_at=expiry.moved_in_place(now, WINDOW)))
    db.session.refresh(draft)
    assert draft.expires_at == PRESENT + moved


def test_what_had_no_expiry_gets_one(app: Flask, ada: Provider) -> None:
    draft = factories.draft(ada, expires_at=None)
    assert expiry.moved(draft, PRESENT - WINDOW, WINDOW) == PRESENT
    db.session.execute(update(Service).values(expires_at=expiry.moved_in_place(PRESENT - WINDOW, WINDOW)))
    db.session.refresh(draft)
    assert draft.expires_at == PRESENT
