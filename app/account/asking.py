"""Asking first: to sign in where that is needed, and to press a button where a link alone must not act."""

from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.utils import _simplify_url, get_message

from app.errors import answer


def init_app(app: Flask) -> None:
    """Mail scanners follow every link: a GET of a link in a mail shows a page, and its button acts."""
    rule = app.config["SECURITY_CHANGE_EMAIL_URL"] + "/<token>"
    app.add_url_rule(rule, "security.change_email_confirm", methods=["POST"])
    app.before_request(_can_be_read)
    for endpoint in ("security.confirm_email", "security.change_email_confirm"):
        app.view_functions[endpoint] = _on_press(app.view_functions[endpoint])


def _on_press(act: Any) -> Any:
    @wraps(act)
    def view(token: str) -> ResponseReturnValue:
        if request.method == "POST":
            answered: ResponseReturnValue = act(token)
            return answered
        return render_template("security/press.html", is_new=request.endpoint == "security.confirm_email")

    return view


def _can_be_read() -> None:
    """Accounts are asked for by forms alone: Flask-Security and WTForms break over JSON that is no object, and over a `next` that is no address."""
    if request.blueprint not in ("security", "account", "guests"):
        return
    if request.is_json and request.method == "POST":
        abort(415)
    if not (_is_address(request.args.get("next")) and _is_address(request.form.get("next"))):
        abort(400)


def _is_address(text: str | None) -> bool:
    try:
        urlsplit(text or "")
    except ValueError:
        return False
    return not text or text.isprintable()


def wants_json(asked: Request) -> bool:
    """Whether the answer should be JSON. Every request of somebody who is signed in comes by here, and hardly any speaks of it at all: only then is
    the list of what it accepts taken apart."""
    if "json" not in f"{asked.content_type} {asked.headers.get('Accept')}".lower():
        return False
    return asked.is_json or asked.accept_mimetypes.best == "application/json"


def to_sign_in(_mechanisms: Any = None, _headers: Any = None, **_more: Any) -> Any:
    """A page goes to the sign-in page and comes back; a fragment or JSON says 401, so that what was typed stays on the page."""
    if request.headers.get("HX-Request") or wants_json(request) or request.method not in {"GET", "HEAD", "POST"}:
        return answer(
            401, _("You are signed out"), _("Nothing is lost: sign in again in another tab, then go on here."), "signed_out"
        )
    flash(*get_message("UNAUTHENTICATED"))
    # Coming back is a GET: after a refused POST it goes to the page that held the form.
    wanted = request.url if request.method != "POST" else request.referrer or ""
    here = _simplify_url(request.host_url, wanted) if _is_address(wanted) else ""
    return redirect(url_for("security.login", next=here if here.startswith("/") and not here.startswith("//") else None))
