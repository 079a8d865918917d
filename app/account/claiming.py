"""From a guest to an account: the drafts move, with everything that belongs to them, and the guest is gone.

Two things can be proved, and each opens one way. **The cookie proves the browser**: whoever signs in where a guest has been takes that guest's drafts
along. **The link proves the address**: whoever opens it may put the drafts into the account of that address, on any device, because the guest asked
for it there. A guest who signs up does both by halves: the account remembers who asked for it, and takes the drafts when its address is confirmed,
wherever that happens. Nothing else names a guest, so nobody's drafts can be claimed by guessing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import undefer

from app import clock
from app.config import Settings
from app.drafts import rules
from app.errors import Refused
from app.extensions import db
from app.insights.operations import record_all
from app.media import operations as media
from app.media.models import Media
from app.providers.access import lock
from app.providers.models import Provider
from app.reminders import links
from app.services import expiry
from app.services.models import Service


@dataclass(frozen=True)
class Claimed:
    """What came along, and from which guest (none when somebody was faster): the open drafts in which there is something, and which of them
    was to be published."""

    guest_id: UUID | None = None
    drafts: Sequence[UUID] = ()
    to_publish: UUID | None = None


UNSYNCHRONISED = {"synchronize_session": False}


def claim(guest_id: UUID, provider_id: UUID, settings: Settings) -> Claimed:
    """Give all that a guest has to an account, once; nothing came along when somebody was faster.

    One statement moves the drafts and one the files. No byte moves: keys don't depend on who owns a file. Coming along is something done, so
    each draft has its whole window again, from now on with somebody who can be warned.
    """
    for identity in sorted((guest_id, provider_id)):  # always in this order, so that two of these never wait for each other
        lock(identity)
    guest = db.session.get(Provider, guest_id, populate_existing=True)
    if guest is None or not guest.is_guest or guest_id == provider_id:
        return Claimed()
    later = expiry.moved_in_place(clock.now(), settings.draft_delete_after)
    values = {"provider_id": provider_id, "expires_at": case((rules.IS_OPEN, later), else_=Service.expires_at)}
    moved = update(Service).where(Service.provider_id == guest_id).values(**values)
    rows = db.session.execute(
        moved.returning(Service.id, Service.has_content, Service.deleted_at), execution_options=UNSYNCHRONISED
    ).all()
    files = update(Media).where(Media.provider_id == guest_id).values(provider_id=provider_id)
    db.session.execute(files, execution_options=UNSYNCHRONISED)
    wanted = guest.publishing_id
    _forget(guest)
    taken = [row.id for row in rows if row.has_content and row.deleted_at is None]
    record_all("claimed", taken)
    return Claimed(guest_id, taken, wanted if wanted in taken else None)


def promised(provider_id: UUID) -> Sequence[UUID]:
    """The guests who signed up for this account."""
    statement = select(Provider.id).where(Provider.claimant_id == provider_id, Provider.guest_since.is_not(None))
    return db.session.scalars(statement.order_by(Provider.id)).all()


def promise(guest_id: UUID, provider_id: UUID) -> None:
    """The guest signs up for this account. It has nothing of theirs before it is confirmed."""
    mine = (Provider.id == guest_id, Provider.guest_since.is_not(None))
    db.session.execute(update(Provider).where(*mine).values(claimant_id=provider_id), execution_options=UNSYNCHRONISED)


def offer(guest: Provider, address: str, settings: Settings) -> None:
    """Let whoever reads this mailbox take over; a link to another address dies. The drafts have their whole window again: nobody can be warned."""
    if not waiting(guest.id):
        raise Refused(_("There is no draft yet that could be finished later."))
    guest.offered_to = links.digest(address)
    later = expiry.moved_in_place(clock.now(), settings.draft_delete_after)
    mine = update(Service).where(Service.provider_id == guest.id, rules.IS_OPEN).values(expires_at=later)
    db.session.execute(mine, execution_options=UNSYNCHRONISED)


def waiting(guest_id: UUID) -> Sequence[Service]:
    """A guest's open drafts in which there is something, last touched first."""
    mine = select(Service).where(Service.provider_id == guest_id, rules.IS_OPEN, Service.has_content.is_(True))
    statement = mine.options(undefer(Service.answers)).order_by(Service.edited_at.desc())
    return db.session.scalars(statement.execution_options(populate_existing=True)).all()


def leave(guest: Provider) -> None:
    """Delete a guest with all that is theirs; the objects go into the ledger in the same transaction."""
    lock(guest.id)
    media.delete_of_provider(guest.id)
    _forget(guest)


def _forget(guest: Provider) -> None:
    db.session.expunge(guest)
    db.session.execute(delete(Provider).where(Provider.id == guest.id), execution_options=UNSYNCHRONISED)
