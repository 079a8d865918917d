"""Mail: written in its reader's language, handed over after the commit, delivered by SMTP or kept in `var/outbox/`.

A request never waits for a mail server: it leaves the message to the job `mail.send`, which tries again for hours. A job that must know whether
a message went out (a warning) calls `send()` on it instead, and gets the error.
"""

import json
import os
import smtplib
import ssl
from contextlib import ExitStack
from email._policybase import Compat32
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import structlog
from flask import Flask, current_app, render_template
from flask_mailman import EmailMultiAlternatives, make_msgid
from flask_mailman.backends.base import BaseEmailBackend
from flask_mailman.backends.smtp import EmailBackend

from app import delivery
from app.columns import new_id
from app.config import Settings
from app.extensions import mail
from app.locales import read_by
from app.queue import enqueue
from app.transaction import after_commit

log = structlog.get_logger()

# Seconds until a mail server that refused or did not answer is asked again: the last try is more than a day after the first.
RETRY_AFTER = (30, 120, 600, 3600, 4 * 3600, 24 * 3600)
# How long a mail server may take to answer. It is the longest that a request ever waits, and only while Redis is down too.
TIMEOUT = 8


class Reader(Protocol):
    """Whoever reads a message: a provider, or what is known of one."""

    email: Any
    locale: Any
    time_zone: Any


def init_app(app: Flask) -> None:
    app.config.update(for_mailman(app.extensions["settings"]))
    app.jinja_env.globals["absolute_url"] = absolute_url
    mail.init_app(app)


def for_mailman(settings: Settings) -> dict[str, Any]:
    """`SMTP_URL` in the words of Flask-Mailman. `smtp` means STARTTLS (RFC 3207) on port 587, none on any other; `smtps` means TLS from the start."""
    url = urlsplit(settings.smtp_url or "")
    encrypted = url.scheme == "smtps"
    port = url.port or (465 if encrypted else 587)
    return {
        "MAIL_BACKEND": "app.mail.OutboxEmailBackend" if settings.embedded_mail else "app.mail.ServerEmailBackend",
        "MAIL_SERVER": url.hostname or "localhost",
        "MAIL_PORT": port,
        "MAIL_USERNAME": unquote(url.username) if url.username else None,
        "MAIL_PASSWORD": unquote(url.password) if url.password else None,
        "MAIL_USE_SSL": encrypted,
        "MAIL_USE_TLS": not encrypted and port == 587,
        "MAIL_DEFAULT_SENDER": settings.mail_from,
        "MAIL_TIMEOUT": TIMEOUT,
    }


def absolute_url(endpoint: str, **values: Any) -> str:
    """An address for a mail: under `BASE_URL`, in a request and in a job alike. What a request calls itself (`Host`) is never believed."""
    path: str = current_app.url_map.bind("localhost").build(endpoint, values)
    return f"{current_app.extensions['settings'].base_url}{path}"


def compose(
    template: str, reader: Reader, subject: Any, *, headers: dict[str, str] | None = None, **values: Any
) -> EmailMultiAlternatives:
    """A message from `templates/<template>.txt` and `.html`, in the reader's language and time zone. `subject` is a (lazy) text."""
    with read_by(reader.locale, reader.time_zone):
        values = values | {"reader": reader, "subject": str(subject)}
        text, html = (render_template(f"{template}.{kind}", **values) for kind in ("txt", "html"))
        return written(reader.email, str(subject), text, html, headers)


def written(
    to: str, subject: str, text: str, html: str | None, headers: dict[str, str] | None = None
) -> EmailMultiAlternatives:
    """A message of parts that are rendered already. Its Message-ID is decided here, so that a second try is the same message."""
    named = {"Message-ID": message_id(), "Auto-Submitted": "auto-generated"} | (headers or {})
    message = Letter(" ".join(subject.split()), text, to=[to], headers=named)
    if html:
        message.attach_alternative(html, "text/html")
    return message


class WholeAddresses(Compat32):
    """Headers as the standard library writes them, but those of RFC 2369 in one line each: folded before their only address, they begin with an empty
    line, which mail programs and filters have been seen to read as no address at all."""

    def fold(self, name: str, value: Any) -> str:
        return f"{name}: {value}{self.linesep}" if name.startswith("List-") else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode() if name.startswith("List-") else super().fold_binary(name, value)


class Letter(EmailMultiAlternatives):
    """A message whose addresses for unsubscribing stay whole."""

    def message(self) -> Any:
        message = super().message()
        message.policy = WholeAddresses()
        return message


def message_id(identity: str = "") -> str:
    """A Message-ID (RFC 5322, section 3.6.4) under our domain: the same for the same `identity`, or one that never was."""
    return f"<{identity}@{_domain()}>" if identity else str(make_msgid(domain=_domain()))


def _domain() -> str:
    return current_app.extensions["settings"].mail_from.rpartition("@")[2].strip("> ") or "localhost"


def post(message: EmailMultiAlternatives) -> None:
    """Send it once the present transaction has been committed; a rollback forgets it. Nothing that happens to the mail fails the request."""
    after_commit(_hand_over, _sealed(message))


def _hand_over(sealed: str) -> None:
    embedded = current_app.extensions["settings"].embedded_mail
    if not embedded and enqueue("mail.send", sealed, retry_after=RETRY_AFTER):
        return
    try:
        send(sealed)
    except OSError as error:  # SMTPException is one
        log.error("mail not sent", error=str(error))


def send(sealed: str) -> None:
    """Deliver a message that `post` sealed. Raises `OSError` (`smtplib.SMTPException` is one) when the server does not take it."""
    deliver(written(**json.loads(sealed)))


def deliver(message: EmailMultiAlternatives) -> None:
    """Send it now. Raises `OSError` like `send`; an address that takes no mail for good is no error that a later try could mend."""
    try:
        delivery.deliver(message)
    except delivery.Undeliverable as error:
        log.warning("mail refused for good", code=str(error))


def _sealed(message: EmailMultiAlternatives) -> str:
    html = next((each[0] for each in message.alternatives or [] if each[1] == "text/html"), None)
    values = {"to": message.to[0], "subject": message.subject, "text": message.body, "html": html}
    return json.dumps(values | {"headers": message.extra_headers})


class ServerEmailBackend(EmailBackend):
    """SMTP as Flask-Mailman speaks it, but STARTTLS checks whose certificate it is given, and a refusal leaves no connection open."""

    connection: smtplib.SMTP | None

    def open(self) -> bool | None:
        if not self.use_tls or self.connection:
            return bool(super().open())
        with ExitStack() as if_refused:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
            if_refused.callback(server.close)
            server.starttls(context=ssl.create_default_context())
            if self.username and self.password:
                server.login(self.username, self.password)
            if_refused.pop_all()
        self.connection = server
        return True

    def send_messages(self, email_messages: list[Any]) -> int:
        try:
            return int(super().send_messages(email_messages))
        finally:
            self.close()


class OutboxEmailBackend(BaseEmailBackend):
    """No mail server: each message becomes a file in `var/outbox/`, shown at `/dev/outbox`. Names sort by time."""

    def send_messages(self, email_messages: list[Any]) -> int:
        folder = outbox()
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            file = folder / f"{new_id().hex}.eml"
            # Renamed into place, so that nobody reads half a message.
            draft = file.with_suffix(f".{os.getpid()}")
            draft.write_bytes(message.message().as_bytes(linesep="\r\n"))
            draft.rename(file)
        return len(email_messages)


def outbox() -> Path:
    """The folder of the messages that were not sent anywhere."""
    folder: Path = current_app.extensions["settings"].var_dir / "outbox"
    return folder
