"""Links in mails: signed, for one purpose each, and bound to the state they were made for.

Whoever holds a link may do what it says, without signing in; so it says very little: *keep this draft, which expires then*. Once the draft's expiry
has moved, because it was edited, kept or published, the link no longer fits, and the page behind it says what happened instead.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer

from app import clock
from app.errors import Gone, NotFound
from app.providers.models import Provider

# One salt each: a link that keeps a draft can't be turned into one that deletes it.
PURPOSES = ("resume", "keep", "delete", "stop", "finish")
LIFETIME = timedelta(days=90)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class DraftLink:
    """What a link to a draft speaks of: which draft, which of its expiries, and when it was written."""

    service_id: UUID
    expires_at: datetime
    made_at: datetime


@dataclass(frozen=True)
class StopLink:
    """Whose reminders a link stops, and the address it was sent to (as a digest): a later address is somebody else's business."""

    provider_id: UUID
    address: str

    def fits(self, provider: Provider) -> bool:
        return self.address == digest(provider.email)


@dataclass(frozen=True)
class FinishLink:
    """Whose drafts a link hands over, and to which address it was sent: it proves that address, and no other."""

    guest_id: UUID
    address: str

    def fits(self, guest: Provider) -> bool:
        """A later address is somebody else's business: the guest may have mistyped this one."""
        return guest.offered_to == digest(self.address)


def for_draft(purpose: str, service_id: UUID, expires_at: datetime) -> str:
    """A token that lets its holder `keep`, `delete` or `resume` the draft that expires at this moment."""
    return _sign(purpose, service_id.hex, _number(expires_at))


def for_provider(provider: Provider) -> str:
    """A token that stops this provider's reminders."""
    return _sign("stop", provider.id.hex, digest(provider.email))


def for_guest(guest_id: UUID, address: str) -> str:
    """A token by which whoever reads this mailbox may take over what the guest began."""
    return _sign("finish", guest_id.hex, address)


def read_finish(token: str) -> FinishLink:
    """Raises as `read_draft` does."""
    guest_id, address, _made_at = _read("finish", token)
    return FinishLink(UUID(guest_id), str(address))


def read_draft(purpose: str, token: str) -> DraftLink:
    """Raises `NotFound` for a link that was damaged or made up, `Gone` for one that is too old."""
    service_id, expires_at, made_at = _read(purpose, token)
    return DraftLink(UUID(service_id), _moment(expires_at), made_at)


def read_stop(token: str) -> StopLink:
    """Raises as `read_draft` does."""
    provider_id, address, _made_at = _read("stop", token)
    return StopLink(UUID(provider_id), address)


def _sign(purpose: str, *values: Any) -> str:
    return str(_signer(purpose).dumps([*values, _number(clock.now())]))


def _read(purpose: str, token: str) -> tuple[Any, Any, datetime]:
    try:
        first, second, made = _signer(purpose).loads(token)
    except BadData:
        raise NotFound(
            _("This link is damaged. Open it again from the mail, or copy the whole address into the browser.")
        ) from None
    made_at = _moment(made)
    if clock.now() > made_at + LIFETIME:
        raise Gone(_("This link is from an old mail and can't be used any more. Sign in to see your drafts."))
    return first, second, made_at


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"reminder.{purpose}")


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _moment(number: int) -> datetime:
    return EPOCH + number * MICROSECOND


def digest(email: str) -> str:
    """An address that can be recognised and not read."""
    return sha256(email.encode()).hexdigest()[:16]
