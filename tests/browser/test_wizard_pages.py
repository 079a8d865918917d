"""The wizard's pages as they stand: accessible in light and dark, inside the screen, light to load, and usable by keyboard alone."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.extensions import db
from app.services.models import Service
from app.wizard import answers, steps
from app.wizard.context import Context
from tests import factories
from tests.browser.conftest import Site
from tests.wizard.conftest import HALF, WHOLE

STEPS = ["basics", "details", "price", "availability", "media", "review"]
Violations = Callable[[Page], list[str]]


def answered(site: Site, owner: Any, typed: dict[str, Any]) -> Service:
    """A draft with these answers."""
    factories.service_type()
    draft = factories.draft(owner)
    for key, values in typed.items():
        answers.save(Context.of(owner, draft), steps.find(key), values, 0, site.app.extensions["settings"])
    db.session.commit()
    return draft


@pytest.fixture(params=["light", "dark"])
def coloured(
    request: pytest.FixtureRequest, new_page: Callable[..., Page], sign_in: Callable[..., None], ada: Any, size: str
) -> Page:
    """Ada's page in one colour scheme, then in the other."""
    page = new_page(size, color_scheme=request.param)
    sign_in(page, ada)
    return page


def test_axe_finds_nothing_on_any_step(site: Site, coloured: Page, ada: Any, violations: Violations) -> None:
    page = coloured
    for draft in (answered(site, ada, WHOLE), answered(site, ada, HALF)):
        for key in STEPS:
            page.goto(f"/drafts/{draft.id}/{key}")
            assert violations(page) == [], key
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), key


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_axe_finds_nothing_after_a_refused_continue_a_conflict_and_a_failed_save(
    site: Site, coloured: Page, ada: Any, violations: Violations
) -> None:
    page = coloured
    draft = answered(site, ada, HALF)
    page.goto(f"/drafts/{draft.id}/price")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert violations(page) == []
    context = Context.of(ada, draft)
    version = answers.of(context)["price"]["version"]
    answers.save(context, steps.find("price"), WHOLE["price"], version, site.app.extensions["settings"])
    db.session.commit()
    page.get_by_label("Amount").fill("12")
    expect(page.locator("#save-status [role=alert]")).to_be_visible()
    expect(page.locator(".dispute")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_everything_that_a_first_visit_loads_stays_under_120_kb(
    site: Site, page: Page, sign_in: Callable[..., None], ada: Any
) -> None:
    draft = answered(site, ada, WHOLE)
    sign_in(page, ada)
    bodies: dict[str, int] = {}
    page.on("requestfinished", lambda request: bodies.update({request.url: len(gzip.compress(request.response().body()))}))
    page.goto(f"/drafts/{draft.id}/media", wait_until="networkidle")
    assert len(bodies) > 5
    assert sum(bodies.values()) < 120_000, bodies


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_a_step_is_filled_in_and_left_with_the_keyboard_alone(
    site: Site, page: Page, sign_in: Callable[..., None], ada: Any
) -> None:
    draft = answered(site, ada, {})
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/basics")
    for _press in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "name":
            break
    page.keyboard.type("Haircut")
    page.keyboard.press("Tab")
    page.keyboard.type("Hair")
    page.keyboard.press("Tab")
    page.keyboard.type("Wash and cut")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Details")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.title().startswith("Details · Haircut")


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_back_forward_and_reload_show_the_step_of_the_address(
    site: Site, page: Page, sign_in: Callable[..., None], ada: Any
) -> None:
    draft = answered(site, ada, WHOLE)
    sign_in(page, ada)
    heading = page.get_by_role("heading", level=1)
    page.goto(f"/drafts/{draft.id}/basics")
    page.get_by_role("button", name="Continue").click()
    expect(heading).to_have_text("Details")
    page.get_by_role("link", name="Availability").click()
    expect(heading).to_have_text("Availability")
    assert page.url.endswith("/availability")
    page.go_back()
    expect(heading).to_have_text("Details")
    page.go_back()
    expect(heading).to_have_text("Basics")
    page.go_forward()
    expect(heading).to_have_text("Details")
    page.reload()
    expect(heading).to_have_text("Details")
    page.get_by_role("textbox", name="Description").fill("Typed after all that")
    expect(page.locator("#save-status")).to_contain_text("Saved")


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_rows_change_without_moving_anything_else(site: Site, page: Page, sign_in: Callable[..., None], ada: Any) -> None:
    draft = answered(site, ada, {})
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/price")
    page.evaluate("document.getElementById('step-form').dataset.same = 'yes'")
    page.get_by_label("Amount").fill("45")
    page.get_by_role("button", name="Add a package").click()
    expect(page.locator("#packages-0-name")).to_be_focused()
    page.keyboard.type("Short")
    page.get_by_role("button", name="Add a package").click()
    expect(page.locator("#packages-1-name")).to_be_focused()
    page.keyboard.type("Long")
    page.get_by_role("button", name="Move package 2 up").click()
    expect(page.locator("#packages-0-down")).to_be_focused()
    expect(page.locator("#packages-0-name")).to_have_value("Long")
    page.get_by_role("button", name="Remove package 1").click()
    expect(page.locator("#packages-0-name")).to_have_value("Short")
    expect(page.get_by_label("Amount")).to_have_value("45")
    assert page.locator("#step-form").get_attribute("data-same") == "yes"
    page.locator("#packages-0-duration_minutes").fill("30")
    expect(page.locator("#save-status")).to_contain_text("Saved")
    expect(page.locator("#save-status [role=alert]")).to_have_count(0)


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_the_wizard_works_without_javascript(
    site: Site, new_page: Callable[..., Page], sign_in: Callable[..., None], ada: Any, size: str
) -> None:
    draft = answered(site, ada, {})
    page = new_page(size, java_script_enabled=False)
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/basics")
    page.get_by_label("Name of the service").fill("Haircut")
    page.get_by_role("button", name="Continue").click()
    assert "Error: " in page.title()
    page.get_by_label("Type").select_option("hair")
    page.get_by_label("In one line").fill("Wash and cut")
    page.get_by_role("button", name="Continue").click()
    assert page.url.endswith("/details")
    page.get_by_role("textbox", name="Description").fill("**For you**")
    page.get_by_label("Online").check()
    page.get_by_role("button", name="Continue").click()
    assert page.url.endswith("/price")
    page.get_by_label("Amount").fill("45")
    page.get_by_label("Duration").fill("60")
    page.get_by_role("button", name="Add a package").click()
    expect(page.locator("#packages-0-name")).to_be_focused()
    page.get_by_role("button", name="Remove package 1").click()
    page.get_by_role("button", name="Continue").click()
    assert page.url.endswith("/availability")
    page.goto(f"/drafts/{draft.id}/review")
    page.get_by_role("button", name="Publish").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Haircut"


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_the_preview_of_the_description_follows_the_typing(
    site: Site, page: Page, sign_in: Callable[..., None], ada: Any
) -> None:
    draft = answered(site, ada, {})
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/details")
    description = page.get_by_role("textbox", name="Description")
    description.fill("**For you**")
    page.get_by_role("button", name="Preview the description").click()
    expect(page.locator("#description-preview strong")).to_have_text("For you")
    description.press_sequentially(" and *me*")
    expect(page.locator("#description-preview em")).to_have_text("me")
    expect(description).to_be_focused()


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_on_request_hides_the_amount(site: Site, page: Page, sign_in: Callable[..., None], ada: Any) -> None:
    draft = answered(site, ada, {})
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/price")
    expect(page.get_by_label("Amount")).to_be_visible()
    page.get_by_label("On request").check()
    expect(page.get_by_label("Amount")).to_be_hidden()
    page.get_by_label("Currency").select_option("JPY")
    page.get_by_label("A fixed price").check()
    expect(page.locator(".amount [data-currency]")).to_have_text("JPY")
