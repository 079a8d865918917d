"""`flask providers …`"""

import click
from flask import current_app
from flask.cli import AppGroup
from flask_security import password_length_validator

from app.errors import Refused
from app.extensions import db
from app.providers import operations

providers = AppGroup("providers", help="Accounts of providers.")


@providers.command()
@click.argument("email")
@click.password_option()
@click.option("--name", default="", help="The name that customers see; the part before the @ unless given.")
def create(email: str, password: str, name: str) -> None:
    """Make a confirmed account."""
    if refused := password_length_validator(password):
        raise click.ClickException(str(refused[0]))
    settings = current_app.extensions["settings"]
    try:
        provider = operations.create(
            email,
            password,
            display_name=name or email.partition("@")[0],
            locale=settings.default_locale,
            time_zone=settings.default_time_zone,
            currency=settings.default_currency,
        )
    except Refused as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    click.echo(f"{provider.email} can sign in. Public page: /p/{provider.slug}")
