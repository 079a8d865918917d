"""Looking at what was uploaded, and after what was left behind."""

from uuid import UUID

from app.media import reconcile as reconciling
from app.media import sweeps, verification
from jobs import job


@job
def verify(media_id: str) -> None:
    verification.verify(UUID(media_id))


@job
def sweep() -> None:
    sweeps.run()


@job
def reconcile() -> None:
    reconciling.nightly()
