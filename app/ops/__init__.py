import click
from flask import Flask


def init_app(app: Flask) -> None:
    """Open this room's doors: health, metrics, logging and the command line."""
    from app.ops import logs, metrics
    from app.ops.health import health
    from app.ops.outbox import outbox

    logs.init_app(app)
    metrics.init_app(app)
    app.register_blueprint(health)
    app.register_blueprint(outbox)
    if click.get_current_context(silent=True) is not None:
        _open_command_line(app)


def _open_command_line(app: Flask) -> None:
    """What only the `flask` command needs. Web processes and workers start sooner without Alembic."""
    from app.ops import schema
    from app.ops.demo import demo
    from app.ops.prepare import prepare

    schema.init_app(app)
    app.cli.add_command(demo)
    app.cli.add_command(prepare)
