"""One round: a script is done, brought to rest, and judged."""

import re
from collections import Counter
from dataclasses import dataclass, field

from playwright.sync_api import Browser

from tests.browser.typist.device import Devices
from tests.browser.typist.judging import Difference, Judge
from tests.browser.typist.model import Model
from tests.browser.typist.person import Person
from tests.browser.typist.script import Script
from tests.browser.typist.settling import Settling
from tests.browser.typist.world import World

CALM = 1_000  # ms between the last action and the last look at what the pages say by themselves
#: While changes are discarded (archiving does so too) nothing else is saved, or nobody could tell what the person saw and discarded.
APART = re.compile(r"/services/[^/]+/(discard-changes|archive)$")


@dataclass
class Numbers:
    """What was done so far, in all rounds."""

    counts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        names = (
            "rounds",
            "actions",
            "characters",
            "words",
            "comparisons",
            "requests",
            "kills",
            "cuts",
            "conflicts",
            "differences",
        )
        return ", ".join(f"{self.counts[name]:,} {name}" for name in names)


def play(browser: Browser, world: World, script: Script, numbers: Numbers, kind: str | None = None) -> list[Difference]:
    """Do a script from its beginning, on a listing of its own, and tell what was wrong; it ends at once when that is of this `kind`, or any."""
    account, model = world.begin(script.state), Model()
    world.line.apart, world.line.before_apart = APART, lambda: model.discard(world.kept(account))
    seen, kills = world.line.seen, world.kills
    devices = Devices(browser, world, account, model, script.begin)
    try:
        person, judge = Person(world, devices), Judge(devices, model)
        for action in script.actions:
            person.do(action)
            model.restarted |= action["do"] in ("press", "manage") and action["name"] not in ("Continue", "Back")
            judge.watch(action.get("who"))
            if any(kind in (None, each.kind) for each in judge.found):
                break
        person.rest(CALM)
        judge.watch(None)
        settling = Settling(world, devices, person, model, script.seed)
        settling.settle()
        if not any(kind in (None, each.kind) for each in judge.found):
            judge.end(settling, kind)
    finally:
        devices.close()
        world.line.release()
    numbers.counts.update(
        rounds=1,
        actions=len(script.actions),
        characters=model.characters,
        words=len(model.typed),
        cuts=person.cuts,
        comparisons=judge.comparisons,
        requests=world.line.seen - seen,
        kills=world.kills - kills,
        conflicts=model.conflicts,
    )
    return judge.found
