"""Mails about drafts: which expiry was announced and when the mail was handed over, and who is still to be told of a deletion."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import UTCDateTime, new_id
from app.extensions import Base


class ExpiryWarning(Base):
    """One draft's one expiry, announced once. Claimed before the mail is sent, recorded after; several share a `message_id`.

    A save moves the draft's `expires_at`, and this row then speaks of an expiry that never comes.
    """

    __tablename__ = "warning"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"))
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)  # the moment that the mail announces
    message_id: Mapped[str] = mapped_column(String(120), index=True)
    claimed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    notice_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # by the settings of the moment in which it was sent
    attempts: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (
        UniqueConstraint("service_id", "expires_at"),
        Index("ix_warning_expires", "expires_at"),
        Index(
            "ix_warning_unsent", "claimed_at", postgresql_where=text("sent_at IS NULL"), sqlite_where=text("sent_at IS NULL")
        ),
    )


class Farewell(Base):
    """A mail that is owed to a provider: what went says the drafts that were deleted at this moment. The row is gone once the mail was taken."""

    __tablename__ = "farewell"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), index=True)
    deleted_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    claimed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
