"""Closing an account: what is said before, what is gone after, and what is left of others."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app import clock
from app.drafts.models import ExpiryWarning
from app.extensions import db
from app.media.models import Media
from app.providers.models import Provider
from app.services.models import Service
from app.storage.models import LedgerEntry
from tests import factories
from tests.account.conftest import PASSWORD
from tests.strict import StrictClient


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def furnished(carla: Provider) -> Provider:
    """Carla has a draft with a warning, a published service, and three files."""
    draft, service = factories.draft(carla), factories.published(carla)
    for place in (draft, service, carla):
        factories.media(place)
    at = clock.now()
    db.session.add(ExpiryWarning(service_id=draft.id, provider_id=carla.id, expires_at=at, message_id="<x@y>", claimed_at=at))
    db.session.commit()
    return carla


def close(client: StrictClient, password: str = PASSWORD) -> Any:
    return client.post("/account/close", data={"password": password})


def test_the_page_says_exactly_what_will_be_deleted(as_carla: StrictClient, furnished: Provider) -> None:
    words = as_carla.get("/account/close").page.words
    assert "1 draft" in words
    assert "1 published, paused or archived service" in words
    assert "3 photos, videos and documents" in words


def test_looking_at_the_page_deletes_nothing(as_carla: StrictClient, furnished: Provider) -> None:
    as_carla.get("/account/close")
    assert (count(Provider), count(Service), count(Media)) == (1, 2, 3)


def test_a_wrong_password_deletes_nothing(as_carla: StrictClient, furnished: Provider) -> None:
    assert "This isn't your password" in close(as_carla, "not this one").page.words
    assert (count(Provider), count(Service), count(Media)) == (1, 2, 3)


def test_a_stale_token_deletes_nothing(as_carla: StrictClient, furnished: Provider) -> None:
    assert as_carla.post("/account/close", data={"password": PASSWORD, "csrf_token": "stale"}).status_code == 400
    assert count(Provider) == 1


@pytest.mark.parametrize("model", [Provider, Service, Media, ExpiryWarning])
def test_closing_deletes_every_row(as_carla: StrictClient, furnished: Provider, model: Any) -> None:
    assert close(as_carla).location == "/"
    assert count(model) == 0


def test_closing_writes_every_key_to_the_ledger(as_carla: StrictClient, furnished: Provider) -> None:
    keys = set(db.session.scalars(select(Media.incoming_key)))
    close(as_carla)
    assert keys <= set(db.session.scalars(select(LedgerEntry.key)))


def test_closing_signs_out(as_carla: StrictClient, furnished: Provider) -> None:
    close(as_carla)
    with as_carla.session_transaction() as session:
        assert "_user_id" not in session


def test_closing_ends_the_sessions_of_other_devices(as_carla: StrictClient, furnished: Provider, another: Any) -> None:
    phone = another().sign_in(furnished)
    close(as_carla)
    assert phone.get("/account").status_code == 302


def test_closing_is_confirmed_by_mail(as_carla: StrictClient, furnished: Provider, letters: Any) -> None:
    close(as_carla)
    (letter,) = letters()
    assert letter["to"] == "carla@example.com"
    assert "- 3 files" in letter.get_body(preferencelist=("plain",)).get_content()


def test_closing_leaves_others_alone(as_carla: StrictClient, furnished: Provider, boris: Provider) -> None:
    factories.media(factories.published(boris))
    close(as_carla)
    assert (count(Provider), count(Service), count(Media)) == (1, 1, 1)


def test_the_address_can_be_used_for_a_new_account(
    as_carla: StrictClient, furnished: Provider, another: Any, letters: Any
) -> None:
    close(as_carla)
    another().post("/sign-up", data={"email": "carla@example.com", "password": PASSWORD, "display_name": "Carla"})
    assert letters()[-1]["subject"] == "Confirm your email for Shingle"
