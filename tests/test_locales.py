"""A moment in the reader's words: where clocks are set back, two moments have one time of day, and the offset says which is meant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app import locales

HOUR = timedelta(hours=1)
#: The first moment of the time of day that comes twice in each zone, how long it is until it comes again, and both as they are written.
TWICE = [
    ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), HOUR, "02:30", "+02:00", "+01:00"),
    ("America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), HOUR, "01:30", "-04:00", "-05:00"),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC), HOUR / 2, "01:45", "+11:00", "+10:30"),
    ("Africa/Casablanca", datetime(2026, 2, 15, 1, 30, tzinfo=UTC), HOUR, "02:30", "+01:00", "+00:00"),
    ("Europe/London", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), HOUR, "01:30", "+01:00", "+00:00"),
]


@pytest.fixture
def at(app: Flask, travel: Callable[..., datetime]) -> Callable[..., tuple[str, str]]:
    """A moment as one reads it then: in full, and as short as can be."""

    def read(moment: datetime, zone: str, language: str = "en") -> tuple[str, str]:
        travel(to=moment)
        with locales.read_by(language, zone):
            return locales.moment(moment), locales.recent(moment)

    return read


@pytest.mark.parametrize(("zone", "first", "later", "time", "before", "after"), TWICE)
def test_a_time_that_comes_twice_names_its_offset(
    at: Callable[..., tuple[str, str]], zone: str, first: datetime, later: timedelta, time: str, before: str, after: str
) -> None:
    assert [at(moment, zone)[1] for moment in (first, first + later)] == [f"{time} GMT{before}", f"{time} GMT{after}"]


@pytest.mark.parametrize(("zone", "first", "later", "time", "before", "after"), TWICE)
def test_the_minute_before_and_the_minute_after_name_none(
    at: Callable[..., tuple[str, str]], zone: str, first: datetime, later: timedelta, time: str, before: str, after: str
) -> None:
    start = first.replace(minute=0) if later == HOUR else first.replace(minute=30)
    nearest = [start - timedelta(minutes=1), start + 2 * later]
    assert not [each for moment in nearest for each in at(moment, zone) if "GMT" in each]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Sun 25 Oct, 02:30 GMT+02:00"), ("de", "So., 25. Okt. um 02:30 Uhr GMT+02:00")],
)
def test_a_whole_moment_names_it_too(at: Callable[..., tuple[str, str]], language: str, words: str) -> None:
    assert at(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", language)[0] == words


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_where_clocks_are_never_set_back_no_moment_names_one(at: Callable[..., tuple[str, str]], zone: str) -> None:
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=each) for each in range(0, 366 * 24, 7)]
    assert not [each for moment in hours for each in at(moment, zone) if "GMT" in each]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
def test_where_clocks_are_set_forward_no_moment_names_one(at: Callable[..., tuple[str, str]], zone: str) -> None:
    spring = datetime(2026, 3, 28, tzinfo=UTC) if zone == "Europe/Berlin" else datetime(2026, 10, 3, tzinfo=UTC)
    minutes = [spring + timedelta(minutes=each) for each in range(0, 2 * 24 * 60, 15)]
    assert not [each for moment in minutes for each in at(moment, zone) if "GMT" in each]
