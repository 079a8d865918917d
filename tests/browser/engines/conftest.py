"""A browser of another engine with an account of its own, and a network that can be cut."""

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.services.models import Service
from tests import factories
from tests.browser.conftest import Site
from tests.browser.engines.driver import Engine
from tests.browser.engines.start import START
from tests.browser.test_kept_text import RECORDS
from tests.servers.start import Run, is_installed
from tests.strict import StrictClient

NAME = "Name of the service"


NEEDS = {"firefox": [("firefox", "firefox-esr")], "webkit": [("webkit", "WebKitWebDriver"), ("xvfb", "Xvfb")]}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests in a browser that this machine can't have. Where CI=true they stay, and fail."""
    if os.environ.get("CI") == "true":
        return
    missing = {name for name, programs in NEEDS.items() if not all(is_installed(*each) for each in programs)}
    out = [
        item
        for item in items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec") and item.callspec.params.get("engine") in missing
    ]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


class Engines:
    """Those that this test process has started: each once."""

    def __init__(self, run: Run) -> None:
        self._run, self._started = run, dict[str, Engine]()

    def get(self, name: str) -> Engine:
        if name not in self._started:
            self._started[name] = START[name](self._run)
        return self._started[name]

    def end(self) -> None:
        for engine in self._started.values():
            engine.end()


@pytest.fixture(scope="session")
def engines(server_run: Run) -> Iterator[Engines]:
    started = Engines(server_run)
    yield started
    started.end()


@pytest.fixture(params=list(START))
def engine(request: pytest.FixtureRequest, site: Site, engines: Engines) -> Iterator[Engine]:
    """A browser that knows nobody: one window, no cookies, and a site that no other test had."""
    engine = engines.get(request.param)
    engine.site = site.url
    before = engine.do("GetWindowHandles")
    engine.window = before[0]
    engine.open("/static/favicon.svg")
    engine.do("DeleteAllCookies")
    yield engine
    for handle in engine.do("GetWindowHandles"):
        if handle not in before:
            engine.window = handle
            engine.do("CloseWindow")
    engine.window = before[0]
    engine.do("Navigate", url="about:blank")


@pytest.fixture
def provider(engine: Engine, app: Any) -> Any:
    """Somebody who works in this browser alone, and is signed in."""
    somebody = factories.provider(f"{engine.name}@example.com", display_name=f"{engine.name.title()}'s Salon")
    sign_in(engine, app, somebody)
    return somebody


def sign_in(engine: Engine, app: Any, provider: Any) -> None:
    cookie = StrictClient(app).sign_in(provider).get_cookie("session")
    assert cookie is not None
    engine.do("AddCookie", cookie={"name": "session", "value": cookie.value, "path": "/", "httpOnly": True, "sameSite": "Lax"})


@pytest.fixture
def cut(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """`cut(True)`: each request finds its connection closed, until `cut(False)`."""
    app, is_cut = site.app.wsgi_app, False

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if is_cut:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError
        return app(environ, start_response)

    def choose(now: bool) -> None:
        nonlocal is_cut
        is_cut = now

    monkeypatch.setattr(site.app, "wsgi_app", answer)
    return choose


class Desk:
    """Somebody's draft, and the browser that it is opened in."""

    def __init__(self, site: Site, engine: Engine, draft: Service) -> None:
        self.site, self.engine, self.id = site, engine, draft.id

    def open(self, key: str = "basics") -> None:
        self.engine.open(f"/drafts/{self.id}/{key}")

    def kept(self, key: str) -> dict[str, Any]:
        """What the server keeps of a step."""
        row = self.site.rows.get_one(Service, self.id)
        self.site.rows.refresh(row, ["answers"])
        found: dict[str, Any] = (row.answers or {}).get(key, {"typed": {}, "version": 0})
        return found

    def keeps(self, text: str, key: str = "basics", name: str = "name") -> None:
        """Wait until the server keeps this text."""
        self.engine.wait(lambda: self.kept(key)["typed"].get(name) == [text], f"a saved “{text}”")

    def has_copy(self) -> None:
        """Wait until this browser keeps a copy of unsaved text, and not only its mark, which comes first."""
        is_marked = "return Object.keys(localStorage).some((key) => key.startsWith('shingle kept'))"
        self.engine.wait(lambda: self.engine.run(is_marked), "the mark of a copy")
        self.engine.wait(lambda: self.engine.run(f"return ({RECORDS})().then((found) => found.length)"), "a copy")


@pytest.fixture
def desk(site: Site, engine: Engine, provider: Any) -> Desk:
    factories.service_type()
    return Desk(site, engine, factories.draft(provider))
