"""What the browser itself tells of things that moved without having been touched (the Layout Instability API)."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.services.models import Service
from tests.browser.conftest import Site
from tests.browser.test_wizard_pages import answered
from tests.browser.uploading import chosen, draft, has_scripts, has_state, tile, work
from tests.wizard.conftest import WHOLE

__all__ = ["chosen", "draft"]
WATCH = """window.jumps = [];
new PerformanceObserver(list => list.getEntries().filter(each => !each.hadRecentInput).forEach(each => jumps.push(
  `${each.value}: ${each.sources.map(({node}) => (node?.outerHTML ?? node?.textContent ?? "").slice(0, 80)).join(" | ")}`,
))).observe({type: "layout-shift", buffered: true});"""


@pytest.fixture
def watched(site: Site, page: Page, sign_in: Callable[..., None], ada: Any) -> Page:
    """The details of Ada's draft."""
    draft = answered(site, ada, WHOLE)
    page.add_init_script(WATCH)
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/details", wait_until="networkidle")
    return page


def jumps(page: Page) -> Any:
    """After two frames, when what was painted has been told."""
    return page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(jumps)))))"
    )


def broken(route: Route) -> None:
    route.fulfill(status=500, body="broken")


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_a_save_that_fails_and_then_succeeds_moves_nothing(watched: Page) -> None:
    watched.route("**/details", broken)
    watched.get_by_role("textbox", name="Description").press_sequentially("More. ")
    status = watched.locator("#save-status")
    expect(status).to_contain_text("Not saved", timeout=15_000)
    watched.unroute("**/details")
    expect(status).to_contain_text("Saved", timeout=30_000)
    assert jumps(watched) == []


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_a_step_that_comes_late_moves_nothing_that_stays(watched: Page) -> None:
    late: list[Route] = []
    watched.route("**/details", lambda route: late.append(route))
    with watched.expect_request("**/details"):
        watched.get_by_role("button", name="Continue").click()
    # After a second; the browser excuses what moves within half a second of a press.
    expect(watched.get_by_role("status").filter(has_text="Waiting…")).to_be_visible()
    late[0].continue_()
    expect(watched.get_by_role("heading", level=1)).to_have_text("Price and time")
    assert jumps(watched) == []


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_photos_that_are_added_checked_and_removed_move_nothing(
    site: Site, page: Page, sign_in: Callable[..., None], ada: Any, draft: Service, chosen: Callable[..., list[str]]
) -> None:
    page.add_init_script(WATCH)
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/media", wait_until="networkidle")
    has_scripts(page)
    page.set_input_files("#files", chosen("one.jpg", "two.png"))
    for name in ("one.jpg", "two.png"):
        has_state(page, name, "received")
    work(site)
    for name in ("one.jpg", "two.png"):
        has_state(page, name, "ready")
    tile(page, "one.jpg").get_by_role("button", name="Remove one.jpg").click()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    expect(page.locator("#save-status")).to_contain_text("Saved")
    assert jumps(page) == []
