"""When a mail that was claimed and not taken may be tried again."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_

from app.drafts.models import ExpiryWarning, Farewell

# It is tried again after this long, then after twice as long, and so on up to the longest.
FIRST_PAUSE, DOUBLINGS = timedelta(minutes=5), 6


def may_be_tried(mail: type[ExpiryWarning] | type[Farewell], now: datetime) -> ColumnElement[bool]:
    """Never tried, or the last try was long enough ago. One whose last try lies in the future was tried before the clock was set back."""
    waited = [
        and_(mail.attempts == attempts, mail.claimed_at <= now - FIRST_PAUSE * 2 ** (attempts - 1))
        for attempts in range(1, DOUBLINGS + 1)
    ]
    longest = FIRST_PAUSE * 2**DOUBLINGS
    return or_(
        mail.attempts == 0,
        *waited,
        and_(mail.attempts > DOUBLINGS, mail.claimed_at <= now - longest),
        mail.claimed_at > now + longest,
    )
