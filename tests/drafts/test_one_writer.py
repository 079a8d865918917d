"""SQLite has one writer: how long a sweep holds it up is held here by how much it does in one go, because seconds differ from machine to machine."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from app.config import Settings
from app.drafts import sweeps
from app.extensions import db
from app.insights import pace
from app.insights.pace import Pace
from app.insights.runs import Turn
from bench import crowd

MANY, MOST_DRAFTS = 1000, 100
MOST_STATEMENTS = 4  # the drafts, what happened to them, the mails that are owed, their files or what is noted of them


@pytest.fixture
def due(app: Flask, travel: Callable[..., datetime]) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.begin() as connection:
        crowd.fill(connection, (crowd.PROVIDERS, crowd.DRAFTS, crowd.MEDIA, crowd.WARNINGS), MANY)
    travel()


@pytest.fixture
def written(app: Flask) -> Iterator[list[list[str]]]:
    """What each transaction wrote, from the statement that took the writer's place to the commit."""
    transactions: list[list[str]] = [[]]

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SELECT", "PRAGMA")):
            transactions[-1].append(statement)

    def end(_connection: Any) -> None:
        if transactions[-1]:
            transactions.append([])

    event.listen(db.engine, "after_cursor_execute", note)
    event.listen(db.engine, "commit", end)
    yield transactions
    event.remove(db.engine, "after_cursor_execute", note)
    event.remove(db.engine, "commit", end)


@pytest.fixture
def rested(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses, and nobody waits for them; by this clock no work takes any time, so that batches become as large as they may."""
    pauses: list[float] = []
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        pauses.append(seconds)
        now += seconds

    monkeypatch.setattr(pace, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: now))
    return pauses


@pytest.mark.parametrize("name", ["expire", "forget"])
def test_a_transaction_of_a_sweep_is_small_and_a_pause_follows_it(
    app: Flask,
    due: None,
    settings: Settings,
    written: list[list[str]],
    rested: list[float],
    travel: Callable[..., datetime],
    name: str,
) -> None:
    if db.engine.dialect.name != "sqlite":
        assert Pace.of_database().pause == 0
        return
    if name == "forget":
        db.session.execute(text("UPDATE service SET deleted_at = edited_at, deleted_by = 'expiry', purge_at = expires_at"))
        db.session.commit()
    travel(hours=24)
    del written[:-1]
    sweep = sweeps.expire if name == "expire" else lambda settings, turn: sweeps.forget(turn)
    assert sweep(settings, Turn()).drafts == MANY
    batches = [each for each in written if each]
    assert len(batches) >= MANY / MOST_DRAFTS
    assert all(len(each) <= MOST_STATEMENTS for each in batches)
    assert len(rested) >= len(batches) - 1
    assert min(rested) > timedelta(milliseconds=19).total_seconds()
