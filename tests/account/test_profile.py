"""The profile: what customers see, and how Shingle speaks to the provider."""

from typing import Any

import pytest

from app.account import operations
from app.extensions import db
from app.providers.models import Provider
from tests import factories
from tests.strict import StrictClient

FORM = {
    "display_name": "Carla Cuts",
    "about": "",
    "has_public_page": "y",
    "time_zone": "Europe/Berlin",
    "locale": "en",
    "currency": "EUR",
    "wants_reminders": "y",
}


def test_only_somebody_signed_in_has_a_profile(client: StrictClient) -> None:
    assert client.get("/account").location == "/sign-in?next=/account"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "كارلا 💇"),
        ("about", "Two lines\nof text"),
        ("time_zone", "Asia/Kolkata"),
        ("locale", "de"),
        ("currency", "JPY"),
    ],
)
def test_what_is_chosen_is_kept(as_carla: StrictClient, carla: Provider, field: str, value: str) -> None:
    assert as_carla.post("/account", data=FORM | {field: value}).status_code == 303
    assert getattr(carla, field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", ""),
        ("display_name", "x" * 81),
        ("about", "x" * 2001),
        ("time_zone", "Mars/Olympus"),
        ("locale", "xx"),
        ("currency", "ZZZ"),
    ],
)
def test_what_makes_no_sense_changes_nothing(as_carla: StrictClient, carla: Provider, field: str, value: str) -> None:
    before = getattr(carla, field)
    assert as_carla.post("/account", data=FORM | {field: value}).status_code == 200
    assert getattr(carla, field) == before


def test_ten_megabytes_about_oneself_are_refused_politely(as_carla: StrictClient) -> None:
    answer = as_carla.post("/account", data=FORM | {"about": "x" * 10_000_000})
    assert "at most 2,000 characters" in answer.page.words


def test_the_address_of_the_public_page_survives_a_new_name(as_carla: StrictClient, carla: Provider) -> None:
    as_carla.post("/account", data=FORM | {"display_name": "Carla Curls"})
    assert carla.slug == "carla-cuts"


def test_the_public_page_can_be_hidden(as_carla: StrictClient, carla: Provider) -> None:
    as_carla.post("/account", data={name: value for name, value in FORM.items() if name != "has_public_page"})
    assert carla.has_public_page is False


def test_reminders_can_be_stopped(as_carla: StrictClient, carla: Provider) -> None:
    as_carla.post("/account", data={name: value for name, value in FORM.items() if name != "wants_reminders"})
    assert carla.reminders_stopped_at is not None


def test_stopping_reminders_again_keeps_the_first_moment(app: Any, carla: Provider, travel: Any) -> None:
    values = {**FORM, "has_public_page": True, "wants_reminders": False}
    stopped = travel()
    operations.change_profile(carla, values)
    travel(hours=5)
    operations.change_profile(carla, values)
    assert carla.reminders_stopped_at == stopped


def test_reminders_can_be_resumed(as_carla: StrictClient, carla: Provider) -> None:
    carla.reminders_stopped_at = carla.created_at
    db.session.commit()
    as_carla.post("/account", data=FORM)
    assert carla.reminders_stopped_at is None


def test_the_page_speaks_the_language_that_was_chosen(as_carla: StrictClient) -> None:
    as_carla.post("/account", data=FORM | {"locale": "de"})
    assert as_carla.get("/account").page.one("html").get("lang") == "de"


def test_a_zone_of_old_that_iana_renamed_stays_choosable_for_who_has_it(client: StrictClient) -> None:
    old = factories.provider("old@example.com", time_zone="US/Pacific")
    page = client.sign_in(old).get("/account").page
    assert [
        each.get("value")
        for each in page.all("option")
        if each.get("selected") is not None and "/" in (each.get("value") or "")
    ] == ["US/Pacific"]


def test_nobody_else_is_changed(as_carla: StrictClient, boris: Provider) -> None:
    as_carla.post("/account", data=FORM | {"display_name": "Everybody"})
    assert boris.display_name == "Boris Tutoring"
