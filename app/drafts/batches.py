"""Taking work in pieces that several sweeps at once don't share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, text

from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service


def by_index() -> None:
    """For this transaction, tell PostgreSQL's planner what it can't know: what is due and what belongs to it lies side by side, and walking through
    a whole table is never the cheaper way to a batch."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL enable_seqscan = off"))


@dataclass
class Position:
    """How far along the index a sweep has come. What lies behind was taken, is held by another sweep, or waits for something (a warning, a mail
    server): the next run begins anew. Without it every batch would look through all that waits once more."""

    reached: datetime | None = None


def next_providers(due: Sequence[ColumnElement[bool]], most: int, position: Position) -> list[UUID]:
    """The providers of the `most` drafts that are due first, held until the commit: what is due of one provider is done by one sweep, in one mail.

    PostgreSQL skips providers that another sweep holds, and lets them go on saving (`NO KEY UPDATE`). SQLite has one writer at a time; there the
    statement that changes the rows finds nothing left to do.
    """
    statement = select(Provider.id, Service.expires_at).join(Service, Service.provider_id == Provider.id).where(*due)
    if position.reached is not None:
        statement = statement.where(Service.expires_at >= position.reached)
    statement = statement.order_by(Service.expires_at).limit(most)
    found = db.session.execute(statement.with_for_update(of=Provider, key_share=True, skip_locked=True)).all()
    if found:
        position.reached = found[-1].expires_at
    return list(dict.fromkeys(row.id for row in found))


def chosen(batch: Select[Any], due: Sequence[ColumnElement[bool]]) -> Sequence[ColumnElement[bool]]:
    """The condition that a statement changes the rows of a batch, and only if they are due.

    PostgreSQL chooses, locks and judges them in a CTE of the same statement: a row that changed since is judged anew when it is locked, and from then
    on nobody changes it. Asked once more outside, the conditions would make it read everything that is due for each batch.
    Python's driver of SQLite opens no transaction for a statement that begins with WITH; there is one writer, and nothing to lock.
    """
    if db.engine.dialect.name == "postgresql":
        held = batch.where(*due).with_for_update(of=Service, skip_locked=True)
        return [Service.id.in_(held.cte("batch").select())]
    return [Service.id.in_(batch.where(*due)), *due]
