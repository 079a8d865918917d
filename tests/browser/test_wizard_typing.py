"""Typing in the wizard in a real browser: nothing is lost, nothing is saved twice, nothing moves under the cursor."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from app import clock
from app.services.models import Service
from tests import factories
from tests.browser.conftest import Site
from tests.browser.waiting import wait_for
from tests.media.mortal import Machine

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)

NAME = "Name of the service"
LINE = "In one line"


class Desk:
    """Ada's page on one step of her draft, and what it sends."""

    def __init__(self, site: Site, page: Page, draft: Service) -> None:
        self.site, self.page, self.id = site, page, draft.id
        self.saves: list[Request] = []
        self.answers: list[int] = []
        page.on("request", lambda request: self.saves.append(request) if request.method == "PUT" else None)
        page.on("response", lambda response: self.answers.append(response.status))

    def open(self, key: str = "basics") -> "Desk":
        self.page.goto(f"/drafts/{self.id}/{key}")
        return self

    def field(self, label: str) -> Any:
        return self.page.get_by_role("textbox", name=label, exact=True)

    @property
    def status(self) -> Any:
        return expect(self.page.locator("#save-status .save-status"))

    def kept(self, key: str = "basics") -> dict[str, Any]:
        """What the database holds of a step now."""
        row = self.site.rows.get_one(Service, self.id)
        self.site.rows.refresh(row, ["answers"])
        found: dict[str, Any] = (row.answers or {}).get(key, {"typed": {}, "version": 0})
        return found


@pytest.fixture
def desk(site: Site, page: Page, sign_in: Callable[..., None], ada: Any) -> Desk:
    factories.service_type()
    draft = factories.draft(ada)
    sign_in(page, ada)
    return Desk(site, page, draft)


@pytest.fixture
def timed(desk: Desk) -> Desk:
    """A desk whose page has a clock that only the test moves."""
    began = clock.now()
    desk.page.clock.install(time=began)
    desk.open()
    desk.page.clock.pause_at(began + timedelta(hours=1))
    return desk


def hold(page: Page, method: str) -> list[Route]:
    """Keep requests of a method back until the test continues them."""
    held: list[Route] = []
    page.route("**/drafts/**", lambda route: held.append(route) if route.request.method == method else route.continue_())
    return held


def test_text_typed_before_the_script_arrived_is_saved(desk: Desk) -> None:
    late: list[Route] = []
    desk.page.route("**/js/wizard.js*", lambda route: late.append(route))
    with desk.page.expect_request("**/js/wizard.js*"):
        desk.page.goto(f"/drafts/{desk.id}/basics", wait_until="commit")
    desk.field(NAME).fill("Typed on a train")
    late[0].continue_()
    desk.status.to_have_attribute("data-state", "saved")
    assert desk.kept()["typed"]["name"] == ["Typed on a train"]


@pytest.mark.parametrize("key", ["price", "media"])
def test_a_page_that_nobody_touched_saves_nothing(desk: Desk, key: str) -> None:
    factories.media(desk.site.rows.get_one(Service, desk.id))
    desk.open(key)
    desk.page.wait_for_load_state("networkidle")
    assert desk.saves == []


def test_what_is_typed_is_saved_by_itself(desk: Desk) -> None:
    desk.open().field(NAME).press_sequentially("Haircut")
    desk.status.to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    assert desk.kept()["typed"]["name"] == ["Haircut"]


def test_the_marks_of_the_navigation_follow_a_save(desk: Desk) -> None:
    desk.open().field(NAME).fill("Haircut")
    expect(desk.page.locator("#way li").first).to_have_class("step-started")


def test_leaving_a_field_right_after_typing_saves_once(timed: Desk) -> None:
    timed.field(NAME).press_sequentially("Haircut")
    timed.field(NAME).blur()
    timed.page.clock.run_for(5000)
    timed.status.to_contain_text("Saved")
    timed.page.clock.run_for(5000)
    assert len(timed.saves) == 1


def test_typing_without_a_pause_saves_once(timed: Desk) -> None:
    for letter in "Haircut":
        timed.field(NAME).press_sequentially(letter)
        timed.page.clock.run_for(200)
    timed.page.clock.run_for(1000)
    timed.status.to_contain_text("Saved")
    assert len(timed.saves) == 1


def test_only_one_save_is_on_its_way_and_the_last_text_wins(desk: Desk) -> None:
    held = hold(desk.open().page, "PUT")
    desk.field(NAME).fill("One")
    wait_for(desk.page, lambda: len(held) == 1)
    desk.field(NAME).fill("Two")
    desk.field(NAME).blur()
    desk.field(LINE).fill("Three")
    desk.field(LINE).blur()
    assert len(held) == 1
    held[0].continue_()
    wait_for(desk.page, lambda: len(held) == 2)
    held[1].continue_()
    wait_for(desk.page, lambda: desk.kept()["version"] == 2)
    assert desk.kept()["typed"]["name"] == ["Two"]
    assert desk.kept()["typed"]["summary"] == ["Three"]


def test_continue_during_a_save_waits_for_its_version(desk: Desk) -> None:
    held = hold(desk.open().page, "PUT")
    desk.field(NAME).fill("One")
    wait_for(desk.page, lambda: len(held) == 1)
    desk.field(NAME).fill("Two")
    desk.page.get_by_label("Type").select_option("hair")
    desk.field(LINE).fill("Wash and cut")
    desk.page.get_by_role("button", name="Continue").click()
    held[0].continue_()
    wait_for(desk.page, lambda: len(held) == 2)
    held[1].continue_()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Details")
    assert 409 not in desk.answers
    assert desk.kept()["typed"]["name"] == ["Two"]


def test_pressing_continue_twice_is_pressing_it_once(desk: Desk) -> None:
    held = hold(desk.open().page, "POST")
    desk.field(NAME).fill("One")
    desk.page.get_by_label("Type").select_option("hair")
    desk.field(LINE).fill("Wash and cut")
    desk.page.get_by_role("button", name="Continue").dblclick()
    wait_for(desk.page, lambda: len(held) == 1)
    held[0].continue_()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Details")
    assert len(held) == 1
    assert 409 not in desk.answers


def test_a_save_whose_answer_was_lost_does_not_make_a_conflict_with_oneself(timed: Desk) -> None:
    def lose_the_first(route: Route) -> None:
        if route.request.method == "PUT" and len(timed.saves) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    timed.page.route("**/drafts/**", lose_the_first)
    timed.field(NAME).fill("One")
    timed.page.clock.run_for(1000)
    timed.status.to_contain_text("no connection")
    timed.field(NAME).fill("One and two")
    timed.page.clock.run_for(3000)
    wait_for(timed.page, lambda: timed.kept()["typed"]["name"] == ["One and two"])
    assert 409 not in timed.answers


def test_continue_while_offline_says_so_and_works_once_the_connection_is_back(desk: Desk) -> None:
    desk.open().page.context.set_offline(True)
    desk.field(NAME).fill("Haircut")
    desk.status.to_contain_text("no connection")
    desk.page.get_by_label("Type").select_option("hair")
    desk.field(LINE).fill("Wash and cut")
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.locator(".press-status[role=alert]")).to_be_visible()
    desk.status.to_contain_text("no connection")
    expect(desk.field(LINE)).to_have_value("Wash and cut")
    desk.page.context.set_offline(False)
    desk.status.to_contain_text("Saved")
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Details")


def test_a_continue_whose_answer_was_lost_can_be_pressed_again(desk: Desk) -> None:
    posts: list[Route] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not posts:
            posts.append(route)
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    desk.open().page.route("**/drafts/**", lose_the_first)
    desk.field(NAME).fill("One")
    desk.page.get_by_label("Type").select_option("hair")
    desk.field(LINE).fill("Wash and cut")
    desk.page.get_by_role("button", name="Continue").click()
    wait_for(desk.page, lambda: len(posts) == 1)
    expect(desk.field(NAME)).to_have_value("One")
    desk.field(NAME).fill("One and two")
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Details")
    assert 409 not in desk.answers
    assert desk.kept()["typed"]["name"] == ["One and two"]


def test_offline_the_text_stays_and_is_saved_when_the_connection_is_back(desk: Desk) -> None:
    desk.open().page.context.set_offline(True)
    desk.field(NAME).fill("Haircut")
    desk.status.to_contain_text("no connection")
    expect(desk.page.locator("#save-status [role=alert]")).to_be_visible()
    desk.page.context.set_offline(False)
    desk.status.to_contain_text("Saved")
    assert desk.kept()["typed"]["name"] == ["Haircut"]


def test_a_fault_of_the_server_is_tried_again(timed: Desk) -> None:
    def fail_twice(route: Route) -> None:
        if route.request.method == "PUT" and len(timed.saves) <= 2:
            route.fulfill(status=503, body="no")
        else:
            route.continue_()

    timed.page.route("**/drafts/**", fail_twice)
    timed.field(NAME).fill("Haircut")
    timed.page.clock.run_for(1000)
    timed.status.to_contain_text("something broke on our side")
    for _turn in range(4):
        timed.page.clock.run_for(3000)
    timed.status.to_contain_text("Saved")
    assert timed.kept()["typed"]["name"] == ["Haircut"]


def test_who_was_signed_out_signs_in_elsewhere_and_loses_nothing(timed: Desk, sign_in: Callable[..., None], ada: Any) -> None:
    timed.page.context.clear_cookies()
    timed.field(NAME).fill("Haircut")
    timed.page.clock.run_for(1000)
    timed.status.to_contain_text("you are signed out")
    expect(timed.page.get_by_role("link", name="Sign in again")).to_be_visible()
    sign_in(timed.page, ada)
    timed.page.clock.run_for(3000)
    timed.status.to_contain_text("Saved")
    assert timed.kept()["typed"]["name"] == ["Haircut"]


def test_continue_while_signed_out_keeps_the_form_and_says_so(desk: Desk) -> None:
    desk.open().page.context.clear_cookies()
    desk.field(NAME).fill("Haircut")
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.locator("#problem")).to_contain_text("You are signed out")
    expect(desk.field(NAME)).to_have_value("Haircut")


def test_two_tabs_on_different_steps_do_not_meet(desk: Desk) -> None:
    other = desk.open().page.context.new_page()
    other.goto(desk.page.url.replace("basics", "details"))
    desk.field(NAME).fill("Haircut")
    other.get_by_label("Description").fill("For you")
    expect(other.locator("#save-status")).to_contain_text("Saved")
    desk.status.to_contain_text("Saved")
    assert desk.kept("basics")["typed"]["name"] == ["Haircut"]
    assert desk.kept("details")["typed"]["description"] == ["For you"]


def test_the_cursor_stays_where_it_is_while_saves_come_and_go(desk: Desk) -> None:
    field = desk.open().field(NAME)
    field.fill("Hcut")
    desk.status.to_contain_text("Saved")
    field.press("Home")
    field.press("ArrowRight")
    held = hold(desk.page, "PUT")
    field.press_sequentially("ai")
    wait_for(desk.page, lambda: len(held) == 1)
    field.press_sequentially("r")
    held[0].continue_()
    wait_for(desk.page, lambda: desk.kept()["version"] == 2)
    field.press_sequentially("-")
    expect(field).to_have_value("Hair-cut")
    expect(field).to_be_focused()


def test_a_page_can_be_left_without_a_question_once_all_is_saved(desk: Desk) -> None:
    asks = "(() => { const e = new Event('beforeunload', {cancelable: true}); dispatchEvent(e); return e.defaultPrevented; })()"
    held = hold(desk.open().page, "PUT")
    assert not desk.page.evaluate(asks)
    desk.field(NAME).fill("Haircut")
    assert desk.page.evaluate(asks)
    wait_for(desk.page, lambda: len(held) == 1)
    assert desk.page.evaluate(asks)
    held[0].continue_()
    desk.status.to_contain_text("Saved")
    assert not desk.page.evaluate(asks)


def test_looking_away_saves_at_once(timed: Desk) -> None:
    timed.field(NAME).press_sequentially("Haircut")
    timed.page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden'}); document.dispatchEvent(new Event('visibilitychange'))"
    )
    timed.status.to_contain_text("Saved")
    assert timed.kept()["typed"]["name"] == ["Haircut"]


def test_going_to_another_step_saves_first(timed: Desk) -> None:
    timed.field(NAME).press_sequentially("Haircut")
    timed.page.get_by_role("link", name="Price and time").click()
    expect(timed.page.get_by_role("heading", level=1)).to_have_text("Price and time")
    assert timed.kept()["typed"]["name"] == ["Haircut"]


def test_going_back_in_the_history_saves_first(desk: Desk) -> None:
    heading = expect(desk.open().page.get_by_role("heading", level=1))
    desk.page.get_by_role("link", name="Price and time").click()
    heading.to_have_text("Price and time")
    desk.page.get_by_role("textbox", name="Duration").fill("45")
    desk.page.evaluate("history.back()")
    heading.to_have_text("Basics")
    assert desk.kept("price")["typed"].get("duration_minutes") == ["45"]


def test_saved_is_announced_at_a_calm_rate(timed: Desk) -> None:
    said = "document.getElementById('save-announcement').textContent.trim()"
    timed.field(NAME).fill("One")
    timed.page.clock.run_for(1000)
    timed.status.to_contain_text("Saved")
    assert timed.page.evaluate(said).startswith("Saved")
    timed.page.evaluate("document.getElementById('save-announcement').textContent = ''")
    timed.field(NAME).fill("Two")
    timed.page.clock.run_for(1000)
    wait_for(timed.page, lambda: timed.kept()["version"] == 2)
    assert timed.page.evaluate(said) == ""
    timed.page.clock.run_for(30_000)
    timed.field(NAME).fill("Three")
    timed.page.clock.run_for(1000)
    wait_for(timed.page, lambda: timed.page.evaluate(said).startswith("Saved"))


def test_saving_is_mentioned_only_when_it_takes_long(timed: Desk) -> None:
    held = hold(timed.page, "PUT")
    timed.field(NAME).fill("Haircut")
    timed.page.clock.run_for(700)
    wait_for(timed.page, lambda: len(held) == 1)
    timed.status.not_to_contain_text("Saving…")
    timed.page.clock.run_for(1000)
    timed.status.to_contain_text("Saving…")
    held[0].continue_()
    timed.status.to_contain_text("Saved")


@pytest.fixture
def refused(desk: Desk) -> Desk:
    """A desk whose first step was refused: nothing is given yet."""
    desk.open().page.get_by_role("button", name="Continue").click()
    expect(desk.page.locator(".error-summary li")).to_have_count(3)
    return desk


def test_a_message_goes_once_its_field_is_mended_and_saved(refused: Desk) -> None:
    refused.page.evaluate("document.getElementById('name').dataset.same = 'yes'")
    refused.field(NAME).press_sequentially("Haircut")
    place = "document.getElementById('summary').getBoundingClientRect().top"
    before = refused.page.evaluate(place)
    expect(refused.page.locator("#name-error")).to_be_hidden()
    expect(refused.page.locator(".error-summary").get_by_text("Give the service a name.")).to_be_hidden()
    expect(refused.page.locator("#summary-error")).to_be_visible()
    expect(refused.field(NAME)).to_be_focused()
    expect(refused.field(NAME)).not_to_have_attribute("aria-invalid", "true")
    expect(refused.field(NAME)).to_have_attribute("data-same", "yes")
    assert abs(refused.page.evaluate(place) - before) < 1


def test_a_message_that_comes_to_say_something_else_says_it(refused: Desk) -> None:
    refused.field(LINE).fill("x" * 300)
    expect(refused.page.locator("#summary-error")).to_contain_text("300 characters")
    expect(refused.page.locator(".error-summary")).to_contain_text("300 characters")


def test_a_message_comes_back_with_its_fault(refused: Desk) -> None:
    refused.field(NAME).fill("Haircut")
    expect(refused.page.locator("#name-error")).to_be_hidden()
    refused.field(NAME).fill("")
    expect(refused.page.locator("#name-error")).to_be_visible()
    expect(refused.field(NAME)).to_have_attribute("aria-describedby", re.compile("name-error"))


def test_the_summary_says_when_all_of_it_is_mended(refused: Desk, violations: Callable[[Page], list[str]]) -> None:
    refused.field(NAME).fill("Haircut")
    refused.page.get_by_label("Type").select_option("hair")
    refused.field(LINE).fill("Wash and cut")
    expect(refused.page.get_by_role("heading", name="All of it is mended.")).to_be_visible()
    expect(refused.page.locator(".error-summary li").first).to_be_hidden()
    assert violations(refused.page) == []


@pytest.mark.parametrize(("typed", "value"), [("9:30", "09:30"), ("", ""), ("18:00", "18:00")])
def test_a_refused_time_becomes_a_time_field_again_once_it_is_one(desk: Desk, typed: str, value: str) -> None:
    desk.open("availability").page.evaluate("document.getElementById('mon-opens').type = 'text'")
    field = desk.page.locator("#mon-opens")
    field.fill("nine")
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.locator("#mon-opens-error")).to_be_visible()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value("nine")
    field.fill("nine or ten")
    field.blur()
    expect(field).to_have_attribute("type", "text")
    field.fill(typed)
    expect(field).to_have_attribute("type", "text")  # not under the cursor
    field.blur()
    expect(field).to_have_attribute("type", "time")
    expect(field).to_have_value(value)
    desk.status.to_contain_text("Saved")
    wait_for(desk.page, lambda: desk.kept("availability")["typed"]["mon-opens"] == [value])


def test_a_refusal_that_is_not_the_wizards_takes_no_text_away(desk: Desk) -> None:
    told = '<div class="notice" role="alert"><p>This changed in the meantime</p></div>'
    refused: list[Route] = []

    def refuse_the_first(route: Route) -> None:
        if route.request.method == "POST" and not refused:
            refused.append(route)
            route.fulfill(status=409, content_type="text/html", body=told)
        else:
            route.continue_()

    desk.open().page.route("**/drafts/**", refuse_the_first)
    desk.field(NAME).fill("Haircut")
    desk.page.get_by_label("Type").select_option("hair")
    desk.field(LINE).fill("Wash and cut")
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.get_by_role("alert").filter(has_text="This changed in the meantime")).to_be_visible()
    expect(desk.field(NAME)).to_have_value("Haircut")
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Details")
    assert desk.kept()["typed"]["summary"] == ["Wash and cut"]


def test_an_autosave_that_met_such_a_refusal_is_tried_again(timed: Desk) -> None:
    def refuse_the_first(route: Route) -> None:
        if route.request.method == "PUT" and len(timed.saves) == 1:
            route.fulfill(status=409, content_type="text/html", body="<p>This changed in the meantime</p>")
        else:
            route.continue_()

    timed.page.route("**/drafts/**", refuse_the_first)
    timed.field(NAME).fill("Haircut")
    timed.page.clock.run_for(1000)
    timed.status.to_contain_text("something broke on our side")
    timed.page.clock.run_for(3000)
    wait_for(timed.page, lambda: timed.kept()["typed"].get("name") == ["Haircut"])


def test_a_server_that_was_killed_has_all_of_it_once_it_is_back(desk: Desk, environment: dict[str, str]) -> None:
    machine = Machine(environment | {"RATE_LIMITS": "no"})
    try:
        machine.start("web")
        desk.page.goto(f"http://127.0.0.1:{machine.port}/drafts/{desk.id}/basics")
        desk.field(NAME).fill("Haircut")
        desk.status.to_contain_text("Saved")
        machine.kill("web")
        desk.field(NAME).press_sequentially(" 💇 and more")
        desk.status.to_contain_text("no connection")
        machine.start("web")
        desk.field(LINE).fill("Wash and cut")
        wait_for(desk.page, lambda: desk.kept()["typed"]["summary"] == ["Wash and cut"])
        assert desk.kept()["typed"]["name"] == ["Haircut 💇 and more"]
    finally:
        machine.end()


def test_who_types_without_a_pause_is_saved_all_the_same(timed: Desk) -> None:
    for _turn in range(13):
        timed.field(NAME).press_sequentially("o")
        timed.page.clock.run_for(500)
    wait_for(timed.page, lambda: timed.kept()["typed"].get("name", [""])[0].startswith("oooooooooo"))
