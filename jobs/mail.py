"""Mail that a request left behind."""

from app import mail
from app.account import letters
from jobs import job


@job
def letter(letter_id: str, kind: str, provider_id: str, address: str) -> None:
    letters.write(letter_id, kind, provider_id, address)


@job
def send(sealed: str) -> None:
    mail.send(sealed)
