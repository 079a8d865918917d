"""What every test can ask for: the application on SQLite and on PostgreSQL, a strict browser and a cast of people. Clocks: `clocks.py`."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import config, create_app, mail
from app.extensions import db, hang_up
from app.ops.schema import bring_up_to_date
from tests import factories, queues
from tests.servers.smtp import MailServer
from tests.strict import StrictClient

pytest_plugins = ["tests.clocks", "tests.servers.fixtures", "tests.nothing_skipped", "tests.faults.summary"]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Each test that touches rows runs on both databases. Ask for PostgreSQL's server only when it is its turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/shingle.sqlite3"


@pytest.fixture(scope="session")
def environment(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of the application under test, as an operator would give them."""
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
        "SECRET_KEY": "only-for-tests",
        "BASE_URL": "http://localhost",
        "RATE_LIMITS": "no",
        "PASSWORD_MEMORY": "64K",
        "DEFAULT_TIME_ZONE": "Europe/Berlin",
    }


@pytest.fixture(scope="session")
def migrated_app(environment: dict[str, str]) -> Iterator[Flask]:
    """One application per database and worker; its tables come from the migrations, as everywhere."""
    app = create_app(config.load(environment))
    app.testing = True
    bring_up_to_date(app)
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("SET client_min_messages TO warning"))
    yield app
    with app.app_context():
        # A connection that is left to the garbage collector warns, and a warning fails the run.
        hang_up()


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application with empty tables, and an application context for operations called directly."""
    with migrated_app.app_context():
        _empty_tables()
        migrated_app.extensions["queues"]["mail"].connection.flushdb()  # jobs that failed are somebody else's too
        yield migrated_app
        db.session.remove()


def _empty_tables() -> None:
    tables = [table for table in reversed(db.metadata.sorted_tables) if table.name != "service_type"]
    if db.engine.dialect.name == "postgresql":
        # In one round trip. TRUNCATE makes new files for each table and index: thirty times as slow where there are few rows.
        db.session.execute(text("; ".join(f'DELETE FROM "{table.name}"' for table in tables)))
    else:
        for table in tables:
            db.session.execute(table.delete())
    db.session.commit()


@pytest.fixture
def make_app(app: Flask, environment: dict[str, str]) -> Iterator[Callable[..., Flask]]:
    """A second application on the same servers, with other settings."""
    made: list[Flask] = []

    def make(**settings: str) -> Flask:
        made.append(create_app(config.load(environment | settings)))
        made[-1].testing = True
        return made[-1]

    yield make
    for each in made:
        with each.app_context():
            db.session.remove()
            hang_up()


@pytest.fixture
def client(app: Flask) -> StrictClient:
    """A browser without a session. Every HTML answer is parsed strictly."""
    app.test_client_class = StrictClient
    client = app.test_client()
    assert isinstance(client, StrictClient)
    return client


@pytest.fixture
def ada(app: Flask) -> Any:
    """Ada runs a salon in Berlin. She is confirmed and reads English."""
    return factories.provider("ada@example.com", display_name="Ada's Salon", time_zone="Europe/Berlin")


@pytest.fixture
def boris(app: Flask) -> Any:
    """Boris is a tutor in London, and nothing of Ada's is his business."""
    return factories.provider("boris@example.com", display_name="Boris Tutoring", time_zone="Europe/London")


@pytest.fixture
def as_ada(client: StrictClient, ada: Any) -> StrictClient:
    return client.sign_in(ada)


@pytest.fixture
def as_boris(app: Flask, boris: Any) -> StrictClient:
    app.test_client_class = StrictClient
    client = app.test_client()
    assert isinstance(client, StrictClient)
    return client.sign_in(boris)


@pytest.fixture
def posted(app: Flask, smtp_server: MailServer) -> Iterator[MailServer]:
    """The application with a mail server that is empty."""
    settings, mailman, before = app.extensions["settings"], app.extensions["mailman"], dict(app.config)
    app.extensions["settings"] = replace(settings, smtp_url=smtp_server.url)
    mail.init_app(app)
    smtp_server.reset()
    yield smtp_server
    app.extensions["settings"], app.extensions["mailman"] = settings, mailman
    app.config.update({name: value for name, value in before.items() if name.startswith("MAIL_")})


@pytest.fixture
def write_letters(app: Flask) -> Callable[[], None]:
    """Do what the worker would do with the letters that requests left behind."""

    def work() -> None:
        for waiting in [each for each in queues.waiting(app) if each.func_name == "jobs.mail.letter"]:
            waiting.func(*waiting.args)
            waiting.delete()

    return work


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements that were sent while the test ran; clear it where counting begins."""
    from sqlalchemy import event

    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    for engine in db.engines.values():
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in db.engines.values():
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds `wsgi.py`."""
    return Path(__file__).resolve().parent.parent
