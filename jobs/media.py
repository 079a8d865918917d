"""Looking at what was uploaded, and after what was left behind."""

from uuid import UUID

from app.insights.runs import scheduled
from app.media import reconcile as reconciling
from app.media import sweeps, verification
from jobs import job


@job
def verify(media_id: str) -> None:
    verification.verify(UUID(media_id))


@job
def sweep() -> None:
    scheduled("media.sweep", sweeps.run)


@job
def reconcile() -> None:
    scheduled("media.reconcile", reconciling.nightly, longest=reconciling.LONGEST, follow_up=False)
