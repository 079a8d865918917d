"""Public pages may be kept by a CDN: for visitors who are nobody in particular, they are the same for everybody who reads their language."""

from typing import Any

from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import current_user

from app import htmx
from app.web import Cookies

#: Seconds that a shared cache may answer by itself. Browsers always ask again (and mostly hear 304), so that signing in shows at once.
SHARED = 60
WHO = "_user_id"  # where Flask-Login keeps whose session it is


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions; but an answer that says it is public depends on no session, and so neither sets a cookie nor varies by it. One that turns
    away who was somebody sets none either: it may come late, when somebody else has signed in here."""

    def __init__(self) -> None:
        self._serializer: Cookies | None = None

    def get_signing_serializer(self, app: Flask) -> Cookies:
        """As Flask makes it, but once: its keys are the application's, and reading and writing a cookie each asked for it anew."""
        if self._serializer is None:
            keys = [*(app.config["SECRET_KEY_FALLBACKS"] or ()), app.secret_key]
            how = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
            self._serializer = Cookies(keys, salt=self.salt, serializer=self.serializer, signer_kwargs=how)
        return self._serializer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if (response.cache_control.public and not session.modified) or (response.status_code == 401 and WHO in session):
            return
        super().save_session(app, session, response)


def is_personal() -> bool:
    """Whether the answer may say something that is meant for this visitor alone."""
    return bool(current_user.is_authenticated or session)


def for_everybody(response: Response, seconds: int = SHARED) -> Response:
    """Let shared caches keep this answer, unless the visitor is signed in or has a session; then nobody keeps it without asking."""
    response.vary.add("Accept-Language")
    kept: Any = response.cache_control
    # A fragment is kept by nobody: not every CDN heeds `Vary: HX-Request`.
    if is_personal() or session.modified or htmx.wants_fragment():
        kept.private, kept.no_cache = True, True
        return response
    kept.public, kept.max_age, kept.s_maxage = True, 0, seconds
    response.add_etag()
    response.make_conditional(request)
    response.headers.pop("Date", None)  # every server writes its own
    return response
