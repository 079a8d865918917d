"""Random histories of a service, and three pages that were opened at different moments of them. Whatever happens in between,

- no version of a step is ever shown with two texts, and
- a page saves on top of what it showed, or is told that it is another text by now; then both texts are still there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app import config
from app.config import Settings
from app.drafts import operations
from app.drafts.duplicates import duplicate
from app.drafts.tidying import tidy
from app.extensions import db
from app.providers.models import Provider
from app.services import operations as services
from app.wizard import answers, history, publishing, reconciling, steps
from app.wizard.answers import Stale
from app.wizard.context import Context
from app.wizard.typed import Typed
from tests import factories
from tests.wizard.conftest import WHOLE

Look = Callable[[UUID], Context]
#: The steps that are typed in, and in which of their fields.
FIELDS = {"basics": "summary", "details": "description"}
PAGES = 3
DEEDS = (
    "type",
    "open",
    "publish",
    "discard changes",
    "archive",
    "resume",
    "tidy",
    "take back",
    "duplicate",
    "delete",
    "restore",
)
ACTS = st.tuples(
    st.sampled_from(("type",) * 5 + ("open",) * 3 + DEEDS), st.integers(0, PAGES - 1), st.sampled_from(list(FIELDS))
)


@dataclass
class Shown:
    """What a page shows of a step."""

    service: UUID
    version: int
    typed: Typed


@dataclass
class History:
    """One service and its copies. The model: which text each version of a step stands for."""

    ada: Provider
    look: Look
    settings: Settings
    travel: Callable[..., datetime]
    services: list[UUID] = field(default_factory=list)
    texts: dict[tuple[UUID, str, int], Typed] = field(default_factory=dict)
    pages: dict[tuple[int, str], Shown] = field(default_factory=dict)
    #: What the deeds came to, so that a run says whether it tried anything.
    did: set[str] = field(default_factory=set)

    def begin(self) -> None:
        draft = factories.draft(self.ada)
        for key, typed in WHOLE.items():
            answers.save(self.look(draft.id), steps.find(key), typed, 0, self.settings)
        db.session.commit()
        self.services.append(draft.id)
        for page in range(PAGES):
            for key in FIELDS:
                self.open(page, key)

    def act(self, number: int, name: str, page: int, key: str) -> None:
        if name == "type":
            self.type(page, key, f"text {number}")
        elif name == "open":
            self.open(page, key)
        else:
            self.happen(name, key)
        db.session.commit()
        for service in self.services:
            self.see(service)

    def see(self, service: UUID) -> None:
        """Every step as a page would show it now: its version stands for this text alone."""
        context = self.look(service)
        if context.service.deleted_at is None:
            for key in FIELDS:
                present = answers.of(context)[key]
                known = self.texts.setdefault((service, key, present["version"]), present["typed"])
                assert known == present["typed"], f"version {present['version']} of {key} stands for two texts"

    def open(self, page: int, key: str) -> None:
        service = self.services[-1]
        context = self.look(service)
        if context.service.deleted_at is None:
            present = answers.of(context)[key]
            self.pages[page, key] = Shown(service, present["version"], present["typed"])

    def type(self, page: int, key: str, text: str) -> None:
        """Save it on the page: by itself, and where that is not possible, with Continue."""
        shown, step = self.pages[page, key], steps.find(key)
        row = self.look(shown.service).service
        if row.deleted_at is not None or row.status == "archived":
            return
        mine = shown.typed | {FIELDS[key]: [text]}
        present = answers.of(self.look(shown.service))[key]
        try:
            saved = answers.save(self.look(shown.service), step, mine, shown.version, self.settings)
        except Stale:
            self.did.add("stale")
            db.session.rollback()
            assert answers.of(self.look(shown.service))[key]["typed"] == present["typed"]
            self.compare(shown, key, mine, present)
            self.open(page, key)
        else:
            assert present["typed"] == shown.typed, "a text that the page never showed was replaced without a word"
            self.pages[page, key] = Shown(shown.service, saved.version, mine)

    def compare(self, shown: Shown, key: str, mine: Typed, present: Any) -> None:
        version, step = shown.version, steps.find(key)
        origin = reconciling.Origin(version, shown.typed)
        kept = reconciling.keep(self.look(shown.service), step, mine, origin, self.settings)
        db.session.commit()
        name = FIELDS[key]
        now = answers.of(self.look(shown.service))[key]["typed"]
        if present["typed"][name] != shown.typed[name]:
            assert now[name] == present["typed"][name], "theirs was replaced without a choice"
        assert kept.text.mine[name] == mine[name], "mine is gone"

    def happen(self, name: str, key: str) -> None:
        context = self.look(self.services[-1])
        service = context.whole
        can_act = service.deleted_at is None and service.status != "archived"
        if name == "publish" and can_act:
            publishing.publish(context, is_public=True)
        elif name == "discard changes" and can_act and service.published_at:
            publishing.discard_changes(context, config.current())
        elif name == "archive" and service.published_at:
            services.archive(service.id, self.ada.id)
        elif name == "resume" and service.published_at:
            services.resume(service.id, self.ada.id)
        elif name == "tidy" and service.published_at:
            self.travel(seconds=self.settings.edits_kept_for.total_seconds())
            tidy(self.settings)
        elif name == "take back" and can_act:
            self.take_back(context, key)
        elif name == "duplicate" and service.deleted_at is None:
            self.services.append(duplicate(service, self.ada, self.settings)[0].id)
        elif name == "delete" and service.is_draft:
            operations.discard(service, self.settings)
        elif name == "restore" and service.deleted_at is not None:
            operations.restore(service, self.settings)
        else:
            return
        self.did.add(name)

    def take_back(self, context: Context, key: str) -> None:
        if found := history.of_step(context.service, key, self.settings):
            answers.take_back(context, steps.find(key), found[-1].number, self.settings)


@pytest.fixture
def happened(
    ada: Provider, look: Look, settings: Settings, travel: Callable[..., datetime]
) -> Callable[[list[tuple[str, int, str]]], History]:
    """The history in which all this happened."""
    factories.service_type()

    def live(acts: list[tuple[str, int, str]]) -> History:
        travel()
        history_of = History(ada, look, settings, travel)
        history_of.begin()
        for number, act in enumerate(acts):
            history_of.act(number, *act)
        return history_of

    return live


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=40
)
@given(acts=st.lists(ACTS, min_size=4, max_size=24))
def test_no_version_stands_for_two_texts_and_no_text_is_replaced_unseen(
    happened: Callable[..., History], acts: list[tuple[str, int, str]]
) -> None:
    happened(acts)


def test_a_history_with_all_of_it_is_as_good_as_any(happened: Callable[..., History]) -> None:
    """In random ones, much is not possible when it is tried; here everything happens."""
    names = [
        "type",
        "publish",
        "type",
        "discard changes",
        "type",
        "archive",
        "resume",
        "type",
        "tidy",
        "type",
        "take back",
        "type",
    ]
    acts = [
        (name, number % PAGES, "details")
        for number, name in enumerate([*names, "duplicate", "open", "type", "delete", "restore"])
    ]
    assert happened(acts).did == {*DEEDS, "stale"} - {"type", "open"}
