"""What steps said before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import Document, UTCDateTime
from app.extensions import Base


class EarlierAnswer(Base):
    """One step as it was, in one of the slots that the step writes again in turn (`history.py`)."""

    __tablename__ = "earlier_answer"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    slot: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer)  # 1 is the first that this step ever kept
    typed: Mapped[dict[str, Any]] = mapped_column(Document)  # {field: [text]}, as typed
    saved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # None: as it was published
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
