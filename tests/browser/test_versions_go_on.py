"""A page that is open from before a publication, or from before changes were discarded, takes nothing away from what was typed since."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app import config
from app.drafts import tidying
from app.extensions import db
from app.services.models import Service
from tests.browser.conftest import Site
from tests.browser.waiting import wait_for
from tests.browser.writing import DESCRIPTION, TOWN, Device, Writing, listing
from tests.servers.line import Line

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)


@pytest.fixture
def writing(site: Site, line: Line, page: Page, sign_in: Callable[..., None], ada: Any) -> Writing:
    """A page at Details of a published listing, that has saved a change there."""
    sign_in(page, ada)
    writing = Writing(site, line, page, ada, listing(ada, is_published=True)).open("details")
    writing.field(DESCRIPTION).fill("Two hours.")
    writing.until_saved("details", "description", "Two hours.")
    writing.status.to_contain_text("Saved")
    return writing


def _tidy(device: Device) -> None:
    """The nightly sweep drops changes that were not touched for long."""
    service = db.session.get_one(Service, device.id)
    service.edited_at -= 2 * config.current().edits_kept_for
    db.session.commit()
    assert tidying.tidy(config.current()).edits == 1


TURNS: dict[str, Callable[[Device], object]] = {
    "published": Device.publish,
    "discarded": Device.discard_changes,
    "archived and published again": Device.archive_and_publish_again,
    "tidied away": _tidy,
}
after_each_turn = pytest.mark.parametrize("turn", list(TURNS))


def test_what_another_device_typed_since_in_another_field_stays(writing: Writing) -> None:
    writing.device.publish()
    writing.device.save("details", location="Hamburg")
    writing.field(DESCRIPTION).fill("Three hours.")
    writing.until_saved("details", "description", "Three hours.")
    assert writing.answers("details")["location"] == ["Hamburg"]


def test_what_another_device_published_since_is_asked_about_on_a_page_that_showed_what_was_published(writing: Writing) -> None:
    writing.device.publish()
    writing.page.reload()
    writing.device.save("details", description="An evening.")
    writing.device.publish()
    writing.field(DESCRIPTION).fill("Three hours.")
    expect(writing.page.locator(".dispute")).to_contain_text("An evening.")


@after_each_turn
def test_another_field_that_another_device_typed_in_since_stays_while_this_one_is_asked_about(
    writing: Writing, turn: str
) -> None:
    TURNS[turn](writing.device)
    writing.device.save("details", description="An evening.", location="Hamburg")
    writing.field(DESCRIPTION).fill("Three hours.")
    expect(writing.page.locator(".dispute")).to_be_visible()
    assert writing.answers("details")["location"] == ["Hamburg"]


@after_each_turn
def test_what_another_device_typed_since_in_the_same_field_is_asked_about(writing: Writing, turn: str) -> None:
    TURNS[turn](writing.device)
    writing.device.save("details", description="An evening.")
    writing.field(DESCRIPTION).fill("Three hours.")
    expect(writing.page.locator(".dispute")).to_contain_text("An evening.")
    assert writing.answers("details")["description"] == ["An evening."]


def test_a_tab_shows_what_another_tab_saved_after_a_publication(writing: Writing) -> None:
    other = writing.page.context.new_page()
    writing.field(DESCRIPTION).fill("Three hours.")
    writing.until_saved("details", "description", "Three hours.")
    writing.device.publish()
    writing.open("details", other)
    other.get_by_role("textbox", name=TOWN, exact=True).fill("Hamburg")
    wait_for(other, lambda: writing.has("details", "location", "Hamburg"))
    expect(writing.field(TOWN)).to_have_value("Hamburg")


def test_a_tab_from_before_a_publication_empties_no_field_of_another_tab(writing: Writing) -> None:
    other = writing.page.context.new_page()
    writing.device.publish()
    writing.open("details", other)
    town = other.get_by_role("textbox", name=TOWN, exact=True)
    town.fill("Hamburg")
    wait_for(other, lambda: writing.has("details", "location", "Hamburg"))
    writing.field(DESCRIPTION).fill("Three hours.")
    writing.until_saved("details", "description", "Three hours.")
    expect(town).to_have_value("Hamburg")
    assert writing.answers("details")["location"] == ["Hamburg"]
