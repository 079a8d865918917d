"""Recording what happened, in the transaction in which it happens."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Update, insert, literal, select

from app import clock
from app.columns import UTCDateTime, fresh_id, new_id
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


def recorded(name: str, change: Update, service_id: Any, *columns: Any) -> Sequence[Row[Any]]:
    """Change services, and note the event of each that was changed, in the same transaction: what `change` returns of them, the id first."""
    if db.engine.dialect.name == "postgresql":
        changed = change.returning(service_id, *columns).cte("changed")
        each = select(fresh_id(), literal(name), changed.c[0], literal(clock.now(), UTCDateTime))
        noted = insert(Event).from_select(["id", "name", "service_id", "happened_at"], each, include_defaults=False)
        return db.session.execute(select(changed).add_cte(noted.cte("noted"))).all()
    rows = db.session.execute(change.returning(service_id, *columns), execution_options={"synchronize_session": False}).all()
    record_all(name, [row[0] for row in rows])
    return rows
