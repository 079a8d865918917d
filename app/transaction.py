"""Operations flush, edges commit: a request commits once, on success, and what must follow the commit follows it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import Flask, Response, current_app
from sqlalchemy import Connection, event, inspect
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from app.extensions import db

#: Another transaction was faster: a row that was to be changed is gone, or its name is taken.
OVERTAKEN = (StaleDataError, ObjectDeletedError, IntegrityError)


def init_app(app: Flask) -> None:
    app.after_request(_commit)


def _commit(response: Response) -> Response:
    """Whatever a view answered itself is kept, a 422 with the typed text included; the error handlers have rolled back already.

    When the rows turn out to be gone or taken only now, the answer is that of an error in the view (`errors.py`).
    """
    try:
        # Else a view has committed, and nothing was asked since; or nothing was asked through the session at all.
        if db.session.registry.has() and db.session().in_transaction():
            db.session.commit()
    except OVERTAKEN as error:
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def read_again(row: Any, columns: Sequence[str] | None = None, *, locks: bool = False) -> None:
    """Read a row that was read before, or these columns of it. One that is gone by now was overtaken by whoever deleted it."""
    try:
        db.session.refresh(row, columns, with_for_update=locks or None)
    except InvalidRequestError:
        raise ObjectDeletedError(inspect(row)) from None


def commit_now() -> None:
    """Commit before the request is at its end, because something outside is asked next that only a committed row may ask for. What was read stays
    read: nobody else can have changed what this transaction wrote a moment ago."""
    if not db.session.registry.has():
        return
    session = db.session()
    session.expire_on_commit = False
    try:
        session.commit()
    finally:
        session.expire_on_commit = True


def alone() -> Connection:
    """A connection on which each statement is a transaction of its own, for who reads once and writes once. PostgreSQL is asked twice then and not
    four times; and SQLite's one turn to write ends with the statement, not when this thread gets its turn to run again."""
    return db.engines["alone"].connect()


def connection(*, begins: bool = False) -> AbstractContextManager[Connection]:
    """For statements past the session. Where it has begun a transaction, or one `begins` here because more is to be written together, they are a part
    of it, after what is pending in the session. Otherwise each commits itself (`alone`)."""
    if begins or (db.session.registry.has() and db.session().in_transaction()):
        db.session.flush()
        return nullcontext(db.session.connection())
    return alone()


def after_commit(action: Callable[..., Any], *values: Any) -> None:
    """Run `action(*values)` once the present transaction has been committed; a rollback forgets it."""
    session = db.session()
    if not session.in_transaction():
        session.begin()  # without a transaction there is no rollback to hear of
    session.info.setdefault("after_commit", []).append((action, values))


@event.listens_for(Session, "after_commit")
def _run(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released: nothing is certain yet
        return
    for action, values in session.info.pop("after_commit", []):
        action(*values)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if session.in_nested_transaction():  # back to a savepoint: what was asked for before it still stands
        return
    session.info.pop("after_commit", None)
