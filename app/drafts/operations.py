"""What happens to a draft as a whole: start, discard, restore, delete for good, keep.

Saving a step moves its expiry too, and so does a file that arrives."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, delete, func, select, update

from app import clock
from app.config import Settings
from app.errors import Conflict, Gone, Refused
from app.extensions import db
from app.insights.operations import record
from app.media.operations import delete_of
from app.providers.access import lock
from app.providers.models import Provider
from app.services import expiry
from app.services.models import Service, Status
from app.transaction import read_again
from app.wizard.context import ENTITY

# Whatever reads the row before a draft is deleted or restored, and writes after, meets another revision: a publication must not revive half of it.
MOVED = {"revision": Service.revision + 1}
STATE = ("status", "deleted_at", "deleted_by", "purge_at", "expires_at", "revision")


def start(provider: Provider, settings: Settings, *, reuse: bool = True) -> Service:
    """The provider's new draft, or the untouched one that is already there: ten clicks make one row.

    `Refused` for a guest who has as many as guests may.
    """
    if reuse:
        lock(provider.id)  # of two clicks at once, the second finds the draft of the first
    found = _untouched(provider) if reuse else None
    if found is not None:
        found.expires_at = expiry.moved(found, clock.now(), settings.draft_delete_after)
        return found
    if provider.is_guest:
        _check_guest(provider, settings)
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


def _check_guest(guest: Provider, settings: Settings) -> None:
    mine = (Service.provider_id == guest.id, Service.status == Status.DRAFT, Service.deleted_at.is_(None))
    if (db.session.scalar(select(func.count()).where(*mine)) or 0) >= settings.guest_drafts:
        raise Refused(
            ngettext(
                "Without an account you can have one draft. Sign up, and it comes along.",
                "Without an account you can have %(num)s drafts. Sign up, and they come along.",
                settings.guest_drafts,
            )
        )


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


def discard(
    service: Service, settings: Settings, origin: str = "dashboard", *, only_if_expires_at: datetime | None = None
) -> None:
    """Delete a draft at its provider's wish; it can be brought back until `purge_at`. Doing it twice does it once.

    Who decided by an old mail gives the expiry that it spoke of: a draft that was edited or kept since stays. Raises `Refused` for anything but a
    draft: what was ever published is archived instead.
    """
    now = clock.now()
    values = {"deleted_at": now, "deleted_by": "provider", "purge_at": now + settings.draft_restore_for}
    unchanged = [] if only_if_expires_at is None else [Service.expires_at == only_if_expires_at]
    if _change(service, Service.status == Status.DRAFT, Service.deleted_at.is_(None), *unchanged, **values, **MOVED):
        record("discarded", service.id, origin)
    elif not service.is_draft:
        raise Refused(_("This service was published and can't be deleted like a draft. Archive it instead."))


def restore(service: Service, settings: Settings, origin: str = "dashboard") -> None:
    """Bring a deleted draft back, with the whole window ahead of it. Raises `Gone` once its time for that has passed."""
    now = clock.now()
    expires_at = expiry.moved_in_place(now, settings.draft_delete_after)
    values = {"deleted_at": None, "deleted_by": None, "purge_at": None, "expires_at": expires_at}
    if _change(service, Service.deleted_at.is_not(None), Service.purge_at > now, **values, **MOVED):
        record("restored", service.id, origin)
    elif service.deleted_at is not None:
        raise Gone(_("This draft was deleted too long ago to be brought back."))


def delete_for_good(service: Service) -> None:
    """Let go of a deleted draft and everything it uploaded before its time: its objects go into the ledger in the same transaction.

    Raises `Conflict` for one that isn't deleted, or was brought back by another tab.
    """
    is_deleted = (Service.status == Status.DRAFT, Service.deleted_at.is_not(None))
    gone = delete(Service).where(Service.id == service.id, *is_deleted)
    result: Any = db.session.execute(gone, execution_options={"synchronize_session": False})
    if result.rowcount != 1:
        raise Conflict()
    db.session.expunge(service)
    delete_of(ENTITY, [service.id])


def keep(service: Service, settings: Settings, origin: str = "dashboard") -> None:
    """Give a draft the whole window again, from now. A later moment that was promised already is not taken back (`services/expiry.py`).

    Raises `Gone` for a deleted draft, and `Refused` for a service that was published, which is never deleted for lying idle.
    """
    later = expiry.moved_in_place(clock.now(), settings.draft_delete_after)
    if _change(service, Service.status == Status.DRAFT, Service.deleted_at.is_(None), expires_at=later):
        record("kept", service.id, origin)
    elif not service.is_draft:
        raise Refused(_("This service is published: it is never deleted for lying idle."))
    else:
        raise Gone(_("This draft is deleted already."))


def _change(service: Service, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Change the row if it still is what it has to be: a sweep or another tab may have been faster than what was read."""
    statement = update(Service).where(Service.id == service.id, *conditions).values(**values)
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    read_again(service, STATE)
    return bool(result.rowcount == 1)
