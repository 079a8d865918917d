from flask import Flask


def init_app(app: Flask) -> None:
    """Open this room's doors: the wizard's pages."""
    from app.wizard.forms import day_time
    from app.wizard.views import wizard

    app.register_blueprint(wizard)
    app.jinja_env.globals["day_time"] = day_time
