"""The dashboard and the pages behind mails in a real browser: sound in light and dark, quick with scripts, whole without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.clock import now
from app.reminders import links
from app.services.models import Service
from tests import factories
from tests.browser.conftest import Site

SignIn = Callable[[Page, Any], None]


@pytest.fixture
def draft(site: Site, ada: Any) -> Service:
    """Ada's haircut, beside one of everything that a dashboard can show."""
    factories.published(ada, name="Beard trim")
    factories.published(ada, name="Plant colour", is_active=False, answers={}, answers_schema="x")
    later = now() + timedelta(days=5)
    factories.draft(ada, name="Perm", has_content=True, deleted_at=now(), deleted_by="expiry", purge_at=later)
    return factories.draft(ada, name="Haircut", has_content=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    scheme: str, size: str, draft: Service, ada: Any, new_page: Callable[..., Page], sign_in: SignIn, violations: Any
) -> None:
    page = new_page(size, color_scheme=scheme)
    sign_in(page, ada)
    assert draft.expires_at
    tokens = {purpose: links.for_draft(purpose, draft.id, draft.expires_at) for purpose in ("keep", "delete")}
    paths = [f"/l/{purpose}/{token}" for purpose, token in tokens.items()]
    for path in ["/drafts", *paths, f"/l/stop/{links.for_provider(ada)}"]:
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_deleting_happens_in_place_and_undo_has_the_focus(draft: Service, ada: Any, page: Page, sign_in: SignIn) -> None:
    sign_in(page, ada)
    page.goto("/drafts")
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="Delete (Haircut)").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(page.get_by_role("button", name="Restore (Haircut)")).to_be_visible()
    undo.click()
    expect(page.get_by_text("“Haircut” is back.")).to_be_visible()
    expect(page.get_by_role("button", name="Resume (Haircut)")).to_be_visible()
    assert page.evaluate("window.stayed") is True


def test_keeping_and_deleting_work_without_scripts(
    draft: Service, ada: Any, new_page: Callable[..., Page], sign_in: SignIn
) -> None:
    page = new_page("phone", java_script_enabled=False)
    sign_in(page, ada)
    page.goto("/drafts")
    page.get_by_role("button", name="Keep longer (Haircut)").click()
    expect(page.get_by_text("“Haircut” is kept until")).to_be_visible()
    page.get_by_role("button", name="Delete (Haircut)").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("“Haircut” is back.")).to_be_visible()


def test_resuming_leads_to_the_first_step_that_is_missing_something(
    draft: Service, ada: Any, page: Page, sign_in: SignIn
) -> None:
    sign_in(page, ada)
    page.goto("/drafts")
    page.get_by_role("button", name="Resume (Haircut)").click()
    expect(page).to_have_url(f"{page.url.split('/drafts')[0]}/drafts/{draft.id}/basics")


def test_a_link_in_a_mail_keeps_a_draft_with_one_press(draft: Service, page: Page) -> None:
    assert draft.expires_at
    page.goto(f"/l/keep/{links.for_draft('keep', draft.id, draft.expires_at)}")
    page.get_by_role("button", name="Keep it longer").click()
    expect(page.get_by_role("heading", name="Your draft is kept")).to_be_visible()
