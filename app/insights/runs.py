"""Running a sweep: never the same one twice at once, never for longer than its time, and never without a trace.

Each run holds its sweep's row by a lease of minutes, taken in one statement and renewed while it works. Who is killed doesn't renew, and the next
run takes over. What says whether a draft may be deleted is not here: sweeps stay right when two of them run side by side after all.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import case, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.extensions import db
from app.insights.models import SweepRun
from app.insights.pace import Pace
from app.queue import enqueue

log = structlog.get_logger()
LEASE = timedelta(minutes=3)
RENEW = 20.0  # seconds
LONGEST = 240.0  # seconds of one run; a follow-up does the rest
TIMEOUT = 1800  # seconds; a job that hangs is ended by RQ
WORDS = 500


class AlreadyRuns(Exception):
    """Somebody else holds this sweep."""


class Turn:
    """The time that a run may take. Without a name nobody is told and nothing is held: for whoever sweeps by hand, in a test, or beside a run."""

    def __init__(self, name: str | None = None, longest: float = LONGEST, pace: Pace | None = None) -> None:
        self.name = name
        self.pace = pace or Pace.of_database()
        self.holder = uuid4()
        self.was_cut_short = False  # there may be more to do
        self._until = time.monotonic() + longest
        self._renewed = time.monotonic()

    def goes_on(self) -> bool:
        """Whether there is time for another batch. The clock on the wall is not asked: it may be set back while a sweep runs."""
        if time.monotonic() >= self._until or not self._is_held():
            self.was_cut_short = True
        return not self.was_cut_short

    def _is_held(self) -> bool:
        if self.name is None or time.monotonic() < self._renewed + RENEW:
            return True
        self._renewed = time.monotonic()
        return _change(self, lease_until=clock.now() + LEASE)


def run(name: str, sweep: Callable[[Turn], Any], *, longest: float = LONGEST, follow_up: bool = True) -> None:
    """Run the sweep unless it runs already (`AlreadyRuns`), and keep what it counted (a dataclass of numbers). If its time was not enough, a
    follow-up job is asked for.

    A sweep that raises is recorded as failed, and its error goes on to the caller.
    """
    turn = Turn(name, longest)
    if not _take(turn):
        raise AlreadyRuns(name)
    try:
        counts = asdict(sweep(turn))
        db.session.commit()
    except BaseException as error:
        db.session.rollback()
        _end(turn, "failed", error=f"{type(error).__name__}: {error}"[:WORDS])
        log.error("sweep failed", sweep=name, error=type(error).__name__)
        raise
    _end(turn, "handed over" if turn.was_cut_short else "done", counts=counts)
    log.info("sweep", sweep=name, handed_over=turn.was_cut_short, **counts)
    if turn.was_cut_short and follow_up:
        enqueue(name, timeout=TIMEOUT)


def scheduled(name: str, sweep: Callable[[Turn], Any], **options: Any) -> None:
    """The same for a job: one that finds its sweep running has nothing to do."""
    try:
        run(name, sweep, **options)
    except AlreadyRuns:
        log.info("sweep runs already", sweep=name)


def announce(schedule: Mapping[str, str]) -> None:
    """The scheduler says what it will start and when, so that everybody can see what is late. A line that stays keeps its first moment."""
    table, now = _insert(SweepRun), clock.now()
    with db.engine.begin() as connection:
        connection.execute(update(SweepRun).where(SweepRun.name.not_in(schedule)).values(cron=None))
        for name, line in schedule.items():
            is_same = SweepRun.cron == line
            values = {"cron": line, "announced_at": case((is_same, SweepRun.announced_at), else_=table.excluded.announced_at)}
            row = table.values(name=name, cron=line, announced_at=now, failures=0)
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


def _take(turn: Turn) -> bool:
    """In one statement: of two who try at once, one gets it. A lease from a future that can't be is one from before the clock was set back."""
    now = clock.now()
    is_free = or_(SweepRun.lease_until.is_(None), SweepRun.lease_until <= now, SweepRun.lease_until > now + 2 * LEASE)
    was_killed = SweepRun.holder.is_not(None)
    taken = {"holder": turn.holder, "lease_until": now + LEASE, "started_at": now}
    again = taken | {"failures": case((was_killed, SweepRun.failures + 1), else_=SweepRun.failures)}
    row = _insert(SweepRun).values(name=turn.name, failures=0, **taken)
    statement = row.on_conflict_do_update(index_elements=["name"], set_=again, where=is_free).returning(SweepRun.name)
    with db.engine.begin() as connection:
        return connection.execute(statement).first() is not None


def _end(turn: Turn, ended: str, *, counts: Mapping[str, int] | None = None, error: str | None = None) -> None:
    now = clock.now()
    values: dict[str, Any] = {"ended": ended, "finished_at": now, "counts": counts, "error": error}
    values |= {"failures": SweepRun.failures + 1} if error else {"failures": 0, "succeeded_at": now}
    _change(turn, holder=None, lease_until=None, **values)


def _change(turn: Turn, **values: Any) -> bool:
    """In a transaction of its own, and only while the row is this run's; False: somebody took over."""
    holder: UUID = turn.holder
    statement = update(SweepRun).where(SweepRun.name == turn.name, SweepRun.holder == holder).values(**values)
    with db.engine.begin() as connection:
        return bool(connection.execute(statement).rowcount)


def _insert(table: Any) -> Any:
    return (postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert)(table)
