"""The mails about drafts, one function each. They take values and give a message; who sends it, and whether it went out, is not their business."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_mailman import EmailMultiAlternatives

from app.mail import absolute_url, compose
from app.providers.models import Provider
from app.reminders import links

# So many drafts are described at length, each with its links. More make a digest: a line each, and what to do with them is on the dashboard.
MOST_SHOWN = 8
# Of a longer list, the rest is counted.
MOST_LISTED = 40


@dataclass(frozen=True)
class DraftLine:
    """What a mail says of one draft: its name, how far it came, what is missing (step titles), and when it will be deleted."""

    service_id: UUID
    name: str
    done: int
    total: int
    photos: int
    missing: Sequence[Any]
    expires_at: datetime

    def url(self, purpose: str) -> str:
        """Where `resume`, `keep` or `delete` leads for this draft and this expiry."""
        return absolute_url(f"drafts.link_{purpose}", token=links.for_draft(purpose, self.service_id, self.expires_at))


@dataclass(frozen=True)
class DeletedLine:
    """A draft that went, and until when it can be brought back."""

    name: str
    purge_at: datetime


def expiry_warning(provider: Provider, drafts: Sequence[DraftLine], message_id: str) -> EmailMultiAlternatives:
    """The one warning about these drafts, soonest first. A second try with the same `message_id` is the same mail to those who keep it."""
    drafts = sorted(drafts, key=lambda draft: draft.expires_at)
    stop_url = absolute_url("drafts.link_stop", token=links.for_provider(provider))
    headers = {"Message-ID": message_id} | _unsubscribe(stop_url)
    is_digest = len(drafts) > MOST_SHOWN
    values = {"drafts": drafts[:MOST_LISTED], "more": len(drafts[MOST_LISTED:]), "is_digest": is_digest, "stop_url": stop_url}
    return compose("reminders/email/expiry_warning", provider, _warning_subject(drafts), headers=headers, **values)


def deleted(provider: Provider, drafts: Sequence[DeletedLine], message_id: str) -> EmailMultiAlternatives:
    """What went, after it went, and until when it can be brought back."""
    stop_url = absolute_url("drafts.link_stop", token=links.for_provider(provider))
    subject: Any = _l("%(num)s drafts were deleted", num=len(drafts))
    if len(drafts) == 1:
        subject = _l("Your draft “%(name)s” was deleted", name=drafts[0].name)
    headers = {"Message-ID": message_id} | _unsubscribe(stop_url)
    values = {"drafts": drafts[:MOST_LISTED], "more": len(drafts[MOST_LISTED:]), "stop_url": stop_url}
    return compose("reminders/email/deleted", provider, subject, headers=headers, **values)


def _warning_subject(drafts: Sequence[DraftLine]) -> Any:
    if len(drafts) > 1:
        return _l("%(num)s drafts will be deleted soon", num=len(drafts))
    return _l("Your draft “%(name)s” will be deleted soon", name=drafts[0].name)


def _unsubscribe(stop_url: str) -> dict[str, str]:
    """Where these mails can be stopped (RFC 2369), and that one click in the reader's mail program does it: only where the address is https, as
    RFC 8058 section 3.1 wants it."""
    headers = {"List-Unsubscribe": f"<{stop_url}>"}
    if stop_url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
