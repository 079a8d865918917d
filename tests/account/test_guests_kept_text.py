"""Text that a guest's browser keeps is encrypted under the guest's key: who takes the drafts along there is told it, and nobody else."""

from uuid import UUID

import pytest
from flask import Flask

from app.providers import local
from app.providers.models import Provider
from tests.account.conftest import link_in
from tests.account.guests import TYPED, Another, Letters, by_link, guest_of_draft, sign_in
from tests.strict import StrictClient


@pytest.fixture
def guest_id(client: StrictClient) -> UUID:
    return guest_of_draft(client).id


def told(client: StrictClient) -> tuple[str | None, str | None]:
    """Of which account before, and which key of it, the dashboard tells the scripts."""
    element = client.get("/drafts").page.by_id("local")
    return element.get("data-former"), element.get("data-former-key")


def of_guest(app: Flask, guest_id: UUID) -> tuple[str, str]:
    secret = str(app.secret_key)
    return local.tag(secret, guest_id), local.key(secret, guest_id)


NOTHING = (None, None)


def test_who_signs_in_is_told_the_key_of_the_guest_of_this_browser(
    client: StrictClient, app: Flask, carla: Provider, guest_id: UUID
) -> None:
    sign_in(client)
    assert told(client) == of_guest(app, guest_id)


def test_who_signs_up_is_told_it_where_they_confirm_in_the_same_browser(
    client: StrictClient, app: Flask, letters: Letters, guest_id: UUID
) -> None:
    client.post("/sign-up", data=TYPED)
    client.post(link_in(letters()[0]))
    assert told(client) == of_guest(app, guest_id)


def test_it_is_told_on_no_other_device(
    client: StrictClient, another: Another, letters: Letters, carla: Provider, guest_id: UUID
) -> None:
    phone = another()
    client.post("/sign-up", data=TYPED)
    phone.post(link_in(letters()[0]))
    assert told(phone) == NOTHING


def test_whoever_signs_in_next_is_not_told_it(client: StrictClient, carla: Provider, boris: Provider, guest_id: UUID) -> None:
    sign_in(client)
    client.post("/sign-out")
    assert told(client.sign_in(boris)) == NOTHING


def test_an_account_that_is_too_late_is_not_told_it(
    client: StrictClient, another: Another, letters: Letters, carla: Provider, ada: Provider, guest_id: UUID
) -> None:
    another().sign_in(ada).post(by_link(client, letters, ada.email))
    sign_in(client)
    assert told(client) == NOTHING


def test_a_guest_is_told_of_nobody(client: StrictClient, guest_id: UUID) -> None:
    assert told(client) == NOTHING
