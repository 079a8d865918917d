"""Handing a mail over and knowing what came of it: taken, not now, or never to this address."""

import re
import smtplib

from flask_mailman import EmailMessage


class NotNow(Exception):
    """The mail was not taken; trying again later may help."""


class NoServer(NotNow):
    """No mail server answers, or it takes nothing from us at all: the next mail would fare no better."""


class Undeliverable(Exception):
    """The server says that this address takes no mail, for good."""


# RFC 5321 section 4.2.3: no such mailbox, not here, no such name. 552 (mailbox full) and 554 (often: "we don't relay for you") say nothing final
# about an address. An enhanced status 5.7.x (RFC 3463) is a policy against the sender, whatever the code before it.
FINAL = {550, 551, 553}
POLICY = re.compile(r"^5\.7\.\d")


def deliver(message: EmailMessage) -> None:
    """Return once the server has accepted responsibility for the mail; else raise `NotNow`, `NoServer` or `Undeliverable`."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        for code, answer in error.recipients.values():
            if code in FINAL and not POLICY.match(answer.decode(errors="replace")):
                raise Undeliverable(f"{code}") from error
        raise NotNow(str(error)) from error
    except smtplib.SMTPDataError as error:
        raise NotNow(str(error)) from error
    except OSError as error:  # SMTPException is one, and so is every way in which a connection fails
        raise NoServer(str(error) or type(error).__name__) from error
