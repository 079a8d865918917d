"""Random histories of drafts, judged by a model (`witness.py`) that knows only what was promised.

    python -m tests.drafts.histories --count 100000 --seed 1
    python -m tests.drafts.histories --count 2000 --seed 1 --database postgresql://… --whole-mails
    python -m tests.drafts.histories --seed 1 --only 471 --verbose
    python -m tests.drafts.histories --count 1000 --seed 1 --beside 1

In each: two providers, up to four drafts, 6 to 16 steps. Providers edit, keep, discard, restore, publish, upload, unsubscribe, and change their
address; mail servers refuse, bounce, vanish, and drop after DATA; the clock skips ahead and an hour back; the windows in the settings change; sweeps
run alone, interleaved at their commits and while a mail server has the word, and are killed there. At the end the faults lift, and everything
must come to its end: each draft deleted and purged, each farewell sent, no claim left.

Sixteen of them live side by side in one world, each with its own providers and drafts, and share its clock, settings, mail server and sweeps: a sweep
then has several providers in a batch, and a history takes a quarter of the time that it takes alone (`--beside 1`), most of which is SQLAlchemy's.

The database is emptied. It exits with 1 at the first promise that was broken, and says how to see that history again.
"""

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app import config, create_app
from app.extensions import hang_up
from app.ops.schema import bring_up_to_date
from tests.drafts.history import lived
from tests.drafts.post import inhabited
from tests.drafts.witness import Broken
from tests.drafts.world import World

GARBAGE = 50_000  # objects made before Python looks for circles among them


@contextmanager
def application(database: str | None) -> Iterator[Flask]:
    """An application of its own, with a database in memory's file system where there is one."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        given = {"VAR_DIR": folder, "SECRET_KEY": "only-for-tests", "SMTP_URL": "smtp://localhost:1", "LOG_LEVEL": "ERROR"}
        app = create_app(config.load(given | ({"DATABASE_URL": database} if database else {})))
        bring_up_to_date(app)
        yield app
        with app.app_context():
            hang_up()


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--seed", default="1")
    asked.add_argument("--beside", type=int, default=16, help="so many histories share clock, settings, mail server and sweeps")
    asked.add_argument("--only", type=int, help="the number of the one world to look at")
    asked.add_argument("--database", help="emptied! SQLite in a temporary folder if not given")
    asked.add_argument("--whole-mails", action="store_true", help="write every word of every mail (slow)")
    asked.add_argument("--verbose", action="store_true")
    given = asked.parse_args()
    worlds = range(-(-given.count // given.beside)) if given.only is None else [given.only]
    with application(given.database) as app, inhabited(app, whole_mails=given.whole_mails) as world:
        return _all(world, given.seed, worlds, given.beside, given.verbose)


def _all(world: World, seed: str, worlds: Sequence[int], beside: int, verbose: bool) -> int:
    began, steps_taken, warned, expired = time.monotonic(), 0, 0, 0
    gc.freeze()
    gc.set_threshold(GARBAGE)
    for done, number in enumerate(worlds, 1):
        try:
            witness = lived(world, f"{seed}:{number}", casts=beside, verbose=verbose)
        except Broken as broken:
            again = f"--seed {seed} --beside {beside} --only {number} --verbose"
            print(f"world {number} of seed {seed}: {broken}\nsee it: {again}")
            return 1
        if done % 100 == 0:
            print(f"{done * beside} histories, {time.monotonic() - began:.0f} s", file=sys.stderr)
        steps_taken, warned, expired = steps_taken + witness.step, warned + witness.warned, expired + witness.expired
    count, took = len(worlds) * beside, time.monotonic() - began
    print(f"{count} histories of seed {seed}, {beside} to a world: 0 promises broken")
    print(f"{steps_taken} steps, {warned} warnings, {expired} deletions; {took:.0f} s, {took / count * 1000:.1f} ms each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
