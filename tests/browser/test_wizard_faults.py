"""What befalls a page that is typed in: the browser is killed, the server goes away, the session becomes another, Shingle is deployed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from app.services.models import Service
from app.wizard import steps
from tests import factories
from tests.browser.conftest import Site, _Quiet
from tests.browser.waiting import wait_for
from tests.servers.start import program

LONG = "Zeile mit ‘Zeichen’ \U0001f469\u200d\U0001f52c \u202eabc\u202c & <b> % + = ;\n" * 2_200  # about 100 KB
#: Playwright types so much for half a minute.
PASTE = "(field, text) => { field.value = text; field.dispatchEvent(new Event('input', {bubbles: true})); }"
STATUS = "#save-status .save-status"


@pytest.fixture
def size() -> str:
    """None of this hangs on the size of the screen."""
    return "desktop"


@pytest.fixture
def draft(ada: Any) -> Service:
    factories.service_type()
    return factories.draft(ada)


@pytest.fixture
def typed(site: Site, draft: Service) -> Callable[[str], dict[str, Any]]:
    """What the database holds of a step now."""

    def read(key: str) -> dict[str, Any]:
        row = site.rows.get_one(Service, draft.id)
        site.rows.refresh(row, ["answers"])
        found: dict[str, Any] = (row.answers or {}).get(key, {}).get("typed", {})
        return found

    return read


@pytest.fixture
def started(browser: Browser, site: Site, tmp_path: Path) -> Iterator[Callable[[], BrowserContext]]:
    """Start a browser that keeps what it keeps on disk, as people's browsers do."""
    contexts: list[BrowserContext] = []

    def start() -> BrowserContext:
        executable = program("browser", "chromium")
        contexts.append(
            browser.browser_type.launch_persistent_context(tmp_path / "profile", executable_path=executable, base_url=site.url)
        )
        return contexts[-1]

    yield start
    contexts[-1].close()


def kill(profile: Path) -> None:
    """End the browser of this profile as a dead battery would."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # others come and go meanwhile
            line = process.cmdline()
            if f"--user-data-dir={profile}" in line and not any(each.startswith("--type=") for each in line):
                process.kill()


def test_what_was_typed_outlives_a_killed_browser(
    started: Callable[[], BrowserContext], site: Site, sign_in: Any, ada: Any, draft: Service, typed: Any, tmp_path: Path
) -> None:
    context = started()
    page = context.pages[0]
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/details")
    context.set_offline(True)
    page.locator("#description").evaluate(PASTE, LONG)
    expect(page.locator(STATUS)).to_contain_text("no connection")
    kill(tmp_path / "profile")
    page = started().pages[0]
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/details")
    page.get_by_role("dialog").get_by_role("button", name="Use selected text").click()
    page.wait_for_function("(text) => document.querySelector('#description')?.value === text", arg=LONG)
    assert typed("details")["description"] == [LONG]


class _Closing(_Quiet):
    protocol_version = "HTTP/1.0"  # a connection that stays open would be answered by a thread that is still there


class Server:
    """A server that can be stopped and started again under the same address."""

    def __init__(self, app: Flask) -> None:
        self.app, self.port = app, 0
        self.start()

    def start(self) -> None:
        self.server: BaseWSGIServer = make_server("127.0.0.1", self.port, self.app, threaded=True, request_handler=_Closing)
        self.server.daemon_threads = True  # type: ignore[attr-defined]
        self.port = self.server.port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def server(site: Site) -> Iterator[Server]:
    running = Server(site.app)
    yield running
    running.stop()


def test_a_server_that_went_away_gets_everything_once_it_is_back(
    page: Page, server: Server, sign_in: Any, ada: Any, draft: Service, typed: Any
) -> None:
    sign_in(page, ada)
    page.goto(f"http://127.0.0.1:{server.port}/drafts/{draft.id}/basics")
    page.wait_for_load_state("networkidle")
    server.stop()
    name, line = page.get_by_label("Name of the service"), page.get_by_label("In one line")
    name.fill("Typed while it was away")
    expect(page.locator(STATUS)).to_contain_text("no connection")
    line.fill("and more")
    server.start()
    wait_for(page, lambda: typed("basics").get("summary") == ["and more"])
    assert typed("basics")["name"] == ["Typed while it was away"]


def test_a_token_that_died_costs_nothing(page: Page, sign_in: Any, ada: Any, draft: Service, typed: Any) -> None:
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/basics")
    page.context.clear_cookies()
    sign_in(page, ada)  # another session: the token of the page is none of its
    page.get_by_label("Name of the service").fill("Haircut")
    expect(page.locator(STATUS)).to_contain_text("Saved")
    assert typed("basics")["name"] == ["Haircut"]


def test_after_a_deploy_the_next_step_is_a_whole_page(
    page: Page, site: Site, sign_in: Any, ada: Any, draft: Service, typed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/basics")
    page.evaluate("window.isOld = true")
    monkeypatch.setitem(site.app.extensions["assets"], "", "newer")
    page.get_by_label("Name of the service").fill("Haircut")
    page.get_by_role("link", name="Price and time").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Price and time")
    page.wait_for_function("window.isOld === undefined")
    assert typed("basics")["name"] == ["Haircut"]


def test_a_step_that_is_gone_leaves_the_text_on_the_page(
    page: Page, sign_in: Any, ada: Any, draft: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/basics")
    monkeypatch.setattr(steps, "STEPS", steps.STEPS[1:])
    page.get_by_label("Name of the service").fill("Haircut")
    expect(page.locator(STATUS)).to_contain_text("this step is not part of it any more")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#problem")).to_contain_text("this step is not part of it any more")
    expect(page.get_by_label("Name of the service")).to_have_value("Haircut")


def test_a_step_that_asks_something_else_by_now_says_so_and_saves(
    page: Page, sign_in: Any, ada: Any, draft: Service, typed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/basics")
    monkeypatch.setitem(steps.find("basics").__dict__, "sign", "another")
    page.get_by_label("Name of the service").fill("Haircut")
    expect(page.get_by_text("this step asks something else now")).to_be_visible()
    expect(page.get_by_label("Name of the service")).to_be_focused()
    assert typed("basics")["name"] == ["Haircut"]
