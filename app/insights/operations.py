"""Recording what happened, in the transaction in which it happens."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, insert, literal, select

from app import clock
from app.columns import UTCDateTime, fresh_id, new_id
from app.extensions import db
from app.insights.models import Event, Name


def record(name: Name, service_id: UUID, detail: str | None = None) -> None:
    """Note an event of a service."""
    db.session.add(Event(name=name, service_id=service_id, detail=detail))


def record_all(name: Name, service_ids: Collection[UUID], detail: str | None = None) -> None:
    """The same event of many services, in one statement."""
    if service_ids:
        each = {"name": name, "detail": detail, "happened_at": clock.now()}
        db.session.execute(insert(Event), [{"id": new_id(), "service_id": service_id} | each for service_id in service_ids])


def recording(name: Name, service_ids: Any) -> Insert:
    """The same as a part of a larger statement, on PostgreSQL: an event of each service in a column of another part."""
    each = select(fresh_id(), literal(name), service_ids, literal(clock.now(), UTCDateTime))
    return insert(Event).from_select(["id", "name", "service_id", "happened_at"], each, include_defaults=False)
