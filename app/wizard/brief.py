"""An autosave, the request that comes most often: of its two rows only a part is read, without a session, and what it writes is mostly one statement
that commits itself. What goes beyond that (a version for the history, an event, a column that was not read) goes through the session.
"""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, ClassVar, cast
from uuid import UUID

from flask_security import UserMixin
from sqlalchemy import Select, Update, and_, bindparam, select

from app.errors import NotFound
from app.extensions import Base, db, table
from app.providers.models import Provider
from app.services.models import Service
from app.services.queries import OfferedType, offered_types
from app.transaction import alone
from app.wizard.context import Context


class _Part:
    """A row of which some columns were read. Whoever asks for another one gets it from the whole row, which is read then."""

    model: ClassVar[type[Base]]
    columns: ClassVar[tuple[str, ...]]

    def __init__(self, values: Any) -> None:
        self.follow(dict(zip(self.columns, values, strict=True)))

    def follow(self, values: Mapping[str, Any]) -> None:
        """From now on the row has these values."""
        vars(self).update(values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)

    @cached_property
    def _whole(self) -> Any:
        found = db.session.get(self.model, self.id)
        if found is None:
            raise NotFound()
        return found


class _Provider(_Part, UserMixin):
    model = Provider
    columns = ("id", "active", "fs_uniquifier", "guest_since", "locale", "time_zone", "currency")
    is_guest = Provider.is_guest


class _Service(_Part):
    model = Service
    columns = (
        *("id", "status", "deleted_at", "published_at", "answers", "revision", "has_content", "expires_at", "announced_for"),
        *("service_type_id", "currency", "extras"),
    )
    is_draft = Service.is_draft


class Brief(Context):
    """A provider's service of which some columns were read (`of_session`)."""

    @cached_property
    def service_types(self) -> list[OfferedType]:
        with alone() as connection:
            return offered_types(self.service.service_type_id, connection)

    def read_again(self) -> None:
        _provider, service = of_session(self.provider.fs_uniquifier, self.service.id)
        if service is None:
            raise NotFound()
        self._follow(vars(service))

    def replace(self, statement: Update, given: Mapping[str, Any], values: Mapping[str, Any], *, is_all: bool) -> bool:
        if _changed(statement, given, is_alone=is_all) != 1:
            return False
        self._follow(values)
        return True

    def _follow(self, values: Mapping[str, Any]) -> None:
        cast(_Service, self.service).follow(values)


def of_session(session: str, identity: UUID) -> tuple[Provider | None, Service | None]:
    """As `providers.access.of_session` reads them, in part: to all who ask, they are a `Provider` and a `Service`."""
    with alone() as connection:
        row = connection.execute(_statement(), {"session": session, "identity": identity}).first()
    if row is None:
        return None, None
    values, of_provider = tuple(row), len(_Provider.columns)
    service = _Service(values[of_provider:]) if values[of_provider] is not None else None
    return cast(Provider, _Provider(values[:of_provider])), cast(Service | None, service)


def _changed(statement: Update, given: Mapping[str, Any], *, is_alone: bool) -> int:
    """How many rows the statement changed: by itself, or in the transaction of what follows."""
    if not is_alone:
        return db.session.connection().execute(statement, given).rowcount
    with alone() as connection:
        return connection.execute(statement, given).rowcount


@cache
def _statement() -> Select[Any]:
    provider, service = (table(model).c for model in (Provider, Service))
    own = and_(service.id == bindparam("identity"), service.provider_id == provider.id)
    columns = [provider[name] for name in _Provider.columns] + [service[name] for name in _Service.columns]
    return (
        select(*columns)
        .select_from(table(Provider).outerjoin(table(Service), own))
        .where(provider.fs_uniquifier == bindparam("session"))
    )
