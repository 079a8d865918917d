"""Who owns what. Another provider's row answers exactly as one that does not exist."""

from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update

from app.errors import NotFound
from app.extensions import db, table
from app.providers.models import Provider

Row = TypeVar("Row")

_PROVIDER = table(Provider)
_LOCK = update(_PROVIDER).where(_PROVIDER.c.id == bindparam("identity")).values(fs_uniquifier=_PROVIDER.c.fs_uniquifier)

_BY_SESSION = select(Provider).where(Provider.fs_uniquifier == bindparam("session"))


def owned(model: type[Row], identity: UUID, provider_id: UUID, *options: Any) -> Row:
    """The provider's own row; `NotFound` when there is none, or when it is somebody else's.

    `options` are loader options that live as long as the process: the statement is kept by them.
    """
    kind: Any = model
    row = db.session.scalar(_by_owner(kind, *options), {"identity": identity, "owner": provider_id})
    if row is None:
        raise NotFound()
    return row


def of_session(session: str) -> tuple[Provider | None, None]:
    """The provider of a session, and nothing with them (`account.Providers`)."""
    return db.session.scalar(_BY_SESSION, {"session": session}), None


def lock(provider_id: UUID) -> None:
    """Until the transaction ends, others that ask for this lock wait: what is counted now is still true when it is written.

    A statement that changes nothing locks the row on PostgreSQL and takes SQLite's one turn to write; `FOR UPDATE` is nothing there.
    """
    db.session.execute(_LOCK, {"identity": provider_id})


@lru_cache(maxsize=64)
def _by_owner(model: Any, *options: Any) -> Select[Any]:
    """Built once for each kind of row: putting a statement together costs more than sending it."""
    return select(model).where(model.id == bindparam("identity"), model.provider_id == bindparam("owner")).options(*options)
