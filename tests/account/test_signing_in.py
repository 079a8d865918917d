"""Signing in and out, where one goes after, and how long it lasts."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from app.extensions import db
from app.providers.models import Provider
from tests.account.conftest import PASSWORD
from tests.strict import StrictClient

CARLA = {"email": "carla@example.com", "password": PASSWORD}


def stays_here(location: str | None) -> bool:
    """Read it as browsers do: backslashes are slashes, and blanks and control characters before it are dropped."""
    lenient = (location or "/").replace("\\", "/").lstrip(" \t\n\r")
    return urlsplit(urljoin("http://localhost/sign-in", lenient)).netloc == "localhost" and not lenient.startswith("//")


def test_the_right_password_leads_to_the_dashboard(client: StrictClient, carla: Provider) -> None:
    assert client.post("/sign-in", data=CARLA).location == "/drafts"


def test_the_address_may_be_typed_in_capitals(client: StrictClient, carla: Provider) -> None:
    assert client.post("/sign-in", data=CARLA | {"email": " CARLA@Example.com "}).location == "/drafts"


def test_a_wrong_password_signs_nobody_in(client: StrictClient, carla: Provider) -> None:
    client.post("/sign-in", data=CARLA | {"password": "not this one"})
    assert client.get("/account").status_code == 302


def test_after_signing_in_one_goes_where_one_wanted_to_go(client: StrictClient, carla: Provider) -> None:
    wanted = client.get("/account")
    assert wanted.location == "/sign-in?next=/account"
    page = client.get(wanted.location).page
    hidden = page.one("input", name="next").get("value")
    assert client.post("/sign-in", data=CARLA | {"next": hidden}).location == "/account"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "http://localhost.evil.example/",
        "http://localhost@evil.example/",
        "/%09/evil.example",
    ],
)
def test_after_signing_in_nobody_is_led_away(client: StrictClient, carla: Provider, place: str) -> None:
    assert stays_here(client.post("/sign-in", data=CARLA | {"next": place}).location)


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example"])
def test_an_address_that_leads_away_is_ignored_too(client: StrictClient, carla: Provider, place: str) -> None:
    assert stays_here(client.post("/sign-in", query_string={"next": place}, data=CARLA).location)


def test_a_remembered_browser_stays_signed_in_without_its_session(client: StrictClient, carla: Provider) -> None:
    client.post("/sign-in", data=CARLA | {"remember": "y"})
    client.delete_cookie("session")
    assert client.get("/account").status_code == 200


def test_a_browser_that_is_not_remembered_is_signed_out_with_its_session(client: StrictClient, carla: Provider) -> None:
    client.post("/sign-in", data=CARLA)
    client.delete_cookie("session")
    assert client.get("/account").status_code == 302


def test_signing_out_ends_the_session(as_carla: StrictClient) -> None:
    as_carla.post("/sign-out")
    assert as_carla.get("/account").status_code == 302


def test_signing_out_forgets_a_remembered_browser(client: StrictClient, carla: Provider) -> None:
    client.post("/sign-in", data=CARLA | {"remember": "y"})
    client.post("/sign-out")
    assert client.get("/account").status_code == 302


def test_a_link_signs_nobody_out(as_carla: StrictClient) -> None:
    assert as_carla.get("/sign-out").status_code == 405
    assert as_carla.get("/account").status_code == 200


def test_signing_out_with_a_stale_token_asks_once_more(as_carla: StrictClient) -> None:
    answer = as_carla.post("/sign-out", data={"csrf_token": "stale"})
    assert "Sign out?" in answer.page.words


def test_signing_out_everywhere_ends_another_session(as_carla: StrictClient, carla: Provider, another: Any) -> None:
    phone = another()
    phone.post("/sign-in", data=CARLA | {"remember": "y"})
    assert phone.get("/account").status_code == 200
    as_carla.post("/account/sign-out-everywhere")
    assert phone.get("/account").status_code == 302


def test_signing_out_everywhere_ends_this_session_too(as_carla: StrictClient) -> None:
    as_carla.post("/account/sign-out-everywhere")
    assert as_carla.get("/account").status_code == 302


def test_a_deactivated_provider_is_signed_out(as_carla: StrictClient, carla: Provider) -> None:
    carla.active = False
    db.session.commit()
    assert as_carla.get("/account").status_code == 302


def test_knowing_who_is_asking_costs_one_statement(as_carla: StrictClient, statements: list[str]) -> None:
    as_carla.get("/account")
    asked = [each for each in statements if each.startswith("SELECT")]
    assert len(asked) == 1
    assert "provider" in asked[0]


def test_a_static_file_asks_nobody_who_they_are(as_carla: StrictClient, statements: list[str]) -> None:
    as_carla.get("/static/css/base.css").close()
    assert statements == []


def test_a_token_in_the_address_signs_nobody_in(client: StrictClient, carla: Provider) -> None:
    answer = client.get("/sign-in", query_string={"auth_token": carla.get_auth_token()})
    assert "Keep me signed in" in answer.page.words


def test_a_fragment_for_somebody_signed_out_says_401_and_keeps_the_page(client: StrictClient) -> None:
    answer = client.get("/account", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "sign in again" in answer.page.words


def test_somebody_signed_out_who_sent_a_form_comes_back_to_its_page(client: StrictClient) -> None:
    answer = client.post("/account/sign-out-everywhere", headers={"Referer": "http://localhost/account"})
    assert answer.location == "/sign-in?next=/account"


def test_a_form_from_elsewhere_is_no_place_to_come_back_to(client: StrictClient) -> None:
    answer = client.post("/account/sign-out-everywhere", headers={"Referer": "http://evil.example/account"})
    assert answer.location == "/sign-in"
