"""What the steps need to know besides what was typed: for whom, in which locale, and what can be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Update
from sqlalchemy.orm.attributes import set_committed_value

from app.extensions import db
from app.media.models import Media
from app.media.queries import attached
from app.providers.models import Provider
from app.services.models import Service
from app.services.queries import OfferedType, offered_types

ENTITY = "service"


@dataclass(frozen=True)
class Context:
    """One provider's one service. Rows are read when a step asks for them, and once."""

    provider: Provider
    service: Service
    #: What the page says that its step asks (`Step.sign`), which may be from before a change; None where no page is behind it.
    asked: str | None = None

    @property
    def locale(self) -> str:
        return self.provider.locale

    @cached_property
    def service_types(self) -> list[OfferedType]:
        return offered_types(self.service.service_type_id)

    def read_again(self) -> None:
        """Read the service's row as it is by now."""
        db.session.refresh(self.service)

    def replace(self, statement: Update, given: Mapping[str, Any], values: Mapping[str, Any], *, is_all: bool) -> bool:
        """Whether the statement changed the service's row; then it has these values, here too. `is_all`: nothing else is changed with it."""
        # On the connection: the session would look for rows in memory that the statement might concern.
        if db.session.connection().execute(statement, given).rowcount != 1:
            return False
        for name, value in values.items():
            # The row in memory follows the statement; a flush must not write it again.
            set_committed_value(self.service, name, value)
        return True

    @cached_property
    def media(self) -> list[Media]:
        """The service's files in the order of their arrival, without the removed ones."""
        return attached(ENTITY, self.service.id)
