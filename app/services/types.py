"""The operator's list of service types. A type is never deleted: services have it; a retired one is only not offered any more."""

import re

from sqlalchemy import select

from app import clock
from app.errors import NotFound, Refused
from app.extensions import db
from app.services.models import Service, ServiceType
from app.services.operations import index_again

KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
LONGEST_NAME = 80


def every() -> list[ServiceType]:
    """All types, the retired ones too, in their order."""
    return list(db.session.scalars(select(ServiceType).order_by(ServiceType.position, ServiceType.name)))


def add(key: str, name: str) -> ServiceType:
    """A new type, at the end of the list. Its key is in addresses (`?type=hair`) and never changes."""
    if not KEY.fullmatch(key):
        raise Refused("A key is 1 to 40 small letters, digits and hyphens, and begins with a letter.")
    rows = every()
    if key in {row.key for row in rows}:
        raise Refused(f"There is a type {key} already.")
    row = ServiceType(key=key, name=_name(name), position=max((row.position for row in rows), default=0) + 1)
    db.session.add(row)
    db.session.flush()
    return row


def rename(key: str, name: str) -> ServiceType:
    """Another name for a type, on all its listings."""
    row = find(key)
    row.name = _name(name)
    db.session.flush()
    index_again(Service.service_type_id == row.id)
    return row


def move(key: str, place: int) -> ServiceType:
    """Put a type at this place of the list, counted from 1; a place past the end is the end."""
    if place < 1:
        raise Refused("Places are counted from 1.")
    row = find(key)
    rows = [each for each in every() if each is not row]
    rows.insert(place - 1, row)
    for position, each in enumerate(rows, start=1):
        each.position = position
    return row


def retire(key: str) -> ServiceType:
    """Don't offer it any more; services that have it keep it."""
    row = find(key)
    row.retired_at = row.retired_at or clock.now()
    return row


def restore(key: str) -> ServiceType:
    """Offer it again."""
    row = find(key)
    row.retired_at = None
    return row


def find(key: str) -> ServiceType:
    """The type with this key; `NotFound` names the key."""
    row = db.session.scalar(select(ServiceType).where(ServiceType.key == key))
    if row is None:
        raise NotFound(f"There is no type {key}. `flask service-types list` shows all.")
    return row


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused(f"A name has 1 to {LONGEST_NAME} characters.")
    return name
