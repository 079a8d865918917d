"""Taking work in pieces that several sweeps at once don't share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, func, select, text

from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service


def by_index() -> None:
    """For this transaction, tell PostgreSQL's planner what it can't know: what is due and what belongs to it lies side by side, and walking through
    a whole table is never the cheaper way to a batch. Nor is a statement worth compiling that is over in milliseconds."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL jit = off"))


@dataclass
class Position:
    """How far along the index a sweep has come. What lies behind was taken, is held by another sweep, or waits for something (a warning, a mail
    server): the next run begins anew. Without it every batch would look through all that waits once more."""

    reached: datetime | None = None


def next_providers(due: Sequence[ColumnElement[bool]], most: int, position: Position) -> list[UUID]:
    """The providers of the `most` drafts that are due first, held until the commit."""
    found = db.session.execute(holding_providers(due, most, position)).all()
    if found:
        position.reached = found[-1].expires_at
    return list(dict.fromkeys(row.id for row in found))


def holding_providers(due: Sequence[ColumnElement[bool]], most: int, position: Position) -> Select[UUID, datetime | None]:
    """The query for them, with a row and the expiry of each of the drafts: what is due of one provider is done by one sweep, in one mail.

    PostgreSQL skips providers that another sweep holds, and lets them go on saving (`NO KEY UPDATE`). SQLite has one writer at a time; there the
    statement that changes the rows finds nothing left to do.
    """
    statement = select(Provider.id, Service.expires_at).join(Service, Service.provider_id == Provider.id).where(*due)
    if position.reached is not None:
        statement = statement.where(Service.expires_at >= position.reached)
    statement = statement.order_by(Service.expires_at).limit(most)
    return statement.with_for_update(of=Provider, key_share=True, skip_locked=True)


def chosen(batch: Select[Any], due: Sequence[ColumnElement[bool]]) -> Sequence[ColumnElement[bool]]:
    """The condition that a statement changes the rows of a batch, and only if they are due.

    PostgreSQL chooses, locks and judges them in a CTE of the same statement: a row that changed since is judged anew when it is locked, and from then
    on nobody changes it. They are told by their key, and the conditions are asked once more where they are changed: where a row lies says nothing as
    soon as the table is in pieces, and two of them have a row at the same place.
    Python's driver of SQLite opens no transaction for a statement that begins with WITH; there is one writer, and nothing to lock.
    """
    if db.engine.dialect.name == "postgresql":
        held = batch.with_only_columns(Service.id).where(*due).with_for_update(of=Service, skip_locked=True).cte("batch")
        return [Service.id == any_(func.array(select(held.c.id).scalar_subquery())), *due]
    return [Service.id.in_(batch.where(*due)), *due]
