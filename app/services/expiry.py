"""Moving a draft's expiry: always ahead, whatever the settings and the clock say now.

A moment that a page or a mail has named is a promise, and a window that was made shorter since, or a clock that was set back, doesn't take it back.
And once a mail has named it, whatever somebody does makes it another moment, if only by a second: a warning and the links in its mail speak of one
moment, and die when it moves.
"""

from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from app.columns import UTCDateTime
from app.services.models import Service

A_SECOND = timedelta(seconds=1)


class Expiring(Protocol):
    """A draft's row, whatever else was read of it."""

    @property
    def expires_at(self) -> datetime | None: ...

    @property
    def announced_for(self) -> datetime | None: ...


def moved(service: Expiring, now: datetime, window: timedelta) -> datetime:
    """The expiry of a draft that is given this time from now on."""
    present, until = service.expires_at, now + window
    if present is None or present < until:
        return until
    return present + A_SECOND if service.announced_for == present else present


def moved_in_place(now: datetime, window: timedelta) -> ColumnElement[datetime]:
    """The same for a row that nobody has read, in the statement that changes it."""
    return moved_to(literal(now + window, UTCDateTime))


def moved_to(until: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """`moved_in_place` for a moment that the statement is given when it is sent."""
    present = Service.expires_at
    is_announced = and_(present >= until, Service.announced_for == present)
    return case((is_announced, _a_second_after(present)), (present > until, present), else_=until)


def edits_kept_until(service: Service, kept_for: timedelta) -> datetime:
    """When edits of a published service are dropped that nobody goes on with: at night, and not before this moment."""
    return service.edited_at + kept_for


class _a_second_after(GenericFunction[datetime]):
    type = UTCDateTime()
    inherit_cache = True


@compiles(_a_second_after)
def _with_intervals(element: Any, compiler: Any, **more: Any) -> str:
    return f"({compiler.process(element.clauses, **more)} + INTERVAL '1 second')"


@compiles(_a_second_after, "sqlite")
def _with_text(element: Any, compiler: Any, **more: Any) -> str:
    """SQLite keeps a moment as text and its functions know milliseconds at best: the six digits behind the point are put back as they were."""
    column = compiler.process(element.clauses, **more)
    return f"(strftime('%Y-%m-%d %H:%M:%S', {column}, '+1 second') || substr({column}, 20))"
