"""Two tabs, two devices, one step: what only one of them changed is there on both, what both changed is asked, and nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.services.models import Service
from tests import factories
from tests.browser.conftest import Site
from tests.browser.waiting import wait_for
from tests.strict import StrictClient

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)

NAME = "Name of the service"
LINE = "In one line"


class Pair:
    """Ada's page on a step of her draft, and another device of hers that sends what it likes."""

    def __init__(self, site: Site, page: Page, draft: Service, ada: Any) -> None:
        self.site, self.page, self.id = site, page, draft.id
        self.other = StrictClient(site.app).sign_in(ada)

    def open(self, key: str = "basics") -> "Pair":
        self.page.goto(f"/drafts/{self.id}/{key}")
        return self

    def elsewhere(self, key: str, **typed: Any) -> None:
        version = str(self.kept(key)["version"])
        assert self.other.put(f"/drafts/{self.id}/{key}", data=typed | {"version": version}).status_code == 200

    def field(self, label: str) -> Any:
        return self.page.get_by_role("textbox", name=label, exact=True)

    def kept(self, key: str = "basics") -> dict[str, Any]:
        row = self.site.rows.get_one(Service, self.id)
        self.site.rows.refresh(row, ["answers"])
        found: dict[str, Any] = (row.answers or {}).get(key, {"typed": {}, "version": 0})
        return found

    def keeps(self, name: str, text: str, key: str = "basics") -> None:
        wait_for(self.page, lambda: self.kept(key)["typed"].get(name) == [text])


@pytest.fixture
def pair(site: Site, page: Page, sign_in: Callable[..., None], ada: Any) -> Pair:
    factories.service_type()
    draft = factories.draft(ada)
    sign_in(page, ada)
    return Pair(site, page, draft, ada)


@pytest.fixture
def disputed(pair: Pair) -> Pair:
    """Both wrote another name for the same service."""
    pair.elsewhere("basics", name="Haircut for you", service_type="", summary="")
    pair.open().elsewhere("basics", name="Haircut for me", service_type="", summary="")
    pair.field(NAME).fill("Haircut for all")
    expect(pair.page.locator(".dispute")).to_be_visible()
    return pair


def test_fields_that_were_changed_elsewhere_come_in_beside_what_is_typed_here(pair: Pair) -> None:
    pair.open().elsewhere("basics", name="", service_type="hair", summary="Wash and cut")
    pair.field(NAME).press_sequentially("Haircut")
    expect(pair.field(LINE)).to_have_value("Wash and cut")
    pair.keeps("name", "Haircut")
    assert pair.kept()["typed"]["summary"] == ["Wash and cut"]
    expect(pair.page.get_by_label("Type")).to_have_value("hair")
    expect(pair.field(NAME)).to_be_focused()


def test_what_both_changed_is_asked_beside_its_field(disputed: Pair, violations: Callable[[Page], list[str]]) -> None:
    dispute = disputed.page.get_by_role("group", name=NAME)
    expect(dispute).to_contain_text("Haircut for me")
    expect(dispute).to_contain_text("Haircut for all")
    expect(dispute).to_contain_text("on another device")
    expect(disputed.page.locator("#save-status [role=alert]")).to_contain_text("changed elsewhere too")
    expect(disputed.field(NAME)).to_be_focused()
    assert violations(disputed.page) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 700), (1280, 640), (1280, 900)])
@pytest.mark.parametrize("beside", [".dispute", ".step-actions"])
def test_the_line_that_tells_of_a_question_lies_over_neither_it_nor_a_button(
    pair: Pair, width: int, height: int, beside: str
) -> None:
    pair.page.set_viewport_size({"width": width, "height": height})
    pair.open().elsewhere("basics", name="", service_type="", summary="Wash and cut")
    pair.field(LINE).fill("Cut and wash")
    expect(pair.page.locator(".dispute")).to_be_visible()
    line, other = pair.page.locator("#save-status [role=alert]").bounding_box, pair.page.locator(beside).bounding_box

    def are_apart() -> bool:
        one, two = line(), other()
        return bool(one and two and (one["y"] + one["height"] <= two["y"] or two["y"] + two["height"] <= one["y"]))

    wait_for(pair.page, are_apart)


@pytest.mark.parametrize(
    ("choice", "text"), [("Keep what stands here", "Haircut for all"), ("Use the other text", "Haircut for me")]
)
def test_the_chosen_text_stands_in_the_field_and_is_saved(disputed: Pair, choice: str, text: str) -> None:
    disputed.page.get_by_role("radio", name=choice).check()
    expect(disputed.field(NAME)).to_have_value(text)
    expect(disputed.page.locator("#save-status")).to_contain_text("Saved")
    disputed.keeps("name", text)


def test_a_choice_can_be_taken_back_with_all_that_was_typed_since(disputed: Pair) -> None:
    mine, theirs = (disputed.page.get_by_role("radio", name=name) for name in ("Keep what stands here", "Use the other text"))
    theirs.check()
    disputed.field(NAME).fill("Haircut for me too")
    mine.check()
    expect(disputed.field(NAME)).to_have_value("Haircut for all")
    theirs.check()
    expect(disputed.field(NAME)).to_have_value("Haircut for me too")
    disputed.keeps("name", "Haircut for me too")


def test_a_choice_counts_though_rows_from_elsewhere_are_still_to_come(pair: Pair) -> None:
    rows = {"packages-0-name": "Theirs", "packages-0-duration_minutes": "", "packages-0-price_minor": ""}
    price = {"price_kind": "fixed", "price_minor": "50", "currency": "EUR", "duration_minutes": ""}
    pair.open("price").elsewhere("price", **price, **rows)
    pair.page.route("**/drafts/**", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    pair.field("Amount").fill("49")
    pair.page.get_by_role("radio", name="Keep what stands here").check()
    pair.keeps("price_minor", "49", "price")
    expect(pair.field("Amount")).to_have_value("49")
    assert pair.kept("price")["typed"]["packages-0-name"] == ["Theirs"]


def test_a_choice_about_a_text_that_another_tab_has_changed_since_is_asked_for_again(disputed: Pair) -> None:
    tab = disputed.page.context.new_page()
    tab.goto(disputed.page.url)
    disputed.page.evaluate(
        "() => { new BroadcastChannel('shingle').onmessage = ({ data }) => { window.heard = data.words; }; }"
    )
    tab.get_by_label(NAME).fill("Haircut for us")
    wait_for(disputed.page, lambda: "for+us" in (disputed.page.evaluate("window.heard") or ""))
    disputed.page.get_by_role("radio", name="Keep what stands here").check()
    expect(disputed.page.get_by_role("group", name=NAME)).to_contain_text("Haircut for us")
    assert disputed.kept()["typed"]["name"] == ["Haircut for us"]


def test_all_else_is_saved_while_a_choice_is_open(disputed: Pair) -> None:
    disputed.field(LINE).fill("Wash and cut")
    disputed.keeps("summary", "Wash and cut")
    assert disputed.kept()["typed"]["name"] == ["Haircut for me"]
    expect(disputed.field(NAME)).to_have_value("Haircut for all")


def test_continue_leads_to_an_open_choice(disputed: Pair) -> None:
    disputed.page.get_by_role("button", name="Continue").click()
    expect(disputed.page.get_by_role("radio", name="Keep what stands here")).to_be_focused()
    assert disputed.kept()["typed"]["name"] == ["Haircut for me"]


def test_an_open_choice_is_not_left_without_a_question(disputed: Pair) -> None:
    asks = "(() => { const e = new Event('beforeunload', {cancelable: true}); dispatchEvent(e); return e.defaultPrevented; })()"
    assert disputed.page.evaluate(asks)


def test_a_continue_that_meets_another_text_asks_before_it_goes_on(pair: Pair, violations: Callable[[Page], list[str]]) -> None:
    pair.open().page.route("**/drafts/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    pair.elsewhere("basics", name="Theirs", service_type="", summary="")
    pair.field(NAME).fill("Mine")
    pair.page.get_by_role("button", name="Continue").click()
    expect(pair.page.locator("#conflict")).to_be_focused()
    assert violations(pair.page) == []
    pair.page.unroute_all()
    pair.page.get_by_label("Type").select_option("hair")
    pair.field(LINE).fill("Wash and cut")
    pair.page.get_by_role("radio", name="Keep what stands here").check()
    pair.page.get_by_role("button", name="Continue").click()
    expect(pair.page.get_by_role("heading", level=1)).to_have_text("Details")
    assert pair.kept()["typed"] == {"name": ["Mine"], "service_type": ["hair"], "summary": ["Wash and cut"]}


def test_who_typed_nothing_goes_on_with_what_others_changed(pair: Pair) -> None:
    pair.open().elsewhere("basics", name="Theirs", service_type="hair", summary="Wash and cut")
    pair.page.get_by_role("button", name="Continue").click()
    expect(pair.page.get_by_role("heading", level=1)).to_have_text("Details")
    assert pair.kept()["typed"]["name"] == ["Theirs"]


def test_a_row_added_elsewhere_comes_in_once_nobody_works_in_the_rows(pair: Pair) -> None:
    pair.open("price").page.get_by_role("button", name="Add a package").click()
    mine = pair.page.locator("#packages-0-name")
    expect(mine).to_be_focused()
    mine.fill("Mine")
    pair.keeps("packages-0-name", "Mine", "price")
    here = {name: texts[0] for name, texts in pair.kept("price")["typed"].items()}
    above = {"packages-0-name": "Theirs", "packages-0-duration_minutes": "30", "packages-0-price_minor": "10"}
    moved = {name.replace("-0-", "-1-"): text for name, text in here.items()}
    pair.elsewhere("price", **moved, **above)
    mine.press_sequentially(" too")
    pair.keeps("packages-1-name", "Mine too", "price")
    expect(mine).to_have_value("Mine too")
    pair.field("Duration").fill("45")
    expect(pair.page.locator("#packages-1-name")).to_have_value("Mine too")
    expect(mine).to_have_value("Theirs")
    pair.keeps("duration_minutes", "45", "price")
    assert [pair.kept("price")["typed"][f"packages-{at}-name"] for at in (0, 1)] == [["Theirs"], ["Mine too"]]


def test_another_tab_shows_a_save_at_once_and_leaves_the_caret(pair: Pair) -> None:
    tab = pair.open().page.context.new_page()
    tab.goto(pair.page.url)
    field = tab.get_by_label(NAME)
    field.focus()
    pair.field(NAME).fill("Haircut")
    expect(field).to_have_value("Haircut")
    field.press("ArrowLeft")
    pair.field(NAME).fill("A Haircut")
    expect(field).to_have_value("A Haircut")
    assert field.evaluate("each => [each.selectionStart, document.activeElement === each]") == [8, True]


def test_a_tab_on_another_step_shows_the_mark_of_a_save(pair: Pair) -> None:
    tab = pair.open().page.context.new_page()
    tab.goto(f"/drafts/{pair.id}/details")
    pair.field(NAME).fill("Haircut")
    expect(tab.locator("#way-basics")).to_have_class("step-started")


def test_two_tabs_that_change_one_field_at_once_are_asked_in_this_browsers_name(pair: Pair) -> None:
    tab = pair.open().page.context.new_page()
    tab.goto(pair.page.url)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held or route.request.method != "PUT":
            route.continue_()
        else:
            held.append(route)

    tab.route("**/drafts/**", hold_the_first)
    tab.get_by_label(NAME).fill("Second")
    wait_for(tab, lambda: len(held) == 1)
    pair.field(NAME).fill("First")
    pair.keeps("name", "First")
    held[0].continue_()
    expect(tab.locator(".dispute")).to_contain_text("in another tab of this browser")
    assert pair.kept()["typed"]["name"] == ["First"]
