"""The service: a row from the first click on, a draft until it is published."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.columns import Document, UTCDateTime, new_id
from app.extensions import Base
from app.providers.models import Provider

# What a listing says: written by the wizard's steps, copied into a duplicate. The other columns are Shingle's own.
CONTENT = (
    *("name", "service_type_id", "summary", "description", "included", "places", "location"),
    *("price_kind", "price_minor", "currency", "duration_minutes", "packages", "hours", "notice_hours", "capacity"),
)


class Status(StrEnum):
    """`draft` until first published; `archived` was published and is taken down, but kept."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class ServiceType(Base):
    """A category, edited with `flask service-types`. A retired type stays on the services that have it and is not offered any more."""

    __tablename__ = "service_type"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(Integer, default=0)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Service(Base):
    """A listing. The typed columns are what visitors and searches read; `answers` is what the provider typed, by step.

    Money is in minor units of an ISO 4217 currency, durations in minutes, hours in the provider's local time.
    """

    __tablename__ = "service"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"))
    service_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_type.id"))
    status: Mapped[str] = mapped_column(String(12), default=Status.DRAFT)
    is_active: Mapped[bool] = mapped_column(Boolean, default=False)
    is_public: Mapped[bool] = mapped_column(Boolean, default=False)
    slug: Mapped[str | None] = mapped_column(String(120), unique=True)

    name: Mapped[str | None] = mapped_column(String(120))
    summary: Mapped[str | None] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(Text)
    included: Mapped[list[str] | None] = mapped_column(Document)
    places: Mapped[list[str] | None] = mapped_column(Document)  # of "provider", "client", "online"
    location: Mapped[str | None] = mapped_column(String(200))
    price_kind: Mapped[str | None] = mapped_column(String(12))  # "fixed", "from" or "on_request"
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    duration_minutes: Mapped[int | None] = mapped_column(Integer)
    packages: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)  # [{"name", "duration_minutes", "price_minor"}]
    hours: Mapped[dict[str, list[list[str]]] | None] = mapped_column(Document)  # {"mon": [["09:00", "12:30"]]}
    notice_hours: Mapped[int | None] = mapped_column(Integer)
    capacity: Mapped[int | None] = mapped_column(Integer)
    gallery: Mapped[list[dict[str, str]] | None] = mapped_column(Document)  # [{"id", "alt"}], the cover first
    search_text: Mapped[str] = mapped_column(Text, default="")  # what `search.text_of` made of it at publication
    extras: Mapped[dict[str, Any] | None] = mapped_column(Document)  # steps that have no columns of their own, by step

    # {step: {"typed": {field: [text]}, "version": int, "complete": bool, "saved_at": ISO 8601, "kept": what the history keeps of it}};
    # None: nothing is being edited.
    answers: Mapped[dict[str, dict[str, Any]] | None] = mapped_column(Document, deferred=True)
    answers_schema: Mapped[str | None] = mapped_column(String(64))  # which steps and fields wrote them
    # Goes up by one with every save and with all else that changes what a step says, and never back: a step's version is one of its values.
    revision: Mapped[int] = mapped_column(Integer, default=0)
    has_content: Mapped[bool] = mapped_column(Boolean, default=False)  # False: nothing typed or uploaded yet

    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    edited_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # drafts only
    announced_for: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the expiry that the latest warning speaks of
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # first publication
    changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # latest publication of changes
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_by: Mapped[str | None] = mapped_column(String(12))  # "provider" (discarded) or "expiry"
    purge_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when a deleted draft can't be restored any more

    provider: Mapped[Provider] = relationship(lazy="raise")
    service_type: Mapped[ServiceType | None] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_service_provider", "provider_id", "status", "edited_at"),
        Index(
            "ix_service_service_type_id",
            "service_type_id",
            postgresql_where=text("service_type_id IS NOT NULL"),
            sqlite_where=text("service_type_id IS NOT NULL"),
        ),
        Index(
            "ix_service_due",
            "expires_at",
            postgresql_where=text("status = 'draft' AND deleted_at IS NULL"),
            sqlite_where=text("status = 'draft' AND deleted_at IS NULL"),
        ),
        Index(
            "ix_service_purge",
            "purge_at",
            postgresql_where=text("purge_at IS NOT NULL"),
            sqlite_where=text("purge_at IS NOT NULL"),
        ),
        Index(
            "ix_service_abandoned",
            "edited_at",
            postgresql_where=text("published_at IS NOT NULL AND answers_schema IS NOT NULL"),
            sqlite_where=text("published_at IS NOT NULL AND answers_schema IS NOT NULL"),
        ),
        Index(
            "ix_service_listed",
            "published_at",
            "id",
            postgresql_where=text("status = 'published' AND is_active AND is_public"),
            sqlite_where=text("status = 'published' AND is_active AND is_public"),
        ),
        Index(
            "ix_service_listed_type",
            "service_type_id",
            "published_at",
            "id",
            postgresql_where=text("status = 'published' AND is_active AND is_public"),
            sqlite_where=text("status = 'published' AND is_active AND is_public"),
        ),
    )

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_listed(self) -> bool:
        """Whether anybody may open it: published and bookable; `is_public` decides about the directory alone."""
        return self.status == Status.PUBLISHED and self.is_active and self.deleted_at is None

    @property
    def is_being_edited(self) -> bool:
        """Whether a published service has changes that visitors don't see yet."""
        return self.published_at is not None and self.answers_schema is not None
