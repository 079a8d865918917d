"""How much a sweep does in one transaction: as much as takes a short while, found out as it goes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import text

from app.extensions import db

FEWEST = 5  # rows: fewer take no less, where it is the machine that is busy


@dataclass
class Pace:
    """Batches of about `seconds` each, and between two of them at least `pause`, or as long as the last one took if that was longer. `most` never
    grows beyond `largest`."""

    most: int
    largest: int
    seconds: float
    pause: float = 0
    _goes_on_at: float = field(default=0, init=False)

    @classmethod
    def of_database(cls) -> "Pace":
        """PostgreSQL locks rows that nobody saves; its batches are large for the sake of few statements.

        SQLite has one writer: whoever saves waits for the sweep. It looks again after 1, 3, 8, 18, 33, 53, 78, 103, 128, 178 ms
        (`sqliteDefaultBusyCallback` in its main.c), so a batch of some 10 ms and a pause of 20 let it in within 40. Without a pause the sweep would
        be back before it looks; after a batch that took long on a busy machine, whoever waited for it sleeps longer, but never longer than it took.
        However fast the batches before were, the next one is small: a machine that has other things to do holds nobody up for long. And it is the
        sweep that moves SQLite's log into the file, long before somebody's save would have to.
        """
        if db.engine.dialect.name == "postgresql":
            return cls(most=1000, largest=2000, seconds=0.5)
        for pragma in ("wal_autocheckpoint=1000", "cache_size=-4000"):  # a batch touches few pages, and never the same again
            db.session.execute(text(f"PRAGMA {pragma}"))
        return cls(most=25, largest=100, seconds=0.01, pause=0.02)

    @contextmanager
    def batch(self) -> Iterator[int]:
        """Do up to so many inside, and commit after: a commit may take long, when SQLite moves its log into the file, and holds nobody up then."""
        began = time.monotonic()
        if (rest := self._goes_on_at - began) > 0:
            time.sleep(rest)
            began = time.monotonic()
        yield self.most
        ended = time.monotonic()
        took = max(ended - began, 1e-4)
        self._goes_on_at = ended + (max(self.pause, took) if self.pause else 0)
        self.most = max(min(FEWEST, self.largest), min(self.largest, int(self.most * min(2.0, self.seconds / took))))
