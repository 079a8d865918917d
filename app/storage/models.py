"""The deletion ledger: the record of objects still to be deleted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.columns import UTCDateTime, new_id
from app.extensions import Base


class LedgerEntry(Base):
    """One object (or one multipart upload) that must go.

    It is deleted at `due_at` for the first time, and once more after `settled_at`, when every URL issued for its key has expired and a PUT still in
    flight has had time to land: both were seen to bring a deleted object back. Only then does the entry go.
    """

    __tablename__ = "ledger"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(200))
    upload_id: Mapped[str | None] = mapped_column(Text)
    keys: Mapped[str | None] = mapped_column(
        Text
    )  # all that lies below a key that ends in a slash, where that is known; one a line
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    settled_at: Mapped[datetime] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    # An entry with `keys` stands for the folder of a file and has its id: it is found by that.
    __table_args__ = (
        Index("ix_ledger_due", "due_at"),
        Index("ix_ledger_key", "key", postgresql_where=text("keys IS NULL"), sqlite_where=text("keys IS NULL")),
    )
