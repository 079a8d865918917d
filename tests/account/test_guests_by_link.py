"""The link in a guest's mail proves the address: the drafts go into the account of that address, and into no other."""

import pytest
from flask import Flask

from app import clock
from app.extensions import db
from app.providers.models import Provider
from app.reminders import links
from tests.account.conftest import PASSWORD
from tests.account.guests import TYPED, Another, Letters, Travel, by_link, guest_of_draft, owner_of, sign_in, started
from tests.strict import StrictClient


def test_the_mail_says_when_the_draft_was_begun_and_until_when_it_is_kept(
    client: StrictClient, letters: Letters, travel: Travel
) -> None:
    travel()
    started(client, "Evening updo")
    by_link(client, letters)
    message = letters()[-1]
    text = message.get_body(preferencelist=("plain",)).get_content()  # type: ignore[union-attr]
    assert (message["Subject"], message["To"]) == ("Your link to finish later", "carla@example.com")
    assert "- Begun Sun 22 Nov, 10:30, kept until Tue 24 Nov, 10:30" in text


def test_no_word_of_a_guest_is_in_a_mail_to_an_address_that_nobody_has_proved(client: StrictClient, letters: Letters) -> None:
    started(client, "Pay at http://evil.example")
    by_link(client, letters)
    assert "evil.example" not in letters()[-1].as_string()
    assert "Pay at" not in "".join(part.get_content() for part in letters()[-1].walk() if part.get_content_maintype() == "text")


def test_opening_the_link_changes_nothing(client: StrictClient, another: Another, letters: Letters, carla: Provider) -> None:
    draft, phone = started(client), another()
    phone.get(by_link(client, letters))
    phone.sign_in(carla).get(by_link(client, letters))
    assert owner_of(draft).endswith("@guest.invalid")


def test_the_link_and_a_press_put_the_drafts_into_the_account_of_its_address(
    client: StrictClient, another: Another, letters: Letters, carla: Provider
) -> None:
    draft, phone = started(client), another().sign_in(carla)
    assert phone.post(by_link(client, letters)).location == "/drafts"
    assert owner_of(draft) == "carla@example.com"


def test_the_link_asks_to_sign_in_first(client: StrictClient, another: Another, letters: Letters, carla: Provider) -> None:
    path, phone = by_link_of(client, letters), another()
    page = phone.get(path).page
    assert page.all("a", href=f"/sign-in?next={path}")
    assert not page.all("form")


def by_link_of(client: StrictClient, letters: Letters, address: str = "carla@example.com") -> str:
    started(client)
    return by_link(client, letters, address)


def test_a_press_without_signing_in_takes_nothing(
    client: StrictClient, another: Another, letters: Letters, carla: Provider
) -> None:
    draft = started(client)
    another().post(by_link(client, letters))
    assert owner_of(draft).endswith("@guest.invalid")


def test_the_link_opens_no_other_account(
    client: StrictClient, as_boris: StrictClient, letters: Letters, carla: Provider
) -> None:
    draft = started(client)
    path = by_link(client, letters)
    assert "you are signed in as boris@example.com" in as_boris.post(path).page.words
    assert owner_of(draft).endswith("@guest.invalid")


def test_the_link_makes_an_account_of_an_address_that_has_none(
    client: StrictClient, another: Another, letters: Letters
) -> None:
    draft, phone = started(client), another()
    path = by_link(client, letters, "Dora@Example.com")
    assert phone.post(path, data={"display_name": "Dora's Dance", "password": PASSWORD}).location == "/drafts"
    assert owner_of(draft) == "dora@example.com"
    assert "which you began without an account" in phone.get("/drafts").page.words
    assert sign_in(another(), "dora@example.com").location == "/drafts"


def test_a_weak_password_is_refused_and_the_name_stays(client: StrictClient, letters: Letters) -> None:
    response = client.post(by_link_of(client, letters), data={"display_name": "Dora's Dance", "password": "short"})
    assert response.page.by_id("display_name").get("value") == "Dora's Dance"
    assert "Use at least 10 characters" in response.page.words


def test_a_page_that_was_open_for_long_keeps_the_name_and_makes_no_account(
    client: StrictClient, another: Another, letters: Letters
) -> None:
    path, phone = by_link_of(client, letters, "dora@example.com"), another()
    typed = {"display_name": "Dora's Dance", "password": PASSWORD}
    response = phone.post(path, data=typed, headers={"X-CSRFToken": "stale"})
    assert response.status_code == 400
    assert response.page.by_id("display_name").get("value") == "Dora's Dance"
    assert db.session.query(Provider).where(Provider.email == "dora@example.com").count() == 0


def test_a_stale_press_puts_nothing_into_an_account(
    client: StrictClient, another: Another, letters: Letters, carla: Provider
) -> None:
    draft = started(client)
    response = another().sign_in(carla).post(by_link(client, letters), headers={"X-CSRFToken": "stale"})
    assert (response.status_code, owner_of(draft).endswith("@guest.invalid")) == (400, True)


def test_an_account_that_somebody_else_began_with_the_address_opens_nothing_to_them(
    client: StrictClient, another: Another, letters: Letters
) -> None:
    another().post("/sign-up", data=TYPED | {"password": "the password of a stranger"})
    draft = started(client)
    another().post(by_link(client, letters, "dora@example.com"), data={"display_name": "Dora", "password": PASSWORD})
    assert owner_of(draft) == "dora@example.com"
    assert sign_in(another(), "dora@example.com", password="the password of a stranger").status_code == 200
    assert sign_in(another(), "dora@example.com").location == "/drafts"


def test_a_link_to_another_address_makes_the_first_useless(
    client: StrictClient, another: Another, letters: Letters, carla: Provider
) -> None:
    draft = started(client)
    first = by_link(client, letters)
    by_link(client, letters, "dora@example.com")
    response = another().sign_in(carla).post(first)
    assert (response.status_code, owner_of(draft).endswith("@guest.invalid")) == (410, True)


def test_a_link_works_once(client: StrictClient, another: Another, letters: Letters, carla: Provider) -> None:
    path = by_link_of(client, letters)
    another().sign_in(carla).post(path)
    assert another().get(path).status_code == 410
    assert another().sign_in(carla).get(path).location == "/drafts"


def test_a_link_that_was_made_up_opens_nothing(client: StrictClient, app: Flask, carla: Provider) -> None:
    guest = guest_of_draft(client)
    token = links.for_guest(guest.id, "carla@example.com")
    assert client.get(f"/l/finish/{token}").status_code == 410  # signed, but never asked for by the guest
    assert client.get(f"/l/finish/{links.for_draft('keep', guest.id, clock.now())}").status_code == 404


def test_the_page_says_nothing_about_who_has_an_account(client: StrictClient, letters: Letters, carla: Provider) -> None:
    started(client)
    said = [client.post("/try/link", data={"email": each}).location for each in ("carla@example.com", "dora@example.com")]
    assert said == ["/drafts", "/drafts"]


def test_a_link_without_a_draft_is_refused(client: StrictClient) -> None:
    client.post("/try")
    assert client.post("/try/link", data={"email": "carla@example.com"}).status_code == 422


@pytest.mark.parametrize("typed", ["", "nobody", "a@guest.invalid", "\x00@example.com"])
def test_an_address_that_is_none_is_refused_and_stays(client: StrictClient, typed: str) -> None:
    started(client)
    response = client.post("/try/link", data={"email": typed})
    assert response.page.one("div", class_="error-summary") is not None


def test_who_asks_often_has_to_wait(limited: StrictClient, app: Flask) -> None:
    started(limited)
    answers = [limited.post("/try/link", data={"email": "carla@example.com"}).status_code for _try in range(6)]
    assert answers == [303] * 5 + [429]
