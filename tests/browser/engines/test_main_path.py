"""The way from a first click to a published listing, and what guards typed text on it, in Firefox and in WebKit."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests import factories
from tests.browser.conftest import Site
from tests.browser.engines.conftest import NAME, Desk
from tests.browser.engines.driver import ELEMENT, PATIENCE, Engine
from tests.browser.uploading import work
from tests.media import files
from tests.strict import StrictClient

LINE = "In one line"


@pytest.fixture
def photo(tmp_path: Path) -> str:
    (tmp_path / "chair.jpg").write_bytes(files.jpeg(640, 480))
    return str(tmp_path / "chair.jpg")


@pytest.fixture
def held_scripts(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules that every media step has come only when the test is over. (Not all: Firefox opens six connections, and a style sheet needs one.)"""
    show, is_over = site.app.view_functions["asset"], Event()

    def hold(build: str, filename: str) -> Any:
        if filename in ("js/ui.js", "js/later.js"):
            is_over.wait(PATIENCE * 2)
        return show(build=build, filename=filename)

    monkeypatch.setitem(site.app.view_functions, "asset", hold)
    yield
    is_over.set()


def test_a_listing_comes_to_be(site: Site, engine: Engine, provider: Any, photo: str) -> None:
    factories.service_type()
    engine.open("/drafts")
    engine.press("Start your first service")
    engine.heading("Basics")
    engine.type(NAME, "Haircut")
    engine.type("Type", "Hair")
    engine.type(LINE, "Wash, cut and blow-dry")
    engine.press("Continue")
    engine.heading("Details")
    engine.type("Description", "An hour for your hair.")
    engine.press("Online")
    engine.press("Continue")
    engine.heading("Price and time")
    engine.type("Amount", "45.00")
    engine.type("Duration", "60")
    engine.press("Add a package")
    engine.type("Package", "Long hair")
    engine.type("Minutes", "90")
    engine.type("Price", "70")
    engine.press("Continue")
    engine.heading("Availability")
    engine.press("Continue")
    engine.heading("Photos and files")
    engine.do("ElementSendKeys", id=engine.run("return document.querySelector('#files')")[ELEMENT], text=photo)
    engine.wait(
        lambda: engine.run("return document.querySelector('[data-state=received]') !== null"), "a photo that has arrived"
    )
    work(site)
    engine.wait(
        lambda: engine.run("return document.querySelector('.tile [data-state=ready] img')?.naturalWidth > 0"), "its picture"
    )
    engine.press("Continue")
    engine.heading("Review and publish")
    engine.press("Publish")
    engine.heading("Haircut")
    engine.sees("Long hair")


def test_what_was_typed_is_there_after_reloading_and_after_back(desk: Desk) -> None:
    desk.open()
    desk.engine.type(NAME, "Haircut")
    desk.keeps("Haircut")
    desk.engine.do("Refresh")
    desk.engine.has_value(NAME, "Haircut")
    desk.engine.press("Continue")
    desk.engine.sees("There is something to mend")
    desk.engine.press("Review and publish")
    desk.engine.heading("Review and publish")
    desk.engine.do("Back")
    desk.engine.has_value(NAME, "Haircut")


def test_two_texts_of_one_field_are_asked_about(desk: Desk, provider: Any) -> None:
    desk.open()
    other = StrictClient(desk.site.app).sign_in(provider)
    saved = {"name": "Haircut for me", "service_type": "", "summary": "", "version": "0"}
    assert other.put(f"/drafts/{desk.id}/basics", data=saved).status_code == 200
    desk.engine.type(NAME, "Haircut for all")
    desk.engine.sees("changed elsewhere too")
    desk.engine.has_value(NAME, "Haircut for all")
    desk.keeps("Haircut for me")


def test_two_windows_show_what_either_saves(desk: Desk) -> None:
    desk.open()
    first = desk.engine.window
    desk.engine.new_window()
    desk.open()
    desk.engine.type(NAME, "Haircut")
    desk.keeps("Haircut")
    desk.engine.window = first
    desk.engine.has_value(NAME, "Haircut")


def test_text_that_met_no_network_is_offered_when_its_window_was_closed(desk: Desk, cut: Callable[[bool], None]) -> None:
    first = desk.engine.window
    desk.engine.new_window()
    desk.open()
    cut(True)
    desk.engine.type(NAME, "Haircut")
    desk.engine.sees("no connection")
    desk.has_copy()
    desk.engine.close_window(first)
    cut(False)
    desk.open()
    # The last save of a window that is closed may arrive after all.
    asks = "You have unsaved text in this browser"
    desk.engine.wait(
        lambda: asks in desk.engine.words or desk.engine.value(NAME) == "Haircut", "the text, or the question about it"
    )
    if desk.engine.value(NAME) != "Haircut":
        desk.engine.press("Unsaved, in this browser Haircut")
        desk.engine.press("Use selected text")
    desk.engine.has_value(NAME, "Haircut")
    desk.keeps("Haircut")


def test_signing_out_asks_before_it_deletes_what_is_not_saved(desk: Desk, cut: Callable[[bool], None]) -> None:
    desk.open()
    cut(True)
    desk.engine.type(NAME, "Haircut")
    desk.engine.sees("no connection")
    desk.has_copy()
    desk.engine.press("Account")
    desk.engine.press("Sign out")
    desk.engine.press("Stay signed in")
    desk.engine.has_value(NAME, "Haircut")


@pytest.mark.parametrize("engine", ["firefox"], indirect=True)  # WebKit's driver runs nothing in a page that is not loaded
def test_nobody_sees_what_scripts_replace(desk: Desk, held_scripts: None) -> None:
    """Not even while the modules of the page are still on their way."""
    desk.engine.go(f"/drafts/{desk.id}/media")
    painted = "return location.pathname.endsWith('/media') && performance.getEntriesByName('first-contentful-paint').length > 0"
    desk.engine.wait(lambda: desk.engine.run(painted), "a painted page")
    desk.engine.sees("Photos and files")
    seen = desk.engine.run(
        "return [...document.querySelectorAll('.no-js')].filter((each) => each.getClientRects().length).length"
    )
    assert seen == 0
