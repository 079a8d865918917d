"""Operations flush, edges commit: a request commits once, on success, and what must follow the commit follows it."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.extensions import db


def init_app(app: Flask) -> None:
    app.after_request(_commit)


def _commit(response: Response) -> Response:
    """Whatever a view answered itself is kept, a 422 with the typed text included; the error handlers have rolled back already."""
    db.session.commit()
    return response


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
