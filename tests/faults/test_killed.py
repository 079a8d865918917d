"""A worker is killed before every statement of a sweep, and before and after every commit. Each time the stage is set anew, the sweep dies there, one
round of sweeps runs, and everything is judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest

from tests.faults import stage
from tests.faults.judge import judge, promise_kept
from tests.faults.summary import FAULT, SEEN
from tests.faults.workers import NAME, Nursery
from tests.faults.world import World

PAUSE = timedelta(hours=1)
SHARES = 4  # of the moments of one sweep's life: one test that dies at all of them takes minutes on a busy machine


@dataclass(frozen=True)
class Victim:
    """A sweep, the round that follows its death, and where that brings drafts. Only these services have files here: the store is slow."""

    job: str
    round: tuple[str, ...]
    files_of: tuple[str, ...]
    outcome: Mapping[str, str]

    def __str__(self) -> str:
        return self.job


DRAFTS = ("drafts.warn", "drafts.expire", "drafts.purge")
FILES = ("media.sweep", "drafts.purge")
UNSWEPT = {
    "idle": "open",
    "forgotten": "open",
    "past": "gone",
    "restorable": "deleted",
    "listing": "being edited",
    "abandoned": "being edited",
}
TIDY = ("drafts.tidy", "media.sweep", "drafts.purge")
VICTIMS = [
    Victim("drafts.warn", DRAFTS, files_of=(), outcome=stage.OUTCOME | {"abandoned": "being edited"}),
    Victim("drafts.expire", DRAFTS, files_of=(), outcome=stage.OUTCOME | {"abandoned": "being edited"}),
    Victim("drafts.purge", FILES, files_of=("listing", "past", "restorable"), outcome=UNSWEPT),
    Victim("media.sweep", FILES, files_of=("listing", "idle", "fresh"), outcome=UNSWEPT),
    Victim("drafts.tidy", TIDY, files_of=("abandoned", stage.NOTHING), outcome=UNSWEPT | {"abandoned": "published"}),
]


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("victim", VICTIMS, ids=str)
def test_a_worker_may_be_killed_at_any_statement(
    world: World,
    nursery: Nursery,
    victim: Victim,
    share: int,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    record_property(FAULT, f"worker killed at every statement of {victim} ({share + 1} of {SHARES})")
    broken, kills = [], 0
    for at in count(share + 1, SHARES):
        world.reset(monkeypatch, victim.files_of)
        [answer] = nursery.run({"job": victim.job, "now": world.now.isoformat(), "at": at})
        assert "failed" not in answer, answer
        if not answer["killed"]:
            break
        kills += 1
        # The round comes an hour later; in this test that is at once.
        world.database.bury(NAME)
        try:
            promise_kept(world)
            world.move(PAUSE)
            assert not world.sweeps(*victim.round)
            judge(world, victim.outcome, may_repeat=True, files=bool(victim.files_of))
        except AssertionError as error:
            broken.append(f"killed at {at}: {error}")
    record_property(SEEN, f"{kills} kills, {len(broken)} broken")
    assert not broken, "\n\n".join(broken)
    assert kills == len(range(share + 1, answer["boundaries"] + 1, SHARES)) > 1, "the sweep was not killed at every point"
