"""The faults, one function each: what happens is between its first line and its `yield` gone again after it. `FAULTS` is the table."""

import random
import signal
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.storage.s3 import bucket
from tests.faults.stage import HOUR
from tests.faults.world import World

During = Callable[[World], Generator[None, None, None]]
SEED = 20261122


@dataclass(frozen=True)
class Fault:
    """One line of the table. `outcome`: where drafts come to that fare otherwise than `stage.OUTCOME` says; `fails`: a sweep may raise an error of
    this kind while the fault lasts; `pause`: how long after it the next round is."""

    name: str
    during: During
    outcome: Mapping[str, str] = field(default_factory=dict)
    may_repeat: bool = False
    fails: tuple[type[Exception], ...] = ()
    pause: timedelta = HOUR
    workers: bool = False  # whether they come to what the sweeps ask them for

    def __str__(self) -> str:
        return self.name


def nothing(world: World) -> Generator[None, None, None]:
    yield


def redis_flushed(world: World) -> Generator[None, None, None]:
    yield
    world.queue.flush()


def redis_gone(world: World) -> Generator[None, None, None]:
    world.queue.kill()
    try:
        yield
    finally:
        world.queue.start()


def redis_hangs(world: World) -> Generator[None, None, None]:
    world.queue.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        world.queue.signal(signal.SIGCONT)


def connections_cut(seed: int) -> During:
    def during(world: World) -> Generator[None, None, None]:
        with _between_statements(world.database.cut, seed, 3, 25):
            yield

    return during


def database_killed(world: World) -> Generator[None, None, None]:
    with _between_statements(world.database.restart, SEED, 15, 45):
        yield


def mail(habit: str, only: str = "") -> During:
    def during(world: World) -> Generator[None, None, None]:
        world.mailbox.habit, world.mailbox.only = habit, only
        yield
        world.mailbox.habit = ""

    return during


def mail_gone(world: World) -> Generator[None, None, None]:
    world.mailbox.kill()
    try:
        yield
    finally:
        world.mailbox.start()


def store(habit: str, *verbs: str) -> During:
    def during(world: World) -> Generator[None, None, None]:
        world.store.behave(habit, *verbs)
        yield
        assert world.store.met, "nothing was asked of the store, and nothing is proved"
        world.store.reset()

    return during


def store_hangs(world: World) -> Generator[None, None, None]:
    """For a test's patience: the product waits a minute for an answer."""
    patient = world.app.extensions.pop("storage", None)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(bucket.LIMITS, "timeout", (1, 0.2))
            yield from store("hang")(world)
    finally:
        world.app.extensions.pop("storage", None)
        if patient is not None:
            world.app.extensions["storage"] = patient


def database_hangs(world: World) -> Generator[None, None, None]:
    with _between_statements(lambda: world.database.stand_still(0.3), SEED, 15, 45):
        yield


def clock_back(world: World) -> Generator[None, None, None]:
    """From the first sweep on the clock is right; then it is set back, and everything recorded lies in the future."""
    assert not world.sweeps()
    world.move(-HOUR)
    yield


def clock_slow(world: World) -> Generator[None, None, None]:
    world.move(-HOUR)
    yield
    world.move(HOUR)


def day_skipped(world: World) -> Generator[None, None, None]:
    world.move(25 * HOUR)
    yield


@contextmanager
def _between_statements(act: Callable[[], None], seed: int, least: int, most: int) -> Generator[None, None, None]:
    """Do it again and again, before every so many-th statement."""
    chance = random.Random(seed)
    left = chance.randint(least, most)
    times = 0

    def count(*_details: Any) -> None:
        nonlocal left, times
        left -= 1
        if left == 0:
            left, times = chance.randint(least, most), times + 1
            act()

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert times > 1, "nothing happened, and nothing is proved"


DATABASE = (SQLAlchemyError,)
#: A day after the round of which `stage.OUTCOME` tells: what was warned about goes.
LATER = {
    **dict.fromkeys(("idle", "forgotten", "told late", "claimed", "told", "unreachable", "restorable"), "deleted"),
    **dict.fromkeys(("untouched", "past"), "gone"),
    "fresh": "warned",
    "listing": "being edited",
    "abandoned": "published",
}
SKIPPED = {"told late": "deleted", "fresh": "warned"}

FAULTS = [
    Fault("nothing (the stage itself)", nothing, workers=True),
    Fault("Redis flushed before the workers came to it", redis_flushed, workers=True),
    Fault("Redis gone, and back", redis_gone, workers=True),
    Fault("Redis hangs, and goes on", redis_hangs, workers=True),
    *(
        Fault(f"database connections cut at random statements ({seed})", connections_cut(seed), may_repeat=True, fails=DATABASE)
        for seed in range(4)
    ),
    Fault("database killed and started again mid-sweep", database_killed, may_repeat=True, fails=DATABASE),
    Fault("database stands still mid-sweep, and goes on", database_hangs),
    Fault("mail server gone, and back", mail_gone),
    Fault("mail server says 451 to every address", mail("451 Later")),
    Fault("mail server says 550 to one address", mail("550 No such mailbox", only="cleo"), {"claimed": "open"}),
    Fault("mail server says 550 5.7.1 (a policy) to every address", mail("550 5.7.1 We don't like you")),
    Fault("mail server says 554 to what is sent", mail("554 to DATA")),
    Fault("mail server hangs", mail("hang")),
    Fault("mail server hangs after DATA", mail("hang after DATA"), may_repeat=True),
    Fault("mail server drops the connection after DATA", mail("drop after DATA"), may_repeat=True),
    Fault("store says 503 to everything", store("503"), workers=True),
    Fault("store says 500 to aborted uploads", store("500", "DELETE")),
    Fault("store says 500 to deletions", store("500", "POST")),
    Fault("store refuses every second key inside a 200", store("partial InternalError", "POST")),
    Fault("store refuses every second key with SlowDown inside a 200", store("partial SlowDown", "POST")),
    Fault("store cuts every connection", store("cut"), workers=True),
    Fault("store takes every request, and never answers", store_hangs),
    Fault("store deletes, and cuts the connection before it answers", store("cut after", "POST")),
    Fault("clock set back an hour after a round", clock_back, pause=2 * HOUR),
    Fault("clock an hour slow, then right", clock_slow),
    Fault("a day skipped", day_skipped, SKIPPED),
]
