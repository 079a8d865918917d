"""One PostgreSQL, Redis, mail server and way to the store for all faults of a test process; `world` sets the stage on them."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import config, create_app
from app.extensions import db, hang_up
from app.ops.schema import bring_up_to_date
from app.providers.models import Provider
from tests.faults import witness
from tests.faults.servers import Database, Mailbox, Queue, Store
from tests.faults.stage import identity
from tests.faults.workers import Nursery
from tests.faults.world import World
from tests.servers.s3 import Bucket
from tests.servers.start import Run


@pytest.fixture(scope="session")
def one_world(server_run: Run, s3_settings: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    database, queue = Database(server_run), Queue(server_run)
    with Mailbox() as mailbox, Store(s3_settings.endpoint) as store:
        settings = s3_settings.environment | {
            "DATABASE_URL": database.url,
            "REDIS_URL": queue.url,
            "SMTP_URL": mailbox.url,
            "S3_ENDPOINT_URL": store.url,
            "VAR_DIR": str(tmp_path_factory.mktemp("faults")),
            "SECRET_KEY": "only-for-tests",
            "BASE_URL": "http://localhost",
            "RATE_LIMITS": "no",
            "PASSWORD_MEMORY": "64K",
            "LOG_LEVEL": "ERROR",
        }
        app = create_app(config.load(settings))
        app.testing = True
        bring_up_to_date(app)
        with app.app_context():
            witness.install()
        world = World(app, database, queue, mailbox, store, s3_settings)
        world.settings = settings
        yield world
        with app.app_context():
            db.session.remove()
            hang_up()
        app.extensions["queues"]["mail"].connection.close()


@pytest.fixture
def world(one_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with one_world.app.app_context():
        one_world.reset(monkeypatch)
        yield one_world
        db.session.remove()


@pytest.fixture
def app(world: World) -> Flask:
    """In place of the application of all other tests: `client` and whoever signs in meet this one."""
    return world.app


@pytest.fixture
def ada(world: World) -> Provider:
    return db.session.get_one(Provider, identity("ada"))


@pytest.fixture(scope="session")
def nursery(one_world: World) -> Iterator[Nursery]:
    made = Nursery(one_world.settings)
    yield made
    made.end()
