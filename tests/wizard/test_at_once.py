"""Requests that meet: two presses of Publish, and a publish that meets the expiry."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.errors import Conflict
from app.extensions import db
from app.insights.models import Event
from app.services.models import Service, Status
from app.wizard import publishing
from app.wizard.context import Context
from tests.strict import StrictClient


def press_publish(app: Flask, ada: Any, service: Service, times: int) -> list[int]:
    """The statuses of as many presses at the same moment."""
    signed_in = StrictClient(app).sign_in(ada)
    headers, cookie = {"X-CSRFToken": signed_in.token()}, signed_in.get_cookie("session")
    assert cookie is not None
    path, start = f"/drafts/{service.id}/publication", threading.Barrier(times)

    def press(_number: int) -> int:
        # The strict client shares the test's context, which belongs to one thread.
        client = FlaskClient(app)
        client.set_cookie("session", cookie.value)
        start.wait()
        return client.post(path, headers=headers).status_code

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(press, range(times)))


def test_two_presses_at_once_both_end_at_the_listing(app: Flask, ada: Any, whole: Service) -> None:
    assert press_publish(app, ada, whole, 2) == [303, 303]


def test_presses_at_once_publish_once(app: Flask, ada: Any, whole: Service) -> None:
    press_publish(app, ada, whole, 4)
    slugs = db.session.scalars(select(Service.slug).where(Service.status == Status.PUBLISHED)).all()
    assert slugs == ["haircut"]


def test_a_draft_that_expired_in_between_is_not_published(whole: Service, look: Callable[[UUID], Context]) -> None:
    context = look(whole.id)
    expired = db.update(Service).values(deleted_at=whole.created_at).execution_options(synchronize_session=False)
    db.session.execute(expired)
    with pytest.raises(Conflict):
        publishing.publish(context, is_public=True)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Event).where(Event.name == "published")) == 0
