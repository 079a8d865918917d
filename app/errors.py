"""Domain errors, and how each is answered: a page, a fragment or JSON, never a stack trace.

Operations raise these; only this module knows their status codes.
"""

from typing import Any

import structlog
from flask import Flask, g, jsonify, render_template, request, session
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter import RateLimitExceeded
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from app import again
from app.extensions import db
from app.transaction import OVERTAKEN

log = structlog.get_logger()


class ShingleError(Exception):
    """What every domain error is: a status, a title, and a sentence that says what to do."""

    status = 400
    title: Any = _l("That didn't work")
    code = "bad_request"

    def __init__(self, message: str | None = None, **details: Any) -> None:
        super().__init__(message or "")
        self.message = message
        self.details = details


class NotFound(ShingleError):
    """No such thing, or it is somebody else's: both look the same."""

    status, title, code = 404, _l("This page doesn't exist"), "not_found"


class Gone(ShingleError):
    """It was here and is not any more."""

    status, title, code = 410, _l("This is no longer here"), "gone"


class Conflict(ShingleError):
    """Somebody, or another tab, was faster; nothing was changed."""

    status, title, code = 409, _l("This changed in the meantime"), "conflict"


class Refused(ShingleError):
    """Well understood, and not possible: over a limit, wrong state, wrong kind of file."""

    status, title, code = 422, _l("That isn't possible"), "refused"


class TooMany(ShingleError):
    """A quota or a rate limit."""

    status, title, code = 429, _l("That's too much at once"), "too_many"


class Unavailable(ShingleError):
    """Something Shingle stands on does not answer; trying again later helps."""

    status, title, code = 503, _l("Not available right now"), "unavailable"


TEXTS: dict[int, tuple[Any, Any]] = {
    400: (_l("That didn't work"), _l("The request could not be read. Go back, reload the page and try again.")),
    403: (_l("Not allowed"), _l("You can't do this with your account.")),
    404: (_l("This page doesn't exist"), _l("The address may be mistyped, or what was here has moved or was private.")),
    405: (_l("That didn't work"), _l("This address can't be used that way. Go back and try again.")),
    409: (
        _l("This changed in the meantime"),
        _l("So nothing was changed by your click. Go back, reload the page and look again."),
    ),
    410: (_l("This is no longer here"), _l("It was taken down by its owner.")),
    413: (_l("That's too large"), _l("What was sent is larger than this page accepts. Go back, shorten it and try again.")),
    429: (_l("A little too fast"), _l("You tried this many times in a short while. Wait a few minutes, then try again.")),
    500: (_l("Something broke on our side"), _l("Your saved work is safe. Try again in a moment.")),
    503: (_l("Not available right now"), _l("Your saved work is safe. Try again in a few minutes.")),
}


class Json(DefaultJSONProvider):
    """JSON that is nested deeper than Python can follow is as unreadable as any other nonsense."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def init_app(app: Flask) -> None:
    app.json_provider_class = Json  # Flask-Security builds its own on top of it
    app.json = Json(app)
    app.register_error_handler(ShingleError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RateLimitExceeded, _http)
    app.register_error_handler(HTTPException, _http)
    for overtaken in OVERTAKEN:
        app.register_error_handler(overtaken, _overtaken)
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, title: Any = None, message: Any = None, code: str = "error", **details: Any) -> ResponseReturnValue:
    """The answer in the form that was asked for: JSON, the `_message` fragment for HTMX, or a whole page."""
    known = TEXTS.get(status, TEXTS[400])
    title, message = str(title or known[0]), str(message or known[1])
    if request.accept_mimetypes.best == "application/json" or request.is_json:
        return jsonify(error=code, title=title, message=message, **details), status
    template = "errors/_message.html" if request.headers.get("HX-Request") else "errors/page.html"
    return render_template(template, status=status, title=title, message=message), status


def _domain(error: ShingleError) -> ResponseReturnValue:
    db.session.rollback()
    return answer(error.status, error.title, error.message, error.code, **error.details)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    db.session.rollback()
    if again.possible():
        return again.show(400, _("This page was open for a long time. What you typed is still here: press the button again."))
    return answer(
        400, _("This page was open for a long time"), _("Go back, reload the page and press the button again."), "csrf"
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, InternalServerError):
        # What broke broke outside of a view: in the commit, or while another error was being answered.
        return _unexpected(error.original_exception or error)
    db.session.rollback()
    if error.code == 429 and again.possible():
        return again.show(429, str(TEXTS[429][1]))
    return answer(error.code)


def _overtaken(error: Exception) -> ResponseReturnValue:
    """The database found out what no operation could know: what was announced to the person has not happened."""
    db.session.rollback()
    session.pop("_flashes", None)
    log.warning("overtaken by another transaction", route=_route(), method=request.method, error=type(error).__name__)
    return answer(409, code="conflict")


def _unexpected(error: BaseException) -> ResponseReturnValue:
    _ask_nobody_who_they_are()
    db.session.rollback()
    log.exception("request failed", route=_route(), method=request.method)
    # A database that can't be reached, or ended the connection, will be back: browsers and proxies know by 503 that trying again helps.
    return answer(503, code="unavailable") if isinstance(error, OperationalError) else answer(500)


def _route() -> str | None:
    """Of the request, and not its path, which may hold a token."""
    return request.url_rule.rule if request.url_rule else None


def _ask_nobody_who_they_are() -> None:
    # What broke may be the database that knows the person, and their language with it: neither log nor page may ask it again.
    g._login_user = AnonymousUserMixin()
