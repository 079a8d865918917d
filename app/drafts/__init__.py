from flask import Flask

from app.drafts import models  # noqa: F401  (Alembic must know the tables)
from app.insights import models as events  # noqa: F401


def init_app(app: Flask) -> None:
    """Open this room's doors: its pages and commands."""
