"""Batches become as large as their time allows, and rest as long as whoever waits for them may sleep."""

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import PRAGMAS, db
from app.insights import pace
from app.insights.pace import FEWEST, Pace


class Clock:
    """Goes on only when told to, or slept by; what was slept is kept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Clock:
    watch = Clock()
    monkeypatch.setattr(pace, "time", SimpleNamespace(sleep=watch.sleep, monotonic=lambda: watch.now))
    return watch


def work(paced: Pace, watch: Clock, *took: float) -> list[int]:
    """The sizes of batches that took so many seconds."""
    sizes = []
    for seconds in took:
        with paced.batch() as most:
            sizes.append(most)
            watch.now += seconds
    return sizes


def test_after_a_short_batch_comes_the_pause(watch: Clock) -> None:
    work(Pace(most=25, largest=100, seconds=0.01, pause=0.02), watch, 0.01, 0.01)
    assert watch.slept == [0.02]


def test_after_a_batch_that_took_long_comes_a_rest_as_long(watch: Clock) -> None:
    work(Pace(most=25, largest=100, seconds=0.01, pause=0.02), watch, 0.15, 0.01)
    assert watch.slept == [0.15]


def test_where_nobody_waits_nothing_rests(watch: Clock) -> None:
    work(Pace(most=1000, largest=2000, seconds=0.5), watch, 2, 2)
    assert watch.slept == []


def test_batches_that_take_long_become_small_and_not_smaller_than_the_fewest(watch: Clock) -> None:
    sizes = work(Pace(most=100, largest=100, seconds=0.01, pause=0.02), watch, 0.02, 0.05, 1, 1, 1)
    assert sizes == [100, 50, 10, FEWEST, FEWEST]


def test_batches_that_are_over_soon_become_twice_as_large_up_to_the_largest(watch: Clock) -> None:
    assert work(Pace(most=25, largest=80, seconds=0.01), watch, 0.001, 0.001, 0.001) == [25, 50, 80]


def test_it_is_the_sweep_that_moves_the_log_of_sqlite_into_its_file_before_a_save_has_to(app: Flask) -> None:
    paced = Pace.of_database()
    if db.engine.dialect.name != "sqlite":
        assert paced.pause == 0
        return
    usual = dict(each.split("=") for each in PRAGMAS)["wal_autocheckpoint"]
    assert db.session.scalar(text("PRAGMA wal_autocheckpoint")) <= int(usual) / 4
