"""A real browser against the real application: served on a free port by threads of the test process, so that `travel` moves its clock too.

What a browser shows does not hang on the database, and the tests of views run on both: a test here runs on SQLite, unless it is marked
`both_databases`.

    def test_something(site, page, sign_in, ada):   # runs on a phone and on a desktop
        sign_in(page, ada)
        page.goto("/drafts")                        # paths are relative to `site.url`

    def test_a_late_answer(site, line, page, …):    # everything goes over a line that does what the test says (tests/servers/line.py)

One size only: `@pytest.mark.parametrize("size", ["phone"], indirect=True)`. `new_page(size)` opens a second device. A test fails when a page
throws an error, breaks the content security policy, or asks another host for anything.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, expect, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from app.extensions import db
from tests.browser.waiting import PATIENCE
from tests.servers.line import Line
from tests.servers.start import ROOT, program
from tests.strict import StrictClient

SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# A machine that has other work too takes longer than Playwright's five seconds; what is there in time waits for nothing.
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second run of what is here and not marked."""
    again = [item for item in items if _is_run_again(item)]
    config.hook.pytest_deselected(items=again)
    items[:] = [item for item in items if item not in again]


def _is_run_again(item: pytest.Item) -> bool:
    is_here = item.path.is_relative_to(ROOT / "tests" / "browser")
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return is_here and parameters.get("database_url") == "postgresql" and not item.get_closest_marker("both_databases")


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_args: object) -> None:
        pass


@dataclass(frozen=True)
class Site:
    """The application under test as a browser finds it."""

    app: Flask
    url: str

    @property
    def rows(self) -> Session:
        """A session that sees what the site's threads have committed by now."""
        db.session.rollback()
        return db.session()


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """Serve the application on a free port until the test ends: its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def line(served: str) -> Iterator[Line]:
    """The way from the browser to the site, for a test that says what happens on it. Who asks for it finds the site behind it."""
    with Line(served) as line:
        yield line


@pytest.fixture
def site(app: Flask, served: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The application as browsers reach it until the test ends."""
    url = request.getfixturevalue("line").url if "line" in request.fixturenames else served
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], base_url=url))
    return Site(app, url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium per test process."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program("browser", "chromium"))
        yield chromium
        chromium.close()


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def new_page(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page on a device of its own: `new_page("phone")`, `new_page("desktop", java_script_enabled=False, color_scheme="dark")`."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(size: str = "desktop", **more: Any) -> Page:
        context = browser.new_context(base_url=site.url, reduced_motion="reduce", **SIZES[size], **more)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"error in the page: {error}"))
        page.on("console", lambda message: _note(message, faults))
        page.on("request", lambda request: _stays_here(request, site, faults))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_page: Callable[..., Page], size: str) -> Page:
    """A page on a phone, and again on a desktop."""
    return new_page(size)


def crash(page: Page) -> None:
    """End the page as a crash does: none of its last words reaches the server, as they may when it is closed."""
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    page.close()


def _note(message: ConsoleMessage, faults: list[str]) -> None:
    if "Content Security Policy" in message.text or "Refused to" in message.text:
        faults.append(message.text)


def _stays_here(request: Request, site: Site, faults: list[str]) -> None:
    if not request.url.startswith((site.url, "data:", "blob:", "http://127.0.0.1:", "about:")):
        faults.append(f"asked another host: {request.url}")


@pytest.fixture
def sign_in(site: Site) -> Callable[[Page, Any], None]:
    """Give a page's device the session cookie that signing in would give it."""

    def give(page: Page, provider: Any) -> None:
        client = StrictClient(site.app).sign_in(provider)
        cookie = client.get_cookie("session")
        assert cookie is not None
        kept = {"name": "session", "value": cookie.value, "url": site.url, "httpOnly": True, "sameSite": "Lax"}
        page.context.add_cookies([kept])  # type: ignore[list-item]

    return give


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with a page as it stands, in one line each. The screen is as high as the page meanwhile: else the size of a field
    would hang on how much of it the bar of buttons covers, which is another on each day and goes with scrolling."""
    source = AXE.read_text()

    def find(page: Page) -> list[str]:
        size = page.viewport_size
        assert size is not None
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
        found = look(page)
        page.set_viewport_size(size)
        return found

    def look(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
        return [
            f"{each['id']}: {each['help']}: {', '.join(str(node['target']) for node in each['nodes'])}"
            for each in found["violations"]
        ]

    return find
