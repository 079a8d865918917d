from app import mail


def send(sealed: str) -> None:
    """Deliver one message that a request left behind."""
    mail.send(sealed)
