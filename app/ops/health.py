"""Is it alive, and is it ready: for load balancers and for the operator."""

from collections.abc import Callable

import structlog
from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from app.extensions import db
from app.insights import standing
from app.queue import is_reachable

health = Blueprint("health", __name__)
log = structlog.get_logger()


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers; it says nothing of what it stands on."""
    return {"status": "ok"}


@health.get("/readyz")
def readyz() -> ResponseReturnValue:
    """503 without the database. Without Redis drafts are still saved and mail waits, so that is said and does not take the process out of service;
    nor does a sweep that fails or is late."""
    database, queue = _holds("database", _ask_database), _holds("queue", is_reachable)
    sweeps = _sweeps() if database else {}
    status = "ok" if database and queue and not any(sweeps.values()) else "degraded" if database else "down"
    return {"status": status, "database": database, "queue": queue, "sweeps": sweeps}, 200 if database else 503


def _ask_database() -> bool:
    return db.session.scalar(text("SELECT 1")) == 1


def _sweeps() -> dict[str, list[str]]:
    """The names of those that fail, and of those that the schedule came by twice without a run. Why is said by `flask sweep status` and the log."""
    found = standing.sweeps()
    return {
        "failing": [each.run.name for each in found if each.is_failing],
        "late": [each.run.name for each in found if each.is_late],
    }


def _holds(name: str, question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Exception as error:
        # Whatever it is, it is the answer to the question; the log says more.
        log.warning("not ready", part=name, error=str(error), application=current_app.name)
        return False
