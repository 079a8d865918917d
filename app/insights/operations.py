"""Recording what happened, in the transaction in which it happens."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import insert

from app import clock
from app.columns import new_id
from app.extensions import db
from app.insights.models import Event


def record(name: str, service_id: UUID, detail: str | None = None) -> None:
    """Note an event (started, completed, warned, resumed, kept, published, discarded, expired, restored) of a service."""
    db.session.add(Event(name=name, service_id=service_id, detail=detail))


def record_all(name: str, service_ids: Collection[UUID], detail: str | None = None) -> None:
    """The same event of many services, in one statement."""
    if service_ids:
        each = {"name": name, "detail": detail, "happened_at": clock.now()}
        db.session.execute(insert(Event), [{"id": new_id(), "service_id": service_id} | each for service_id in service_ids])
