"""The sweeps' statements read what is due, and not what is there: by the plans of both databases, on tables with many rows."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text, update

from app.config import Settings
from app.drafts import sweeps, tidying
from app.drafts.models import ExpiryWarning
from app.extensions import db
from app.insights.pace import Pace
from app.insights.runs import Turn
from app.services.models import Service
from bench import crowd
from tests.servers.smtp import MailServer

Travel = Callable[..., datetime]
Plans = dict[str, str]
MANY, DUE = 8000, 80


@pytest.fixture
def due(app: Flask, travel: Travel) -> datetime:
    """Eight thousand drafts of which eighty are due."""
    now = travel()
    with db.engine.begin() as connection:
        crowd.fill(connection, (crowd.PROVIDERS, crowd.DRAFTS, crowd.MEDIA, crowd.WARNINGS), MANY)
    analyse()
    return travel(to=now - timedelta(days=1) + timedelta(seconds=80_000 * DUE / MANY - 1))


def analyse() -> None:
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


@pytest.fixture
def plans(app: Flask) -> Iterator[Plans]:
    """The plan of each statement, asked for just before it ran."""
    found: Plans = {}
    explain = "EXPLAIN " if db.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "

    def ask(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")) and not many:
            cursor = connection.connection.cursor()
            cursor.execute(explain + statement, parameters)
            found[statement] = "\n".join(str(row[-1]) for row in cursor.fetchall())
            cursor.close()

    event.listen(db.engine, "before_cursor_execute", ask)
    yield found
    event.remove(db.engine, "before_cursor_execute", ask)


def one(plans: Plans, *words: str) -> str:
    """The plan of the statement that has these words."""
    matching = [plan for statement, plan in plans.items() if all(word in statement for word in words)]
    assert matching, (words, list(plans))
    return matching[0]


def reads_whole_tables(plans: Plans) -> list[str]:
    """Plans that walk through every draft or every file."""
    walks = ("Seq Scan on service", "Seq Scan on media", "SCAN service", "SCAN media")
    return [plan for plan in plans.values() for walk in walks if walk in plan and f"{walk} USING" not in plan]


def small() -> Turn:
    return Turn(pace=Pace(most=20, largest=20, seconds=1))


def test_expiring_finds_what_is_due_by_the_partial_index(due: datetime, settings: Settings, plans: Plans) -> None:
    assert sweeps.expire(settings, small()).drafts == DUE
    assert "ix_service_due" in one(plans, "FROM provider JOIN service")
    assert reads_whole_tables(plans) == []


def test_warning_finds_what_is_due_by_the_partial_index(
    due: datetime, settings: Settings, plans: Plans, posted: MailServer, travel: Travel
) -> None:
    db.session.execute(text("DELETE FROM warning"))
    db.session.execute(text("UPDATE provider SET reminders_stopped_at = NULL"))
    analyse()
    travel(to=due - timedelta(days=1))
    assert sweeps.warn(settings, small()).mails == DUE // 10
    assert "ix_service_due" in one(plans, "FROM provider JOIN service", "NOT (EXISTS")
    assert reads_whole_tables(plans) == []


def test_purging_finds_what_is_due_by_the_partial_index_and_files_by_their_draft(
    due: datetime, settings: Settings, plans: Plans
) -> None:
    values = {"deleted_at": due - timedelta(days=7), "deleted_by": "expiry", "purge_at": Service.expires_at}
    db.session.execute(update(Service).values(**values).execution_options(synchronize_session=False))
    analyse()
    plans.clear()
    assert sweeps.forget(small()).drafts == DUE
    assert "ix_service_purge" in one(plans, "DELETE FROM service")
    assert "ix_media_entity" in one(plans, "DELETE FROM media")
    assert reads_whole_tables(plans) == []


def test_tidying_finds_what_is_old_by_indexes_and_looks_at_files_a_window_at_a_time(
    due: datetime, settings: Settings, plans: Plans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the services are published, some of them are being edited; nothing is old, so that each statement looks for all there is."""
    monkeypatch.setattr(tidying, "WINDOW", 500)
    half = f"(SELECT id FROM service ORDER BY id LIMIT {MANY // 2})"
    db.session.execute(text(f"UPDATE service SET status = 'published', published_at = created_at WHERE id IN {half}"))
    db.session.execute(text("UPDATE service SET answers_schema = NULL WHERE published_at IS NOT NULL AND name LIKE '%1%'"))
    happened = text("INSERT INTO event (id, name, service_id, happened_at) SELECT id, 'started', id, created_at FROM service")
    db.session.execute(happened)
    analyse()
    plans.clear()
    assert tidying.tidy(settings, small()) == tidying.Count()
    assert "ix_service_abandoned" in one(plans, "FROM service", "service.edited_at <=", "LIMIT")
    assert "ix_warning_expires" in one(plans, "DELETE FROM warning")
    assert "ix_event_name" in one(plans, "DELETE FROM event")
    windows = [plan for statement, plan in plans.items() if statement.startswith("SELECT media.id")]
    assert all("pk_media" in plan or "sqlite_autoindex_media_1" in plan for plan in windows)
    assert reads_whole_tables(plans) == []


def test_what_is_announced_already_is_passed_once_and_not_for_each_mail(
    due: datetime, settings: Settings, posted: MailServer, statements: list[str], travel: Travel
) -> None:
    db.session.execute(text("UPDATE provider SET reminders_stopped_at = NULL"))
    announced = db.session.query(ExpiryWarning.service_id).order_by(ExpiryWarning.expires_at).limit(DUE // 2)
    db.session.execute(
        text("DELETE FROM warning WHERE service_id NOT IN (SELECT service_id FROM warning ORDER BY expires_at LIMIT 40)")
    )
    analyse()
    assert announced.count() == DUE // 2
    travel(to=due - timedelta(days=1))
    statements.clear()
    assert sweeps.warn(settings, small()).mails == DUE // 20
    claims = [each for each in statements if "FROM provider JOIN service" in each]
    assert all("service.expires_at >= " in each for each in claims[1:])
