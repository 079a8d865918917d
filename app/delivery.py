"""Handing a mail over and knowing what came of it: taken, not now, or never to this address."""

import re
import smtplib

from flask_mailman import EmailMessage


class NotNow(OSError):
    """The mail was not taken; trying again later may help."""


class NoServer(NotNow):
    """No mail server answers, or it takes nothing from us at all: the next mail would fare no better."""


class Undeliverable(Exception):
    """The server says that this address takes no mail, for good."""


# RFC 5321 section 4.2.3: no such mailbox, not here, no such name. 552 (mailbox full) and 554 (often: "we don't relay for you") say nothing final
# about an address. An enhanced status (RFC 3463) says more than the code before it: x.1.x is about the address (but .7 and .8 about the sender's),
# x.2.1 a mailbox that is closed, the rest of x.2 one that is full or the like, x.7.x a policy against the sender.
FINAL = {550, 551, 553}
ABOUT_ADDRESS = re.compile(r"^5\.(1\.(?![78]\b)|2\.1\b)")
NOT_ABOUT_ADDRESS = re.compile(r"^5\.(1\.[78]\b|2\.|7\.)")


def deliver(message: EmailMessage) -> None:
    """Return once the server has accepted responsibility for the mail; else raise `NotNow`, `NoServer` or `Undeliverable`."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        for code, answer in error.recipients.values():
            said = _text(answer)
            if _is_about_address(code, said) or (code in FINAL and not NOT_ABOUT_ADDRESS.match(said)):
                raise Undeliverable(f"{code}") from error
        raise NotNow(str(error)) from error
    except smtplib.SMTPDataError as error:
        # Without an enhanced status, what was refused after DATA may be the letter and not its reader.
        if _is_about_address(error.smtp_code, _text(error.smtp_error)):
            raise Undeliverable(f"{error.smtp_code}") from error
        raise NotNow(str(error)) from error
    except OSError as error:  # SMTPException is one, and so is every way in which a connection fails
        raise NoServer(str(error) or type(error).__name__) from error


def _is_about_address(code: int, said: str) -> bool:
    return code >= 500 and ABOUT_ADDRESS.match(said) is not None


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
