"""What visitors see, in a real browser: readable by everybody on both sizes, and searched as one types."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.extensions import db
from tests import factories
from tests.services.test_listing import photo

PATHS = ["/services", "/services?q=nothing", "/s/full", "/s/long", "/s/rtl", "/p/ada"]
LONG = "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz"


@pytest.fixture
def listings(app: Any, ada: Any) -> None:
    """One listing with everything, one with words that never end, one that runs from right to left."""
    ada.slug, ada.about = "ada", "## Us\n\nWe cut **hair**.\n\n- [x](https://example.com)"
    full = factories.published(
        ada,
        slug="full",
        name="Haircut",
        description="# One\n\nText\n\n## Two\n\n> Quote\n\n1. First",
        included=["Wash", "Dry"],
        places=["provider", "client", "online"],
        price_kind="from",
        packages=[{"name": "Long hair", "duration_minutes": 90, "price_minor": 8900}],
        hours={"mon": [["09:00", "12:30"], ["14:00", "18:00"]]},
        notice_hours=24,
        capacity=8,
    )
    for _ in range(3):
        photo(full)
    photo(full, kind="document", file_name=f"{LONG}.pdf")
    packages = [{"name": LONG, "duration_minutes": 10_079, "price_minor": 10**10}] * 3
    factories.published(ada, slug="long", name=LONG, summary="W" * 200, location=LONG, included=["x" * 200], packages=packages)
    factories.published(ada, slug="rtl", name="قص الشعر وتصفيفه", summary="غسل وقص", description="نستقبلكن", location="حيفا")
    db.session.commit()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_on_a_public_page(
    listings: None, new_page: Callable[..., Page], size: str, scheme: str, path: str, violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(size, color_scheme=scheme)
    page.goto(path)
    assert violations(page) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_public_page_fits_the_screen(listings: None, page: Page, path: str) -> None:
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_photos_keep_their_place_while_they_load(listings: None, page: Page) -> None:
    page.route("**/media/files/**", lambda route: None)
    page.goto("/s/full", wait_until="domcontentloaded")
    box = page.locator(".gallery img").first.bounding_box()
    assert box is not None
    assert box["height"] > 150


def test_results_follow_the_typing_and_the_address_follows_the_results(listings: None, page: Page) -> None:
    page.goto("/services")
    page.get_by_label("What are you looking for?").press_sequentially("hairc")
    expect(page.get_by_role("heading", name="Found for “hairc”")).to_be_visible()
    expect(page.locator("#results h3")).to_have_text(["Haircut"])
    expect(page).to_have_url(re.compile(r"\?q=hairc&type=$"))
    expect(page.get_by_label("What are you looking for?")).to_be_focused()


def test_back_returns_to_the_results_before(listings: None, page: Page) -> None:
    page.goto("/services")
    page.get_by_label("What are you looking for?").press_sequentially("hairc")
    expect(page.locator("#results h3")).to_have_count(1)
    page.get_by_role("link", name="Haircut").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Haircut")
    page.go_back()
    expect(page.locator("#results h3")).to_have_text(["Haircut"])
    page.go_back()
    expect(page.locator("#results h3")).to_have_count(3)


def test_choosing_a_type_narrows_the_results(listings: None, page: Page) -> None:
    page.goto("/services")
    page.get_by_label("Type").select_option("tutoring")
    expect(page.get_by_role("heading", name="Try other words")).to_be_visible()


def test_without_javascript_the_search_is_a_form(listings: None, new_page: Callable[..., Page], size: str) -> None:
    page = new_page(size, java_script_enabled=False)
    page.goto("/services")
    page.get_by_label("What are you looking for?").fill("hairc")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#results h3")).to_have_text(["Haircut"])


def test_the_owner_pauses_and_resumes_from_the_listing(
    listings: None, page: Page, ada: Any, sign_in: Callable[..., None], violations: Callable[[Page], list[str]]
) -> None:
    sign_in(page, ada)
    page.goto("/s/full")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Visitors find nothing here until you resume the listing.")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Everybody sees this page")).to_be_visible()
