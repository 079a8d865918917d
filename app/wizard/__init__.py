from flask import Flask

from app.wizard import models  # noqa: F401  (Alembic must know the tables)


def init_app(app: Flask) -> None:
    """Open this room's doors: the wizard's pages."""
    from app.wizard import history_views  # noqa: F401  (its pages belong to the same blueprint)
    from app.wizard.access import local_of
    from app.wizard.copies import copies
    from app.wizard.forms import day_time
    from app.wizard.views import wizard

    app.register_blueprint(wizard)
    app.register_blueprint(copies)
    app.jinja_env.globals.update(day_time=day_time, local_of=local_of)
