"""Random histories, one or some side by side: what happens is drawn from their seed alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import delete, func, select

from app.drafts import sweeps
from app.drafts.models import ExpiryWarning
from app.extensions import db
from app.insights.models import Event
from app.insights.pace import Pace
from app.insights.runs import Turn
from app.providers.models import Provider
from app.services.models import Service
from app.storage.models import LedgerEntry
from tests.drafts.deeds import Cast
from tests.drafts.post import MOODS
from tests.drafts.witness import Broken, Witness
from tests.drafts.world import World

MINUTES = (0, 0, 3, 6, 20, 61, 300, 660, 1380, 1440, 1441, 1500, 2880, 2940, -60)
WINDOWS = ((24, 48), (24, 48), (1, 2), (12, 60), (47, 48), (72, 168), (2, 3))
SWEEPS = ("warn", "warn", "expire", "expire", "purge")
TABLES = (Event, LedgerEntry, Service, Provider)


def lived(world: World, seed: str, *, casts: int = 1, verbose: bool = False) -> Witness:
    """Live through one history in an empty database, or through some that share clock, settings, mail server and sweeps; raises `Broken`."""
    world.apart(_empty)
    history = History(world, seed, casts, verbose)
    history.live()
    return history.witness


def _empty() -> None:
    for table in TABLES:
        db.session.execute(delete(table))
    db.session.commit()


class History:
    """Providers by twos, their first drafts, some steps in which anything may happen, and an end in which everything must come right."""

    def __init__(self, world: World, seed: str, casts: int, verbose: bool) -> None:
        self.world, self.random, self.verbose = world, Random(seed), verbose
        self.witness = Witness()
        world.begin(self.random, self.witness, self.say)
        self.casts = [Cast(world, number, self.say) for number in range(casts)]
        world.settings = replace(world.settings, draft_restore_for=timedelta(days=7))
        self.set_windows(24, 48)

    def live(self) -> None:
        self.do(self.set_up)
        for _each in range(self.random.randint(6, 16)):
            self.step()
        self.come_to_an_end()

    def set_up(self) -> None:
        for cast in self.casts:
            cast.sign_up()
        db.session.flush()
        for cast in self.casts:
            for _each in range(self.random.randint(2, 3)):
                cast.begin(0.9)
        db.session.commit()

    def step(self) -> None:
        self.witness.step += 1
        chance = self.random.random()
        if chance < 0.25:
            self.pass_time(self.random.choice(MINUTES))
        elif chance < 0.32:
            self.world.mood = self.say("mail", self.random.choice(MOODS))
        elif chance < 0.37:
            self.set_windows(*self.random.choice(WINDOWS))
        elif chance < 0.62:
            for cast in self.casts:
                self.do(cast.act)
        else:
            names = self.random.choices(SWEEPS, k=self.random.choice((1, 1, 2, 3)))
            self.say("sweep", *names)
            killing = self.random.choice((0, 0, 0.1))
            self.world.together(*map(self.sweep, names), meanwhile=self.meanwhile, killing=killing)

    def meanwhile(self) -> None:
        """Something else, while a sweep stands still."""
        self.witness.step += 1
        chance = self.random.random()
        if chance < 0.7:
            self.do(self.random.choice(self.casts).act)
        elif chance < 0.8:
            self.set_windows(*self.random.choice(WINDOWS))
        else:
            self.pass_time(self.random.choice(MINUTES))
            self.world.stood_still = True

    def do(self, deed: Callable[[], object]) -> None:
        working, self.world.working = self.world.working, set()
        self.world.apart(deed)
        self.world.look()
        self.world.working = working

    def sweep(self, name: str) -> Callable[[], object]:
        pace = Pace(most=self.random.choice((1, 2, 50)), largest=50, seconds=1)
        return partial(getattr(sweeps, name), self.world.settings, Turn(pace=pace))

    def pass_time(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes, microseconds=self.random.choice((0, 0, 1, 999_999)))
        self.say("clock", self.world.now)

    def set_windows(self, warn_after: int, delete_after: int) -> None:
        hours = {"draft_warn_after": timedelta(hours=warn_after), "draft_delete_after": timedelta(hours=delete_after)}
        self.world.settings = self.world.app.extensions["settings"] = replace(self.world.settings, **hours)
        self.say("windows", warn_after, delete_after)

    def come_to_an_end(self) -> None:
        """The faults lift. One round of sweeps later everybody is told; some windows later nothing is left but what was published."""
        self.world.mood, self.world.danger = self.say("mail", "takes"), 0
        window = self.world.settings.draft_delete_after + timedelta(hours=1)
        for ahead in (timedelta(hours=6), window + timedelta(days=7), window, timedelta(days=7)):
            self.witness.step += 1
            self.world.now += ahead
            self.say("clock", self.world.now)
            for name in ("warn", "expire", "purge"):
                if ahead == timedelta(hours=6) or self.unpublished():
                    self.world.together(self.sweep(name))
            if ahead == timedelta(hours=6) and any(not each.was_told_of for each in self.witness.drafts.values()):
                raise Broken("a deletion was never told")
            if not self.unpublished():
                break
        if left := self.unpublished():
            raise Broken(f"for ever: {left}")
        self.do(self.nothing_is_left)

    def unpublished(self) -> list[Any]:
        return [each for each in self.witness.drafts.values() if not each.is_published]

    def nothing_is_left(self) -> None:
        if db.session.scalar(select(func.count()).select_from(ExpiryWarning).where(ExpiryWarning.sent_at.is_(None))):
            raise Broken("a claimed warning is left")

    def say(self, *words: Any) -> Any:
        if self.verbose:
            print(f"{self.witness.step:3}", *words)
        return words[-1]
