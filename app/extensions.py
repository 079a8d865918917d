"""The extensions, bare: `create_app` connects them to an application."""

import select
import sqlite3
from typing import Any, cast

from flask import Flask
from flask_babel import Babel
from flask_limiter import Limiter
from flask_mailman import Mail
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData, Table, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase

from app import networks

# Alembic can only drop or change a constraint that has a name.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


def table(model: type[Base]) -> Table:
    """The bare table of a model. For a statement that changes rows and tells the session nothing of it (`synchronize_session=False` of the ORM), at
    a third of the price; what is pending in the session must be flushed before."""
    return cast(Table, model.__table__)


# WAL lets readers and one writer work side by side; a writer waits up to 5 s for its turn instead of failing. Moving the log into the file waits for
# the disk, and whoever commits next pays for it: every 16 MB, not every 4, is one save in some thousand. Sweeps do it earlier (`insights/pace.py`).
PRAGMAS = (
    *("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000", "cache_size=-16000"),
    "wal_autocheckpoint=4000",
)

db = SQLAlchemy(model_class=Base, disable_autonaming=True)
csrf = CSRFProtect()
limiter = Limiter(key_func=networks.of_request)
security = Security()
mail = Mail()
babel = Babel()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "checkout")
def _notice_a_closed_end(connection: Any, _record: Any, _proxy: Any) -> None:
    """A database that was restarted has closed its end of the connections that rest in the pool: then, and only then, there is something to
    read from one. To look costs no round trip, which asking with a statement (`pool_pre_ping`) costs every request."""
    if isinstance(connection, sqlite3.Connection):
        return
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        raise InvalidatePoolError()


def hang_up() -> None:
    """Close the connections that rest in the pools."""
    for engine in db.engines.values():
        engine.dispose()


def init_app(app: Flask) -> None:
    """Connect them. Flask-Security is connected by `app/account`, which has its forms and pages."""
    db.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
