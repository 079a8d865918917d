"""What the tests of accounts share: a person who signed up by hand, and the letters that were written."""

from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app import config, create_app, mail
from app.config import Settings
from app.extensions import db, hang_up, limiter
from app.providers import operations
from tests.strict import StrictClient

PASSWORD = "seven green umbrellas"


@pytest.fixture(autouse=True)
def empty_outbox(app: Flask) -> None:
    for file in mail.outbox().glob("*.eml"):
        file.unlink()


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["settings"]
    return found


@pytest.fixture
def carla(app: Flask) -> Any:
    """Carla signed up and confirmed long ago; her password is known to the tests."""
    row = operations.create(
        "carla@example.com", PASSWORD, display_name="Carla Cuts", locale="en", time_zone="Europe/Berlin", currency="EUR"
    )
    db.session.commit()
    return row


@pytest.fixture
def as_carla(client: StrictClient, carla: Any) -> StrictClient:
    return client.sign_in(carla)


@pytest.fixture
def letters(write_letters: Callable[[], None]) -> Callable[[], list[EmailMessage]]:
    """The messages in the outbox, oldest first."""

    def read() -> list[EmailMessage]:
        write_letters()
        files = sorted(mail.outbox().glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]  # type: ignore[misc]

    return read


@pytest.fixture
def another(app: Flask) -> Callable[[], StrictClient]:
    """Other browsers."""

    def open_browser() -> StrictClient:
        app.test_client_class = StrictClient
        browser = app.test_client()
        assert isinstance(browser, StrictClient)
        return browser

    return open_browser


@pytest.fixture
def limited(app: Flask, environment: dict[str, str]) -> Iterator[StrictClient]:
    """A browser of an application that limits how often one may try, on the same rows and a real Redis."""
    strict_app = create_app(config.load(environment | {"RATE_LIMITS": "yes"}))
    strict_app.testing = True
    strict_app.test_client_class = StrictClient
    with strict_app.app_context():
        limiter.reset()
    browser = strict_app.test_client()
    assert isinstance(browser, StrictClient)
    yield browser
    with strict_app.app_context():
        hang_up()
    limiter.enabled = False
    app.extensions["security"].app = app


def link_in(message: EmailMessage) -> str:
    """The path of the first address in the plain text."""
    part = message.get_body(preferencelist=("plain",))
    assert part is not None
    address = next(word for word in part.get_content().split() if word.startswith("http"))
    return urlsplit(address).path
