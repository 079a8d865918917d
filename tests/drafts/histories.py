"""Random histories of drafts, judged by a model (`witness.py`) that knows only what was promised.

    python -m tests.drafts.histories --count 100000 --seed 1
    python -m tests.drafts.histories --count 2000 --seed 1 --database postgresql://… --whole-mails
    python -m tests.drafts.histories --seed 1 --only 4711 --verbose

In each: two providers, up to four drafts, 6 to 16 steps. Providers edit, keep, discard, restore, publish, upload, unsubscribe, and change their
address; mail servers refuse, bounce, vanish, and drop after DATA; the clock skips ahead and an hour back; the windows in the settings change; sweeps
run alone, interleaved at their commits and while a mail server has the word, and are killed there. At the end the faults lift, and everything
must come to its end: each draft deleted and purged, each farewell sent, no claim left.

The database is emptied. It exits with 1 at the first promise that was broken, and says how to see that history again.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import delete, func, select

from app import config, create_app
from app.drafts import operations, sweeps
from app.drafts.models import ExpiryWarning
from app.errors import ShingleError
from app.extensions import db
from app.insights.models import Event
from app.insights.pace import Pace
from app.insights.runs import Turn
from app.ops.schema import bring_up_to_date
from app.providers.models import Provider
from app.services import files
from app.services.models import Service, Status
from app.storage.models import LedgerEntry
from app.wizard import answers, steps
from app.wizard.context import Context
from tests import factories
from tests.drafts.witness import Broken, Known, Witness
from tests.drafts.world import BEGIN, MOODS, World, inhabited

MINUTES = (0, 0, 3, 6, 20, 61, 300, 660, 1380, 1440, 1441, 1500, 2880, 2940, -60)
WINDOWS = ((24, 48), (24, 48), (1, 2), (12, 60), (47, 48), (72, 168), (2, 3))
SWEEPS = ("warn", "warn", "expire", "expire", "purge")
ACTS = ("edit", "edit", "keep", "discard", "restore", "publish", "upload", "start", "stop", "resubscribe", "move", "by mail")


class History:
    """One history: what happens is drawn from its random numbers alone."""

    def __init__(self, world: World, seed: str, verbose: bool = False) -> None:
        self.world, self.random, self.verbose = world, Random(seed), verbose
        world.random, world.now, world.mood, world.danger = self.random, BEGIN, "takes", 0.01
        world.witness = self.witness = Witness()
        world.owners, world.addresses, world.say = {}, {}, self.say
        self.providers: list[UUID] = []
        self.given = world.settings = replace(world.settings, draft_restore_for=timedelta(days=7))
        self.set_windows(24, 48)

    def live(self) -> None:
        for number in range(2):
            self.do(partial(self.sign_up, number))
        for _each in range(self.random.randint(2, 3)):
            self.do(partial(self.begin, self.random.random() < 0.9))
        for _each in range(self.random.randint(6, 16)):
            self.step()
        self.come_to_an_end()

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
            self.act()
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
            self.act()
        elif chance < 0.8:
            self.set_windows(*self.random.choice(WINDOWS))
        else:
            self.pass_time(self.random.choice(MINUTES))
            self.world.stood_still = True

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

    def do(self, act: Callable[[], object]) -> None:
        working, self.world.working = self.world.working, set()
        self.world.apart(act)
        self.world.look()
        self.world.working = working

    def act(self) -> None:
        name = self.random.choice(ACTS)
        if name in ("stop", "resubscribe", "move"):
            return self.do(partial(self.change_provider, name, self.random.randrange(2)))
        if name == "start":
            return self.do(partial(self.begin, self.random.random() < 0.8)) if len(self.witness.drafts) < 4 else None
        if self.witness.drafts:
            self.do(partial(self.change_draft, name, self.random.choice(list(self.witness.drafts))))
        return None

    def sign_up(self, number: int) -> None:
        provider = factories.provider()
        self.providers.append(provider.id)
        self.world.owners[provider.email], self.world.addresses[number] = number, provider.email
        self.witness.reachable(number, True)

    def change_provider(self, name: str, number: int) -> None:
        self.say(name, number)
        provider = db.session.get_one(Provider, self.providers[number])
        if name == "move":
            provider.email, provider.undeliverable_at = f"{name}.{self.witness.step}.{provider.id.hex}@example.com", None
            self.world.owners[provider.email], self.world.addresses[number] = number, provider.email
        else:
            provider.reminders_stopped_at = self.world.now if name == "stop" else None
        db.session.commit()
        self.witness.reachable(number, provider.is_reachable)

    def begin(self, has_content: bool) -> None:
        number = self.random.randrange(2)
        provider = db.session.get_one(Provider, self.providers[number])
        draft = factories.draft(provider, has_content=has_content)
        draft.name = f"D-{draft.id}"
        db.session.commit()
        assert draft.expires_at is not None
        self.say("begin", draft.id, number, has_content, draft.expires_at)
        self.witness.drafts[draft.id] = Known(number, has_content, self.witness.next(), draft.expires_at)

    def change_draft(self, name: str, identity: UUID) -> None:
        draft, known = db.session.get(Service, identity), self.witness.drafts[identity]
        self.say(name, identity)
        if draft is None or known.is_published:
            return
        try:
            getattr(self, f"_{name.replace(' ', '_')}")(draft, known)
        except ShingleError:
            db.session.rollback()

    def _edit(self, draft: Service, known: Known) -> None:
        context, step = Context(db.session.get_one(Provider, draft.provider_id), draft), steps.STEPS[0]
        version = answers.of(context).get("basics", answers.BLANK)["version"]
        answers.save(context, step, {"summary": [str(self.witness.step)]}, version, self.world.settings)
        self._touched(draft, has_content=True)

    def _upload(self, draft: Service, known: Known) -> None:
        if draft.deleted_at is None:
            factories.media(draft)
            files.changed(draft.id)
            self._touched(draft, has_content=True)

    def _keep(self, draft: Service, known: Known) -> None:
        operations.keep(draft, self.world.settings)
        self._touched(draft)

    def _discard(self, draft: Service, known: Known) -> None:
        if draft.deleted_at is None:
            operations.discard(draft, self.world.settings)
            self._touched(draft, restorable_until=draft.purge_at)

    def _restore(self, draft: Service, known: Known) -> None:
        if draft.deleted_at is not None:
            operations.restore(draft, self.world.settings)
            self._touched(draft, restorable_until=None, was_told_of=True)

    def _publish(self, draft: Service, known: Known) -> None:
        if draft.deleted_at is None:
            draft.status, draft.expires_at, draft.revision = Status.PUBLISHED, None, draft.revision + 1
            self._touched(draft, is_published=True)

    def _by_mail(self, draft: Service, known: Known) -> None:
        """ "Delete it now", from a mail of any age: it works only for the expiry that the mail speaks of."""
        if not known.notices or draft.deleted_at is not None:
            return
        moment = self.random.choice(known.notices).moment
        is_true = any(each.order > known.touched for each in known.notices if each.moment == moment)
        operations.discard(draft, self.world.settings, "email", only_if_expires_at=moment)
        if draft.deleted_at is not None:
            if not is_true:
                raise Broken("an old mail's button deleted a draft that was touched since")
            self._touched(draft, restorable_until=draft.purge_at)

    def _touched(self, draft: Service, **known: Any) -> None:
        db.session.commit()
        db.session.refresh(draft)
        self.witness.touched(draft.id, draft.expires_at if draft.deleted_at is None else None, **known)

    def come_to_an_end(self) -> None:
        """The faults lift. One round of sweeps later everybody is told; some windows later nothing is left but what was published."""
        self.world.mood, self.world.danger = self.say("mail", "takes"), 0
        window = self.world.settings.draft_delete_after + timedelta(hours=1)
        for ahead in (timedelta(hours=6), window + timedelta(days=7), window, timedelta(days=7)):
            self.witness.step += 1
            self.world.now += ahead
            self.say("clock", self.world.now)
            for name in ("warn", "expire", "purge"):
                self.world.together(self.sweep(name))
            if ahead == timedelta(hours=6) and any(not each.was_told_of for each in self.witness.drafts.values()):
                raise Broken("a deletion was never told")
        left = [each for each in self.witness.drafts.values() if not each.is_published]
        if left:
            raise Broken(f"for ever: {left}")
        self.do(self.nothing_is_left)

    def nothing_is_left(self) -> None:
        if db.session.scalar(select(func.count()).select_from(ExpiryWarning).where(ExpiryWarning.sent_at.is_(None))):
            raise Broken("a claimed warning is left")

    def say(self, *words: Any) -> Any:
        if self.verbose:
            print(f"{self.witness.step:3}", *words)
        return words[-1]


TABLES = (Event, LedgerEntry, Service, Provider)


def empty() -> None:
    for table in TABLES:
        db.session.execute(delete(table))
    db.session.commit()


def one(world: World, seed: str, verbose: bool = False) -> Witness:
    """Live through one history; raises `Broken`."""
    world.apart(empty)
    history = History(world, seed, verbose)
    history.live()
    return history.witness


@contextmanager
def application(database: str | None) -> Iterator[Flask]:
    """An application of its own, with a database in memory's file system where there is one."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        given = {"VAR_DIR": folder, "SECRET_KEY": "only-for-tests", "SMTP_URL": "smtp://localhost:1", "LOG_LEVEL": "ERROR"}
        app = create_app(config.load(given | ({"DATABASE_URL": database} if database else {})))
        bring_up_to_date(app)
        yield app
        with app.app_context():
            db.engine.dispose()


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--seed", default="1")
    asked.add_argument("--only", type=int, help="the number of the one history to live through")
    asked.add_argument("--database", help="emptied! SQLite in a temporary folder if not given")
    asked.add_argument("--whole-mails", action="store_true", help="write every word of every mail (slow)")
    asked.add_argument("--verbose", action="store_true")
    given = asked.parse_args()
    numbers = range(given.count) if given.only is None else [given.only]
    with application(given.database) as app, inhabited(app, whole_mails=given.whole_mails) as world:
        return _all(world, given.seed, numbers, given.verbose)


def _all(world: World, seed: str, numbers: Sequence[int], verbose: bool) -> int:
    began, steps_taken, warned, expired = time.monotonic(), 0, 0, 0
    for number in numbers:
        try:
            witness = one(world, f"{seed}:{number}", verbose)
        except Broken as broken:
            print(f"history {number} of seed {seed}: {broken}\nsee it: --seed {seed} --only {number} --verbose")
            return 1
        if number % 1000 == 999:
            print(f"{number + 1} histories, {time.monotonic() - began:.0f} s", file=sys.stderr)
        steps_taken, warned, expired = steps_taken + witness.step, warned + witness.warned, expired + witness.expired
    took = time.monotonic() - began
    print(
        f"{len(numbers)} histories of seed {seed}: 0 promises broken; {steps_taken} steps, {warned} warnings, {expired} deletions, {took:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
