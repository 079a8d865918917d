"""A guest's drafts when things meet: two claims, a claim and a save, a sweep and somebody who comes back."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.account import claiming
from app.config import Settings
from app.drafts import tidying
from app.drafts.operations import start
from app.extensions import db
from app.providers import operations
from app.providers.models import Provider
from app.services.models import Service
from app.wizard import answers, steps
from app.wizard.context import Context
from tests import factories


@pytest.fixture
def guest(app: Flask) -> Provider:
    found = operations.add_guest(locale="en", time_zone="UTC", currency="EUR")
    db.session.commit()
    return found


def test_of_two_accounts_that_claim_at_the_same_moment_one_gets_everything(
    app: Flask, guest: Provider, ada: Provider, boris: Provider, settings: Settings
) -> None:
    drafts = [factories.draft(guest, has_content=True) for _number in range(3)]
    guest_id, meet = guest.id, threading.Barrier(2)

    def claim(provider_id: UUID) -> int:
        with app.app_context():
            meet.wait()
            taken = claiming.claim(guest_id, provider_id, settings).drafts
            db.session.commit()
            return len(taken)

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(claim, [ada.id, boris.id]))
    db.session.expire_all()
    assert sorted(taken) == [0, 3]
    assert len({each.provider_id for each in drafts}) == 1


def test_a_save_that_was_under_way_during_the_claim_is_kept(guest: Provider, ada: Provider, settings: Settings) -> None:
    draft = factories.draft(guest)
    service = db.session.scalars(select(Service).where(Service.id == draft.id).options(undefer(Service.answers))).one()
    context = Context.of(guest, service)
    claiming.claim(guest.id, ada.id, settings)
    # The request had read the row before it moved, and judges by what it read.
    answers.save(context, steps.find("basics"), {"name": ["Haircut"]}, 0, settings)
    db.session.commit()
    db.session.expire_all()
    assert (service.provider_id, service.answers["basics"]["typed"]) == (ada.id, {"name": ["Haircut"]})  # type: ignore[index]


def test_who_comes_back_at_the_moment_of_the_sweep_loses_no_draft(
    app: Flask, guest: Provider, settings: Settings, travel: Callable[..., datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    travel()
    travel(days=3)
    deleted = tidying._deleted

    def come_back_first(statement: object) -> int:
        monkeypatch.setattr(tidying, "_deleted", deleted)
        if db.engine.dialect.name == "sqlite":  # one writer: between the two statements of the sweep, somebody else's comes
            start(guest, settings)
        return deleted(statement)

    if db.engine.dialect.name == "postgresql":
        start(guest, settings)  # has the row, and has not committed: the sweep goes by
        with app.app_context():
            assert tidying._guests(10) == 0
            db.session.rollback()
    else:
        monkeypatch.setattr(tidying, "_deleted", come_back_first)
        assert tidying._guests(10) == 0
    db.session.commit()
    assert db.session.query(Service).count() == 1
