"""Everything a fault can happen to, in one hand."""

import importlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask

from app import clock
from app.extensions import db, mail
from jobs.schedule import SCHEDULE
from tests import queues
from tests.faults import stage
from tests.faults.servers import Database, Mailbox, Queue, Store
from tests.servers.s3 import Bucket

# The files first, because what they let go of is deleted by the last.
ROUND = sorted(SCHEDULE, key=lambda name: (name == "drafts.purge", name != "media.sweep", name != "drafts.warn"))
#: For a test's patience: the product waits eight seconds for a mail server, and three for Redis.
MAIL_TIMEOUT = REDIS_TIMEOUT = 0.7


class World:
    """The application, its servers, and the clock. `reset` sets the stage."""

    def __init__(self, app: Flask, database: Database, queue: Queue, mailbox: Mailbox, store: Store, bucket: Bucket) -> None:
        self.app, self.database, self.queue, self.mailbox = app, database, queue, mailbox
        self.store, self.bucket = store, bucket
        self.settings: dict[str, str] = {}
        self.began = self.now = self.latest = clock.now()
        app.config["MAIL_TIMEOUT"] = MAIL_TIMEOUT
        mail.init_app(app)
        app.extensions["queues"]["mail"].connection.connection_pool.connection_kwargs["socket_timeout"] = REDIS_TIMEOUT

    def reset(self, patch: pytest.MonkeyPatch, files_of: Collection[str] = (*stage.OUTCOME, stage.NOTHING)) -> None:
        """All servers up and well behaved, the stage set, with the files of these services, and the clock stopped at the real time: the store has a
        clock of its own."""
        patch.setattr(clock, "read", lambda: self.now)
        # There are some seconds between the tries of a request to the store; the tries themselves are as always.
        patch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
        patch.setattr("app.storage.s3.wire.delay", lambda _tries: 0)
        self.now = self.latest = self.began
        self.mailbox.reset()
        self.store.reset()
        self.queue.flush()
        self.app.extensions["queue_silent"]["until"] = 0.0
        stage.empty()
        stage.build(self.now, self.bucket, files_of)

    def move(self, by: timedelta) -> datetime:
        self.now += by
        self.latest = max(self.latest, self.now)
        return self.now

    def sweep(self, name: str) -> Exception | None:
        """Run a job as a worker does; the error it raised."""
        module, function = name.rsplit(".", 1)
        try:
            getattr(importlib.import_module(f"jobs.{module}"), function)()
        except Exception as error:
            return error
        finally:
            db.session.remove()
        return None

    def sweeps(self, *names: str, workers: bool = False) -> Sequence[Exception]:
        """Each sweep once, or these; with `workers` what the sweep of the files asks them for, too. What failed."""
        failed = []
        for name in names or ROUND:
            failed.append(self.sweep(name))
            if workers and name == "media.sweep":
                self._work()
        return [error for error in failed if error is not None]

    def _work(self) -> None:
        queues.work(self.app)
        db.session.remove()
