"""CSRF tokens of the requests that a page sends again and again: a save while one types, the two that an upload needs.

A page sends the same token each time, and a token ends with its session and not with time. So Flask-WTF looks at each once, and is not asked again
while the session and the key are the same.
"""

from collections.abc import Callable
from functools import lru_cache, wraps

from flask import current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_security import auth_required
from flask_wtf.csrf import CSRFError, ValidationError, validate_csrf

from app.extensions import csrf

View = Callable[..., ResponseReturnValue]


def left_to_view(view: View) -> View:
    """The view checks the token itself (`is_good`), so that a stale one costs a click and not the text. Neither Flask-WTF nor Flask-Security, whose
    `auth_required` checks on its own, may answer before it."""

    @wraps(view)
    def wrapped(*args: object, **values: object) -> ResponseReturnValue:
        g.csrf_valid = True
        return view(*args, **values)

    exempted: View = csrf.exempt(wrapped)
    return exempted


def remembered(view: View) -> View:
    """For who is signed in; who is not hears of that first, because then the token is another one too. A stale token is refused as everywhere else; a
    good one costs less."""

    @wraps(view)
    def checked(*args: object, **values: object) -> ResponseReturnValue:
        if not is_good():
            raise CSRFError("The CSRF token is not this session's.")
        return view(*args, **values)

    return left_to_view(auth_required("session")(checked))


def is_good() -> bool:
    """Whether the request's CSRF token is this session's."""
    given = request.headers.get("X-CSRFToken") or request.form.get("csrf_token")
    try:
        _check(given, session.get("csrf_token"), str(current_app.secret_key))
    except ValidationError:
        return False
    return True


@lru_cache(4096)
def _check(token: str | None, _of_session: object, _key: str) -> None:
    """All that decides is given. What is refused is raised, and so it is not remembered."""
    validate_csrf(token)
