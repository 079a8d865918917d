"""Who is due, and why not: no draft goes without a warning, as conditions. Every statement that changes a draft asks them again.

A draft is **warned about** when
  - it is a draft, and not deleted;
  - there is something in it;
  - its provider can be reached by mail;
  - the notice period before its expiry has begun;
  - nobody has announced this expiry yet.

A draft is **deleted** when
  - it is a draft, and not deleted;
  - its expiry has passed;
  - and one of these holds:
      there is nothing in it;
      a warning about exactly this expiry was sent, and the notice period of that time is over. A setting that changed since makes it neither
      shorter nor longer: the moment that was shown is the moment;
      no warning can reach its provider (address unconfirmed, refused by its server for good or for two weeks, or reminders stopped).

A deleted draft is **purged** when the time to bring it back has passed.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, literal_column, or_

from app.drafts.models import ExpiryWarning
from app.providers.models import Provider
from app.services.models import Service, Status

Conditions = tuple[ColumnElement[bool], ...]

# In the words of the partial indexes: of a bound value no plan that is used again, and SQLite never, can know that it is 'draft'.
IS_DRAFT = Service.status == literal_column(f"'{Status.DRAFT}'")
IS_OPEN = and_(IS_DRAFT, Service.deleted_at.is_(None))
IS_REACHABLE = and_(
    Provider.confirmed_at.is_not(None), Provider.reminders_stopped_at.is_(None), Provider.undeliverable_at.is_(None)
)
PROVIDER_IS_REACHABLE = exists().where(Provider.id == Service.provider_id, IS_REACHABLE).correlate(Service)
MAY_BE_TOLD = (IS_OPEN, PROVIDER_IS_REACHABLE)


def due_for_warning(now: datetime, notice: timedelta) -> Conditions:
    return (
        IS_OPEN,
        Service.has_content.is_(True),
        PROVIDER_IS_REACHABLE,
        Service.expires_at <= now + notice,
        ~_announced(),
    )


def due_for_deletion(now: datetime, notice: timedelta) -> Conditions:
    # A warning from before `notice_ends_at` was written down has the period of the settings now.
    is_older = and_(ExpiryWarning.notice_ends_at.is_(None), ExpiryWarning.sent_at <= now - notice)
    warned = _announced(ExpiryWarning.sent_at.is_not(None), or_(ExpiryWarning.notice_ends_at <= now, is_older))
    return (IS_OPEN, Service.expires_at <= now, or_(Service.has_content.is_(False), warned, ~PROVIDER_IS_REACHABLE))


def due_for_purge(now: datetime) -> Conditions:
    return (IS_DRAFT, Service.deleted_at.is_not(None), Service.purge_at <= now)


def _announced(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """A warning about the draft's present expiry: one about an earlier expiry counts for nothing."""
    about = (ExpiryWarning.service_id == Service.id, ExpiryWarning.expires_at == Service.expires_at)
    return exists().where(*about, *conditions).correlate(Service)
