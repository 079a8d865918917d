"""Who is a guest, and what happens when they arrive at an account.

A guest is a provider without an address, signed in by the cookies that keep any session (`HttpOnly`, signed; the second one for a year). To the
wizard, the dashboard and the uploads they are a provider like all others. In the rooms of accounts they are a stranger: they can sign in and sign up
there, and see nobody's settings.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Flask, flash, g, make_response, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_security import user_authenticated, user_confirmed, user_registered
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app import config
from app.account import claiming
from app.account.claiming import Claimed
from app.drafts.summaries import name_of
from app.extensions import db, security
from app.providers.models import Provider
from app.services.models import Service
from app.wizard.access import inherits

ROOMS_OF_ACCOUNTS = ("security", "account")
#: Where both a guest and an account may come: the link is for whoever signs in, and signing out is for everybody.
AS_A_STRANGER, AS_A_GUEST = ("guests.finish",), ("security.logout",)


def init_app(app: Flask) -> None:
    manager = security.login_manager
    manager.user_loader(_strangers_to_accounts(manager._user_callback))
    app.jinja_env.globals.update(guest_here=of_browser, may_try=may_try)
    app.add_template_filter(name_of)
    for endpoint in ("security.login", "security.confirm_email"):
        app.view_functions[endpoint] = _leads_on(app.view_functions[endpoint])
    user_authenticated.connect(_bring_along, app)
    user_registered.connect(_promise, app)
    user_confirmed.connect(_keep_promises, app)


def _strangers_to_accounts(load: Callable[[str], Provider | None]) -> Callable[[str], Provider | None]:
    """A guest is nobody in the rooms of accounts; `g.guest` remembers who the browser's is."""

    def person(session_id: str) -> Provider | None:
        found = load(session_id)
        if found is None or found.guest_since is None or not _is_about_accounts():
            return found
        g.guest = found.id
        return None

    return person


def _is_about_accounts() -> bool:
    if request.endpoint in AS_A_GUEST:
        return False
    return request.blueprint in ROOMS_OF_ACCOUNTS or request.endpoint in AS_A_STRANGER


def may_try() -> bool:
    """Whether anybody may begin without an account; `GUEST_DRAFTS` is 0 where an account comes first."""
    return config.current().guest_drafts > 0


def of_browser() -> UUID | None:
    """The guest of this browser, in the rooms where nobody is told of them."""
    _asked = current_user.is_authenticated  # whoever this is has been looked up now
    found: UUID | None = g.get("guest")
    return found


def _bring_along(_app: Flask, user: Provider, **_more: Any) -> None:
    """Whoever signs in where a guest has been takes that guest's drafts along."""
    guest_id = g.pop("guest", None)
    if guest_id is None or user.is_guest:
        return
    # The guest's cookie would open nothing any more. One that the sign-in asks for takes its place.
    session.setdefault("_remember", "clear")
    tell(claiming.claim(guest_id, user.id, config.current()))
    if guest_id in g.came_along:
        inherits(guest_id, user.id)


def _promise(_app: Flask, user: Provider, **_more: Any) -> None:
    guest_id = of_browser()
    if guest_id is not None:
        claiming.promise(guest_id, user.id)


def _keep_promises(_app: Flask, user: Provider, **_more: Any) -> None:
    of_browser()  # before it is gone, since `_bring_along` asks for it
    for guest_id in claiming.promised(user.id):
        tell(claiming.claim(guest_id, user.id, config.current()))


def next_page() -> str:
    """Where somebody goes on whose drafts have just come along: to publishing, if that is why they wanted an account."""
    draft_id = g.get("to_publish")
    return url_for("wizard.review", service_id=draft_id) if draft_id else url_for("drafts.dashboard")


def _leads_on(act: Any) -> Any:
    """Signing in and confirming lead to the dashboard where nothing else was asked for; then to what was to be published."""

    @wraps(act)
    def view(*args: Any, **values: Any) -> ResponseReturnValue:
        response = make_response(act(*args, **values))
        if response.location == url_for("drafts.dashboard"):
            response.location = next_page()
        return response

    return view


def tell(claimed: Claimed) -> None:
    """Say plainly what came along, on the next page, and remember where that is."""
    taken = claimed.drafts
    g.came_along = {*g.get("came_along", ()), claimed.guest_id}
    g.to_publish = claimed.to_publish or g.get("to_publish")
    if len(taken) == 1:
        draft = db.session.scalars(select(Service).where(Service.id == taken[0]).options(undefer(Service.answers))).one()
        flash(_("“%(name)s”, which you began without an account, is in your account now.", name=name_of(draft)), "success")
    elif taken:
        said = ngettext(
            "%(num)s draft that you began without an account is in your account now.",
            "%(num)s drafts that you began without an account are in your account now.",
            len(taken),
        )
        flash(said, "success")
