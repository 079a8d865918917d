"""The place in a list where a page begins: opaque to the outside, and harmless whatever is sent instead."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """One row of a list, newest first: the moment that it stands by (publication, last edit), and its id where two have the same."""

    moment: datetime
    id: UUID

    def __str__(self) -> str:
        microseconds = (self.moment - EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(microseconds.to_bytes(8, "big") + self.id.bytes).decode().rstrip("=")


def read(text: str | None) -> Cursor | None:
    """The cursor that was sent; None for anything that Shingle didn't make, which then means the first page."""
    if not text or len(text) != 32:
        return None
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        return Cursor(EPOCH + timedelta(microseconds=int.from_bytes(raw[:8], "big")), UUID(bytes=raw[8:]))
    except (UnicodeEncodeError, binascii.Error, ValueError, OverflowError):
        return None
