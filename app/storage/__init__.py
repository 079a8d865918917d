from flask import Flask

from app.storage import models  # noqa: F401  (Alembic must know the tables)


def init_app(app: Flask) -> None:
    """Open this room's doors: its pages and commands."""
