"""The only source of time. Tests travel it; nothing else reads the machine's clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
