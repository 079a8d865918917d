"""Reading services and their types."""

from uuid import UUID

from sqlalchemy import or_, select

from app.extensions import db
from app.services.models import ServiceType


def offered_types(present: UUID | None = None) -> list[ServiceType]:
    """The types that a provider can choose, in the operator's order; also the `present` one of a service, if it was retired since."""
    offered = or_(ServiceType.retired_at.is_(None), ServiceType.id == present)
    return list(db.session.scalars(select(ServiceType).where(offered).order_by(ServiceType.position, ServiceType.name)))
