"""Who owns what. Another provider's row answers exactly as one that does not exist."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from app.errors import NotFound
from app.extensions import db

Row = TypeVar("Row")


def owned(model: type[Row], identity: UUID, provider_id: UUID, *options: Any) -> Row:
    """The provider's own row; `NotFound` when there is none, or when it is somebody else's."""
    table: Any = model
    row = db.session.scalar(select(model).where(table.id == identity, table.provider_id == provider_id).options(*options))
    if row is None:
        raise NotFound()
    return row
