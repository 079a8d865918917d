"""The mail of accounts. Flask-Security says what is to be sent and to whom; the job `mail.letter` writes it and makes its link.

What waits in Redis names an account and an address, and opens nothing. And a request for an address without an account leaves the same job
behind, for an account that isn't there: both are answered after the same work.
"""

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import structlog
from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_security import MailUtil
from flask_security.change_email import _generate_token as change_email_token
from flask_security.confirmable import generate_confirmation_token
from flask_security.recoverable import generate_reset_password_token
from flask_security.utils import _td_format as length_of_time

from app import mail
from app.account import claiming
from app.extensions import db
from app.locales import read_by
from app.providers.models import Provider
from app.queue import enqueue
from app.reminders import links
from app.transaction import after_commit

log = structlog.get_logger()

SUBJECTS = {
    "finish_later": _l("Your link to finish later"),
    "welcome": _l("Confirm your email for Shingle"),
    "welcome_existing": _l("You have a Shingle account already"),
    "confirmation_instructions": _l("Confirm your email for Shingle"),
    "reset_instructions": _l("Choose a new Shingle password"),
    "reset_notice": _l("Your Shingle password was reset"),
    "change_notice": _l("Your Shingle password was changed"),
    "change_email_instructions": _l("Confirm your new email for Shingle"),
}


class Letters(MailUtil):
    """Addresses are kept in lower case: Ada@Example.com and ada@example.com are one mailbox everywhere but in RFC 5321."""

    def normalize(self, email: str) -> str:
        return str(super().normalize(email.strip())).lower()

    def validate(self, email: str) -> str:
        return str(super().validate(email.strip())).lower()

    def send_mail(self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **context: Any) -> None:
        """Leave it to the job. The link that Flask-Security made is dropped."""
        user: Provider = context["user"]
        hand_over(template.rpartition("/")[2], user.id, str(recipient))


def nobody() -> Provider:
    """Who an address without an account belongs to: to be written to by the same functions, of whom the job finds no trace."""
    return Provider(id=uuid4(), email="nobody@localhost", fs_uniquifier=uuid4().hex, password=uuid4().hex)


def hand_over(kind: str, provider_id: UUID, address: str) -> None:
    """Have this letter written once what was done is committed."""
    after_commit(_hand_over, kind, provider_id, address)


def _hand_over(kind: str, provider_id: UUID, address: str) -> None:
    letter_id = uuid4()
    if enqueue("mail.letter", letter_id, kind, provider_id, address, retry_after=mail.RETRY_AFTER):
        return
    try:
        # The session that has just been committed can't be asked before it has ended; a context of its own has another.
        with current_app.app_context():
            write(str(letter_id), kind, str(provider_id), address)
    except OSError as error:  # SMTPException is one
        log.error("mail not sent", error=str(error))


def write(letter_id: str, kind: str, provider_id: str, address: str) -> None:
    """Write a letter and send it, if its account is there. Raises `OSError` when the mail server does not take it; a second try is the same
    message (its Message-ID is the letter's)."""
    provider = db.session.get(Provider, UUID(provider_id))
    if provider is None:
        return
    reader = SimpleNamespace(email=address, locale=provider.locale, time_zone=provider.time_zone)
    with read_by(reader.locale, reader.time_zone):
        values = {"user": provider, "within": length_of_time(current_app.config[WITHIN.get(kind, WITHIN["welcome"])])}
        url = _link(kind, provider, address)
        if kind == "finish_later":
            # No word of a guest's: nobody has proved that the mailbox is theirs, and it would be theirs to write to anybody through us.
            values["drafts"] = [(each.created_at, each.expires_at) for each in claiming.waiting(provider.id)]
    headers = {"Message-ID": mail.message_id(letter_id)}
    mail.deliver(mail.compose(f"security/email/{kind}", reader, SUBJECTS[kind], headers=headers, url=url, **values))


WITHIN = {
    "welcome": "SECURITY_CONFIRM_EMAIL_WITHIN",
    "reset_instructions": "SECURITY_RESET_PASSWORD_WITHIN",
    "change_email_instructions": "SECURITY_CHANGE_EMAIL_WITHIN",
}


def _link(kind: str, provider: Provider, address: str) -> str:
    """The address that a letter's button leads to, under `BASE_URL`; empty when it needs none."""
    if kind == "finish_later":
        return mail.absolute_url("guests.finish", token=links.for_guest(provider.id, address))
    needs_confirming = kind in {"welcome", "confirmation_instructions"} or not provider.confirmed_at
    if kind == "reset_instructions" or (kind == "welcome_existing" and not needs_confirming):
        return mail.absolute_url("security.reset_password", token=generate_reset_password_token(provider))  # type: ignore[no-untyped-call]
    if kind == "change_email_instructions":
        return mail.absolute_url("security.change_email_confirm", token=change_email_token(provider, address))  # type: ignore[no-untyped-call]
    if kind in {"welcome", "welcome_existing", "confirmation_instructions"}:
        return mail.absolute_url("security.confirm_email", token=generate_confirmation_token(provider))  # type: ignore[no-untyped-call]
    return ""


def email_changed(provider: Provider, old_email: str) -> None:
    """Tell the old address, so that its owner notices a change that they did not make."""
    reader = SimpleNamespace(email=old_email, locale=provider.locale, time_zone=provider.time_zone)
    mail.post(
        mail.compose("account/email/email_changed", reader, _l("Your Shingle email was changed"), new_email=provider.email)
    )


def closed(reader: Any, belongings: Any) -> None:
    """Say that everything is gone, to the address that the account had."""
    mail.post(mail.compose("account/email/closed", reader, _l("Your Shingle account is closed"), belongings=belongings))
