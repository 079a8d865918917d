"""Reconciling: what the store holds against what rows say, in every direction. A run is an edge: it commits batch by batch and may be killed.

Rules: an object goes when no row wants it and the ledger does not know of it; a multipart upload goes when no row has its id and the ledger does
not; both by way of the ledger. An object that a row wants and that is gone is only told. Nothing younger than the longest transfer (an
upload URL's lifetime and `UPLOAD_LONGEST`) is judged, nor anything whose name Shingle did not make.

A look that is not through when its time is up concludes nothing, and no follow-up begins it anew: the next night does.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from math import inf
from typing import Any, TypeVar
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import and_, or_, select

from app import clock, config, queue
from app.extensions import db
from app.insights.runs import Turn
from app.media import wanted
from app.media.models import Media
from app.media.wanted import Missing, Orphan
from app.storage import ledger, store
from app.storage.models import LedgerEntry
from app.storage.protocol import OpenUpload, StorageError

log = structlog.get_logger()
BATCH = 500
MANY = 1000
LONGEST = 2400.0  # seconds of a night's run; a store lists a thousand objects in some 50 ms
NOTE = "shingle:reconcile"
Thing = TypeVar("Thing")


@dataclass
class Found:
    """The numbers of a run. `foreign`: objects in Shingle's rooms whose names it did not make; they are left alone."""

    objects: int = 0
    uploads: int = 0
    orphans: int = 0
    missing: int = 0
    orphan_uploads: int = 0
    foreign: int = 0
    finished: bool = False


class OutOfTime(Exception):
    """The turn is over, or somebody else's."""


def run(act: bool, turn: Turn | None = None) -> Found:
    """Look through the whole store; with `act` write what nobody wants into the ledger. When the store fails or time is up, what was found so far."""
    found, cutoff, turn = Found(), clock.now() - _youngest(), turn or Turn(longest=inf)
    try:
        for room in wanted.ROOMS:
            differences = wanted.compare(_counted(store().list(room), found, turn), wanted.rows(room, cutoff), cutoff)
            for batch in _batches(differences):
                _judge(batch, found, act)
        for uploads in _batches(store().uploads()):
            _go_on(turn)
            _judge_uploads([each for each in uploads if each.started_at < cutoff], found, act)
            found.uploads += len(uploads)
        found.finished = True
    except (StorageError, OutOfTime) as error:
        db.session.rollback()
        log.warning("reconciling stopped", error=str(error) or type(error).__name__)
    log.info("reconciled", acted=act, **asdict(found))
    _note(found)
    return found


def nightly(turn: Turn | None = None) -> Found:
    """Look, then act: debris needs no operator. Unless most of the store belongs to nobody: then it is the database that is the wrong one.

    A look that did not get to the end can't tell, and is followed by none but the next night's.
    """
    looked = run(act=False, turn=turn)
    if looked.orphans > MANY and looked.orphans > looked.objects / 2:
        log.error("most objects have no row: is this the right database? Nothing is deleted.", **asdict(looked))
    elif looked.finished and (looked.orphans or looked.orphan_uploads):
        return run(act=True, turn=turn)
    return looked


def last() -> dict[str, Any]:
    """The numbers of the latest run and when it ended (`at`, seconds since 1970), for the metrics; empty when nobody remembers."""
    try:
        noted = queue.redis().get(NOTE)
    except RedisError:
        return {}
    return json.loads(noted) if noted else {}


def _note(found: Found) -> None:
    try:
        noted = json.dumps(asdict(found) | {"at": clock.now().timestamp()})
        queue.redis().set(NOTE, noted)
    except RedisError as error:
        log.warning("numbers not kept", error=str(error))


def _youngest() -> timedelta:
    settings = config.current()
    return settings.upload_url_lifetime + settings.upload_longest


def _counted(objects: Iterable[Thing], found: Found, turn: Turn) -> Iterator[Thing]:
    for each in objects:
        if found.objects % BATCH == 0:
            _go_on(turn)
        found.objects += 1
        yield each


def _go_on(turn: Turn) -> None:
    """Whoever looks through a large store says now and then that it is still there."""
    if not turn.goes_on():
        raise OutOfTime()


def _judge(batch: Sequence[Orphan | Missing], found: Found, act: bool) -> None:
    """Look again at what differed: rows change while a long listing is read. What is written down is decided in the transaction that writes."""
    known = {str(row.id): row for row in _media({each.media_id for each in batch if each.media_id})}
    found.foreign += _tell("foreign object", [each.key for each in batch if not each.media_id])
    orphans = [each.key for each in batch if isinstance(each, Orphan) and each.media_id and not wanted.by(known, each)]
    orphans = _unledgered(orphans, lambda key: key)
    missing = [each for each in batch if isinstance(each, Missing) and wanted.by(known, each)]
    if act:
        ledger.add(orphans)
    db.session.commit()
    found.orphans += _tell("orphan", orphans)
    found.missing += _tell("missing", [each.key for each in missing if store().head(each.key) is None])


def _judge_uploads(batch: Sequence[OpenUpload], found: Found, act: bool) -> None:
    ids = {media_id for each in batch if (media_id := wanted.media_id(each.key))}
    kept = {(row.incoming_key, row.upload_id) for row in _media(ids)}
    orphans = [each for each in batch if wanted.media_id(each.key) and (each.key, each.upload_id) not in kept]
    orphans = _unledgered(orphans, lambda each: each.key, lambda each: each.upload_id)
    for each in orphans if act else []:
        ledger.add_upload(each.key, each.upload_id)
    db.session.commit()
    found.orphan_uploads += _tell("orphan upload", [each.key for each in orphans])


def _media(ids: Iterable[str]) -> Sequence[Any]:
    return db.session.execute(select(*wanted.COLUMNS).where(Media.id.in_([UUID(each) for each in ids]))).all()


def _unledgered(
    things: list[Thing], key: Callable[[Thing], str], upload_id: Callable[[Thing], str | None] = lambda _thing: None
) -> list[Thing]:
    """Those that the ledger does not know of, neither by key nor by folder."""
    keys = {name for thing in things for name in (key(thing), wanted.folder(key(thing)))}
    files = {UUID(identity) for thing in things if (identity := wanted.media_id(key(thing)))}
    by_key = and_(LedgerEntry.keys.is_(None), LedgerEntry.key.in_(keys))  # in the words of its index
    query = select(LedgerEntry.key, LedgerEntry.upload_id).where(or_(by_key, LedgerEntry.id.in_(files)))
    known = {tuple(row) for row in db.session.execute(query)}
    return [
        thing for thing in things if not {(key(thing), upload_id(thing)), (wanted.folder(key(thing)), upload_id(thing))} & known
    ]


def _batches(things: Iterator[Thing]) -> Iterator[list[Thing]]:
    while batch := list(islice(things, BATCH)):
        yield batch


def _tell(what: str, keys: Sequence[str]) -> int:
    """One line in the log for each, as many as there are in a batch; their number."""
    for key in keys:
        log.warning("reconcile", found=what, key=key)
    return len(keys)
