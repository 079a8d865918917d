"""What the steps need to know besides what was typed: for whom, in which locale, and what can be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy.orm import undefer

from app.errors import Conflict, NotFound
from app.extensions import db
from app.media.models import Media
from app.media.queries import attached, recently_removed
from app.providers.models import Provider
from app.services.models import Service
from app.services.queries import OfferedType, offered_types
from app.transaction import connection
from app.wizard import rows
from app.wizard.rows import OF_SERVICE, ProviderRow, ServiceRow

ENTITY = "service"
WITH_ANSWERS = undefer(Service.answers)


@dataclass
class Context:
    """One provider's one service. What its rows don't hold is read when a step asks for it, and once."""

    provider: ProviderRow
    service: ServiceRow
    #: What the page says that its step asks (`Step.sign`), which may be from before a change; None where no page is behind it.
    asked: str | None = None
    _whole: Service | None = field(default=None, repr=False)

    @classmethod
    def of(cls, provider: Provider, service: Service) -> "Context":
        """For who has both as objects of the session."""
        return cls(ProviderRow.of(provider), ServiceRow.of(service), _whole=service)

    @property
    def locale(self) -> str:
        return self.provider.locale

    @property
    def whole(self) -> Service:
        """All of the service, as an object of the session. `service` is of the same moment from then on. `NotFound` if it is gone."""
        if self._whole is None:
            self._whole = db.session.get(Service, self.service.id, options=(WITH_ANSWERS,))
            if self._whole is None:
                raise NotFound()
            self.service = ServiceRow.of(self._whole)
        return self._whole

    @cached_property
    def service_types(self) -> list[OfferedType]:
        with connection() as reading:
            return offered_types(self.service.service_type_id, reading)

    @cached_property
    def media(self) -> list[Media]:
        """The service's files in the order of their arrival, without the removed ones."""
        return attached(ENTITY, self.service.id)

    @cached_property
    def known_media(self) -> set[str]:
        """The identities of the service's files, also of those that can be put back."""
        return {str(each.id) for each in [*self.media, *recently_removed(ENTITY, self.service.id)]}

    def read_again(self) -> None:
        """Read the service as it is by now. `NotFound` if it is gone, `Conflict` if its steps can't be saved any more."""
        row = rows.again(self.service)
        if row is None:
            raise NotFound()
        if not row.is_open:
            raise Conflict()
        self._is_now(row)

    def follow(self, values: Mapping[str, Any]) -> None:
        """A statement has given the service's row these values."""
        self._is_now(self.service._replace(**{name: value for name, value in values.items() if name in OF_SERVICE}))

    def _is_now(self, row: ServiceRow) -> None:
        if self._whole is not None and self._whole in db.session:
            db.session.expire(self._whole)  # who holds the object reads it anew
        self.service, self._whole = row, None
