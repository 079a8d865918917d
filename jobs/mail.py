"""Mail that a request left behind."""

from app import mail
from jobs import job


@job
def send(sealed: str) -> None:
    mail.send(sealed)
