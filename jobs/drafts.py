"""Warning about drafts, deleting them, and deleting what they uploaded."""

from app import config
from app.drafts import sweeps
from jobs import job


@job
def warn() -> None:
    sweeps.warn(config.current())


@job
def expire() -> None:
    sweeps.expire(config.current())


@job
def purge() -> None:
    sweeps.purge(config.current())
