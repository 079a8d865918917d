"""The mail server of the small world, and the world put around an application."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask_mailman.backends.base import BaseEmailBackend
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import clock, mail
from app.reminders import emails
from tests.drafts.world import World

MOODS = (
    "takes",
    "takes",
    "takes",
    "later",
    "never",
    "later after data",
    "never after data",
    "no sender",
    "gone",
    "drops after data",
)


def server_of(world: World) -> type[BaseEmailBackend]:
    """A mail server in the mood that the world is in, at the edge where smtplib would speak to one."""

    class Server(BaseEmailBackend):
        def send_messages(self, email_messages: list[Any]) -> int:
            for each in email_messages:
                world.hand_over()
                _say(world, each)
                world.hand_over()
            return len(email_messages)

    return Server


def _say(world: World, message: Any) -> None:
    address, mood = message.to[0], world.mood
    world.say("a mail to", world.owners[address], mood, message.extra_headers["Message-ID"][:20])
    if mood == "gone":
        raise ConnectionRefusedError("nobody there")
    if mood == "no sender":
        raise smtplib.SMTPSenderRefused(451, b"not from you", "us")
    if mood == "later":
        raise smtplib.SMTPRecipientsRefused({address: (451, b"4.3.0 later")})
    if mood == "later after data":
        raise smtplib.SMTPDataError(451, b"4.3.0 later")
    if mood in ("never", "never after data"):
        owner = world.owners[address]
        if world.addresses[owner] == address:
            world.witness.reachable(owner, False)
        if mood == "never":
            raise smtplib.SMTPRecipientsRefused({address: (550, b"5.1.1 no such mailbox")})
        raise smtplib.SMTPDataError(550, b"5.1.1 no such mailbox")
    world.receive(message, address, mood == "drops after data")
    if mood == "drops after data":
        raise smtplib.SMTPServerDisconnected("dropped")


def plain_mail(template: str, reader: Any, _subject: Any, *, headers: dict[str, str], **values: Any) -> Any:
    """What a mail says, without its words: rendering them takes ten times as long as all else."""
    lines = [
        f"{each.name} {each.url('keep') if hasattr(each, 'url') else ''}"
        for each in [*values["drafts"], *values.get("brief", [])]
    ]
    return mail.written(reader.email, template, "\n".join(lines), None, headers)


@contextmanager
def inhabited(app: Flask, *, whole_mails: bool = False) -> Iterator[World]:
    """The application with this world around it, and as it was before afterwards."""
    world, mailman = World(app), app.extensions["mailman"]
    before = (clock.read, mailman.backend, emails.compose, app.extensions["settings"])
    clock.read = lambda: world.now
    mailman.backend = server_of(world)
    if not whole_mails:
        emails.compose = plain_mail
    event.listen(Session, "after_commit", world.committed)
    event.listen(Session, "before_commit", world.may_die)
    event.listen(world.engine, "after_cursor_execute", world.wrote)
    try:
        yield world
    finally:
        event.remove(Session, "after_commit", world.committed)
        event.remove(Session, "before_commit", world.may_die)
        event.remove(world.engine, "after_cursor_execute", world.wrote)
        clock.read, mailman.backend, emails.compose, app.extensions["settings"] = before
