"""Changing an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.media.models import Media
from app.providers.models import Provider
from app.services.models import Service, Status
from app.services.operations import index_again, show_anew


@dataclass(frozen=True)
class Belongings:
    """What a provider has here, and what closing the account deletes. `drafts` includes deleted ones that could still be restored."""

    drafts: int
    services: int
    files: int


def belongings(provider_id: UUID) -> Belongings:
    """Count them."""
    is_draft = Service.status == Status.DRAFT
    drafts, services = db.session.execute(
        select(func.count().filter(is_draft), func.count().filter(~is_draft)).where(Service.provider_id == provider_id)
    ).one()
    files = db.session.scalar(select(func.count()).select_from(Media).where(Media.provider_id == provider_id))
    return Belongings(drafts, services, files or 0)


def change_profile(provider: Provider, values: Mapping[str, Any]) -> None:
    """Write what the provider chose. `wants_reminders` keeps the moment at which reminders were first stopped."""
    is_renamed = provider.display_name != values["display_name"]
    is_read_differently = provider.locale != values["locale"]
    for name in ("display_name", "has_public_page", "about", "time_zone", "locale", "currency"):
        setattr(provider, name, values[name])
    if values["wants_reminders"]:
        provider.reminders_stopped_at = None
    else:
        provider.reminders_stopped_at = provider.reminders_stopped_at or clock.now()
    db.session.flush()
    if is_renamed:
        index_again(Service.provider_id == provider.id)
    if is_read_differently:
        show_anew(provider.id)


def sign_out_everywhere(provider: Provider) -> None:
    """End every session and every remembered sign-in: they name a key that is nobody's any more."""
    provider.fs_uniquifier = uuid4().hex
    db.session.flush()
