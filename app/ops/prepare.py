"""`flask prepare`: bring the database up to the code, and fill it with demo data where that is wanted."""

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade


@click.command("prepare")
@click.pass_context
@with_appcontext
def prepare(context: click.Context) -> None:
    """Migrate, then add demo data unless this is production. Changes nothing that is already there."""
    upgrade()
    demo = current_app.cli.commands.get("demo")
    if demo and not current_app.extensions["settings"].production:
        context.invoke(demo)
