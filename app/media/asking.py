"""Asking a worker to verify a file."""

from uuid import UUID

from app.queue import enqueue
from app.transaction import after_commit

LONGEST = 30 * 60  # seconds: the longest video, from a slow store


def ask_to_verify(media_id: UUID) -> None:
    """Once the transaction is committed; nothing happens while a worker has the file already."""
    after_commit(_enqueue, media_id)


def _enqueue(media_id: UUID) -> None:
    enqueue("media.verify", media_id, timeout=LONGEST, once=True)
