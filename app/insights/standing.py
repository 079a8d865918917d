"""How the sweeps fare: for the command line, `/readyz` and the metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from croniter import croniter
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.insights.models import SweepRun

PATIENCE = timedelta(minutes=10)  # a worker that is busy with other jobs comes to it by then


@dataclass(frozen=True)
class Standing:
    """One sweep as it stands. `next_at` is None when no scheduler has announced it."""

    run: SweepRun
    now: datetime

    @property
    def is_running(self) -> bool:
        return self.run.holder is not None and self.run.lease_until is not None and self.run.lease_until > self.now

    @property
    def was_killed(self) -> bool:
        """Whether the latest run neither ended nor goes on."""
        return self.run.holder is not None and not self.is_running

    @property
    def is_failing(self) -> bool:
        return self.run.failures > 0 or self.was_killed

    @property
    def next_at(self) -> datetime | None:
        return following(self.run.cron, self.now) if self.run.cron else None

    @property
    def is_late(self) -> bool:
        """Whether the schedule came by twice since the latest run began (or since there is a schedule), and nothing has happened."""
        since = max((each for each in (self.run.started_at, self.run.announced_at) if each is not None), default=None)
        if self.run.cron is None or since is None or self.is_running:
            return False
        # A start in the future is one from before the clock was set back.
        since = min(since, self.now)
        return following(self.run.cron, following(self.run.cron, since)) + PATIENCE < self.now


def sweeps() -> Sequence[Standing]:
    """Every sweep that ever ran or is on the schedule."""
    now = clock.now()
    rows = db.session.scalars(select(SweepRun).order_by(SweepRun.name).execution_options(populate_existing=True))
    return [Standing(row, now) for row in rows]


def following(line: str, moment: datetime) -> datetime:
    """The first time after `moment` that a cron line names. Its fields are the machine's local time, as RQ's scheduler reads them."""
    times = croniter(line, moment.astimezone().replace(tzinfo=None))
    while True:
        # Where the clocks go back, an hour comes twice; cron means its first time, which may lie before `moment`.
        found: datetime = times.get_next(datetime).replace(fold=0).astimezone(UTC)
        if found > moment:
            return found
