"""Prices and package rows over HTTP, without JavaScript."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from app.extensions import db
from app.services.models import Service
from tests import factories
from tests.strict import StrictClient
from tests.wizard.conftest import WHOLE

Path = Callable[..., str]
ROWS = {
    "packages-0-name": "Short",
    "packages-0-duration_minutes": "30",
    "packages-0-price_minor": "20.00",
    "packages-1-name": "Long",
    "packages-1-duration_minutes": "90",
    "packages-1-price_minor": "60.00",
}
PRICE = {"price_kind": "fixed", "price_minor": "45.00", "currency": "EUR", "duration_minutes": "60"}


@pytest.fixture
def as_dora(client: StrictClient) -> StrictClient:
    """Dora reads German and writes prices with a comma."""
    return client.sign_in(factories.provider("dora@example.com", locale="de"))


def dora_draft() -> Service:
    from app.providers.models import Provider

    return factories.draft(db.session.query(Provider).filter_by(email="dora@example.com").one())


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("abc", "Write the price as a number, like 45.00."),
        ("1e9", "Write the price as a number, like 45.00."),
        ("12,50", "Write the price as a number, like 45.00."),
        ("-5", "A price can't be below zero."),
        ("0.001", "EUR has 2 decimals."),
        ("99999999999999", "This price is too large to be right."),
        ("", "Give a price, or choose “On request”."),
    ],
)
def test_a_price_that_is_none_is_refused_with_its_reason_and_kept(
    as_ada: StrictClient, draft: Service, path: Path, typed: str, reason: str
) -> None:
    response = as_ada.post(path(draft, "price"), data=PRICE | {"price_minor": typed, "version": "0"})
    assert response.status_code == 422
    assert reason in response.page.words
    assert response.page.by_id("price_minor").get("value") == typed


@pytest.mark.parametrize(("typed", "minor"), [("45", 4500), ("12.50", 1250), ("1,250.00", 125_000), ("0", 0)])
def test_a_price_is_read_as_english_writes_it(as_ada: StrictClient, draft: Service, path: Path, typed: str, minor: int) -> None:
    assert as_ada.post(path(draft, "price"), data=PRICE | {"price_minor": typed, "version": "0"}).status_code == 303
    db.session.refresh(draft)
    assert draft.price_minor == minor


@pytest.mark.parametrize(("typed", "minor"), [("45", 4500), ("12,50", 1250), ("1.250,00", 125_000)])
def test_a_price_is_read_as_german_writes_it(as_dora: StrictClient, path: Path, typed: str, minor: int) -> None:
    draft = dora_draft()
    assert as_dora.post(path(draft, "price"), data=PRICE | {"price_minor": typed, "version": "0"}).status_code == 303
    db.session.refresh(draft)
    assert draft.price_minor == minor


@pytest.mark.parametrize("typed", ["abc", "1e9", "-5", "0,001", "12.50"])
def test_a_price_that_is_none_in_german_is_refused_and_kept(as_dora: StrictClient, path: Path, typed: str) -> None:
    response = as_dora.post(path(dora_draft(), "price"), data=PRICE | {"price_minor": typed, "version": "0"})
    assert response.status_code == 422
    assert "45,00" in response.page.words
    assert response.page.by_id("price_minor").get("value") == typed


def test_on_request_needs_no_amount(as_ada: StrictClient, draft: Service, path: Path) -> None:
    data = PRICE | {"price_kind": "on_request", "price_minor": "", "version": "0"}
    assert as_ada.post(path(draft, "price"), data=data).status_code == 303


def press(client: StrictClient, address: str, data: dict[str, str], action: str) -> Any:
    """What one sees after a row's button."""
    response = client.post(address, data=data | {"action": action})
    assert response.status_code == 200
    return response.page


def names(page: Any) -> list[str]:
    return [each.get("value") for each in page.all("input") if (each.get("name") or "").endswith("-name")]


def focused(page: Any) -> str:
    found: list[Element] = [each for each in page.root.iter() if each.get("autofocus") is not None]
    assert len(found) == 1
    return str(found[0].get("id"))


@pytest.mark.parametrize(
    ("action", "expected", "focus"),
    [
        ("packages.add", ["Short", "Long", ""], "packages-2-name"),
        ("packages.remove.0", ["Long"], "packages-0-remove"),
        ("packages.remove.1", ["Short"], "packages-0-remove"),
        ("packages.up.1", ["Long", "Short"], "packages-0-down"),
        ("packages.down.0", ["Long", "Short"], "packages-1-up"),
        ("packages.up.0", ["Short", "Long"], "packages-0-down"),
    ],
)
def test_rows_are_added_removed_and_moved_and_the_focus_goes_along(
    as_ada: StrictClient, draft: Service, path: Path, action: str, expected: list[str], focus: str
) -> None:
    page = press(as_ada, path(draft, "price"), PRICE | ROWS | {"version": "0"}, action)
    assert names(page) == expected
    assert focused(page) == focus


def earlier(client: StrictClient, address: str) -> str:
    return client.get(f"{address}/earlier").page.words


def test_a_row_that_is_removed_is_among_the_earlier_versions(as_ada: StrictClient, draft: Service, path: Path) -> None:
    press(as_ada, path(draft, "price"), PRICE | {"packages-0-name": "Only", "version": "0"}, "packages.remove.0")
    assert "Nothing earlier is kept yet" not in earlier(as_ada, path(draft, "price"))
    assert "Only" in as_ada.get(f"{path(draft, 'price')}/earlier/1").page.words


def test_an_empty_row_that_is_removed_leaves_no_earlier_version(as_ada: StrictClient, draft: Service, path: Path) -> None:
    press(as_ada, path(draft, "price"), PRICE | {"packages-0-name": "", "version": "0"}, "packages.remove.0")
    assert "Nothing earlier is kept yet" in earlier(as_ada, path(draft, "price"))


def test_after_the_last_row_is_removed_the_focus_is_on_add(as_ada: StrictClient, draft: Service, path: Path) -> None:
    page = press(as_ada, path(draft, "price"), PRICE | {"packages-0-name": "Only", "version": "0"}, "packages.remove.0")
    assert focused(page) == "packages-add"


def test_a_rows_button_keeps_everything_else_that_was_typed(as_ada: StrictClient, draft: Service, path: Path) -> None:
    page = press(as_ada, path(draft, "price"), PRICE | {"price_minor": "abc", "version": "0"}, "packages.add")
    assert page.by_id("price_minor").get("value") == "abc"
    assert page.one("input", name="version").get("value") == "1"


def test_a_new_row_is_not_scolded_for_being_empty(as_ada: StrictClient, draft: Service, path: Path) -> None:
    page = press(as_ada, path(draft, "price"), PRICE | {"version": "0"}, "packages.add")
    assert not page.all("p", class_="error")


def test_a_stale_rows_button_shows_both_texts(as_ada: StrictClient, draft: Service, save: Any, path: Path) -> None:
    save(draft.id, "price", WHOLE["price"])
    response = as_ada.post(path(draft, "price"), data=PRICE | {"version": "0", "action": "packages.add"})
    assert response.status_code == 409
    assert "Long hair" in response.page.words


def test_more_rows_than_fit_are_not_lost_on_the_way(as_ada: StrictClient, draft: Service, path: Path) -> None:
    many = {f"packages-{number}-name": f"Number {number}" for number in range(30)}
    page = press(as_ada, path(draft, "price"), PRICE | many | {"version": "0"}, "packages.add")
    assert len(names(page)) == 20
    assert page.by_id("packages-add") is None


def test_a_package_costs_little_of_the_page_even_with_three_messages(as_ada: StrictClient, draft: Service, path: Path) -> None:
    def size(count: int) -> int:
        rows = {f"packages-{row}-{name}": "x" for row in range(count) for name in ("duration_minutes", "price_minor")}
        names = {f"packages-{row}-name": "" for row in range(count)}
        return len(as_ada.post(path(draft, "price"), data=rows | names | {"version": "-1"}).data)

    assert size(6) - size(5) < 2_800
