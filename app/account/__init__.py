"""Accounts: Flask-Security-Too keeps them, this room gives them their pages."""

from collections.abc import Callable
from typing import Any

from flask import Flask, abort, g, redirect, url_for
from flask_security import SQLAlchemyUserDatastore, change_email_confirmed, user_confirmed
from sqlalchemy.exc import IntegrityError

from app import again
from app.account import asking, devices, guest_views, guests, letters, limits, views
from app.account.commands import providers
from app.account.forms import FORMS
from app.account.passwords import Passwords
from app.account.settings import for_security
from app.extensions import csrf, db, security
from app.locales import words
from app.providers.access import of_session
from app.providers.models import Provider
from app.providers.operations import add

FORMS_OF_STRANGERS = ("login", "register", "forgot_password", "reset_password", "send_confirmation")
FORMS_OF_PROVIDERS = ("change_password", "change_email", "verify")


class Providers(SQLAlchemyUserDatastore):
    """Providers have no roles, and there is one way to make one."""

    def find_user(self, case_insensitive: bool = False, **by: Any) -> Provider | None:
        """Every request of a provider comes by here. A page about one row of theirs says before how both are read (`g.reads`)."""
        if set(by) == {"fs_uniquifier"}:
            reads: Callable[[str], tuple[Any, Any]] = g.pop("reads", of_session)
            provider, g.brought = reads(by["fs_uniquifier"])
            return provider
        found: Any = super().find_user(case_insensitive, **by)
        return found

    def create_user(self, **values: Any) -> Provider:
        """When two sign-ups meet: of one address, the first counts and both are told the same; of one name, the second gets another slug."""
        try:
            return add(**values)
        except IntegrityError:
            db.session.rollback()
        if self.find_user(email=values["email"]):
            abort(redirect(url_for("account.check_mail")))
        return add(**values)


def init_app(app: Flask) -> None:
    app.config.update(for_security(app.extensions["settings"]))
    security.unauthn_handler(asking.to_sign_in)
    security.want_json(asking.wants_json)
    security._mail_util_cls, security._password_util_cls = letters.Letters, Passwords
    security.init_app(app, Providers(db, Provider, None), None, render_template=again.render, **FORMS)  # type: ignore[arg-type]
    # Its texts that people can meet are in our catalogue, and its own catalogues are not asked.
    security.i18n_domain = words
    app.jinja_env.globals["_fsdomain"] = words.gettext
    # No request signs in by a token in its address or headers; the API will bring its own.
    security.login_manager.request_loader(lambda _request: None)
    # Nobody has roles: no request needs an identity, and a page that asks for no account needs no look at the session.
    security.principal.identity_loaders.clear()
    csrf.exempt(app.view_functions["security.logout"])
    app.register_blueprint(views.account)
    app.register_blueprint(guest_views.rooms)
    guests.init_app(app)
    app.cli.add_command(providers)
    limits.init_app(app)
    devices.init_app(app)
    asking.init_app(app)
    again.shows_again(app, *(f"security.{name}" for name in FORMS_OF_STRANGERS), "guests.finish")
    again.shows_again(
        app,
        *(f"security.{name}" for name in FORMS_OF_PROVIDERS),
        "account.profile",
        "account.close",
        "guests.link",
        signed_in=True,
    )
    user_confirmed.connect(_reachable, app)
    change_email_confirmed.connect(_email_changed, app)


def _reachable(_app: Flask, user: Provider, **_more: Any) -> None:
    user.undeliverable_at = None


def _email_changed(_app: Flask, user: Provider, old_email: str, **_more: Any) -> None:
    user.undeliverable_at = None
    letters.email_changed(user, old_email)
