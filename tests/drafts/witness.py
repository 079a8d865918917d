"""What was promised, and to whom it was told: a model of one history that knows nothing of the code under test.

It hears what a provider hears (mails that a server took, moments that a page showed) and what a provider does, and it judges each disappearance.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID


class Broken(AssertionError):
    """A promise was broken; the message says which."""


@dataclass(frozen=True)
class Notice:
    """A warning that a mail server took: when (in order, and by the clock), which moment it names, and the notice period of that time."""

    order: int
    at: datetime
    moment: datetime
    length: timedelta


@dataclass
class Known:
    """One draft as its provider knows it."""

    owner: int
    has_content: bool
    touched: int  # when, in order, its provider last did something to it
    shown: datetime  # the latest moment that a page or a mail named
    notices: list[Notice] = field(default_factory=list)
    is_published: bool = False
    restorable_until: datetime | None = None  # told when it was deleted
    was_told_of: bool = True  # whether its deletion needs no mail any more


@dataclass(frozen=True)
class Row:
    """What the database holds of a draft that is still there."""

    id: UUID
    status: str
    deleted_at: datetime | None
    deleted_by: str | None
    purge_at: datetime | None
    expires_at: datetime | None


class Witness:
    """Everything that was promised in one history."""

    def __init__(self) -> None:
        self.step = 0
        self.order = 0  # of all that is heard and done, within a step too
        self.drafts: dict[UUID, Known] = {}
        self.is_reachable: dict[int, bool] = {}
        self.mails: dict[str, int] = {}  # how often a Message-ID was taken
        self.gaps: set[str] = set()  # Message-IDs of which the application can't know that they were taken
        self.announced: dict[tuple[UUID, datetime], str] = {}
        self.expired = 0
        self.warned = 0

    def reachable(self, owner: int, is_reachable: bool) -> None:
        """Whether mail can and may reach a provider from now on; who can't be told is owed no mail."""
        self.is_reachable[owner] = is_reachable
        for known in self.drafts.values():
            known.was_told_of |= known.owner == owner and not is_reachable

    def next(self) -> int:
        self.order += 1
        return self.order

    def touched(self, identity: UUID, shown: datetime | None, **known: object) -> None:
        """Its provider did something to a draft, and the page then named this moment."""
        draft = self.drafts[identity]
        draft.touched = self.next()
        for name, value in known.items():
            setattr(draft, name, value)
        if shown is not None:
            self.sees(identity, shown)

    def sees(self, identity: UUID, moment: datetime) -> None:
        draft = self.drafts[identity]
        if moment < draft.shown:
            raise Broken(f"a page names {moment}, and {draft.shown} was named before")
        draft.shown = moment

    def took_mail(self, message_id: str, is_gap: bool) -> None:
        """A server took a mail: once, unless nobody could tell the application that it was."""
        if is_gap:
            self.gaps.add(message_id)
        if self.mails.get(message_id) and message_id not in self.gaps:
            raise Broken(f"{message_id} was sent twice")
        self.mails[message_id] = self.mails.get(message_id, 0) + 1

    def took_warning(self, message_id: str, identity: UUID, moment: datetime, now: datetime, length: timedelta) -> None:
        first = self.announced.setdefault((identity, moment), message_id)
        if first != message_id:
            raise Broken(f"{moment} was announced in two mails")
        self.warned += 1
        known = self.drafts.get(identity)
        if known is not None:
            known.notices.append(Notice(self.next(), now, moment, length))
            known.shown = max(known.shown, moment)

    def took_farewell(self, identity: UUID) -> None:
        known = self.drafts.get(identity)
        if known is not None:
            known.was_told_of = True

    def found(self, rows: dict[UUID, Row], now: datetime) -> None:
        """Judge what is there and what isn't."""
        for identity, known in list(self.drafts.items()):
            row = rows.get(identity)
            if row is None:
                self._judge_absence(known, now)
                del self.drafts[identity]
            elif known.is_published:
                if row.deleted_at is not None or row.status != "published":
                    raise Broken("a published service was deleted")
            elif row.deleted_at is None:
                if row.expires_at is None or row.expires_at < known.shown:
                    raise Broken(f"a draft expires at {row.expires_at}, and {known.shown} was promised")
                known.shown = row.expires_at  # as the dashboard shows it
            elif known.restorable_until is None:
                self._judge_expiry(known, row, now)

    def _judge_expiry(self, known: Known, row: Row, now: datetime) -> None:
        if row.deleted_by != "expiry":
            raise Broken("deleted by its provider, who did nothing")
        if now < known.shown:
            raise Broken(f"deleted at {now}, and {known.shown} was promised")
        assert row.purge_at is not None
        known.restorable_until = row.purge_at
        if not known.has_content:
            return
        self.expired += 1
        if not self.is_reachable[known.owner]:
            return
        since = [each for each in known.notices if each.order > known.touched]
        if not since:
            raise Broken("deleted without a warning since it was last touched")
        if not any(each.moment <= now and now - each.at >= each.length for each in since):
            raise Broken(f"deleted at {now} without full notice: {since}")
        known.was_told_of = False

    def _judge_absence(self, known: Known, now: datetime) -> None:
        if known.is_published:
            raise Broken("a published service is gone")
        if known.restorable_until is None and known.has_content:
            raise Broken("a draft is gone that was never deleted")
        if known.has_content and known.restorable_until is not None and now < known.restorable_until:
            raise Broken(f"gone at {now}, although it could be restored until {known.restorable_until}")
