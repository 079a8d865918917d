"""The tables and how they change: `flask db upgrade`, `flask db migrate`."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate, upgrade

from app.extensions import db


def init_app(app: Flask) -> None:
    Migrate(app, db, directory=str(Path(app.root_path) / "migrations"))


def bring_up_to_date(app: Flask) -> None:
    """Run every migration that has not run yet."""
    init_app(app)
    with app.app_context():
        upgrade()
