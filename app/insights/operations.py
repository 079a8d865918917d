"""Recording what happened, in the transaction in which it happens."""

from uuid import UUID

from app.extensions import db
from app.insights.models import Event


def record(name: str, service_id: UUID, detail: str | None = None) -> None:
    """Note an event (started, completed, warned, resumed, kept, published, discarded, expired, restored) of a service."""
    db.session.add(Event(name=name, service_id=service_id, detail=detail))
