"""A mail server that keeps what it is given, and refuses when a test tells it to."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.start import free_port


@dataclass(frozen=True)
class Received:
    """One message with its envelope: who really sent it to whom, whatever its headers say."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    raw: bytes


class MailServer:
    """`with MailServer() as server:` listens at `server.url` and keeps messages in `server.received`, oldest first."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._refusal: str | None = None
        self._refusal_of_letters: str | None = None
        self.address = ("127.0.0.1", free_port())
        self._controller = Controller(self, *self.address)

    @property
    def url(self) -> str:
        return "smtp://{}:{}".format(*self.address)

    def refuse(self, answer: str = "451 Try again later") -> None:
        """Answer every message like this from now on: 4xx for now, 5xx (such as `550 No such mailbox`) for good."""
        self._refusal = answer

    def refuse_letters(self, answer: str) -> None:
        """Take the address, and answer the message itself like this from now on."""
        self._refusal_of_letters = answer

    def reset(self) -> None:
        """Forget every message and accept mail again."""
        self._refusal = self._refusal_of_letters = None
        self.received.clear()

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self._refusal:
            return self._refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if self._refusal_of_letters:
            return self._refusal_of_letters
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), message, envelope.content))
        return "250 Kept"

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._controller.stop()
