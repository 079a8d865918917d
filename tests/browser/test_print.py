"""What comes out of a printer: what a page tells, and nothing that can only be pressed or is only of the moment."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from app.extensions import db
from app.services.models import Service
from tests import factories

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)


@pytest.fixture
def listing(ada: Any) -> Service:
    service = factories.published(ada, slug="haircut", name="Haircut", description="We wash and cut.")
    db.session.commit()
    return service


@pytest.fixture
def own(page: Page, sign_in: Callable[..., None], ada: Any, listing: Service) -> Page:
    """The browser of the listing's owner."""
    sign_in(page, ada)
    return page


def on_paper(page: Page) -> str:
    """The words that are printed."""
    page.emulate_media(media="print")
    return page.locator("body").inner_text()


def test_ones_own_listing_is_printed_as_a_visitor_sees_it(own: Page) -> None:
    own.goto("/s/haircut")
    paper = on_paper(own)
    assert "We wash and cut." in paper
    assert not [words for words in ("Your listing", "Edit", "Pause", "Duplicate", "Account") if words in paper]


def test_a_message_of_the_moment_is_not_printed(own: Page) -> None:
    own.goto("/s/haircut")
    own.get_by_role("button", name="Pause").click()
    own.locator(".flashes").wait_for()
    told = own.locator(".flashes").inner_text()
    assert told
    assert told not in on_paper(own)


def test_a_preview_is_printed_as_a_visitor_will_see_it(own: Page, listing: Service) -> None:
    own.goto(f"/drafts/{listing.id}/preview")
    paper = on_paper(own)
    assert "Haircut" in paper
    assert "only you see this" not in paper


def test_answers_are_printed_without_the_links_that_change_them(own: Page, listing: Service) -> None:
    own.goto(f"/drafts/{listing.id}/review")
    paper = on_paper(own)
    assert "We wash and cut." in paper
    assert not [words for words in ("Change", "See it as a visitor will", "Publish") if words in paper]


def test_a_step_is_printed_with_what_was_typed_and_without_its_buttons(own: Page, listing: Service) -> None:
    own.goto(f"/drafts/{listing.id}/details")
    paper = on_paper(own)
    assert own.get_by_label("Description").is_visible()
    assert not [words for words in ("Continue", "Back", "Save and finish later", "Saves by itself") if words in paper]


def test_paper_is_white_for_who_reads_on_a_dark_screen(new_page: Callable[..., Page], listing: Service, size: str) -> None:
    page = new_page(size, color_scheme="dark")
    page.goto("/s/haircut")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(21, 25, 34)"
