"""Drafts as a whole: the dashboard, the pages behind the links in mails, and the sweeps that warn, delete and purge."""

from flask import Flask

from app.drafts import models  # noqa: F401  (Alembic must know the tables)
from app.insights import models as events  # noqa: F401


def init_app(app: Flask) -> None:
    """Open this room's doors: its pages and commands."""
    from app.drafts import landing  # noqa: F401  (its pages belong to the same blueprint)
    from app.drafts.commands import sweep
    from app.drafts.views import drafts

    app.register_blueprint(drafts)
    app.cli.add_command(sweep)
