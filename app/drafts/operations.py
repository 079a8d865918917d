"""What happens to a draft as a whole: start, touch, discard, restore, keep."""

from sqlalchemy import select

from app import clock
from app.config import Settings
from app.extensions import db
from app.insights.operations import record
from app.providers.models import Provider
from app.services.models import Service, Status


def start(provider: Provider, settings: Settings, *, reuse: bool = True) -> Service:
    """The provider's new draft, or the untouched one that is already there: ten clicks make one row."""
    found = _untouched(provider) if reuse else None
    if found is not None:
        found.expires_at = clock.now() + settings.draft_delete_after
        return found
    now = clock.now()
    draft = Service(
        provider_id=provider.id,
        currency=provider.currency,
        created_at=now,
        edited_at=now,
        expires_at=now + settings.draft_delete_after,
    )
    db.session.add(draft)
    db.session.flush()
    record("started", draft.id)
    return draft


def _untouched(provider: Provider) -> Service | None:
    return db.session.scalars(
        select(Service)
        .where(
            Service.provider_id == provider.id,
            Service.status == Status.DRAFT,
            Service.has_content.is_(False),
            Service.deleted_at.is_(None),
        )
        .order_by(Service.created_at.desc())
        .limit(1)
        .with_for_update()
    ).first()
