"""What happened to drafts, without saying to whom: events outlive the rows they speak of and name no person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.columns import UTCDateTime, new_id
from app.extensions import Base


class Event(Base):
    """One thing that happened to one service. No foreign key: the draft may be gone."""

    __tablename__ = "event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(
        String(32)
    )  # started, completed, warned, resumed, kept, published, discarded, expired, restored
    service_id: Mapped[UUID] = mapped_column()
    detail: Mapped[str | None] = mapped_column(String(40))  # a step's key, or where it came from ("email", "dashboard")
    happened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    __table_args__ = (Index("ix_event_name", "name", "happened_at"), Index("ix_event_service", "service_id"))
