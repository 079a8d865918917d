"""The two rows that a request of the wizard begins with, the provider's and the service's: plain values, read by one statement.

A row never changes. Who writes to the database puts another row in its place (`Context.follow`). It has the columns that are written here and no
other: who needs more of a service asks for all of it (`Context.whole`).
"""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from flask_security import UserMixin
from sqlalchemy import Select, and_, bindparam, select

from app.extensions import Base, table
from app.providers.models import Provider
from app.services.models import Service, Status
from app.transaction import connection


@dataclass(frozen=True, eq=False)  # Flask-Login compares two by their session
class ProviderRow(UserMixin):
    """Who is signed in, as far as the wizard's pages show it."""

    id: UUID  # type: ignore[assignment]
    active: bool
    fs_uniquifier: str
    email: str
    display_name: str
    guest_since: datetime | None
    locale: str
    time_zone: str
    currency: str

    @classmethod
    def of(cls, provider: Provider) -> "ProviderRow":
        return cls(*(getattr(provider, name) for name in OF_PROVIDER))

    @property
    def is_guest(self) -> bool:
        return self.guest_since is not None


class ServiceRow(NamedTuple):
    """What the steps and their pages need to know of a service, and what saving a step reads and writes of it."""

    id: UUID
    status: str
    is_public: bool
    name: str | None
    service_type_id: UUID | None
    currency: str | None
    extras: dict[str, Any] | None
    answers: dict[str, dict[str, Any]] | None
    answers_schema: str | None
    revision: int
    has_content: bool
    expires_at: datetime | None
    announced_for: datetime | None
    published_at: datetime | None
    deleted_at: datetime | None

    @classmethod
    def of(cls, service: Service) -> "ServiceRow":
        return cls(*(getattr(service, name) for name in OF_SERVICE))

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_being_edited(self) -> bool:
        """Whether a published service has changes that visitors don't see yet."""
        return self.published_at is not None and self.answers_schema is not None

    @property
    def is_open(self) -> bool:
        """Whether its steps can be shown and saved."""
        return self.deleted_at is None and self.status != Status.ARCHIVED


OF_PROVIDER, OF_SERVICE = tuple(each.name for each in fields(ProviderRow)), ServiceRow._fields


def of_session(session: str, service_id: UUID) -> tuple[ProviderRow | None, ServiceRow | None]:
    """The provider of a session and, in the same statement, their own service with this id; None where there is none."""
    with connection() as reading:
        found = reading.execute(_by_session(), {"session": session, "service": service_id}).first()
    if found is None:
        return None, None
    end = len(OF_PROVIDER)
    return ProviderRow(*found[:end]), ServiceRow(*found[end:]) if found[end] is not None else None


def again(row: ServiceRow) -> ServiceRow | None:
    """The same service as it is now, whoever has it: a guest's may have become an account's, and what the guest was saving goes along."""
    with connection() as reading:
        found = reading.execute(_by_id(), {"service": row.id}).first()
    return ServiceRow(*found) if found is not None else None


def _columns(model: type[Base], names: tuple[str, ...]) -> list[Any]:
    return [table(model).c[name] for name in names]


@cache
def _by_session() -> Select[Any]:
    """Built once: putting a statement together costs more than sending it."""
    provider, service = table(Provider), table(Service)
    own = and_(service.c.id == bindparam("service"), service.c.provider_id == provider.c.id)
    return (
        select(*_columns(Provider, OF_PROVIDER), *_columns(Service, OF_SERVICE))
        .select_from(provider.outerjoin(service, own))
        .where(provider.c.fs_uniquifier == bindparam("session"))
    )


@cache
def _by_id() -> Select[Any]:
    return select(*_columns(Service, OF_SERVICE)).where(table(Service).c.id == bindparam("service"))
