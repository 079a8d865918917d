"""Browsers in which an account was opened before, so that a stranger's guesses lock nobody out of their own.

OWASP's device cookies (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies): whoever signs in, or proves by a
mailed link that the mailbox is theirs, gets a signed cookie. Failures with it count for that browser; failures of all others count together for
the address, and exhaust what strangers may try. The cookie opens nothing.
"""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from unicodedata import normalize

from flask import Flask, Response, after_this_request, current_app, request, url_for
from flask_security import password_reset, user_authenticated
from itsdangerous import BadData, URLSafeSerializer

COOKIE = "device"
KEPT = timedelta(days=180)


def init_app(app: Flask) -> None:
    user_authenticated.connect(_remember, app)
    password_reset.connect(_remember, app)


def of_address(email: str) -> str:
    """An address, hashed: neither Redis nor a cookie need know who signs in here. However it is spelled, it is the one that the account has."""
    try:
        address = current_app.extensions["security"].mail_util.normalize(email)
    except ValueError:
        address = normalize("NFKC", email).strip().casefold()  # no address; and yet a guess
    return sha256(address.encode("utf-8", "replace")).hexdigest()[:32]


def of_browser(email: str) -> str | None:
    """The name of this browser, if this address was opened in it before."""
    try:
        address, name = _seal().loads(request.cookies.get(COOKIE, ""))
    except (BadData, TypeError, ValueError):
        return None
    return str(name) if address == of_address(email) else None


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="device")


def _remember(_app: Flask, user: Any, **_more: Any) -> None:
    known = of_browser(user.email)
    value = _seal().dumps([of_address(user.email), known or token_urlsafe(12)])

    @after_this_request
    def _set(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            str(value),
            max_age=KEPT,
            path=url_for("security.login"),
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
        return response
