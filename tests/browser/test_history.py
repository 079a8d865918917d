"""Earlier versions of a step in a real browser: found, compared and taken back with the keyboard, on sound pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app import locales
from app.extensions import db
from app.locales import read_by
from app.services.models import Service
from app.wizard import answers, steps
from app.wizard.context import Context
from tests import factories
from tests.browser.conftest import Site

BEFORE = {"name": ["Haircut"], "service_type": ["hair"], "summary": ["With a wash\u202e and \u05e9\u05dc\u05d5\u05dd"]}


@pytest.fixture
def draft(site: Site, ada: Any, travel: Callable[..., datetime]) -> Service:
    """Ada's draft, in which the summary was another one an hour ago."""
    travel()
    row, settings = factories.draft(ada), site.app.extensions["settings"]
    answers.save(Context.of(ada, row), steps.find("basics"), BEFORE, 0, settings)
    db.session.commit()
    travel(hours=1)
    answers.save(Context.of(ada, row), steps.find("basics"), BEFORE | {"summary": ["Dry"]}, 1, settings)
    db.session.commit()
    return row


def press(page: Page, name: str, role: Any = "link") -> None:
    """Press Enter on it: a link or a button that the tab key reaches by itself."""
    wanted = page.locator("main").get_by_role(role, name=name)
    wanted.focus()
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")], indirect=["size"])
def test_a_version_is_taken_back_with_the_keyboard_and_axe_finds_nothing_on_the_way(
    new_page: Callable[..., Page], sign_in: Any, ada: Any, draft: Service, size: str, scheme: str, violations: Any
) -> None:
    with read_by("en", ada.time_zone):
        moment = locales.moment(draft.created_at)
    page = new_page(size, color_scheme=scheme)
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/basics")
    press(page, "Earlier versions of this step")
    expect(page.get_by_role("heading", name="Earlier versions of “Basics”")).to_be_visible()
    found = violations(page)
    press(page, moment)
    expect(page.get_by_role("heading", name=f"“Basics”, as it was on {moment}")).to_be_visible()
    assert found + violations(page) == []
    press(page, "Take it back", "button")
    expect(page.get_by_label("In one line")).to_have_value(BEFORE["summary"][0])
    expect(page.get_by_role("status").first).to_contain_text(f"This step is as it was on {moment}")
