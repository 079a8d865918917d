"""What happened to drafts, without saying to whom (events outlive the rows they speak of and name no person), and how the sweeps fare."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.columns import Document, UTCDateTime, new_id
from app.extensions import Base

Name = Literal[
    "started",
    "completed",
    "warned",
    "resumed",
    "kept",
    "published",
    "discarded",
    "expired",
    "restored",
    "paused",
    "listed",
    "unlisted",
    "archived",
    "claimed",
]
NAMES: tuple[str, ...] = get_args(Name)


class Event(Base):
    """One thing that happened to one service. No foreign key: the draft may be gone."""

    __tablename__ = "event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(32))  # one of `NAMES`
    service_id: Mapped[UUID] = mapped_column()
    detail: Mapped[str | None] = mapped_column(String(40))  # a step's key, or where it came from ("email", "dashboard")
    happened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    __table_args__ = (
        Index("ix_event_name", "name", "happened_at"),
        Index("ix_event_service", "service_id"),
    )


class SweepRun(Base):
    """One sweep: who runs it now, how its last run ended, and when the schedule wants the next.

    `holder` has it until `lease_until`, and says so again and again; a process that was killed stops saying so, and the next one takes over.
    """

    __tablename__ = "sweep_run"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)  # as in the schedule: "drafts.expire"
    cron: Mapped[str | None] = mapped_column(String(40))  # its line, as the scheduler last announced it
    announced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when the scheduler first announced that line
    holder: Mapped[UUID | None] = mapped_column()  # of the run that is under way, or was when it was killed
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the latest run
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the latest run that came to an end, whichever
    succeeded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended: Mapped[str | None] = mapped_column(
        String(12)
    )  # "done", "handed over" (its time was up, a follow-up goes on), "failed"
    counts: Mapped[dict[str, int] | None] = mapped_column(Document)  # what that run did
    error: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(Integer, default=0)  # since the last success, killed runs included
