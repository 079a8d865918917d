"""What is typed while something else travels is lost to nobody: neither to the site, nor to the page that comes, nor to the browser's own copy."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.wizard.models import EarlierAnswer
from tests import factories
from tests.browser.conftest import Site
from tests.browser.waiting import until, wait_for
from tests.browser.writing import DESCRIPTION, LINE, NAME, TOWN, Writing, listing
from tests.servers.line import Line, Rule

TURNS = 20
FIELDS = ("name", "duration_minutes", "price_minor")

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)


@pytest.fixture
def writing(site: Site, line: Line, page: Page, sign_in: Callable[..., None], ada: Any) -> Writing:
    service = listing(ada)
    for _photo in range(2):
        factories.media(service)
    sign_in(page, ada)
    return Writing(site, line, page, ada, service)


def test_what_is_typed_while_continue_is_under_way_is_not_lost(writing: Writing) -> None:
    answer = writing.open("basics").line.hold_answer("POST", "/basics")
    writing.press("Continue")
    answer.wait()
    writing.field(LINE).fill("Typed meanwhile")
    answer.release()
    writing.title.to_have_text("Details")
    writing.until_findable("basics", "summary", "Typed meanwhile")


def test_what_is_typed_before_continue_reaches_the_site_is_not_lost(writing: Writing) -> None:
    request = writing.open("basics").line.hold("POST", "/basics")
    writing.press("Continue")
    request.wait()
    writing.field(LINE).fill("Typed meanwhile")
    request.release()
    writing.title.to_have_text("Details")
    writing.until_findable("basics", "summary", "Typed meanwhile")


def _turn_round(page: Page) -> None:
    """What need not happen at all has happened by then, if it does."""
    for _turn in range(TURNS):
        page.evaluate("() => fetch('/static/favicon.svg').then((each) => each.text())")


def test_continue_waits_for_the_save_that_is_under_way(writing: Writing) -> None:
    save = writing.open("basics").line.hold("PUT", "/basics")
    press = writing.line.hold("POST", "/basics")
    writing.field(LINE).fill("Typed before")
    save.wait()
    writing.press("Continue")
    _turn_round(writing.page)
    assert not press.met
    save.release()
    press.wait()


@pytest.fixture
def late_script(writing: Writing) -> Rule:
    """Words typed at a step of which one script is still on its way, and htmx is there."""
    script = writing.line.hold("GET", "/carry[.]", times=None)
    writing.page.goto(f"/drafts/{writing.id}/basics", wait_until="commit")
    until(writing.page, "() => globalThis.htmx")
    script.wait()
    writing.field(LINE).fill("Typed before")
    return script


def test_a_continue_before_the_scripts_are_there_leads_on(writing: Writing, late_script: Rule) -> None:
    writing.press("Continue")
    late_script.release()
    writing.title.to_have_text("Details")
    assert writing.has("basics", "summary", "Typed before")


def test_what_is_typed_after_a_continue_that_came_before_the_scripts_is_not_lost(writing: Writing, late_script: Rule) -> None:
    writing.press("Continue")
    writing.field(LINE).fill("Typed meanwhile")
    late_script.release()
    writing.title.to_have_text("Details")
    assert writing.has("basics", "summary", "Typed meanwhile")


def test_a_step_link_before_the_scripts_are_there_loses_nothing(writing: Writing, late_script: Rule) -> None:
    writing.follow("Details")
    late_script.release()
    writing.title.to_have_text("Details")
    assert writing.has("basics", "summary", "Typed before")


def test_a_continue_whose_scripts_do_not_come_leads_on_without_them(writing: Writing, late_script: Rule) -> None:
    writing.press("Continue")
    writing.title.to_have_text("Details")
    assert writing.has("basics", "summary", "Typed before")


@pytest.fixture
def plain(writing: Writing) -> Writing:
    """Words typed at a step of which one script did not come."""
    writing.line.lose("GET", "/carry[.]", times=None)
    writing.open("basics").field(LINE).fill("Typed before")
    return writing


def _press(writing: Writing, way: str) -> None:
    writing.press("Continue") if way == "button" else writing.follow("Details")


@pytest.mark.parametrize("way", ["button", "link"])
@pytest.mark.parametrize("what", ["lost", "hanging", "of a proxy"])
def test_a_press_without_scripts_or_an_answer_keeps_the_page_and_says_so(plain: Writing, what: str, way: str) -> None:
    acts = {"lost": plain.line.lose, "hanging": plain.line.hang, "of a proxy": partial(plain.line.answer, 502)}
    acts[what]("HEAD", "/basics", times=None)
    for _press_number in range(2):
        _press(plain, way)
    expect(plain.page.get_by_role("alert").filter(has_text="check your connection")).to_be_in_viewport()
    expect(plain.field(LINE)).to_have_value("Typed before")


def test_a_continue_without_scripts_goes_its_way_once_the_network_is_back(plain: Writing) -> None:
    plain.line.lose("HEAD", "/basics")
    plain.press("Continue")
    expect(plain.page.get_by_role("alert").filter(has_text="check your connection")).to_be_in_viewport()
    plain.press("Continue")
    plain.title.to_have_text("Details")
    assert plain.has("basics", "summary", "Typed before")


def test_the_button_of_a_row_without_scripts_goes_its_way_with_all_words(writing: Writing) -> None:
    writing.line.lose("GET", "/carry[.]", times=None)
    writing.open("price").field("Duration").fill("75")
    writing.press("Add a package")
    expect(writing.page.locator("#packages-2-name")).to_be_visible()
    expect(writing.field("Duration")).to_have_value("75")


def test_a_link_without_scripts_asks_before_it_takes_words_away(plain: Writing) -> None:
    plain.page.once("dialog", lambda dialog: dialog.dismiss())
    with plain.page.expect_event("dialog") as asked:
        plain.follow("Details")
    assert asked.value.type == "beforeunload"
    expect(plain.field(LINE)).to_have_value("Typed before")


def _refused(writing: Writing) -> None:
    """Type while a Continue is under way that is refused, for want of a name."""
    answer = writing.open("basics").line.hold_answer("POST", "/basics")
    writing.field(NAME).fill("")
    writing.press("Continue")
    answer.wait()
    writing.field(LINE).fill("Typed meanwhile")
    answer.release()
    expect(writing.page.locator(".error-summary")).to_be_visible()


def test_a_refused_continue_brings_no_older_text_over_what_was_typed_meanwhile(writing: Writing) -> None:
    _refused(writing)
    expect(writing.field(LINE)).to_have_value("Typed meanwhile")


def test_what_is_typed_while_a_continue_is_under_way_that_is_refused_is_saved(writing: Writing) -> None:
    _refused(writing)
    writing.until_saved("basics", "summary", "Typed meanwhile")


def test_who_types_while_a_continue_is_refused_keeps_the_caret(writing: Writing) -> None:
    answer = writing.open("basics").line.hold_answer("POST", "/basics")
    writing.field(NAME).fill("")
    writing.press("Continue")
    answer.wait()
    writing.field(LINE).fill("Typed meanwhile")
    writing.page.keyboard.press("Home")
    answer.release()
    expect(writing.page.locator(".error-summary")).to_be_visible()
    where = "each => [document.activeElement === each, each.selectionStart]"
    assert writing.field(LINE).evaluate(where) == [True, 0]


@pytest.mark.parametrize(
    ("button", "after"),
    [
        ("Add a package", ["Long typed meanwhile", "Short", ""]),
        ("Move package 1 down", ["Short", "Long typed meanwhile"]),
        ("Remove package 2", ["Long typed meanwhile"]),
    ],
)
def test_what_is_typed_in_a_row_while_rows_change_stands_in_it_afterwards(
    writing: Writing, button: str, after: list[str]
) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press(button)
    answer.wait()
    writing.page.locator("#packages-0-name").fill("Long typed meanwhile")
    answer.release()
    rows = writing.page.locator("#packages").get_by_role("textbox", name="Package", exact=True)
    expect(rows).to_have_count(len(after))
    for at, text in enumerate(after):
        expect(rows.nth(at)).to_have_value(text)


@pytest.mark.parametrize(
    ("button", "at"), [("Add a package", 0), ("Move package 1 down", 1), ("Move package 2 up", 1), ("Remove package 2", 0)]
)
def test_what_is_typed_in_a_row_while_rows_change_is_saved(writing: Writing, button: str, at: int) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press(button)
    answer.wait()
    writing.page.locator("#packages-0-name").fill("Long typed meanwhile")
    answer.release()
    writing.until_saved("price", f"packages-{at}-name", "Long typed meanwhile")


def test_what_is_typed_in_a_row_while_it_is_being_removed_is_put_aside(writing: Writing) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press("Remove package 1")
    answer.wait()
    writing.page.locator("#packages-0-name").fill("Typed meanwhile")
    answer.release()
    expect(writing.page.get_by_role("dialog")).to_contain_text("Typed meanwhile")


def test_what_could_not_be_written_down_is_put_aside_once_another_dialog_is_closed(writing: Writing) -> None:
    writing.page.add_init_script("indexedDB.open = () => { throw new Error('blocked'); };")
    answer = writing.open("price").line.hold_answer("POST", "/price")
    compared = writing.line.hold_answer("POST", "/kept")
    writing.press("Remove package 1")
    answer.wait()
    writing.page.locator("#packages-0-name").fill("Typed meanwhile")
    writing.page.evaluate("() => { document.getElementById('asking').showModal(); }")
    answer.release()
    compared.wait()
    compared.release()
    _turn_round(writing.page)
    writing.page.keyboard.press("Escape")
    expect(writing.page.get_by_role("dialog")).to_contain_text("Typed meanwhile")


def test_what_is_typed_in_a_row_while_its_removal_waits_for_a_save_is_put_aside(writing: Writing) -> None:
    answer = writing.open("price").line.hold_answer("PUT", "/price")
    writing.field("Duration").fill("75")
    answer.wait()
    writing.press("Remove package 1")
    writing.page.locator("#packages-0-name").fill("Typed meanwhile")
    answer.release()
    expect(writing.page.get_by_role("dialog")).to_contain_text("Typed meanwhile")


def test_what_is_typed_in_a_row_while_its_removal_waits_for_the_scripts_is_put_aside(writing: Writing) -> None:
    script = writing.line.hold("GET", "/carry[.]", times=None)
    writing.page.goto(f"/drafts/{writing.id}/price", wait_until="commit")
    until(writing.page, "() => globalThis.htmx")
    script.wait()
    writing.press("Remove package 1")
    writing.page.locator("#packages-0-name").fill("Typed meanwhile")
    script.release()
    expect(writing.page.get_by_role("dialog")).to_contain_text("Typed meanwhile")


def test_a_page_whose_rows_have_changed_goes_on_saying_that_it_saves_by_itself(writing: Writing) -> None:
    writing.open("price").press("Add a package")
    expect(writing.page.locator("#packages-2-name")).to_be_visible()
    writing.status.to_contain_text("Saved")
    writing.status.not_to_contain_text("Continue")


def test_what_is_typed_beside_the_rows_while_rows_change_is_saved(writing: Writing) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press("Add a package")
    answer.wait()
    writing.field("Duration").fill("75")
    answer.release()
    expect(writing.page.locator("#packages-2-name")).to_be_visible()
    writing.until_saved("price", "duration_minutes", "75")


def test_what_a_photo_shows_is_not_lost_while_continue_is_under_way(writing: Writing) -> None:
    answer = writing.open("media").line.hold_answer("POST", "/media")
    field = writing.page.get_by_label("What it shows").first
    name = str(field.get_attribute("name"))
    writing.press("Continue")
    answer.wait()
    field.fill("Typed meanwhile")
    answer.release()
    writing.title.to_have_text("Review and publish")
    writing.until_findable("media", name, "Typed meanwhile")


def test_nothing_can_be_typed_into_a_photo_that_is_being_removed(writing: Writing) -> None:
    answer = writing.open("media").line.hold_answer("POST", "/remove")
    writing.page.wait_for_load_state("networkidle")
    tile = writing.page.locator(".tile").first
    tile.get_by_role("button", name="Remove").click()
    answer.wait()
    tile.locator("input[name^=alt]").focus()
    writing.page.keyboard.type("Typed meanwhile")
    expect(tile.locator("input[name^=alt]")).to_have_value("")
    answer.release()
    expect(tile.get_by_role("button", name="Undo")).to_be_focused()


def test_a_photo_that_could_not_be_removed_can_be_described_again(writing: Writing) -> None:
    writing.open("media").line.answer(503, "POST", "/remove")
    writing.page.wait_for_load_state("networkidle")
    tile = writing.page.locator(".tile").first
    tile.get_by_role("button", name="Remove").click()
    expect(tile.get_by_role("button", name="Remove")).to_be_focused()
    tile.locator("input[name^=alt]").fill("The salon")


def test_what_is_typed_while_a_step_link_is_under_way_is_not_lost(writing: Writing) -> None:
    step = writing.open("basics").line.hold("GET", "/details")
    writing.follow("Details")
    step.wait()
    writing.field(LINE).fill("Typed meanwhile")
    step.release()
    writing.title.to_have_text("Details")
    writing.until_findable("basics", "summary", "Typed meanwhile")


def test_no_other_step_takes_the_place_of_words_that_can_not_be_saved(writing: Writing) -> None:
    step = writing.open("basics").line.hold_answer("GET", "/details")
    writing.line.answer(502, "PUT", "/basics", times=None)
    writing.follow("Details")
    step.wait()
    writing.field(LINE).fill("Typed meanwhile")
    step.release()
    expect(writing.page.locator(".press-status[role=alert]")).to_be_visible()
    expect(writing.field(LINE)).to_have_value("Typed meanwhile")


def _arrive(writing: Writing, step: Rule) -> None:
    """The step that is on its way takes the place of the one that is shown."""
    writing.page.evaluate("() => { document.querySelector('#step-form').dataset.old = 'yes'; }")
    step.release()
    until(writing.page, "() => document.querySelector('#step-form:not([data-old])')")


def test_what_is_typed_and_saved_while_the_same_step_is_under_way_stays(writing: Writing) -> None:
    step = writing.open("basics").line.hold_answer("GET", "/basics")
    writing.follow("Basics")
    step.wait()
    writing.field(LINE).fill("Saved meanwhile")
    writing.until_saved("basics", "summary", "Saved meanwhile")
    writing.status.to_contain_text("Saved")
    _arrive(writing, step)
    expect(writing.field(LINE)).to_have_value("Saved meanwhile")
    writing.field(NAME).fill("Typed afterwards")
    writing.until_saved("basics", "name", "Typed afterwards")
    assert writing.has("basics", "summary", "Saved meanwhile")


def test_a_save_under_way_while_the_same_step_arrives_loses_nothing(writing: Writing) -> None:
    step = writing.open("basics").line.hold_answer("GET", "/basics")
    writing.follow("Basics")
    step.wait()
    writing.field(LINE).fill("Saved meanwhile")
    writing.until_saved("basics", "summary", "Saved meanwhile")
    writing.status.to_contain_text("Saved")
    save = writing.line.hold_answer("PUT", "/basics")
    writing.field(NAME).fill("On its way")
    save.wait()
    _arrive(writing, step)
    save.release()
    writing.until_saved("basics", "name", "On its way")
    writing.field(NAME).fill("Typed afterwards")
    writing.until_saved("basics", "name", "Typed afterwards")
    assert writing.has("basics", "summary", "Saved meanwhile")


def test_a_save_that_is_refused_while_the_same_step_arrives_takes_no_text_of_others_away(writing: Writing) -> None:
    writing.open("basics")
    request, step = writing.line.hold("PUT", "/basics"), writing.line.hold("GET", "/basics")
    writing.follow("Basics")
    step.wait()
    writing.field(LINE).fill("Mine")
    request.wait()
    writing.device.save("basics", name="Theirs")
    step.release()
    expect(writing.field(NAME)).to_have_value("Theirs")
    request.release()
    writing.until_saved("basics", "summary", "Mine")
    assert writing.has("basics", "name", "Theirs")


def test_what_is_typed_while_the_link_back_is_under_way_is_not_lost(writing: Writing) -> None:
    step = writing.open("details").line.hold("GET", "/basics")
    writing.page.get_by_role("link", name="Back", exact=True).click()
    step.wait()
    writing.field(TOWN).fill("Typed meanwhile")
    step.release()
    writing.title.to_have_text("Basics")
    writing.until_findable("details", "location", "Typed meanwhile")


def test_what_is_typed_while_the_browser_goes_back_is_not_lost(writing: Writing) -> None:
    writing.open("basics").follow("Details")
    writing.title.to_have_text("Details")
    step = writing.line.hold("GET", "/basics")
    writing.page.evaluate("() => { history.back(); }")
    step.wait()
    writing.field(TOWN).fill("Typed meanwhile")
    step.release()
    writing.title.to_have_text("Basics")
    writing.until_findable("details", "location", "Typed meanwhile")


def test_what_is_typed_just_before_the_browser_goes_back_is_not_lost(writing: Writing) -> None:
    writing.open("basics").follow("Details")
    writing.title.to_have_text("Details")
    writing.field(TOWN).fill("Typed just now")
    writing.page.evaluate("() => { history.back(); }")
    writing.title.to_have_text("Basics")
    writing.until_findable("details", "location", "Typed just now")


def test_the_step_that_going_back_shows_knows_what_was_typed_just_before(writing: Writing) -> None:
    writing.id = factories.draft(writing.ada).id
    writing.open("basics").follow("Details")
    writing.title.to_have_text("Details")
    writing.field(TOWN).fill("Typed just now")
    writing.page.evaluate("() => { history.back(); }")
    writing.title.to_have_text("Basics")
    expect(writing.page.locator("#way-details")).to_have_class("step-started")


def test_what_is_typed_as_another_step_is_being_shown_tells_nothing_in_its_place(writing: Writing) -> None:
    saved = writing.open("basics").line.hold_answer("PUT", "/basics")
    writing.line.answer(502, "PUT", "/details", times=None)
    writing.page.evaluate(
        """() => document.addEventListener("htmx:before:swap", () => {
          const field = document.getElementById("summary");
          field.value = "Typed at the last moment";
          field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }, { once: true })"""
    )
    writing.follow("Details")
    saved.wait()
    writing.field(TOWN).fill("Not saved")
    writing.status.to_contain_text("Not saved")
    writing.page.evaluate(
        """() => {
          globalThis.said = [];
          const status = document.getElementById("save-status");
          new MutationObserver(() => globalThis.said.push(status.textContent.trim())).observe(status, { childList: true, subtree: true });
          document.addEventListener("shingle:saved", () => { globalThis.isSaved = true; });
        }"""
    )
    saved.release()
    until(writing.page, "() => globalThis.isSaved")
    _turn_round(writing.page)
    assert not [each for each in writing.page.evaluate("() => globalThis.said") if each.startswith("Saved")]


def _late_save(writing: Writing, meanwhile: Callable[[], object] = lambda: None) -> None:
    """The answer to a save of Basics comes when Details has arrived. Details waits for it."""
    saved = writing.open("basics").line.hold_answer("PUT", "/basics")
    step = writing.line.hold_answer("GET", "/details")
    writing.follow("Details")
    step.wait()
    writing.field(LINE).fill("Typed meanwhile")
    saved.wait()
    step.release()
    meanwhile()
    saved.release()
    writing.title.to_have_text("Details")


def test_a_late_answer_to_a_save_does_not_call_another_step_saved(writing: Writing) -> None:
    writing.id = factories.draft(writing.ada).id
    _late_save(writing)
    assert "Saved" not in writing.page.locator("#save-status").inner_text()


def test_a_late_answer_to_a_save_takes_no_other_devices_text_away(writing: Writing) -> None:
    _late_save(writing, lambda: writing.device.save("details", location="Hamburg"))
    writing.field(DESCRIPTION).fill("Two hours.")
    writing.until_saved("details", "description", "Two hours.")
    assert writing.answers("details")["location"] == ["Hamburg"]


def test_words_of_a_save_that_was_lost_do_not_go_out_again_after_continue_was_answered(writing: Writing) -> None:
    lost = writing.open("basics").line.lose("PUT", "/basics", times=None)
    writing.field(NAME).fill("Mine")
    lost.wait()
    writing.device.save("basics", name="Theirs")
    writing.press("Continue")
    expect(writing.page.locator(".dispute")).to_contain_text("Theirs")
    lost.release()
    writing.field(LINE).fill("Typed since")
    writing.until_saved("basics", "summary", "Typed since")
    assert writing.answers("basics")["name"] == ["Theirs"]


def test_what_was_saved_without_an_answer_and_taken_away_again_does_not_come_back_by_continue(writing: Writing) -> None:
    arrived = writing.open("basics").line.lose_answer("PUT", "/basics")
    writing.field(LINE).fill("Wash and cut and more")
    arrived.wait()
    writing.line.lose("PUT", "/basics", times=None)
    writing.until_saved("basics", "summary", "Wash and cut and more")
    writing.status.to_contain_text("no connection")
    writing.field(LINE).fill("Wash and cut")
    writing.press("Continue")
    writing.title.to_have_text("Details")
    assert writing.has("basics", "summary", "Wash and cut")


@pytest.mark.parametrize("turn", ["put back", "discarded"])
def test_what_another_device_took_back_does_not_come_back_by_a_save_that_got_no_answer(writing: Writing, turn: str) -> None:
    writing.device.publish()
    arrived = writing.open("basics").line.lose_answer("PUT", "/basics")
    writing.field(LINE).fill("Wash, cut and blow-dry")
    arrived.wait()
    writing.until_saved("basics", "summary", "Wash, cut and blow-dry")
    if turn == "discarded":
        writing.device.discard_changes()
        expect(writing.page.locator(".dispute")).to_be_visible()
    else:
        writing.device.save("basics", summary="Wash and cut")
        expect(writing.field(LINE)).to_have_value("Wash and cut")
    assert writing.answers("basics").get("summary", ["Wash and cut"]) == ["Wash and cut"]


def test_a_save_that_did_not_arrive_is_put_together_with_what_others_saved_meanwhile(writing: Writing) -> None:
    writing.open("basics").device.save("basics", name="Haircuts")
    writing.page.reload()
    lost = writing.line.lose("PUT", "/basics")
    writing.field(LINE).fill("Wash, cut and blow-dry")
    lost.wait()
    writing.device.save("basics", name="Haircuts for all")
    writing.until_saved("basics", "summary", "Wash, cut and blow-dry")
    expect(writing.page.locator(".dispute")).to_have_count(0)
    expect(writing.field(NAME)).to_have_value("Haircuts for all")


def test_a_row_that_was_removed_without_an_answer_is_asked_about_by_nobody(writing: Writing) -> None:
    writing.open("price").line.lose_answer("POST", "/price")
    writing.press("Remove package 1")
    expect(writing.page.locator(".press-status[role=alert]")).to_be_visible()
    writing.status.to_contain_text("Saved", timeout=20_000)
    writing.press("Continue")
    writing.title.to_have_text("Availability")
    assert writing.answers("price")["packages-0-name"] == ["Short"]


def test_who_is_behind_in_rows_takes_no_row_of_another_device_away_by_continue(writing: Writing) -> None:
    name = writing.open("price").page.locator("#packages-0-name")
    name.fill("Long one")
    writing.until_saved("price", "packages-0-name", "Long one")
    writing.device.save(
        "price", **{"packages-2-name": "Theirs", "packages-2-duration_minutes": "5", "packages-2-price_minor": "5"}
    )
    name.fill("Long one and more")
    writing.until_saved("price", "packages-0-name", "Long one and more")
    name.press("Enter")
    writing.title.to_have_text("Availability")
    assert writing.answers("price")["packages-2-name"] == ["Theirs"]


def test_what_is_typed_in_a_row_after_a_press_that_follows_another_one_removed_it_is_put_aside(writing: Writing) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press("Move package 1 down")
    answer.wait()
    writing.press("Remove package 1")
    writing.page.locator("#packages-0-name").fill("Typed meanwhile")
    answer.release()
    expect(writing.page.get_by_role("dialog")).to_contain_text("Typed meanwhile")


def test_nothing_is_put_aside_where_a_press_that_follows_another_one_removes_a_row_that_nobody_typed_in(
    writing: Writing,
) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press("Move package 1 down")
    answer.wait()
    writing.page.locator("#packages-0-name").fill("Typed before the press")
    writing.press("Remove package 1")
    answer.release()
    expect(rows(writing)).to_have_count(1)
    _turn_round(writing.page)
    expect(writing.page.get_by_role("dialog")).to_have_count(0)


def test_what_was_pressed_while_a_step_waited_that_could_not_be_left_is_given_up(writing: Writing) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.line.answer(502, "PUT", "/price", times=2)
    writing.press("Continue")
    answer.wait()
    writing.field("Duration").fill("75")
    writing.press("Remove package 1")
    answer.release()
    expect(writing.page.locator(".press-status[role=alert]")).to_be_visible()
    writing.press("Move package 1 down")
    expect(rows(writing).nth(1)).to_have_value("Long")
    _turn_round(writing.page)
    expect(rows(writing)).to_have_count(2)


@pytest.mark.parametrize("first", ["link", "button"])
def test_a_link_out_of_the_wizard_leads_on_once_all_is_saved(writing: Writing, first: str) -> None:
    answer = writing.open("basics").line.hold_answer("PUT", "/basics")
    link = writing.page.get_by_role("link", name="My services").first
    writing.field(LINE).fill("Typed before")
    answer.wait()
    if first == "link":
        link.click()
    else:
        writing.press("Continue")
    link.click()
    answer.release()
    expect(writing.page).to_have_url(re.compile("/drafts$"))


def test_back_leads_on_though_a_continue_before_it_is_refused(writing: Writing) -> None:
    writing.open("details").follow("Basics")
    writing.title.to_have_text("Basics")
    writing.field(NAME).fill("")
    writing.status.to_contain_text("Saved")
    answer = writing.line.hold_answer("POST", "/basics")
    writing.press("Continue")
    answer.wait()
    writing.page.evaluate("() => { history.back(); }")
    answer.release()
    writing.title.to_have_text("Details")
    expect(writing.page).to_have_url(re.compile("/details$"))


def test_continue_follows_the_button_of_a_row_though_another_device_changed_the_step_meanwhile(writing: Writing) -> None:
    request = writing.open("price").line.hold("POST", "/price")
    writing.press("Move package 1 down")
    request.wait()
    writing.device.save("price", duration_minutes="90")
    writing.press("Continue")
    request.release()
    writing.title.to_have_text("Availability")


def test_what_keeps_going_back_from_its_end_is_told_where_it_can_be_seen(writing: Writing) -> None:
    writing.open("basics").follow("Details")
    writing.title.to_have_text("Details")
    step = writing.line.hold_answer("GET", "/basics")
    writing.line.answer(502, "PUT", "/details", times=None)
    writing.page.evaluate("() => { history.back(); }")
    step.wait()
    writing.field(TOWN).fill("Typed meanwhile")
    step.release()
    expect(writing.page.get_by_role("main").locator(".press-status[role=alert]")).to_be_visible()


def test_a_text_that_was_too_long_and_is_as_it_was_again_is_called_saved(writing: Writing) -> None:
    writing.open("basics").field(LINE).fill("Typed before")
    writing.status.to_contain_text("Saved")
    writing.field(LINE).fill("x" * 200_001)
    writing.status.to_contain_text("Not saved")
    writing.field(LINE).fill("Typed before")
    writing.status.to_contain_text("Saved")


def test_going_back_counts_and_not_the_link_before_it(writing: Writing) -> None:
    writing.open("details").follow("Basics")
    writing.title.to_have_text("Basics")
    answer = writing.line.hold_answer("PUT", "/basics")
    writing.field(LINE).fill("Typed before")
    answer.wait()
    writing.follow("Price and time")
    writing.page.evaluate("() => { history.back(); }")
    answer.release()
    writing.title.to_have_text("Details")
    _turn_round(writing.page)
    writing.title.to_have_text("Details")


def test_a_press_whose_row_another_device_moved_meanwhile_is_given_up(writing: Writing) -> None:
    save = writing.open("price").line.hold("PUT", "/price")
    writing.field("Duration").fill("75")
    writing.press("Remove package 1")
    save.wait()
    first, second = (
        {f"packages-{at}-{name}": writing.answers("price")[f"packages-{at}-{name}"][0] for name in FIELDS} for at in (0, 1)
    )
    swapped = {
        name: other
        for (name, _own), other in zip([*first.items(), *second.items()], [*second.values(), *first.values()], strict=True)
    }
    writing.device.save("price", **swapped)
    save.release()
    expect(writing.page.locator(".press-status[role=alert]")).to_be_visible()
    _turn_round(writing.page)
    assert [writing.answers("price")[f"packages-{at}-name"] for at in (0, 1)] == [["Short"], ["Long"]]


def test_leaving_asks_where_words_were_put_aside_that_could_not_be_written_down(writing: Writing) -> None:
    writing.page.add_init_script("indexedDB.open = () => { throw new Error('blocked'); };")
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press("Remove package 1")
    answer.wait()
    writing.page.locator("#packages-0-name").press_sequentially("Late")
    answer.release()
    expect(rows(writing)).to_have_count(1)
    writing.follow("Details")
    writing.title.to_have_text("Details")
    asked = []
    writing.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    writing.page.evaluate("() => { setTimeout(() => location.assign('/drafts')); }")
    until(writing.page, "() => true")
    _turn_round(writing.page)
    assert asked == ["beforeunload"]
    writing.follow("Price and time")
    expect(writing.page.get_by_role("dialog")).to_contain_text("Late")


def test_what_is_typed_where_an_answer_brings_words_of_another_device_is_asked_about(writing: Writing) -> None:
    request = writing.open("price").line.hold("POST", "/price")
    writing.press("Add a package")
    request.wait()
    writing.device.save("price", duration_minutes="90")
    writing.field("Duration").fill("75")
    request.release()
    expect(writing.page.locator(".dispute")).to_contain_text("90")
    assert writing.answers("price")["duration_minutes"] == ["90"]


def test_the_button_of_a_row_that_waits_is_given_up_by_going_back(writing: Writing) -> None:
    writing.open("details").follow("Price and time")
    writing.title.to_have_text("Price and time")
    answer = writing.line.hold_answer("PUT", "/price")
    writing.field("Duration").fill("75")
    writing.press("Add a package")
    answer.wait()
    writing.page.evaluate("() => { history.back(); }")
    answer.release()
    writing.title.to_have_text("Details")
    assert writing.page.url.endswith("/details")


def test_of_two_links_that_wait_the_last_one_leads_on(writing: Writing) -> None:
    answer = writing.open("basics").line.hold_answer("PUT", "/basics")
    writing.field(LINE).fill("Typed before")
    answer.wait()
    writing.follow("Details")
    writing.follow("Price and time")
    answer.release()
    writing.title.to_have_text("Price and time")


def rows(writing: Writing) -> Locator:
    return writing.page.locator("#packages").get_by_role("textbox", name="Package", exact=True)


@pytest.mark.parametrize("way", ["waits", "travels"])
@pytest.mark.parametrize(
    ("first", "second", "end"),
    [
        ("Move package 1 down", "Continue", "/availability"),
        ("Add a package", "Save and finish later", "/drafts"),
        ("Remove package 1", "Continue", "/availability"),
        ("Continue", "Save and finish later", "/drafts"),
    ],
)
def test_a_button_that_is_pressed_after_another_one_leads_on(
    writing: Writing, way: str, first: str, second: str, end: str
) -> None:
    answer = writing.open("price").line.hold_answer("PUT" if way == "waits" else "POST", "/price")
    if way == "waits":
        writing.field("Duration").fill("75")
    writing.press(first)
    answer.wait()
    writing.press(second)
    answer.release()
    expect(writing.page).to_have_url(re.compile(f"{end}$"))


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ("Remove package 1", "Remove package 2", []),
        ("Remove package 2", "Remove package 1", []),
        ("Move package 1 down", "Remove package 1", ["Short"]),
        ("Add a package", "Remove package 1", ["Short", ""]),
    ],
)
def test_the_button_of_a_row_that_is_pressed_after_another_one_is_that_of_its_row(
    writing: Writing, first: str, second: str, left: list[str]
) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press(first)
    answer.wait()
    writing.press(second)
    answer.release()
    expect(rows(writing)).to_have_count(len(left))
    for at, text in enumerate(left):
        expect(rows(writing).nth(at)).to_have_value(text)


def test_a_button_that_is_pressed_twice_works_once(writing: Writing) -> None:
    answer = writing.open("price").line.hold_answer("POST", "/price")
    writing.press("Add a package")
    answer.wait()
    writing.press("Add a package")
    writing.press("Save and finish later")
    answer.release()
    expect(writing.page).to_have_url(re.compile("/drafts$"))
    assert len([name for name in writing.answers("price") if name.endswith("-name")]) == 3


def test_a_button_that_is_pressed_after_one_that_got_no_answer_waits_for_what_is_told(writing: Writing) -> None:
    writing.open("price").line.answer(502, "POST", "/price")
    writing.page.evaluate("() => { for (const id of ['packages-add', 'continue']) document.getElementById(id).click(); }")
    expect(writing.page.locator(".press-status[role=alert]")).to_be_visible()
    writing.page.wait_for_load_state("networkidle")
    writing.title.to_have_text("Price and time")


def test_a_step_link_that_is_pressed_after_the_button_of_a_row_leads_on(writing: Writing) -> None:
    answer = writing.open("price").line.hold_answer("PUT", "/price")
    writing.field("Duration").fill("75")
    writing.press("Add a package")
    answer.wait()
    writing.follow("Details")
    answer.release()
    writing.title.to_have_text("Details")
    assert writing.answers("price")["packages-2-name"] == [""]


def test_buttons_that_are_pressed_before_the_scripts_are_there_work_one_after_the_other(writing: Writing) -> None:
    script = writing.line.hold("GET", "/carry[.]", times=None)
    writing.page.goto(f"/drafts/{writing.id}/price", wait_until="commit")
    until(writing.page, "() => globalThis.htmx")
    script.wait()
    writing.press("Remove package 1")
    writing.press("Continue")
    script.release()
    writing.title.to_have_text("Availability")
    assert writing.answers("price")["packages-0-name"] == ["Short"]


def test_a_page_tells_of_an_open_question_again_after_a_slow_save(writing: Writing) -> None:
    writing.open("basics").device.save("basics", name="Theirs")
    writing.field(NAME).fill("Mine")
    expect(writing.page.locator(".dispute")).to_be_visible()
    told = writing.page.locator("#save-status .save-status").inner_text()
    answer = writing.line.hold_answer("PUT", "/basics")
    writing.field(LINE).fill("Typed beside it")
    writing.status.to_contain_text("Saving")
    answer.release()
    writing.status.to_have_text(told)


def test_what_is_chosen_against_while_a_save_is_under_way_is_in_the_history(writing: Writing) -> None:
    writing.open("basics").device.save("basics", name="Theirs")
    writing.field(NAME).fill("Mine")
    expect(writing.page.locator(".dispute")).to_be_visible()
    answer = writing.line.hold_answer("PUT", "/basics")
    writing.field(LINE).fill("Typed beside it")
    answer.wait()
    writing.page.get_by_role("radio", name="Keep what stands here").check()
    answer.release()
    writing.until_saved("basics", "name", "Mine")
    assert ["Theirs"] in [each.typed["name"] for each in writing.site.rows.scalars(select(EarlierAnswer))]


def test_an_answer_that_is_not_shingles_is_none(writing: Writing) -> None:
    writing.open("basics").page.route(
        "**/basics",
        lambda route: route.fulfill(body="Welcome to our café") if route.request.method == "PUT" else route.continue_(),
    )
    writing.field(LINE).fill("Typed in a café")
    writing.status.to_contain_text("something broke on our side")
    writing.page.unroute_all()
    writing.until_saved("basics", "summary", "Typed in a café")


def test_who_goes_back_twice_sees_the_step_of_the_address(writing: Writing) -> None:
    writing.open("basics").follow("Details")
    writing.title.to_have_text("Details")
    writing.follow("Price and time")
    writing.title.to_have_text("Price and time")
    first = writing.line.hold_answer("GET", "/details")
    writing.page.evaluate("() => { history.back(); }")
    first.wait()
    writing.page.evaluate("() => { history.back(); }")
    writing.title.to_have_text("Basics")
    first.release()
    writing.page.evaluate("() => fetch('/static/favicon.svg').then((each) => each.text())")
    writing.title.to_have_text("Basics")
    assert writing.page.url.endswith("/basics")


def test_rows_from_elsewhere_that_come_late_bring_no_older_words_back(writing: Writing) -> None:
    writing.open("price")
    late = writing.line.hold_answer("GET", "/price")
    writing.device.save(
        "price", **{"packages-2-name": "Theirs", "packages-2-duration_minutes": "", "packages-2-price_minor": ""}
    )
    writing.field("Duration").fill("61")
    late.wait()
    writing.field("Duration").fill("77")
    writing.until_saved("price", "duration_minutes", "77")
    late.release()
    expect(writing.page.locator("#packages-2-name")).to_have_value("Theirs")
    expect(writing.field("Duration")).to_have_value("77")


def test_words_that_were_sent_before_signing_out_are_not_asked_about_after_signing_in(
    writing: Writing, sign_in: Callable[..., None]
) -> None:
    lost = writing.open("basics").line.lose_answer("PUT", "/basics")
    writing.field(LINE).fill("First")
    lost.wait()
    writing.page.context.clear_cookies()
    writing.status.to_contain_text("you are signed out")
    writing.field(LINE).fill("First and second")
    sign_in(writing.page, writing.ada)
    writing.until_saved("basics", "summary", "First and second")
    expect(writing.page.locator(".dispute")).to_have_count(0)


def test_continue_leads_on_though_saves_get_no_answer_while_it_does(writing: Writing) -> None:
    failing = writing.open("basics").line.answer(502, "PUT", "/basics", times=None)
    writing.field(LINE).fill("Typed")
    failing.wait()
    writing.press("Continue")
    writing.title.to_have_text("Details")
    assert writing.answers("basics")["summary"] == ["Typed"]


def test_what_was_typed_just_before_leaving_is_saved_beside_what_another_device_saved(writing: Writing) -> None:
    writing.page.add_init_script(
        "delete Object.getPrototypeOf(globalThis).indexedDB; delete globalThis.indexedDB"
    )  # no copy in the browser
    writing.open("basics").field(NAME).click()
    writing.device.save("basics", name="Theirs")
    writing.field(LINE).fill("Typed last")
    writing.page.goto("/drafts")
    writing.until_saved("basics", "summary", "Typed last")
    assert writing.has("basics", "name", "Theirs")


def test_a_text_of_twenty_thousand_letters_is_not_in_dispute_with_its_own_save(writing: Writing) -> None:
    """What it grew out of and what was just sent are together more than a request may hold that outlives its page."""
    long = "x" * 21_000
    writing.open("details").field(DESCRIPTION).fill(long)
    writing.until_saved("details", "description", long)
    answer = writing.line.hold_answer("PUT", "/details")
    writing.field(DESCRIPTION).fill(f"{long} Sent")
    answer.wait()
    writing.field(DESCRIPTION).fill(f"{long} Sent and typed last")
    writing.page.goto("/drafts")
    writing.until_saved("details", "description", f"{long} Sent and typed last")


@pytest.mark.parametrize("way", ["Continue", "a link"])
def test_an_hour_without_minutes_is_not_left_behind(writing: Writing, way: str) -> None:
    """The browser tells nobody what it shows there: it would be gone on the next page."""
    hour = writing.open("availability").page.get_by_label("Monday, from").first
    hour.focus()
    writing.page.keyboard.type("09")
    if way == "Continue":
        writing.press("Continue")
    else:
        writing.follow("Basics")
    expect(hour).to_be_focused()
    writing.title.to_have_text("Availability")
    hour.fill("09:00")
    writing.page.locator("[name=mon-closes]").fill("17:00")
    writing.press("Continue")
    writing.title.to_have_text("Photos and files")


@pytest.mark.parametrize(("choice", "minutes"), [("Keep what stands here", "45"), ("Use the other text", "31")])
def test_a_row_that_another_device_changed_and_moved_is_asked_about_where_it_stands(
    writing: Writing, choice: str, minutes: str
) -> None:
    writing.open("price")
    rows = [{name: writing.answers("price")[f"packages-{at}-{name}"][0] for name in FIELDS} for at in (0, 1)]
    moved = [rows[1] | {"duration_minutes": "31"}, rows[0]]
    writing.device.save(
        "price", **{f"packages-{at}-{name}": text for at, row in enumerate(moved) for name, text in row.items()}
    )
    writing.page.locator("#packages-1-duration_minutes").fill("45")
    dispute = writing.page.locator(".dispute")
    expect(dispute).to_contain_text("row 2")
    expect(writing.page.locator("#packages-1-duration_minutes")).to_have_value("45")
    dispute.get_by_role("radio", name=choice).check()
    wanted = sorted([(rows[0]["name"], rows[0]["duration_minutes"]), (rows[1]["name"], minutes)])

    def saved() -> list[tuple[str, str]]:
        now = writing.answers("price")
        names = sorted(name for name in now if name.startswith("packages-") and name.endswith("-name"))
        return sorted((now[name][0], now[name.replace("-name", "-duration_minutes")][0]) for name in names)

    wait_for(writing.page, lambda: saved() == wanted)
