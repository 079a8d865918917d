"""A small world in which random histories happen: a clock that skips, a mail server with moods, and sweeps that are interleaved at their commits.

Whatever sweeps does so in a greenlet of its own, with a session of its own. It hands over after each commit and while the mail server has the word;
the history decides who goes on, what happens meanwhile, and who is killed there.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from flask import Flask
from greenlet import getcurrent, greenlet

from app.config import Settings
from app.extensions import db
from app.reminders import links
from tests.drafts.witness import Row, Witness

BEGIN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WHAT_IS_THERE = "SELECT id, status, deleted_at, deleted_by, purge_at, expires_at FROM service"
LINK = re.compile(r"/l/(?:keep|resume)/([\w.\-]+)")


class Killed(BaseException):
    """What SIGKILL looks like from inside."""


class World:
    """One application, one database, one moment."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.engine = db.engine
        self.now = BEGIN
        self.mood = "takes"
        self.random = Random()
        self.witness = Witness()
        self.owners: dict[str, int] = {}  # address -> whose it is or was
        self.addresses: dict[int, str] = {}  # the other way round: the present one
        self.working: set[greenlet] = set()
        self.hub = getcurrent()
        self.notice_of: dict[Any, timedelta] = {}
        self.danger = 0.01  # of dying at a commit
        self.in_flight: dict[Any, str] = {}  # mails that were taken, and of which that isn't recorded yet
        self.stood_still = False  # whether a worker stood still for so long that others take it for dead
        self.say: Callable[..., object] = lambda *_words: None
        self.settings: Settings = app.extensions["settings"]
        self.writing: set[greenlet] = set()  # who has written something and not committed it
        self.rows: dict[tuple[Any, ...], Row] = {}  # as the database gave them, and read
        self.judged: int | None = None  # what the witness had heard when all that is committed was judged

    def begin(self, random: Random, witness: Witness, say: Callable[..., object]) -> None:
        """A new history, in which nobody has done anything yet."""
        self.random, self.witness, self.say = random, witness, say
        self.now, self.mood, self.danger = BEGIN, "takes", 0.01
        self.owners, self.addresses = {}, {}
        self.rows, self.judged = {}, None

    def wrote(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("SELECT"):
            self.writing.add(getcurrent())

    def committed(self, *_of_event: Any) -> None:
        self.in_flight.pop(getcurrent(), None)
        if getcurrent() in self.writing:
            self.writing.remove(getcurrent())
            self.judged = None
        self.hand_over()

    def hand_over(self) -> None:
        if getcurrent() in self.working:
            self.hub.switch()

    def may_die(self, *_of_event: Any) -> None:
        if getcurrent() in self.working and self.random.random() < self.danger:
            self.dies(getcurrent())
            raise Killed()

    def dies(self, worker: greenlet) -> None:
        """Whose mail was taken, and who dies before that is recorded, leaves the one gap that SMTP has."""
        self.say("a sweep is killed")
        if worker in self.in_flight:
            self.witness.gaps.add(self.in_flight.pop(worker))

    def apart(self, act: Callable[[], object]) -> None:
        """Do it with a session of its own; what was not committed is lost if it dies."""
        with self.app.app_context(), suppress(Killed):
            try:
                act()
                db.session.commit()
            finally:
                db.session.remove()
                self.writing.discard(getcurrent())

    def together(self, *acts: Callable[[], object], meanwhile: Callable[[], None] = lambda: None, killing: float = 0) -> None:
        """Interleave them at their commits; after each piece, judge what has become of the drafts."""
        self.hub = getcurrent()
        running = [greenlet(lambda act=act: self.apart(act)) for act in acts]
        self.working, self.stood_still = set(running), False
        # A process has the settings that it began with.
        self.notice_of = dict.fromkeys(running, self.settings.notice)
        while running:
            each = self.random.choice(running)
            if each and self.random.random() < killing:
                self.dies(each)
                each.throw(Killed)
            else:
                each.switch()
            self.look()
            if each.dead:
                running.remove(each)
            elif self.random.random() < 0.2:
                meanwhile()
        self.working, self.in_flight = set(), {}

    def look(self) -> None:
        """Judge what has become of the drafts, unless nothing was written, done or told since it was judged the last time."""
        if self.judged == self.witness.order:
            return
        with self.engine.connect() as connection:
            there = connection.exec_driver_sql(WHAT_IS_THERE).all()
        # A row is read once, as long as it stays as it is.
        self.rows = {row: self.rows.get(row) or _read(row) for row in map(tuple, there)}
        rows = {row.id: row for row in self.rows.values()}
        self.witness.found(rows, self.now)
        self.judged = self.witness.order

    def receive(self, message: Any, address: str, is_gap: bool) -> None:
        """The server has taken it: from now on its reader knows."""
        message_id, text = message.extra_headers["Message-ID"], message.body
        self.witness.took_mail(message_id, is_gap or self.stood_still)
        self.in_flight[getcurrent()] = message_id
        told = {(link.service_id, link.expires_at) for link in map(self._read, LINK.findall(text))}
        for identity, moment in sorted(told):
            self.witness.took_warning(message_id, identity, moment, self.now, self.notice_of[getcurrent()])
        if not told:
            for identity, known in self.witness.drafts.items():
                if known.restorable_until and known.owner == self.owners[address] and f"D-{identity}" in text:
                    self.witness.took_farewell(identity)

    def _read(self, token: str) -> links.DraftLink:
        for purpose in ("keep", "resume"):
            try:
                return links.read_draft(purpose, token)
            except Exception:
                continue
        raise AssertionError(token)


def _read(row: tuple[Any, ...]) -> Row:
    """SQLite gives ids and moments as text."""
    identity, status, deleted_at, deleted_by, purge_at, expires_at = row
    moments = [
        datetime.fromisoformat(each).replace(tzinfo=UTC) if isinstance(each, str) else each
        for each in (deleted_at, purge_at, expires_at)
    ]
    return Row(UUID(identity) if isinstance(identity, str) else identity, status, moments[0], deleted_by, *moments[1:])
