"""Whose file is looked at next. Providers take turns, so that nobody with many files holds up the others, also where there is one worker.

All guests of one network are one party: they cost nothing to make. Each job in the queue is a turn and not a file: it takes whichever file is due.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select, update

from app import clock
from app.extensions import db, table
from app.media import verification
from app.media.asking import LONGEST
from app.media.models import Kind, Media, State
from app.providers.models import Provider

LOST = timedelta(minutes=2)  # a photo or document that was begun longer ago and is not done has lost its worker
RECENT = timedelta(hours=1)  # turns before that are forgotten
NEVER = datetime.min.replace(tzinfo=UTC)
MEDIA, PROVIDER = table(Media), table(Provider)


def verify_next() -> UUID | None:
    """Look at the file that is due; which one, or `None` where none is."""
    identity = _begin()
    if identity is not None:
        verification.verify(identity)
    return identity


def _begin() -> UUID | None:
    """Mark the file that is due as begun, in a transaction of its own: another worker takes the next one."""
    now = clock.now()
    with db.engine.begin() as connection:
        for identity in _due(connection, now):
            begun = update(MEDIA).where(MEDIA.c.id == identity, _waits(now)).values(began_at=now)
            if connection.execute(begun).rowcount == 1:
                return identity
    return None


def _waits(now: datetime) -> ColumnElement[bool]:
    kind = MEDIA.c.began_at.type
    patience = case(
        (MEDIA.c.kind == Kind.VIDEO, literal(now - timedelta(seconds=LONGEST), kind)), else_=literal(now - LOST, kind)
    )
    return and_(MEDIA.c.state == State.RECEIVED, or_(MEDIA.c.began_at.is_(None), MEDIA.c.began_at <= patience))


def _due(connection: Connection, now: datetime) -> Iterator[UUID]:
    """The first file of each provider, that of the party first whose last turn is longest ago."""
    place = func.row_number().over(partition_by=MEDIA.c.provider_id, order_by=(MEDIA.c.received_at, MEDIA.c.id))
    firsts = select(MEDIA.c.id, MEDIA.c.provider_id, MEDIA.c.received_at, place.label("place")).where(_waits(now)).subquery()
    statement = select(firsts.c.id, firsts.c.received_at, PROVIDER.c.id.label("owner"), PROVIDER.c.network)
    found = connection.execute(statement.join(PROVIDER, PROVIDER.c.id == firsts.c.provider_id).where(firsts.c.place == 1)).all()
    last = _turns(connection, found, now) if len(found) > 1 else {}
    for row in sorted(found, key=lambda each: (last.get(_party(each), NEVER), each.received_at or NEVER)):
        yield row.id


def _turns(connection: Connection, found: Any, now: datetime) -> dict[str, datetime]:
    """When each party had its last turn."""
    owners, networks = {each.owner for each in found}, {each.network for each in found} - {None}
    statement = select(
        PROVIDER.c.id.label("owner"), PROVIDER.c.network, func.max(MEDIA.c.began_at, type_=MEDIA.c.began_at.type).label("last")
    )
    statement = statement.join(MEDIA, MEDIA.c.provider_id == PROVIDER.c.id).where(MEDIA.c.began_at > now - RECENT)
    statement = statement.where(or_(PROVIDER.c.id.in_(owners), PROVIDER.c.network.in_(networks)))
    last: dict[str, datetime] = {}
    for row in connection.execute(statement.group_by(PROVIDER.c.id, PROVIDER.c.network)):
        last[_party(row)] = max(row.last, last.get(_party(row), NEVER))
    return last


def _party(row: Any) -> str:
    return row.network or str(row.owner)
