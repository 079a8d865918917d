"""What a run stands on: a database, a queue, a store, the site in a process that can be killed, and the line before it. And what the site keeps."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app import config, create_app
from app.extensions import db, hang_up
from app.ops.schema import bring_up_to_date
from app.providers.models import Provider
from app.services import operations
from app.services.models import Service, Status
from app.storage import store
from app.wizard import answers, publishing, steps
from app.wizard.context import Context
from app.wizard.models import EarlierAnswer
from app.wizard.typed import Typed
from tests import factories
from tests.media import files
from tests.servers import postgres, redis
from tests.servers.line import Line
from tests.servers.start import ROOT, Run, free_port
from tests.servers.start import answers as accepts
from tests.strict import StrictClient

PASSWORD = "seven green umbrellas"
HELD = 12.0  # seconds: Chromium tells a program nothing of a page whose next one is held up
BEGUN: dict[str, Typed] = {
    "basics": {"name": ["Haircut"], "service_type": ["hair"], "summary": ["Wash, cut and blow-dry"]},
    "details": {
        "description": ["An hour for your hair."],
        "included": ["Wash"],
        "places": ["provider"],
        "location": ["Berlin"],
    },
    "price": {
        "price_kind": ["fixed"],
        "price_minor": ["45.00"],
        "currency": ["EUR"],
        "duration_minutes": ["60"],
        "packages-0-name": ["Long"],
        "packages-0-duration_minutes": ["90"],
        "packages-0-price_minor": ["70"],
        "packages-1-name": ["Short"],
        "packages-1-duration_minutes": ["30"],
        "packages-1-price_minor": ["20"],
    },
    "availability": {"mon-opens": ["09:00"], "mon-closes": ["12:30"], "notice_hours": ["24"], "capacity": ["1"]},
}


@dataclass(frozen=True)
class Account:
    """Who types in a round, and in which listing."""

    email: str
    provider_id: UUID
    service_id: UUID


@dataclass(frozen=True)
class Kept:
    """What the site has of a listing: answers as they are edited, what visitors see, earlier versions, and the steps that were ever saved."""

    answers: dict[str, Typed]
    saved: frozenset[str]
    listing: dict[str, Typed]
    history: list[Typed]


class World:
    """`with World("sqlite", folder) as world:` and a site stands behind `world.line.url`."""

    def __init__(self, database: str, folder: Path) -> None:
        self.kills = 0
        self._ahead = folder / "ahead"
        self._ahead.write_text("0")
        run = Run(owner=os.getpid(), notes=folder, number=0)
        url = f"sqlite:///{folder}/shingle.sqlite3"
        if database == "postgresql":
            url = postgres.new_database(run.once("postgres", postgres.start), "typist")
        self._port, self._serving = free_port(), 0
        self.line = Line(f"http://127.0.0.1:{self._port}")
        self.line.longest = HELD
        self._environment = {
            "DATABASE_URL": url,
            "REDIS_URL": f"{run.once('redis', redis.start)}/0",
            "VAR_DIR": str(folder / "var"),
            "SECRET_KEY": "only-for-tests",
            "RATE_LIMITS": "no",
            "PASSWORD_MEMORY": "64K",
            "LOG_LEVEL": "ERROR",
        }

    def __enter__(self) -> "World":
        self.line.__enter__()
        self._environment["BASE_URL"] = self.line.url
        self.app = create_app(config.load(self._environment))
        bring_up_to_date(self.app)
        with self._rows():
            factories.service_type()
        command = [sys.executable, "-m", "tests.browser.typist.server"]
        log = ROOT / "var" / "typist.log"
        log.parent.mkdir(exist_ok=True)
        with open(log, "wb") as said:
            self._server = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
            )
        settings = {"environment": self._environment, "port": self._port, "ahead": str(self._ahead)}
        self._tell(json.dumps(settings))
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._serving:
            with suppress(ProcessLookupError):
                os.kill(self._serving, signal.SIGKILL)
        self._server.kill()
        self._server.communicate()
        self.line.__exit__(*error)
        with self.app.app_context():
            hang_up()

    def start(self) -> None:
        """Serve, if nobody does."""
        if self._serving:
            return
        self._tell("start")
        assert self._server.stdout
        self._serving = int(self._server.stdout.readline())

    def kill(self) -> None:
        if self._serving:
            os.kill(self._serving, signal.SIGKILL)
            self._serving, self.kills = 0, self.kills + 1

    def jump(self, seconds: float) -> None:
        """The site's clock goes on from another moment, so many seconds from the machine's."""
        fresh = self._ahead.with_suffix(".new")
        fresh.write_text(str(seconds))
        fresh.replace(self._ahead)  # whole at every moment: the site reads it whenever it asks for the time

    def until_served(self) -> None:
        patience = time.monotonic() + 60
        while not accepts(self._port):
            assert time.monotonic() < patience, "the site does not come up"
            time.sleep(0.02)

    def begin(self, state: str) -> Account:
        """A new account with a listing: `empty` (an untouched draft), `whole` (a draft that could be published) or `published`; with two photos."""
        with self._rows():
            email = f"{uuid4().hex[:12]}@example.com"
            owner = factories.provider(email, password=hash_password(PASSWORD))
            draft = factories.draft(owner)
            for _photo in range(2):
                _add_photo(draft)
            for key, typed in {} if state == "empty" else BEGUN.items():  # type: ignore[attr-defined]
                answers.save(Context.of(owner, draft), steps.find(key), typed, 0, config.current())
            if state == "published":
                publishing.publish(Context.of(owner, draft), is_public=True)
            db.session.commit()
            return Account(email, owner.id, draft.id)

    def cookie(self, account: Account) -> str:
        """What signing in gives to a browser."""
        with self._rows():
            client = StrictClient(self.app).sign_in(db.session.get_one(Provider, account.provider_id))
            found = client.get_cookie("session")
            assert found is not None
            return cast(str, found.value)

    def end_sessions(self, account: Account) -> None:
        """Sign the account out everywhere, as changing the password does."""
        with self._rows():
            db.session.get_one(Provider, account.provider_id).fs_uniquifier = uuid4().hex
            db.session.commit()

    def publish_again(self, account: Account) -> None:
        """Where the listing is archived: its steps can't be opened until it is back."""
        with self._rows():
            if db.session.get_one(Service, account.service_id).status == Status.ARCHIVED:
                operations.resume(account.service_id, account.provider_id)
                db.session.commit()

    def kept(self, account: Account) -> Kept:
        with self._rows():
            found = select(Service).where(Service.id == account.service_id).options(undefer(Service.answers))
            service = db.session.scalars(found).one()
            context = Context.of(db.session.get_one(Provider, account.provider_id), service)
            is_shown = service.published_at is not None
            shown = {step.key: step.form.write(service, step.key, context) for step in steps.STEPS} if is_shown else {}
            earlier = db.session.scalars(select(EarlierAnswer).where(EarlierAnswer.service_id == service.id))
            now = {key: entry["typed"] for key, entry in answers.of(context).items()}
            return Kept(now, frozenset(service.answers or {}), shown, [each.typed for each in earlier])

    def _tell(self, words: str) -> None:
        assert self._server.stdin
        self._server.stdin.write(f"{words}\n")
        self._server.stdin.flush()

    @contextmanager
    def _rows(self) -> Iterator[None]:
        with self.app.app_context():
            try:
                yield
            finally:
                with suppress(Exception):
                    db.session.remove()


def _add_photo(draft: Service) -> None:
    """A photo that was verified, with its one picture in the store."""
    body, key = files.jpeg(64, 48), f"media/{uuid4().hex}-64.jpg"
    store().write(key, BytesIO(body), size=len(body), content_type="image/jpeg")
    variant: dict[str, Any] = {"key": key, "width": 64, "height": 48, "type": "image/jpeg", "bytes": len(body)}
    name = f"photo-{uuid4().hex[:4]}.jpg"
    factories.media(draft, file_name=name, content_type="image/jpeg", width=64, height=48, variants=[variant])
