"""A forgotten password, another password, another address."""

import time
from typing import Any

from app.extensions import db
from app.providers.models import Provider
from tests.account.conftest import PASSWORD, link_in
from tests.strict import StrictClient

NEW = "eleven slow tortoises"


def signs_in(client: StrictClient, email: str, password: str) -> bool:
    return client.post("/sign-in", data={"email": email, "password": password}).status_code == 302


def test_a_forgotten_password_is_replaced_through_the_mailbox(client: StrictClient, carla: Provider, letters: Any) -> None:
    client.post("/forgotten-password", data={"email": carla.email})
    client.post(link_in(letters()[0]), data={"password": NEW})
    assert signs_in(client, carla.email, NEW)


def test_the_link_to_a_new_password_works_once(client: StrictClient, carla: Provider, letters: Any, another: Any) -> None:
    client.post("/forgotten-password", data={"email": carla.email})
    link = link_in(letters()[0])
    client.post(link, data={"password": NEW})
    another().post(link, data={"password": "somebody else's choice"})
    assert signs_in(another(), "carla@example.com", NEW)


def test_a_new_password_ends_the_sessions_of_the_old_one(
    as_carla: StrictClient, carla: Provider, letters: Any, another: Any
) -> None:
    browser = another()
    browser.post("/forgotten-password", data={"email": carla.email})
    browser.post(link_in(letters()[0]), data={"password": NEW})
    assert as_carla.get("/account").status_code == 302


def test_a_new_password_is_announced(client: StrictClient, carla: Provider, letters: Any) -> None:
    client.post("/forgotten-password", data={"email": carla.email})
    client.post(link_in(letters()[0]), data={"password": NEW})
    assert letters()[-1]["subject"] == "Your Shingle password was reset"


def test_a_short_new_password_is_refused_and_the_link_still_works(client: StrictClient, carla: Provider, letters: Any) -> None:
    client.post("/forgotten-password", data={"email": carla.email})
    link = link_in(letters()[0])
    assert "at least 10 characters" in client.post(link, data={"password": "short"}).page.words
    client.post(link, data={"password": NEW})
    assert signs_in(client, carla.email, NEW)


def test_a_tampered_link_leads_back_to_asking_for_one(client: StrictClient) -> None:
    answer = client.get("/forgotten-password/nonsense", follow_redirects=True)
    assert "Ask for a new one" in answer.page.words


def test_who_has_not_confirmed_yet_gets_the_confirmation_instead(client: StrictClient, carla: Provider, letters: Any) -> None:
    carla.confirmed_at = None
    db.session.commit()
    client.post("/forgotten-password", data={"email": carla.email})
    assert letters()[0]["subject"] == "Confirm your email for Shingle"


def test_a_new_confirmation_is_sent_on_request(client: StrictClient, carla: Provider, letters: Any) -> None:
    carla.confirmed_at = None
    db.session.commit()
    client.post("/confirm", data={"email": carla.email})
    client.post(link_in(letters()[0]))
    assert carla.confirmed_at is not None


def test_changing_the_password_needs_the_present_one(as_carla: StrictClient, another: Any) -> None:
    as_carla.post("/account/password", data={"password": "a wrong guess", "new_password": NEW})
    assert signs_in(another(), "carla@example.com", PASSWORD)


def test_changing_the_password_keeps_this_session(as_carla: StrictClient) -> None:
    as_carla.post("/account/password", data={"password": PASSWORD, "new_password": NEW})
    assert as_carla.get("/account").status_code == 200


def test_changing_the_password_ends_every_other_session(as_carla: StrictClient, another: Any) -> None:
    phone = another()
    assert signs_in(phone, "carla@example.com", PASSWORD)
    as_carla.post("/account/password", data={"password": PASSWORD, "new_password": NEW})
    assert phone.get("/account").status_code == 302


def test_the_address_changes_when_the_link_in_the_new_mailbox_is_used(
    as_carla: StrictClient, carla: Provider, letters: Any
) -> None:
    as_carla.post("/account/email", data={"email": "carla@new.example.org"})
    assert carla.email == "carla@example.com"
    as_carla.post(link_in(letters()[0]))
    assert carla.email == "carla@new.example.org"


def test_opening_that_link_changes_nothing(as_carla: StrictClient, carla: Provider, letters: Any) -> None:
    as_carla.post("/account/email", data={"email": "carla@new.example.org"})
    as_carla.get(link_in(letters()[0]))
    assert carla.email == "carla@example.com"


def test_the_old_mailbox_is_told(as_carla: StrictClient, letters: Any) -> None:
    as_carla.post("/account/email", data={"email": "carla@new.example.org"})
    as_carla.post(link_in(letters()[0]))
    assert letters()[-1]["to"] == "carla@example.com"
    assert letters()[-1]["subject"] == "Your Shingle email was changed"


def test_an_address_that_can_be_reached_again_is_warned_again(as_carla: StrictClient, carla: Provider, letters: Any) -> None:
    carla.undeliverable_at = carla.created_at
    db.session.commit()
    as_carla.post("/account/email", data={"email": "carla@new.example.org"})
    as_carla.post(link_in(letters()[0]))
    assert carla.undeliverable_at is None


def test_changing_the_address_asks_for_the_password_after_an_hour(as_carla: StrictClient) -> None:
    with as_carla.session_transaction() as session:
        session["fs_paa"] = time.time() - 3700  # noqa: TID251 the clock of Flask-Security
    answer = as_carla.get("/account/email")
    assert answer.location == "/account/verify?next=/account/email"


def test_the_password_given_once_more_opens_it_again(as_carla: StrictClient) -> None:
    with as_carla.session_transaction() as session:
        session["fs_paa"] = time.time() - 3700  # noqa: TID251 the clock of Flask-Security
    answer = as_carla.post("/account/verify", data={"password": PASSWORD, "next": "/account/email"})
    assert answer.location == "/account/email"
    assert as_carla.get("/account/email").status_code == 200


def test_a_provider_made_by_hand_signs_in_with_any_way_of_typing_the_same_letters(client: StrictClient, app: Any) -> None:
    from app.providers import operations

    operations.create("e@example.com", "cafe\u0301 au lait", display_name="É", locale="en", time_zone="UTC", currency="EUR")
    db.session.commit()
    assert signs_in(client, "e@example.com", "caf\u00e9 au lait")


def test_the_button_of_the_mail_for_a_new_address_leads_where_its_text_does(as_carla: StrictClient, letters: Any) -> None:
    as_carla.post("/account/email", data={"email": "carla@cuts.example"})
    (letter,) = letters()
    assert f'href="http://localhost{link_in(letter)}"' in letter.get_body(preferencelist=("html",)).get_content()
