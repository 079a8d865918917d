"""Trying Shingle without an account: what a guest has, and the two ways by which it becomes an account's, and nobody else's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.account import claiming
from app.config import Settings
from app.drafts import rules, sweeps
from app.drafts.operations import start
from app.drafts.tidying import tidy
from app.errors import Refused, TooMany
from app.extensions import db
from app.insights.models import Event
from app.media import quota
from app.media.models import Media
from app.providers import operations
from app.providers.models import Provider
from app.reminders import links
from app.services.models import Service
from app.wizard import publishing
from app.wizard.context import Context
from tests import factories
from tests.account.conftest import PASSWORD, link_in
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE

Letters = Callable[[], list[EmailMessage]]
Another = Callable[[], StrictClient]
Travel = Callable[..., datetime]


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["settings"]
    return found


def guest_of(client: StrictClient) -> Provider:
    """Who the browser's guest is."""
    with client.session_transaction() as session:
        return db.session.scalars(select(Provider).where(Provider.fs_uniquifier == session["_user_id"])).one()


def started(client: StrictClient, name: str = "Haircut") -> Service:
    """A guest in this browser, with a draft in which a name was typed."""
    address = client.post("/try").location
    client.put(address, data={"name": name, "version": "0"})
    return db.session.scalars(select(Service).where(Service.provider_id == guest_of(client).id)).one()


def owner_of(draft: Service) -> str:
    db.session.expire_all()
    return db.session.get_one(Provider, draft.provider_id).email


def sign_in(client: StrictClient, email: str = "carla@example.com", **more: str) -> Any:
    return client.post("/sign-in", data={"email": email, "password": PASSWORD} | more)


def by_link(client: StrictClient, letters: Letters, address: str = "carla@example.com") -> str:
    """Ask for the link, and read the mail."""
    assert client.post("/try/link", data={"email": address}).status_code == 303
    return link_in(letters()[-1])


# The start.


def test_the_landing_page_offers_to_try_it(client: StrictClient) -> None:
    assert client.get("/").page.all("a", href="/try")


def test_opening_the_page_makes_nothing(client: StrictClient) -> None:
    client.get("/try")
    assert db.session.query(Provider).count() == 0


def test_its_button_makes_a_guest_with_a_draft_and_leads_to_the_first_step(client: StrictClient) -> None:
    response = client.post("/try", data={"time_zone": "Asia/Tokyo", "locale": "de-CH"})
    guest, draft = db.session.scalars(select(Provider)).one(), db.session.scalars(select(Service)).one()
    assert response.location == f"/drafts/{draft.id}/basics"
    assert (guest.is_guest, draft.provider_id, guest.time_zone, guest.currency) == (True, guest.id, "Asia/Tokyo", "CHF")


def test_ten_presses_make_one_guest_and_one_draft(client: StrictClient) -> None:
    for _press in range(10):
        client.post("/try")
    assert (db.session.query(Provider).count(), db.session.query(Service).count()) == (1, 1)


def test_what_a_guest_types_is_saved(client: StrictClient) -> None:
    draft = started(client, "Evening updo")
    assert 'value="Evening updo"' in client.get(f"/drafts/{draft.id}/basics").text


def test_the_browser_is_known_after_it_was_closed(client: StrictClient) -> None:
    draft = started(client)
    client.delete_cookie("session")
    assert client.get(f"/drafts/{draft.id}/basics").status_code == 200


def test_the_cookie_that_outlives_the_session_is_kept_from_scripts(client: StrictClient) -> None:
    cookies = client.post("/try").headers.getlist("Set-Cookie")
    kept = next(each for each in cookies if each.startswith("remember_token="))
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept


def test_another_browser_sees_nothing_of_it(client: StrictClient, another: Another) -> None:
    draft, stranger = started(client), another()
    stranger.post("/try")
    assert stranger.get(f"/drafts/{draft.id}/basics").status_code == 404


def test_who_has_an_account_is_sent_to_their_services(as_ada: StrictClient) -> None:
    assert [as_ada.get("/try").location, as_ada.post("/try").location] == ["/drafts", "/drafts"]
    assert db.session.query(Provider).count() == 1


def test_an_operator_can_want_accounts_first(make_app: Callable[..., Flask]) -> None:
    client = make_app(GUEST_DRAFTS="0").test_client()
    assert (client.get("/try").status_code, client.post("/try").status_code) == (404, 400)
    assert "/try" not in client.get("/").text


# What a guest has less.


def test_a_guest_sees_no_account_pages(client: StrictClient) -> None:
    started(client)
    for path in ("/account", "/account/close", "/account/password", "/account/email", "/account/verify"):
        assert "/sign-in" in client.get(path).location, path


def test_a_page_of_an_account_that_was_left_open_shows_a_guest_nothing(client: StrictClient) -> None:
    started(client)
    response = client.post("/account", data={"display_name": "x"}, headers={"X-CSRFToken": "stale"})
    assert (response.status_code, "Profile" in response.text) == (400, False)


def test_a_guest_has_few_drafts(client: StrictClient, settings: Settings) -> None:
    guest = guest_of_draft(client)
    for _draft in range(settings.guest_drafts - 1):
        start(guest, settings, reuse=False)
    with pytest.raises(Refused):
        start(guest, settings, reuse=False)


def guest_of_draft(client: StrictClient) -> Provider:
    started(client)
    return guest_of(client)


def test_an_account_has_as_many_drafts_as_it_likes(ada: Provider, settings: Settings) -> None:
    for _draft in range(settings.guest_drafts + 1):
        start(ada, settings, reuse=False)


def test_a_guest_has_room_for_few_files(client: StrictClient, settings: Settings) -> None:
    draft = started(client)
    for _file in range(settings.guest_max_files):
        factories.media(draft)
    with pytest.raises(TooMany):
        quota.check(draft.provider_id, "service", draft.id, 1)


def test_a_guest_has_room_for_few_bytes(client: StrictClient, settings: Settings) -> None:
    draft = started(client)
    quota.check(draft.provider_id, "service", draft.id, settings.guest_max_bytes)
    with pytest.raises(TooMany):
        quota.check(draft.provider_id, "service", draft.id, settings.guest_max_bytes + 1)


def test_publishing_leads_to_an_account(client: StrictClient) -> None:
    draft = started(client)
    for key, typed in WHOLE.items():
        client.post(f"/drafts/{draft.id}/{key}", data=typed | {"version": "1" if key == "basics" else "0"})
    response = client.post(f"/drafts/{draft.id}/publication")
    assert response.location == f"/try/account?service={draft.id}"
    page = client.get(response.location).page
    assert page.all("a", href="/sign-up")
    assert page.all("a", href=f"/sign-in?next=/drafts/{draft.id}/review")


def test_publishing_says_first_what_is_missing(client: StrictClient) -> None:
    assert client.post(f"/drafts/{started(client).id}/publication").status_code == 422


def test_no_way_publishes_for_a_guest(client: StrictClient) -> None:
    draft = started(client)
    for key, typed in WHOLE.items():
        client.post(f"/drafts/{draft.id}/{key}", data=typed | {"version": "1" if key == "basics" else "0"})
    db.session.refresh(draft)
    with pytest.raises(publishing.NeedsAccount):
        publishing.publish(Context(guest_of(client), draft), is_public=True)


# The cookie proves the browser.


def test_signing_in_takes_the_drafts_along(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    sign_in(client)
    assert owner_of(draft) == "carla@example.com"


def test_what_came_along_is_said_once(client: StrictClient, carla: Provider) -> None:
    started(client, "Evening updo")
    sign_in(client)
    said = "“Evening updo”, which you began without an account, is in your account now."
    assert [said in client.get("/drafts").page.words for _look in range(2)] == [True, False]


def test_several_drafts_are_counted(client: StrictClient, carla: Provider, settings: Settings) -> None:
    guest = guest_of_draft(client)
    factories.draft(guest, has_content=True)
    sign_in(client)
    assert "2 drafts that you began without an account are in your account now." in client.get("/drafts").page.words


def test_the_files_come_along(client: StrictClient, carla: Provider) -> None:
    file = factories.media(started(client))
    sign_in(client)
    db.session.expire_all()
    assert db.session.get_one(Media, file.id).provider_id == carla.id


def test_drafts_and_files_move_by_one_statement_each(
    client: StrictClient, carla: Provider, settings: Settings, statements: list[str]
) -> None:
    guest = guest_of_draft(client)
    for _draft in range(5):
        factories.media(_more(guest))
    statements.clear()
    claiming.claim(guest.id, carla.id, settings)
    changed = [each.split()[1] for each in statements if each.startswith("UPDATE")]
    assert sorted(changed) == ["media", "provider", "provider", "service"]


def _more(guest: Provider) -> Service:
    row = Service(provider_id=guest.id, expires_at=clock.now(), has_content=True)
    db.session.add(row)
    db.session.commit()
    return row


def test_the_guest_is_gone_then(client: StrictClient, carla: Provider) -> None:
    started(client)
    sign_in(client)
    assert [each.email for each in db.session.scalars(select(Provider))] == ["carla@example.com"]


def test_a_copy_of_the_guests_cookies_opens_nothing_any_more(client: StrictClient, another: Another, carla: Provider) -> None:
    draft, thief = started(client), another()
    for name in ("session", "remember_token"):
        cookie = client.get_cookie(name)
        assert cookie is not None
        thief.set_cookie(name, cookie.value)
    assert thief.get(f"/drafts/{draft.id}/basics").status_code == 200
    sign_in(client)
    assert "/sign-in" in thief.get(f"/drafts/{draft.id}/basics").location


def test_a_draft_has_its_whole_window_again(client: StrictClient, carla: Provider, travel: Travel, settings: Settings) -> None:
    now = travel()
    draft = started(client)
    now = travel(hours=40)
    sign_in(client)
    db.session.expire_all()
    assert draft.expires_at == now + settings.draft_delete_after


def test_signing_in_elsewhere_takes_nothing(client: StrictClient, another: Another, carla: Provider) -> None:
    draft = started(client)
    sign_in(another())
    assert owner_of(draft).endswith("@guest.invalid")


def test_a_failed_sign_in_takes_nothing(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    sign_in(client, password="something else entirely")
    assert owner_of(draft).endswith("@guest.invalid")
    assert client.get(f"/drafts/{draft.id}/basics").status_code == 200


def test_going_on_after_signing_in_leads_back_to_the_draft(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    response = client.post(
        f"/sign-in?next=/drafts/{draft.id}/review", data={"email": carla.email, "password": PASSWORD, "next": ""}
    )
    assert response.location.endswith(f"/drafts/{draft.id}/review")
    assert client.get(f"/drafts/{draft.id}/review").status_code == 200


def test_a_page_left_open_goes_on_saving_for_the_account(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    sign_in(client)
    assert client.put(f"/drafts/{draft.id}/basics", data={"name": "Other", "version": "1"}).status_code == 200


def test_the_cookie_that_outlives_the_session_goes_with_the_guest(client: StrictClient, carla: Provider) -> None:
    started(client)
    sign_in(client)
    assert client.get_cookie("remember_token") is None


def test_who_wants_to_be_remembered_is(client: StrictClient, carla: Provider) -> None:
    started(client)
    sign_in(client, remember="y")
    client.delete_cookie("session")
    assert client.get("/drafts").status_code == 200


def test_signing_out_does_not_bring_the_guest_back(client: StrictClient, carla: Provider) -> None:
    started(client)
    sign_in(client)
    client.post("/sign-out")
    assert "/sign-in" in client.get("/drafts").location


# Signing up.

TYPED = {"display_name": "Dora's Dance", "email": "dora@example.com", "password": PASSWORD}


def test_signing_up_and_confirming_in_the_same_browser_takes_the_drafts(client: StrictClient, letters: Letters) -> None:
    draft = started(client)
    client.post("/sign-up", data=TYPED)
    client.post(link_in(letters()[0]))
    assert owner_of(draft) == "dora@example.com"


def test_confirming_on_another_device_takes_them_too(client: StrictClient, another: Another, letters: Letters) -> None:
    draft, phone = started(client, "Evening updo"), another()
    client.post("/sign-up", data=TYPED)
    phone.post(link_in(letters()[0]))
    assert owner_of(draft) == "dora@example.com"
    assert "Evening updo" in phone.get("/drafts").page.words


def test_signing_up_alone_takes_nothing(client: StrictClient) -> None:
    draft = started(client)
    client.post("/sign-up", data=TYPED)
    assert owner_of(draft).endswith("@guest.invalid")
    assert client.get(f"/drafts/{draft.id}/basics").status_code == 200


def test_an_account_takes_nothing_of_a_guest_who_did_not_ask_for_it(
    client: StrictClient, another: Another, letters: Letters
) -> None:
    draft, stranger = started(client), another()
    stranger.post("/sign-up", data=TYPED)
    stranger.post(link_in(letters()[0]))
    assert owner_of(draft).endswith("@guest.invalid")


# The link proves the address.


def test_the_mail_names_the_draft_and_until_when_it_is_kept(client: StrictClient, letters: Letters, travel: Travel) -> None:
    travel()
    started(client, "Evening updo")
    by_link(client, letters)
    message = letters()[-1]
    text = message.get_body(preferencelist=("plain",)).get_content()  # type: ignore[union-attr]
    assert (message["Subject"], message["To"]) == ("Your link to finish later", "carla@example.com")
    assert "- Evening updo: kept until Tue 24 Nov, 10:30" in text


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


def by_link_of(client: StrictClient, letters: Letters) -> str:
    started(client)
    return by_link(client, letters)


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


# The end.


def test_a_forgotten_draft_of_a_guest_is_deleted_at_the_moment_that_was_named(
    client: StrictClient, travel: Travel, settings: Settings
) -> None:
    travel()
    draft = started(client)
    travel(hours=47)
    assert sweeps.expire(settings).drafts == 0
    travel(hours=2)
    assert (sweeps.warn(settings).mails, sweeps.expire(settings).drafts, sweeps.expire(settings).mails) == (0, 1, 0)
    db.session.expire_all()
    assert draft.deleted_by == "expiry"


def test_a_draft_that_came_along_is_deleted_only_after_a_warning(
    client: StrictClient, carla: Provider, travel: Travel, settings: Settings
) -> None:
    travel()
    draft = started(client)
    sign_in(client)
    travel(hours=49)
    assert sweeps.expire(settings).drafts == 0
    assert db.session.scalar(select(Service.id).where(*rules.due_for_warning(clock.now(), settings.notice))) == draft.id


def test_an_abandoned_guest_is_swept_once_nothing_is_left(client: StrictClient, travel: Travel, settings: Settings) -> None:
    travel()
    started(client)
    travel(hours=49)
    sweeps.expire(settings)
    assert tidy(settings).guests == 0
    travel(days=8)
    sweeps.forget(sweeps.Turn())
    assert tidy(settings).guests == 1
    assert db.session.query(Provider).count() == 0


def test_a_guest_of_today_stays(client: StrictClient, travel: Travel, settings: Settings) -> None:
    travel()
    guest = operations.add_guest(locale="en", time_zone="UTC", currency="EUR")
    travel(hours=23)
    assert (tidy(settings).guests, guest.is_guest) == (0, True)


def test_an_account_without_drafts_is_no_guest(ada: Provider, travel: Travel, settings: Settings) -> None:
    travel(to=clock.now() + timedelta(days=400))
    assert tidy(settings).guests == 0


def test_leaving_deletes_everything(client: StrictClient) -> None:
    factories.media(started(client))
    assert client.post("/try/leave").location == "/"
    assert [db.session.query(each).count() for each in (Provider, Service, Media)] == [0, 0, 0]


def test_a_browser_that_was_left_is_nobodys(client: StrictClient) -> None:
    started(client)
    client.post("/try/leave")
    assert "/sign-in" in client.get("/drafts").location


def test_an_account_is_not_left_like_that(as_carla: StrictClient, carla: Provider) -> None:
    as_carla.post("/try/leave")
    assert db.session.get(Provider, carla.id) is not None


def test_a_claim_is_an_event(client: StrictClient, carla: Provider) -> None:
    draft = started(client)
    sign_in(client)
    assert db.session.scalars(select(Event.service_id).where(Event.name == "claimed")).all() == [draft.id]


def test_two_claims_at_once_move_the_drafts_once(
    client: StrictClient, carla: Provider, ada: Provider, settings: Settings
) -> None:
    guest = guest_of_draft(client)
    first = claiming.claim(guest.id, carla.id, settings)
    assert (len(first), claiming.claim(guest.id, ada.id, settings)) == (1, [])


def test_an_account_can_not_be_claimed(ada: Provider, carla: Provider, settings: Settings) -> None:
    draft = factories.draft(ada, has_content=True)
    assert claiming.claim(ada.id, carla.id, settings) == []
    assert owner_of(draft) == "ada@example.com"


def test_no_drafts_at_all_are_no_news(client: StrictClient, carla: Provider) -> None:
    client.post("/try")
    sign_in(client)
    assert "without an account" not in client.get("/drafts").page.words
