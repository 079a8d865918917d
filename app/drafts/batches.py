"""Taking work in pieces that several sweeps at once don't share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service


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


def chosen(batch: Select[Any]) -> Select[Any]:
    """The rows of a batch, for `IN (…)`. On PostgreSQL they are chosen and locked once, whatever the plan (a CTE); Python's driver of SQLite opens no
    transaction for a statement that begins with WITH, and there is nothing to lock."""
    if db.engine.dialect.name == "postgresql":
        return batch.with_for_update(of=Service, skip_locked=True).cte("batch").select()
    return batch
