"""A browser that opens a closed window again puts back what stood in its fields. Nobody typed that now: it is offered and not saved."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.browser.engines.conftest import Desk
from tests.browser.engines.driver import Engine
from tests.strict import StrictClient

SESSIONS = 'const { SessionStore } = ChromeUtils.importESModule("resource:///modules/sessionstore/SessionStore.sys.mjs");'


@contextmanager
def _in_the_browser_itself(engine: Engine) -> Iterator[None]:
    """Scripts run in Firefox's own window, and not in the page."""
    engine.do("Marionette:SetContext", value="chrome")
    try:
        yield
    finally:
        engine.do("Marionette:SetContext", value="content")


def _has_recorded(engine: Engine, text: str) -> bool:
    with _in_the_browser_itself(engine):
        return bool(
            engine.run(f"{SESSIONS} return SessionStore.getTabState(gBrowser.selectedTab).includes(arguments[0])", text)
        )


def _open_again(engine: Engine) -> None:
    """What *Reopen closed tab* does."""
    known = engine.do("GetWindowHandles")
    with _in_the_browser_itself(engine):
        engine.run(f"{SESSIONS} gBrowser.selectedTab = SessionStore.undoCloseTab(window, 0);")
    engine.window = engine.wait(lambda: next(iter(set(engine.do("GetWindowHandles")) - set(known)), ""), "the window")
    engine.wait(lambda: engine.run("return document.readyState === 'complete' && location.href !== 'about:blank'"), "its page")


@pytest.fixture
def reopened(desk: Desk, provider: Any) -> Desk:
    """A description was typed and saved, its tab closed, and a newer one saved on another device; then the tab is opened again."""
    first = desk.engine.window
    desk.engine.new_window()
    desk.open("details")
    # Older versions of Firefox record a field whatever its attribute says.
    desk.engine.run("document.getElementById('description').autocomplete = 'on'")
    desk.engine.type("Description", "An hour for your hair.")
    desk.keeps("An hour for your hair.", "details", "description")
    desk.engine.wait(lambda: _has_recorded(desk.engine, "An hour for your hair."), "the record of the tab")
    version = str(desk.kept("details")["version"])
    desk.engine.close_window(first)
    newer = {"description": "Two hours.", "included": "", "location": "", "version": version}
    assert StrictClient(desk.site.app).sign_in(provider).put(f"/drafts/{desk.id}/details", data=newer).status_code == 200
    _open_again(desk.engine)
    return desk


@pytest.mark.parametrize("engine", ["firefox"], indirect=True)
def test_what_firefox_puts_back_is_offered_like_kept_text(reopened: Desk) -> None:
    reopened.engine.sees("You have unsaved text in this browser")
    reopened.engine.sees("An hour for your hair.")


@pytest.mark.parametrize("engine", ["firefox"], indirect=True)
def test_what_firefox_puts_back_is_not_saved_over_newer_text(reopened: Desk) -> None:
    reopened.engine.sees("You have unsaved text in this browser")
    reopened.engine.press("Decide later")
    reopened.engine.type("Town or area", "Berlin")
    reopened.keeps("Berlin", "details", "location")
    assert reopened.kept("details")["typed"]["description"] == ["Two hours."]


@pytest.mark.parametrize("engine", ["firefox"], indirect=True)
def test_what_firefox_puts_back_after_somebody_has_begun_to_type_elsewhere_is_not_saved(desk: Desk, provider: Any) -> None:
    desk.open("details")
    desk.engine.type("Town or area", "Ber")
    _put_back(desk.engine, "description", "An hour for your hair.")
    desk.engine.sees("You have unsaved text in this browser")
    desk.engine.press("Decide later")
    desk.engine.type("Town or area", "lin")
    desk.keeps("Berlin", "details", "location")
    assert desk.kept("details")["typed"].get("description", [""]) == [""]


def _put_back(engine: Engine, field: str, text: str) -> None:
    """As Firefox does when it opens a tab again, some time after the page has come."""
    script = "SessionStoreUtils.restoreFormData(document, { url: document.documentURI, id: { [arguments[0]]: arguments[1] } })"
    engine.do("ExecuteScript", script=script, args=[field, text], sandbox="system")
