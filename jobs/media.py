"""Looking at what was uploaded, and after what was left behind."""

from app.insights.runs import scheduled
from app.media import reconcile as reconciling
from app.media import sweeps, turns
from jobs import job


@job
def verify(_media_id: str) -> None:
    turns.verify_next()


@job
def sweep() -> None:
    scheduled("media.sweep", sweeps.run)


@job
def reconcile() -> None:
    scheduled("media.reconcile", reconciling.nightly, longest=reconciling.LONGEST, follow_up=False)
