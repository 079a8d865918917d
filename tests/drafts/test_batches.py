"""A row that is written anew in the moment between a sweep's first look and its lock, held there by PostgreSQL's own locks."""

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, func, select, text, update

from app.drafts.batches import chosen
from app.extensions import db
from app.services.models import Service
from tests.drafts.conftest import fresh

GATE = 20_261_122  # an advisory lock at which the sweep's first look stops


def end_what_is_due(counts: list[int]) -> None:
    """Every draft that is still there, by way of the gate."""
    due = [Service.deleted_at.is_(None), func.pg_advisory_xact_lock_shared(GATE).is_not(None)]
    ended: Any = db.session.execute(update(Service).where(*chosen(select(Service.id), due)).values(deleted_by="expiry"))
    db.session.commit()
    counts.append(ended.rowcount)


def sweep_while(app: Flask, change: Callable[[Connection], object]) -> int:
    """How many drafts a sweep ended that had looked before `change` was committed, and locks after it."""
    counts: list[int] = []

    def sweep() -> None:
        with app.app_context():
            end_what_is_due(counts)
            db.session.remove()

    beside = Thread(target=sweep)
    with db.engine.begin() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(:gate)"), {"gate": GATE})
        beside.start()
        patience = time.monotonic() + 15
        while not other.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")):
            assert time.monotonic() < patience, "the sweep never came to the gate"
        change(other)
    beside.join()
    return counts[0]


@pytest.fixture
def found(app: Flask, draft: Service) -> Service | None:
    """A draft that is due; None on SQLite, whose one writer leaves no such moment."""
    db.session.commit()
    return draft if db.engine.dialect.name == "postgresql" else None


def test_a_row_that_is_not_due_any_more_when_it_is_locked_is_left_alone(app: Flask, found: Service | None) -> None:
    if found is None:
        return
    gone = update(Service).values(deleted_at=found.edited_at, deleted_by="provider")
    assert sweep_while(app, lambda other: other.execute(gone)) == 0
    assert fresh(found).deleted_by == "provider"


def test_a_row_that_was_written_anew_and_is_still_due_is_ended_all_the_same(app: Flask, found: Service | None) -> None:
    if found is None:
        return
    assert sweep_while(app, lambda other: other.execute(update(Service).values(revision=Service.revision + 1))) == 1


def test_a_row_that_nobody_touched_is_ended_at_once(app: Flask, found: Service | None) -> None:
    if found is None:
        return
    assert sweep_while(app, lambda _other: None) == 1
