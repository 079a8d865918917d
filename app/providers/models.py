"""The provider: an account, and the person that visitors see."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_security import UserMixin
from sqlalchemy import Boolean, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.columns import UTCDateTime, new_id
from app.extensions import Base


class Provider(Base, UserMixin):
    """One account. Flask-Security reads the first block; its passkey and two-factor columns come with a later migration."""

    __tablename__ = "provider"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    display_name: Mapped[str] = mapped_column(String(80), default="")
    slug: Mapped[str | None] = mapped_column(String(80), unique=True)
    about: Mapped[str] = mapped_column(Text, default="")
    has_public_page: Mapped[bool] = mapped_column(Boolean, default=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3))

    # An address that mail can't reach or may not reach: the promise of a warning falls away with it.
    reminders_stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undeliverable_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    # Somebody who tries Shingle without an account (`account/guests.py`). The address is made up, and nobody can write to it.
    guest_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: Of a guest: which others came from the same network, without saying which network that is.
    network: Mapped[str | None] = mapped_column(String(16))
    claimant_id: Mapped[UUID | None] = mapped_column()  # the account that this guest signed up for; it may be gone
    publishing_id: Mapped[UUID | None] = mapped_column()  # the draft that this guest wanted to publish last; it may be gone
    offered_to: Mapped[str | None] = mapped_column(String(64))  # digest of the address to which the latest link was sent

    __table_args__ = (
        Index(
            "ix_provider_guest",
            "guest_since",
            postgresql_where=text("guest_since IS NOT NULL"),
            sqlite_where=text("guest_since IS NOT NULL"),
        ),
        Index(
            "ix_provider_claimant",
            "claimant_id",
            postgresql_where=text("claimant_id IS NOT NULL"),
            sqlite_where=text("claimant_id IS NOT NULL"),
        ),
    )

    @property
    def is_guest(self) -> bool:
        """Whether this is no account, but somebody whose drafts belong to their browser."""
        return self.guest_since is not None

    @property
    def is_reachable(self) -> bool:
        """Whether a warning can and may be sent to this provider."""
        return self.confirmed_at is not None and self.reminders_stopped_at is None and self.undeliverable_at is None

    @property
    def roles(self) -> list[Any]:  # type: ignore[override]
        """Flask-Security asks for roles; Shingle has none."""
        return []
