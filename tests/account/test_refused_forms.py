"""A stale token or a rate limit: nothing happens, what was typed is still there, and the page says why."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.providers.models import Provider
from tests.account.conftest import PASSWORD
from tests.strict import StrictClient

STALE = {"csrf_token": "stale"}
DORA = {"display_name": "Dora's Dance", "email": "dora@example.com", "password": PASSWORD}


def providers() -> int:
    return db.session.scalar(select(func.count()).select_from(Provider)) or 0


def test_a_stale_token_signs_nobody_up(client: StrictClient) -> None:
    client.post("/sign-up", data=DORA | STALE)
    assert providers() == 0


def test_after_a_stale_token_the_typed_text_is_still_there(client: StrictClient) -> None:
    answer = client.post("/sign-up", data=DORA | STALE)
    assert answer.status_code == 400
    assert answer.page.one("input", name="display_name").get("value") == "Dora's Dance"
    assert answer.page.one("input", name="email").get("value") == "dora@example.com"


def test_after_a_stale_token_the_password_is_not_shown(client: StrictClient) -> None:
    page = client.post("/sign-up", data=DORA | STALE).page
    assert PASSWORD not in page.text


def test_after_a_stale_token_the_page_says_what_to_do(client: StrictClient) -> None:
    page = client.post("/sign-up", data=DORA | STALE).page
    assert "press the button again" in page.words
    assert "something to mend" not in page.words


def test_the_form_that_comes_back_can_be_sent(client: StrictClient) -> None:
    page = client.post("/sign-up", data=DORA | STALE).page
    token = page.all("input", name="csrf_token")[-1].get("value")
    client.post("/sign-up", data=DORA | {"csrf_token": token})
    assert providers() == 1


def test_a_missing_token_is_a_stale_token(client: StrictClient) -> None:
    assert client.post("/sign-up", data=DORA | {"csrf_token": ""}).status_code == 400
    assert providers() == 0


def test_a_stale_token_signs_nobody_in(client: StrictClient, carla: Provider) -> None:
    answer = client.post("/sign-in", data={"email": carla.email, "password": PASSWORD} | STALE)
    assert answer.status_code == 400
    assert client.get("/account").status_code == 302


def test_a_stale_token_does_not_ask_whether_the_password_is_right(client: StrictClient, carla: Provider) -> None:
    right = client.post("/sign-in", data={"email": carla.email, "password": PASSWORD} | STALE).page.words
    assert right == client.post("/sign-in", data={"email": carla.email, "password": "not this one"} | STALE).page.words


def test_a_stale_token_changes_no_password(as_carla: StrictClient, carla: Provider) -> None:
    before = carla.password
    as_carla.post("/account/password", data={"password": PASSWORD, "new_password": "eleven slow tortoises"} | STALE)
    assert carla.password == before


def test_a_stale_token_changes_no_address(as_carla: StrictClient, letters: Any) -> None:
    assert as_carla.post("/account/email", data={"email": "x@example.org"} | STALE).status_code == 400
    assert letters() == []


def test_a_stale_token_changes_no_profile_and_keeps_the_text(as_carla: StrictClient, carla: Provider) -> None:
    answer = as_carla.post("/account", data={"display_name": "Carla Curls", "about": "For an hour I typed."} | STALE)
    assert answer.status_code == 400
    assert "For an hour I typed." in answer.page.words
    assert carla.display_name == "Carla Cuts"


def test_a_stale_token_shows_nothing_of_an_account_to_somebody_signed_out(client: StrictClient, carla: Provider) -> None:
    answer = client.post("/account/email", data={"email": "x@example.org"} | STALE)
    assert answer.status_code == 400
    assert carla.email not in answer.page.text


def test_a_stale_token_sends_no_mail(client: StrictClient, carla: Provider, letters: Any) -> None:
    client.post("/forgotten-password", data={"email": carla.email} | STALE)
    assert letters() == []


def test_too_many_guesses_for_one_address_are_refused(limited: StrictClient, carla: Provider) -> None:
    for number in range(20):
        address = {"REMOTE_ADDR": f"10.0.0.{number}"}
        limited.post("/sign-in", data={"email": carla.email, "password": "a guess"}, environ_overrides=address)
    answer = limited.post("/sign-in", data={"email": "CARLA@example.com ", "password": "a guess"})
    assert answer.status_code == 429


def test_too_many_guesses_from_one_network_are_refused(limited: StrictClient) -> None:
    for number in range(30):
        limited.post("/sign-in", data={"email": f"{number}@example.com", "password": "a guess"})
    assert limited.post("/sign-in", data={"email": "x@example.com", "password": "a guess"}).status_code == 429


def test_another_network_may_still_try(limited: StrictClient) -> None:
    for number in range(31):
        limited.post("/sign-in", data={"email": f"{number}@example.com", "password": "a guess"})
    elsewhere = {"REMOTE_ADDR": "10.1.1.1"}
    answer = limited.post("/sign-in", data={"email": "x@example.com", "password": "a guess"}, environ_overrides=elsewhere)
    assert answer.status_code == 200


def test_signing_in_rightly_does_not_count_for_the_address(limited: StrictClient, carla: Provider) -> None:
    typed = {"email": carla.email, "password": PASSWORD}
    for number in range(21):
        network = {"REMOTE_ADDR": f"10.0.0.{number}"}
        assert limited.post("/sign-in", data=typed, environ_overrides=network).status_code == 302
        limited.post("/sign-out")


def test_looking_at_a_page_does_not_count(limited: StrictClient) -> None:
    for _ in range(40):
        answer = limited.get("/sign-in")
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/forgotten-password", "/confirm"])
def test_an_address_gets_few_mails_whether_it_has_an_account_or_not(limited: StrictClient, path: str) -> None:
    for _ in range(5):
        limited.post(path, data={"email": "nobody@example.com"})
    answer = limited.post(path, data={"email": "nobody@example.com"})
    assert answer.status_code == 429


def test_a_sixth_sign_up_of_an_address_keeps_what_was_typed(limited: StrictClient) -> None:
    for _ in range(5):
        limited.post("/sign-up", data=DORA | {"password": "short"})
    answer = limited.post("/sign-up", data=DORA)
    assert answer.status_code == 429
    assert answer.page.one("input", name="display_name").get("value") == "Dora's Dance"
    assert "A little too fast" in answer.page.words or "Wait a few minutes" in answer.page.words


def test_what_is_over_the_limit_does_nothing(limited: StrictClient) -> None:
    for _ in range(5):
        limited.post("/sign-up", data=DORA | {"password": "short"})
    limited.post("/sign-up", data=DORA | {"csrf_token": limited.token()})  # in the form, as a page sends it
    assert providers() == 0


def test_somebody_signed_in_can_not_guess_the_password_for_long(limited: StrictClient, carla: Provider) -> None:
    limited.sign_in(carla)
    typed = {"password": "a guess", "new_password": "eleven slow tortoises"}
    for _ in range(20):
        limited.post("/account/password", data=typed)
    assert limited.post("/account/password", data=typed).status_code == 429
