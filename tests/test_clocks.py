"""The clock of a test: stopped from the beginning, on whatever day the run is, and the real one where another program's clock takes part."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app import clock
from app.providers.models import Provider
from tests.clocks import TODAY, real


def test_the_clock_stands_still() -> None:
    assert clock.now() == clock.now()


def test_rows_that_were_made_before_the_test_are_as_old_as_it(ada: Provider, began_at: datetime) -> None:
    assert ada.confirmed_at == began_at == clock.now()


def test_who_travels_begins_on_the_day_that_tests_name(travel: Callable[..., datetime], ada: Provider) -> None:
    assert (ada.confirmed_at, travel(), travel(hours=1)) == (TODAY, TODAY, TODAY.replace(hour=10))


@pytest.mark.usefixtures("present")
def test_beside_another_programs_clock_it_is_the_real_one() -> None:
    assert clock.read is real
    assert clock.now() <= datetime.now(UTC)  # noqa: TID251 what is compared is the real clock


@pytest.mark.usefixtures("present")
def test_who_travels_beside_another_programs_clock_begins_now(travel: Callable[..., datetime], began_at: datetime) -> None:
    assert travel() == began_at != TODAY
