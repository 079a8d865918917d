"""Accounts in a real browser: the pages are sound on both sizes, and what the scripts add works."""

from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app import mail
from app.providers import operations
from app.providers.models import Provider
from tests.browser.conftest import Site

PASSWORD = "seven green umbrellas"
GUESTS = ["/sign-in", "/sign-up", "/sign-up/check-your-mail", "/forgotten-password", "/confirm", "/confirm/x", "/dev/outbox"]
PROVIDERS = ["/account", "/account/password", "/account/email", "/account/verify", "/account/close"]


def sign_up(page: Page) -> None:
    page.goto("/sign-up")
    page.get_by_label("Name that customers see").fill("Dora's Dance")
    page.get_by_label("Email").fill("dora@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()


@pytest.fixture
def newest_link(write_letters: Callable[[], None]) -> Callable[[], str]:
    """The path of the first address in the newest letter."""

    def read() -> str:
        write_letters()
        return _link_of_the_newest()

    return read


def _link_of_the_newest() -> str:
    message = message_from_bytes(max(mail.outbox().glob("*.eml")).read_bytes(), policy=policy.default)
    text = message.get_body(preferencelist=("plain",)).get_content()  # type: ignore[attr-defined]
    return urlsplit(next(word for word in text.split() if word.startswith("http"))).path


def dora(site: Site) -> Provider:
    return site.rows.execute(select(Provider).where(Provider.email == "dora@example.com")).scalar_one()


def faults(page: Page, paths: list[str], violations: Callable[[Page], list[str]]) -> dict[str, list[str]]:
    """What is wrong with each page: what axe finds, and whether it is wider than the screen."""
    found = {}
    for path in paths:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found[path] = violations(page) + (["wider than the screen"] if wide else [])
    return {path: faults for path, faults in found.items() if faults}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_for_guests(new_page: Any, size: str, scheme: str, violations: Any) -> None:
    assert faults(new_page(size, color_scheme=scheme), GUESTS, violations) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_for_providers(
    new_page: Any, size: str, scheme: str, violations: Any, sign_in: Any, ada: Any
) -> None:
    page = new_page(size, color_scheme=scheme)
    sign_in(page, ada)
    assert faults(page, PROVIDERS, violations) == {}


def test_axe_finds_nothing_on_a_refused_form(page: Page, violations: Callable[[Page], list[str]]) -> None:
    page.goto("/sign-up")
    page.locator("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert violations(page) == []


def test_a_provider_signs_up_confirms_and_is_in(page: Page, site: Site, newest_link: Callable[[], str]) -> None:
    sign_up(page)
    page.goto(newest_link())
    page.get_by_role("button", name="Confirm my email").click()
    page.goto("/account")
    expect(page.get_by_label("Name that customers see")).to_have_value("Dora's Dance")


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_a_provider_signs_up_without_javascript(
    new_page: Callable[..., Page], size: str, site: Site, newest_link: Callable[[], str]
) -> None:
    page = new_page(size, java_script_enabled=False)
    sign_up(page)
    page.goto(newest_link())
    page.get_by_role("button", name="Confirm my email").click()
    assert dora(site).confirmed_at is not None
    assert dora(site).time_zone == "Europe/Berlin"


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_signing_up_notes_where_the_browser_is(new_page: Callable[..., Page], size: str, site: Site) -> None:
    page = new_page(size, timezone_id="America/New_York", locale="en-US")
    sign_up(page)
    assert (dora(site).time_zone, dora(site).currency) == ("America/New_York", "USD")


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_a_typed_password_can_be_shown(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Show password").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/account/password"])
def test_nothing_moves_when_the_button_that_shows_a_password_comes(page: Page, path: str, sign_in: Any, ada: Any) -> None:
    if path.startswith("/account"):
        sign_in(page, ada)
    late: list[Route] = []
    page.route("**/js/password.js*", lambda route: late.append(route))
    page.goto(path, wait_until="commit")
    submit = page.locator("main form [type=submit]").last
    expect(submit).to_be_visible()
    expect(page.locator("[data-show]").first).not_to_have_css("margin-bottom", "0px")
    page.wait_for_function("[...document.querySelectorAll('link[rel=stylesheet]')].every((link) => link.sheet)")
    page.wait_for_function("document.fonts.status == 'loaded'")
    before = submit.bounding_box()
    late[0].continue_()
    expect(page.get_by_role("button", name="Show password").first).to_be_visible()
    assert submit.bounding_box() == before, "it moved"


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_without_scripts_there_is_no_gap_for_the_button(new_page: Callable[..., Page], size: str) -> None:
    page = new_page(size, java_script_enabled=False)
    page.goto("/sign-in")
    expect(page.locator("[data-show]")).to_have_css("margin-bottom", "0px")


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_a_shown_password_is_hidden_again_when_it_is_sent(page: Page, site: Site) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name="Show password").click()
    page.evaluate("document.querySelector('#password').form.addEventListener('submit', event => event.preventDefault())")
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "password")


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_the_outbox_shows_a_message_and_its_link_works(page: Page, site: Site, write_letters: Callable[[], None]) -> None:
    sign_up(page)
    write_letters()
    page.goto("/dev/outbox")
    page.get_by_role("link", name="Confirm your email for Shingle").first.click()
    expect(page.frame_locator("iframe").get_by_role("link", name="Confirm my email")).to_be_visible()
    page.get_by_role("link", name="/confirm/").first.click()
    expect(page.get_by_role("heading", name="Confirm your email")).to_be_visible()


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_signing_out_everywhere_signs_out_the_phone(new_page: Callable[..., Page], size: str, site: Site, sign_in: Any) -> None:
    carla = operations.create("carla@example.com", PASSWORD, display_name="Carla", locale="en", time_zone="UTC", currency="EUR")
    site.app.extensions["sqlalchemy"].session.commit()
    phone, desk = new_page("phone"), new_page("desktop")
    sign_in(phone, carla)
    sign_in(desk, carla)
    desk.goto("/account")
    desk.get_by_role("button", name="Sign out everywhere").click()
    phone.goto("/account")
    expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()
