"""Earlier answers: what a step said before a save replaced it, so that it can be looked at and taken back.

Not every pause in the typing is worth keeping. What stands there is kept before it is replaced

- when the last time was `HISTORY_EVERY` ago (or the step was saved for the first time then): so, the state in which somebody left it,
- when a field loses most of its text,
- before the first change of what is published,
- and when the caller says so, as taking an earlier one back does.

A step has `HISTORY_VERSIONS` slots and writes them again in turn: the history is bounded without ever being counted, and keeping one is one
statement. The entry in `answers` remembers when that was last done and under which number, so a save that keeps nothing asks nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.config import Settings
from app.errors import Gone
from app.extensions import db
from app.services.models import Service
from app.wizard.models import EarlierAnswer
from app.wizard.rows import ServiceRow
from app.wizard.typed import Typed, is_blank

Entry = Mapping[str, Any]  # of `answers`; `kept` is {"at": ISO 8601, "number": the latest, or None}
LONG = 40  # characters: a shorter text is typed again sooner than found
A_MOMENT = timedelta(seconds=30)  # who deletes a text piece by piece has lost it once


def is_due(present: Entry, typed: Typed, now: datetime, settings: Settings, preset: frozenset[str] = frozenset()) -> bool:
    """Whether the present answer should be kept before `typed` replaces it."""
    if not settings.history_versions or present["typed"] == typed or is_blank(present["typed"], preset):
        return False
    since = _since(present)
    if since is None:
        return True
    passed = now - since
    has_kept = present.get("kept", {}).get("number") is not None
    return passed >= settings.history_every or (_loses_much(present["typed"], typed) and not (has_kept and passed < A_MOMENT))


def _since(present: Entry) -> datetime | None:
    moment = present["kept"]["at"] if "kept" in present else present.get("saved_at")
    return datetime.fromisoformat(moment) if moment else None


def _loses_much(before: Typed, after: Typed) -> bool:
    for name, texts in before.items():
        length = sum(map(len, texts))
        if length >= LONG and 2 * sum(map(len, after.get(name, ()))) < length:
            return True
    return False


def note(present: Entry, number: int | None, now: datetime) -> dict[str, Any]:
    """What the entry that follows `present` remembers; `number` is the one under which `present` is kept, if it is."""
    if number is not None:
        return {"at": now.isoformat(), "number": number}
    # What is published is kept before its first change, however late that comes.
    begun = present.get("saved_at") or (None if present["typed"] else now.isoformat())
    return dict(present.get("kept", {"at": begun, "number": None}))


def next_number(service: ServiceRow, step: str, present: Entry) -> int:
    """The number under which `present` is to be kept. The database is asked once in each round of editing after the first."""
    last = present.get("kept", {}).get("number")
    if last is None and service.published_at is not None:
        mine = (EarlierAnswer.service_id == service.id, EarlierAnswer.step == step)
        last = db.session.scalar(select(func.max(EarlierAnswer.number)).where(*mine))
    return int(last or 0) + 1


def keep(service_id: UUID, step: str, present: Entry, number: int, settings: Settings) -> None:
    """Write it over the oldest that the step has."""
    saved_at = present.get("saved_at")
    values = {
        "service_id": service_id,
        "step": step,
        "slot": number % settings.history_versions,
        "number": number,
        "typed": present["typed"],
        "saved_at": datetime.fromisoformat(saved_at) if saved_at else None,
        "kept_at": clock.now(),
    }
    db.session.connection().execute(_upsert(db.engine.dialect.name), values)


@lru_cache
def _upsert(dialect: str) -> Any:
    table: Any = EarlierAnswer.__table__
    insert: Any = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    anew = {name: insert.excluded[name] for name in ("number", "typed", "saved_at", "kept_at")}
    return insert.on_conflict_do_update(index_elements=["service_id", "step", "slot"], set_=anew)


def of_step(service: Service | ServiceRow, step: str, settings: Settings) -> Sequence[EarlierAnswer]:
    """What is kept of a step, the latest first."""
    return db.session.scalars(_kept(service, step, settings).order_by(EarlierAnswer.number.desc())).all()


def has(service: Service | ServiceRow, step: str, typed: Typed, settings: Settings) -> bool:
    """Whether this text is kept of a step."""
    return any(each.typed == typed for each in of_step(service, step, settings))


def find(service: Service | ServiceRow, step: str, number: int, settings: Settings) -> EarlierAnswer:
    """One of them; `Gone` once it is too old, or newer ones have taken its place."""
    found = db.session.scalar(_kept(service, step, settings).where(EarlierAnswer.number == number))
    if found is None:
        raise Gone()
    return found


def _kept(service: Service | ServiceRow, step: str, settings: Settings) -> Any:
    """Slots beyond a number that was made smaller, and what is too old, are not shown any more; a sweep deletes them."""
    return select(EarlierAnswer).where(
        EarlierAnswer.service_id == service.id,
        EarlierAnswer.step == step,
        EarlierAnswer.slot < settings.history_versions,
        EarlierAnswer.kept_at > clock.now() - settings.history_kept_for,
    )


def has_some(service: Service | ServiceRow, step: str) -> bool:
    """Whether any is kept. This round of editing knows without asking the database; of rounds that were published or discarded, it is asked."""
    if (service.answers or {}).get(step, {}).get("kept", {}).get("number") is not None:
        return True
    mine = (EarlierAnswer.service_id == service.id, EarlierAnswer.step == step)
    return service.published_at is not None and bool(
        db.session.scalar(select(select(EarlierAnswer.number).where(*mine).exists()))
    )
