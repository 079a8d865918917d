"""Taking work in pieces that several sweeps at once don't share."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service


def next_providers(due: Sequence[ColumnElement[bool]], most: int) -> list[UUID]:
    """The providers of the `most` drafts that are due first, held until the commit: what is due of one provider is done by one sweep, in one mail.

    PostgreSQL skips providers that another sweep holds, and lets them go on saving (`NO KEY UPDATE`). SQLite has one writer at a time; there the
    statement that changes the rows finds nothing left to do.
    """
    statement = select(Provider.id).join(Service, Service.provider_id == Provider.id).where(*due)
    statement = statement.order_by(Service.expires_at).limit(most)
    found = db.session.scalars(statement.with_for_update(of=Provider, key_share=True, skip_locked=True))
    return list(dict.fromkeys(found))
