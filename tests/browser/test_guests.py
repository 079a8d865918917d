"""Without an account in a real browser: from the landing page to a draft that belongs to somebody."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app import mail
from app.extensions import db
from app.providers import operations
from app.providers.models import Provider
from app.services.models import Service
from tests.browser.conftest import Site, crash
from tests.browser.test_account import PASSWORD, _link_of_the_newest
from tests.browser.test_kept_text import RECORDS
from tests.browser.waiting import until

NAME = "Evening updo 💇"


@pytest.fixture(autouse=True)
def carla(site: Site) -> None:
    """Carla has an account; the outbox is empty."""
    for file in mail.outbox().glob("*.eml"):
        file.unlink()
    known = {"display_name": "Carla Cuts", "locale": "en", "time_zone": "Europe/Berlin", "currency": "EUR"}
    operations.create("carla@example.com", PASSWORD, **known)
    db.session.commit()


def owner(site: Site) -> str:
    statement = select(Provider.email).join(Service, Service.provider_id == Provider.id)
    return str(site.rows.execute(statement).scalar_one())


def begin(page: Page) -> None:
    """From the landing page to the first step."""
    page.goto("/")
    page.get_by_role("link", name="Try it without an account").click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name="Basics")).to_be_visible()


def sign_in(page: Page) -> None:
    page.get_by_label("Email").fill("carla@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_a_guest_types_and_signs_in_and_has_it_all(site: Site, page: Page) -> None:
    begin(page)
    page.get_by_label("Name of the service").fill(NAME)
    expect(page.locator("#save-status")).to_contain_text("Saved")
    page.goto("/drafts")
    page.locator("main").get_by_role("link", name="Sign in").click()
    sign_in(page)
    expect(page.get_by_role("status")).to_contain_text(f"“{NAME}”, which you began without an account")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    assert owner(site) == "carla@example.com"


def test_without_javascript_a_guest_gets_a_link_and_finishes_on_another_device(
    site: Site, new_page: Callable[..., Page], write_letters: Callable[[], None]
) -> None:
    first, phone = new_page("desktop", java_script_enabled=False), new_page("phone", java_script_enabled=False)
    begin(first)
    first.get_by_label("Name of the service").fill(NAME)
    first.get_by_role("button", name="finish later").click()
    first.get_by_role("link", name="Email me a link to finish later").click()
    first.get_by_label("Email").fill("dora@example.com")
    first.get_by_role("button", name="Send the link").click()
    expect(first.get_by_role("status")).to_contain_text("We have sent a link to dora@example.com")
    write_letters()
    phone.goto(_link_of_the_newest())
    phone.get_by_label("Name that customers see").fill("Dora's Dance")
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Make my account").click()
    expect(phone.get_by_role("heading", name=NAME)).to_be_visible()
    assert owner(site) == "dora@example.com"


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_a_page_left_open_goes_on_saving_after_signing_in_in_another_tab(site: Site, page: Page) -> None:
    begin(page)
    page.get_by_label("Name of the service").fill(NAME)
    expect(page.locator("#save-status")).to_contain_text("Saved")
    other = page.context.new_page()
    other.goto("/sign-in")
    sign_in(other)
    expect(other.get_by_role("heading", name=NAME)).to_be_visible()
    page.get_by_label("In one line").fill("Pinned up, and it stays")
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_role("heading", name="My services")).to_be_visible()
    draft = site.rows.execute(select(Service).options(undefer(Service.answers))).scalar_one()
    assert draft.answers["basics"]["typed"]["summary"] == ["Pinned up, and it stays"]  # type: ignore[index]


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_what_a_guest_typed_without_a_connection_is_offered_to_the_account_that_took_the_draft(site: Site, page: Page) -> None:
    begin(page)
    context = page.context
    page.get_by_label("In one line").fill("For weddings")
    expect(page.locator("#save-status")).to_contain_text("Saved")
    context.set_offline(True)
    page.get_by_label("Name of the service").fill(NAME)
    until(page, f"() => ({RECORDS})().then((found) => found.length === 1)")
    crash(page)
    context.set_offline(False)
    later = context.new_page()
    later.goto("/sign-in")
    # What a page keeps that is still going away is nobody else's yet.
    until(later, "() => navigator.locks.query().then(({ held }) => held.length === 0)")
    sign_in(later)
    later.get_by_role("link", name="Basics").click()
    expect(later.get_by_role("dialog")).to_contain_text(NAME)
    later.get_by_role("button", name="Use selected text").click()
    expect(later.get_by_label("Name of the service")).to_have_value(NAME)


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_leaving_deletes_everything_and_the_browser_is_nobodys(site: Site, page: Page) -> None:
    begin(page)
    page.get_by_label("Name of the service").fill(NAME)
    expect(page.locator("#save-status")).to_contain_text("Saved")
    page.goto("/drafts")
    page.get_by_role("link", name="Delete everything and leave").click()
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("status")).to_contain_text("Everything that you began here is deleted")
    assert site.rows.query(Service).count() == 0


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")], indirect=["size"])
def test_axe_finds_nothing_on_a_guests_pages(
    new_page: Callable[..., Page], size: str, scheme: str, violations: Any, write_letters: Callable[[], None]
) -> None:
    page = new_page(size, color_scheme=scheme)
    page.goto("/try")
    found = {"/try": violations(page)}
    begin(page)
    page.get_by_label("Name of the service").fill(NAME)
    expect(page.locator("#save-status")).to_contain_text("Saved")
    page.goto("/try/link")
    page.get_by_label("Email").fill("dora@example.com")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("We have sent a link")
    write_letters()
    step = page.evaluate("document.querySelector('main a[href*=\"/drafts/\"]').getAttribute('href')")
    for path in ("/drafts", step + "/basics", "/try/link", "/try/account", "/try/leave", _link_of_the_newest()):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found[path] = violations(page) + (["wider than the screen"] if wide else [])
    assert {path: faults for path, faults in found.items() if faults} == {}
