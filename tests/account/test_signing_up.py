"""From the sign-up form to the first page of a confirmed provider."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import db
from app.providers.models import Provider
from tests.account.conftest import PASSWORD, link_in
from tests.strict import StrictClient

TYPED = {"display_name": "Dora's Dance", "email": "dora@example.com", "password": PASSWORD}


def dora() -> Provider | None:
    return db.session.scalar(select(Provider).where(Provider.email == "dora@example.com"))


def sign_up(client: FlaskClient, **typed: str) -> Any:
    return client.post("/sign-up", data=TYPED | typed)


def test_signing_up_makes_a_provider_who_is_not_confirmed_yet(client: StrictClient) -> None:
    response = sign_up(client)
    provider = dora()
    assert response.location == "/sign-up/check-your-mail"
    assert provider is not None
    assert provider.confirmed_at is None


def test_an_address_that_few_mail_servers_take_is_refused(client: StrictClient) -> None:
    assert "This isn't an email address" in sign_up(client, email="jürgen@example.com").page.words


def test_the_page_after_signing_up_names_the_address(client: StrictClient) -> None:
    sign_up(client)
    assert "dora@example.com" in client.get("/sign-up/check-your-mail").page.words


def test_without_a_mail_server_the_page_after_signing_up_leads_to_the_outbox(client: StrictClient) -> None:
    assert client.get("/sign-up/check-your-mail").page.all("a", href="/dev/outbox")


def test_the_link_in_the_mail_changes_nothing_by_being_opened(client: StrictClient, letters: Any) -> None:
    sign_up(client)
    assert "Confirm my email" in client.get(link_in(letters()[0])).page.words
    assert dora().confirmed_at is None


def test_pressing_the_button_behind_the_link_confirms_and_signs_in(client: StrictClient, letters: Any) -> None:
    sign_up(client)
    response = client.post(link_in(letters()[0]))
    assert response.location == "/drafts"
    assert dora().confirmed_at is not None
    assert client.get("/account").status_code == 200


def test_a_link_that_was_used_says_so(client: StrictClient, letters: Any, another: Any) -> None:
    sign_up(client)
    link = link_in(letters()[0])
    client.post(link)
    answer = another().post(link, follow_redirects=True)
    assert "confirmed already" in answer.page.words


def test_a_link_that_was_tampered_with_confirms_nobody(client: StrictClient, letters: Any) -> None:
    sign_up(client)
    client.post(link_in(letters()[0])[:-3] + "abc")
    assert dora().confirmed_at is None


def test_nobody_signs_in_before_confirming(client: StrictClient) -> None:
    sign_up(client)
    answer = client.post("/sign-in", data={"email": "dora@example.com", "password": PASSWORD})
    assert "don't go together" in answer.page.words


def test_the_address_is_kept_in_lower_case(client: StrictClient) -> None:
    sign_up(client, email="Dora@Example.COM")
    assert dora() is not None


def test_the_time_zone_of_the_browser_is_kept(client: StrictClient) -> None:
    sign_up(client, time_zone="America/New_York")
    assert dora().time_zone == "America/New_York"


def test_a_time_zone_that_does_not_exist_is_ignored(client: StrictClient) -> None:
    sign_up(client, time_zone="Mars/Olympus_Mons")
    assert dora().time_zone == "Europe/Berlin"


def test_the_language_of_the_browser_is_kept_if_shingle_speaks_it(client: StrictClient) -> None:
    sign_up(client, locale="de-AT")
    assert dora().locale == "de"


@pytest.mark.parametrize("tag", ["xx-YY", "%%%", "fr-FR", "a" * 5000])
def test_any_other_language_falls_back(client: StrictClient, tag: str) -> None:
    sign_up(client, locale=tag)
    assert dora().locale == "en"


def test_the_currency_is_guessed_from_the_country(client: StrictClient) -> None:
    sign_up(client, locale="en-GB")
    assert dora().currency == "GBP"


def test_without_a_script_the_languages_that_the_browser_asks_for_tell_both(client: StrictClient) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr, de-CH;q=0.8, en-US;q=0.5"
    sign_up(client)
    assert (dora().locale, dora().currency) == ("de", "CHF")


def test_the_public_page_gets_an_address_from_the_name(client: StrictClient) -> None:
    sign_up(client)
    assert dora().slug == "dora-s-dance"


def test_a_taken_address_of_a_public_page_is_given_to_nobody_else(client: StrictClient, another: Any) -> None:
    sign_up(client)
    sign_up(another(), email="dora2@example.com")
    slugs = list(db.session.scalars(select(Provider.slug)))
    assert len(set(slugs)) == 2


@pytest.mark.parametrize(
    "password", ["short", "password123", "dora@example.com", "aaaaaaaaaaaa", "1234567890", "Dora's Dance", "x" * 129]
)
def test_a_password_that_is_short_long_or_a_first_guess_is_refused(client: StrictClient, password: str) -> None:
    assert sign_up(client, password=password).status_code == 200
    assert dora() is None


@pytest.mark.parametrize("password", ["correct horse battery", "    ten  spaces", "пароль на русском", "🦄🦄🐉🐉🦊🦊🐻🐻🐼🐨"])
def test_any_other_long_password_will_do(client: StrictClient, password: str) -> None:
    sign_up(client, password=password)
    assert dora() is not None


def test_a_refused_form_keeps_what_was_typed_but_not_the_password(client: StrictClient) -> None:
    page = sign_up(client, password="short").page
    assert page.one("input", name="display_name").get("value") == "Dora's Dance"
    assert not page.one("input", name="password").get("value")


def test_control_characters_in_a_name_are_dropped(client: StrictClient) -> None:
    sign_up(client, display_name="Do\x00ra\x07")
    assert dora().display_name == "Dora"


def test_a_name_of_control_characters_alone_is_no_name(client: StrictClient) -> None:
    sign_up(client, display_name="\x00\x01")
    assert dora() is None


def test_the_mail_speaks_the_language_of_the_new_provider(client: StrictClient, letters: Any) -> None:
    sign_up(client, locale="de-DE")
    html = letters()[0].get_body(preferencelist=("html",)).get_content()
    assert '<html lang="de"' in html


def test_the_mail_has_a_plain_text_twin_with_the_same_link(client: StrictClient, letters: Any) -> None:
    sign_up(client)
    message = letters()[0]
    assert link_in(message) in message.get_body(preferencelist=("html",)).get_content()


def test_links_in_mail_ignore_the_host_that_the_request_claims(client: StrictClient, letters: Any) -> None:
    evil = "http://evil.example"
    token = client.get("/sign-up", base_url=evil).page.all("input", name="csrf_token")[0].get("value")
    client.post("/sign-up", data=TYPED | {"csrf_token": token}, base_url=evil)
    assert "evil.example" not in letters()[0].as_string()


def test_a_second_sign_up_while_signed_in_goes_to_the_dashboard(as_carla: StrictClient) -> None:
    assert as_carla.get("/sign-up").location == "/drafts"


@pytest.fixture
def meanwhile(app: Flask) -> Iterator[Callable[..., None]]:
    """Let somebody else's row be committed in the moment before a sign-up writes its own."""
    waiting: list[dict[str, Any]] = []

    def others_first(*_values: Any) -> None:
        while waiting:
            values = {
                "id": uuid4(),
                "active": True,
                "about": "",
                "has_public_page": True,
                "created_at": clock.now(),
            } | waiting.pop()
            with db.engine.begin() as connection:
                connection.execute(insert(Provider).values(values))

    event.listen(Session, "before_flush", others_first)
    yield lambda **values: waiting.append(values)
    event.remove(Session, "before_flush", others_first)


OTHER = {"fs_uniquifier": "other", "display_name": "Dora", "time_zone": "UTC", "locale": "en", "currency": "EUR"}


def test_the_same_form_sent_twice_at_once_makes_one_account(client: StrictClient, meanwhile: Any) -> None:
    meanwhile(**OTHER, email="dora@example.com", slug="first")
    assert sign_up(client).location == "/sign-up/check-your-mail"
    assert len(list(db.session.scalars(select(Provider)))) == 1


def test_two_people_of_one_name_at_once_get_two_pages(client: StrictClient, meanwhile: Any) -> None:
    meanwhile(**OTHER, email="another.dora@example.com", slug="dora-s-dance")
    sign_up(client)
    assert dora().slug.startswith("dora-s-dance-")
