"""What is recorded in a draft's life: everything that the analysis of abandonment needs, and nobody's name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import insert, text

from app.drafts import operations, sweeps
from app.extensions import db
from app.insights.models import Event
from app.services.models import Service
from tests.drafts.conftest import settings
from tests.servers.smtp import MailServer
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE

__all__ = ["settings"]
Travel = Callable[..., datetime]


def test_a_whole_life_is_recorded_and_outlives_the_draft(
    as_ada: StrictClient, settings: Any, posted: MailServer, travel: Travel
) -> None:
    travel()
    as_ada.post("/drafts")
    draft = db.session.query(Service).one()
    url = f"/drafts/{draft.id}"
    as_ada.put(f"{url}/availability", data={**WHOLE["availability"], "version": "0"})
    travel(hours=24)
    sweeps.warn(settings)
    for act in ("", "/keep", "/discard", "/restore"):
        as_ada.post(url + act)
    travel(hours=25)
    sweeps.warn(settings)
    travel(hours=24)
    sweeps.expire(settings)
    db.session.refresh(draft)
    operations.delete_for_good(draft)
    db.session.commit()
    assert [(each.name, each.detail) for each in db.session.query(Event).order_by(Event.happened_at, Event.id)] == [
        ("started", None),
        ("completed", "availability"),
        ("warned", None),
        ("resumed", "dashboard"),
        ("kept", "dashboard"),
        ("discarded", "dashboard"),
        ("restored", "dashboard"),
        ("warned", None),
        ("expired", None),
    ]


def test_an_event_has_no_place_for_a_person() -> None:
    assert set(Event.__table__.columns.keys()) == {"id", "name", "service_id", "detail", "happened_at"}
    assert not Event.__table__.foreign_keys


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("name = 'warned' AND happened_at > '2026-11-22'", "ix_event_name"),
        ("service_id = '01a203c9acbc7085aaf0ef243182c210'", "ix_event_service"),
    ],
)
def test_both_questions_are_answered_by_an_index(app: Flask, travel: Travel, question: str, index: str) -> None:
    at = travel()
    names = [name for name in ("started", "completed", "kept", "published") for _each in range(500)] + ["warned"]
    rows = [{"id": uuid4(), "service_id": uuid4(), "name": name, "happened_at": at} for name in names]
    db.session.execute(insert(Event), rows)
    is_sqlite = db.engine.dialect.name == "sqlite"
    db.session.execute(text("ANALYZE event"))
    plan = db.session.execute(text(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}SELECT * FROM event WHERE {question}"))
    assert index in " ".join(str(row) for row in plan)
