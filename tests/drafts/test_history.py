"""Random histories against the promise: while its provider can be reached, no draft with anything in it goes without a warning and whole notice.

`HISTORIES=5000` tries more of them.
"""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.drafts import operations, sweeps
from app.extensions import db
from app.providers.models import Provider
from app.services.models import Service
from tests import factories
from tests.servers.smtp import MailServer

HISTORIES = int(os.environ.get("HISTORIES", "25"))
BEGIN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NOTICE = timedelta(hours=24)

hours = st.sampled_from([0.2, 1, 5, 11, 23, 24, 25, 47, 49, 100, -1])
acts = st.sampled_from(["edit", "keep", "discard", "restore", "publish", "stop", "start", "refuse", "accept"])
sweeping = st.sampled_from(["warn", "expire", "warn", "expire", "purge"])
histories = st.lists(st.tuples(hours, st.one_of(acts, sweeping), st.integers(0, 1)), min_size=4, max_size=30)


class Life:
    """Two drafts, and what their provider can know: which mail arrived when, and when they last did something themselves."""

    def __init__(self, settings: Settings, posted: MailServer) -> None:
        db.session.query(Service).delete()
        self.settings, self.posted = settings, posted
        self.provider_id = factories.provider().id
        provider = db.session.get_one(Provider, self.provider_id)
        self.names = {factories.draft(provider, name=name, has_content=True).id: name for name in ("One", "Two")}
        self.touched = dict.fromkeys(self.names, BEGIN)
        self.warned: dict[UUID, datetime] = {}
        self.is_reachable = True

    def sweep(self, name: str, now: datetime) -> None:
        before, mails = self._deleted(), len(self.posted.received)
        getattr(sweeps, name)(self.settings)
        if name == "warn":
            self._read(self.posted.received[mails:], now)
        if name == "expire" and self.is_reachable:
            for identity in self._deleted() - before:
                self.check(identity, now)

    def check(self, identity: UUID, now: datetime) -> None:
        assert identity in self.warned, "deleted without a warning"
        assert now - self.warned[identity] >= NOTICE, "deleted before the whole notice had passed"
        assert self.warned[identity] >= self.touched[identity], "deleted although something was done to it after the warning"

    def act(self, name: str, identity: UUID, now: datetime) -> None:
        if name == "refuse":
            self.posted.refuse("451 Try again later")
        elif name == "accept":
            self.posted.reset()
        elif name in ("stop", "start"):
            self.is_reachable = name == "start"
            provider = db.session.get_one(Provider, self.provider_id)
            provider.reminders_stopped_at = None if self.is_reachable else now
        elif (draft := db.session.get(Service, identity, populate_existing=True)) is not None and draft.is_draft:
            self._touch(name, draft, now)
        db.session.commit()

    def _touch(self, name: str, draft: Service, now: datetime) -> None:
        if draft.deleted_at is None and name != "restore":
            self.touched[draft.id] = now
            if name == "edit":
                draft.edited_at, draft.expires_at = now, now + self.settings.draft_delete_after
            elif name == "publish":
                draft.status, draft.expires_at = "published", None
            elif name in ("keep", "discard"):
                getattr(operations, name)(draft, self.settings)
        elif name == "restore" and draft.purge_at and draft.purge_at > now:
            self.touched[draft.id] = now
            operations.restore(draft, self.settings)

    def _read(self, mails: list[Any], now: datetime) -> None:
        for mail in mails:
            text = mail.message.get_body(("plain",)).get_content()
            told = [identity for identity, name in self.names.items() if re.search(rf"^{name}\s*$", text, re.MULTILINE)]
            self.warned.update(dict.fromkeys(told, now))

    def _deleted(self) -> set[UUID]:
        return set(db.session.scalars(db.select(Service.id).where(Service.deleted_at.is_not(None))))


@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=HISTORIES == 25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories)
def test_no_draft_goes_without_a_warning_and_the_whole_notice(
    history: list[tuple[float, str, int]], app: Any, posted: MailServer, travel: Callable[..., datetime]
) -> None:
    travel(to=BEGIN)
    posted.reset()
    life = Life(app.extensions["settings"], posted)
    ids = list(life.names)
    for ahead, name, which in history:
        now = travel(hours=ahead)
        if name in ("warn", "expire", "purge"):
            life.sweep(name, now)
        else:
            life.act(name, ids[which], now)
