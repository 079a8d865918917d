"""What a request of the wizard brings beside the typed text: the version and the text it started from, choices, its token, and from which browser."""

import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import parse_qsl

from flask import current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import ValidationError, validate_csrf

from app import clock
from app.extensions import csrf
from app.wizard.typed import Typed


def checks_token(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """The view checks the CSRF token itself (`token_is_good`), so that a stale one costs a click and not the text. Neither Flask-WTF nor
    Flask-Security, whose `auth_required` checks on its own, may answer before it."""

    @wraps(view)
    def wrapped(*args: Any, **values: Any) -> ResponseReturnValue:
        g.csrf_valid = True
        return view(*args, **values)

    exempted: Callable[..., ResponseReturnValue] = csrf.exempt(wrapped)
    return exempted


def token_is_good() -> bool:
    """Whether the form's CSRF token is this session's."""
    given = request.headers.get("X-CSRFToken") or request.form.get("csrf_token")
    try:
        _check(given, session.get("csrf_token"), str(current_app.secret_key))
    except ValidationError:
        return False
    return True


@lru_cache(4096)
def _check(token: str | None, _of_session: object, _key: str) -> None:
    """A page sends the same token with each save, and a token ends with its session and not with time: all that decides is given. What is refused
    is raised, and so it is not remembered."""
    validate_csrf(token)


def version() -> int:
    """The version of the step that the page showed; -1, which no step has, for what is no version."""
    given = request.form.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else -1


def base() -> Typed | None:
    """The text from which the typed one grew, as the page's script or `<noscript>` sends it along; None if it doesn't."""
    given = request.form.get("base", "")
    found: Typed = {}
    for name, text in parse_qsl(given, keep_blank_values=True):
        found.setdefault(name, []).append(text)
    return found or None


def choices() -> dict[str, str | None]:
    """The units that the page showed as disputed, and which side was chosen for each."""
    return {unit: request.form.get(f"keep.{unit}") for unit in request.form.getlist("keep")}


def author() -> tuple[str, str]:
    """This browser, by a name of its session that says nothing but whether two saves came from the same, and now."""
    secret = str(session.get("csrf_token", ""))
    return hashlib.sha256(secret.encode()).hexdigest()[:12], clock.now().isoformat()
