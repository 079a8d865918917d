"""The mail of accounts. Flask-Security says what is to be sent; here it gets its subject, its language and its way out."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_security import MailUtil

from app import again, mail
from app.locales import read_by
from app.providers.models import Provider

SUBJECTS = {
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
        user: Provider = context["user"]
        with read_by(user.locale, user.time_zone):
            mail.post(mail.written(str(recipient), str(SUBJECTS[template.rpartition("/")[2]]), str(body), str(html)))


def render(template: str, **values: Any) -> str:
    """Flask-Security's pages, and its letters in the language of who reads them."""
    user = values.get("user")
    if not template.startswith("security/email/") or user is None:
        return again.render(template, **values)
    links = {name: _own(url) for name, url in values.items() if name.endswith("link") and url}
    subject = SUBJECTS[template.rpartition("/")[2].partition(".")[0]]
    with read_by(user.locale, user.time_zone):
        return again.render(template, reader=user, subject=subject, **(values | links))


def _own(url: str) -> str:
    # Flask-Security builds links with the Host that the request claimed; who forges it would receive the token.
    return f"{current_app.extensions['settings'].base_url}{urlsplit(url).path}"


def rehearse(template: str) -> None:
    """Write this letter to nobody: an address without an account is answered no sooner than one that gets the letter."""
    settings = current_app.extensions["settings"]
    nobody = SimpleNamespace(email="nobody@localhost", locale=settings.default_locale, time_zone=settings.default_time_zone)
    links = dict.fromkeys(("confirmation_link", "reset_link"), settings.base_url)
    for kind in ("txt", "html"):
        render(f"security/email/{template}.{kind}", user=nobody, within="", **links)


def email_changed(provider: Provider, old_email: str) -> None:
    """Tell the old address, so that its owner notices a change that they did not make."""
    reader = SimpleNamespace(email=old_email, locale=provider.locale, time_zone=provider.time_zone)
    mail.post(
        mail.compose("account/email/email_changed", reader, _l("Your Shingle email was changed"), new_email=provider.email)
    )


def closed(reader: Any, belongings: Any) -> None:
    """Say that everything is gone, to the address that the account had."""
    mail.post(mail.compose("account/email/closed", reader, _l("Your Shingle account is closed"), belongings=belongings))
