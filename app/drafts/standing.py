"""What became of a draft since a mail about it was written: what the page behind a link says, and whether its button still does anything."""

from enum import StrEnum

from app.reminders.links import DraftLink
from app.services.models import Service


class Standing(StrEnum):
    """`waiting`: as the mail said. Everything else happened since; `deleted` may still be brought back."""

    WAITING = "waiting"
    KEPT = "kept"
    EDITED = "edited"
    PUBLISHED = "published"
    DELETED = "deleted"
    GONE = "gone"


def of(draft: Service | None, link: DraftLink) -> Standing:
    """Where the draft stands for somebody who comes from this link."""
    if draft is None:
        return Standing.GONE
    if not draft.is_draft:
        return Standing.PUBLISHED
    if draft.deleted_at is not None:
        return Standing.DELETED
    if draft.expires_at == link.expires_at:
        return Standing.WAITING
    return Standing.EDITED if draft.edited_at > link.made_at else Standing.KEPT
