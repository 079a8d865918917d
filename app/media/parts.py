"""A large file travels in parts, several at once, in any order, and each again if it has to; the store puts them together.

The row is committed before its upload is begun (`sign` does both, with the first addresses), so nothing is in the store that no row knows of but what
a crash leaves in between. `Media.upload_id` is there from then until the file has arrived.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from app import clock, config
from app.errors import Conflict, NotFound
from app.extensions import db, table
from app.media.models import Media, State, known
from app.storage import store
from app.storage.protocol import ChangedObject, StoredPart, UploadURL

LEAST = 5 * 2**20  # S3 and R2 take no smaller part but the last, and R2 wants all others to be equal
LARGEST = 64 * 2**20  # what a broken connection costs at most, once for each part in flight
AT_ONCE = 16  # one request signs so many; a file is cut into no more, unless its parts would get too large
MOST = 10_000
MIB = 2**20
ROWS = table(Media)
# Built once: that costs more than sending it.
NOTED = (
    update(ROWS)
    .where(
        ROWS.c.id == bindparam("identity"),
        ROWS.c.state == State.GRANTED,
        ROWS.c.upload_id.is_not_distinct_from(bindparam("before")),
    )
    .values(upload_id=bindparam("begun"), urls_expire_at=bindparam("until"))
)


def size_for(size: int) -> int:
    """The bytes of every part but the last, in whole MiB: 5 for small files, growing with the file, so that one request signs them all.

    Up to 1 GiB there are 16 parts at most; beyond, parts stay at 64 MiB until 10,000 of them would not be enough.
    """
    wanted = max(LEAST, min(-(-size // AT_ONCE), LARGEST), -(-size // MOST))
    return -(-wanted // MIB) * MIB


def sizes(row: Media) -> dict[int, int]:
    """How many bytes each part has, by its number from 1. A file that goes in one PUT is one part."""
    each, number = row.part_bytes or row.declared_bytes, count(row)
    wanted = dict.fromkeys(range(1, number + 1), each)
    wanted[number] = row.declared_bytes - each * (number - 1)
    return wanted


def count(row: Media) -> int:
    """Of how many parts a file is made."""
    return -(-row.declared_bytes // (row.part_bytes or row.declared_bytes))


@dataclass(frozen=True)
class Signed:
    """Addresses by part number until `expires_at`, and the parts that are there already."""

    urls: dict[int, UploadURL]
    done: list[StoredPart]
    expires_at: datetime


def sign(row: Media, numbers: Collection[int]) -> Signed:
    """Addresses for these parts. The first call begins the upload.

    `NotFound` when there is no such part; `Conflict` when the file does not travel in parts or has arrived, or another request was faster.
    """
    wanted = sizes(row)
    if row.state != State.GRANTED or row.part_bytes is None:
        raise Conflict()
    if not wanted.keys() >= set(numbers):
        raise NotFound()
    there, lifetime = _there(row), config.current().upload_url_lifetime
    upload_id = str(row.upload_id) if there is not None else _begin(row)
    done = [part for part in there or [] if part.size == wanted.get(part.number)]
    asked = {number: wanted[number] for number in numbers}
    urls = store().presign_parts(row.incoming_key, upload_id, asked, lifetime=lifetime)
    signed = Signed(urls, done, clock.now() + lifetime)
    if not _note(row, upload_id, signed.expires_at):
        if there is None:
            store().abort(row.incoming_key, upload_id)
        raise Conflict()
    return signed


def done(row: Media) -> list[int]:
    """The numbers of the parts that are in the store. Changes nothing."""
    left = set(_left(row, _there(row), {}))
    return [number for number in sizes(row) if number not in left]


def missing(row: Media, etags: Mapping[int, str]) -> list[int]:
    """The parts that have yet to be sent. When there are none the store has put them together: the object is there, also if it was before.

    `etags`: what the store answered to the browser that sent the parts, as far as it may read it; another one in the store is another content.
    """
    wanted = sizes(row)
    if row.upload_id is not None and etags.keys() == wanted.keys():
        with contextlib.suppress(ChangedObject):
            _complete(row, [StoredPart(number, wanted[number], etags[number]) for number in wanted])
            return []
    there = _there(row)
    left = _left(row, there, etags)
    if there is not None and not left:
        _complete(row, there)
    return left


def _complete(row: Media, there: Sequence[StoredPart]) -> None:
    store().complete(row.incoming_key, str(row.upload_id), there)


def _there(row: Media) -> Sequence[StoredPart] | None:
    """The parts in the store; None when no upload is open: not begun, completed before, or aborted by a rule of the bucket."""
    if row.upload_id is None:
        return None
    try:
        return store().parts(row.incoming_key, row.upload_id)
    except ChangedObject:
        return None


def _left(row: Media, there: Sequence[StoredPart] | None, etags: Mapping[int, str]) -> list[int]:
    wanted = sizes(row)
    if there is None:
        return [] if store().head(row.incoming_key) else list(wanted)
    good = {part.number for part in there if part.size == wanted.get(part.number)}
    same = {part.number for part in there if etags.get(part.number, part.etag) == part.etag}
    return [number for number in wanted if number not in good & same]


def _begin(row: Media) -> str:
    if row.upload_id is not None and store().head(row.incoming_key):
        raise Conflict()
    return store().begin(row.incoming_key, content_type=row.declared_type)


def _note(row: Media, upload_id: str, urls_expire_at: datetime) -> bool:
    """Whether the row is still waiting, and no other request has begun an upload of its own."""
    values = {"identity": row.id, "before": row.upload_id, "begun": upload_id, "until": urls_expire_at}
    result: Any = db.session.execute(NOTED, values)
    is_noted = bool(result.rowcount == 1)
    if is_noted:
        known(row, upload_id=upload_id, urls_expire_at=urls_expire_at)
    return is_noted
