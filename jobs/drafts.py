"""Warning about drafts, deleting them, and deleting what they uploaded."""

from functools import partial

from app import config
from app.drafts import sweeps, tidying
from app.insights.runs import scheduled
from jobs import job


@job
def warn() -> None:
    scheduled("drafts.warn", partial(sweeps.warn, config.current()))


@job
def expire() -> None:
    scheduled("drafts.expire", partial(sweeps.expire, config.current()))


@job
def purge() -> None:
    scheduled("drafts.purge", partial(sweeps.purge, config.current()))


@job
def tidy() -> None:
    scheduled("drafts.tidy", partial(tidying.tidy, config.current()))
