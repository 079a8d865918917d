"""Trying Shingle without an account: the start, what a guest has less, and the end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.config import Settings
from app.drafts import sweeps
from app.drafts.operations import start
from app.drafts.tidying import tidy
from app.errors import Refused, TooMany
from app.extensions import db
from app.media import quota
from app.media.models import Media
from app.providers import operations
from app.providers.models import Provider
from app.services.models import Service
from tests import factories
from tests.account.guests import (
    Another,
    Travel,
    guest_of_draft,
    started,
)
from tests.strict import StrictClient

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
