"""The nightly sweep: what nobody came back for, besides drafts. Each thing goes by a rule of its own, and every statement asks again.

- **Edits of a published service** that were not touched for `EDITS_KEPT_FOR` are dropped with the files that were added for them; what visitors see
  stays as it is.
- **A file that belongs to nothing** (no service, or one that is gone) goes a day after it was granted: whoever is still sending it has an hour.
- **Warnings** that speak of an expiry a month ago go, unless it is still the present one of an open draft: then they are what its deletion needs.
- **Events** go after `EVENTS_KEPT_FOR`.
- **Guests** who have neither drafts nor files any more go a day after they came: their cookie opens nothing then.
- **Earlier versions** of a step go after `HISTORY_KEPT_FOR`, and where `HISTORY_VERSIONS` was made smaller.

Uploads that never arrived and files that were taken away are swept every few minutes (`app/media/sweeps.py`). A restore leaves nothing behind: the
row is open again, and a farewell that was owed for it is crossed out when it is next looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, tuple_, update

from app import clock
from app.config import Settings
from app.drafts import rules
from app.drafts.batches import by_index
from app.drafts.models import ExpiryWarning
from app.extensions import db
from app.insights.models import NAMES, Event
from app.insights.operations import record_all
from app.insights.runs import Turn
from app.media.letting_go import let_go
from app.media.models import Media
from app.media.operations import keep_live
from app.providers.models import Provider
from app.services.models import Service
from app.services.operations import EDITS_DROPPED
from app.wizard.context import ENTITY
from app.wizard.models import EarlierAnswer

A_DAY, A_MONTH = timedelta(days=1), timedelta(days=30)
WINDOW = 5000  # files that are looked at by one statement
UNSYNCHRONISED = {"synchronize_session": False}


@dataclass
class Count:
    """What went: services whose edits were dropped, files that belonged to nothing, warnings, events, earlier versions of steps, and guests."""

    edits: int = 0
    files: int = 0
    warnings: int = 0
    events: int = 0
    versions: int = 0
    guests: int = 0


def tidy(settings: Settings, turn: Turn | None = None) -> Count:
    """All of them, each until nothing is left, a batch at a time."""
    turn = turn or Turn()
    return Count(
        _until_done(turn, lambda most: _edits(settings, most)),
        _files(turn),
        _until_done(turn, _warnings),
        _until_done(turn, lambda most: _events(settings, most)),
        _until_done(turn, lambda most: _versions(settings, most)),
        _until_done(turn, _guests),
    )


def _until_done(turn: Turn, step: Callable[[int], int]) -> int:
    total = 0
    while turn.goes_on():
        with turn.pace.batch() as most:
            by_index()
            done = step(most)
        db.session.commit()
        if not done:
            break
        total += done
    return total


def _edits(settings: Settings, most: int) -> int:
    abandoned = (
        Service.published_at.is_not(None),
        Service.answers_schema.is_not(None),
        Service.edited_at <= clock.now() - settings.edits_kept_for,
    )
    some = select(Service.id).where(*abandoned).order_by(Service.edited_at).limit(min(most, 100))
    ids = db.session.scalars(some.with_for_update(skip_locked=True)).all()
    dropped = update(Service).where(Service.id.in_(ids), *abandoned).values(**EDITS_DROPPED).returning(Service.id)
    gone = db.session.scalars(dropped, execution_options=UNSYNCHRONISED).all()
    for identity in gone:
        keep_live(ENTITY, identity)
    record_all("discarded", gone, "edits")
    return len(gone)


def _files(turn: Turn) -> int:
    """Along the files in the order of their ids, a window at a time: what belongs to nothing is known by looking at each, and by no index."""
    total, after = 0, cast(ColumnElement[bool], Media.id.is_not(None))
    while turn.goes_on():
        window = select(Media.id).where(after).order_by(Media.id)
        last = db.session.scalar(window.offset(WINDOW - 1).limit(1))
        here = after if last is None else and_(after, Media.id <= last)
        total += _until_done(turn, partial(_forgotten, here))
        if last is None:
            break
        after = Media.id > last
    return total


def _forgotten(here: ColumnElement[bool], most: int) -> int:
    its_service = exists().where(Service.id == Media.entity_id).correlate(Media)
    of_nothing = or_(Media.entity_id.is_(None), and_(Media.entity_type == ENTITY, ~its_service))
    forgotten = (of_nothing, Media.created_at <= clock.now() - A_DAY)
    ids = db.session.scalars(select(Media.id).where(here, *forgotten).limit(most)).all()
    return let_go(Media.id.in_(ids), *forgotten) if ids else 0


def _warnings(most: int) -> int:
    present = exists().where(
        Service.id == ExpiryWarning.service_id, Service.expires_at == ExpiryWarning.expires_at, rules.IS_OPEN
    )
    past = (ExpiryWarning.expires_at <= clock.now() - A_MONTH, ~present.correlate(ExpiryWarning))
    some = select(ExpiryWarning.id).where(*past).order_by(ExpiryWarning.expires_at).limit(most)
    return _deleted(delete(ExpiryWarning).where(ExpiryWarning.id.in_(some), *past))


def _events(settings: Settings, most: int) -> int:
    # Name by name, as their index has them: one by the moment alone would cost every event that is written, and serve this statement only.
    old = and_(Event.name.in_(NAMES), Event.happened_at <= clock.now() - settings.events_kept_for)
    return _deleted(delete(Event).where(Event.id.in_(select(Event.id).where(old).limit(most)), old))


def _versions(settings: Settings, most: int) -> int:
    key = tuple_(EarlierAnswer.service_id, EarlierAnswer.step, EarlierAnswer.slot)
    for old in (
        EarlierAnswer.kept_at <= clock.now() - settings.history_kept_for,
        EarlierAnswer.slot >= settings.history_versions,
    ):
        some = select(EarlierAnswer.service_id, EarlierAnswer.step, EarlierAnswer.slot).where(old).limit(most)
        if number := _deleted(delete(EarlierAnswer).where(key.in_(some), old)):
            return number
    return 0


def _guests(most: int) -> int:
    """The second statement asks once more: somebody who came back and started a draft in between holds the row or waits for it."""
    theirs = [exists().where(kind.provider_id == Provider.id).correlate(Provider) for kind in (Service, Media)]
    forgotten = (Provider.guest_since <= clock.now() - A_DAY, ~or_(*theirs))
    some = select(Provider.id).where(*forgotten).limit(most).with_for_update(skip_locked=True)
    ids = db.session.scalars(some).all()
    return _deleted(delete(Provider).where(Provider.id.in_(ids), *forgotten)) if ids else 0


def _deleted(statement: Any) -> int:
    result: Any = db.session.execute(statement, execution_options=UNSYNCHRONISED)
    return int(result.rowcount)
