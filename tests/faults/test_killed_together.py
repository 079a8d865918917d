"""Workers sweep side by side, each beside another of its kind, and die at random moments; then one round of sweeps runs, and everything is judged."""

import random
from collections.abc import Callable
from datetime import timedelta

from tests.faults import stage
from tests.faults.faults import SEED
from tests.faults.judge import judge, promise_kept
from tests.faults.summary import FAULT, SEEN
from tests.faults.workers import NAME, Nursery
from tests.faults.world import World

TOGETHER = ("drafts.warn", "drafts.expire", "drafts.warn", "drafts.expire", "drafts.purge", "media.sweep")
ROUNDS = 4
DEATHS = 60  # statements after which a worker is dead at the latest; nobody gets through the crowd in one life


def test_workers_that_sweep_together_may_be_killed_at_any_moment(
    world: World, nursery: Nursery, record_property: Callable[[str, object], None]
) -> None:
    record_property(FAULT, f"workers killed at random, {len(TOGETHER)} side by side")
    stage.crowd(world.now)
    chance, kills = random.Random(SEED), 0
    for _round in range(ROUNDS):
        tasks = [
            {"job": job, "now": world.now.isoformat(), "at": chance.randint(5, DEATHS), "free": job.startswith("drafts")}
            for job in TOGETHER
        ]
        kills += sum(answer["killed"] for answer in nursery.run(*tasks))
        world.database.bury(NAME)
        promise_kept(world)
        world.move(timedelta(minutes=11))
    assert kills > ROUNDS, "hardly anybody died, and nothing is proved"
    world.move(timedelta(hours=1))
    assert not world.sweeps()
    record_property(SEEN, f"{kills} kills, {len(world.mailbox.letters)} mails taken")
    judge(world, stage.OUTCOME | stage.OF_CROWD, may_repeat=True)
