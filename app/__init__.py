"""Shingle: providers create, finish and publish their service listings. `create_app` is wiring only."""

from flask import Flask

from app import again, browser, config, errors, extensions, locales, mail, queue, sheets, transaction
from app.config import Settings
from app.web import Web


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Settings come from the environment unless given; one that can't be used ends the process with a sentence."""
    try:
        settings = settings or config.load()
    except config.SettingError as error:
        raise SystemExit(f"Shingle can't start: {error}") from None
    app = Web(__name__, template_folder="../templates", static_folder="../static")
    app.extensions["settings"] = settings
    app.config.from_mapping(config.for_flask(settings))
    extensions.init_app(app)
    for part in (again, errors, locales, browser, sheets, queue, mail):
        part.init_app(app)
    _open_rooms(app)
    # Last, so that it is asked first: what the commit has to say can still become the answer, with its headers and its line in the log.
    transaction.init_app(app)
    return app


def _open_rooms(app: Flask) -> None:
    # Imported here, so that a room may import the floor below it, and Alembic sees every table.
    from app import account, drafts, media, ops, services, storage, wizard

    for room in (ops, storage, media, services, wizard, drafts, account):
        room.init_app(app)
