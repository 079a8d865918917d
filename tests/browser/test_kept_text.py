"""Text that has not reached the server is kept in the browser, encrypted, and offered to its own account; and signing in again in place saves it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask_security import hash_password
from playwright.sync_api import BrowserContext, Page, Route, expect

from app.extensions import db
from app.services.models import Service
from tests import factories
from tests.browser.conftest import Site, crash
from tests.browser.waiting import until, wait_for
from tests.strict import StrictClient

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)

NAME, LINE = "Name of the service", "In one line"
PASSWORD = "a few words in a row"
NAUGHTY = (
    "日本語 \u202eright to left\u202c <b>&amp;</b> ‘quotes’ \U0001f469\u200d\U0001f52c é e\u0301 '; DROP TABLE service; --"
)
RECORDS = """() => new Promise((done) => {
  const asked = indexedDB.open("shingle");
  asked.onsuccess = () => {
    if (!asked.result.objectStoreNames.contains("copies")) { asked.result.close(); done([]); return; }
    const all = asked.result.transaction("copies").objectStore("copies").getAll();
    all.onsuccess = () => {
      asked.result.close();
      done(all.result.map((each) => ({ ...each, sealed: new TextDecoder("latin1").decode(each.sealed), iv: null })));
    };
  };
})"""


class Desk:
    """Ada's browser, the first step of her draft, and what both keep of it."""

    def __init__(self, site: Site, context: BrowserContext, draft: Service) -> None:
        self.site, self.context, self.id = site, context, draft.id
        self.page = context.pages[0]

    def open(self) -> Page:
        self.page.goto(f"/drafts/{self.id}/basics")
        return self.page

    def field(self, label: str) -> Any:
        return self.page.get_by_role("textbox", name=label, exact=True)

    @property
    def status(self) -> Any:
        return expect(self.page.locator("#save-status .save-status"))

    @property
    def dialog(self) -> Any:
        return self.page.get_by_role("dialog")

    def records(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(RECORDS)
        return found

    def saved(self) -> dict[str, Any]:
        row = self.site.rows.get_one(Service, self.id)
        self.site.rows.refresh(row, ["answers"])
        typed: dict[str, Any] = (row.answers or {}).get("basics", {}).get("typed", {})
        return typed

    def type_offline(self, **texts: str) -> None:
        """Type without a connection, until the browser has kept it."""
        self.context.set_offline(True)
        for label, text in texts.items():
            self.field(label.replace("_", " ")).fill(text)
        self.status.to_contain_text("no connection")
        self.kept(1)

    def kept(self, count: int) -> None:
        """Wait until so many records are there, without asking the network."""
        until(self.page, f"(count) => ({RECORDS})().then((found) => found.length === count)", count)


@pytest.fixture
def desk(site: Site, page: Page, sign_in: Callable[..., None], ada: Any, boris: Any) -> Desk:
    factories.service_type()
    for provider in (ada, boris):
        provider.password = hash_password(PASSWORD)
    db.session.commit()
    draft = factories.draft(ada)
    sign_in(page, ada)
    return Desk(site, page.context, draft)


@pytest.fixture
def left(desk: Desk) -> Desk:
    """A desk whose page crashed while there was no connection; now there is one again."""
    desk.open()
    desk.field(LINE).fill("Saved before")
    desk.status.to_contain_text("Saved")
    desk.type_offline(Name_of_the_service=NAUGHTY, In_one_line="Typed on a train")
    crash(desk.page)
    desk.context.set_offline(False)
    desk.page = desk.context.new_page()
    return desk


@pytest.fixture
def back(left: Desk) -> Desk:
    """The same, come back to: what was kept is shown beside what is saved."""
    left.open()
    expect(left.dialog).to_contain_text("You have unsaved text in this browser")
    return left


def sign_in_here(page: Page, email: str) -> None:
    page.get_by_role("dialog").get_by_label("Email").fill(email)
    page.get_by_role("dialog").get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()


def test_what_is_kept_is_gone_once_it_is_saved(desk: Desk) -> None:
    desk.open()
    desk.type_offline(Name_of_the_service="Haircut")
    desk.context.set_offline(False)
    desk.status.to_contain_text("Saved")
    desk.kept(0)


TYPE_WHILE_DELETING = """() => {
  const { delete: remove } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.delete = function once(...args) {
    IDBObjectStore.prototype.delete = remove;
    const field = document.getElementById("summary");
    field.value = "Typed meanwhile";
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    return remove.apply(this, args);
  };
}"""


def test_what_is_typed_while_a_record_is_deleted_is_kept_too(desk: Desk) -> None:
    page, puts = desk.open(), []

    def save_once(route: Route) -> None:
        puts.append(route.request.method)
        if puts.count("PUT") > 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/basics", save_once)
    page.evaluate(TYPE_WHILE_DELETING)
    desk.field(NAME).fill("Haircut")
    desk.status.to_contain_text("Not saved")
    desk.kept(1)
    assert (desk.saved()["name"], desk.saved()["summary"]) == (["Haircut"], [""])


def test_what_is_kept_can_be_read_by_nobody_who_looks(desk: Desk) -> None:
    desk.open()
    desk.type_offline(Name_of_the_service="Haircut")
    record = desk.records()[0]
    assert "Haircut" not in str(record)
    assert str(desk.id) in record["draft"]
    assert (record["step"], record["version"]) == ("basics", "0")
    assert desk.page.locator("[data-key]").count() == 0


def test_who_chooses_text_signed_out_is_asked_to_sign_in_and_then_again(back: Desk) -> None:
    back.context.clear_cookies()
    back.dialog.get_by_role("button", name="Use selected text").click()
    expect(back.dialog.get_by_label("Email")).to_be_visible()
    sign_in_here(back.page, "ada@example.com")
    expect(back.dialog).to_contain_text("You have unsaved text in this browser")
    back.dialog.get_by_role("button", name="Use selected text").click()
    expect(back.field(LINE)).to_have_value("Typed on a train")


def test_no_question_comes_between_somebody_and_what_they_type(left: Desk) -> None:
    held: list[Route] = []
    left.page.route("**/js/wizard.js", lambda route: held.append(route))
    left.page.goto(f"/drafts/{left.id}/basics", wait_until="commit")
    left.field(NAME).press_sequentially("Typed without")
    wait_for(left.page, lambda: held)
    held[0].continue_()
    left.field(NAME).press_sequentially(" looking up", delay=100)
    expect(left.field(NAME)).to_have_value("Typed without looking up")
    expect(left.dialog).to_contain_text("You have unsaved text in this browser")


def test_putting_back_brings_every_character(back: Desk) -> None:
    expect(back.dialog).to_contain_text("Saved before")
    expect(back.dialog).to_contain_text(NAUGHTY)
    back.dialog.get_by_role("button", name="Use selected text").click()
    expect(back.field(NAME)).to_have_value(NAUGHTY)
    expect(back.field(LINE)).to_have_value("Typed on a train")
    assert (back.saved()["name"], back.saved()["summary"]) == ([NAUGHTY], ["Typed on a train"])
    back.kept(0)


def test_each_part_is_chosen_with_the_keyboard(back: Desk, violations: Callable[[Page], list[str]]) -> None:
    assert violations(back.page) == []
    keys = back.page.keyboard
    keys.press("Tab")
    keys.press("Tab")
    keys.press("ArrowRight")
    expect(back.dialog.get_by_role("radio", name="Saved before")).to_be_checked()
    keys.press("Tab")
    keys.press("Enter")
    expect(back.field(NAME)).to_have_value(NAUGHTY)
    assert (back.saved()["name"], back.saved()["summary"]) == ([NAUGHTY], ["Saved before"])


@pytest.fixture
def overtaken(left: Desk, ada: Any) -> Desk:
    """The same, come back to after another device saved one of the two fields."""
    typed = {"name": "From the phone", "service_type": "", "summary": "Saved before", "version": "1"}
    assert StrictClient(left.site.app).sign_in(ada).put(f"/drafts/{left.id}/basics", data=typed).status_code == 200
    left.open()
    expect(left.dialog).to_contain_text("From the phone")
    return left


def test_only_text_of_which_nothing_was_saved_since_is_chosen_beforehand(overtaken: Desk) -> None:
    expect(overtaken.dialog.get_by_role("radio", name="Typed on a train")).to_be_checked()
    expect(overtaken.dialog.get_by_role("radio", checked=True)).to_have_count(1)


def test_the_obvious_button_asks_for_the_choice_that_is_missing(
    overtaken: Desk, violations: Callable[[Page], list[str]]
) -> None:
    overtaken.dialog.get_by_role("button", name="Use selected text").click()
    expect(overtaken.dialog).to_contain_text("Choose one of the two texts.")
    expect(overtaken.dialog.get_by_role("radio", name=NAUGHTY)).to_be_focused()
    assert violations(overtaken.page) == []
    assert overtaken.saved()["name"] == ["From the phone"]
    overtaken.kept(1)
    overtaken.dialog.get_by_role("radio", name="From the phone").check()
    overtaken.dialog.get_by_role("button", name="Use selected text").click()
    expect(overtaken.field(LINE)).to_have_value("Typed on a train")
    expect(overtaken.field(NAME)).to_have_value("From the phone")
    overtaken.kept(0)


def test_a_comparison_that_was_open_when_the_page_crashed_is_not_decided_beforehand(desk: Desk, ada: Any) -> None:
    desk.open()
    desk.context.set_offline(True)
    desk.field(NAME).fill("Mine")
    desk.kept(1)
    typed = {"name": "Theirs", "service_type": "", "summary": "", "version": "0"}
    assert StrictClient(desk.site.app).sign_in(ada).put(f"/drafts/{desk.id}/basics", data=typed).status_code == 200
    desk.context.set_offline(False)
    expect(desk.page.locator(".dispute")).to_be_visible()
    desk.field(LINE).fill("Typed while it was asked")
    until(desk.page, f"() => ({RECORDS})().then(([record]) => record.version !== '0')")
    crash(desk.page)
    desk.page = desk.context.new_page()
    desk.open()
    expect(desk.dialog.get_by_role("radio", name="Typed while it was asked")).to_be_checked()
    expect(desk.dialog.get_by_role("radio", checked=True)).to_have_count(1)


def test_what_was_kept_can_be_deleted(back: Desk) -> None:
    back.dialog.get_by_role("button", name="Delete unsaved text").click()
    expect(back.dialog).to_be_hidden()
    back.kept(0)
    assert back.saved()["summary"] == ["Saved before"]


def test_deciding_later_keeps_both(back: Desk) -> None:
    back.page.keyboard.press("Escape")
    expect(back.dialog).to_be_hidden()
    back.kept(1)
    back.page.reload()
    expect(back.dialog).to_contain_text("Typed on a train")


def test_a_restoring_that_fails_says_so_and_keeps_it(back: Desk) -> None:
    back.context.set_offline(True)
    back.dialog.get_by_role("button", name="Use selected text").click()
    expect(back.dialog.get_by_role("alert")).to_contain_text("nothing is lost")
    back.kept(1)
    back.context.set_offline(False)
    back.dialog.get_by_role("button", name="Use selected text").click()
    expect(back.field(NAME)).to_have_value(NAUGHTY)


@pytest.mark.parametrize("status", [200, 204, 404])
def test_what_a_proxy_says_of_it_neither_deletes_it_nor_is_shown(left: Desk, status: int) -> None:
    left.page.route("**/kept", lambda route: route.fulfill(status=status, body="<h1>Welcome to our café</h1>"))
    with left.page.expect_response("**/kept"):
        left.open()
    left.page.unroute_all()
    left.open()
    expect(left.dialog).to_contain_text("Typed on a train")


def test_a_proxy_that_forbids_a_page_is_not_taken_for_another_account(desk: Desk) -> None:
    desk.open()
    forbid = lambda route: route.fulfill(status=403, body="Forbidden") if route.request.method == "GET" else route.continue_()  # noqa: E731
    desk.page.route("**/basics", forbid)
    with desk.page.expect_response("**/basics"):
        other = desk.context.new_page()
        other.goto("/drafts")
        other.evaluate("() => { new BroadcastChannel('shingle-account').postMessage({ kind: 'here', account: 'another' }); }")
    desk.type_offline(In_one_line="Typed on a train")


def test_what_another_page_is_typing_is_not_offered(desk: Desk) -> None:
    desk.open()
    desk.context.route("**/drafts/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    desk.field(NAME).fill("Still being typed")
    desk.kept(1)
    other = desk.context.new_page()
    other.goto(desk.page.url)
    other.wait_for_load_state("networkidle")
    expect(other.get_by_role("dialog")).to_be_hidden()


def test_another_account_in_the_same_browser_is_offered_nothing(left: Desk, sign_in: Callable[..., None], boris: Any) -> None:
    left.context.clear_cookies()
    sign_in(left.page, boris)
    theirs = factories.draft(boris)
    left.page.goto(f"/drafts/{theirs.id}/basics")
    left.page.wait_for_load_state("networkidle")
    expect(left.dialog).to_be_hidden()
    left.kept(1)
    assert "Typed on a train" not in str(left.records())


def test_signing_in_again_without_leaving_saves_what_was_typed(desk: Desk, violations: Callable[[Page], list[str]]) -> None:
    page = desk.open()
    desk.context.clear_cookies()
    desk.field(NAME).fill(NAUGHTY)
    desk.status.to_contain_text("you are signed out")
    page.get_by_role("link", name="Sign in again").press("Enter")
    expect(desk.dialog.get_by_label("Email")).to_be_focused()
    assert violations(page) == []
    desk.dialog.get_by_label("Email").fill("ada@example.com")
    desk.dialog.get_by_label("Password", exact=True).fill("a wrong guess")
    page.keyboard.press("Enter")
    expect(desk.dialog.get_by_role("alert").filter(has_text="don't go together")).to_be_focused()
    expect(desk.field(NAME)).to_have_value(NAUGHTY)
    sign_in_here(page, "ada@example.com")
    desk.status.to_contain_text("Saved")
    expect(desk.dialog).to_be_hidden()
    assert desk.saved()["name"] == [NAUGHTY]
    expect(desk.field(NAME)).to_be_focused()


def test_continue_while_signed_out_asks_to_sign_in(desk: Desk) -> None:
    page = desk.open()
    desk.field(NAME).fill("Haircut")
    desk.status.to_contain_text("Saved")
    desk.context.clear_cookies()
    page.get_by_role("button", name="Continue").click()
    expect(desk.dialog.get_by_label("Email")).to_be_focused()
    sign_in_here(page, "ada@example.com")
    expect(desk.dialog).to_be_hidden()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".error-summary")).to_be_visible()


def test_another_account_that_signs_in_sees_and_saves_nothing(desk: Desk, violations: Callable[[Page], list[str]]) -> None:
    page = desk.open()
    desk.context.clear_cookies()
    desk.field(NAME).fill("Only Ada's business")
    desk.status.to_contain_text("you are signed out")
    page.get_by_role("link", name="Sign in again").click()
    sign_in_here(page, "boris@example.com")
    expect(page.get_by_role("heading", level=1, name="Another account is signed in now")).to_be_focused()
    expect(desk.field(NAME)).to_have_count(0)
    assert "Only Ada's business" not in page.content()
    assert "Only Ada's business" not in str(desk.records())
    assert desk.saved() == {}
    assert violations(page) == []
    page.get_by_role("button", name="Sign in with that account").click()
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(desk.dialog).to_contain_text("Only Ada's business")


def test_another_account_that_signs_in_in_another_tab_empties_the_page(
    desk: Desk, sign_in: Callable[..., None], boris: Any
) -> None:
    page = desk.open()
    desk.field(NAME).fill("Haircut")
    desk.status.to_contain_text("Saved")
    other = desk.context.new_page()
    sign_in(other, boris)
    other.goto("/drafts")
    expect(page.get_by_role("heading", level=1, name="Another account is signed in now")).to_be_visible()
    expect(desk.field(NAME)).to_have_count(0)
    assert "Haircut" not in page.content()


def test_a_page_of_which_nothing_could_be_kept_is_not_emptied_for_another_account(desk: Desk) -> None:
    page = desk.open()
    page.evaluate("() => { IDBObjectStore.prototype.put = () => { throw new Error('the disk is full'); }; }")
    desk.context.clear_cookies()
    desk.field(NAME).fill("Only here")
    desk.status.to_contain_text("you are signed out")
    page.get_by_role("link", name="Sign in again").click()
    with page.expect_response(lambda answer: answer.status == 403):
        sign_in_here(page, "boris@example.com")
    expect(desk.dialog).to_be_hidden()
    expect(desk.field(NAME)).to_have_value("Only here")


def test_a_page_of_another_account_is_emptied_though_the_first_look_failed(
    desk: Desk, sign_in: Callable[..., None], boris: Any
) -> None:
    page = desk.open()
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "GET" and not lost:
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/basics", lose_the_first)
    other = desk.context.new_page()
    sign_in(other, boris)
    desk.field(NAME).fill("Haircut")
    expect(page.get_by_role("heading", level=1, name="Another account is signed in now")).to_be_visible()


def test_signing_out_in_another_tab_saves_first_and_leaves_nothing(desk: Desk) -> None:
    page = desk.open()
    held: list[Route] = []
    page.route(
        "**/drafts/**", lambda route: held.append(route) if route.request.method == "PUT" and not held else route.continue_()
    )
    desk.field(NAME).fill("Haircut")
    wait_for(page, lambda: len(held) == 1)
    held[0].abort()
    other = desk.context.new_page()
    other.goto("/drafts")
    other.get_by_label("Account").click()
    other.get_by_role("button", name="Sign out").click()
    expect(other).to_have_url(f"{desk.site.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert desk.saved()["name"] == ["Haircut"]
    desk.kept(0)


def test_signing_out_asks_before_it_deletes_what_cannot_be_saved(desk: Desk, violations: Callable[[Page], list[str]]) -> None:
    page = desk.open()
    page.route("**/drafts/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    desk.field(NAME).fill("Haircut")
    desk.kept(1)
    sign_out = page.get_by_role("button", name="Sign out", exact=True)
    page.get_by_label("Account").click()
    sign_out.click()
    expect(desk.dialog).to_contain_text("Not everything is saved")
    expect(desk.dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(desk.field(NAME)).to_have_value("Haircut")
    desk.kept(1)
    page.get_by_label("Account").click()
    sign_out.click()
    desk.dialog.get_by_role("button", name="Sign out and delete it").click()
    expect(page).to_have_url(f"{desk.site.url}/")
    desk.kept(0)


@pytest.mark.parametrize("where", ["the same tab", "another tab"])
def test_signing_out_asks_before_it_deletes_what_the_browser_could_not_keep(desk: Desk, where: str) -> None:
    desk.context.add_init_script("indexedDB.open = () => { throw new Error('blocked'); };")
    page = desk.open()
    page.route("**/drafts/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    desk.field(NAME).fill("Haircut")
    expect(page.locator("#save-status")).to_contain_text("Not saved")
    leaving = page
    if where == "another tab":
        leaving = desk.context.new_page()
        leaving.goto("/drafts")
    leaving.get_by_label("Account").click()
    leaving.get_by_role("button", name="Sign out", exact=True).click()
    expect(leaving.get_by_role("dialog")).to_contain_text("Not everything is saved")
    leaving.get_by_role("button", name="Stay signed in").click()
    expect(desk.field(NAME)).to_have_value("Haircut")


def test_signing_out_says_that_it_waits_for_what_is_being_saved(desk: Desk) -> None:
    page = desk.open()
    page.route("**/drafts/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    desk.field(NAME).fill("Haircut")
    desk.kept(1)
    page.get_by_label("Account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Saving…")).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("status").filter(has_text="Saving…")).to_have_count(0)


def test_signing_out_deletes_what_another_tab_could_not_save(desk: Desk) -> None:
    other = desk.open()
    other.route("**/drafts/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    desk.field(NAME).fill("Haircut")
    desk.kept(1)
    page = desk.context.new_page()
    page.goto("/drafts")
    page.get_by_label("Account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out and delete it").click()
    expect(page).to_have_url(f"{desk.site.url}/")
    expect(other).to_have_url(re.compile("/sign-in"))
    desk.page = page
    desk.kept(0)


@pytest.mark.parametrize(
    ("path", "place"), [("/drafts", "#dashboard"), ("/drafts/{}/details", "#way"), ("/drafts/{}/review", "#way")]
)
def test_other_pages_say_quietly_where_text_waits_and_lead_there(left: Desk, path: str, place: str) -> None:
    left.page.goto(path.format(left.id))
    expect(left.page.locator(place)).to_contain_text("Unsaved in this browser: Basics")
    left.page.locator(place).get_by_role("link", name="Basics", exact=True).click()
    expect(left.dialog).to_contain_text(NAUGHTY)


def test_text_that_reached_the_server_after_all_is_not_told_of(left: Desk, ada: Any) -> None:
    typed = {"name": NAUGHTY, "service_type": "", "summary": "Typed on a train", "version": "1"}
    assert StrictClient(left.site.app).sign_in(ada).put(f"/drafts/{left.id}/basics", data=typed).status_code == 200
    left.page.goto("/drafts")
    left.kept(0)
    expect(left.page.locator("#dashboard")).not_to_contain_text("Unsaved")
