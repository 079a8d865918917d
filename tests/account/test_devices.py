"""A stranger who guesses can't lock anybody out of a browser in which they signed in before; and knowing a browser opens nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.account import devices
from app.providers.models import Provider
from tests.account.conftest import PASSWORD, link_in
from tests.strict import StrictClient

GUESS = {"email": "carla@example.com", "password": "a guess"}
RIGHT = {"email": "carla@example.com", "password": PASSWORD}


@pytest.fixture
def guess(limited: StrictClient) -> Callable[[], None]:
    """A stranger uses up what may be guessed for Carla's address, from many networks."""

    def use_up() -> None:
        stranger = limited.application.test_client()
        for number in range(21):
            token = limited.token()
            with limited.session_transaction() as held, stranger.session_transaction() as session:
                session.update(held)
            stranger.post("/sign-in", data=GUESS | {"csrf_token": token}, environ_overrides={"REMOTE_ADDR": f"10.0.0.{number}"})

    return use_up


def test_a_browser_that_was_never_signed_in_has_to_wait(limited: StrictClient, carla: Provider, guess: Any) -> None:
    guess()
    assert limited.post("/sign-in", data=RIGHT).status_code == 429


def test_a_browser_that_was_signed_in_before_gets_in(limited: StrictClient, carla: Provider, guess: Any) -> None:
    limited.post("/sign-in", data=RIGHT)
    limited.post("/sign-out")
    guess()
    assert limited.post("/sign-in", data=RIGHT).status_code == 302


def test_a_known_browser_may_guess_no_more_often_than_a_stranger(limited: StrictClient, carla: Provider) -> None:
    limited.post("/sign-in", data=RIGHT)
    limited.post("/sign-out")
    answers = [
        limited.post("/sign-in", data=GUESS, environ_overrides={"REMOTE_ADDR": f"10.0.0.{number}"}).status_code
        for number in range(21)
    ]
    assert answers[-2:] == [200, 429]


def test_a_browser_is_known_for_its_own_address_only(limited: StrictClient, carla: Provider, boris: Any, guess: Any) -> None:
    limited.set_cookie("device", cookie_of(limited, boris.email), path="/sign-in")
    guess()
    assert limited.post("/sign-in", data=RIGHT).status_code == 429


@pytest.mark.parametrize("value", ["", "x", "WyJhIl0.abc", "é"])
def test_a_cookie_that_was_made_up_makes_nobody_known(limited: StrictClient, carla: Provider, guess: Any, value: str) -> None:
    limited.set_cookie("device", value, path="/sign-in")
    guess()
    assert limited.post("/sign-in", data=RIGHT).status_code == 429


def test_who_chose_a_new_password_by_mail_is_known(limited: StrictClient, carla: Provider, guess: Any, letters: Any) -> None:
    guess()
    limited.post("/forgotten-password", data={"email": carla.email})
    limited.post(link_in(letters()[0]), data={"password": "eight yellow lanterns"})
    assert limited.post("/sign-in", data=RIGHT | {"password": "eight yellow lanterns"}).status_code == 302


def test_the_cookie_is_for_the_sign_in_page_alone_and_no_script_reads_it(client: StrictClient, carla: Provider) -> None:
    client.post("/sign-in", data=RIGHT)
    cookie = client.get_cookie("device", path="/sign-in")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/sign-in")
    assert carla.email not in cookie.value


def cookie_of(client: StrictClient, email: str) -> str:
    from app.account import devices

    with client.application.app_context():
        return str(devices._seal().dumps([devices.of_address(email), "a browser"]))


@pytest.mark.parametrize("spelled", ["CARLA@example.com", " carla@example.com", "carla@ｅxample.com", "carla@EXAMPLE.com"])
def test_an_address_is_one_address_however_it_is_spelled(app: Flask, spelled: str) -> None:
    assert devices.of_address(spelled) == devices.of_address("carla@example.com")


def test_a_guess_that_is_no_address_counts_too(app: Flask) -> None:
    assert devices.of_address("Ｃarla") == devices.of_address("carla")


def test_all_addresses_of_an_ipv6_network_share_its_limit(limited: StrictClient) -> None:
    statuses = [
        limited.post(
            "/sign-up", data={"email": f"{number}@example.com"}, environ_overrides={"REMOTE_ADDR": f"2001:db8::{number:x}"}
        ).status_code
        for number in range(1, 33)
    ]
    assert statuses[-1] == 429
