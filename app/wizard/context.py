"""What the steps need to know besides what was typed: for whom, in which locale, and what can be chosen."""

from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def media(self) -> list[Media]:
        """The service's files in the order of their arrival, without the removed ones."""
        return attached(ENTITY, self.service.id)
