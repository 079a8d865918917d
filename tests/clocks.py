"""The clock of a test is stopped before its first row is written, and only `travel` moves it.

It stops at what the product's unstopped clock says, which for tests runs from `--moment` on (`make test MOMENT=2028-02-29T12:00`): so a run can be on
any day, and a test that hangs on the day of the run is found. A test that names a day in its words asks for `travel`, and begins on `TODAY`.

Where another program's clock takes part (the signatures of a store, a browser, a process of its own), the test has the real present throughout: it
asks for the fixture `present` or for one of the fixtures in `OTHER_CLOCKS`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app import clock

TODAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)  # a Sunday morning in Berlin

#: Fixtures that bring a program with a clock of its own.
OTHER_CLOCKS = frozenset({"present", "site", "s3_settings", "s3_place", "tls_place", "one_world"})
#: The same for a store that a parameter names.
OTHER_STORES = frozenset({"s3", "tls", "bucket"})

real = clock.read


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--moment",
        default=TODAY.isoformat(),
        help="when the run begins by the product's clock: ISO 8601, UTC if no offset is given",
    )


def pytest_configure(config: pytest.Config) -> None:
    clock.read = _running_from(datetime.fromisoformat(config.getoption("--moment")))


def pytest_report_header(config: pytest.Config) -> str:
    return f"the product's clock begins at {config.getoption('--moment')}"


def _running_from(moment: datetime) -> Callable[[], datetime]:
    """An unstopped clock that says `moment` now."""
    began, start = time.monotonic(), moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def needs_present(request: pytest.FixtureRequest) -> bool:
    """Whether another program's clock takes part in this test."""
    parameters = request.node.callspec.params.values() if hasattr(request.node, "callspec") else ()
    names = {each for each in parameters if isinstance(each, str)}
    return not OTHER_CLOCKS.isdisjoint(request.fixturenames) or not OTHER_STORES.isdisjoint(names)


@pytest.fixture(autouse=True)
def began_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """When the test began, by its clock."""
    if needs_present(request):
        monkeypatch.setattr(clock, "read", real)
        return real()
    moment = TODAY if "travel" in request.fixturenames else clock.now()
    monkeypatch.setattr(clock, "read", lambda: moment)
    return moment


@pytest.fixture
def present() -> None:
    """Asked for by a test in which another program's clock takes part."""


@pytest.fixture
def travel(began_at: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    """Set the clock: `travel()` stops it at the test's beginning, `travel(hours=25)` moves it on, `travel(to=moment)` goes there."""
    stopped = began_at

    def move(to: datetime | None = None, **ahead: float) -> datetime:
        nonlocal stopped
        stopped = to or stopped + timedelta(**ahead)
        monkeypatch.setattr(clock, "read", lambda: stopped)
        return stopped

    return move
