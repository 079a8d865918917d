"""Each fault of the table in turn: the stage is set, sweeps run while it lasts, it lifts, one round of sweeps runs, and everything is judged.

PostgreSQL, Redis, mail server and store are real, and what breaks is they or the way to them. A full disk under PostgreSQL is out of scope: it
refuses to write, which is the same to Shingle as its connections being cut.
"""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest

from app.extensions import db
from app.storage.models import LedgerEntry
from tests.faults import stage
from tests.faults.faults import FAULTS, LATER, Fault
from tests.faults.judge import judge, promise_kept
from tests.faults.stage import HOUR
from tests.faults.summary import FAULT, SEEN
from tests.faults.world import World

ROUNDS = 2  # while the fault lasts: what the first one left behind is there when the second begins


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_when_it_has_lifted_one_round_of_sweeps_brings_everything_to_where_it_belongs(
    world: World, fault: Fault, record_property: Callable[[str, object], None]
) -> None:
    record_property(FAULT, fault.name)
    failed: list[Exception] = []
    with contextmanager(fault.during)(world):
        for _round in range(ROUNDS):
            failed += world.sweeps()
            world.move(HOUR / 6)
    assert not [error for error in failed if not isinstance(error, fault.fails)], failed
    promise_kept(world)

    world.move(fault.pause)
    assert not world.sweeps(workers=fault.workers)
    record_property(SEEN, f"{len(failed)} sweeps failed, {len(world.mailbox.letters)} mails taken")
    judge(world, stage.OUTCOME | dict(fault.outcome), may_repeat=fault.may_repeat)


def test_a_day_after_the_round_what_was_promised_to_go_has_gone_and_nothing_is_left_in_the_store(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    record_property(FAULT, "a day later: nothing stays for ever")
    assert not world.sweeps()
    world.move(timedelta(days=1, minutes=5))
    assert not world.sweeps(workers=True)
    judge(world, LATER)
    world.move(timedelta(hours=7))
    assert not world.sweeps()
    assert db.session.query(LedgerEntry).count() == 0
    judge(world, LATER)
