"""The only source of time. Tests travel by replacing `read`; nothing else reads the machine's clock."""

from collections.abc import Callable
from datetime import UTC, datetime


def _machine() -> datetime:
    return datetime.now(UTC)


read: Callable[[], datetime] = _machine


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return read()
