"""How often accounts may be tried: by network address, and by email address where one is given, whether it has an account or not."""

from functools import cache
from typing import Any

from flask import Flask, Response, request

from app import networks
from app.account import devices
from app.extensions import limiter

# Endpoint -> limits for one network address, limits for one email address. Whoever shares a network is many people; an address is one.
LIMITS = {
    "security.login": ("30 per 10 minutes", "20 per hour"),
    "security.register": ("30 per hour", "5 per hour"),
    "security.send_confirmation": ("30 per hour", "5 per hour"),
    "security.forgot_password": ("30 per hour", "5 per hour"),
    "security.reset_password": ("30 per hour", None),
    "security.confirm_email": ("60 per hour", None),
    "security.change_password": ("20 per hour", None),
    "security.change_email": ("10 per hour", "5 per hour"),
    "security.change_email_confirm": ("60 per hour", None),
    "security.verify": ("20 per hour", None),
    "guests.start": ("30 per hour", None),
    "guests.link": ("30 per hour", "5 per hour"),
    "guests.finish": ("60 per hour", None),
    "account.close": ("20 per hour", None),
}


def init_app(app: Flask) -> None:
    """Wrap the views, once all of them are there."""
    for endpoint in LIMITS:
        app.view_functions[endpoint] = _limited(endpoint, app.view_functions[endpoint])


@cache
def _limited(endpoint: str, view: Any) -> Any:
    # Once per process: the limiter would count twice for a view that is wrapped for two applications.
    by_network, by_email = LIMITS[endpoint]
    if by_email:
        # A sign-in that succeeds costs nothing: only guesses count.
        counts, whose = (_failed, _guesser) if endpoint == "security.login" else (None, _email)
        view = limiter.limit(by_email, key_func=whose, methods=["POST"], deduct_when=counts, exempt_when=_no_email)(view)
    return limiter.limit(by_network, key_func=networks.of_request, methods=["POST"])(view)


def _email() -> str:
    return devices.of_address(request.form.get("email", ""))


def _guesser() -> str:
    """Whose failures to sign in count together: a known browser's are its own, all others' are the address's."""
    return devices.of_browser(request.form.get("email", "")) or _email()


def _no_email() -> bool:
    return not request.form.get("email", "").strip()


def _failed(response: Response) -> bool:
    return response.status_code != 302
