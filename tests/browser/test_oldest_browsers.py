"""The scripts in a browser that has nothing of what the oldest browsers of the README lack (tests/floor.py), and their syntax."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.services.models import Service
from tests.browser.conftest import Site, crash
from tests.browser.test_kept_text import RECORDS
from tests.browser.uploading import chosen, draft, has_scripts, has_state, tile, work
from tests.browser.waiting import until, wait_for
from tests.floor import ROOT, SYNTAX, names_too_new

__all__ = ["chosen", "draft"]
pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)

SCRIPTS = [*sorted((ROOT / "static" / "js").glob("*.js")), ROOT / "static" / "vendor" / "htmx.min.js"]
PLAIN = ("early.js", "htmx.min.js")  # no modules
ACORN = ROOT / "node_modules" / "acorn" / "dist" / "acorn.js"
NAME = "Name of the service"
TAKE_AWAY = """(() => {
  for (const [object, name, isOwn] of %s) {
    const owner = object === "Window" ? globalThis : globalThis[object];
    if (!owner) continue;
    if (!name) delete globalThis[object];
    if (isOwn || !owner.prototype || object === "Window") delete owner[name];
    if (!isOwn) delete owner.prototype?.[name];
  }
})()"""


@pytest.fixture
def old(new_page: Callable[..., Page], size: str, sign_in: Callable[..., None], ada: Any) -> Page:
    """Ada in a browser without all that is too new."""
    page = new_page(size)
    page.context.add_init_script(TAKE_AWAY % json.dumps(list(names_too_new())))
    sign_in(page, ada)
    return page


def _saved(site: Site, draft: Service) -> list[str] | None:
    row = site.rows.get_one(Service, draft.id)
    site.rows.refresh(row, ["answers"])
    typed: list[str] | None = (row.answers or {}).get("basics", {}).get("typed", {}).get("name")
    return typed


def test_what_is_too_new_is_not_there(old: Page) -> None:
    old.goto("/drafts")
    assert old.evaluate("[typeof AbortSignal.any, typeof Element.prototype.checkVisibility]") == ["undefined", "undefined"]


def test_a_step_saves_itself_in_an_old_browser(old: Page, site: Site, draft: Service) -> None:
    old.goto(f"/drafts/{draft.id}/basics")
    old.get_by_role("textbox", name=NAME, exact=True).fill("Haircut")
    wait_for(old, lambda: _saved(site, draft) == ["Haircut"])


def test_text_that_could_not_be_saved_is_offered_again_in_an_old_browser(old: Page, site: Site, draft: Service) -> None:
    old.goto(f"/drafts/{draft.id}/basics")
    old.context.set_offline(True)
    old.get_by_role("textbox", name=NAME, exact=True).fill("Haircut")
    expect(old.locator("#save-status .save-status")).to_contain_text("no connection")
    old.context.on("dialog", lambda dialog: dialog.accept())
    old.context.set_offline(False)
    wait_for(old, lambda: _saved(site, draft) == ["Haircut"])


def test_an_old_browser_tells_on_the_dashboard_of_text_that_waits(old: Page, draft: Service) -> None:
    old.goto(f"/drafts/{draft.id}/basics")
    old.context.set_offline(True)
    old.get_by_role("textbox", name=NAME, exact=True).fill("Haircut")
    expect(old.locator("#save-status .save-status")).to_contain_text("no connection")
    until(old, f"() => ({RECORDS})().then((found) => found.length === 1)")
    crash(old)
    later = old.context.new_page()
    old.context.set_offline(False)
    later.goto("/drafts")
    expect(later.locator("#dashboard")).to_contain_text("Unsaved in this browser: Basics")


def test_a_photo_arrives_from_an_old_browser(old: Page, site: Site, draft: Service, chosen: Callable[..., list[str]]) -> None:
    old.goto(f"/drafts/{draft.id}/media")
    has_scripts(old)
    old.locator("input[type=file]").set_input_files(chosen("one.jpg"))
    has_state(old, "one.jpg", "received")
    work(site)
    has_state(old, "one.jpg", "ready")


def test_photos_change_places_in_an_old_browser(old: Page, draft: Service, chosen: Callable[..., list[str]]) -> None:
    old.goto(f"/drafts/{draft.id}/media")
    has_scripts(old)
    old.locator("input[type=file]").set_input_files(chosen("one.jpg", "two.png"))
    has_state(old, "one.jpg", "received")
    has_state(old, "two.png", "received")
    tile(old, "two.png").locator("[data-do=earlier]").click()
    expect(old.locator(".tile").first).to_contain_text("two.png")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_old_browsers_can_read_a_script(new_page: Callable[..., Page], size: str, script: Path) -> None:
    page = new_page(size)
    page.evaluate(ACORN.read_text())
    kind = "script" if script.name in PLAIN else "module"
    page.evaluate(
        "([text, ecmaVersion, sourceType]) => { acorn.parse(text, { ecmaVersion, sourceType }); }",
        [script.read_text(), SYNTAX, kind],
    )


@pytest.mark.parametrize(
    "text", ["using file = open();", "/[a--b]/v", "import words from './words.json' with { type: 'json' };"]
)
def test_syntax_that_is_too_new_is_found(new_page: Callable[..., Page], size: str, text: str) -> None:
    page = new_page(size)
    page.evaluate(ACORN.read_text())
    found = page.evaluate(
        "([text, ecmaVersion]) => { try { acorn.parse(text, { ecmaVersion, sourceType: 'module' }); } catch (error) { return error.name; } }",
        [text, SYNTAX],
    )
    assert found == "SyntaxError"


def test_a_page_whose_script_does_not_come_is_as_it_is_without_scripts(
    page: Page, sign_in: Callable[..., None], ada: Any, draft: Service
) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503)

    page.route("**/upload-wire.js", fail)
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/media")
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_visible()


def test_a_step_whose_script_does_not_come_does_not_say_that_it_saves_by_itself(
    page: Page, sign_in: Callable[..., None], ada: Any, draft: Service
) -> None:
    page.route("**/wizard.js", lambda route: route.fulfill(status=503))
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/basics")
    expect(page.get_by_role("textbox", name=NAME, exact=True)).to_be_visible()
    expect(page.get_by_text("Saves by itself")).to_be_hidden()
