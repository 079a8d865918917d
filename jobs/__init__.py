"""Processes beside the web. A job is one line that calls an operation; `@job` gives it the application and commits what it did."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache, wraps
from typing import ParamSpec

from flask import Flask, has_app_context

from app import create_app
from app.extensions import db

Given = ParamSpec("Given")


@cache
def application() -> Flask:
    """The application of this process, made once; a worker makes it before it forks, so that no job waits for it."""
    return create_app()


def job(operation: Callable[Given, object]) -> Callable[Given, None]:
    """Run it with the application around it; commit when it returns, roll back and let RQ see the error when it raises.

    What it returns is dropped: state lives in the database, and nobody asks Redis what a job found.
    """

    @wraps(operation)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        with _context():
            try:
                operation(*args, **kwargs)
                db.session.commit()
            except BaseException:
                db.session.rollback()
                raise

    return run


def _context() -> AbstractContextManager[object]:
    """The context that is there already (a test's), else a new one: a nested context would have a session of its own."""
    return nullcontext() if has_app_context() else application().app_context()
