"""One uploaded file and its row. The row exists before the URL that uploads it does."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from app import clock
from app.columns import Document, UTCDateTime, new_id
from app.extensions import Base

UNDO = timedelta(hours=1)  # for so long a removed file can be put back


class State(StrEnum):
    """granted --PUT done--> received --verify--> ready, or rejected with a reason."""

    GRANTED = "granted"
    RECEIVED = "received"
    READY = "ready"
    REJECTED = "rejected"


class Kind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


def known(row: "Media", **values: Any) -> None:
    """The row has these values now, which a statement wrote: nothing has to be read again, and nothing is to be written."""
    for name, value in values.items():
        set_committed_value(row, name, value)


class Media(Base):
    """A file of a provider, attached to any entity by (`entity_type`, `entity_id`). Its keys never depend on either.

    Order, cover and alt text are not here: they are an answer of the wizard, and the `gallery` of a published service.
    """

    __tablename__ = "media"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), index=True)
    entity_type: Mapped[str | None] = mapped_column(String(32))
    entity_id: Mapped[UUID | None] = mapped_column()
    state: Mapped[str] = mapped_column(String(12), default=State.GRANTED)
    kind: Mapped[str] = mapped_column(String(12))
    file_name: Mapped[str] = mapped_column(String(255))  # as the provider's device called it; shown, never part of a key

    declared_type: Mapped[str] = mapped_column(String(64))
    declared_bytes: Mapped[int] = mapped_column(BigInteger)
    declared_sha256: Mapped[str | None] = mapped_column(String(64))
    incoming_key: Mapped[str] = mapped_column(String(200))  # the only key that a URL for writing is ever issued for
    urls_expire_at: Mapped[datetime] = mapped_column(UTCDateTime)  # the last of the upload URLs issued so far
    upload_id: Mapped[str | None] = mapped_column(Text)  # the store's name for a multipart upload that is not completed
    part_bytes: Mapped[int | None] = mapped_column(Integer)  # of every part but the last; None for a file that goes in one PUT
    fingerprint: Mapped[str | None] = mapped_column(
        String(80)
    )  # the browser's, to know a file again that was picked a second time

    content_type: Mapped[str | None] = mapped_column(String(64))  # verified
    etag: Mapped[str | None] = mapped_column(String(80))  # of the bytes that were verified
    original_key: Mapped[str | None] = mapped_column(String(200))  # PDF and video, written anew
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    pages: Mapped[int | None] = mapped_column(Integer)  # of a PDF
    seconds: Mapped[int | None] = mapped_column(Integer)  # of a video, at least 1
    frames: Mapped[int | None] = mapped_column(Integer)  # of an animation
    variants: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)  # [{"key","width","height","type","bytes"}]
    reason: Mapped[str | None] = mapped_column(String(40))  # why it was rejected; `app/media/reasons.py` has the sentences

    copy_of: Mapped[UUID | None] = mapped_column()  # the file whose verified objects this one is to have; that row may be gone
    is_live: Mapped[bool] = mapped_column(Boolean, default=False)  # in the gallery of a published service
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    received_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    began_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when a worker last began to look at it (`turns.py`)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # can be undone for a while; then it is deleted

    __table_args__ = (
        Index("ix_media_entity", "entity_type", "entity_id"),
        Index(
            "ix_media_unfinished",
            "state",
            "urls_expire_at",
            postgresql_where=text("state IN ('granted', 'received')"),
            sqlite_where=text("state IN ('granted', 'received')"),
        ),
        Index(
            "ix_media_removed",
            "removed_at",
            postgresql_where=text("removed_at IS NOT NULL"),
            sqlite_where=text("removed_at IS NOT NULL"),
        ),
    )
