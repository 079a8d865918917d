"""The verify job: what arrived is looked at, and only what was looked at is ever shown.

Everything that is shown is made from the bytes that were read (`making.py`) and goes to `media/<id>/`, for which no URL that writes is ever issued:
sending other bytes to the incoming key afterwards changes nothing that anyone sees.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import clock
from app.extensions import db
from app.media import copies, inspection, making
from app.media.inspection import HEAD, Rejected
from app.media.models import Media, State
from app.media.operations import folder
from app.storage import ledger, store
from app.storage.protocol import Busy, ChangedObject, ObjectInfo, StorageError

log = structlog.get_logger()
GIVEN_UP = timedelta(days=1)


def verify(media_id: UUID) -> None:
    """Verify a received file: it becomes ready, or rejected with a reason. Anything else is left as it is, so doing it twice does no harm.

    A store that does not answer changes nothing; the sweep asks again. One that answers and for a day does not give the file out has lost it: Swift
    does, when a part was sent again after the file was put together.
    """
    with Session(db.engine) as reading:
        # Read on its own and let go: looking at a file takes seconds, and no transaction may wait for them (it would keep PostgreSQL from
        # cleaning up behind it). `_settle` checks anew.
        row = reading.get(Media, media_id)
    if row is None or row.state != State.RECEIVED:
        return
    try:
        outcome = {"state": State.READY, "reason": None} | (copies.made(row) if row.copy_of else _verified(row))
    except Rejected as rejected:
        outcome = {"state": State.REJECTED, "reason": rejected.reason}
    except StorageError as error:
        log.warning("not verified", media=str(media_id), error=str(error))
        if isinstance(error, Busy) or row.received_at is None or row.received_at > clock.now() - GIVEN_UP:
            return
        outcome = {"state": State.REJECTED, "reason": "lost"}
    _settle(row, outcome)


def _settle(row: Media, outcome: dict[str, Any]) -> None:
    """Write the outcome if the row is still there and still waiting. What arrived has done its service, and goes either way.

    Two jobs may look at one file. The second, which perhaps found that what arrived is gone by now, must not take away what the first made.
    """
    identity, incoming, urls_expire_at = row.id, row.incoming_key, row.urls_expire_at
    statement = update(Media).where(Media.id == identity, Media.state == State.RECEIVED)
    result: Any = db.session.execute(
        statement.values(verified_at=clock.now(), **outcome).execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    keys = [incoming]
    is_ours = result.rowcount == 1
    if outcome["state"] == State.REJECTED if is_ours else db.session.get(Media, identity) is None:
        keys.append(folder(identity))
    ledger.add(keys, urls_expire_at)


def _verified(row: Media) -> dict[str, Any]:
    """The columns of a good file, whose objects are in their place; raises `Rejected` or `StorageError`."""
    found = store().head(row.incoming_key)
    if found is None:
        raise Rejected("lost")
    if found.size != row.declared_bytes:
        raise Rejected("differs")
    try:
        content_type = inspection.expect(inspection.sniff(_read(found, 0, HEAD)), row.kind)
        return {"content_type": content_type, "etag": found.etag} | making.make(row, found, content_type)
    except ChangedObject as error:
        raise Rejected("differs") from error


def _read(found: ObjectInfo, start: int, length: int) -> bytes:
    with store().read(found.key, start=start, length=min(length, found.size - start)) as stream:
        return stream.read()
