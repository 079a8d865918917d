"""Which objects rows want, and a walk along rows and objects together that holds one page of each.

Both come in the order of the media id: keys are `<room><media id>/…` in bytes, UUIDs sort as their hexadecimal text does, and no collation of a
database has a say in either.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.media.models import Media, State
from app.storage.protocol import ObjectInfo, StorageError

ROOMS = ("incoming/", "media/")
KEY = re.compile(r"(?:incoming|media)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/[A-Za-z0-9._-]+")
LONGEST_KEY = 200  # of the columns that keep keys
PAGE = 500
COLUMNS = (
    Media.id,
    Media.state,
    Media.incoming_key,
    Media.upload_id,
    Media.original_key,
    Media.variants,
    Media.received_at,
    Media.verified_at,
)


@dataclass(frozen=True)
class Orphan:
    """An object that no row wants. Without `media_id` its name is none of Shingle's."""

    key: str
    media_id: str | None


@dataclass(frozen=True)
class Missing:
    """An object that a row wants and the listing did not have."""

    key: str
    media_id: str


@dataclass(frozen=True)
class Row:
    """What a row wants in one room, and whether that must be there by now."""

    media_id: str
    keys: frozenset[str]
    is_settled: bool
    takes_any: bool


def media_id(key: str) -> str | None:
    """The id in a key, None for a name that Shingle did not make."""
    found = KEY.fullmatch(key)
    return found.group(1) if found and len(key) <= LONGEST_KEY else None


def folder(key: str) -> str:
    return key[: key.rindex("/") + 1]


def by(known: Mapping[str, Any], difference: Orphan | Missing) -> bool:
    """Whether its row, as it is now, wants it."""
    row = known.get(difference.media_id or "")
    if row is None:
        return False
    here = _row(row, difference.key.partition("/")[0] + "/", None)
    return here.takes_any or difference.key in here.keys


def rows(room: str, cutoff: datetime) -> Iterator[Row]:
    """Every media row in the order of its id, page by page; no transaction is open in between."""
    query = select(*COLUMNS).order_by(Media.id).limit(PAGE)
    page = db.session.execute(query).all()
    while page:
        db.session.commit()
        yield from (_row(row, room, cutoff) for row in page)
        page = db.session.execute(query.where(Media.id > page[-1].id)).all()


def _row(row: Any, room: str, cutoff: datetime | None) -> Row:
    """What arrived is wanted until it is verified, what was made of it from then on.

    Before, a verification may be writing at this moment what it wrote before it died the last time: then whatever is there may be wanted.
    """
    waits = row.state in (State.GRANTED, State.RECEIVED)
    if room == "incoming/":
        since = row.received_at if row.state == State.RECEIVED else None
        keys = [row.incoming_key] if waits else []
    else:
        since = row.verified_at if row.state == State.READY else None
        keys = [row.original_key, *(each["key"] for each in row.variants or [])] if row.state == State.READY else []
    is_settled = cutoff is not None and since is not None and since < cutoff
    return Row(str(row.id), frozenset(key for key in keys if key), is_settled, waits and room != "incoming/")


def compare(objects: Iterator[ObjectInfo], wanting: Iterator[Row], cutoff: datetime) -> Iterator[Orphan | Missing]:
    """Walk along both. Raises `StorageError` when the store lists in another order than that of the keys: nothing could be concluded."""
    row = next(wanting, None)
    seen: set[str] = set()
    before = ""
    for each in objects:
        if each.key < before:
            raise StorageError(f"the store lists {each.key} after {before}")
        before = each.key
        identity = media_id(each.key)
        while row is not None and identity is not None and row.media_id < identity:
            yield from _unseen(row, seen)
            row, seen = next(wanting, None), set()
        mine = row is not None and row.media_id == identity
        if mine and row is not None and (row.takes_any or each.key in row.keys):
            seen.add(each.key)
        elif each.modified_at < cutoff:
            yield Orphan(each.key, identity)
    while row is not None:
        yield from _unseen(row, seen)
        row, seen = next(wanting, None), set()


def _unseen(row: Row, seen: set[str]) -> Iterator[Missing]:
    return (Missing(key, row.media_id) for key in sorted(row.keys - seen) if row.is_settled)
