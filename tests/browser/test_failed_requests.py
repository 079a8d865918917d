"""A request that fails or hangs says so within seconds, where the person is looking, and holds up nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from flask_security import hash_password
from playwright.sync_api import BrowserContext, Page, expect

from app.extensions import db
from tests.browser.conftest import Site, crash
from tests.browser.writing import LINE, Writing, listing
from tests.servers.line import Line, Rule

TURNS = 40

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)


@pytest.fixture
def writing(site: Site, line: Line, page: Page, sign_in: Callable[..., None], ada: Any, boris: Any) -> Writing:
    for provider in (ada, boris):
        provider.password = hash_password("a few words in a row")
    db.session.commit()
    sign_in(page, ada)
    return Writing(site, line, page, ada, listing(ada))


def told(page: Page) -> None:
    """Something is said as an alert, where it can be seen without scrolling."""
    alert = page.locator("[role=alert]").filter(visible=True, has_text=" ").first
    expect(alert).to_be_visible()
    expect(alert).to_be_in_viewport()


@pytest.fixture
def compared(writing: Writing) -> Rule:
    """A tab whose text was just saved, and whose kept copy another tab is comparing with a site that does not answer."""
    save = writing.open("basics").line.hold_answer("PUT", "/basics")
    hanging = writing.line.hang("POST", "/kept", times=None)
    writing.field(LINE).fill("Typed before")
    save.wait()
    other = writing.page.context.new_page()
    other.goto("/drafts")
    other.wait_for_load_state("networkidle")
    save.release()
    writing.status.to_contain_text("Saved")
    for _turn in range(TURNS):  # it need not ask at all; if it does, it has asked by then
        if not hanging.met:
            other.evaluate("() => fetch('/static/favicon.svg').then((each) => each.text())")
    return hanging


def _crash_and_come_back(writing: Writing, context: BrowserContext) -> Page:
    crash(writing.page)
    context.set_offline(False)
    writing.line.release()
    page = context.new_page()
    writing.open("basics", page)
    return page


def test_a_comparison_that_hangs_keeps_no_other_tab_from_keeping_its_text(writing: Writing, compared: Rule) -> None:
    context = writing.page.context
    context.set_offline(True)
    writing.field(LINE).fill("Typed on a train")
    writing.status.to_contain_text("no connection")
    page = _crash_and_come_back(writing, context)
    expect(page.get_by_role("dialog")).to_contain_text("Typed on a train")


def test_a_comparison_that_hangs_keeps_no_page_of_another_account_on_the_screen(
    writing: Writing, compared: Rule, sign_in: Callable[..., None], boris: Any
) -> None:
    failing = writing.line.answer(502, "PUT", "/basics", times=None)
    writing.field(LINE).fill("Only Ada's business")
    failing.wait()
    other = writing.page.context.new_page()
    sign_in(other, boris)
    other.goto("/drafts")
    expect(writing.page.get_by_role("heading", level=1, name="Another account is signed in now")).to_be_visible()


def test_a_step_link_without_a_network_says_so(writing: Writing) -> None:
    writing.open("basics").page.context.set_offline(True)
    writing.follow("Details")
    told(writing.page)


def test_a_step_link_without_a_network_leaves_the_address_with_the_page(writing: Writing) -> None:
    writing.open("basics").page.context.set_offline(True)
    writing.follow("Details")
    told(writing.page)
    assert writing.page.url.endswith("/basics")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_step_link_that_meets_a_proxy_without_its_server_says_so(writing: Writing, status: int) -> None:
    writing.open("basics").line.answer(status, "GET", "/details")
    writing.follow("Details")
    told(writing.page)


def test_a_step_link_that_hangs_says_so(writing: Writing) -> None:
    writing.open("basics").line.hang("GET", "/details")
    writing.follow("Details")
    told(writing.page)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_continue_that_meets_a_proxy_without_its_server_says_so(writing: Writing, status: int) -> None:
    writing.open("basics").line.answer(status, "POST", "/basics")
    writing.press("Continue")
    told(writing.page)


def test_a_continue_that_hangs_says_so(writing: Writing) -> None:
    writing.open("basics").line.hang("POST", "/basics")
    writing.press("Continue")
    told(writing.page)


def test_a_page_whose_continue_hangs_does_not_call_itself_saved(writing: Writing) -> None:
    hanging = writing.open("basics").line.hang("POST", "/basics")
    writing.press("Continue")
    hanging.wait()
    writing.field(LINE).fill("Typed meanwhile")
    writing.status.not_to_contain_text("Saved")


@pytest.fixture
def changed(writing: Writing) -> Writing:
    """The review of a published listing that was changed since."""
    writing.device.publish()
    writing.device.save("basics", summary="Changed")
    return writing.open("review")


@pytest.mark.parametrize(("button", "path"), [("Publish changes", "/publication"), ("Discard changes", "/discard-changes")])
@pytest.mark.parametrize("status", [500, 502, 204])
def test_what_is_pressed_at_the_review_and_meets_a_proxy_without_its_server_says_so(
    changed: Writing, button: str, path: str, status: int
) -> None:
    changed.line.answer(status, "POST", path)
    changed.press(button)
    told(changed.page)
    changed.press(button)
    expect(changed.page.get_by_role("heading", level=1)).not_to_contain_text("Check")


def test_who_publishes_signed_out_is_asked_to_sign_in_there(changed: Writing) -> None:
    changed.page.context.clear_cookies()
    changed.press("Publish changes")
    expect(changed.page.get_by_role("dialog", name="Sign in")).to_be_visible()


def test_a_save_that_hangs_says_so(writing: Writing) -> None:
    writing.open("basics").line.hang("PUT", "/basics")
    writing.field(LINE).fill("Typed meanwhile")
    told(writing.page)


def test_a_save_of_a_draft_that_was_put_away_goes_out_once_it_is_back(writing: Writing) -> None:
    writing.device.publish()
    writing.open("basics").device.archive()
    writing.field(LINE).fill("Typed meanwhile")
    told(writing.page)
    writing.device.resume()
    writing.page.evaluate("() => { document.dispatchEvent(new Event('visibilitychange')); }")
    writing.until_saved("basics", "summary", "Typed meanwhile")


def test_a_save_that_others_overtake_all_the_time_is_tried_again(writing: Writing) -> None:
    overtaken = {"status": 409, "headers": {"X-Answered-By": "Shingle"}, "body": "<div class='notice'>Changed meanwhile</div>"}
    writing.open("basics").page.route(
        "**/basics", lambda route: route.fulfill(**overtaken) if route.request.method == "PUT" else route.continue_()
    )
    writing.field(LINE).fill("Typed meanwhile")
    told(writing.page)
    writing.page.unroute_all()
    writing.until_saved("basics", "summary", "Typed meanwhile")


def test_a_row_that_meets_a_proxy_without_its_server_says_so(writing: Writing) -> None:
    writing.open("price").line.answer(502, "POST", "/price")
    writing.press("Add a package")
    told(writing.page)


def test_a_row_that_hangs_says_so(writing: Writing) -> None:
    writing.open("price").line.hang("POST", "/price")
    writing.press("Add a package")
    told(writing.page)


def test_a_fault_of_the_site_itself_is_told_where_one_is_looking(writing: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_given: object) -> None:
        raise RuntimeError("told by a test")

    monkeypatch.setitem(writing.site.app.view_functions, "wizard.proceed", fail)
    monkeypatch.setattr(writing.site.app, "testing", False)
    writing.open("price").page.set_viewport_size({"width": 1280, "height": 300})
    writing.press("Add a package")
    told(writing.page)


@pytest.mark.parametrize("button", ["Continue", "Add a package", "Remove package 1"])
def test_a_page_that_is_not_shingles_takes_nothing_away(writing: Writing, button: str) -> None:
    writing.open("price").page.route(
        "**/price",
        lambda route: route.fulfill(body="Down for maintenance") if route.request.method == "POST" else route.continue_(),
    )
    writing.press(button)
    told(writing.page)
    writing.field("Duration").fill("75")
    writing.until_saved("price", "duration_minutes", "75")
    assert writing.answers("price")["packages-1-name"] == ["Short"]


def test_what_is_told_beside_a_button_is_taken_back_once_everything_is_saved(writing: Writing) -> None:
    writing.open("basics").line.lose("POST", "/basics")
    writing.line.lose("PUT", "/basics")
    writing.field(LINE).fill("Typed in a tunnel")
    writing.press("Continue")
    expect(writing.page.get_by_role("alert").filter(has_text="check your connection")).to_be_visible()
    writing.status.to_contain_text("Saved")
    expect(writing.page.locator(".press-status")).to_contain_text("Saved")


def test_what_is_told_beside_a_button_goes_once_it_works(writing: Writing) -> None:
    writing.open("price").line.answer(502, "POST", "/price")
    writing.press("Add a package")
    expect(writing.page.locator(".press-status[role=alert]")).to_be_visible()
    writing.press("Add a package")
    expect(writing.page.locator("#packages-2-name")).to_be_visible()
    expect(writing.page.locator(".press-status")).to_have_count(0)


def test_what_is_missing_is_told_when_publish_is_pressed(changed: Writing) -> None:
    changed.device.save("basics", name="")
    changed.open("review").press("Publish changes")
    expect(changed.page.locator(".error-summary")).to_be_focused()
    changed.press("Publish changes")
    expect(changed.page.locator("#wizard")).to_have_count(1)
    expect(changed.page.locator(".error-summary")).to_have_count(1)
