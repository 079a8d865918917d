"""Reading services and their types."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import contains_eager, joinedload, load_only
from sqlalchemy.orm.interfaces import ORMOption

from app.columns import UTCDateTime
from app.errors import NotFound
from app.extensions import db
from app.media.models import Kind, Media, State
from app.providers.models import Provider
from app.services.cursors import Cursor
from app.services.models import Service, ServiceType

PAGE = 24
SLUG = re.compile(r"[a-z0-9-]{1,120}")
# In the words of the partial index `ix_service_listed`: with bound values SQLite would not use it.
LISTED = text(
    "service.status = 'published' AND service.is_active AND service.is_public AND service.deleted_at IS NULL AND provider.active"
)
_ORDER = (Service.published_at.desc(), Service.id.desc())
_CARD = load_only(
    *(Service.name, Service.slug, Service.summary, Service.location, Service.gallery, Service.published_at),
    *(Service.price_kind, Service.price_minor, Service.currency, Service.duration_minutes),
    raiseload=True,
)
_PROVIDER = (Provider.display_name, Provider.slug, Provider.has_public_page)


@dataclass(frozen=True)
class Page:
    """Some listings, newest first, and where the pages beside begin (None at an end)."""

    services: list[Service]
    newer: Cursor | None
    older: Cursor | None


class OfferedType(NamedTuple):
    """What a choice needs to know of a type. Each save of the first step asks for all of them: rows are cheaper than objects of the session."""

    id: UUID
    key: str
    name: str


OFFERED = (
    select(ServiceType.id, ServiceType.key, ServiceType.name)
    .where(or_(ServiceType.retired_at.is_(None), ServiceType.id == bindparam("present")))
    .order_by(ServiceType.position, ServiceType.name)
)


def offered_types(present: UUID | None = None, by: Connection | None = None) -> list[OfferedType]:
    """The types that a provider can choose, in the operator's order; also the `present` one of a service, if it was retired since. `by`: asked
    outside of the session."""
    return [OfferedType(*row) for row in (by or db.session).execute(OFFERED, {"present": present})]


def by_slug(slug: str) -> Service:
    """The service at this address, in whatever state, with its provider and type. `NotFound` if there never was one."""
    found = None
    if SLUG.fullmatch(slug):
        statement = select(Service).join(Service.provider).where(Service.slug == slug, Provider.active)
        found = db.session.scalar(statement.options(contains_eager(Service.provider), joinedload(Service.service_type)))
    if found is None:
        raise NotFound()
    return found


def provider_by_slug(slug: str) -> Provider:
    """The provider with a public page at this address."""
    found = None
    if SLUG.fullmatch(slug):
        found = db.session.scalar(select(Provider).where(Provider.slug == slug, Provider.active, Provider.has_public_page))
    if found is None:
        raise NotFound()
    return found


def page(*conditions: ColumnElement[bool], after: Cursor | None = None, before: Cursor | None = None, size: int = PAGE) -> Page:
    """The listings that meet the conditions: the newest, those older than `after`, or those newer than `before`."""
    statement = listed(_CARD).where(*conditions).limit(size + 1)
    if before is not None:
        rows = list(db.session.scalars(statement.where(_place() > _at(before)).order_by(*(each.asc() for each in _KEYS))))
        more = len(rows) > size
        return _page(rows[:size][::-1], newer=more, older=True)
    if after is not None:
        statement = statement.where(_place() < _at(after))
    rows = list(db.session.scalars(statement.order_by(*_ORDER)))
    return _page(rows[:size], newer=after is not None, older=len(rows) > size)


_KEYS = (Service.published_at, Service.id)


def _page(services: list[Service], *, newer: bool, older: bool) -> Page:
    return Page(
        services,
        _cursor(services[0]) if services and newer else None,
        _cursor(services[-1]) if services and older else None,
    )


def _cursor(service: Service) -> Cursor:
    if service.published_at is None:
        raise ValueError("A listing has a moment of publication.")
    return Cursor(service.published_at, service.id)


def _place() -> Any:
    return tuple_(*_KEYS)


def _at(cursor: Cursor) -> Any:
    return tuple_(literal(cursor.moment, UTCDateTime), literal(cursor.id, Service.id.type))


def listed(*options: ORMOption) -> Select[Service]:
    """Every listing that the directory shows, with its provider and type; no order."""
    return (
        select(Service)
        .join(Service.provider)
        .where(LISTED)
        .options(*options, contains_eager(Service.provider).load_only(*_PROVIDER), joinedload(Service.service_type))
    )


def gallery(service: Service) -> list[Media]:
    """The files that visitors see of this listing, in its order."""
    return _ready([UUID(each["id"]) for each in service.gallery or []])


def covers(services: Iterable[Service]) -> dict[UUID, Media]:
    """The first photo of each listing that has one, by the service's id, in one statement."""
    wanted = {service.id: [UUID(each["id"]) for each in (service.gallery or [])[:6]] for service in services}
    images = {row.id: row for row in _ready([each for ids in wanted.values() for each in ids]) if row.kind == Kind.IMAGE}
    found = {key: next((images[each] for each in ids if each in images), None) for key, ids in wanted.items()}
    return {key: media for key, media in found.items() if media is not None}


def _ready(ids: list[UUID]) -> list[Media]:
    if not ids:
        return []
    rows = {row.id: row for row in db.session.scalars(select(Media).where(Media.id.in_(ids), Media.state == State.READY))}
    return [rows[each] for each in ids if each in rows]


def sitemap_pages(size: int) -> list[Cursor]:
    """The last listing of each full page of the sitemap. Oldest first: what is published later never moves a page's start."""
    number = func.row_number().over(order_by=_KEYS).label("number")
    listed = select(*_KEYS, number).join(Service.provider).where(LISTED).subquery()
    statement = select(listed.c.published_at, listed.c.id).where(listed.c.number % size == 0).order_by(listed.c.number)
    return [Cursor(published_at, identity) for published_at, identity in db.session.execute(statement)]


def sitemap(after: Cursor | None, size: int) -> list[tuple[str | None, datetime | None]]:
    """Address and moment of the last change of the listings that follow, oldest first."""
    statement = select(Service.slug, Service.changed_at).join(Service.provider).where(LISTED).order_by(*_KEYS).limit(size)
    if after is not None:
        statement = statement.where(_place() > _at(after))
    return [(slug, changed_at) for slug, changed_at in db.session.execute(statement)]
