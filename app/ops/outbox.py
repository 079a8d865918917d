"""`/dev/outbox`: the mail that was not sent anywhere, because there is no mail server. Only in embedded mode, and never in production."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, make_response, render_template
from flask.typing import ResponseReturnValue

from app import mail

outbox = Blueprint("outbox", __name__, url_prefix="/dev/outbox")

NAME = re.compile(r"[0-9a-f]{32}")
LINK = re.compile(r"https?://[^\s<>\"]+")
NEWEST = 100
# A stranger's HTML: nothing runs, nothing is loaded; links open elsewhere.
LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'; base-uri 'self'"


@dataclass(frozen=True)
class Letter:
    """One message as the list and the page show it."""

    name: str
    subject: str
    to: str
    sent_at: datetime
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        return list(dict.fromkeys(LINK.findall(self.text)))


@outbox.before_request
def _only_here() -> None:
    settings = current_app.extensions["settings"]
    if settings.production or not settings.embedded_mail:
        abort(404)


@outbox.get("")
def index() -> ResponseReturnValue:
    """The newest messages first."""
    names = sorted((file.stem for file in mail.outbox().glob("*.eml") if NAME.fullmatch(file.stem)), reverse=True)
    letters = [_read(name) for name in names[:NEWEST]]
    return render_template("dev/outbox.html", letters=letters, older=len(names) - len(letters))


@outbox.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    """One message: as its reader sees it, as text, and its links."""
    response = make_response(render_template("dev/letter.html", letter=_read(name)))
    response.headers["Content-Security-Policy"] = current_app.extensions["csp"] + "; frame-src 'self'"
    return response


@outbox.get("/<name>/html")
def html(name: str) -> ResponseReturnValue:
    """The HTML part alone, for the frame on its page."""
    page = _read(name).html.replace("<head>", '<head><base target="_blank">', 1)
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": LOCKED, "Cache-Control": "no-store"})


def _read(name: str) -> Letter:
    file: Path = mail.outbox() / f"{name}.eml"
    if not NAME.fullmatch(name) or not file.exists():
        abort(404)
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(file.read_bytes())
    return Letter(
        name=name,
        subject=str(message["subject"]),
        to=str(message["to"]),
        sent_at=parsedate_to_datetime(str(message["date"])),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
