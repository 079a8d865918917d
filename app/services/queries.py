"""Reading services and their types."""

from sqlalchemy import select

from app.extensions import db
from app.services.models import ServiceType


def offered_types() -> list[ServiceType]:
    """The types that a provider can choose, in the operator's order."""
    return list(
        db.session.scalars(
            select(ServiceType).where(ServiceType.retired_at.is_(None)).order_by(ServiceType.position, ServiceType.name)
        )
    )
