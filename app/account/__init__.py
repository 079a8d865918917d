"""Accounts: Flask-Security-Too keeps them, this room gives them their pages."""

from flask import Flask
from flask_security import SQLAlchemyUserDatastore

from app import clock
from app.extensions import db, mail, security
from app.providers.models import Provider


def init_app(app: Flask) -> None:
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"],
        SECURITY_DATETIME_FACTORY=clock.now,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_EMAIL_SENDER=app.extensions["settings"].mail_from,
    )
    mail.init_app(app)
    security.init_app(app, SQLAlchemyUserDatastore(db, Provider, None))  # type: ignore[arg-type]
